//! Starting and ending: `WSPStartup`, `WSPCleanup`, and the catalog's entries.

use std::ptr;

use parking_lot::RwLock;
use ws2spi_abi::ffi::UpcallProcs;
use ws2spi_abi::ffi::guard::guard;
use ws2spi_abi::ffi::native;
use ws2spi_abi::provider::StartCount;
use ws2spi_abi::*;

use super::provider::Base;
use super::sockets;
use super::system::system;

/// The name in findings and in `WSPDATA`.
pub(super) const NAME: &str = "Wine's transport";

static STARTS: StartCount = StartCount::new();
static UPCALLS: RwLock<Option<Upcalls>> = RwLock::new(None);

/// `WSPStartup` of the base provider. The catalog entry is the one through which it is started, each socket
/// is told which it is made for. Returns the error code itself.
///
/// # Safety
/// The contract of `WSPStartup`: `data` and `table` are null or writable, `info` null or readable, and the
/// upcalls are a client DLL's that stays loaded.
#[doc(alias = "WSPStartup")]
pub unsafe extern "system" fn startup(
    version: u16,
    data: *mut WSPDATA,
    info: *const WSAPROTOCOL_INFOW,
    upcalls: native::UpcallTable,
    table: *mut native::ProcTable,
) -> i32 {
    let started = guard(NAME, "WSPStartup", || {
        if data.is_null() || info.is_null() || table.is_null() {
            return Err(Errno::FAULT);
        }
        // 2.2 is the only version; the low byte is the major number.
        if version.swap_bytes() < 0x0202 {
            return Err(Errno::VERNOTSUPPORTED);
        }
        let mut ignored = WSADATA::EMPTY;
        // SAFETY: the answer goes to a live local.
        let answer = unsafe { system()?.start(VERSION, &raw mut ignored) }?;
        if let Some(error) = Errno::new(answer) {
            return Err(error);
        }
        // SAFETY: the caller's contract.
        let upcalls = unsafe { Upcalls::new(UpcallProcs::Native(upcalls)) };
        *UPCALLS.write() = Some(upcalls);
        STARTS.enter();
        Ok(())
    });
    if let Err(error) = started {
        return error.code();
    }
    let mut answer = WSPDATA {
        wVersion: VERSION,
        wHighVersion: VERSION,
        ..WSPDATA::EMPTY
    };
    for (cell, unit) in answer.szDescription.iter_mut().zip(NAME.encode_utf16()) {
        *cell = unit;
    }
    // SAFETY: the caller's contract; not null, as was seen above.
    unsafe { data.write_unaligned(answer) };
    // SAFETY: as above.
    unsafe { table.write_unaligned(native::ProcTable::of::<Base>()) };
    0
}

/// `WSPCleanup`: with the last one Wine closes what is open, and no socket is known any more.
pub(super) fn cleanup() -> Result<i32, Errno> {
    if STARTS.leave()? {
        sockets::clear();
    }
    // SAFETY: no pointers.
    unsafe { system()?.cleanup() }
}

/// Why a handle is no socket.
#[cold]
pub(super) fn no_socket() -> Errno {
    if STARTS.is_started() {
        Errno::NOTSOCK
    } else {
        Errno::NOTINITIALISED
    }
}

/// The client DLL.
///
/// # Errors
/// `WSANOTINITIALISED`.
pub(super) fn upcalls() -> Result<Upcalls, Errno> {
    let latest = *UPCALLS.read();
    latest
        .filter(|_| STARTS.is_started())
        .ok_or(Errno::NOTINITIALISED)
}

/// The entries of Wine's own catalog that are ours to serve: TCP and UDP over both versions of IP, with
/// Wine's provider ids and catalog entry ids (1001, 1002, 1004, 1005). Wine makes raw sockets as well but
/// has no entries for them; these have the numbers between (1003, 1006), as on Windows, and are hidden. Empty
/// when Wine's `ws2_32.dll` cannot be loaded. Any thread; does not need to be started.
#[must_use]
pub fn entries() -> Vec<WSAPROTOCOL_INFOW> {
    let Ok(system) = system() else {
        return Vec::new();
    };
    let mut size = 0;
    // SAFETY: no filter and no room, of which `size` tells; it receives what is needed.
    let _ = unsafe { system.protocols(ptr::null(), ptr::null_mut(), &raw mut size) };
    let mut all = vec![WSAPROTOCOL_INFOW::EMPTY; size as usize / size_of::<WSAPROTOCOL_INFOW>()];
    // SAFETY: room for as many bytes as were asked for.
    let count = unsafe { system.protocols(ptr::null(), all.as_mut_ptr(), &raw mut size) };
    all.truncate(count.map_or(0, |count| usize::try_from(count).unwrap_or(0)));
    all.retain(|entry| {
        matches!(entry.iAddressFamily, AF_INET | AF_INET6)
            && matches!(
                (entry.iSocketType, entry.iProtocol),
                (SOCK_STREAM, IPPROTO_TCP) | (SOCK_DGRAM, IPPROTO_UDP)
            )
    });
    let with_raw = |entry: WSAPROTOCOL_INFOW| {
        let raw = (entry.iSocketType == SOCK_DGRAM).then(|| raw_beside(&entry));
        std::iter::once(entry).chain(raw)
    };
    all.into_iter().flat_map(with_raw).collect()
}

/// The entry of raw sockets of the same family as UDP's (client-dll.md 4.1).
fn raw_beside(udp: &WSAPROTOCOL_INFOW) -> WSAPROTOCOL_INFOW {
    let mut raw = WSAPROTOCOL_INFOW {
        dwCatalogEntryId: udp.dwCatalogEntryId + 1,
        dwProviderFlags: udp.dwProviderFlags | PFL_HIDDEN,
        iSocketType: SOCK_RAW,
        iProtocol: 0,
        iProtocolMaxOffset: 255,
        dwMessageSize: 0x8000,
        ..*udp
    };
    // "UDP/IP" is "RAW/IP".
    for (cell, unit) in raw.szProtocol.iter_mut().zip("RAW".encode_utf16()) {
        *cell = unit;
    }
    raw
}

/// 2.2.
const VERSION: u16 = 0x0202;
