//! `CreateFile`: devices of the program's own, and files that exist, for reading: what `TransmitFile` and `TransmitPackets` send.

use super::{device, or};
use crate::table::exports;
use crate::text;
use std::path::Path;
use std::sync::Arc;
use ws2spi_abi::*;
use ws2spi_kernel::device::is_device_path;
use ws2spi_kernel::file::{DiskFile, Overlapping};
use ws2spi_kernel::handles;

/// `dwDesiredAccess`: GENERIC_READ, and the rights that are part of it.
const READING: u32 = 0x8000_0000 | 0x0012_0089;
/// `dwCreationDisposition`: OPEN_EXISTING, and the last of them.
const OPEN_EXISTING: u32 = 3;
const TRUNCATE_EXISTING: u32 = 5;
/// `dwFlagsAndAttributes`.
const FILE_FLAG_OVERLAPPED: u32 = 0x4000_0000;

/// Opens a device, or a file for reading.
///
/// DIFFERS: nothing is written through this subset of Win32, so other rights and dispositions than those for reading what exists are
/// `ERROR_NOT_SUPPORTED`, and the sharing mode keeps nobody away.
fn open(
    path: Option<String>,
    access: u32,
    sharing: u32,
    disposition: u32,
    flags: u32,
) -> Result<HANDLE, Errno> {
    let path = path
        .filter(|path| !path.is_empty())
        .ok_or(Errno::PATH_NOT_FOUND)?;
    if !(1..=TRUNCATE_EXISTING).contains(&disposition) {
        return Err(Errno::INVALID_PARAMETER);
    }
    let overlapping = if flags & FILE_FLAG_OVERLAPPED != 0 {
        Overlapping::Allowed
    } else {
        Overlapping::Synchronous
    };
    if is_device_path(&path) {
        return device::open(&path, access, sharing, overlapping);
    }
    if access & !READING != 0 || disposition != OPEN_EXISTING {
        return Err(Errno::NOT_SUPPORTED);
    }
    let file = DiskFile::open(Path::new(&path), overlapping)?;
    Ok(handles::insert(Arc::new(file))?.raw())
}

/// Opens a device of the program's own (`\\.\Name`, `\Device\Name`; the driver decides, and looks at rights and sharing), or a file
/// that exists, for reading; `INVALID_HANDLE_VALUE` on failure. Other paths are the system's.
///
/// `ERROR_PATH_NOT_FOUND` (also without a path), `ERROR_FILE_NOT_FOUND`, `ERROR_ACCESS_DENIED` (also for a folder),
/// `ERROR_TOO_MANY_OPEN_FILES`, `ERROR_INVALID_PARAMETER` for a disposition that is none; `ERROR_NOT_SUPPORTED` for the system's devices and pipes,
/// for other rights than those of GENERIC_READ and other dispositions than OPEN_EXISTING. The sharing mode, the security attributes
/// and the template change nothing, nor do flags other than FILE_FLAG_OVERLAPPED. Waits for a disk. Any thread.
/// Microsoft: "CreateFileW function".
///
/// # Safety
/// `path` is null or NUL-terminated.
#[doc(alias = "CreateFileW")]
pub unsafe fn create_w(
    path: PCWSTR,
    access: u32,
    sharing: u32,
    _security: *const SECURITY_ATTRIBUTES,
    disposition: u32,
    flags: u32,
    _template: HANDLE,
) -> HANDLE {
    // SAFETY: the caller's contract.
    let path = unsafe { text::wide(path) };
    or(
        INVALID_HANDLE_VALUE,
        open(path, access, sharing, disposition, flags),
    )
}

/// [`create_w`] in bytes. Microsoft: "CreateFileA function".
///
/// # Safety
/// `path` is null or NUL-terminated.
#[doc(alias = "CreateFileA")]
pub unsafe fn create_a(
    path: PCSTR,
    access: u32,
    sharing: u32,
    _security: *const SECURITY_ATTRIBUTES,
    disposition: u32,
    flags: u32,
    _template: HANDLE,
) -> HANDLE {
    // SAFETY: the caller's contract.
    let path = unsafe { text::narrow(path) };
    or(
        INVALID_HANDLE_VALUE,
        open(path, access, sharing, disposition, flags),
    )
}

exports! {
    "CreateFileW" create_file_w(
        path: PCWSTR, access: u32, share: u32, security: *const SECURITY_ATTRIBUTES, disposition: u32, flags: u32, template: HANDLE
    ) -> HANDLE = INVALID_HANDLE_VALUE => create_w;
    "CreateFileA" create_file_a(
        path: PCSTR, access: u32, share: u32, security: *const SECURITY_ATTRIBUTES, disposition: u32, flags: u32, template: HANDLE
    ) -> HANDLE = INVALID_HANDLE_VALUE => create_a;
}
