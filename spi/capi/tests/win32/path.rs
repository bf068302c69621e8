//! `DeleteFile`, `GetFileAttributes`, `GetTempPath`.

use super::{Scratch, error_of, wide};
use std::fs;
use std::ptr::{null, null_mut};
use ws2_32::win32::{disk, handle, path};
use ws2spi_abi::*;

const INVALID: u32 = u32::MAX;

fn wide_path(scratch: &Scratch) -> Vec<u16> {
    wide(scratch.0.to_str().expect("a plain path"))
}

// MSDN "DeleteFileW": ERROR_FILE_NOT_FOUND, ERROR_ACCESS_DENIED, and a handle that does not share it.
#[test]
fn a_file_is_deleted_by_its_path() {
    let scratch = Scratch::with("delete", b"x");
    let (bytes, units) = (scratch.bytes(), wide_path(&scratch));
    // SAFETY: NUL-terminated.
    let open =
        |sharing| unsafe { disk::create_a(bytes.as_ptr(), 0x8000_0000, sharing, null(), 3, 0, 0) };
    // SAFETY: as above.
    let delete = || error_of(|| unsafe { path::delete_w(units.as_ptr()) });
    let alone = open(3);
    assert_eq!(delete(), (FALSE, 32), "ERROR_SHARING_VIOLATION");
    assert_eq!(handle::close(alone), TRUE);
    let shared = open(4);
    assert_eq!(delete(), (TRUE, 0xdead));
    assert_eq!(delete(), (FALSE, 2));
    assert_eq!(handle::close(shared), TRUE);
    for (path, error) in [(c"", 3), (c"/", 5), (c"/nothing/here", 3)] {
        // SAFETY: NUL-terminated.
        let refused = error_of(|| unsafe { path::delete_a(path.as_ptr().cast()) });
        assert_eq!(refused, (FALSE, error), "{path:?}");
    }
    // SAFETY: NULL is looked for.
    assert_eq!(error_of(|| unsafe { path::delete_w(null()) }), (FALSE, 3));
}

// MSDN "GetFileAttributesW", "DeleteFileW": what may only be read is not deleted.
#[test]
fn attributes_say_what_a_path_leads_to() {
    let scratch = Scratch::with("attributes", b"x");
    let units = wide_path(&scratch);
    // SAFETY: NUL-terminated.
    let look = || error_of(|| unsafe { path::attributes_w(units.as_ptr()) });
    assert_eq!(look(), (0x80, 0xdead), "FILE_ATTRIBUTE_NORMAL");
    let mut permissions = fs::metadata(&scratch.0).expect("it is there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&scratch.0, permissions).expect("it is ours");
    assert_eq!(look(), (1, 0xdead), "FILE_ATTRIBUTE_READONLY");
    // SAFETY: as above.
    let kept = error_of(|| unsafe { path::delete_w(units.as_ptr()) });
    assert_eq!(kept, (FALSE, 5));
    for (path, answer) in [
        (c"/", (0x10, 0xdead)),
        (c"/dev/null", (0x40, 0xdead)),
        (c"/nothing", (INVALID, 2)),
        (c"/nothing/here", (INVALID, 3)),
        (c"", (INVALID, 3)),
    ] {
        // SAFETY: as above.
        let found = error_of(|| unsafe { path::attributes_a(path.as_ptr().cast()) });
        assert_eq!(found, answer, "{path:?}");
    }
}

// MSDN "GetTempPathW", "Return value": the length, or the room that is needed.
#[test]
fn the_folder_for_temporary_files_ends_with_a_separator() {
    let expected = format!("{}/", std::env::temp_dir().display()).replace("//", "/");
    let (mut room, length) = ([1u8; 300], expected.len());
    // SAFETY: as much room as is said.
    let answer = unsafe { path::temporary_a(300, room.as_mut_ptr()) };
    assert_eq!(answer as usize, length);
    assert_eq!(&room[..length], expected.as_bytes());
    assert_eq!(room[length..length + 2], [0, 1]);
    let mut units = [1u16; 300];
    // SAFETY: as above.
    let tight =
        |units: &mut [u16]| unsafe { path::temporary_w(units.len() as u32, units.as_mut_ptr()) };
    assert_eq!(tight(&mut units[..length]) as usize, length + 1);
    assert_eq!(units[0], 1, "nothing was stored");
    assert_eq!(tight(&mut units[..=length]) as usize, length);
    assert_eq!(&units[..=length], &wide(&expected)[..]);
    // SAFETY: no room.
    let needed = unsafe { path::temporary_w(0, null_mut()) };
    assert_eq!(needed as usize, length + 1);
}
