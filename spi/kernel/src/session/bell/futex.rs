//! Waiting for a word in shared memory: Linux's futex.

use std::sync::atomic::AtomicU32;

/// Sleeps until the word is another, or for no reason.
pub(super) fn until_changed(word: &AtomicU32, seen: u32) {
    let forever = std::ptr::null::<libc::timespec>();
    // SAFETY: a live word; shared with other processes, so not FUTEX_PRIVATE_FLAG.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT,
            seen,
            forever,
        )
    };
}

/// Wakes all who sleep.
pub(super) fn wake(word: &AtomicU32) {
    // SAFETY: a live word.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE, i32::MAX) };
}
