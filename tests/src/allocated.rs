//! How much memory the program has allocated: for tests and benches of what the runtime keeps. The program says
//! `#[global_allocator] static COUNTING: Counting = Counting;`.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, Ordering};

/// The system's allocator, counted.
#[derive(Debug)]
pub struct Counting;

static ALLOCATED: AtomicIsize = AtomicIsize::new(0);

/// The bytes that are allocated at the moment.
#[must_use]
pub fn bytes() -> isize {
    ALLOCATED.load(Ordering::Relaxed)
}

// SAFETY: passes every call on to the system's allocator and counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract.
        let place = unsafe { System.alloc(layout) };
        count(place, layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract.
        let place = unsafe { System.alloc_zeroed(layout) };
        count(place, layout)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: the caller's contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn count(place: *mut u8, layout: Layout) -> *mut u8 {
    if !place.is_null() {
        ALLOCATED.fetch_add(layout.size() as isize, Ordering::Relaxed);
    }
    place
}
