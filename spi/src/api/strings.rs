//! Strings of callers: NUL-terminated bytes or UTF-16, read into Rust strings and written back.
//!
//! Bytes are UTF-8 here; what is not, is read with replacement characters.

use std::ffi::CStr;
use ws2spi_abi::{Errno, PCSTR, PCWSTR, PSTR, PWSTR};

/// The string at `text`, `None` for NULL.
///
/// # Safety
/// `text` is null or points to a NUL-terminated string.
pub unsafe fn from_bytes(text: PCSTR) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's contract; not null.
    let text = unsafe { CStr::from_ptr(text.cast()) };
    Some(text.to_string_lossy().into_owned())
}

/// The string at `text`, `None` for NULL.
///
/// # Safety
/// `text` is null or points to a NUL-terminated string of UTF-16 units.
pub unsafe fn from_wide(text: PCWSTR) -> Option<String> {
    // SAFETY: the caller's contract.
    let text = unsafe { ws2spi_abi::args::TextIn::new(text) };
    text.units()
        .ok()
        .map(|units| String::from_utf16_lossy(&units))
}

/// Stores a string with its NUL in `room` bytes.
///
/// # Errors
/// `WSAEFAULT`: it does not fit; nothing is stored.
///
/// # Safety
/// `out` has `room` writable bytes.
pub unsafe fn to_bytes(text: &str, out: PSTR, room: usize) -> Result<(), Errno> {
    if text.len() >= room {
        return Err(Errno::FAULT);
    }
    // SAFETY: the room was compared: text and NUL fit.
    unsafe { out.copy_from_nonoverlapping(text.as_ptr(), text.len()) };
    // SAFETY: as above.
    let end = unsafe { out.add(text.len()) };
    // SAFETY: as above.
    unsafe { end.write(0) };
    Ok(())
}

/// Stores a string with its NUL in `room` UTF-16 units.
///
/// # Errors
/// `WSAEFAULT`: it does not fit; nothing is stored.
///
/// # Safety
/// `out` has `room` writable units.
pub unsafe fn to_wide(text: &str, out: PWSTR, room: usize) -> Result<(), Errno> {
    let units: Vec<u16> = text.encode_utf16().chain(Some(0)).collect();
    if units.len() > room {
        return Err(Errno::FAULT);
    }
    // SAFETY: the room was compared.
    unsafe {
        out.cast::<u8>()
            .copy_from_nonoverlapping(units.as_ptr().cast(), size_of_val(&units[..]))
    };
    Ok(())
}
