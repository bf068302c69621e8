//! `lstrlen`, `lstrcpy`, `lstrcpyn`, `lstrcat`, `lstrcmp`, `lstrcmpi`, in bytes and in units.
#![allow(
    clippy::multiple_unsafe_ops_per_block,
    reason = "like calls stand in one list, under one fact"
)]

use super::wide;
use std::ptr::{null, null_mut};
use ws2_32::win32::string;

/// A function that copies one text to another.
type Copy8 = unsafe fn(*mut u8, *const u8) -> *mut u8;
type Copy16 = unsafe fn(*mut u16, *const u16) -> *mut u16;

// MSDN "lstrlenA": the length without the NUL; 0 for NULL.
#[test]
fn a_length_leaves_the_nul_out() {
    // SAFETY: NUL-terminated texts, and NULL.
    let lengths = unsafe {
        [
            string::length_a(c"abc".as_ptr().cast()),
            string::length_a(null()),
            string::length_w(wide("aé€").as_ptr()),
            string::length_w(null()),
        ]
    };
    assert_eq!(lengths, [3, 0, 3, 0]);
}

fn into8(copy: Copy8, before: &[u8], text: &[u8]) -> Vec<u8> {
    let mut target = [0xaa; 12];
    target[..before.len()].copy_from_slice(before);
    // SAFETY: room enough for both texts, which have their NULs.
    let result = unsafe { copy(target.as_mut_ptr(), text.as_ptr()) };
    assert_eq!(result, target.as_mut_ptr());
    target
        .split(|byte| *byte == 0)
        .next()
        .unwrap_or_default()
        .to_vec()
}

fn into16(copy: Copy16, before: &str, text: &str) -> Vec<u16> {
    let mut target = [0xaaaa; 12];
    let before = wide(before);
    target[..before.len()].copy_from_slice(&before);
    // SAFETY: room enough for both texts, which have their NULs.
    let result = unsafe { copy(target.as_mut_ptr(), wide(text).as_ptr()) };
    assert_eq!(result, target.as_mut_ptr());
    target
        .split(|unit| *unit == 0)
        .next()
        .unwrap_or_default()
        .to_vec()
}

// MSDN "lstrcpyA", "lstrcatA", "lstrcpynA": the target is returned; what does not fit is cut off.
#[test]
fn texts_are_copied_and_appended() {
    assert_eq!(into8(string::copy_a, b"\0", b"abc\0"), b"abc");
    assert_eq!(into8(string::append_a, b"ab\0", b"cd\0"), b"abcd");
    assert_eq!(into16(string::copy_w, "", "aé"), [0x61, 0xe9]);
    assert_eq!(into16(string::append_w, "a", "é"), [0x61, 0xe9]);
    let mut target = [9u8; 4];
    // SAFETY: room for four bytes.
    let result = unsafe { string::copy_some_a(target.as_mut_ptr(), c"abcdef".as_ptr().cast(), 3) };
    assert_eq!((result, target), (target.as_mut_ptr(), *b"ab\0\x09"));
    let mut units = [9u16; 4];
    // SAFETY: room for four units.
    let result = unsafe { string::copy_some_w(units.as_mut_ptr(), wide("x").as_ptr(), 4) };
    assert_eq!((result, units), (units.as_mut_ptr(), [0x78, 0, 9, 9]));
}

// MSDN "lstrcpyA": NULL in, NULL out, and nothing is stored.
#[test]
fn null_copies_nothing() {
    let mut target = [9u8; 2];
    let place = target.as_mut_ptr();
    // SAFETY: NULL is looked for.
    let results = unsafe {
        [
            string::copy_a(place, null()),
            string::copy_a(null_mut(), c"a".as_ptr().cast()),
            string::append_a(place, null()),
            string::copy_some_a(place, c"a".as_ptr().cast(), 0),
            string::copy_some_a(place, c"a".as_ptr().cast(), -1),
        ]
    };
    assert!(results.iter().all(|result| result.is_null()));
    assert_eq!(target, [9, 9]);
}

// MSDN "lstrcmpA", "lstrcmpiA": an order, with and without the case of letters; NULL comes first.
#[test]
fn texts_have_an_order() {
    let (a, b, upper) = (
        c"abc".as_ptr().cast(),
        c"abd".as_ptr().cast(),
        c"ABC".as_ptr().cast(),
    );
    // SAFETY: NUL-terminated texts, and NULL.
    let narrow = unsafe {
        [
            string::compare_a(a, b),
            string::compare_a(b, a),
            string::compare_a(a, a),
            string::compare_a(null(), a),
            string::compare_a(a, null()),
            string::compare_a(null(), null()),
            string::compare_a(upper, a),
            string::compare_folded_a(upper, a),
            string::compare_folded_a(upper, b),
        ]
    };
    assert_eq!(narrow, [-1, 1, 0, -1, 1, 0, -1, 0, -1]);
    let (a, upper) = (wide("straße"), wide("STRAßE"));
    // SAFETY: NUL-terminated texts.
    let wide = unsafe {
        [
            string::compare_w(a.as_ptr(), upper.as_ptr()),
            string::compare_folded_w(a.as_ptr(), upper.as_ptr()),
        ]
    };
    assert_eq!(wide, [1, 0]);
}
