//! File mappings: `CreateFileMapping`, `OpenFileMapping`. [`super::view`] maps them.
//!
//! A mapping is memory, or a file that `CreateFile` opened. It lives as long as handles or views of it. Its name is in the name space of
//! all objects; that of memory is seen by other processes of the user, that of a file's mapping is the process's own.

#[cfg_attr(target_os = "linux", path = "mapping/memfd.rs")]
#[cfg_attr(not(target_os = "linux"), path = "mapping/shm.rs")]
mod anonymous;

use super::name;
use crate::table::exports;
use std::fs::File;
use std::sync::Arc;
use ws2spi_abi::*;
use ws2spi_kernel::file::{Contents, DiskFile, Mapped};
use ws2spi_kernel::handles::{self, HandleCount, Kind, Object};
use ws2spi_kernel::names::{self, Created, Named, Naming};
use ws2spi_kernel::session::{Initial, Shared, Sort};

/// `flProtect`.
const PAGE_READONLY: u32 = 0x02;
const PAGE_READWRITE: u32 = 0x04;
const PAGE_WRITECOPY: u32 = 0x08;
const PAGE_EXECUTE_READ: u32 = 0x20;
const PAGE_EXECUTE_READWRITE: u32 = 0x40;
const PAGE_EXECUTE_WRITECOPY: u32 = 0x80;
const SEC_IMAGE: u32 = 0x0100_0000;
const SEC_RESERVE: u32 = 0x0400_0000;
const SEC_COMMIT: u32 = 0x0800_0000;
const SEC_LARGE_PAGES: u32 = 0x8000_0000;
/// Of which the length of memory is a multiple.
const PAGE: u64 = 4096;

/// What views of a mapping may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Protection {
    /// Write what all see. Reading, and writing what only the view sees, is always allowed.
    pub(super) write: bool,
    /// Run it.
    pub(super) execute: bool,
}

/// A file mapping.
#[derive(Debug)]
pub(super) struct Mapping {
    naming: Naming,
    pub(super) memory: File,
    pub(super) length: u64,
    pub(super) protection: Protection,
    /// Keeps the file as long as it has to be.
    _mapped: Option<Mapped>,
    /// The share in memory that other processes may have.
    shared: Option<Shared>,
}

impl Object for Mapping {
    fn kind(&self) -> Kind {
        Kind::Other
    }

    fn handles(&self) -> Option<&HandleCount> {
        Some(self.naming.handles())
    }

    fn shared(&self) -> Option<&Shared> {
        self.shared.as_ref()
    }

    fn last_closed(&self) {
        names::last_closed(self);
    }
}

impl Named for Mapping {
    fn naming(&self) -> &Naming {
        &self.naming
    }

    fn from_shared(shared: Shared) -> Option<Self> {
        if shared.sort() != Some(Sort::Mapping) {
            return None;
        }
        Some(Self {
            naming: Naming::new(),
            memory: shared.memory().ok()?,
            length: shared.length(),
            protection: protection_of(shared.value()).ok()?,
            _mapped: None,
            shared: Some(shared),
        })
    }
}

/// # Errors
/// `ERROR_INVALID_PARAMETER` for what is none, `ERROR_NOT_SUPPORTED` for images and large pages.
fn protection_of(bits: u32) -> Result<Protection, Errno> {
    if bits & (SEC_IMAGE | SEC_LARGE_PAGES) != 0 {
        return Err(Errno::NOT_SUPPORTED);
    }
    // DIFFERS: SEC_RESERVE is SEC_COMMIT, and others change nothing: memory is taken when it is first touched.
    let section = SEC_RESERVE | SEC_COMMIT | 0xff00_0000;
    let (write, execute) = match bits & !section {
        PAGE_READONLY | PAGE_WRITECOPY => (false, false),
        PAGE_READWRITE => (true, false),
        PAGE_EXECUTE_READ | PAGE_EXECUTE_WRITECOPY => (false, true),
        PAGE_EXECUTE_READWRITE => (true, true),
        _ => return Err(Errno::INVALID_PARAMETER),
    };
    Ok(Protection { write, execute })
}

/// A mapping of memory.
fn of_memory(length: u64, protection: Protection) -> Result<Mapping, Errno> {
    let memory = anonymous::file().map_err(|_| Errno::NOT_ENOUGH_MEMORY)?;
    memory
        .set_len(length)
        .map_err(|_| Errno::COMMITMENT_LIMIT)?;
    Ok(Mapping {
        naming: Naming::new(),
        memory,
        length,
        protection,
        _mapped: None,
        shared: None,
    })
}

/// How long memory is for a length that was asked for.
fn whole_pages(length: u64) -> Result<u64, Errno> {
    if length == 0 {
        return Err(Errno::INVALID_PARAMETER);
    }
    length
        .checked_next_multiple_of(PAGE)
        .filter(|length| *length <= i64::MAX as u64)
        .ok_or(Errno::COMMITMENT_LIMIT)
}

/// A mapping of a file, which becomes as long as the mapping.
fn of_file(handle: HANDLE, length: u64, protection: Protection) -> Result<Mapping, Errno> {
    let object = handles::pin(handle).and_then(|pinned| pinned.object().cloned());
    let object = object.filter(|object| object.as_file().is_some());
    let object = object.ok_or(Errno::INVALID_HANDLE)?;
    let file = object
        .downcast_ref::<DiskFile>()
        .ok_or(Errno::BAD_EXE_FORMAT)?;
    let access = file.access();
    if !access.read || (protection.write && !access.write) {
        return Err(Errno::ACCESS_DENIED);
    }
    let mapped = file.map(length, protection.write)?;
    let descriptor = file.descriptor().ok_or(Errno::BAD_EXE_FORMAT)?;
    let memory = descriptor
        .try_clone_to_owned()
        .map_err(|_| Errno::NOT_ENOUGH_MEMORY)?;
    Ok(Mapping {
        naming: Naming::new(),
        memory: memory.into(),
        length: mapped.length(),
        protection,
        _mapped: Some(mapped),
        shared: None,
    })
}

fn create(file: HANDLE, bits: u32, high: u32, low: u32, given: name::Given) -> HANDLE {
    let create = || -> Result<Created, Errno> {
        let protection = protection_of(bits)?;
        let name = name::for_new(given)?;
        let length = u64::from(high) << 32 | u64::from(low);
        if file != INVALID_HANDLE_VALUE {
            let mapping = of_file(file, length, protection)?;
            return names::create(name, Arc::new(mapping), None);
        }
        let initial = Initial {
            length: whole_pages(length)?,
            ..Initial::new(Sort::Mapping, bits)
        };
        let mapping = of_memory(initial.length, protection)?;
        names::create(name, Arc::new(mapping), Some(initial))
    };
    name::created(create())
}

/// Creates a mapping of a file, of all its length with a size of 0, or, for `INVALID_HANDLE_VALUE`, of memory, which is zeros at first; 0
/// on failure. A file becomes as long as its mapping.
///
/// `ERROR_INVALID_PARAMETER` (the protection; memory without a size), `ERROR_INVALID_HANDLE` (no file), `ERROR_BAD_EXE_FORMAT` (a socket or
/// a device), `ERROR_ACCESS_DENIED` (the handle has fewer rights), `ERROR_FILE_INVALID` (the file is empty), `ERROR_NOT_ENOUGH_MEMORY` (it
/// is too short and may not be written), `ERROR_DISK_FULL`, `ERROR_COMMITMENT_LIMIT`, `ERROR_NOT_SUPPORTED` (images, large pages). Names,
/// `ERROR_ALREADY_EXISTS` and their errors are those of [`CreateEventW`](super::event::create_w). Attributes are ignored. Waits for a disk; any thread. Microsoft: "CreateFileMappingW function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "CreateFileMappingW")]
pub unsafe fn create_w(
    file: HANDLE,
    _attributes: *const SECURITY_ATTRIBUTES,
    protection: u32,
    high: u32,
    low: u32,
    name: PCWSTR,
) -> HANDLE {
    // SAFETY: the caller's contract.
    create(file, protection, high, low, unsafe { name::given_w(name) })
}

/// [`create_w`] in bytes. Microsoft: "CreateFileMappingA function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "CreateFileMappingA")]
pub unsafe fn create_a(
    file: HANDLE,
    _attributes: *const SECURITY_ATTRIBUTES,
    protection: u32,
    high: u32,
    low: u32,
    name: PCSTR,
) -> HANDLE {
    // SAFETY: the caller's contract.
    create(file, protection, high, low, unsafe { name::given_a(name) })
}

/// Opens a handle to the mapping of that name; errors as [`OpenEventW`](super::event::open_w). Access and inheritance are accepted: every
/// handle has the rights that the mapping was created with. Microsoft: "OpenFileMappingW function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "OpenFileMappingW")]
pub unsafe fn open_w(_access: u32, _inherit: BOOL, name: PCWSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    name::opened::<Mapping>(unsafe { name::given_w(name) })
}

/// [`open_w`] in bytes. Microsoft: "OpenFileMappingA function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "OpenFileMappingA")]
pub unsafe fn open_a(_access: u32, _inherit: BOOL, name: PCSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    name::opened::<Mapping>(unsafe { name::given_a(name) })
}

exports! {
    "CreateFileMappingW" create_file_mapping_w(
        file: HANDLE, attributes: *const SECURITY_ATTRIBUTES, protection: u32, high: u32, low: u32, name: PCWSTR
    ) -> HANDLE = 0 => create_w;
    "CreateFileMappingA" create_file_mapping_a(
        file: HANDLE, attributes: *const SECURITY_ATTRIBUTES, protection: u32, high: u32, low: u32, name: PCSTR
    ) -> HANDLE = 0 => create_a;
    "OpenFileMappingW" open_file_mapping_w(access: u32, inherit: BOOL, name: PCWSTR) -> HANDLE = 0 => open_w;
    "OpenFileMappingA" open_file_mapping_a(access: u32, inherit: BOOL, name: PCSTR) -> HANDLE = 0 => open_a;
}
