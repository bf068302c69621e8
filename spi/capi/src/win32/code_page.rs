//! Conversions between text in bytes and in 16-bit units.
//!
//! Every code page is UTF-8 here: the ANSI one (`CP_ACP`), the OEM one and the thread's too, as on a Windows whose ANSI code page is
//! set to UTF-8. Others are refused rather than guessed.

use super::or;
use crate::table::exports;
use ws2spi_abi::{BOOL, Errno, FALSE, PCSTR, PCWSTR, PSTR, PWSTR};

/// # Errors
/// `ERROR_INVALID_PARAMETER`: a code page that is not there.
fn checked(page: u32) -> Result<(), Errno> {
    match page {
        CP_ACP | CP_OEMCP | CP_THREAD_ACP | CP_UTF8 => Ok(()),
        _ => Err(Errno::INVALID_PARAMETER),
    }
}

/// The elements of a source: `length` of them, or up to and with the NUL for -1.
///
/// # Safety
/// `source` is null or points to `length` elements, or to a NUL-terminated text for -1.
unsafe fn elements<U: Copy + Default + PartialEq>(
    source: *const U,
    length: i32,
) -> Result<Vec<U>, Errno> {
    if source.is_null() || length == 0 || length < -1 {
        return Err(Errno::INVALID_PARAMETER);
    }
    let mut found = Vec::new();
    loop {
        if found.len() == length as usize {
            return Ok(found);
        }
        let at = source.wrapping_add(found.len());
        // SAFETY: the caller's contract: neither the end nor the NUL is reached.
        let unit = unsafe { at.read_unaligned() };
        found.push(unit);
        if length == -1 && unit == U::default() {
            return Ok(found);
        }
    }
}

/// Stores as many elements as asked for, or only counts them when `size` is 0.
///
/// # Safety
/// `target` is null or has room for `size` elements.
unsafe fn give<U: Copy>(found: &[U], target: *mut U, size: i32) -> Result<i32, Errno> {
    let count = i32::try_from(found.len()).map_err(|_| Errno::INVALID_PARAMETER)?;
    if size == 0 {
        return Ok(count);
    }
    if size < 0 || target.is_null() {
        return Err(Errno::INVALID_PARAMETER);
    }
    if count > size {
        return Err(Errno::INSUFFICIENT_BUFFER);
    }
    let (from, bytes) = (found.as_ptr().cast::<u8>(), size_of_val(found));
    // SAFETY: the caller's contract, and they fit. By bytes, since the target may be at an odd address.
    unsafe { std::ptr::copy_nonoverlapping(from, target.cast(), bytes) };
    Ok(count)
}

/// Makes 16-bit units of bytes: how many, or, for a `size` of 0, how many there would be. A length of -1 is a NUL-terminated text, with
/// its NUL. What is not well formed is replaced, or `ERROR_NO_UNICODE_TRANSLATION` with `MB_ERR_INVALID_CHARS`. 0 on failure:
/// `ERROR_INVALID_PARAMETER`, `ERROR_INVALID_FLAGS`, `ERROR_INSUFFICIENT_BUFFER`. Microsoft: "MultiByteToWideChar function".
///
/// # Safety
/// `source` is null or has `length` bytes or a NUL; `target` is null or has room for `size` units.
#[doc(alias = "MultiByteToWideChar")]
pub unsafe fn to_wide(
    page: u32,
    flags: u32,
    source: PCSTR,
    length: i32,
    target: PWSTR,
    size: i32,
) -> i32 {
    // SAFETY: the caller's contract.
    let convert = || unsafe {
        checked(page)?;
        if flags & !(MB_ERR_INVALID_CHARS | MB_PRECOMPOSED) != 0 {
            return Err(INVALID_FLAGS);
        }
        elements(source, length)
    };
    let converted = convert().and_then(|bytes| {
        let text = String::from_utf8_lossy(&bytes);
        if flags & MB_ERR_INVALID_CHARS != 0 && std::str::from_utf8(&bytes).is_err() {
            return Err(NO_UNICODE_TRANSLATION);
        }
        Ok(text.encode_utf16().collect::<Vec<u16>>())
    });
    // SAFETY: the caller's contract.
    or(
        0,
        converted.and_then(|units| unsafe { give(&units, target, size) }),
    )
}

/// Makes bytes of 16-bit units; lengths and errors as [`to_wide`]. Half a surrogate pair is replaced, or
/// `ERROR_NO_UNICODE_TRANSLATION` with `WC_ERR_INVALID_CHARS`. A default character cannot be given with UTF-8, which Windows refuses with
/// `ERROR_INVALID_PARAMETER` for `CP_UTF8`; for `CP_ACP` it is never needed, and `used` is FALSE.
/// Microsoft: "WideCharToMultiByte function".
///
/// # Safety
/// `source` is null or has `length` units or a NUL; `target` is null or has room for `size` bytes; `used` is null or writable.
#[doc(alias = "WideCharToMultiByte")]
#[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn to_bytes(
    page: u32,
    flags: u32,
    source: PCWSTR,
    length: i32,
    target: PSTR,
    size: i32,
    default: PCSTR,
    used: *mut BOOL,
) -> i32 {
    // SAFETY: the caller's contract.
    let convert = || unsafe {
        checked(page)?;
        if page == CP_UTF8 && !(default.is_null() && used.is_null()) {
            return Err(Errno::INVALID_PARAMETER);
        }
        elements(source, length)
    };
    let converted = convert().and_then(|units| {
        if flags & WC_ERR_INVALID_CHARS != 0 && String::from_utf16(&units).is_err() {
            return Err(NO_UNICODE_TRANSLATION);
        }
        Ok(String::from_utf16_lossy(&units).into_bytes())
    });
    // SAFETY: the caller's contract.
    let given = converted.and_then(|bytes| unsafe { give(&bytes, target, size) });
    if given.is_ok() && !used.is_null() {
        // SAFETY: the caller's contract; not null.
        unsafe { used.write_unaligned(FALSE) };
    }
    or(0, given)
}

/// The number of the ANSI code page: UTF-8's. Microsoft: "GetACP function", "GetOEMCP function".
#[doc(alias = "GetACP")]
#[doc(alias = "GetOEMCP")]
#[must_use]
pub fn ansi() -> u32 {
    CP_UTF8
}

exports! {
    "MultiByteToWideChar" multi_byte_to_wide_char(
        page: u32, flags: u32, source: PCSTR, length: i32, target: PWSTR, size: i32
    ) -> i32 = 0 => to_wide;
    "WideCharToMultiByte" wide_char_to_multi_byte(
        page: u32, flags: u32, source: PCWSTR, length: i32, target: PSTR, size: i32, default: PCSTR, used: *mut BOOL
    ) -> i32 = 0 => to_bytes;
    "GetACP" get_acp() -> u32 = 0 => ansi;
    "GetOEMCP" get_oemcp() -> u32 = 0 => ansi;
}

const CP_ACP: u32 = 0;
const CP_OEMCP: u32 = 1;
const CP_THREAD_ACP: u32 = 3;
const CP_UTF8: u32 = 65001;
const MB_PRECOMPOSED: u32 = 1;
const MB_ERR_INVALID_CHARS: u32 = 8;
const WC_ERR_INVALID_CHARS: u32 = 0x80;
/// `ERROR_INVALID_FLAGS`.
const INVALID_FLAGS: Errno = super::error(1004);
/// `ERROR_NO_UNICODE_TRANSLATION`.
const NO_UNICODE_TRANSLATION: Errno = super::error(1113);
