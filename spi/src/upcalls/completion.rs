//! `WPUCompleteOverlappedRequest`: the end of an overlapped request of a provider without system handles.
//!
//! An export, not a slot of the upcall table (U10). The kernel role keeps which completion port a minted handle is associated with,
//! and tells the application.

use crate::process;
use crate::trace::{self, Completing};
use ws2spi_abi::args::Overlapped;
use ws2spi_abi::{Errno, OVERLAPPED, SOCKET};
use ws2spi_kernel::file;

/// Ends a request on a minted handle: byte count, then status (U179), then the event if there is one, and a packet if the handle
/// has a port (U180). Offset and OffsetHigh stay as the provider stored them (U183). The low bit of the event handle is masked off,
/// and keeps the packet off the port (U184).
///
/// While the last clean-up ends providers the request ends as well, but nobody is told: neither event nor port (U112).
///
/// # Errors
/// `WSANOTINITIALISED`: the process is not started. `WSAEINVAL`: not a handle of `WPUCreateSocketHandle` (U182), or no block.
///
/// # Safety
/// `overlapped` is null or the block of a request that is pending on this handle and that nobody else ends.
#[doc(alias = "WPUCompleteOverlappedRequest")]
pub unsafe fn complete_overlapped_request(
    s: SOCKET,
    overlapped: *mut OVERLAPPED,
    error_code: u32,
    transferred: u32,
) -> Result<(), Errno> {
    let completing = Completing {
        s,
        overlapped,
        error: error_code,
        bytes: transferred,
    };
    // SAFETY: the caller's contract; who looks on puts in its place only the block that the caller stands for.
    trace::complete(completing, |completing| unsafe { end(completing) })
}

/// # Safety
/// As [`complete_overlapped_request`].
unsafe fn end(completing: &Completing) -> Result<(), Errno> {
    let (s, error, bytes) = (completing.s, completing.error, completing.bytes as usize);
    // SAFETY: the caller's contract.
    let block = unsafe { Overlapped::new(completing.overlapped) };
    if let Err(not_started) = process::require_started() {
        if let Some(block) = block {
            // A handle that is still there is one that the clean-up has not come to.
            let _ = file::abandon_minted(s, block, error, bytes);
        }
        return Err(not_started);
    }
    let block = block.ok_or(Errno::INVAL)?;
    file::complete_minted(s, block, error, bytes)
}
