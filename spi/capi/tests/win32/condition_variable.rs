//! `SleepConditionVariableCS`, `SleepConditionVariableSRW` and their wakes; `WaitOnAddress`.

use super::error_of;
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use ws2_32::win32::critical_section::{self as section, CriticalSection};
use ws2_32::win32::slim_lock::{self, SlimLock};
use ws2_32::win32::{address_wait, condition_variable as variable};
use ws2spi_abi::*;

const TIMEOUT: u32 = 1460;
const SHARED: u32 = 1;

fn place<T>() -> &'static mut MaybeUninit<T> {
    Box::leak(Box::new(MaybeUninit::zeroed()))
}

fn made_section() -> &'static CriticalSection {
    let place = place();
    // SAFETY: a live place, which stays.
    unsafe { section::initialize(place.as_mut_ptr()) };
    // SAFETY: initialised just now.
    unsafe { place.assume_init_ref() }
}

fn made_variable() -> usize {
    let place = place::<usize>();
    // SAFETY: a live place, which stays.
    unsafe { variable::initialize(place.as_mut_ptr()) };
    place.as_mut_ptr().expose_provenance()
}

fn pointer(variable: usize) -> *mut core::ffi::c_void {
    std::ptr::with_exposed_provenance_mut(variable)
}

// MSDN "SleepConditionVariableCS", "WakeConditionVariable", "WakeAllConditionVariable": sleepers give the section up and have it again.
#[test]
fn sleepers_wake_with_the_section_entered() {
    let (lock, signal) = (made_section(), made_variable());
    let (count, (send, receive)) = (Arc::new(AtomicU32::new(0)), mpsc::channel());
    let sleepers: Vec<_> = (0..3)
        .map(|_| {
            let (count, send) = (Arc::clone(&count), send.clone());
            std::thread::spawn(move || {
                // SAFETY: a section of `made_section`.
                unsafe { section::enter(lock) };
                send.send(()).expect("somebody listens");
                // SAFETY: as above, entered once.
                let woken = unsafe { variable::sleep_in_section(pointer(signal), lock, u32::MAX) };
                // The section is this thread's: no other update can come between.
                let seen = count.load(Ordering::Relaxed);
                count.store(seen + 1, Ordering::Relaxed);
                // SAFETY: as above.
                unsafe { section::leave(lock) };
                woken
            })
        })
        .collect();
    for _ in 0..3 {
        assert_eq!(receive.recv(), Ok(()));
    }
    // They have all sent from inside, so each is queued once the section can be had.
    // SAFETY: a section of `made_section`.
    unsafe { section::enter(lock) };
    variable::wake(pointer(signal));
    variable::wake_all(pointer(signal));
    // SAFETY: as above.
    unsafe { section::leave(lock) };
    for sleeper in sleepers {
        assert_eq!(sleeper.join().ok(), Some(TRUE));
    }
    assert_eq!(count.load(Ordering::Relaxed), 3);
}

// MSDN "SleepConditionVariableCS": FALSE with ERROR_TIMEOUT when the time is over.
#[test]
fn nobody_wakes_a_sleeper_whose_time_is_over() {
    let (lock, signal) = (made_section(), made_variable());
    // SAFETY: a section of `made_section`.
    unsafe { section::enter(lock) };
    // SAFETY: as above, entered once.
    let late = error_of(|| unsafe { variable::sleep_in_section(pointer(signal), lock, 1) });
    assert_eq!(late, (FALSE, TIMEOUT));
    // SAFETY: as above.
    unsafe { section::leave(lock) };
    // SAFETY: NULL is looked for.
    let none = error_of(|| unsafe { variable::sleep_in_section(pointer(signal), null(), 1) });
    assert_eq!(none, (FALSE, Errno::NOACCESS.code() as u32));
}

// MSDN "SleepConditionVariableSRW": alone or, with CONDITION_VARIABLE_LOCKMODE_SHARED, as a reader.
#[test]
fn slim_locks_are_given_up_as_they_were_taken() {
    let (lock, signal) = (place::<SlimLock>(), made_variable());
    // SAFETY: a live place, which stays.
    unsafe { slim_lock::initialize(lock.as_mut_ptr()) };
    // SAFETY: initialised just now.
    let lock = unsafe { lock.assume_init_ref() };
    // SAFETY: initialised above.
    unsafe { slim_lock::acquire_exclusive(lock) };
    // SAFETY: held alone.
    let late = error_of(|| unsafe { variable::sleep_in_lock(pointer(signal), lock, 1, 0) });
    assert_eq!(late, (FALSE, TIMEOUT));
    // SAFETY: held alone again.
    unsafe { slim_lock::release_exclusive(lock) };
    // SAFETY: initialised above.
    unsafe { slim_lock::acquire_shared(lock) };
    // SAFETY: a reader's share is held.
    let late = error_of(|| unsafe { variable::sleep_in_lock(pointer(signal), lock, 1, SHARED) });
    assert_eq!(late, (FALSE, TIMEOUT));
    // SAFETY: as above.
    assert_eq!(unsafe { slim_lock::try_acquire_shared(lock) }, 1);
    // SAFETY: NULL is looked for.
    let none = error_of(|| unsafe { variable::sleep_in_lock(null_mut(), lock, 1, 0) });
    assert_eq!(none, (FALSE, Errno::NOACCESS.code() as u32));
}

fn wait(value: &AtomicU32, compare: u32, size: usize, timeout: u32) -> BOOL {
    let address = std::ptr::from_ref(value).cast();
    let compare = (&raw const compare).cast();
    // SAFETY: live values of four bytes.
    unsafe { address_wait::wait_on(address, compare, size, timeout) }
}

// MSDN "WaitOnAddress", "WakeByAddressSingle", "WakeByAddressAll": a wait ends when the value changed and was woken.
#[test]
fn an_address_wakes_who_waits_on_its_value() {
    static VALUE: AtomicU32 = AtomicU32::new(0);
    assert_eq!(wait(&VALUE, 1, 4, u32::MAX), TRUE, "it differs already");
    assert_eq!(error_of(|| wait(&VALUE, 0, 4, 1)), (FALSE, TIMEOUT));
    let bad = (FALSE, Errno::INVALID_PARAMETER.code() as u32);
    assert_eq!(error_of(|| wait(&VALUE, 0, 3, 1)), bad);
    let waiter = std::thread::spawn(|| {
        while VALUE.load(Ordering::Acquire) == 0 {
            assert_eq!(wait(&VALUE, 0, 4, u32::MAX), TRUE);
        }
    });
    VALUE.store(1, Ordering::Release);
    let address = std::ptr::from_ref(&VALUE).cast();
    address_wait::wake_single(address);
    address_wait::wake_every(address);
    waiter.join().expect("it does not panic");
}
