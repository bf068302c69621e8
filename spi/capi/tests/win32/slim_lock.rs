//! `InitializeSRWLock`, `AcquireSRWLockExclusive` and their relatives.

use std::mem::MaybeUninit;
use std::ptr::null;
use ws2_32::win32::slim_lock::{self as lock, SlimLock};

fn made() -> &'static SlimLock {
    let place = Box::leak(Box::new(MaybeUninit::uninit()));
    // SAFETY: a live place, which stays.
    unsafe { lock::initialize(place.as_mut_ptr()) };
    // SAFETY: initialised just now.
    unsafe { place.assume_init_ref() }
}

/// Whether another thread could have it alone, and share it.
fn free_for_others(place: &'static SlimLock) -> (bool, bool) {
    let other = std::thread::spawn(move || {
        // SAFETY: a lock of `made`.
        let alone = unsafe { lock::try_acquire_exclusive(place) } == 1;
        if alone {
            // SAFETY: acquired just now.
            unsafe { lock::release_exclusive(place) };
        }
        // SAFETY: a lock of `made`.
        let shared = unsafe { lock::try_acquire_shared(place) } == 1;
        if shared {
            // SAFETY: acquired just now.
            unsafe { lock::release_shared(place) };
        }
        (alone, shared)
    });
    other.join().expect("it does not panic")
}

// MSDN "Slim Reader/Writer (SRW) Locks": many readers or one writer.
#[test]
fn readers_share_and_a_writer_does_not() {
    let place = made();
    assert_eq!(free_for_others(place), (true, true));
    // SAFETY: a lock of `made`.
    unsafe { lock::acquire_exclusive(place) };
    assert_eq!(free_for_others(place), (false, false));
    // SAFETY: acquired above.
    unsafe { lock::release_exclusive(place) };
    // SAFETY: a lock of `made`.
    unsafe { lock::acquire_shared(place) };
    assert_eq!(free_for_others(place), (false, true));
    // SAFETY: acquired above.
    unsafe { lock::release_shared(place) };
    assert_eq!(free_for_others(place), (true, true));
}

// A lock of zeros, as SRWLOCK_INIT makes it, is free; NULL is none.
#[test]
fn a_lock_of_zeros_is_free() {
    let place: &'static usize = Box::leak(Box::new(0));
    let place = std::ptr::from_ref(place).cast::<SlimLock>();
    // SAFETY: one word of zeros, which stays.
    assert_eq!(unsafe { lock::try_acquire_exclusive(place) }, 1);
    // SAFETY: as above.
    assert_eq!(unsafe { lock::try_acquire_shared(place) }, 0);
    // SAFETY: NULL is looked for.
    assert_eq!(unsafe { lock::try_acquire_exclusive(null()) }, 0);
    // SAFETY: NULL is looked for.
    unsafe { lock::release_shared(null()) };
}
