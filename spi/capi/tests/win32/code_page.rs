//! `MultiByteToWideChar`, `WideCharToMultiByte`, `GetACP`.

use super::{error_of, wide};
use std::ptr::{null, null_mut};
use ws2_32::win32::code_page;
use ws2spi_abi::*;

const CP_ACP: u32 = 0;
const CP_UTF8: u32 = 65001;
const MB_ERR_INVALID_CHARS: u32 = 8;
const WC_ERR_INVALID_CHARS: u32 = 0x80;
const INVALID_FLAGS: u32 = 1004;
const NO_UNICODE_TRANSLATION: u32 = 1113;

fn to_wide(page: u32, flags: u32, text: &[u8], length: i32, size: i32) -> (i32, Vec<u16>) {
    let mut target = vec![0xaaaa; 16];
    // SAFETY: a live text with a NUL, and room for 16 units.
    let count = unsafe {
        code_page::to_wide(
            page,
            flags,
            text.as_ptr(),
            length,
            target.as_mut_ptr(),
            size,
        )
    };
    target.truncate(usize::try_from(count).unwrap_or(0).min(16));
    (count, target)
}

fn to_bytes(page: u32, flags: u32, text: &[u16], length: i32, size: i32) -> (i32, Vec<u8>) {
    let mut target = vec![0xaa; 16];
    // SAFETY: a live text with a NUL, and room for 16 bytes.
    let count = unsafe {
        let (source, target) = (text.as_ptr(), target.as_mut_ptr());
        code_page::to_bytes(
            page,
            flags,
            source,
            length,
            target,
            size,
            null(),
            null_mut(),
        )
    };
    target.truncate(usize::try_from(count).unwrap_or(0).min(16));
    (count, target)
}

// MSDN "MultiByteToWideChar", "WideCharToMultiByte": UTF-8 and back, with the NUL for -1, without for a length.
#[test]
fn text_survives_the_way_to_units_and_back() {
    let (text, units) = ("aé€😀\0", wide("aé€😀"));
    for page in [CP_ACP, CP_UTF8, 1, 3] {
        assert_eq!(
            to_wide(page, 0, text.as_bytes(), -1, 16),
            (6, units.clone())
        );
        assert_eq!(to_wide(page, 0, text.as_bytes(), 1, 16), (1, vec![0x61]));
        assert_eq!(
            to_bytes(page, 0, &units, -1, 16),
            (11, text.as_bytes().to_vec())
        );
        assert_eq!(
            to_bytes(page, 0, &units, 2, 16),
            (3, "aé".as_bytes().to_vec())
        );
    }
    assert_eq!(code_page::ansi(), CP_UTF8);
}

// MSDN, the same: a size of 0 asks for the size, and too little is ERROR_INSUFFICIENT_BUFFER.
#[test]
fn a_size_of_nothing_asks_for_the_size() {
    let units = wide("aé");
    assert_eq!(to_wide(CP_UTF8, 0, "aé\0".as_bytes(), -1, 0).0, 3);
    assert_eq!(to_bytes(CP_UTF8, 0, &units, -1, 0).0, 4);
    let short = (0, Errno::INSUFFICIENT_BUFFER.code() as u32);
    assert_eq!(
        error_of(|| to_wide(CP_UTF8, 0, "aé\0".as_bytes(), -1, 2).0),
        short
    );
    assert_eq!(error_of(|| to_bytes(CP_UTF8, 0, &units, -1, 3).0), short);
}

// MSDN, the same: what is refused.
#[test]
fn bad_arguments_are_refused() {
    let bad = (0, Errno::INVALID_PARAMETER.code() as u32);
    assert_eq!(error_of(|| to_wide(1252, 0, b"a\0", -1, 16).0), bad);
    assert_eq!(error_of(|| to_bytes(1252, 0, &[97, 0], -1, 16).0), bad);
    assert_eq!(error_of(|| to_wide(CP_UTF8, 0, b"a\0", 0, 16).0), bad);
    assert_eq!(error_of(|| to_wide(CP_UTF8, 0, b"a\0", -2, 16).0), bad);
    let flags = error_of(|| to_wide(CP_UTF8, 0x4000, b"a\0", -1, 16).0);
    assert_eq!(flags, (0, INVALID_FLAGS));
    // SAFETY: NULL is looked for.
    let none = error_of(|| unsafe { code_page::to_wide(CP_ACP, 0, null(), -1, null_mut(), 0) });
    assert_eq!(none, bad);
}

// MSDN, the same: what is not well formed is replaced, or refused with the flag for it.
#[test]
fn what_is_not_text_is_replaced_or_refused() {
    assert_eq!(to_wide(CP_UTF8, 0, b"\xff\0", -1, 16), (2, vec![0xfffd, 0]));
    let refused = error_of(|| to_wide(CP_UTF8, MB_ERR_INVALID_CHARS, b"\xff\0", -1, 16).0);
    assert_eq!(refused, (0, NO_UNICODE_TRANSLATION));
    let half = [0xd800, 0];
    assert_eq!(
        to_bytes(CP_UTF8, 0, &half, -1, 16).1,
        "\u{fffd}\0".as_bytes()
    );
    let refused = error_of(|| to_bytes(CP_UTF8, WC_ERR_INVALID_CHARS, &half, -1, 16).0);
    assert_eq!(refused, (0, NO_UNICODE_TRANSLATION));
}

// MSDN "WideCharToMultiByte": no default character with CP_UTF8; with another page whether it was used.
#[test]
fn a_default_character_is_never_used() {
    let mut used = 7;
    let mut convert = |page| {
        let text = [97, 0];
        // SAFETY: a live text with a NUL, nowhere to store, a live local.
        unsafe {
            code_page::to_bytes(
                page,
                0,
                text.as_ptr(),
                -1,
                null_mut(),
                0,
                null(),
                &raw mut used,
            )
        }
    };
    assert_eq!(convert(CP_ACP), 2);
    let refused = error_of(|| convert(CP_UTF8));
    assert_eq!(refused, (0, Errno::INVALID_PARAMETER.code() as u32));
    assert_eq!(used, FALSE);
}
