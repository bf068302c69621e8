//! `WSAGetOverlappedResult`.

use super::answer;
use crate::dispatch;
use ws2spi_abi::*;

/// The result of an overlapped operation, waiting for it if asked to.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, `WSAEFAULT` when one of the three pointers is NULL or the block is not aligned, `WSA_IO_INCOMPLETE` while the
/// operation is pending and nobody waits, the operation's own. Nothing is stored on failure (U189). Blocks with `wait`.
/// Microsoft: "WSAGetOverlappedResult function (winsock2.h)".
///
/// # Safety
/// `overlapped` is null or an operation's block; `bytes` and `flags` are null or writable.
#[doc(alias = "WSAGetOverlappedResult")]
pub unsafe fn wsa_get_overlapped_result(
    s: SOCKET,
    overlapped: *mut OVERLAPPED,
    bytes: *mut u32,
    wait: BOOL,
    flags: *mut u32,
) -> BOOL {
    answer::truth(dispatch::with_target(s, |target| {
        if overlapped.is_null() || !overlapped.is_aligned() || bytes.is_null() || flags.is_null() {
            return Err(Errno::FAULT);
        }
        let (instance, function) = (target.instance(), "WSPGetOverlappedResult");
        dispatch::call_provider(instance, function, dispatch::unjudged, |procs| {
            // SAFETY: the provider is started; the caller's contract.
            unsafe { procs.get_overlapped_result(s, overlapped, bytes, wait, flags) }
        })
        .map(|_| ())
    }))
}
