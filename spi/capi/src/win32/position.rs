//! Where a file is read and written next, and how long it is: `SetFilePointer`, `GetFileSize`, `SetEndOfFile`.

use super::{last_error, or, truth};
use crate::table::exports;
use std::sync::Arc;
use ws2spi_abi::*;
use ws2spi_kernel::file::{Contents, DiskFile};
use ws2spi_kernel::handles;

/// What `SetFilePointer` and `GetFileSize` return on failure, and a number like any other with 0 as the last error.
const INVALID: u32 = u32::MAX;
/// `dwMoveMethod`.
const FILE_BEGIN: u32 = 0;
const FILE_CURRENT: u32 = 1;
const FILE_END: u32 = 2;

/// The file of a handle.
///
/// # Errors
/// `ERROR_INVALID_HANDLE`: stale, or nobody's file; `ERROR_INVALID_FUNCTION`: a socket or a device, which has no length.
fn file_of(handle: HANDLE) -> Result<Arc<DiskFile>, Errno> {
    let object = handles::pin(handle).and_then(|pinned| pinned.object().cloned());
    let object = object.ok_or(Errno::INVALID_HANDLE)?;
    if object.as_file().is_none() {
        return Err(Errno::INVALID_HANDLE);
    }
    object.downcast().ok_or(Errno::INVALID_FUNCTION)
}

/// Moves the position of a file; what it is then.
///
/// # Errors
/// As [`file_of`]; `ERROR_INVALID_PARAMETER` for another method and a place that no file has, `ERROR_NEGATIVE_SEEK`.
fn moved(file: &DiskFile, distance: i64, method: u32, limit: u64) -> Result<u64, Errno> {
    let from = match method {
        FILE_BEGIN => 0,
        FILE_CURRENT => file.position(),
        FILE_END => file.length()?,
        _ => return Err(Errno::INVALID_PARAMETER),
    };
    let place = i128::from(from) + i128::from(distance);
    if place < 0 {
        return Err(Errno::NEGATIVE_SEEK);
    }
    let place = u64::try_from(place).ok().filter(|place| *place <= limit);
    let place = place.ok_or(Errno::INVALID_PARAMETER)?;
    file.set_position(place);
    Ok(place)
}

/// Moves the position of a file and stores it where `place` points, if it does. The end of the file is no limit.
///
/// `ERROR_INVALID_HANDLE`, `ERROR_INVALID_FUNCTION` (no file of the system's), `ERROR_INVALID_PARAMETER` (the method, a place beyond
/// 2^63), `ERROR_NEGATIVE_SEEK`. Any thread. Microsoft: "SetFilePointerEx function".
///
/// # Safety
/// `place` is null or writable.
#[doc(alias = "SetFilePointerEx")]
pub unsafe fn set_ex(handle: HANDLE, distance: i64, place: *mut i64, method: u32) -> BOOL {
    let set = || {
        let file = file_of(handle)?;
        let moved = moved(&file, distance, method, i64::MAX as u64)?;
        if !place.is_null() {
            // SAFETY: the caller's contract; not null.
            unsafe { place.write_unaligned(moved.cast_signed()) };
        }
        Ok(())
    };
    truth(set())
}

/// Moves the position of a file, by a distance of 32 bits or, with `high`, of 64; the low half of the position, the high one goes where
/// `high` points. 0xFFFFFFFF on failure, and as a position with 0 as the last error. Errors as [`set_ex`]; without `high` a position that
/// has more than 32 bits is `ERROR_INVALID_PARAMETER`. Microsoft: "SetFilePointer function".
///
/// # Safety
/// `high` is null or readable and writable.
#[doc(alias = "SetFilePointer")]
pub unsafe fn set(handle: HANDLE, low: i32, high: *mut i32, method: u32) -> u32 {
    let set = || {
        let file = file_of(handle)?;
        if high.is_null() {
            return moved(&file, low.into(), method, u64::from(INVALID) - 1);
        }
        // SAFETY: the caller's contract; not null.
        let top = unsafe { high.read_unaligned() };
        let distance = i64::from(top) << 32 | i64::from(low.cast_unsigned());
        let moved = moved(&file, distance, method, i64::MAX as u64)?;
        // SAFETY: as above.
        unsafe { high.write_unaligned((moved >> 32) as i32) };
        Ok(moved)
    };
    low_half(set())
}

/// The low half of a number. All ones are a failure, or a number: the last error says which.
fn low_half(number: Result<u64, Errno>) -> u32 {
    or(
        INVALID,
        number.map(|number| {
            let low = number as u32;
            if low == INVALID {
                last_error::replace(0);
            }
            low
        }),
    )
}

/// How long a file is. `ERROR_INVALID_HANDLE`, `ERROR_INVALID_FUNCTION` (no file of the system's), `ERROR_NOACCESS` for NULL. Any thread.
/// Microsoft: "GetFileSizeEx function".
///
/// # Safety
/// `size` is null or writable.
#[doc(alias = "GetFileSizeEx")]
pub unsafe fn size_ex(handle: HANDLE, size: *mut i64) -> BOOL {
    let get = || {
        let length = file_of(handle)?.length()?;
        if size.is_null() {
            return Err(Errno::NOACCESS);
        }
        // SAFETY: the caller's contract; not null.
        unsafe { size.write_unaligned(length.cast_signed()) };
        Ok(())
    };
    truth(get())
}

/// How long a file is: the low half, the high one goes where `high` points, if it does. 0xFFFFFFFF on failure, and as a length with 0 as
/// the last error. Errors as [`size_ex`]. Microsoft: "GetFileSize function".
///
/// # Safety
/// `high` is null or writable.
#[doc(alias = "GetFileSize")]
pub unsafe fn size(handle: HANDLE, high: *mut u32) -> u32 {
    let length = file_of(handle).and_then(|file| file.length());
    if let Ok(length) = length
        && !high.is_null()
    {
        // SAFETY: the caller's contract; not null.
        unsafe { high.write_unaligned((length >> 32) as u32) };
    }
    low_half(length)
}

/// Ends a file at its position: cuts it, or makes it longer. Errors as [`set_ex`]'s about the handle; `ERROR_ACCESS_DENIED` when it is
/// not open for writing, `ERROR_USER_MAPPED_FILE` when it would be shorter than a mapping of it, `ERROR_DISK_FULL`. Waits for a disk. Any
/// thread. Microsoft: "SetEndOfFile function".
#[doc(alias = "SetEndOfFile")]
pub fn set_end(handle: HANDLE) -> BOOL {
    truth(file_of(handle).and_then(|file| file.set_length(file.position())))
}

/// Waits until what was written to a file is on the disk. Errors as [`set_ex`]'s about the handle, `ERROR_ACCESS_DENIED` when it is not
/// open for writing. Any thread. Microsoft: "FlushFileBuffers function".
#[doc(alias = "FlushFileBuffers")]
pub fn flush(handle: HANDLE) -> BOOL {
    truth(file_of(handle).and_then(|file| file.flush()))
}

exports! {
    "SetFilePointer" set_file_pointer(handle: HANDLE, low: i32, high: *mut i32, method: u32) -> u32 = INVALID => set;
    "SetFilePointerEx" set_file_pointer_ex(handle: HANDLE, distance: i64, place: *mut i64, method: u32) -> BOOL = FALSE => set_ex;
    "GetFileSize" get_file_size(handle: HANDLE, high: *mut u32) -> u32 = INVALID => size;
    "GetFileSizeEx" get_file_size_ex(handle: HANDLE, length: *mut i64) -> BOOL = FALSE => size_ex;
    "SetEndOfFile" set_end_of_file(handle: HANDLE) -> BOOL = FALSE => set_end;
    "FlushFileBuffers" flush_file_buffers(handle: HANDLE) -> BOOL = FALSE => flush;
}
