//! Condition variables, in the caller's own memory, with critical sections or slim locks.
//!
//! Only the address of a `CONDITION_VARIABLE` is used. A thread stands in the queue before it gives up the lock, so no wake is lost.
//! Not alertable.

use super::address_wait::{self, Ended, TIMEOUT};
use super::critical_section::CriticalSection;
use super::slim_lock::{self, SlimLock};
use super::{placed, truth};
use crate::table::exports;
use core::ffi::c_void;
use ws2spi_abi::{BOOL, Errno, FALSE};

/// Gives the lock up, waits, and takes the lock again.
fn sleep(
    variable: *mut c_void,
    timeout: u32,
    unlock: impl FnOnce(),
    lock: impl FnOnce(),
) -> Result<(), Errno> {
    let place = address_wait::queue_if(variable.addr(), || true).ok_or(Errno::INVALID_PARAMETER)?;
    unlock();
    let ended = place.wait(timeout);
    lock();
    match ended {
        Ended::Woken => Ok(()),
        Ended::TimedOut => Err(TIMEOUT),
    }
}

/// Makes a condition variable of the caller's memory. Microsoft: "InitializeConditionVariable function".
///
/// # Safety
/// `variable` is null or writable.
#[doc(alias = "InitializeConditionVariable")]
pub unsafe fn initialize(variable: *mut usize) {
    if !variable.is_null() {
        // SAFETY: the caller's contract; not null.
        unsafe { variable.write_unaligned(0) };
    }
}

/// Leaves a critical section, waits until the variable is woken, and enters again. FALSE with `ERROR_TIMEOUT` after `timeout`
/// milliseconds, `ERROR_NOACCESS` for NULL. Microsoft: "SleepConditionVariableCS function".
///
/// # Safety
/// `section` is null or a section that the caller has entered once.
#[doc(alias = "SleepConditionVariableCS")]
pub unsafe fn sleep_in_section(
    variable: *mut c_void,
    section: *const CriticalSection,
    timeout: u32,
) -> BOOL {
    // SAFETY: the caller's contract.
    let section = unsafe { placed(section) };
    truth(match section.filter(|_| !variable.is_null()) {
        Some(section) => sleep(variable, timeout, || section.leave(), || section.enter()),
        None => Err(Errno::NOACCESS),
    })
}

/// The same with a slim lock, a reader's share of it with `CONDITION_VARIABLE_LOCKMODE_SHARED`.
/// Microsoft: "SleepConditionVariableSRW function".
///
/// # Safety
/// `lock` is null or a lock that the caller has in the way that `flags` say.
#[doc(alias = "SleepConditionVariableSRW")]
pub unsafe fn sleep_in_lock(
    variable: *mut c_void,
    lock: *const SlimLock,
    timeout: u32,
    flags: u32,
) -> BOOL {
    if variable.is_null() || lock.is_null() {
        return truth(Err(Errno::NOACCESS));
    }
    let shared = flags & LOCKMODE_SHARED != 0;
    let unlock = || {
        if shared {
            // SAFETY: the caller's contract.
            unsafe { slim_lock::release_shared(lock) };
        } else {
            // SAFETY: the caller's contract.
            unsafe { slim_lock::release_exclusive(lock) };
        }
    };
    let again = || {
        if shared {
            // SAFETY: the caller's contract.
            unsafe { slim_lock::acquire_shared(lock) };
        } else {
            // SAFETY: the caller's contract.
            unsafe { slim_lock::acquire_exclusive(lock) };
        }
    };
    truth(sleep(variable, timeout, unlock, again))
}

/// Wakes one thread that sleeps on the variable. Microsoft: "WakeConditionVariable function".
#[doc(alias = "WakeConditionVariable")]
pub fn wake(variable: *mut c_void) {
    address_wait::wake_one(variable.addr());
}

/// Wakes all threads that sleep on the variable. Microsoft: "WakeAllConditionVariable function".
#[doc(alias = "WakeAllConditionVariable")]
pub fn wake_all(variable: *mut c_void) {
    address_wait::wake_all(variable.addr());
}

exports! {
    "InitializeConditionVariable" initialize_condition_variable(variable: *mut usize) => initialize;
    "SleepConditionVariableCS" sleep_condition_variable_cs(
        variable: *mut c_void, section: *const CriticalSection, timeout: u32
    ) -> BOOL = FALSE => sleep_in_section;
    "SleepConditionVariableSRW" sleep_condition_variable_srw(
        variable: *mut c_void, lock: *const SlimLock, timeout: u32, flags: u32
    ) -> BOOL = FALSE => sleep_in_lock;
    "WakeConditionVariable" wake_condition_variable(variable: *mut c_void) => wake;
    "WakeAllConditionVariable" wake_all_condition_variable(variable: *mut c_void) => wake_all;
}

/// `CONDITION_VARIABLE_LOCKMODE_SHARED`.
const LOCKMODE_SHARED: u32 = 1;
