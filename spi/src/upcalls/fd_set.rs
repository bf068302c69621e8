//! `WPUFDIsSet`, and `__WSAFDIsSet` which is the same question.

use ws2spi_abi::args::FdSet;
use ws2spi_abi::{FD_SET, SOCKET};

/// Whether a number is in a set: a linear search of the first `fd_count` cells, however many those are (U54, U55, U56). A NULL set
/// has no members (U57). Needs no start-up.
///
/// # Safety
/// `set` is null or points to an `fd_set` whose array holds at least `fd_count` sockets.
#[doc(alias = "WPUFDIsSet")]
#[doc(alias = "__WSAFDIsSet")]
#[must_use]
pub unsafe fn is_member(s: SOCKET, set: *mut FD_SET) -> bool {
    // SAFETY: the caller's contract.
    unsafe { FdSet::new(set) }.contains(s)
}
