//! The string functions of kernel32, in bytes and in 16-bit units.
//!
//! They take NULL and answer it as Windows does, where their exception handlers catch it: an empty text, a NULL result. Other pointers
//! that are bad are the caller's fault. Comparison is by code, not by a language's order.

use crate::table::exports;
use std::cmp::Ordering;
use std::ptr::null_mut;
use ws2spi_abi::{PCSTR, PCWSTR, PSTR, PWSTR};

/// A character of a text: a byte or a 16-bit unit.
trait Character: Copy + Ord + Default {
    /// The same in lower case: letters of ASCII only.
    fn folded(self) -> Self;
}

impl Character for u8 {
    fn folded(self) -> Self {
        self.to_ascii_lowercase()
    }
}

impl Character for u16 {
    fn folded(self) -> Self {
        match u8::try_from(self) {
            Ok(letter) => Self::from(letter.to_ascii_lowercase()),
            Err(_) => self,
        }
    }
}

/// The characters before the NUL; none for NULL.
///
/// # Safety
/// `text` is null or NUL-terminated.
unsafe fn characters<C: Character>(text: *const C) -> Vec<C> {
    let mut found = Vec::new();
    while !text.is_null() {
        // SAFETY: the caller's contract: the NUL is not passed.
        let character = unsafe { text.wrapping_add(found.len()).read_unaligned() };
        if character == C::default() {
            break;
        }
        found.push(character);
    }
    found
}

/// Stores `most` characters of a text at most, and a NUL.
///
/// # Safety
/// `source` is NUL-terminated, `target` has room for them; the texts may overlap.
unsafe fn put<C: Character>(target: *mut C, source: *const C, most: usize) {
    // SAFETY: the caller's contract.
    let mut text = unsafe { characters(source) };
    text.truncate(most);
    text.push(C::default());
    let (from, bytes) = (text.as_ptr().cast::<u8>(), size_of_val(text.as_slice()));
    // SAFETY: the caller's contract. By bytes, since the target may be at an odd address.
    unsafe { std::ptr::copy_nonoverlapping(from, target.cast(), bytes) };
}

/// # Safety
/// `text` is null or NUL-terminated.
unsafe fn length<C: Character>(text: *const C) -> i32 {
    // SAFETY: the caller's contract.
    i32::try_from(unsafe { characters(text) }.len()).unwrap_or(i32::MAX)
}

/// # Safety
/// `source` is null or NUL-terminated; `target` is null or has room for it.
unsafe fn copy<C: Character>(target: *mut C, source: *const C) -> *mut C {
    if target.is_null() || source.is_null() {
        return null_mut();
    }
    // SAFETY: the caller's contract.
    unsafe { put(target, source, usize::MAX) };
    target
}

/// # Safety
/// `source` is null or NUL-terminated; `target` is null or has room for `size` characters.
unsafe fn copy_some<C: Character>(target: *mut C, source: *const C, size: i32) -> *mut C {
    let most = usize::try_from(size)
        .ok()
        .and_then(|size| size.checked_sub(1));
    match most {
        Some(most) if !target.is_null() && !source.is_null() => {
            // SAFETY: the caller's contract.
            unsafe { put(target, source, most) };
            target
        }
        _ => null_mut(),
    }
}

/// # Safety
/// Both are null or NUL-terminated; `target` has room for both texts.
unsafe fn append<C: Character>(target: *mut C, source: *const C) -> *mut C {
    if target.is_null() || source.is_null() {
        return null_mut();
    }
    // SAFETY: the caller's contract.
    let end = target.wrapping_add(unsafe { characters(target) }.len());
    // SAFETY: the caller's contract.
    unsafe { put(end, source, usize::MAX) };
    target
}

/// # Safety
/// Both are null or NUL-terminated.
unsafe fn compare<C: Character>(one: *const C, other: *const C, fold: impl Fn(C) -> C) -> i32 {
    let order = match (one.is_null(), other.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => {
            // SAFETY: the caller's contract.
            let one = unsafe { characters(one) };
            // SAFETY: the caller's contract.
            let other = unsafe { characters(other) };
            let folded = one.iter().copied().map(&fold);
            folded.cmp(other.iter().copied().map(&fold))
        }
    };
    order as i32
}

/// Defines the functions of this file for one kind of character, each with its page.
macro_rules! strings {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $body:expr;)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Safety
            /// Texts are null or NUL-terminated; a target has room for what is stored.
            pub unsafe fn $name($($arg: $ty),*) -> $ret {
                // SAFETY: the caller's contract.
                unsafe { $body }
            }
        )*
    };
}

strings! {
    /// The number of bytes before the NUL; 0 for NULL. Microsoft: "lstrlenA function".
    #[doc(alias = "lstrlenA")]
    length_a(text: PCSTR) -> i32 = length(text);
    /// The number of units before the NUL; 0 for NULL. Microsoft: "lstrlenW function".
    #[doc(alias = "lstrlenW")]
    length_w(text: PCWSTR) -> i32 = length(text);
    /// Copies a text: the target, or NULL when one of them is. Microsoft: "lstrcpyA function".
    #[doc(alias = "lstrcpyA")]
    copy_a(target: PSTR, source: PCSTR) -> PSTR = copy(target, source);
    /// [`copy_a`] in 16-bit units. Microsoft: "lstrcpyW function".
    #[doc(alias = "lstrcpyW")]
    copy_w(target: PWSTR, source: PCWSTR) -> PWSTR = copy(target, source);
    /// Copies what fits into `size` bytes with the NUL: the target, or NULL when one of them is or nothing fits.
    /// Microsoft: "lstrcpynA function".
    #[doc(alias = "lstrcpynA")]
    copy_some_a(target: PSTR, source: PCSTR, size: i32) -> PSTR = copy_some(target, source, size);
    /// [`copy_some_a`] in 16-bit units. Microsoft: "lstrcpynW function".
    #[doc(alias = "lstrcpynW")]
    copy_some_w(target: PWSTR, source: PCWSTR, size: i32) -> PWSTR = copy_some(target, source, size);
    /// Appends a text: the target, or NULL when one of them is. Microsoft: "lstrcatA function".
    #[doc(alias = "lstrcatA")]
    append_a(target: PSTR, source: PCSTR) -> PSTR = append(target, source);
    /// [`append_a`] in 16-bit units. Microsoft: "lstrcatW function".
    #[doc(alias = "lstrcatW")]
    append_w(target: PWSTR, source: PCWSTR) -> PWSTR = append(target, source);
    /// Compares by code: -1, 0 or 1; NULL comes first. Microsoft: "lstrcmpA function".
    #[doc(alias = "lstrcmpA")]
    compare_a(one: PCSTR, other: PCSTR) -> i32 = compare(one, other, |c| c);
    /// [`compare_a`] in 16-bit units. Microsoft: "lstrcmpW function".
    #[doc(alias = "lstrcmpW")]
    compare_w(one: PCWSTR, other: PCWSTR) -> i32 = compare(one, other, |c| c);
    /// Compares without regard to the case of ASCII letters. Microsoft: "lstrcmpiA function".
    #[doc(alias = "lstrcmpiA")]
    compare_folded_a(one: PCSTR, other: PCSTR) -> i32 = compare(one, other, u8::folded);
    /// [`compare_folded_a`] in 16-bit units. Microsoft: "lstrcmpiW function".
    #[doc(alias = "lstrcmpiW")]
    compare_folded_w(one: PCWSTR, other: PCWSTR) -> i32 = compare(one, other, u16::folded);
}

exports! {
    "lstrlenA" lstrlen_a(text: PCSTR) -> i32 = 0 => length_a;
    "lstrlenW" lstrlen_w(text: PCWSTR) -> i32 = 0 => length_w;
    "lstrcpyA" lstrcpy_a(target: PSTR, source: PCSTR) -> PSTR = null_mut() => copy_a;
    "lstrcpyW" lstrcpy_w(target: PWSTR, source: PCWSTR) -> PWSTR = null_mut() => copy_w;
    "lstrcpynA" lstrcpyn_a(target: PSTR, source: PCSTR, size: i32) -> PSTR = null_mut() => copy_some_a;
    "lstrcpynW" lstrcpyn_w(target: PWSTR, source: PCWSTR, size: i32) -> PWSTR = null_mut() => copy_some_w;
    "lstrcatA" lstrcat_a(target: PSTR, source: PCSTR) -> PSTR = null_mut() => append_a;
    "lstrcatW" lstrcat_w(target: PWSTR, source: PCWSTR) -> PWSTR = null_mut() => append_w;
    "lstrcmpA" lstrcmp_a(one: PCSTR, other: PCSTR) -> i32 = 0 => compare_a;
    "lstrcmpW" lstrcmp_w(one: PCWSTR, other: PCWSTR) -> i32 = 0 => compare_w;
    "lstrcmpiA" lstrcmpi_a(one: PCSTR, other: PCSTR) -> i32 = 0 => compare_folded_a;
    "lstrcmpiW" lstrcmpi_w(one: PCWSTR, other: PCWSTR) -> i32 = 0 => compare_folded_w;
}
