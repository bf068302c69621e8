//! Files by their paths: `DeleteFile`, `GetFileAttributes`, `GetTempPath`. Paths are the system's.

use super::{or, truth};
use crate::table::exports;
use crate::text;
use std::fs;
use std::path::Path;
use ws2spi_abi::*;
use ws2spi_kernel::file::{disk_path_errno, remove_disk_file};

/// What `GetFileAttributes` returns on failure.
const INVALID: u32 = u32::MAX;
const FILE_ATTRIBUTE_READONLY: u32 = 0x1;
const FILE_ATTRIBUTE_DIRECTORY: u32 = 0x10;
const FILE_ATTRIBUTE_DEVICE: u32 = 0x40;
const FILE_ATTRIBUTE_NORMAL: u32 = 0x80;

/// # Errors
/// `ERROR_PATH_NOT_FOUND` for nothing.
fn some(path: Option<String>) -> Result<String, Errno> {
    path.filter(|path| !path.is_empty())
        .ok_or(Errno::PATH_NOT_FOUND)
}

fn remove(path: Option<String>) -> BOOL {
    truth(some(path).and_then(|path| remove_disk_file(Path::new(&path))))
}

/// Deletes a file. `ERROR_FILE_NOT_FOUND`, `ERROR_PATH_NOT_FOUND` (also without a path), `ERROR_ACCESS_DENIED` (also for a folder and a
/// file that may only be read), `ERROR_SHARING_VIOLATION` when a handle of this process does not share that. The name is gone at once,
/// the contents with the last handle. Any thread. Microsoft: "DeleteFileW function".
///
/// # Safety
/// `path` is null or NUL-terminated.
#[doc(alias = "DeleteFileW")]
pub unsafe fn delete_w(path: PCWSTR) -> BOOL {
    // SAFETY: the caller's contract.
    remove(unsafe { text::wide(path) })
}

/// [`delete_w`] in bytes. Microsoft: "DeleteFileA function".
///
/// # Safety
/// `path` is null or NUL-terminated.
#[doc(alias = "DeleteFileA")]
pub unsafe fn delete_a(path: PCSTR) -> BOOL {
    // SAFETY: the caller's contract.
    remove(unsafe { text::narrow(path) })
}

fn attributes(path: Option<String>) -> u32 {
    let look = || {
        let path = some(path)?;
        let metadata =
            fs::metadata(&path).map_err(|error| disk_path_errno(Path::new(&path), &error))?;
        let kind = if metadata.is_dir() {
            FILE_ATTRIBUTE_DIRECTORY
        } else if metadata.is_file() {
            0
        } else {
            FILE_ATTRIBUTE_DEVICE
        };
        let read_only = metadata.is_file() && metadata.permissions().readonly();
        Ok(match (kind, read_only) {
            (0, false) => FILE_ATTRIBUTE_NORMAL,
            (0, true) => FILE_ATTRIBUTE_READONLY,
            (kind, _) => kind,
        })
    };
    or(INVALID, look())
}

/// What a path leads to: FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_DEVICE, FILE_ATTRIBUTE_READONLY or FILE_ATTRIBUTE_NORMAL.
/// INVALID_FILE_ATTRIBUTES with `ERROR_FILE_NOT_FOUND`, `ERROR_PATH_NOT_FOUND` (also without a path), `ERROR_ACCESS_DENIED`. Any thread.
/// Microsoft: "GetFileAttributesW function".
///
/// # Safety
/// `path` is null or NUL-terminated.
#[doc(alias = "GetFileAttributesW")]
pub unsafe fn attributes_w(path: PCWSTR) -> u32 {
    // SAFETY: the caller's contract.
    attributes(unsafe { text::wide(path) })
}

/// [`attributes_w`] in bytes. Microsoft: "GetFileAttributesA function".
///
/// # Safety
/// `path` is null or NUL-terminated.
#[doc(alias = "GetFileAttributesA")]
pub unsafe fn attributes_a(path: PCSTR) -> u32 {
    // SAFETY: the caller's contract.
    attributes(unsafe { text::narrow(path) })
}

/// The folder for temporary files, with the separator at its end.
fn temporary() -> String {
    let mut path = std::env::temp_dir().to_string_lossy().into_owned();
    if !path.ends_with('/') {
        path.push('/');
    }
    path
}

/// Stores text and its NUL where they fit: its length then, else how much room they need.
///
/// # Safety
/// `room` is null or has room for `size` units.
unsafe fn answered<U: Copy + Default>(mut units: Vec<U>, size: u32, room: *mut U) -> u32 {
    let length = units.len() as u32;
    units.push(U::default());
    // SAFETY: the caller's contract.
    unsafe { text::store(&units, room, size as usize) };
    if length < size && !room.is_null() {
        length
    } else {
        length + 1
    }
}

/// The folder for temporary files, which ends with the system's separator: the length without the NUL, or the room that is needed with
/// it when that is more than there is. Any thread. Microsoft: "GetTempPathW function".
///
/// # Safety
/// `room` is null or has room for `size` units.
#[doc(alias = "GetTempPathW")]
pub unsafe fn temporary_w(size: u32, room: *mut u16) -> u32 {
    // SAFETY: the caller's contract.
    unsafe { answered(temporary().encode_utf16().collect(), size, room) }
}

/// [`temporary_w`] in bytes. Microsoft: "GetTempPathA function".
///
/// # Safety
/// `room` is null or has room for `size` bytes.
#[doc(alias = "GetTempPathA")]
pub unsafe fn temporary_a(size: u32, room: *mut u8) -> u32 {
    // SAFETY: the caller's contract.
    unsafe { answered(temporary().into_bytes(), size, room) }
}

exports! {
    "DeleteFileW" delete_file_w(path: PCWSTR) -> BOOL = FALSE => delete_w;
    "DeleteFileA" delete_file_a(path: PCSTR) -> BOOL = FALSE => delete_a;
    "GetFileAttributesW" get_file_attributes_w(path: PCWSTR) -> u32 = INVALID => attributes_w;
    "GetFileAttributesA" get_file_attributes_a(path: PCSTR) -> u32 = INVALID => attributes_a;
    "GetTempPathW" get_temp_path_w(size: u32, room: *mut u16) -> u32 = 0 => temporary_w;
    "GetTempPathA" get_temp_path_a(size: u32, room: *mut u8) -> u32 = 0 => temporary_a;
}
