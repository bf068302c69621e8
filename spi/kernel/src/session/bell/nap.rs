//! Waiting for a word in shared memory where the system has nothing for that: looking again and again.
//!
//! DIFFERS: what another process does is noticed some milliseconds later.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Acquire;
use std::time::Duration;

const NAP: Duration = Duration::from_millis(2);

/// Sleeps until the word is another.
pub(super) fn until_changed(word: &AtomicU32, seen: u32) {
    while word.load(Acquire) == seen {
        std::thread::sleep(NAP);
    }
}

/// Nobody sleeps for long.
pub(super) fn wake(_: &AtomicU32) {}
