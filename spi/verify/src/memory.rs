//! Reading what calls point to.
//!
//! Every pointer in a call is the caller's, who owes the function that it is NULL or valid; the checks read it once, before or after
//! the call, as the provider itself may.

use std::sync::atomic::{AtomicUsize, Ordering};
use ws2spi_abi::OVERLAPPED;

/// What `place` points to, `None` for NULL.
///
/// # Safety
/// NULL or readable for `T`, of which all bit patterns are values.
pub(crate) unsafe fn read<T: Copy>(place: *const T) -> Option<T> {
    if place.is_null() {
        return None;
    }
    // SAFETY: the caller's contract: not null, so it is readable.
    Some(unsafe { place.read_unaligned() })
}

/// The `count` values from `place` on; none for NULL.
///
/// # Safety
/// NULL or readable for so many values of `T`, of which all bit patterns are values.
pub(crate) unsafe fn list<T: Copy>(place: *const T, count: usize) -> Vec<T> {
    if place.is_null() {
        return Vec::new();
    }
    let places = (0..count).map(|index| place.wrapping_add(index));
    places
        // SAFETY: the caller's contract: within the array.
        .map(|place| unsafe { place.read_unaligned() })
        .collect()
}

/// A word of an OVERLAPPED; each of its fields that matters is one.
///
/// # Safety
/// A block that may be read and written to.
pub(crate) unsafe fn word(block: *mut OVERLAPPED, word: usize) -> usize {
    let place = block.cast::<usize>().wrapping_add(word);
    // SAFETY: the caller's contract: within the block, of which others write words while an operation goes on.
    let place = unsafe { AtomicUsize::from_ptr(place) };
    place.load(Ordering::Acquire)
}

/// Writes a word of an OVERLAPPED.
///
/// # Safety
/// A block that may be written to.
pub(crate) unsafe fn put_word(block: *mut OVERLAPPED, word: usize, value: usize) {
    let place = block.cast::<usize>().wrapping_add(word);
    // SAFETY: the caller's contract: within the block, of which others read words while an operation goes on.
    let place = unsafe { AtomicUsize::from_ptr(place) };
    place.store(value, Ordering::Release);
}
