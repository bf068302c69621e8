//! The socket-handle upcalls: create, close, query, and the registration of system handles.

use crate::association::{self, SYNCHRONOUS};
use crate::process;
use ws2spi_abi::{Errno, SOCKET};

/// A new handle that the client DLL dispatches to the provider of `entry`. It is live at once.
///
/// # Errors
/// `WSANOTINITIALISED`, `WSAEINVAL` (unknown entry, U27), `WSAENOBUFS` (U28).
pub fn create(entry: u32, context: usize) -> Result<SOCKET, Errno> {
    let flags = if process::thread::open_type() == 0 {
        0
    } else {
        SYNCHRONOUS
    };
    process::with_run(|run| run.associations().mint(entry, context, flags))
}

/// Ends a handle of [`create`].
///
/// # Errors
/// `WSAENOTSOCK` (U33, U34).
pub fn close(s: SOCKET) -> Result<(), Errno> {
    association::close_minted(s)
}

/// The context of a handle of [`create`]; nothing is stored on failure (U30).
///
/// # Errors
/// `WSAENOTSOCK`; `WSAEFAULT` without a place for the answer.
///
/// # Safety
/// `context` is null or writable.
pub unsafe fn query(s: SOCKET, context: *mut usize) -> Result<(), Errno> {
    let value = association::context(s)?;
    if context.is_null() {
        return Err(Errno::FAULT);
    }
    // SAFETY: not null, so writable by the caller's contract.
    unsafe { context.write_unaligned(value) };
    Ok(())
}

/// Makes a system handle the socket of `entry`. The value never changes (U41).
///
/// # Errors
/// `WSANOTINITIALISED` (U44), `WSAEINVAL` (U42, U43, U51).
pub fn modify(entry: u32, proposed: SOCKET) -> Result<SOCKET, Errno> {
    process::with_run(|run| run.associations().register(entry, proposed))
}
