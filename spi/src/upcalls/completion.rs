//! `WPUCompleteOverlappedRequest`: the end of an overlapped request of a provider without system handles.
//!
//! An export, not a slot of the upcall table (U10). The kernel role keeps which completion port a minted handle is associated with,
//! and tells the application.

use ws2spi_abi::args::Overlapped;
use ws2spi_abi::{Errno, OVERLAPPED, SOCKET};
use ws2spi_kernel::file;

/// Ends a request on a minted handle: byte count, then status (U179), then the event if there is one, and a packet if the handle
/// has a port (U180). Offset and OffsetHigh stay as the provider stored them (U183). The low bit of the event handle is masked off,
/// and keeps the packet off the port (U184).
///
/// # Errors
/// `WSAEINVAL`: not a handle of `WPUCreateSocketHandle` (U182), or no block.
///
/// # Safety
/// `overlapped` is null or the block of a request that is pending on this handle and that nobody else ends.
#[doc(alias = "WPUCompleteOverlappedRequest")]
pub unsafe fn complete_overlapped_request(
    s: SOCKET,
    overlapped: *mut OVERLAPPED,
    error: u32,
    transferred: u32,
) -> Result<(), Errno> {
    // SAFETY: the caller's contract.
    let block = unsafe { Overlapped::new(overlapped) }.ok_or(Errno::INVAL)?;
    file::complete_minted(s, block, error, transferred as usize)
}
