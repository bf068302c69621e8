//! `CreateFile`: devices of the program's own, and files.

use super::{device, last_error, or};
use crate::table::exports;
use crate::text;
use std::path::Path;
use std::sync::Arc;
use ws2spi_abi::*;
use ws2spi_kernel::device::{Opening as DeviceOpening, is_device_path};
use ws2spi_kernel::file::{Access, DiskFile, Disposition, Found, Opening, Overlapping, Uses};
use ws2spi_kernel::handles;

/// `dwFlagsAndAttributes`.
const FILE_FLAG_OVERLAPPED: u32 = 0x4000_0000;
const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
const FILE_ATTRIBUTE_READONLY: u32 = 1;
const GENERIC_WRITE: u32 = 0x4000_0000;
/// `NtCreateFile`'s options.
const FILE_SYNCHRONOUS_IO_NONALERT: u32 = 0x20;
const FILE_NON_DIRECTORY_FILE: u32 = 0x40;

/// How `CreateFile` is called.
struct Call {
    path: Option<String>,
    access: u32,
    sharing: u32,
    disposition: u32,
    flags: u32,
}

fn open(call: Call) -> Result<HANDLE, Errno> {
    let path = call
        .path
        .filter(|path| !path.is_empty())
        .ok_or(Errno::PATH_NOT_FOUND)?;
    let disposition = match call.disposition {
        1 => Disposition::New,
        2 => Disposition::Emptied,
        3 => Disposition::Existing,
        4 => Disposition::Any,
        5 if call.access & GENERIC_WRITE != 0 => Disposition::ExistingEmptied,
        _ => return Err(Errno::INVALID_PARAMETER),
    };
    let overlapping = if call.flags & FILE_FLAG_OVERLAPPED != 0 {
        Overlapping::Allowed
    } else {
        Overlapping::Synchronous
    };
    if is_device_path(&path) {
        let opening = device_opening(call.access, call.sharing, disposition, overlapping);
        return device::open(&path, opening, overlapping);
    }
    let delete_on_close = call.flags & FILE_FLAG_DELETE_ON_CLOSE != 0;
    let mut access = Access::from_rights(call.access);
    access.delete |= delete_on_close;
    let opening = Opening {
        access,
        shared: Uses::from_bits(call.sharing),
        disposition,
        overlapping,
        delete_on_close,
        read_only: call.flags & FILE_ATTRIBUTE_READONLY != 0,
    };
    let (file, found) = DiskFile::create(Path::new(&path), &opening)?;
    let handle = handles::insert(Arc::new(file)).map_err(|_| Errno::NOT_ENOUGH_MEMORY)?;
    let was_there = found == Found::Existing;
    let tells = matches!(disposition, Disposition::Emptied | Disposition::Any);
    last_error::replace(if was_there && tells {
        Errno::ALREADY_EXISTS.code().cast_unsigned()
    } else {
        0
    });
    Ok(handle.raw())
}

/// What `CreateFile` asks of a driver: as `NtCreateFile` says it.
fn device_opening(
    access: u32,
    sharing: u32,
    disposition: Disposition,
    overlapping: Overlapping,
) -> DeviceOpening<'static> {
    let synchronous = match overlapping {
        Overlapping::Synchronous => FILE_SYNCHRONOUS_IO_NONALERT,
        Overlapping::Allowed => 0,
    };
    DeviceOpening {
        path: "",
        access,
        sharing,
        // FILE_OPEN, FILE_CREATE, FILE_OPEN_IF, FILE_OVERWRITE, FILE_OVERWRITE_IF.
        disposition: match disposition {
            Disposition::Existing => 1,
            Disposition::New => 2,
            Disposition::Any => 3,
            Disposition::ExistingEmptied => 4,
            Disposition::Emptied => 5,
        },
        options: FILE_NON_DIRECTORY_FILE | synchronous,
        extended: &[],
    }
}

/// Opens a device of the program's own (`\\.\Name`, `\Device\Name`; the driver decides, and looks at rights and sharing), or opens or
/// makes a file; `INVALID_HANDLE_VALUE` on failure. Paths are the system's. With a file, the last error is `ERROR_ALREADY_EXISTS` after
/// CREATE_ALWAYS and OPEN_ALWAYS of one that existed, otherwise 0.
///
/// `ERROR_PATH_NOT_FOUND` (also without a path), `ERROR_FILE_NOT_FOUND`, `ERROR_FILE_EXISTS`, `ERROR_ACCESS_DENIED` (also for a folder),
/// `ERROR_SHARING_VIOLATION`, `ERROR_USER_MAPPED_FILE` (it is mapped, and would be emptied), `ERROR_TOO_MANY_OPEN_FILES`,
/// `ERROR_DISK_FULL`, `ERROR_INVALID_PARAMETER` for a disposition that is none and for TRUNCATE_EXISTING without GENERIC_WRITE;
/// `ERROR_NOT_SUPPORTED` for the system's devices and pipes. Of the flags count FILE_FLAG_OVERLAPPED, FILE_FLAG_DELETE_ON_CLOSE, and
/// FILE_ATTRIBUTE_READONLY for a new file; the security attributes and the template change nothing. Waits for a disk. Any thread.
/// Microsoft: "CreateFileW function".
///
/// DIFFERS: sharing modes are between the handles of this process. A handle with FILE_FLAG_OVERLAPPED has a position as well.
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
    let call = Call {
        // SAFETY: the caller's contract.
        path: unsafe { text::wide(path) },
        access,
        sharing,
        disposition,
        flags,
    };
    or(INVALID_HANDLE_VALUE, open(call))
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
    let call = Call {
        // SAFETY: the caller's contract.
        path: unsafe { text::narrow(path) },
        access,
        sharing,
        disposition,
        flags,
    };
    or(INVALID_HANDLE_VALUE, open(call))
}

exports! {
    "CreateFileW" create_file_w(
        path: PCWSTR, access: u32, share: u32, security: *const SECURITY_ATTRIBUTES, disposition: u32, flags: u32, template: HANDLE
    ) -> HANDLE = INVALID_HANDLE_VALUE => create_w;
    "CreateFileA" create_file_a(
        path: PCSTR, access: u32, share: u32, security: *const SECURITY_ATTRIBUTES, disposition: u32, flags: u32, template: HANDLE
    ) -> HANDLE = INVALID_HANDLE_VALUE => create_a;
}
