//! Strings of C callers.

use ws2spi_abi::{PCSTR, PCWSTR};

/// A NUL-terminated 16-bit string; `None` for NULL. What is not well formed is replaced.
///
/// # Safety
/// `text` is null or NUL-terminated.
pub unsafe fn wide(text: PCWSTR) -> Option<String> {
    if text.is_null() {
        return None;
    }
    let mut len = 0;
    // SAFETY: the caller's contract: the units up to the NUL are readable.
    while unsafe { text.wrapping_add(len).read_unaligned() } != 0 {
        len += 1;
    }
    // SAFETY: as above.
    let unit = |at| unsafe { text.wrapping_add(at).read_unaligned() };
    Some(
        char::decode_utf16((0..len).map(unit))
            .map(|found| found.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
    )
}

/// A NUL-terminated string of bytes, UTF-8; `None` for NULL. What is not well formed is replaced.
///
/// # Safety
/// `text` is null or NUL-terminated.
pub unsafe fn narrow(text: PCSTR) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's contract.
    let text = unsafe { core::ffi::CStr::from_ptr(text.cast()) };
    Some(text.to_string_lossy().into_owned())
}

/// Stores units where they fit: all or none.
///
/// # Safety
/// `target` is null or has room for `size` units.
pub unsafe fn store<U: Copy>(units: &[U], target: *mut U, size: usize) {
    if target.is_null() || units.len() > size {
        return;
    }
    // SAFETY: the caller's contract, and they fit.
    unsafe { std::ptr::copy_nonoverlapping(units.as_ptr(), target, units.len()) };
}
