//! `SetFilePointer`, `GetFileSize`, `SetEndOfFile`, `FlushFileBuffers`.

use super::{STALE, Scratch, error_of};
use std::ptr::{null, null_mut};
use ws2_32::win32::{disk, event, handle, position};
use ws2spi_abi::*;

const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const OPEN_EXISTING: u32 = 3;
const INVALID: u32 = u32::MAX;

fn open(scratch: &Scratch, access: u32) -> HANDLE {
    let path = scratch.bytes();
    // SAFETY: NUL-terminated.
    let file = unsafe { disk::create_a(path.as_ptr(), access, 3, null(), OPEN_EXISTING, 0, 0) };
    assert_ne!(file, INVALID_HANDLE_VALUE);
    file
}

fn set_ex(file: HANDLE, distance: i64, method: u32) -> (BOOL, u32, i64) {
    let mut place = -1;
    // SAFETY: a live local.
    let (done, error) =
        error_of(|| unsafe { position::set_ex(file, distance, &raw mut place, method) });
    (done, error, place)
}

// MSDN "SetFilePointerEx": from the beginning, from where it is, from the end, also beyond it; ERROR_NEGATIVE_SEEK,
// ERROR_INVALID_PARAMETER.
#[test]
fn a_position_is_moved_from_three_places() {
    let scratch = Scratch::with("position", b"0123456789");
    let file = open(&scratch, GENERIC_READ);
    assert_eq!(set_ex(file, 4, 0), (TRUE, 0xdead, 4));
    assert_eq!(set_ex(file, -1, 1), (TRUE, 0xdead, 3));
    assert_eq!(set_ex(file, 5, 2), (TRUE, 0xdead, 15));
    assert_eq!(set_ex(file, -11, 2), (FALSE, 131, -1));
    assert_eq!(set_ex(file, 0, 3), (FALSE, 87, -1));
    assert_eq!(set_ex(file, i64::MAX, 1), (FALSE, 87, -1));
    assert_eq!(set_ex(file, 0, 1).2, 15, "failures move nothing");
    // SAFETY: nowhere to store it.
    assert_eq!(unsafe { position::set_ex(file, 0, null_mut(), 0) }, TRUE);
    assert_eq!(set_ex(file, 0, 1).2, 0);
    assert_eq!(handle::close(file), TRUE);
}

// MSDN "SetFilePointer": halves; all ones with NO_ERROR are a position; ERROR_INVALID_PARAMETER for what does not fit into 32 bits.
#[test]
fn a_position_in_halves_is_the_same() {
    let scratch = Scratch::with("position-halves", b"0123456789");
    let file = open(&scratch, GENERIC_READ);
    let low = |distance, method| {
        // SAFETY: no high half.
        error_of(|| unsafe { position::set(file, distance, null_mut(), method) })
    };
    assert_eq!(low(7, 0), (7, 0xdead));
    assert_eq!(low(-8, 1), (INVALID, 131));
    assert_eq!(low(0, 9), (INVALID, 87));
    let mut high = 1;
    let both = |distance, high: &mut i32| {
        // SAFETY: a live local.
        error_of(|| unsafe { position::set(file, distance, high, 0) })
    };
    assert_eq!((both(5, &mut high), high), ((5, 0xdead), 1));
    assert_eq!(set_ex(file, 0, 1).2, 0x1_0000_0005);
    assert_eq!(low(0, 1), (INVALID, 87), "a position of more than 32 bits");
    assert_eq!((both(-1, &mut high), high), ((INVALID, 0), 1));
    assert_eq!(handle::close(file), TRUE);
}

// MSDN "GetFileSizeEx", "GetFileSize", "SetEndOfFile": cutting and extending to the position; ERROR_ACCESS_DENIED without the right.
#[test]
fn a_file_ends_at_its_position() {
    let scratch = Scratch::with("size", b"0123456789");
    let (file, reader) = (open(&scratch, GENERIC_WRITE), open(&scratch, GENERIC_READ));
    let size = || {
        let (mut size, mut high) = (0, 7);
        // SAFETY: a live local.
        assert_eq!(unsafe { position::size_ex(reader, &raw mut size) }, TRUE);
        // SAFETY: as above.
        let low = unsafe { position::size(reader, &raw mut high) };
        assert_eq!((i64::from(low), high), (size, 0));
        size
    };
    assert_eq!(size(), 10);
    assert_eq!(set_ex(file, 4, 0).0, TRUE);
    assert_eq!((position::set_end(file), size()), (TRUE, 4));
    assert_eq!(set_ex(file, 6, 0).0, TRUE);
    assert_eq!((position::set_end(file), size()), (TRUE, 6));
    assert_eq!(position::flush(file), TRUE);
    assert_eq!(scratch.contents(), b"0123\0\0");
    assert_eq!(error_of(|| position::set_end(reader)), (FALSE, 5));
    assert_eq!(error_of(|| position::flush(reader)), (FALSE, 5));
    // SAFETY: nowhere to store it.
    assert_eq!(unsafe { position::size(reader, null_mut()) }, 6);
    // SAFETY: NULL is looked for.
    let nowhere = error_of(|| unsafe { position::size_ex(reader, null_mut()) });
    assert_eq!(nowhere, (FALSE, 998));
    assert_eq!((handle::close(file), handle::close(reader)), (TRUE, TRUE));
}

// MSDN: ERROR_INVALID_HANDLE for what is no file.
#[test]
fn only_files_have_a_position() {
    // SAFETY: neither attributes nor a name.
    let event = unsafe { event::create_w(null(), TRUE, FALSE, null()) };
    for raw in [0, STALE, usize::MAX, event] {
        assert_eq!(set_ex(raw, 0, 0), (FALSE, 6, -1));
        // SAFETY: nowhere to store anything.
        let low = error_of(|| unsafe { position::set(raw, 0, null_mut(), 0) });
        // SAFETY: as above.
        let size = error_of(|| unsafe { position::size(raw, null_mut()) });
        assert_eq!([low, size], [(INVALID, 6); 2]);
        assert_eq!(error_of(|| position::set_end(raw)), (FALSE, 6));
        assert_eq!(error_of(|| position::flush(raw)), (FALSE, 6));
    }
    assert_eq!(handle::close(event), TRUE);
}
