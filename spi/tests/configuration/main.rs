//! The configuration functions as C sees them: codes, their order, what is written and what is not.
//!
//! They work on the one catalog of the process, so each test puts a fresh one in place and holds it
//! for itself (`World`).

mod application;
// It looks on through the kernel role's own ports, and Windows has its own.
#[cfg(not(windows))]
mod change;
mod enumerate;
mod install;
mod layer;
mod order;
mod path;
mod provider_info;

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use ws2spi::api;
use ws2spi::catalog::Bits;
use ws2spi::catalog::Catalog;
use ws2spi::catalog::List;
use ws2spi::catalog::set_process_catalog;
use ws2spi_abi::AF_INET;
use ws2spi_abi::Errno;
use ws2spi_abi::GUID;
use ws2spi_abi::IPPROTO_TCP;
use ws2spi_abi::IPPROTO_UDP;
use ws2spi_abi::PFL_HIDDEN;
use ws2spi_abi::PFL_MATCHES_PROTOCOL_ZERO;
use ws2spi_abi::PROVIDER_IPV4;
use ws2spi_abi::SOCK_DGRAM;
use ws2spi_abi::SOCK_RAW;
use ws2spi_abi::SOCK_STREAM;
use ws2spi_abi::WSADATA;
use ws2spi_abi::WSAPROTOCOL_INFOW;
use ws2spi_abi::XP1_IFS_HANDLES;

/// What no function writes.
const UNTOUCHED: i32 = 0x5a5a_5a5a;

static WORLD: Mutex<()> = Mutex::new(());

/// A catalog of TCP/IP 1001, UDP/IP 1002 and RAW/IP 1003 that is the process's while this lives.
struct World {
    catalog: Arc<Catalog>,
    _alone: MutexGuard<'static, ()>,
}

impl World {
    fn new() -> Self {
        Self::with(&base())
    }

    fn with(base: &[WSAPROTOCOL_INFOW]) -> Self {
        // A test that failed left a catalog that is replaced here.
        let alone = WORLD.lock().unwrap_or_else(PoisonError::into_inner);
        let catalog = Arc::new(Catalog::new("%BASE%/base.so", base).unwrap());
        set_process_catalog(Some(Arc::clone(&catalog)));
        Self {
            catalog,
            _alone: alone,
        }
    }

    fn list(&self, bits: Bits) -> List {
        self.catalog.state().unwrap().list(bits).clone()
    }

    fn ids(&self, bits: Bits) -> Vec<u32> {
        self.list(bits)
            .entries()
            .iter()
            .map(|entry| entry.id().get())
            .collect()
    }
}

/// Winsock is started while this lives.
struct Started;

impl Started {
    fn new() -> Self {
        let mut data = WSADATA::EMPTY;
        // SAFETY: the structure lives through the call.
        assert_eq!(unsafe { api::wsa_startup(0x0202, &raw mut data) }, 0);
        Self
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        api::wsa_cleanup();
    }
}

fn base() -> Vec<WSAPROTOCOL_INFOW> {
    let rows = [
        ("TCP/IP", SOCK_STREAM, IPPROTO_TCP, 0, 0),
        ("UDP/IP", SOCK_DGRAM, IPPROTO_UDP, 0, 0),
        ("RAW/IP", SOCK_RAW, 0, 255, PFL_HIDDEN),
    ];
    let info = |(name, socket_type, protocol, offset, hidden)| {
        let mut info = named(name);
        info.dwServiceFlags1 = XP1_IFS_HANDLES;
        info.dwProviderFlags = hidden | PFL_MATCHES_PROTOCOL_ZERO;
        info.ProviderId = PROVIDER_IPV4;
        info.iAddressFamily = AF_INET;
        info.iSocketType = socket_type;
        info.iProtocol = protocol;
        info.iProtocolMaxOffset = offset;
        info
    };
    rows.map(info).to_vec()
}

/// A base entry of this name.
fn named(name: &str) -> WSAPROTOCOL_INFOW {
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    info.ProtocolChain.ChainLen = 1;
    for (unit, to) in name.encode_utf16().zip(&mut info.szProtocol) {
        *to = unit;
    }
    info
}

/// UTF-16 with its NUL.
fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

fn guid(number: u128) -> GUID {
    GUID::from_u128(0x2222 << 64 | number)
}

/// A call that takes lpErrno, as a result. Checks that it is written on failure only.
fn call(function: impl FnOnce(*mut i32) -> i32) -> Result<i32, i32> {
    let mut errno = UNTOUCHED;
    match function(&raw mut errno) {
        -1 => {
            assert_ne!(errno, UNTOUCHED, "the error is stored");
            Err(errno)
        }
        value => {
            assert_eq!(errno, UNTOUCHED, "a success stores no error");
            Ok(value)
        }
    }
}

fn code(error: Errno) -> Result<i32, i32> {
    Err(error.code())
}

fn install(number: u128, path: &str, infos: &[WSAPROTOCOL_INFOW]) -> Result<i32, i32> {
    let (provider, path) = (guid(number), wide(path));
    let count = infos.len() as u32;
    // SAFETY: each pointer names a value that lives through the call; the list has `count` elements.
    call(|errno| unsafe {
        api::wsc_install_provider(&provider, path.as_ptr(), infos.as_ptr(), count, errno)
    })
}
