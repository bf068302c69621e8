//! `HeapCreate` and the other functions of heaps, `GlobalAlloc` and `LocalAlloc`.

use super::{STALE, error_of};
use std::ptr::null_mut;
use ws2_32::win32::heap;
use ws2spi_abi::*;

const ZERO_MEMORY: u32 = 8;
const IN_PLACE_ONLY: u32 = 0x10;

fn filled(block: *mut u8, size: usize, byte: u8) -> bool {
    // SAFETY: a block of at least that size.
    unsafe { std::slice::from_raw_parts(block, size) }
        .iter()
        .all(|found| *found == byte)
}

// MSDN "HeapAlloc", "HeapSize", "HeapFree": a block of the size asked for, zeros if asked for, given back once.
#[test]
fn a_block_is_there_until_it_is_freed() {
    let own = heap::create(0, 0, 0);
    for which in [own, heap::of_process()] {
        let block = heap::allocate(which, ZERO_MEMORY, 100);
        assert!(filled(block, 100, 0));
        assert_eq!(block.addr() % 16, 0);
        assert_eq!(heap::size(which, 0, block), 100);
        assert_eq!(heap::validate(which, 0, block), TRUE);
        assert_eq!(heap::free(which, 0, block), TRUE);
        let again = error_of(|| heap::free(which, 0, block));
        assert_eq!(again, (FALSE, Errno::INVALID_PARAMETER.code() as u32));
        assert_eq!(heap::size(which, 0, block), usize::MAX);
        assert_eq!(heap::validate(which, 0, block), FALSE);
    }
    assert_eq!(heap::free(own, 0, null_mut()), TRUE);
    assert_eq!(heap::destroy(own), TRUE);
}

// MSDN "HeapReAlloc": the content moves along; a foreign pointer has no new size.
#[test]
fn a_block_keeps_its_content_when_it_grows() {
    let own = heap::create(0, 0, 0);
    let block = heap::allocate(own, ZERO_MEMORY, 10);
    // SAFETY: nobody else uses it.
    let grown = unsafe { heap::reallocate(own, ZERO_MEMORY, block, 1000) };
    assert!(filled(grown, 1000, 0));
    assert_eq!(heap::size(own, 0, grown), 1000);
    // SAFETY: as above.
    let in_place = unsafe { heap::reallocate(own, IN_PLACE_ONLY, grown, 2000) };
    assert!(in_place.is_null());
    // SAFETY: as above; it is no block of that heap.
    let foreign = unsafe { heap::reallocate(heap::of_process(), 0, grown, 5) };
    assert!(foreign.is_null());
    assert_eq!(heap::destroy(own), TRUE);
}

// MSDN "HeapCreate": a maximum is a maximum, and the initial size is not above it.
#[test]
fn a_heap_with_a_maximum_does_not_grow_beyond_it() {
    let own = heap::create(0, 0, 100);
    let first = heap::allocate(own, 0, 80);
    assert!(!first.is_null());
    assert!(heap::allocate(own, 0, 40).is_null());
    assert_eq!(heap::free(own, 0, first), TRUE);
    assert!(!heap::allocate(own, 0, 100).is_null());
    assert_eq!(heap::destroy(own), TRUE);
    let refused = error_of(|| heap::create(0, 200, 100));
    assert_eq!(refused, (0, Errno::NOT_ENOUGH_MEMORY.code() as u32));
}

// MSDN "HeapDestroy", "HeapFree": what is no heap is an invalid handle; the process's cannot be destroyed.
#[test]
fn a_heap_is_gone_once_destroyed() {
    let own = heap::create(0, 0, 0);
    assert!(!heap::allocate(own, 0, 10).is_null());
    assert_eq!(heap::destroy(own), TRUE);
    assert!(heap::allocate(own, 0, 10).is_null());
    let invalid = (FALSE, Errno::INVALID_HANDLE.code() as u32);
    for gone in [own, 0, STALE, heap::of_process()] {
        assert_eq!(error_of(|| heap::destroy(gone)), invalid);
    }
    for gone in [own, 0, STALE] {
        assert_eq!(error_of(|| heap::free(gone, 0, null_mut())), invalid);
    }
}

// MSDN "GlobalAlloc", "GlobalFree", "GlobalSize", "GlobalLock": the process's heap under older names.
#[test]
fn global_memory_is_the_processes() {
    const ZEROINIT: u32 = 0x40;
    let block = heap::global_allocate(ZEROINIT, 64);
    assert!(filled(block, 64, 0));
    assert_eq!(heap::global_size(block), 64);
    assert_eq!(heap::global_lock(block), block);
    assert_eq!(error_of(|| heap::global_unlock(block)), (FALSE, 0));
    assert!(heap::global_free(block).is_null());
    let invalid = Errno::INVALID_HANDLE.code() as u32;
    assert_eq!(error_of(|| heap::global_free(block)), (block, invalid));
    assert_eq!(error_of(|| heap::global_size(block)), (0, invalid));
    assert_eq!(error_of(|| heap::global_lock(block)), (null_mut(), invalid));
    assert_eq!(error_of(|| heap::global_unlock(block)), (FALSE, invalid));
    assert!(heap::global_free(null_mut()).is_null());
}
