//! The Win32 functions on file handles that are not reading or writing.

use std::sync::Arc;

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::args::Overlapped;
use ws2spi_abi::provider::Receive;
use ws2spi_abi::provider::Transfer;
use ws2spi_abi::provider::Transmit;

use super::CancelScope;
use super::File;
use super::state::Modes;
use crate::clock::Timeout;
use crate::event;
use crate::handles;
use crate::handles::Object;
use crate::wait;
use crate::wait::Alert;
use crate::watch;

/// Whether to wait for the end of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wait {
    /// Look only.
    No,
    /// Until it has ended.
    UntilDone,
}

/// Reads from a file. Blocks as the file does.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not a file's; otherwise [`File::read`]'s.
#[doc(alias = "ReadFile")]
pub fn read(raw: usize, call: Receive<'_>) -> Result<Transfer, Errno> {
    with_file(raw, |file| file.read(call))?
}

/// Writes to a file. Blocks as the file does.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not a file's; otherwise [`File::write`]'s.
#[doc(alias = "WriteFile")]
pub fn write(raw: usize, call: Transmit<'_>) -> Result<Transfer, Errno> {
    with_file(raw, |file| file.write(call))?
}

/// Cancels pending requests of a file; returns how many there were. `CancelIo` ignores the number,
/// `CancelIoEx` reports `ERROR_NOT_FOUND` for none (P228).
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not a file's.
#[doc(alias = "CancelIo")]
#[doc(alias = "CancelIoEx")]
pub fn cancel(raw: usize, whose: CancelScope, overlapped: Option<usize>) -> Result<usize, Errno> {
    let overlapped = overlapped.map(watch::block_of);
    with_file(raw, |file| file.cancel(whose, overlapped))
}

/// Adds notification modes to a file; bits as `SetFileCompletionNotificationModes` takes them.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not a file's, `ERROR_INVALID_PARAMETER` for
/// bits that do not exist.
#[doc(alias = "SetFileCompletionNotificationModes")]
pub fn set_notification_modes(raw: usize, bits: u8) -> Result<(), Errno> {
    let modes = Modes::from_bits(bits).ok_or(Errno::INVALID_PARAMETER)?;
    with_file(raw, |file| file.state().add_modes(modes))
}

/// The result of an operation: its status and byte count. Waiting is not alertable (P235); it is
/// for the event of the block, or for the file without one. What the status means to the caller is
/// [`NtStatus::win32`]'s or [`NtStatus::winsock`]'s to say.
///
/// # Errors
/// `WSA_IO_INCOMPLETE` when it has not ended, also after the wait if somebody else set the event;
/// `WSA_INVALID_HANDLE` when there is something to wait for and the handle for that is stale.
#[doc(alias = "GetOverlappedResult")]
pub fn overlapped_result(
    raw: usize,
    overlapped: &Overlapped,
    wait: Wait,
) -> Result<(NtStatus, usize), Errno> {
    if overlapped.is_pending() && wait == Wait::UntilDone {
        let object: Arc<dyn Object> = match overlapped.event() {
            0 => file_object(raw)?,
            event => event::from_handle(event)?,
        };
        wait::for_object(&object, Timeout::Infinite, Alert::Plain);
    }
    match overlapped.status() {
        status if status.is_pending() => Err(Errno::IO_INCOMPLETE),
        status => Ok((status, overlapped.bytes())),
    }
}

fn with_file<R>(raw: usize, f: impl FnOnce(&dyn File) -> R) -> Result<R, Errno> {
    let object = file_object(raw)?;
    object.as_file().map(f).ok_or(Errno::INVALID_HANDLE)
}

fn file_object(raw: usize) -> Result<Arc<dyn Object>, Errno> {
    let pinned = handles::pin(raw).ok_or(Errno::INVALID_HANDLE)?;
    let object = pinned
        .object_or_placeholder()
        .filter(|object| object.as_file().is_some());
    object.cloned().ok_or(Errno::INVALID_HANDLE)
}
