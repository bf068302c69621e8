//! The event upcalls. The same kernel events as `WSACreateEvent`'s; none of them needs start-up (U22, U23).

use ws2spi_abi::{Errno, WSAEVENT};
use ws2spi_kernel::event;

/// A new manual-reset event, not signalled (U16).
///
/// # Errors
/// `WSA_NOT_ENOUGH_MEMORY` (U17).
pub fn create() -> Result<WSAEVENT, Errno> {
    event::create(event::Reset::Manual, false).map(|handle| handle.raw())
}

/// Closes an event; nothing else (U20, U21).
///
/// # Errors
/// `WSA_INVALID_HANDLE`.
pub fn close(event: WSAEVENT) -> Result<(), Errno> {
    event::close(event)
}

/// Signals an event. Does not block and does not allocate: callable in a signal handler (U24).
///
/// # Errors
/// `WSA_INVALID_HANDLE`.
pub fn set(event: WSAEVENT) -> Result<(), Errno> {
    event::set(event)
}

/// Resets an event. As [`set`].
///
/// # Errors
/// `WSA_INVALID_HANDLE`.
pub fn reset(event: WSAEVENT) -> Result<(), Errno> {
    event::reset(event)
}
