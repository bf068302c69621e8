//! Slim reader and writer locks, in the caller's own memory.
//!
//! An `SRWLOCK` is one word, zero when it is free, so one that was initialised by its definition works and none is ever freed. Blocks
//! without a kernel object; not alertable, not to be entered again by its owner. Any thread may call everything.

use super::placed;
use crate::table::exports;
use parking_lot::RawRwLock;
use parking_lot::lock_api::RawRwLock as _;
use ws2spi_abi::FALSE;

/// `SRWLOCK`.
#[repr(transparent)]
pub struct SlimLock(RawRwLock);

const _: () = assert!(size_of::<SlimLock>() == size_of::<usize>());
// SAFETY: both are one word.
const _: () = assert!(unsafe { std::mem::transmute::<SlimLock, usize>(SlimLock::free()) } == 0);

impl SlimLock {
    const fn free() -> Self {
        Self(RawRwLock::INIT)
    }
}

/// Runs `body` with the lock behind a pointer; nothing for NULL.
///
/// # Safety
/// `lock` is null or points to an `SRWLOCK` that stays where it is.
unsafe fn with<R: Default>(lock: *const SlimLock, body: impl FnOnce(&RawRwLock) -> R) -> R {
    // SAFETY: the caller's contract.
    match unsafe { placed(lock) } {
        Some(lock) => body(&lock.0),
        None => R::default(),
    }
}

/// Makes a free lock of the caller's memory. Microsoft: "InitializeSRWLock function".
///
/// # Safety
/// `lock` is null or writable.
#[doc(alias = "InitializeSRWLock")]
pub unsafe fn initialize(lock: *mut SlimLock) {
    if !lock.is_null() && lock.is_aligned() {
        // SAFETY: the caller's contract; not null.
        unsafe { lock.write(SlimLock::free()) };
    }
}

/// Blocks until the caller has the lock alone. Microsoft: "AcquireSRWLockExclusive function".
///
/// # Safety
/// `lock` is null or a lock of [`initialize`].
#[doc(alias = "AcquireSRWLockExclusive")]
pub unsafe fn acquire_exclusive(lock: *const SlimLock) {
    // SAFETY: the caller's contract.
    unsafe { with(lock, |lock| lock.lock_exclusive()) };
}

/// Blocks until the caller has the lock beside other readers. Microsoft: "AcquireSRWLockShared function".
///
/// # Safety
/// As [`acquire_exclusive`].
#[doc(alias = "AcquireSRWLockShared")]
pub unsafe fn acquire_shared(lock: *const SlimLock) {
    // SAFETY: the caller's contract.
    unsafe { with(lock, |lock| lock.lock_shared()) };
}

/// Takes the lock alone if it is free. Does not block. Microsoft: "TryAcquireSRWLockExclusive function".
///
/// # Safety
/// As [`acquire_exclusive`].
#[doc(alias = "TryAcquireSRWLockExclusive")]
pub unsafe fn try_acquire_exclusive(lock: *const SlimLock) -> u8 {
    // SAFETY: the caller's contract.
    u8::from(unsafe { with(lock, |lock| lock.try_lock_exclusive()) })
}

/// Takes the lock beside other readers if nobody has it alone. Does not block. Microsoft: "TryAcquireSRWLockShared function".
///
/// # Safety
/// As [`acquire_exclusive`].
#[doc(alias = "TryAcquireSRWLockShared")]
pub unsafe fn try_acquire_shared(lock: *const SlimLock) -> u8 {
    // SAFETY: the caller's contract.
    u8::from(unsafe { with(lock, |lock| lock.try_lock_shared()) })
}

/// Gives the lock back; one that nobody has alone stays as it is. Microsoft: "ReleaseSRWLockExclusive function".
///
/// # Safety
/// As [`acquire_exclusive`]; the caller has it alone.
#[doc(alias = "ReleaseSRWLockExclusive")]
pub unsafe fn release_exclusive(lock: *const SlimLock) {
    let release = |lock: &RawRwLock| {
        if lock.is_locked_exclusive() {
            // SAFETY: the caller's contract.
            unsafe { lock.unlock_exclusive() };
        }
    };
    // SAFETY: the caller's contract.
    unsafe { with(lock, release) };
}

/// Gives a reader's share back; a lock that no reader has stays as it is. Microsoft: "ReleaseSRWLockShared function".
///
/// # Safety
/// As [`acquire_exclusive`]; the caller has a reader's share.
#[doc(alias = "ReleaseSRWLockShared")]
pub unsafe fn release_shared(lock: *const SlimLock) {
    let release = |lock: &RawRwLock| {
        if lock.is_locked() && !lock.is_locked_exclusive() {
            // SAFETY: the caller's contract.
            unsafe { lock.unlock_shared() };
        }
    };
    // SAFETY: the caller's contract.
    unsafe { with(lock, release) };
}

exports! {
    "InitializeSRWLock" initialize_srw_lock(lock: *mut SlimLock) => initialize;
    "AcquireSRWLockExclusive" acquire_srw_lock_exclusive(lock: *const SlimLock) => acquire_exclusive;
    "AcquireSRWLockShared" acquire_srw_lock_shared(lock: *const SlimLock) => acquire_shared;
    "TryAcquireSRWLockExclusive" try_acquire_srw_lock_exclusive(lock: *const SlimLock) -> u8 = FALSE as u8 => try_acquire_exclusive;
    "TryAcquireSRWLockShared" try_acquire_srw_lock_shared(lock: *const SlimLock) -> u8 = FALSE as u8 => try_acquire_shared;
    "ReleaseSRWLockExclusive" release_srw_lock_exclusive(lock: *const SlimLock) => release_exclusive;
    "ReleaseSRWLockShared" release_srw_lock_shared(lock: *const SlimLock) => release_shared;
}
