//! Handles: closing and duplicating.

use super::thread::CURRENT_PROCESS;
use super::truth;
use crate::table::exports;
use ws2spi_abi::{BOOL, Errno, HANDLE};
use ws2spi_kernel::handles;
use ws2spi_kernel::thread::{self, CURRENT_THREAD};

/// `DuplicateHandle`: close the source as well.
const DUPLICATE_CLOSE_SOURCE: u32 = 1;

/// Closes a handle; the object goes with its last one, and a base socket with it. The provider of a minted handle is not told: sockets
/// are for `closesocket`. `ERROR_INVALID_HANDLE`. Microsoft: "CloseHandle function".
#[doc(alias = "CloseHandle")]
pub fn close(handle: HANDLE) -> BOOL {
    // Pseudo handles need not be closed, and closing them has no effect.
    if handle == CURRENT_THREAD || handle == CURRENT_PROCESS {
        return truth(Ok(()));
    }
    truth(handles::close(handle))
}

/// Opens another handle to an object of this process; the pseudo handle of the current thread becomes a real one.
/// `ERROR_INVALID_HANDLE`: a stale source or another process. Microsoft: "DuplicateHandle function".
///
/// # Safety
/// `target` is null or writable.
#[doc(alias = "DuplicateHandle")]
pub unsafe fn duplicate(
    source_process: HANDLE,
    source: HANDLE,
    target_process: HANDLE,
    target: *mut HANDLE,
    _access: u32,
    _inherit: BOOL,
    options: u32,
) -> BOOL {
    if source_process != CURRENT_PROCESS || target_process != CURRENT_PROCESS {
        return truth(Err(Errno::INVALID_HANDLE));
    }
    let made = if source == CURRENT_THREAD {
        thread::open_current()
    } else {
        handles::duplicate(source)
    };
    truth(made.map(|handle| {
        if options & DUPLICATE_CLOSE_SOURCE != 0 && source != CURRENT_THREAD {
            let _ = handles::close(source);
        }
        if target.is_null() {
            let _ = handles::close(handle.raw());
        } else {
            // SAFETY: the caller's contract; not null.
            unsafe { target.write_unaligned(handle.raw()) };
        }
    }))
}

exports! {
    "CloseHandle" close_handle(handle: HANDLE) -> BOOL = 0 => close;
    "DuplicateHandle" duplicate_handle(source_process: HANDLE, source: HANDLE, target_process: HANDLE, target: *mut HANDLE, access: u32, inherit: BOOL, options: u32) -> BOOL = 0 => duplicate;
}
