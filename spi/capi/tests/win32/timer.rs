//! `CreateWaitableTimer`, `OpenWaitableTimer`, `SetWaitableTimer`, `CancelWaitableTimer`.

use super::{STALE, error_of, wide};
use core::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use ws2_32::win32::{event, handle, timer, wait};
use ws2spi_abi::*;

/// A millisecond in units of 100 ns.
const MILLISECOND: i64 = 10_000;

fn create(manual: BOOL) -> HANDLE {
    // SAFETY: neither attributes nor a name.
    let made = unsafe { timer::create_w(null(), manual, null()) };
    assert_ne!(made, 0);
    made
}

fn set(timer: HANDLE, due: i64, period: i32) -> BOOL {
    let (none, nothing) = (RawCallback::NULL, null_mut());
    // SAFETY: a live local, no routine.
    unsafe { timer::set(timer, &raw const due, period, none, nothing, FALSE) }
}

// MSDN "SetWaitableTimer": signalled when the time is over; a manual-reset timer stays so until it is set again.
#[test]
fn a_timer_is_signalled_at_its_time() {
    let (manual, auto) = (create(TRUE), create(FALSE));
    assert_eq!(wait::single(manual, 0), WAIT_TIMEOUT, "it is not set");
    assert_eq!(set(manual, -5 * MILLISECOND, 0), TRUE);
    assert_eq!(set(auto, -5 * MILLISECOND, 0), TRUE);
    for timer in [manual, auto] {
        assert_eq!(wait::single(timer, INFINITE), WAIT_OBJECT_0);
    }
    assert_eq!(wait::single(manual, 0), WAIT_OBJECT_0);
    assert_eq!(wait::single(auto, 0), WAIT_TIMEOUT);
    assert_eq!(set(manual, -3_600_000 * MILLISECOND, 0), TRUE);
    assert_eq!(wait::single(manual, 0), WAIT_TIMEOUT, "set anew");
    assert_eq!((handle::close(manual), handle::close(auto)), (TRUE, TRUE));
}

// MSDN "SetWaitableTimer", lpDueTime, lPeriod: a positive time is one of the calendar; with a period it goes off again and again.
#[test]
fn a_timer_goes_off_again_after_each_period() {
    let timer = create(FALSE);
    let past_by_the_calendar = 1;
    assert_eq!(set(timer, past_by_the_calendar, 1), TRUE);
    for _ in 0..5 {
        assert_eq!(wait::single(timer, INFINITE), WAIT_OBJECT_0);
    }
    assert_eq!(timer::cancel(timer), TRUE);
    let _ = wait::single(timer, 0);
    assert_eq!(wait::single(timer, 20), WAIT_TIMEOUT, "it is cancelled");
    assert_eq!(handle::close(timer), TRUE);
}

static SEEN: AtomicU64 = AtomicU64::new(0);
static CONTEXT: AtomicU64 = AtomicU64::new(0);

extern "system" fn completion(context: *mut c_void, low: u32, high: u32) {
    CONTEXT.fetch_add(context.addr() as u64, Relaxed);
    SEEN.store(u64::from(high) << 32 | u64::from(low), Relaxed);
}

// MSDN "SetWaitableTimer", pfnCompletionRoutine, "Timer APC": it runs on the thread that set the timer, in an alertable wait.
#[test]
fn a_completion_routine_is_an_apc_of_the_thread() {
    let (timer, due) = (create(TRUE), -MILLISECOND);
    let routine = RawCallback::from_raw(completion as *const () as usize);
    let context = std::ptr::without_provenance_mut(3);
    // SAFETY: a live local, a function of that type.
    let done = unsafe { timer::set(timer, &raw const due, 0, routine, context, FALSE) };
    assert_eq!(done, TRUE);
    assert_eq!(wait::single(timer, INFINITE), WAIT_OBJECT_0);
    assert_eq!(
        CONTEXT.load(Relaxed),
        0,
        "not in a wait that is not alertable"
    );
    assert_eq!(wait::sleep_ex(INFINITE, TRUE), WAIT_IO_COMPLETION);
    assert_eq!(CONTEXT.load(Relaxed), 3);
    let year_2020 = 132_223_104_000_000_000;
    assert!(SEEN.load(Relaxed) > year_2020);
    // SAFETY: as above.
    let again = unsafe { timer::set(timer, &raw const due, 0, routine, context, FALSE) };
    assert_eq!(
        (again, wait::single(timer, INFINITE)),
        (TRUE, WAIT_OBJECT_0)
    );
    assert_eq!(timer::cancel(timer), TRUE);
    wait::sleep_ex(0, TRUE);
    assert_eq!(CONTEXT.load(Relaxed), 3, "cancelled before it ran");
    assert_eq!(handle::close(timer), TRUE);
}

// MSDN "SetWaitableTimer": the errors, and a resume that there is not.
#[test]
fn timers_that_cannot_be_are_refused() {
    let timer = create(TRUE);
    let due = 0;
    let set = |timer, due, period, resume| {
        let (none, nothing) = (RawCallback::NULL, null_mut());
        // SAFETY: a live local or NULL, no routine.
        error_of(|| unsafe { timer::set(timer, due, period, none, nothing, resume) })
    };
    assert_eq!(set(timer, null(), 0, FALSE), (FALSE, 998), "ERROR_NOACCESS");
    assert_eq!(set(timer, &raw const due, -1, FALSE), (FALSE, 87));
    assert_eq!(
        set(timer, &raw const due, 0, TRUE),
        (TRUE, 50),
        "ERROR_NOT_SUPPORTED"
    );
    // SAFETY: neither attributes nor a name.
    let event = unsafe { event::create_w(null(), TRUE, FALSE, null()) };
    for raw in [0, STALE, event] {
        assert_eq!(set(raw, &raw const due, 0, FALSE), (FALSE, 6));
        assert_eq!(error_of(|| timer::cancel(raw)), (FALSE, 6));
    }
    assert_eq!((handle::close(timer), handle::close(event)), (TRUE, TRUE));
}

// MSDN "CreateWaitableTimerW", "OpenWaitableTimerW": names are those of all objects.
#[test]
fn a_timer_is_found_by_its_name() {
    let (units, bytes) = (wide("names of timers"), c"names of timers".as_ptr().cast());
    // SAFETY: a NUL-terminated name.
    let first = error_of(|| unsafe { timer::create_w(null(), TRUE, units.as_ptr()) });
    assert_eq!((first.0 != 0, first.1), (true, 0));
    // SAFETY: as above.
    let again = error_of(|| unsafe { timer::create_a(null(), FALSE, bytes) });
    assert_eq!((again.0 != 0, again.1), (true, 183));
    // SAFETY: as above.
    let opened = unsafe { timer::open_w(0, FALSE, units.as_ptr()) };
    // SAFETY: as above.
    let narrow = unsafe { timer::open_a(0, FALSE, bytes) };
    assert_eq!(set(narrow, -1, 0), TRUE);
    assert_eq!(wait::single(first.0, INFINITE), WAIT_OBJECT_0);
    for raw in [first.0, again.0, opened, narrow] {
        assert_eq!(handle::close(raw), TRUE);
    }
    // SAFETY: as above.
    let gone = error_of(|| unsafe { timer::open_a(0, FALSE, bytes) });
    assert_eq!(gone, (0, 2));
}
