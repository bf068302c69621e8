//! Making and ending sockets: `socket`, `WSASocket`, `closesocket`, `WSADuplicateSocket`.

use super::answer;
use super::protocol_info::{narrow, widen};
use crate::catalog::{Criteria, Entry};
use crate::dispatch;
use crate::process::thread::{self, OpenTypeScope};
use crate::process::{self, Run};
use ws2spi_abi::*;

/// A socket of the first catalog entry that fits: `WSASocketW` without info, overlapped unless the thread's `SO_OPENTYPE` says
/// otherwise (U153).
///
/// Errors: as [`wsa_socket_w`]. Any thread. Microsoft: "socket function (winsock2.h)".
#[must_use]
pub fn socket(family: i32, kind: i32, protocol: i32) -> SOCKET {
    let flags = if thread::open_type() == 0 {
        WSA_FLAG_OVERLAPPED
    } else {
        0
    };
    answer::socket(answer::clearing(create(
        family, kind, protocol, None, 0, flags,
    )))
}

/// A socket of the entry that `info` names, or of the first one that fits. The provider is loaded if need be. The last error is 0
/// after a success (U152).
///
/// Errors: `WSANOTINITIALISED` (wins over bad arguments, U122); `WSAEINPROGRESS` inside a blocking hook of a 1.1 process; without a
/// fitting entry `WSAEINVAL`, `WSAESOCKTNOSUPPORT`, `WSAEAFNOSUPPORT`, `WSAEPROTONOSUPPORT` (U143); `WSAEINVAL` for an info of no
/// usable entry; those of loading a provider (client-dll.md 3.6); the provider's own. Any thread.
/// Microsoft: "WSASocketW function (winsock2.h)".
///
/// # Safety
/// `info` is null or points to a `WSAPROTOCOL_INFOW`.
#[doc(alias = "WSASocketW")]
#[must_use]
pub unsafe fn wsa_socket_w(
    family: i32,
    kind: i32,
    protocol: i32,
    info: *const WSAPROTOCOL_INFOW,
    group: GROUP,
    flags: u32,
) -> SOCKET {
    // SAFETY: the caller's contract.
    let info = (!info.is_null()).then(|| unsafe { info.read_unaligned() });
    answer::socket(answer::clearing(create(
        family, kind, protocol, info, group, flags,
    )))
}

/// [`wsa_socket_w`] for an info with its name in bytes. Microsoft: "WSASocketA function (winsock2.h)".
///
/// # Safety
/// `info` is null or points to a `WSAPROTOCOL_INFOA`.
#[doc(alias = "WSASocketA")]
#[must_use]
pub unsafe fn wsa_socket_a(
    family: i32,
    kind: i32,
    protocol: i32,
    info: *const WSAPROTOCOL_INFOA,
    group: GROUP,
    flags: u32,
) -> SOCKET {
    // SAFETY: the caller's contract.
    let info = (!info.is_null()).then(|| widen(&unsafe { info.read_unaligned() }));
    answer::socket(answer::clearing(create(
        family, kind, protocol, info, group, flags,
    )))
}

fn create(
    family: i32,
    kind: i32,
    protocol: i32,
    info: Option<WSAPROTOCOL_INFOW>,
    group: GROUP,
    flags: u32,
) -> Result<SOCKET, Errno> {
    dispatch::require_idle()?;
    let run = process::run()?;
    let open = |entry: &Entry, info: &WSAPROTOCOL_INFOW| {
        open(
            &run,
            entry,
            |procs| {
                // A copy: in C the parameter is not const, and what a provider does to it stays with the provider.
                let mut shown = *info;
                // SAFETY: the provider is started; the info lives for the call.
                unsafe { procs.socket(family, kind, protocol, &raw mut shown, group, flags) }
            },
            flags,
        )
    };
    // The application's own info goes down: it may carry a duplicated socket (U174).
    if let Some(info) = info {
        return open(run.snapshot().select_by_info(&info)?, &info);
    }
    let criteria = Criteria {
        family,
        socket_type: kind,
        protocol,
    };
    run.snapshot().select(criteria)?;
    let mut outcome = Err(Errno::INPROGRESS);
    for entry in run.snapshot().candidates(criteria) {
        outcome = open(entry, entry.info());
        // A provider that is busy with a blocking 1.1 call passes the request on; every other answer is final (U151).
        if outcome != Err(Errno::INPROGRESS) {
            break;
        }
    }
    outcome
}

fn open(
    run: &Run,
    entry: &Entry,
    f: impl FnOnce(&ffi::Procs) -> Result<SOCKET, ffi::Failure>,
    flags: u32,
) -> Result<SOCKET, Errno> {
    let instance = run.loader().instance(entry)?;
    let synchronous = if flags & WSA_FLAG_OVERLAPPED == 0 {
        SO_SYNCHRONOUS_NONALERT
    } else {
        0
    };
    let _scope = OpenTypeScope::enter(synchronous);
    dispatch::call_known(&instance, "WSPSocket", f)
}

/// Closes a socket. A failure leaves it usable (U167); after a success its value is stale (U169).
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own (`WSAEWOULDBLOCK` for a lingering non-blocking socket). Blocks while
/// a blocking socket lingers. Any thread; calls blocked on the socket end. Microsoft: "closesocket function (winsock2.h)".
pub fn closesocket(s: SOCKET) -> i32 {
    answer::int(close(s))
}

/// [`closesocket`], but the thread's last error stays.
pub(super) fn close(s: SOCKET) -> Result<i32, Errno> {
    dispatch::with_target(s, |target| {
        let result = dispatch::call_provider(
            target.instance(),
            "WSPCloseSocket",
            dispatch::zero,
            // SAFETY: the provider is started; no pointers.
            |procs| unsafe { procs.close_socket(s) },
        );
        if result.is_ok() {
            target.closed();
        }
        result
    })
}

/// Fills `*info` so that the process `process_id` can make a socket of it with `WSASocket`, once.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, then the provider's: `WSAEINVAL` (process), `WSAEFAULT` (NULL) (U173).
/// Microsoft: "WSADuplicateSocketW function (winsock2.h)".
///
/// # Safety
/// `info` is null or points to a writable `WSAPROTOCOL_INFOW`.
#[doc(alias = "WSADuplicateSocketW")]
pub unsafe fn wsa_duplicate_socket_w(
    s: SOCKET,
    process_id: u32,
    info: *mut WSAPROTOCOL_INFOW,
) -> i32 {
    answer::int(dispatch::call(
        s,
        "WSPDuplicateSocket",
        dispatch::zero,
        |procs| {
            // SAFETY: the provider is started; the pointer is the caller's, by contract.
            unsafe { procs.duplicate_socket(s, process_id, info) }
        },
    ))
}

/// [`wsa_duplicate_socket_w`] with the entry's name in bytes. Microsoft: "WSADuplicateSocketA function (winsock2.h)".
///
/// # Safety
/// `info` is null or points to a writable `WSAPROTOCOL_INFOA`.
#[doc(alias = "WSADuplicateSocketA")]
pub unsafe fn wsa_duplicate_socket_a(
    s: SOCKET,
    process_id: u32,
    info: *mut WSAPROTOCOL_INFOA,
) -> i32 {
    let mut wide = WSAPROTOCOL_INFOW::EMPTY;
    // NULL stays NULL, so that the provider finds it at its place in the order of checks.
    let out = if info.is_null() {
        std::ptr::null_mut()
    } else {
        &raw mut wide
    };
    // SAFETY: null, or a live local.
    let result = unsafe { wsa_duplicate_socket_w(s, process_id, out) };
    if result == 0 && !info.is_null() {
        // SAFETY: not null, so writable by the caller's contract.
        unsafe { info.write_unaligned(narrow(&wide)) };
    }
    result
}
