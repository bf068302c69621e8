//! `CreateFileMapping`, `OpenFileMapping`, `MapViewOfFile`, `UnmapViewOfFile`, `FlushViewOfFile`.

use super::{STALE, Scratch, error_of, own_name, wide};
use core::ffi::c_void;
use std::ffi::CString;
use std::ptr::{null, null_mut};
use ws2_32::win32::{disk, event, handle, mapping, position, view};
use ws2spi_abi::*;

const READONLY: u32 = 2;
const READWRITE: u32 = 4;
const WRITECOPY: u32 = 8;
const EXECUTE_READ: u32 = 0x20;
const COPY: u32 = 1;
const WRITE: u32 = 2;
const READ: u32 = 4;
const EXECUTE: u32 = 0x20;
const MEMORY: HANDLE = INVALID_HANDLE_VALUE;
const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;

fn create(file: HANDLE, protection: u32, size: u64) -> (HANDLE, u32) {
    let (high, low) = ((size >> 32) as u32, size as u32);
    // SAFETY: neither attributes nor a name.
    error_of(|| unsafe { mapping::create_w(file, null(), protection, high, low, null()) })
}

fn created(file: HANDLE, protection: u32, size: u64) -> HANDLE {
    let (made, error) = create(file, protection, size);
    assert_eq!((made != 0, error), (true, 0));
    made
}

fn map(mapping: HANDLE, access: u32, offset: u32, bytes: usize) -> (*mut c_void, u32) {
    error_of(|| view::map_view(mapping, access, 0, offset, bytes))
}

fn unmap(address: *mut c_void) -> (BOOL, u32) {
    // SAFETY: nothing uses it afterwards.
    error_of(|| unsafe { view::unmap_view(address) })
}

/// A byte of a view.
fn byte(address: *mut c_void, at: usize) -> u8 {
    // SAFETY: the tests look at views that are as long.
    unsafe { address.cast::<u8>().wrapping_add(at).read_volatile() }
}

fn set(address: *mut c_void, at: usize, value: u8) {
    // SAFETY: the tests write into views that are as long and may be written.
    unsafe { address.cast::<u8>().wrapping_add(at).write_volatile(value) }
}

fn open(scratch: &Scratch, access: u32) -> HANDLE {
    let path = scratch.bytes();
    // SAFETY: NUL-terminated.
    let file = unsafe { disk::create_a(path.as_ptr(), access, 3, null(), 3, 0, 0) };
    assert_ne!(file, INVALID_HANDLE_VALUE);
    file
}

// MSDN "MapViewOfFile": memory is zeros, all views see one memory, and views keep it when the handle is closed.
#[test]
fn views_of_memory_share_it() {
    let made = created(MEMORY, READWRITE, 0x2_0001);
    let (first, _) = map(made, WRITE, 0, 0);
    let (second, _) = map(made, READ, 0x1_0000, 100);
    assert!(first.addr().is_multiple_of(0x1_0000) && second.addr().is_multiple_of(0x1_0000));
    assert_eq!((byte(first, 0), byte(second, 0)), (0, 0));
    set(first, 0x1_0000, 7);
    assert_eq!(byte(second, 0), 7);
    assert_eq!(handle::close(made), TRUE);
    set(first, 0x1_0001, 8);
    assert_eq!(byte(second, 1), 8);
    assert_eq!(error_of(|| view::flush_view(first, 0)), (TRUE, 0xdead));
    assert_eq!((unmap(first).0, unmap(second).0), (TRUE, TRUE));
}

// MSDN "MapViewOfFile", FILE_MAP_COPY: what is written is the view's own.
#[test]
fn a_copy_is_the_views_own() {
    let made = created(MEMORY, READWRITE, 10);
    let ((copy, _), (shared, _)) = (map(made, COPY, 0, 0), map(made, WRITE | READ, 0, 0));
    set(shared, 1, 5);
    set(copy, 0, 9);
    assert_eq!((byte(shared, 0), byte(copy, 0), byte(copy, 9)), (0, 9, 0));
    assert_eq!((unmap(copy).0, unmap(shared).0), (TRUE, TRUE));
    assert_eq!(handle::close(made), TRUE);
    let copied = created(MEMORY, WRITECOPY, 10);
    let (copy, _) = map(copied, COPY, 0, 0);
    set(copy, 0, 1);
    assert_eq!(
        map(copied, WRITE, 0, 0),
        (null_mut(), 5),
        "ERROR_ACCESS_DENIED"
    );
    assert_eq!((unmap(copy).0, handle::close(copied)), (TRUE, TRUE));
}

// MSDN "CreateFileMappingW": a file is read and written through its mapping, grows to its size, and is not cut while it is mapped.
#[test]
fn a_file_is_written_through_a_view() {
    let scratch = Scratch::with("mapped", b"0123456789");
    let file = open(&scratch, GENERIC_READ | GENERIC_WRITE);
    let made = created(file, READWRITE, 20);
    let (view, _) = map(made, WRITE, 0, 0);
    assert_eq!((byte(view, 3), byte(view, 19)), (b'3', 0));
    set(view, 3, b'!');
    set(view, 19, b'z');
    assert_eq!(view::flush_view(view, 5), TRUE);
    assert_eq!(&scratch.contents()[..5], b"012!4");
    assert_eq!(scratch.contents()[19], b'z');
    assert_eq!(
        error_of(|| position::set_end(file)),
        (FALSE, 1224),
        "ERROR_USER_MAPPED_FILE"
    );
    assert_eq!(handle::close(made), TRUE);
    assert_eq!(position::set_end(file), FALSE, "the view is there");
    assert_eq!(unmap(view).0, TRUE);
    assert_eq!(position::set_end(file), TRUE);
    assert_eq!(scratch.contents(), b"");
    assert_eq!(create(file, READWRITE, 0), (0, 1006), "ERROR_FILE_INVALID");
    assert_eq!(handle::close(file), TRUE);
}

// MSDN "CreateFileMappingW", "Return value"
#[test]
fn mappings_that_cannot_be_are_refused() {
    let scratch = Scratch::with("mapped-not", b"0123456789");
    let (reader, writer) = (open(&scratch, GENERIC_READ), open(&scratch, GENERIC_WRITE));
    // SAFETY: neither attributes nor a name.
    let event = unsafe { event::create_w(null(), TRUE, FALSE, null()) };
    for (file, protection, size, error) in [
        (MEMORY, READWRITE, 0, 87),
        (MEMORY, 0, 10, 87),
        (MEMORY, READONLY | READWRITE, 10, 87),
        (MEMORY, READWRITE | 0x100_0000, 10, 50),
        (MEMORY, READWRITE, u64::MAX, 1455),
        (0, READWRITE, 10, 6),
        (STALE, READWRITE, 10, 6),
        (event, READWRITE, 10, 6),
        (reader, READWRITE, 0, 5),
        (writer, READONLY, 0, 5),
        (reader, READONLY, 11, 8),
    ] {
        assert_eq!(
            create(file, protection, size),
            (0, error),
            "{protection:#x}"
        );
    }
    for raw in [reader, writer, event] {
        assert_eq!(handle::close(raw), TRUE);
    }
}

// MSDN "MapViewOfFileEx", "Return value": alignment, length, rights, and what is no mapping.
#[test]
fn views_that_cannot_be_are_refused() {
    let made = created(MEMORY, READONLY, 0x3_0000);
    let none = |error| (null_mut(), error);
    assert_eq!(
        map(made, READ, 0x1000, 0),
        none(1132),
        "ERROR_MAPPED_ALIGNMENT"
    );
    assert_eq!(map(made, READ, 0, 0x3_0001), none(5));
    assert_eq!(map(made, READ, 0x3_0000, 0), none(5));
    assert_eq!(map(made, WRITE, 0, 0), none(5));
    assert_eq!(map(made, READ | EXECUTE, 0, 0), none(5));
    assert_eq!(map(STALE, READ, 0, 0), none(6));
    // SAFETY: neither attributes nor a name.
    let event = unsafe { event::create_w(null(), TRUE, FALSE, null()) };
    assert_eq!(map(event, READ, 0, 0), none(6));
    let (taken, _) = map(made, READ, 0, 0x2_0000);
    let at = |base: usize| {
        let base = std::ptr::with_exposed_provenance_mut(base);
        error_of(|| view::map_view_at(made, READ, 0, 0, 0x1_0000, base))
    };
    assert_eq!(at(taken.addr()), none(487), "ERROR_INVALID_ADDRESS");
    assert_eq!(at(taken.addr() + 1), none(1132));
    assert_eq!(unmap(taken).0, TRUE);
    assert_eq!((handle::close(made), handle::close(event)), (TRUE, TRUE));
}

// MSDN "MapViewOfFileEx", lpBaseAddress: a view lies where it is asked for.
#[test]
fn a_view_lies_where_it_is_asked_for() {
    let (made, runs) = (
        created(MEMORY, READWRITE, 0x2_0000),
        created(MEMORY, EXECUTE_READ, 1),
    );
    // The kernel's own choice, given back: it is free unless another thread was faster, which one of many rounds is spared.
    let lies_there = (0..1000).any(|_| {
        let (wide, _) = map(made, READ, 0, 0);
        let place = wide.wrapping_byte_add(0x1_0000);
        assert_eq!(unmap(place).0, TRUE, "any address of the view does");
        let (again, error) = error_of(|| view::map_view_at(made, READ, 0, 0, 1, place));
        if again.is_null() {
            assert_eq!(error, 487, "ERROR_INVALID_ADDRESS: it was taken");
            return false;
        }
        assert_eq!((again, unmap(again).0), (place, TRUE));
        true
    });
    assert!(lies_there, "no view lay where it was asked for");
    let (code, _) = map(runs, READ | EXECUTE, 0, 0);
    assert_eq!((byte(code, 0), unmap(code).0), (0, TRUE));
    assert_eq!((handle::close(made), handle::close(runs)), (TRUE, TRUE));
}

// MSDN "UnmapViewOfFile", "FlushViewOfFile": ERROR_INVALID_ADDRESS for what is no view.
#[test]
fn only_views_are_unmapped_and_flushed() {
    let made = created(MEMORY, READWRITE, 10);
    let (view, _) = map(made, READ, 0, 0);
    let refused = (FALSE, 487);
    assert_eq!(error_of(|| view::flush_view(view, 0x10_0000)), refused);
    assert_eq!((unmap(view).0, unmap(view)), (TRUE, refused));
    assert_eq!(error_of(|| view::flush_view(view, 0)), refused);
    let local = (&raw const refused).cast_mut().cast();
    assert_eq!((unmap(local), unmap(null_mut())), (refused, refused));
    assert_eq!(handle::close(made), TRUE);
}

// MSDN "CreateFileMappingW", lpName, "OpenFileMappingW": the mapping that exists, with its own size; ERROR_FILE_NOT_FOUND.
#[test]
fn a_mapping_is_found_by_its_name() {
    let name = own_name("names of mappings");
    let (units, bytes) = (wide(&name), CString::new(name).expect("no NUL"));
    let bytes = bytes.as_ptr().cast();
    // SAFETY: a NUL-terminated name.
    let create =
        |size| unsafe { mapping::create_w(MEMORY, null(), READWRITE, 0, size, units.as_ptr()) };
    let (first, error) = error_of(|| create(0x2_0000));
    assert_eq!((first != 0, error), (true, 0));
    let (again, error) = error_of(|| create(1));
    assert_eq!((again != 0, error), (true, 183), "ERROR_ALREADY_EXISTS");
    // SAFETY: as above.
    let narrow = error_of(|| unsafe { mapping::create_a(MEMORY, null(), READWRITE, 0, 1, bytes) });
    assert_eq!((narrow.0 != 0, narrow.1), (true, 183));
    // SAFETY: as above.
    let opened = unsafe { mapping::open_w(WRITE, FALSE, units.as_ptr()) };
    // SAFETY: as above.
    let opened_a = unsafe { mapping::open_a(WRITE, FALSE, bytes) };
    let ((here, _), (there, _)) = (map(again, WRITE, 0x1_0000, 0), map(opened_a, READ, 0, 0));
    set(here, 0, 42);
    assert_eq!(byte(there, 0x1_0000), 42);
    // SAFETY: as above.
    let event = error_of(|| unsafe { event::create_a(null(), TRUE, TRUE, bytes) });
    assert_eq!(event, (0, 6), "the name is a mapping's");
    for raw in [first, again, narrow.0, opened, opened_a] {
        assert_eq!(handle::close(raw), TRUE);
    }
    // SAFETY: as above.
    let gone = error_of(|| unsafe { mapping::open_w(READ, FALSE, units.as_ptr()) });
    assert_eq!(gone, (0, 2));
    assert_eq!((unmap(here).0, unmap(there).0), (TRUE, TRUE));
}
