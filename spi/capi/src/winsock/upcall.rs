//! What belongs to the upcalls but is exported by name.

use crate::table::exports;
use ws2spi::upcalls;
use ws2spi_abi::ffi::guard::store_errno;
use ws2spi_abi::*;

/// Ends a request on a minted handle: 0, or `SOCKET_ERROR` with `*errno`. See [`upcalls::complete_overlapped_request`].
/// Microsoft: "WPUCompleteOverlappedRequest function".
///
/// # Safety
/// `overlapped` is null or the block of a request that is pending on this handle; `errno` is null or writable.
#[doc(alias = "WPUCompleteOverlappedRequest")]
pub unsafe fn complete(
    s: SOCKET,
    overlapped: *mut OVERLAPPED,
    error: u32,
    transferred: u32,
    errno: *mut i32,
) -> i32 {
    // SAFETY: the caller's contract.
    let done = unsafe { upcalls::complete_overlapped_request(s, overlapped, error, transferred) };
    let Err(failure) = done else { return 0 };
    // SAFETY: the caller's contract.
    unsafe { store_errno(errno, failure.code()) };
    SOCKET_ERROR
}

/// Has `WPUPostMessage` call `routine` instead of posting to the window's queue; NULL restores that (U72). Returns 0. Any thread.
/// An export of ws2_32.dll without a page at Microsoft's.
///
/// # Safety
/// As [`upcalls::set_post_routine`].
#[doc(alias = "WSApSetPostRoutine")]
pub unsafe fn set_post_routine(routine: RawCallback) -> i32 {
    // SAFETY: the caller's contract.
    unsafe { upcalls::set_post_routine(routine) };
    0
}

exports! {
    "WSApSetPostRoutine" wsap_set_post_routine(routine: RawCallback) -> i32 = WSASYSCALLFAILURE => set_post_routine;
    "WPUCompleteOverlappedRequest" wpu_complete_overlapped_request(
        s: SOCKET, overlapped: *mut OVERLAPPED, error: u32, transferred: u32, errno: *mut i32
    ) -> i32 = SOCKET_ERROR, errno => complete;
}
