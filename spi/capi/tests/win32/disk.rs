//! `CreateFile`, and reading what it opened.

use super::{error_of, wide};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::ptr::{null, null_mut};
use ws2_32::win32::{disk, file, handle};
use ws2spi_abi::*;

const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const OPEN_EXISTING: u32 = 3;

/// A file in the system's folder for such, removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn with(name: &str, contents: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("ws2spi-{}-{name}", std::process::id()));
        fs::write(&path, contents).expect("a file can be written");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

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
        (&path, GENERIC_WRITE, OPEN_EXISTING, 50),
        (&path, GENERIC_READ, 1, 50),
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
