//! `SysAllocString` and its family, task memory, `CoInitialize`.

use super::wide;
use std::ptr::{null, null_mut};
use ws2_32::win32::com;
use ws2spi_abi::*;

/// A string's units and its NUL.
fn units(text: PWSTR, count: usize) -> Vec<u16> {
    let unit = |at| {
        // SAFETY: the string has so many units and a NUL.
        unsafe { text.wrapping_add(at).read() }
    };
    (0..=count).map(unit).collect()
}

// MSDN "SysAllocString", "SysStringLen", "SysStringByteLen": the length stands beside the text; NULL is an empty string.
#[test]
fn a_string_knows_its_length() {
    let source = wide("Gerät");
    // SAFETY: NUL-terminated.
    let text = unsafe { com::alloc(source.as_ptr()) };
    assert_eq!(units(text, 5), source);
    // SAFETY: a string.
    let lengths = unsafe { com::len(text) };
    // SAFETY: a string.
    assert_eq!((lengths, unsafe { com::byte_len(text) }), (5, 10));
    // SAFETY: a string that is not used any more.
    unsafe { com::free(text) };
    // SAFETY: NULL is allowed.
    assert!(unsafe { com::alloc(null()) }.is_null());
    // SAFETY: as above.
    assert_eq!(unsafe { com::len(null()) }, 0);
    // SAFETY: as above.
    unsafe { com::free(null_mut()) };
}

// MSDN "SysAllocStringLen", "SysAllocStringByteLen": NULs within, an odd number of bytes, no source.
#[test]
fn a_string_may_have_any_bytes() {
    let source = [1, 0, 2];
    // SAFETY: so many units.
    let text = unsafe { com::alloc_len(source.as_ptr(), 3) };
    assert_eq!(units(text, 3), [1, 0, 2, 0]);
    // SAFETY: so many bytes.
    let odd = unsafe { com::alloc_byte_len(b"abc".as_ptr(), 3) };
    // SAFETY: a string.
    assert_eq!(unsafe { com::byte_len(odd) }, 3);
    assert_eq!(units(odd, 0), [0x6261]);
    // SAFETY: no source.
    let room = unsafe { com::alloc_len(null(), 7) };
    // SAFETY: a string.
    assert_eq!(unsafe { com::len(room) }, 7);
    for string in [text, odd, room] {
        // SAFETY: a string that is not used any more.
        unsafe { com::free(string) };
    }
}

// MSDN "SysReAllocString": the old string is freed, also when the new text lies in it; FALSE without a place.
#[test]
fn a_string_gets_another_text() {
    // SAFETY: NUL-terminated.
    let mut text = unsafe { com::alloc(wide("abc").as_ptr()) };
    let within = text.wrapping_add(1);
    // SAFETY: a string, and a text in it.
    assert_eq!(unsafe { com::realloc(&raw mut text, within) }, TRUE);
    assert_eq!(units(text, 2), wide("bc"));
    // SAFETY: no place.
    assert_eq!(unsafe { com::realloc(null_mut(), text) }, FALSE);
    // SAFETY: a string, no text.
    assert_eq!(unsafe { com::realloc(&raw mut text, null()) }, TRUE);
    assert!(text.is_null());
}

// MSDN "SysReAllocStringLen": the units are copied, also from the old string; without a source what fits of it stays.
#[test]
fn a_string_gets_so_many_units() {
    let hello = super::wide("hello");
    // SAFETY: NUL-terminated.
    let mut text = unsafe { com::alloc(hello.as_ptr()) };
    let place = &raw mut text;
    let part = text.wrapping_add(1);
    // SAFETY: a live local with a string, from which is copied.
    assert_eq!(unsafe { com::realloc_len(place, part, 3) }, 1);
    assert_eq!(units(text, 3), [101, 108, 108, 0]);
    // SAFETY: as above.
    assert_eq!(unsafe { com::realloc_len(place, std::ptr::null(), 2) }, 1);
    assert_eq!(units(text, 2), [101, 108, 0]);
    // SAFETY: a string.
    assert_eq!(unsafe { com::len(text) }, 2);
    // SAFETY: NULL is looked for.
    let answer = unsafe { com::realloc_len(std::ptr::null_mut(), part, 3) };
    assert_eq!(answer, 0);
    // SAFETY: a string that nobody uses any more.
    unsafe { com::free(text) };
}

// MSDN "CoTaskMemRealloc": what is there stays; a size of 0 frees.
#[test]
fn task_memory_grows_and_goes() {
    let memory = com::task_alloc(1).cast::<u8>();
    // SAFETY: one byte.
    unsafe { memory.write(9) };
    // SAFETY: task memory.
    let more = unsafe { com::task_realloc(memory.cast(), 4096) };
    // SAFETY: task memory of that size.
    assert_eq!(unsafe { more.cast::<u8>().read() }, 9);
    // SAFETY: task memory.
    assert!(unsafe { com::task_realloc(more, 0) }.is_null());
    // SAFETY: task memory that is not used any more.
    unsafe { com::task_free(com::task_alloc(0)) };
}

// MSDN "CoInitializeEx", "Return value": S_OK, S_FALSE, RPC_E_CHANGED_MODE, E_INVALIDARG; each thread for itself.
#[test]
fn a_thread_says_once_how_it_uses_com() {
    assert_eq!(com::initialize(null()), 0);
    assert_eq!(com::initialize_ex(null(), 2), 1);
    let changed = 0x8001_0106_u32.cast_signed();
    assert_eq!(com::initialize_ex(null(), 0), changed);
    let other = std::thread::spawn(|| com::initialize_ex(null(), 0));
    assert_eq!(other.join().expect("no panic"), 0);
    com::uninitialize();
    com::uninitialize();
    assert_eq!(com::initialize_ex(null(), 0), 0);
    com::uninitialize();
    let invalid = 0x8007_0057_u32.cast_signed();
    assert_eq!(com::initialize_ex(null(), 0x100), invalid);
    assert_eq!(com::initialize((&raw const invalid).cast()), invalid);
}
