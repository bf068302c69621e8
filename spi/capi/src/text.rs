//! Strings of C callers, as values of ours and back. The bodies of the Win32 functions use it.

use ws2spi_abi::{PCSTR, PCWSTR};

/// The units of a NUL-terminated 16-bit string; `None` for NULL.
///
/// # Safety
/// `text` is null or NUL-terminated.
pub unsafe fn wide_units(text: PCWSTR) -> Option<Vec<u16>> {
    if text.is_null() {
        return None;
    }
    let mut units = Vec::new();
    loop {
        let at = text.wrapping_add(units.len());
        // SAFETY: the caller's contract: the units up to the NUL are readable.
        match unsafe { at.read_unaligned() } {
            0 => return Some(units),
            unit => units.push(unit),
        }
    }
}

/// A NUL-terminated 16-bit string; `None` for NULL. What is not well formed is replaced.
///
/// # Safety
/// `text` is null or NUL-terminated.
pub unsafe fn wide(text: PCWSTR) -> Option<String> {
    // SAFETY: the caller's contract.
    unsafe { wide_units(text) }.map(|units| String::from_utf16_lossy(&units))
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
    unsafe {
        target
            .cast::<u8>()
            .copy_from_nonoverlapping(units.as_ptr().cast(), size_of_val(units))
    };
}
