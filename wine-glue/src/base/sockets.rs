//! The provider's sockets, by their handles.
//!
//! What Wine does not tell or not cheaply: the catalog entry a socket was made for, its family and kind,
//! whether its calls block. A handle that is not here is no socket, which every entry checks first. The
//! system's values are small and dense, so a look-up is an index and a short read lock that readers of other
//! sockets do not share.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use parking_lot::RwLock;
use ws2spi_abi::*;

use crate::direct;
use crate::direct::Direct;
use crate::direct::Manner;

/// One socket.
#[derive(Debug)]
pub(super) struct Socket {
    /// The catalog entry through which it was made: what `WPUModifyIFSHandle` and the hook are asked with.
    pub(super) entry: u32,
    pub(super) family: i32,
    pub(super) kind: i32,
    /// `WSA_FLAG_*` of its creation.
    pub(super) flags: u32,
    nonblocking: AtomicBool,
    registered: AtomicBool,
    /// Its data without Wine.
    pub(super) direct: Direct,
}

impl Socket {
    pub(super) fn new(entry: u32, family: i32, kind: i32, flags: u32) -> Self {
        let direct = Direct::default();
        let of_ip = matches!(family, AF_INET | AF_INET6);
        if !of_ip || !matches!(kind, SOCK_STREAM | SOCK_DGRAM) {
            direct.bar_all();
        }
        Self {
            entry,
            family,
            kind,
            flags,
            nonblocking: AtomicBool::new(false),
            registered: AtomicBool::new(false),
            direct,
        }
    }

    /// The socket of a connection that this listener accepts.
    pub(super) fn accepted(&self) -> Self {
        let socket = Self::new(self.entry, self.family, self.kind, self.flags);
        socket.set_nonblocking(self.is_nonblocking());
        if self.is_registered() {
            // So is the new one, from its beginning.
            socket.register();
        }
        socket
    }

    /// Whether messages have bounds.
    pub(super) fn is_datagram(&self) -> bool {
        self.kind != SOCK_STREAM
    }

    /// The size of an address of its family; 0 for families that are left to Wine.
    pub(super) fn address_size(&self) -> i32 {
        match self.family {
            AF_INET => 16,
            AF_INET6 => 28,
            _ => 0,
        }
    }

    /// Says that the socket has a registration for network events, or had one.
    pub(super) fn register(&self) {
        self.registered.store(true, Ordering::Relaxed);
        self.direct.bar_all();
    }

    fn is_registered(&self) -> bool {
        self.registered.load(Ordering::Relaxed)
    }

    /// How the direct transport is to treat it.
    pub(super) fn manner(&self, s: SOCKET) -> Manner {
        Manner {
            s,
            datagrams: self.is_datagram(),
            nonblocking: self.is_nonblocking(),
        }
    }

    pub(super) fn is_nonblocking(&self) -> bool {
        self.nonblocking.load(Ordering::Relaxed)
    }

    pub(super) fn set_nonblocking(&self, nonblocking: bool) {
        self.nonblocking.store(nonblocking, Ordering::Relaxed);
    }
}

type Slot = RwLock<Option<Arc<Socket>>>;
type Chunk = [Slot; CHUNK];

static CHUNKS: [OnceLock<Box<Chunk>>; COUNT] = [const { OnceLock::new() }; COUNT];

fn slot(s: SOCKET) -> Option<&'static Slot> {
    let index = s >> 2;
    let chunk = CHUNKS.get(index / CHUNK)?.get()?;
    // The system looks at no more of the value than this does.
    Some(&chunk[index % CHUNK])
}

/// The socket of a handle.
///
/// # Errors
/// `WSAENOTSOCK`, and `WSANOTINITIALISED` before the start and after the last cleanup.
pub(super) fn find(s: SOCKET) -> Result<Arc<Socket>, Errno> {
    let found = slot(s).and_then(|slot| slot.read().clone());
    found.ok_or_else(super::startup::no_socket)
}

/// Keeps a new socket. What was at its value was closed where nobody saw it.
///
/// # Errors
/// `WSAENOBUFS`: the value is beyond all that the system gives.
pub(super) fn put(s: SOCKET, socket: Arc<Socket>) -> Result<(), Errno> {
    direct::watch_closing(closing);
    let index = s >> 2;
    let chunk = CHUNKS.get(index / CHUNK).ok_or(Errno::NOBUFS)?;
    let chunk = chunk.get_or_init(|| Box::new([const { RwLock::new(None) }; CHUNK]));
    let before = chunk[index % CHUNK].write().replace(socket);
    if let Some(before) = before {
        before.direct.close();
    }
    Ok(())
}

/// What is told of every handle that is being closed, by whomever.
fn closing(handle: usize) {
    // Nearly all are no sockets, and a read lock does for those.
    if slot(handle).is_some_and(|slot| slot.read().is_some()) {
        take(handle);
    }
}

/// Forgets a socket that is being closed, and whose descriptor goes before the handle does.
pub(super) fn take(s: SOCKET) -> Option<Arc<Socket>> {
    let taken = slot(s)?.write().take();
    if let Some(socket) = &taken {
        socket.direct.close();
    }
    taken
}

/// Forgets all sockets.
pub(super) fn clear() {
    let chunks = CHUNKS.iter().filter_map(OnceLock::get);
    for slot in chunks.flat_map(|chunk| chunk.iter()) {
        if slot.read().is_none() {
            continue;
        }
        let taken = slot.write().take();
        if let Some(socket) = taken {
            socket.direct.close();
        }
    }
}

const CHUNK: usize = 1 << 12;
/// As many chunks as the system has values: 16 million.
const COUNT: usize = 1 << 12;
