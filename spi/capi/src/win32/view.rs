//! Views of file mappings: `MapViewOfFile`, `UnmapViewOfFile`, `FlushViewOfFile`.
//!
//! A view is the system's mapping (mmap) at an address that is a multiple of 65,536, as on Windows. The views of the process are in a
//! list, so that an address that is none is an error and nothing else.

use super::mapping::Mapping;
use super::{or, truth};
use crate::table::exports;
use core::ffi::c_void;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::os::fd::AsRawFd;
use std::ptr::null_mut;
use std::sync::Arc;
use ws2spi_abi::*;
use ws2spi_kernel::handles;

/// `dwDesiredAccess`.
const FILE_MAP_COPY: u32 = 0x1;
const FILE_MAP_WRITE: u32 = 0x2;
const FILE_MAP_READ: u32 = 0x4;
const FILE_MAP_EXECUTE: u32 = 0x20;
/// Of which addresses and offsets are multiples.
const GRANULARITY: u64 = 0x1_0000;

/// A part of the address space, which is given back when dropped.
#[derive(Debug)]
struct Region {
    address: usize,
    length: usize,
}

impl Drop for Region {
    fn drop(&mut self) {
        if self.length > 0 {
            // SAFETY: it is this value's own, and who uses it still breaks the contract of `UnmapViewOfFile`.
            unsafe { libc::munmap(pointer(self.address), self.length) };
        }
    }
}

/// A view.
struct View {
    region: Region,
    _mapping: Arc<Mapping>,
}

/// The views by address.
static VIEWS: Mutex<BTreeMap<usize, View>> = Mutex::new(BTreeMap::new());

fn pointer(address: usize) -> *mut c_void {
    std::ptr::with_exposed_provenance_mut(address)
}

/// Which part of a mapping is mapped, how and where.
struct Wanted {
    access: u32,
    offset: u64,
    bytes: usize,
    base: usize,
}

/// The system's protection and flags for a view.
///
/// # Errors
/// `ERROR_ACCESS_DENIED` when the mapping does not allow it.
fn protection(mapping: &Mapping, access: u32) -> Result<(i32, i32), Errno> {
    let allowed = mapping.protection;
    let writes = access & FILE_MAP_WRITE != 0;
    let executes = access & FILE_MAP_EXECUTE != 0;
    if (writes && !allowed.write) || (executes && !allowed.execute) {
        return Err(Errno::ACCESS_DENIED);
    }
    let (bits, sharing) = if writes {
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED)
    } else if access & FILE_MAP_COPY != 0 {
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE)
    } else if access & (FILE_MAP_READ | FILE_MAP_EXECUTE) != 0 {
        (libc::PROT_READ, libc::MAP_SHARED)
    } else {
        (libc::PROT_NONE, libc::MAP_SHARED)
    };
    let execute = if executes { libc::PROT_EXEC } else { 0 };
    Ok((bits | execute, sharing))
}

/// Maps what is wanted. The address of the view.
fn map(handle: HANDLE, wanted: &Wanted) -> Result<usize, Errno> {
    let object = handles::pin(handle).and_then(|pinned| pinned.object().cloned());
    let mapping = object.and_then(|object| object.downcast::<Mapping>());
    let mapping = mapping.ok_or(Errno::INVALID_HANDLE)?;
    let aligned = |at: u64| at.is_multiple_of(GRANULARITY);
    if !aligned(wanted.offset) || !aligned(wanted.base as u64) {
        return Err(Errno::MAPPED_ALIGNMENT);
    }
    let (bits, sharing) = protection(&mapping, wanted.access)?;
    let rest = mapping.length.checked_sub(wanted.offset);
    let rest = rest.filter(|rest| *rest > 0).ok_or(Errno::ACCESS_DENIED)?;
    let length = match wanted.bytes as u64 {
        0 => rest,
        bytes if bytes <= rest => bytes,
        _ => return Err(Errno::ACCESS_DENIED),
    };
    let length = usize::try_from(length).map_err(|_| Errno::NOT_ENOUGH_MEMORY)?;
    let region = reserve(wanted.base, length)?;
    let at = pointer(region.address);
    let descriptor = mapping.memory.as_raw_fd();
    let place = libc::off_t::try_from(wanted.offset).map_err(|_| Errno::INVALID_PARAMETER)?;
    let flags = sharing | libc::MAP_FIXED;
    // SAFETY: over a region that was reserved for this.
    let made = unsafe { libc::mmap(at, region.length, bits, flags, descriptor, place) };
    if made == libc::MAP_FAILED {
        return Err(match std::io::Error::last_os_error().raw_os_error() {
            Some(libc::EACCES | libc::EPERM) => Errno::ACCESS_DENIED,
            _ => Errno::NOT_ENOUGH_MEMORY,
        });
    }
    let address = region.address;
    let view = View {
        region,
        _mapping: mapping,
    };
    VIEWS.lock().insert(address, view);
    Ok(address)
}

/// Reserves addresses from a multiple of [`GRANULARITY`] on, at `base` unless that is 0.
///
/// # Errors
/// `ERROR_INVALID_ADDRESS` when those at `base` are not free, `ERROR_NOT_ENOUGH_MEMORY`.
fn reserve(base: usize, length: usize) -> Result<Region, Errno> {
    let slack = GRANULARITY as usize;
    let length = length.checked_next_multiple_of(page());
    let length = length.ok_or(Errno::NOT_ENOUGH_MEMORY)?;
    if base != 0 {
        let region = reserved(pointer(base), length).ok_or(Errno::INVALID_ADDRESS)?;
        return if region.address == base {
            Ok(region)
        } else {
            Err(Errno::INVALID_ADDRESS)
        };
    }
    let wide = length.checked_add(slack).ok_or(Errno::NOT_ENOUGH_MEMORY)?;
    let mut wide = reserved(null_mut(), wide).ok_or(Errno::NOT_ENOUGH_MEMORY)?;
    let address = wide.address.next_multiple_of(slack);
    let before = Region {
        address: wide.address,
        length: address - wide.address,
    };
    let after = Region {
        address: address + length,
        length: wide.length - before.length - length,
    };
    drop((before, after));
    wide.address = address;
    wide.length = length;
    Ok(wide)
}

fn reserved(hint: *mut c_void, length: usize) -> Option<Region> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANON;
    // SAFETY: nothing is replaced: the address is a hint.
    let made = unsafe { libc::mmap(hint, length, libc::PROT_NONE, flags, -1, 0) };
    (made != libc::MAP_FAILED).then(|| Region {
        address: made.expose_provenance(),
        length,
    })
}

/// The system's size of a page.
fn page() -> usize {
    // SAFETY: no pointers.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096)
}

/// Maps a part of a file mapping into memory, from `offset` on, `bytes` long or to its end for 0; its address, or NULL on failure. It is a
/// multiple of 65,536. The view keeps the mapping, also without a handle.
///
/// `ERROR_INVALID_HANDLE` (no file mapping), `ERROR_MAPPED_ALIGNMENT` (the offset is no multiple of 65,536), `ERROR_ACCESS_DENIED` (the
/// mapping does not allow it, or ends before), `ERROR_NOT_ENOUGH_MEMORY`. Any thread. Microsoft: "MapViewOfFile function".
#[doc(alias = "MapViewOfFile")]
pub fn map_view(mapping: HANDLE, access: u32, high: u32, low: u32, bytes: usize) -> *mut c_void {
    map_view_at(mapping, access, high, low, bytes, null_mut())
}

/// Maps as [`map_view`] does, at `base` unless that is NULL: `ERROR_MAPPED_ALIGNMENT` when that is no multiple of 65,536 and
/// `ERROR_INVALID_ADDRESS` when the addresses from there on are not free. Microsoft: "MapViewOfFileEx function".
#[doc(alias = "MapViewOfFileEx")]
pub fn map_view_at(
    mapping: HANDLE,
    access: u32,
    high: u32,
    low: u32,
    bytes: usize,
    base: *mut c_void,
) -> *mut c_void {
    let wanted = Wanted {
        access,
        offset: u64::from(high) << 32 | u64::from(low),
        bytes,
        base: base.addr(),
    };
    or(null_mut(), map(mapping, &wanted).map(pointer))
}

/// The beginning of the view that an address is in, and how much of it is behind the address.
fn around(views: &BTreeMap<usize, View>, address: usize) -> Option<(usize, usize)> {
    let (start, view) = views.range(..=address).next_back()?;
    let inside = address - start;
    let rest = view.region.length.checked_sub(inside)?;
    (rest > 0).then_some((*start, rest))
}

/// Ends the view that an address is in. `ERROR_INVALID_ADDRESS`: there is none. Any thread. Microsoft: "UnmapViewOfFile function".
///
/// # Safety
/// Nobody uses the memory of the view any more.
#[doc(alias = "UnmapViewOfFile")]
pub unsafe fn unmap_view(address: *const c_void) -> BOOL {
    let mut views = VIEWS.lock();
    let found = around(&views, address.addr()).and_then(|(start, _)| views.remove(&start));
    drop(views);
    truth(found.map(drop).ok_or(Errno::INVALID_ADDRESS))
}

/// Writes what was changed in a part of a view into its file, from an address on and to the end of the view for 0 bytes.
/// `ERROR_INVALID_ADDRESS`: there is no such part. Waits for a disk. Any thread. Microsoft: "FlushViewOfFile function".
#[doc(alias = "FlushViewOfFile")]
pub fn flush_view(address: *const c_void, bytes: usize) -> BOOL {
    let flush = || {
        let address = address.addr();
        let views = VIEWS.lock();
        let (_, rest) = around(&views, address).ok_or(Errno::INVALID_ADDRESS)?;
        if bytes > rest {
            return Err(Errno::INVALID_ADDRESS);
        }
        let bytes = if bytes == 0 { rest } else { bytes };
        let start = address - address % page();
        let length = address - start + bytes;
        // Not with the list locked: it may take long. Memory that is unmapped meanwhile is an error and nothing else.
        drop(views);
        // SAFETY: it reads no memory of the program's.
        let done = unsafe { libc::msync(pointer(start), length, libc::MS_SYNC) };
        if done == 0 {
            Ok(())
        } else {
            Err(Errno::INVALID_ADDRESS)
        }
    };
    truth(flush())
}

exports! {
    "MapViewOfFile" map_view_of_file(mapping: HANDLE, access: u32, high: u32, low: u32, bytes: usize) -> *mut c_void = null_mut() => map_view;
    "MapViewOfFileEx" map_view_of_file_ex(
        mapping: HANDLE, access: u32, high: u32, low: u32, bytes: usize, base: *mut c_void
    ) -> *mut c_void = null_mut() => map_view_at;
    "UnmapViewOfFile" unmap_view_of_file(address: *const c_void) -> BOOL = FALSE => unmap_view;
    "FlushViewOfFile" flush_view_of_file(address: *const c_void, bytes: usize) -> BOOL = FALSE => flush_view;
}
