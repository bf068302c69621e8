//! `WPUCompleteOverlappedRequest`: the end of an overlapped request of a provider without system handles.
//!
//! An export, not a slot of the upcall table (U10). The client DLL keeps which completion port a minted handle is associated with, so
//! only it can tell the application.

use ws2spi_abi::args::Overlapped;
use ws2spi_abi::{Errno, NtStatus, OVERLAPPED, SOCKET};
use ws2spi_kernel::{event, handles};

/// Ends a request on a minted handle: byte count, then status (U179), then the event if there is one (U180). Offset and OffsetHigh
/// stay as the provider stored them (U183). The low bit of the event handle is masked off (U184).
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
    let pin = handles::pin(s)
        .filter(|pin| pin.is_minted())
        .ok_or(Errno::INVAL)?;
    // SAFETY: the caller's contract.
    let block = unsafe { Overlapped::new(overlapped) }.ok_or(Errno::INVAL)?;
    let event = block.event();
    block.finish(NtStatus(error), transferred as usize);
    if event != 0 {
        // An application that passed something that is no event is not told.
        let _ = event::set(event);
    }
    drop(pin);
    Ok(())
}
