//! `InitializeCriticalSection` and the other functions of critical sections.

use super::error_of;
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};
use std::sync::mpsc;
use ws2_32::win32::critical_section::{self as section, CriticalSection};
use ws2spi_abi::*;

/// A section for the rest of the process.
fn made() -> &'static CriticalSection {
    let place = Box::leak(Box::new(MaybeUninit::uninit()));
    // SAFETY: a live place, which stays.
    let made = unsafe { section::initialize_ex(place.as_mut_ptr(), 4000, 0) };
    assert_eq!(made, TRUE);
    // SAFETY: initialised just now.
    unsafe { place.assume_init_ref() }
}

fn enter(place: &CriticalSection) {
    // SAFETY: a section of `made`.
    unsafe { section::enter(place) };
}

fn try_enter(place: &CriticalSection) -> BOOL {
    // SAFETY: a section of `made`.
    unsafe { section::try_enter(place) }
}

fn leave(place: &CriticalSection) {
    // SAFETY: a section of `made`.
    unsafe { section::leave(place) };
}

fn elsewhere<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> R {
    std::thread::spawn(body).join().expect("it does not panic")
}

// MSDN "EnterCriticalSection", "TryEnterCriticalSection", "LeaveCriticalSection": one thread at a time, its owner as often as it likes.
#[test]
fn only_the_owner_enters_again() {
    let place = made();
    enter(place);
    assert_eq!(try_enter(place), TRUE);
    assert_eq!(elsewhere(|| try_enter(place)), FALSE);
    leave(place);
    assert_eq!(elsewhere(|| try_enter(place)), FALSE);
    leave(place);
    let entered = elsewhere(|| {
        let entered = try_enter(place);
        leave(place);
        entered
    });
    assert_eq!(entered, TRUE);
}

// MSDN "EnterCriticalSection": it waits until the owner has left.
#[test]
fn who_comes_second_waits_for_the_first() {
    let place = made();
    enter(place);
    let (send, receive) = mpsc::channel();
    let second = std::thread::spawn(move || {
        send.send("waits").expect("somebody listens");
        enter(place);
        send.send("is in").expect("somebody listens");
        leave(place);
    });
    assert_eq!(receive.recv(), Ok("waits"));
    assert!(receive.try_recv().is_err());
    leave(place);
    assert_eq!(receive.recv(), Ok("is in"));
    second.join().expect("it does not panic");
}

// MSDN "LeaveCriticalSection": whoever is not in breaks Windows' section; here nothing happens.
#[test]
fn a_stranger_leaves_nothing() {
    let place = made();
    enter(place);
    elsewhere(|| leave(place));
    assert_eq!(elsewhere(|| try_enter(place)), FALSE);
    leave(place);
    leave(place);
    assert_eq!(try_enter(place), TRUE);
    leave(place);
}

// MSDN "SetCriticalSectionSpinCount": the number before.
#[test]
fn the_spin_count_is_remembered() {
    let place = made();
    // SAFETY: a section of `made`.
    let before = unsafe { section::set_spin_count(place, 7) };
    // SAFETY: as above.
    let after = unsafe { section::set_spin_count(place, 0) };
    assert_eq!((before, after), (4000, 7));
    let mut other = MaybeUninit::uninit();
    // SAFETY: a live local.
    unsafe { section::initialize(other.as_mut_ptr()) };
    // SAFETY: initialised just now.
    assert_eq!(unsafe { section::set_spin_count(other.as_ptr(), 1) }, 0);
    // SAFETY: as above.
    assert_eq!(
        // SAFETY: as above.
        unsafe { section::initialize_and_spin_count(other.as_mut_ptr(), 9) },
        TRUE
    );
    // SAFETY: as above.
    assert_eq!(unsafe { section::set_spin_count(other.as_ptr(), 1) }, 9);
    section::delete(other.as_mut_ptr().cast());
}

// A NULL section is an error where there is one to give, and nothing elsewhere.
#[test]
fn a_null_section_is_none() {
    // SAFETY: NULL is looked for.
    let made = error_of(|| unsafe { section::initialize_ex(null_mut(), 0, 0) });
    assert_eq!(made, (FALSE, Errno::NOACCESS.code() as u32));
    // SAFETY: NULL is looked for.
    unsafe { section::enter(null()) };
    // SAFETY: NULL is looked for.
    unsafe { section::leave(null()) };
    // SAFETY: NULL is looked for.
    assert_eq!(unsafe { section::try_enter(null()) }, FALSE);
    section::delete(null_mut());
}
