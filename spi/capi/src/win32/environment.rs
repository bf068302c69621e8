//! Environment strings.

use super::or;
use crate::table::exports;
use crate::text;
use ws2spi::loader::path;
use ws2spi_abi::{Errno, PCSTR, PCWSTR, PSTR, PWSTR};

/// Replaces `%NAME%` by its value; names that are not set stay. Returns the needed number of units with the NUL, which is larger
/// than `size` when it did not fit (nothing is written then); 0 with `ERROR_INVALID_PARAMETER` for a NULL source.
/// Microsoft: "ExpandEnvironmentStringsW function".
///
/// # Safety
/// `source` is null or NUL-terminated; `target` is null or has `size` units.
#[doc(alias = "ExpandEnvironmentStringsW")]
pub unsafe fn expand_w(source: PCWSTR, target: PWSTR, size: u32) -> u32 {
    // SAFETY: the caller's contract.
    let Some(source) = (unsafe { text::wide(source) }) else {
        return or(0, Err(Errno::INVALID_PARAMETER));
    };
    let expanded: Vec<u16> = path::expand(&source)
        .encode_utf16()
        .chain(Some(0))
        .collect();
    // SAFETY: the caller's contract.
    unsafe { text::store(&expanded, target, size as usize) };
    expanded.len() as u32
}

/// [`expand_w`] in bytes. Microsoft: "ExpandEnvironmentStringsA function".
///
/// # Safety
/// `source` is null or NUL-terminated; `target` is null or has `size` bytes.
#[doc(alias = "ExpandEnvironmentStringsA")]
pub unsafe fn expand_a(source: PCSTR, target: PSTR, size: u32) -> u32 {
    // SAFETY: the caller's contract.
    let Some(source) = (unsafe { text::narrow(source) }) else {
        return or(0, Err(Errno::INVALID_PARAMETER));
    };
    let expanded: Vec<u8> = path::expand(&source).bytes().chain(Some(0)).collect();
    // SAFETY: the caller's contract.
    unsafe { text::store(&expanded, target, size as usize) };
    expanded.len() as u32
}

exports! {
    "ExpandEnvironmentStringsW" expand_environment_strings_w(source: PCWSTR, target: PWSTR, size: u32) -> u32 = 0 => expand_w;
    "ExpandEnvironmentStringsA" expand_environment_strings_a(source: PCSTR, target: PSTR, size: u32) -> u32 = 0 => expand_a;
}
