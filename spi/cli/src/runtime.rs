//! The client DLL, started: `WSAStartup` and `WSACleanup`, and what is still open between them.

use crate::chain;
use crate::provider::Unusable;
use crate::report::counted;
use crate::winsock;
use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};
use ws2spi::association::Binding;
use ws2spi_abi::{Errno, WSADATA};
use ws2spi_kernel::handles::{self, Kind, Pinned};

/// One start of the client DLL.
#[derive(Debug)]
#[must_use = "the client DLL stays started until it is stopped"]
pub struct Runtime(());

impl Runtime {
    /// `WSAStartup(2.2)`: the process sees the catalog as it is now.
    ///
    /// # Errors
    /// [`Unusable::Machine`].
    pub fn start() -> Result<Self, Unusable> {
        let mut data = WSADATA::EMPTY;
        // SAFETY: the data is a live local.
        let code = unsafe { winsock::WSAStartup(0x0202, &raw mut data) };
        match Errno::new(code) {
            None => Ok(Self(())),
            Some(error) => Err(Unusable::Machine {
                what: String::from("WSAStartup"),
                reason: error.to_string(),
            }),
        }
    }

    /// `WSACleanup`: closes what is open and ends all providers. Blocks as long as they do.
    pub fn stop(self) {
        // SAFETY: no arguments; the start is counted.
        unsafe { winsock::WSACleanup() };
    }
}

/// The sockets that are open now, each as the module of the provider that answers for it. One that
/// nobody answers for any more, because a layer closed its own and not the one below, is the base's.
#[must_use]
pub fn open_sockets() -> Vec<String> {
    let mut open = Vec::new();
    handles::for_each(|pin| match pin.owner().and_then(Binding::of) {
        Some(binding) => open.push(binding.entry().path().to_owned()),
        None if kind(pin) == SYSTEM_SOCKET => open.push(chain::BASE_MODULE.to_owned()),
        None => {}
    });
    open
}

/// How many handles of the kernel are open now.
#[must_use]
pub fn open_handles() -> usize {
    handles::open_handles()
}

/// What handles are open now, by kind: `2 events`.
#[must_use]
pub fn kinds_of_handles() -> Vec<String> {
    let mut kinds = BTreeMap::new();
    handles::for_each(|pin| *kinds.entry(kind(pin)).or_default() += 1);
    kinds
        .into_iter()
        .map(|(kind, count)| counted(count, kind))
        .collect()
}

fn kind(pin: &Pinned<'_>) -> &'static str {
    match pin.object().map(|object| object.kind()) {
        _ if pin.is_minted() => "minted socket",
        Some(Kind::Event) => "event",
        Some(Kind::Semaphore) => "semaphore",
        Some(Kind::Mutex) => "mutex",
        Some(Kind::Thread) => "thread",
        Some(Kind::Port) => "completion port",
        Some(Kind::File) => SYSTEM_SOCKET,
        Some(Kind::Window) => "window",
        Some(_) | None => "other object",
    }
}

/// Waits until a number has come down to `wanted`, for a short while: providers may end what is
/// closed on threads of their own. Returns the number it is then.
pub fn settled(wanted: usize, number: impl Fn() -> usize) -> usize {
    let began = Instant::now();
    loop {
        let now = number();
        if now <= wanted || began.elapsed() > SETTLING {
            return now;
        }
        thread::park_timeout(Duration::from_millis(1));
    }
}

/// The kind of the base's sockets.
const SYSTEM_SOCKET: &str = "system socket";
/// How long what was closed may take to be gone.
const SETTLING: Duration = Duration::from_secs(2);
