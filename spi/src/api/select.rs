//! `select` and `__WSAFDIsSet`.

use super::{answer, select_below};
use crate::dispatch;
use crate::process;
use crate::upcalls;
use ws2spi_abi::args::FdSet;
use ws2spi_abi::*;

/// Waits until sockets are ready; how many are, 0 on timeout. The sets keep those that are.
///
/// The provider of the first socket in the first non-empty set (read, write, except) gets all three sets (U171); sockets of another
/// provider make it answer `WSAENOTSOCK` (U172). `nfds` is ignored; the time is not changed (U170). In a process whose catalog has a
/// layer without IFS handles over only one of IPv4 and IPv6, sockets are those that the layers answer to `SIO_BSP_HANDLE_SELECT`.
///
/// Errors: `WSANOTINITIALISED`, `WSAEINVAL` without a socket or with a bad time, `WSAENOTSOCK`, the provider's own. Blocks.
/// Microsoft: "select function (winsock2.h)".
///
/// # Safety
/// Each set is null or holds `fd_count` sockets; `timeout` is null or valid.
pub unsafe fn select(
    nfds: i32,
    read: *mut FD_SET,
    write: *mut FD_SET,
    except: *mut FD_SET,
    timeout: *const TIMEVAL,
) -> i32 {
    // SAFETY: the caller's contract.
    answer::int(unsafe { select_sockets(nfds, [read, write, except], timeout) })
}

/// # Safety
/// As [`select`].
unsafe fn select_sockets(
    nfds: i32,
    [read, write, except]: [*mut FD_SET; 3],
    timeout: *const TIMEVAL,
) -> Result<i32, Errno> {
    process::require_started()?;
    let sets = [read, write, except].map(|set| {
        // SAFETY: the caller's contract.
        unsafe { FdSet::new(set) }
    });
    let first = sets.iter().find_map(|set| set.get(0)).ok_or(Errno::INVAL)?;
    if !timeout.is_null() {
        // SAFETY: not null, so readable by the caller's contract.
        let time = unsafe { timeout.read_unaligned() };
        if time.tv_sec < 0 || !(0..1_000_000).contains(&time.tv_usec) {
            return Err(Errno::INVAL);
        }
    }
    let asked: usize = sets.iter().map(FdSet::len).sum();
    let provider_selects = |first: SOCKET, [read, write, except]: [*mut FD_SET; 3]| {
        dispatch::with_target(first, |target| {
            let instance = target.instance();
            let function = "WSPSelect";
            let ready = dispatch::call_provider(instance, function, dispatch::unjudged, |procs| {
                // SAFETY: the provider is started; the sets are the caller's, by contract, or live images of them.
                unsafe { procs.select(nfds, read, write, except, timeout) }
            })?;
            dispatch::sockets_within(instance, function, ready, asked)
        })
    };
    if process::with_run(|run| Ok(run.snapshot().selects_below_layers()))? {
        dispatch::require_idle()?;
        select_below::select(&sets, provider_selects)
    } else {
        provider_selects(first, [read, write, except])
    }
}

/// Whether a number is in a set (U54 to U57); what `FD_ISSET` asks. Needs no start-up.
///
/// # Safety
/// `set` is null or holds `fd_count` sockets.
#[doc(alias = "__WSAFDIsSet")]
pub unsafe fn wsa_fd_is_set(s: SOCKET, set: *mut FD_SET) -> i32 {
    // SAFETY: the caller's contract.
    i32::from(unsafe { upcalls::is_member(s, set) })
}
