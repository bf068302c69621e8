//! `CreateTimerQueue`, `CreateTimerQueueTimer`, `ChangeTimerQueueTimer`, `DeleteTimerQueueTimer`, `DeleteTimerQueueEx`.

use super::{STALE, error_of};
use core::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use ws2_32::win32::{event, handle, timer_queue, wait};
use ws2spi_abi::*;

/// What a timer's function is given: it says that it was called, and waits until it may go on.
struct Seen {
    calls: AtomicU32,
    /// An auto-reset event that is set in each call.
    called: HANDLE,
    /// A manual-reset event that each call waits for.
    go_on: HANDLE,
}

impl Seen {
    fn new(free: BOOL) -> Self {
        // SAFETY: neither attributes nor a name.
        let [called, go_on] = [(FALSE, FALSE), (TRUE, free)]
            .map(|(manual, set)| unsafe { event::create_w(null(), manual, set, null()) });
        Self {
            calls: AtomicU32::new(0),
            called,
            go_on,
        }
    }

    fn wait_for_a_call(&self) {
        assert_eq!(wait::single(self.called, INFINITE), WAIT_OBJECT_0);
    }

    fn calls(&self) -> u32 {
        self.calls.load(SeqCst)
    }

    fn timer(&self, queue: HANDLE, due: u32, period: u32, flags: u32) -> HANDLE {
        let mut timer = 0;
        let callback = RawCallback::from_raw(called as *const () as usize);
        let context = (&raw const *self).cast_mut().cast();
        let place = &raw mut timer;
        // SAFETY: a live local; the tests end the timer before what it is given.
        let made = unsafe {
            timer_queue::create_timer(place, queue, callback, context, due, period, flags)
        };
        assert_eq!(made, TRUE);
        timer
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        assert_eq!(handle::close(self.called), TRUE);
        assert_eq!(handle::close(self.go_on), TRUE);
    }
}

extern "system" fn called(context: *mut c_void, fired: u8) {
    assert_eq!(fired, 1, "TimerOrWaitFired is TRUE for timers");
    // SAFETY: `Seen::timer` gave it, and the tests keep it as long as calls go on.
    let seen = unsafe { &*context.cast_const().cast::<Seen>() };
    seen.calls.fetch_add(1, SeqCst);
    event::set(seen.called);
    wait::single(seen.go_on, INFINITE);
}

const IN_TIMER_THREAD: u32 = 0x20;
const WAIT_FOR_IT: HANDLE = INVALID_HANDLE_VALUE;

// MSDN "CreateTimerQueueTimer": once without a period, again and again with one, on the timers' own thread if asked for.
#[test]
fn a_timer_calls_once_or_again_and_again() {
    let queue = timer_queue::create();
    let (once, often) = (Seen::new(TRUE), Seen::new(TRUE));
    let first = once.timer(queue, 0, 0, 0);
    let second = often.timer(0, 1, 1, IN_TIMER_THREAD);
    once.wait_for_a_call();
    for _ in 0..3 {
        often.wait_for_a_call();
    }
    assert_eq!(timer_queue::delete_timer(0, second, WAIT_FOR_IT), TRUE);
    assert_eq!(timer_queue::delete_timer(queue, first, WAIT_FOR_IT), TRUE);
    assert_eq!((once.calls(), timer_queue::delete(queue)), (1, TRUE));
    let _ = wait::single(often.called, 0);
    let called = wait::single(often.called, 10);
    assert_eq!(called, WAIT_TIMEOUT, "it is called no more");
}

// MSDN "CreateTimerQueueTimer", WT_EXECUTEINTIMERTHREAD: such calls wait for each other, and no other timer waits for them.
#[test]
fn a_call_in_the_timers_thread_holds_up_its_like_alone() {
    let (long, short, other) = (Seen::new(FALSE), Seen::new(TRUE), Seen::new(TRUE));
    let first = long.timer(0, 0, 0, IN_TIMER_THREAD);
    long.wait_for_a_call();
    let second = short.timer(0, 0, 0, IN_TIMER_THREAD);
    let third = other.timer(0, 0, 0, 0);
    let called = wait::single(other.called, 60_000);
    assert_eq!((called, short.calls()), (WAIT_OBJECT_0, 0));
    assert_eq!(event::set(long.go_on), TRUE);
    short.wait_for_a_call();
    for timer in [first, second, third] {
        assert_eq!(timer_queue::delete_timer(0, timer, WAIT_FOR_IT), TRUE);
    }
}

// MSDN "ChangeTimerQueueTimer", Remarks: a timer without a period that has expired is not updated.
#[test]
fn a_timer_that_is_over_is_not_set_anew() {
    let (seen, after) = (Seen::new(TRUE), Seen::new(TRUE));
    let timer = seen.timer(0, 0, 0, IN_TIMER_THREAD);
    seen.wait_for_a_call();
    assert_eq!(timer_queue::change_timer(0, timer, 0, 0), TRUE);
    // Called in turn: what it would call comes first.
    let last = after.timer(0, 0, 0, IN_TIMER_THREAD);
    after.wait_for_a_call();
    assert_eq!(seen.calls(), 1);
    for timer in [timer, last] {
        assert_eq!(timer_queue::delete_timer(0, timer, WAIT_FOR_IT), TRUE);
    }
}

// MSDN "ChangeTimerQueueTimer": the time and the period are set anew.
#[test]
fn a_timer_is_set_anew() {
    let seen = Seen::new(TRUE);
    let timer = seen.timer(0, INFINITE, 0, 0);
    assert_eq!(timer_queue::change_timer(0, timer, 0, 1), TRUE);
    seen.wait_for_a_call();
    seen.wait_for_a_call();
    assert_eq!(timer_queue::delete_timer(0, timer, WAIT_FOR_IT), TRUE);
    let refused = error_of(|| timer_queue::change_timer(0, timer, 0, 1));
    assert_eq!(refused, (FALSE, 6), "it has ended");
}

// MSDN "DeleteTimerQueueTimer", CompletionEvent: ERROR_IO_PENDING while calls go on, an event that is set after them, or waiting.
#[test]
fn ending_a_timer_tells_of_calls_that_go_on() {
    // The end of its calls is not told: what they are given stays.
    let none: &Seen = Box::leak(Box::new(Seen::new(FALSE)));
    let told = Seen::new(FALSE);
    // SAFETY: neither attributes nor a name.
    let over = unsafe { event::create_w(null(), TRUE, FALSE, null()) };
    let timers = [none.timer(0, 0, 0, 0), told.timer(0, 0, 0, 0)];
    none.wait_for_a_call();
    told.wait_for_a_call();
    let pending = (FALSE, 997);
    assert_eq!(
        error_of(|| timer_queue::delete_timer(0, timers[0], 0)),
        pending
    );
    assert_eq!(
        error_of(|| timer_queue::delete_timer(0, timers[1], STALE)),
        (FALSE, 6)
    );
    assert_eq!(
        error_of(|| timer_queue::delete_timer(0, timers[1], over)),
        pending
    );
    assert_eq!(wait::single(over, 0), WAIT_TIMEOUT);
    assert_eq!(event::set(told.go_on), TRUE);
    assert_eq!(wait::single(over, INFINITE), WAIT_OBJECT_0);
    assert_eq!(event::set(none.go_on), TRUE);
    let idle = none.timer(0, INFINITE, 0, 0);
    assert_eq!(event::reset(over), TRUE);
    assert_eq!(
        timer_queue::delete_timer(0, idle, over),
        TRUE,
        "nothing goes on"
    );
    assert_eq!(wait::single(over, 0), WAIT_OBJECT_0);
    let last = told.timer(0, 0, 0, 0);
    told.wait_for_a_call();
    assert_eq!(timer_queue::delete_timer(0, last, WAIT_FOR_IT), TRUE);
    assert_eq!(told.calls(), 2);
    assert_eq!((none.calls(), handle::close(over)), (1, TRUE));
}

// MSDN "DeleteTimerQueueEx": the timers end with their queue; its event is set when the last call is over.
#[test]
fn a_queue_ends_with_its_timers() {
    let seen = Seen::new(FALSE);
    // SAFETY: neither attributes nor a name.
    let over = unsafe { event::create_w(null(), TRUE, FALSE, null()) };
    let queue = timer_queue::create();
    let timer = seen.timer(queue, 0, 0, 0);
    seen.timer(queue, INFINITE, 0, 0);
    seen.wait_for_a_call();
    assert_eq!(
        error_of(|| timer_queue::delete_timer(0, timer, 0)),
        (FALSE, 6),
        "of another queue"
    );
    assert_eq!(
        error_of(|| timer_queue::delete_ex(queue, over)),
        (FALSE, 997)
    );
    assert_eq!(wait::single(over, 0), WAIT_TIMEOUT);
    assert_eq!(event::set(seen.go_on), TRUE);
    assert_eq!(wait::single(over, INFINITE), WAIT_OBJECT_0);
    assert_eq!(
        error_of(|| timer_queue::delete_timer(queue, timer, 0)),
        (FALSE, 6)
    );
    assert_eq!(error_of(|| timer_queue::delete(queue)), (FALSE, 6));
    let waited = timer_queue::create();
    seen.timer(waited, 0, 0, 0);
    seen.wait_for_a_call();
    assert_eq!(timer_queue::delete_ex(waited, WAIT_FOR_IT), TRUE);
    assert_eq!((seen.calls(), handle::close(over)), (2, TRUE));
}

// MSDN "CreateTimerQueueTimer": what is refused.
#[test]
fn timers_that_cannot_be_are_refused() {
    let mut timer = 0;
    let callback = RawCallback::from_raw(called as *const () as usize);
    let create = |place, queue, callback| {
        // SAFETY: no timer is made that calls anything.
        error_of(|| unsafe {
            timer_queue::create_timer(place, queue, callback, null_mut(), INFINITE, 0, 0)
        })
    };
    assert_eq!(create(null_mut(), 0, callback), (FALSE, 87));
    assert_eq!(create(&raw mut timer, 0, RawCallback::NULL), (FALSE, 87));
    assert_eq!(create(&raw mut timer, STALE, callback), (FALSE, 6));
    assert_eq!(error_of(|| timer_queue::delete_ex(0, 0)), (FALSE, 6));
    assert_eq!(
        error_of(|| timer_queue::delete_timer(0, STALE, 0)),
        (FALSE, 6)
    );
}
