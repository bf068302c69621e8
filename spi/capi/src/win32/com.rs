//! What providers use of COM: strings with a length, task memory, and the word that a thread uses COM. There are no interfaces.
//!
//! A `BSTR` points behind its length in bytes, which is followed by the text and a NUL. The memory is libc's, so `realloc` moves it.

use crate::table::exports;
use crate::text;
use core::ffi::c_void;
use std::cell::Cell;
use std::ptr::null_mut;
use ws2spi_abi::{BOOL, FALSE, PCWSTR, PWSTR, TRUE};

/// Before the text: padding and the length, so that the text is aligned as memory of libc's is to words.
const HEAD: usize = 8;

/// What a thread has said about COM.
#[derive(Clone, Copy, Default)]
struct Apartment {
    depth: u32,
    threaded: bool,
}

thread_local! {
    static APARTMENT: Cell<Apartment> = const { Cell::new(Apartment { depth: 0, threaded: true }) };
}

/// A block for so many bytes of text; NULL without memory. `old` is a string whose block becomes this one.
///
/// # Safety
/// `old` is null or a string of this file, which is gone if this succeeds.
unsafe fn block(old: PWSTR, bytes: usize) -> *mut u8 {
    let start = if old.is_null() {
        null_mut()
    } else {
        old.cast::<u8>().wrapping_sub(HEAD)
    };
    let Some(size) = bytes.checked_add(HEAD + size_of::<u16>()) else {
        return null_mut();
    };
    if u32::try_from(bytes).is_err() {
        return null_mut();
    }
    // SAFETY: the caller's contract: null, or the start of a block of libc's.
    let made = unsafe { libc::realloc(start.cast(), size) }.cast::<u8>();
    if made.is_null() {
        return null_mut();
    }
    let length = made.wrapping_add(HEAD - size_of::<u32>()).cast::<u32>();
    // SAFETY: within the block.
    unsafe { length.write_unaligned(bytes as u32) };
    let text = made.wrapping_add(HEAD);
    let end = text.wrapping_add(bytes).cast::<u16>();
    // SAFETY: within the block: there is room for the NUL.
    unsafe { end.write_unaligned(0) };
    text
}

/// # Safety
/// As [`block`]; `from` is null or has `bytes` bytes, and does not lie in `old`.
unsafe fn string(old: PWSTR, from: *const u8, bytes: usize) -> PWSTR {
    // SAFETY: the caller's contract.
    let text = unsafe { block(old, bytes) };
    if !text.is_null() && !from.is_null() {
        // SAFETY: the caller's contract, and a block of this size.
        unsafe { text.copy_from_nonoverlapping(from, bytes) };
    }
    text.cast()
}

/// A string with that text; NULL for NULL, and without memory. Microsoft: "SysAllocString function".
///
/// # Safety
/// `source` is null or NUL-terminated.
#[doc(alias = "SysAllocString")]
pub unsafe fn alloc(source: PCWSTR) -> PWSTR {
    // SAFETY: the caller's contract.
    let Some(units) = (unsafe { text::wide_units(source) }) else {
        return null_mut();
    };
    // SAFETY: a live local; no old string.
    unsafe { string(null_mut(), units.as_ptr().cast(), size_of_val(&units[..])) }
}

/// A string of so many units, with a NUL behind them; what they are is undefined for a NULL source. NULL without memory.
/// Microsoft: "SysAllocStringLen function".
///
/// # Safety
/// `source` is null or has `units` units.
#[doc(alias = "SysAllocStringLen")]
pub unsafe fn alloc_len(source: PCWSTR, units: u32) -> PWSTR {
    // SAFETY: the caller's contract; no old string.
    unsafe { string(null_mut(), source.cast(), units as usize * 2) }
}

/// A string of so many bytes; see [`alloc_len`]. Microsoft: "SysAllocStringByteLen function".
///
/// # Safety
/// `source` is null or has `bytes` bytes.
#[doc(alias = "SysAllocStringByteLen")]
pub unsafe fn alloc_byte_len(source: *const u8, bytes: u32) -> PWSTR {
    // SAFETY: the caller's contract; no old string.
    unsafe { string(null_mut(), source, bytes as usize) }
}

/// Gives a string another text: TRUE; FALSE without memory, or without a place. Microsoft: "SysReAllocString function".
///
/// # Safety
/// `place` is null or points to null or a string; `source` is null or NUL-terminated, and may lie in the old string.
#[doc(alias = "SysReAllocString")]
pub unsafe fn realloc(place: *mut PWSTR, source: PCWSTR) -> BOOL {
    // SAFETY: the caller's contract.
    let made = unsafe { alloc(source) };
    if place.is_null() || (made.is_null() && !source.is_null()) {
        // SAFETY: made above, or null.
        unsafe { free(made) };
        return FALSE;
    }
    // SAFETY: the caller's contract; not null.
    let old = unsafe { place.replace(made) };
    // SAFETY: as above: a string, or null.
    unsafe { free(old) };
    TRUE
}

/// Gives a string so many units of a text, with a NUL behind them; for a NULL source it keeps what it has as far as that fits, and the rest
/// is undefined. TRUE; FALSE without memory, or without a place: nothing changes then. Microsoft: "SysReAllocStringLen function".
///
/// # Safety
/// `place` is null or points to null or a string; `source` is null or has `units` units, and may lie in the old string.
#[doc(alias = "SysReAllocStringLen")]
pub unsafe fn realloc_len(place: *mut PWSTR, source: PCWSTR, units: u32) -> BOOL {
    if place.is_null() {
        return FALSE;
    }
    // SAFETY: the caller's contract; not null.
    let old = unsafe { place.read() };
    let bytes = units as usize * 2;
    let made = if source.is_null() {
        // SAFETY: the caller's contract; nothing is copied, so nothing lies in the old string.
        unsafe { string(old, source.cast(), bytes) }
    } else {
        // SAFETY: the caller's contract; no old string.
        unsafe { string(null_mut(), source.cast(), bytes) }
    };
    if made.is_null() {
        return FALSE;
    }
    if !source.is_null() {
        // SAFETY: the caller's contract: a string, or null, which was copied from by now.
        unsafe { free(old) };
    }
    // SAFETY: the caller's contract; not null.
    unsafe { place.write(made) };
    TRUE
}

/// Frees a string; nothing for NULL. Microsoft: "SysFreeString function".
///
/// # Safety
/// `text` is null or a string that nobody uses any more.
#[doc(alias = "SysFreeString")]
pub unsafe fn free(text: PWSTR) {
    if !text.is_null() {
        // SAFETY: the caller's contract: its block is libc's.
        unsafe { libc::free(text.cast::<u8>().wrapping_sub(HEAD).cast()) };
    }
}

/// How many bytes a string has without its NUL; 0 for NULL. Microsoft: "SysStringByteLen function".
///
/// # Safety
/// `text` is null or a string.
#[doc(alias = "SysStringByteLen")]
#[must_use]
pub unsafe fn byte_len(text: PCWSTR) -> u32 {
    if text.is_null() {
        return 0;
    }
    let length = text.cast::<u8>().wrapping_sub(size_of::<u32>());
    // SAFETY: the caller's contract: its length lies before it.
    unsafe { length.cast::<u32>().read_unaligned() }
}

/// How many units a string has without its NUL; 0 for NULL. Microsoft: "SysStringLen function".
///
/// # Safety
/// `text` is null or a string.
#[doc(alias = "SysStringLen")]
#[must_use]
pub unsafe fn len(text: PCWSTR) -> u32 {
    // SAFETY: the caller's contract.
    unsafe { byte_len(text) / 2 }
}

/// Memory that any module may free; NULL without. Microsoft: "CoTaskMemAlloc function".
#[doc(alias = "CoTaskMemAlloc")]
#[must_use]
pub fn task_alloc(size: usize) -> *mut c_void {
    // SAFETY: any size will do.
    unsafe { libc::malloc(size.max(1)) }
}

/// Changes the size of task memory, which may move; frees it for 0, and is NULL then. Microsoft: "CoTaskMemRealloc function".
///
/// # Safety
/// `memory` is null or task memory; it is gone when this succeeds.
#[doc(alias = "CoTaskMemRealloc")]
pub unsafe fn task_realloc(memory: *mut c_void, size: usize) -> *mut c_void {
    if size == 0 && !memory.is_null() {
        // SAFETY: the caller's contract.
        unsafe { libc::free(memory) };
        return null_mut();
    }
    // SAFETY: the caller's contract.
    unsafe { libc::realloc(memory, size.max(1)) }
}

/// Frees task memory; nothing for NULL. Microsoft: "CoTaskMemFree function".
///
/// # Safety
/// `memory` is null or task memory that nobody uses any more.
#[doc(alias = "CoTaskMemFree")]
pub unsafe fn task_free(memory: *mut c_void) {
    // SAFETY: the caller's contract.
    unsafe { libc::free(memory) };
}

/// Says that the thread uses COM: `S_OK`, `S_FALSE` when it has said so before, `RPC_E_CHANGED_MODE` when it said it otherwise,
/// `E_INVALIDARG` for a reserved argument or flags that do not exist. It changes nothing else. Microsoft: "CoInitializeEx function".
#[doc(alias = "CoInitializeEx")]
pub fn initialize_ex(reserved: *const c_void, flags: u32) -> i32 {
    if !reserved.is_null() || flags & !FLAGS != 0 {
        return E_INVALIDARG;
    }
    let threaded = flags & APARTMENT_THREADED == 0;
    let before = APARTMENT.get();
    if before.depth > 0 && before.threaded != threaded {
        return RPC_E_CHANGED_MODE;
    }
    APARTMENT.set(Apartment {
        depth: before.depth.saturating_add(1),
        threaded,
    });
    i32::from(before.depth > 0)
}

/// [`initialize_ex`] for a thread that is an apartment. Microsoft: "CoInitialize function".
#[doc(alias = "CoInitialize")]
pub fn initialize(reserved: *const c_void) -> i32 {
    initialize_ex(reserved, APARTMENT_THREADED)
}

/// Takes one [`initialize_ex`] of the thread back. Microsoft: "CoUninitialize function".
#[doc(alias = "CoUninitialize")]
pub fn uninitialize() {
    let before = APARTMENT.get();
    APARTMENT.set(Apartment {
        depth: before.depth.saturating_sub(1),
        ..before
    });
}

exports! {
    "SysAllocString" sys_alloc_string(source: PCWSTR) -> PWSTR = null_mut() => alloc;
    "SysAllocStringLen" sys_alloc_string_len(source: PCWSTR, units: u32) -> PWSTR = null_mut() => alloc_len;
    "SysAllocStringByteLen" sys_alloc_string_byte_len(source: *const u8, bytes: u32) -> PWSTR = null_mut() => alloc_byte_len;
    "SysReAllocString" sys_re_alloc_string(place: *mut PWSTR, source: PCWSTR) -> BOOL = FALSE => realloc;
    "SysReAllocStringLen" sys_re_alloc_string_len(place: *mut PWSTR, source: PCWSTR, units: u32) -> BOOL = FALSE => realloc_len;
    "SysFreeString" sys_free_string(text: PWSTR) => free;
    "SysStringByteLen" sys_string_byte_len(text: PCWSTR) -> u32 = 0 => byte_len;
    "SysStringLen" sys_string_len(text: PCWSTR) -> u32 = 0 => len;
    "CoTaskMemAlloc" co_task_mem_alloc(size: usize) -> *mut c_void = null_mut() => task_alloc;
    "CoTaskMemRealloc" co_task_mem_realloc(memory: *mut c_void, size: usize) -> *mut c_void = null_mut() => task_realloc;
    "CoTaskMemFree" co_task_mem_free(memory: *mut c_void) => task_free;
    "CoInitialize" co_initialize(reserved: *const c_void) -> i32 = E_INVALIDARG => initialize;
    "CoInitializeEx" co_initialize_ex(reserved: *const c_void, flags: u32) -> i32 = E_INVALIDARG => initialize_ex;
    "CoUninitialize" co_uninitialize() => uninitialize;
}

const APARTMENT_THREADED: u32 = 2;
/// COINIT_APARTMENTTHREADED, COINIT_DISABLE_OLE1DDE, COINIT_SPEED_OVER_MEMORY.
const FLAGS: u32 = 2 | 4 | 8;
const E_INVALIDARG: i32 = 0x8007_0057_u32.cast_signed();
const RPC_E_CHANGED_MODE: i32 = 0x8001_0106_u32.cast_signed();
