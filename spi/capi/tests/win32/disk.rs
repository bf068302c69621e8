//! `CreateFile`, and reading what it opened.

use super::{Scratch, error_of, wide};
use std::os::unix::ffi::OsStrExt;
use std::ptr::{null, null_mut};
use ws2_32::win32::{disk, file, handle};
use ws2spi_abi::*;

const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const DELETE: u32 = 0x1_0000;
const FILE_APPEND_DATA: u32 = 4;
const CREATE_NEW: u32 = 1;
const CREATE_ALWAYS: u32 = 2;
const OPEN_EXISTING: u32 = 3;
const OPEN_ALWAYS: u32 = 4;
const TRUNCATE_EXISTING: u32 = 5;

fn open_as(path: &[u8], access: u32, disposition: u32) -> HANDLE {
    let path = [path, b"\0"].concat();
    // SAFETY: NUL-terminated.
    unsafe { disk::create_a(path.as_ptr(), access, 0, null(), disposition, 0, 0) }
}

fn read(file: HANDLE, size: u32, at: Option<u32>) -> (BOOL, Vec<u8>) {
    let (mut room, mut count) = (vec![0; size as usize], 0);
    let mut block = OVERLAPPED {
        Offset: at.unwrap_or(0),
        ..OVERLAPPED::EMPTY
    };
    let block = if at.is_some() {
        &raw mut block
    } else {
        null_mut()
    };
    // SAFETY: as much room as is said, live locals.
    let done = unsafe { file::read(file, room.as_mut_ptr(), size, &raw mut count, block) };
    room.truncate(count as usize);
    (done, room)
}

// MSDN "CreateFileW", "ReadFile": reads follow each other, and with an OVERLAPPED they begin where it says.
#[test]
fn a_file_is_read_from_its_position_or_from_an_offset() {
    let scratch = Scratch::with("read", b"0123456789");
    let path = wide(scratch.0.to_str().expect("a plain path"));
    // SAFETY: NUL-terminated.
    let file =
        unsafe { disk::create_w(path.as_ptr(), GENERIC_READ, 1, null(), OPEN_EXISTING, 0, 0) };
    assert_ne!(file, INVALID_HANDLE_VALUE);
    assert_eq!(read(file, 4, None), (TRUE, b"0123".to_vec()));
    assert_eq!(read(file, 3, None), (TRUE, b"456".to_vec()));
    assert_eq!(read(file, 4, Some(1)), (TRUE, b"1234".to_vec()));
    assert_eq!(read(file, 9, None), (TRUE, b"56789".to_vec()));
    assert_eq!(read(file, 9, None), (TRUE, Vec::new()), "the end");
    assert_eq!(
        error_of(|| read(file, 9, Some(10)).0),
        (FALSE, 38),
        "ERROR_HANDLE_EOF"
    );
    assert_eq!(handle::close(file), TRUE);
}

// MSDN "CreateFileA", "Return value"
#[test]
fn what_cannot_be_opened_is_refused() {
    let scratch = Scratch::with("refuse", b"");
    let path = scratch.0.as_os_str().as_bytes().to_vec();
    let beside = [&path[..], b"-not"].concat();
    let below = [&path[..], b"/x"].concat();
    for (path, access, disposition, error) in [
        (&b""[..], GENERIC_READ, OPEN_EXISTING, 3),
        (b"/nothing/here", GENERIC_READ, OPEN_EXISTING, 3),
        (&beside, GENERIC_READ, OPEN_EXISTING, 2),
        (&below, GENERIC_READ, OPEN_EXISTING, 3),
        (b"/", GENERIC_READ, OPEN_EXISTING, 5),
        (b"/dev/null", GENERIC_READ, OPEN_EXISTING, 50),
        (&path, GENERIC_READ, CREATE_NEW, 80),
        (b"/", GENERIC_WRITE, CREATE_ALWAYS, 5),
        (&beside, GENERIC_WRITE, TRUNCATE_EXISTING, 2),
        (&path, GENERIC_READ, TRUNCATE_EXISTING, 87),
        (&path, GENERIC_READ, 0, 87),
        (&path, GENERIC_READ, 6, 87),
    ] {
        let answer = error_of(|| open_as(path, access, disposition));
        assert_eq!(answer, (INVALID_HANDLE_VALUE, error), "{path:?}");
    }
    // SAFETY: null.
    let nothing =
        || unsafe { disk::create_w(null(), GENERIC_READ, 0, null(), OPEN_EXISTING, 0, 0) };
    assert_eq!(error_of(nothing), (INVALID_HANDLE_VALUE, 3));
}

fn open_shared(path: &Scratch, access: u32, sharing: u32, disposition: u32) -> (HANDLE, u32) {
    let path = path.bytes();
    // SAFETY: NUL-terminated.
    error_of(|| unsafe {
        disk::create_a(path.as_ptr(), access, sharing, null(), disposition, 0, 0)
    })
}

fn write(file: HANDLE, bytes: &[u8], at: Option<(u32, u32)>) -> (BOOL, u32) {
    let mut count = 0;
    let (low, high) = at.unwrap_or_default();
    let mut block = OVERLAPPED {
        Offset: low,
        OffsetHigh: high,
        ..OVERLAPPED::EMPTY
    };
    let block = if at.is_some() {
        &raw mut block
    } else {
        null_mut()
    };
    let (buffer, len) = (bytes.as_ptr(), bytes.len() as u32);
    // SAFETY: as many bytes as are said, live locals.
    let done = unsafe { file::write(file, buffer, len, &raw mut count, block) };
    (done, count)
}

// MSDN "WriteFile": at the position, which goes along, at the offset of an OVERLAPPED, at the end for all ones there.
#[test]
fn a_file_is_written_at_its_position_at_an_offset_or_at_its_end() {
    let scratch = Scratch::new("write");
    let (file, error) = open_shared(&scratch, GENERIC_READ | GENERIC_WRITE, 0, CREATE_NEW);
    assert_eq!((file != INVALID_HANDLE_VALUE, error), (true, 0));
    assert_eq!(write(file, b"0123", None), (TRUE, 4));
    assert_eq!(write(file, b"4567", None), (TRUE, 4));
    assert_eq!(write(file, b"xy", Some((1, 0))), (TRUE, 2));
    assert_eq!(write(file, b"!", None), (TRUE, 1), "behind the last one");
    assert_eq!(write(file, b"end", Some((u32::MAX, u32::MAX))), (TRUE, 3));
    assert_eq!(read(file, 20, Some(0)), (TRUE, b"0xy!4567end".to_vec()));
    assert_eq!(handle::close(file), TRUE);
    assert_eq!(scratch.contents(), b"0xy!4567end");
}

// MSDN "CreateFileW", dwCreationDisposition: what becomes of a file that exists, and ERROR_ALREADY_EXISTS as a success.
#[test]
fn a_disposition_decides_about_what_exists() {
    let scratch = Scratch::new("disposition");
    let all = GENERIC_READ | GENERIC_WRITE;
    for (disposition, error, left) in [
        (OPEN_EXISTING, 2, &b""[..]),
        (TRUNCATE_EXISTING, 2, b""),
        (OPEN_ALWAYS, 0, b""),
        (OPEN_ALWAYS, 183, b"x"),
        (OPEN_EXISTING, 0, b"x"),
        (CREATE_NEW, 80, b""),
        (CREATE_ALWAYS, 183, b""),
        (TRUNCATE_EXISTING, 0, b""),
    ] {
        let (file, last) = open_shared(&scratch, all, 0, disposition);
        assert_eq!(last, error, "{disposition}");
        if file != INVALID_HANDLE_VALUE {
            assert_eq!(read(file, 5, Some(0)).1, left, "{disposition}");
            assert_eq!(write(file, b"x", Some((0, 0))), (TRUE, 1));
            assert_eq!(handle::close(file), TRUE);
        }
    }
    // SAFETY: NUL-terminated.
    let read_only = unsafe {
        let path = scratch.bytes();
        disk::create_a(
            path.as_ptr(),
            GENERIC_READ,
            0,
            null(),
            CREATE_ALWAYS,
            0x80,
            0,
        )
    };
    assert_eq!(handle::close(read_only), TRUE);
    assert_eq!(scratch.contents(), b"", "made empty by whoever only reads");
}

// MSDN "File Security and Access Rights": each use needs its right.
#[test]
fn a_handle_is_used_for_what_it_was_opened_for() {
    let scratch = Scratch::with("rights", b"abc");
    let (reader, _) = open_shared(&scratch, GENERIC_READ, 3, OPEN_EXISTING);
    assert_eq!(error_of(|| write(reader, b"x", None).0), (FALSE, 5));
    let (writer, _) = open_shared(&scratch, GENERIC_WRITE, 3, OPEN_EXISTING);
    assert_eq!(error_of(|| read(writer, 1, None).0), (FALSE, 5));
    let (appender, _) = open_shared(&scratch, FILE_APPEND_DATA, 3, OPEN_EXISTING);
    assert_eq!(write(appender, b"d", Some((0, 0))), (TRUE, 1));
    assert_eq!(read(reader, 9, None), (TRUE, b"abcd".to_vec()));
    let (nothing, _) = open_shared(&scratch, 0, 0, OPEN_EXISTING);
    assert_eq!(error_of(|| read(nothing, 1, None).0), (FALSE, 5));
    for file in [reader, writer, appender, nothing] {
        assert_eq!(handle::close(file), TRUE);
    }
}

// MSDN "File Security and Access Rights", FILE_APPEND_DATA: behind what others wrote, also in a file that was emptied.
#[test]
fn appending_goes_behind_what_others_wrote() {
    let scratch = Scratch::with("append", b"old");
    let (first, _) = open_shared(&scratch, FILE_APPEND_DATA, 3, CREATE_ALWAYS);
    let (second, _) = open_shared(&scratch, FILE_APPEND_DATA, 3, OPEN_EXISTING);
    for (file, text) in [(first, b"ab"), (second, b"cd"), (first, b"ef")] {
        assert_eq!(write(file, text, None), (TRUE, 2));
    }
    assert_eq!(scratch.contents(), b"abcdef");
    assert_eq!((handle::close(first), handle::close(second)), (TRUE, TRUE));
}

// MSDN "Creating and Opening Files", sharing: both must allow what the other does; who asks for nothing is in nobody's way.
#[test]
fn sharing_modes_keep_others_away() {
    let scratch = Scratch::with("share", b"abc");
    let violation = (INVALID_HANDLE_VALUE, 32);
    let (reader, _) = open_shared(&scratch, GENERIC_READ, 1, OPEN_EXISTING);
    assert_eq!(
        open_shared(&scratch, GENERIC_WRITE, 7, OPEN_EXISTING),
        violation
    );
    assert_eq!(
        open_shared(&scratch, GENERIC_READ, 2, OPEN_EXISTING),
        violation
    );
    assert_eq!(
        open_shared(&scratch, GENERIC_WRITE, 7, CREATE_ALWAYS),
        violation
    );
    assert_eq!(scratch.contents(), b"abc", "nothing was emptied");
    let (second, error) = open_shared(&scratch, GENERIC_READ, 1, OPEN_EXISTING);
    assert_eq!(error, 0);
    assert_eq!((handle::close(reader), handle::close(second)), (TRUE, TRUE));
    let (writer, error) = open_shared(&scratch, GENERIC_WRITE, 0, OPEN_EXISTING);
    assert_eq!(error, 0);
    assert_eq!(handle::close(writer), TRUE);
}

// MSDN "CreateFileW", FILE_FLAG_DELETE_ON_CLOSE: deleted with the last handle, and others must share that.
#[test]
fn a_file_may_be_deleted_with_its_last_handle() {
    const DELETE_ON_CLOSE: u32 = 0x0400_0000;
    let scratch = Scratch::new("delete-on-close");
    let path = scratch.bytes();
    let (rights, flags) = (GENERIC_WRITE | DELETE, DELETE_ON_CLOSE);
    // SAFETY: NUL-terminated.
    let file = unsafe { disk::create_a(path.as_ptr(), rights, 7, null(), CREATE_NEW, flags, 0) };
    assert_ne!(file, INVALID_HANDLE_VALUE);
    let refused = open_shared(&scratch, GENERIC_READ, 3, OPEN_EXISTING);
    assert_eq!(refused, (INVALID_HANDLE_VALUE, 32));
    assert!(scratch.0.exists());
    assert_eq!(handle::close(file), TRUE);
    assert!(!scratch.0.exists());
    // What has the name by then is another file.
    // SAFETY: NUL-terminated.
    let file = unsafe { disk::create_a(path.as_ptr(), rights, 7, null(), CREATE_NEW, flags, 0) };
    let moved = Scratch::new("delete-on-close-moved");
    std::fs::rename(&scratch.0, &moved.0).expect("a file can be moved");
    std::fs::write(&scratch.0, "another").expect("a file can be written");
    assert_eq!(handle::close(file), TRUE);
    assert_eq!(scratch.contents(), b"another");
}
