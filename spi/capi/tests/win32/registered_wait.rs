//! `RegisterWaitForSingleObject`, `UnregisterWait`, `QueueUserWorkItem`.

use super::{STALE, error_of};
use core::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use ws2_32::win32::{event, handle, pool, registered_wait, wait};
use ws2spi_abi::*;

const ONLY_ONCE: u32 = 8;
const IN_WAIT_THREAD: u32 = 4;
const WAIT_FOR_IT: HANDLE = INVALID_HANDLE_VALUE;

/// What a function is given: it counts its calls, and the calls because the time was over, and waits until it may go on.
struct Seen {
    calls: AtomicU32,
    late: AtomicU32,
    called: HANDLE,
    go_on: HANDLE,
}

fn event(manual: BOOL, set: BOOL) -> HANDLE {
    // SAFETY: neither attributes nor a name.
    unsafe { event::create_w(null(), manual, set, null()) }
}

impl Seen {
    fn new(free: BOOL) -> Self {
        Self {
            calls: AtomicU32::new(0),
            late: AtomicU32::new(0),
            called: event(FALSE, FALSE),
            go_on: event(TRUE, free),
        }
    }

    fn context(&self) -> *mut c_void {
        (&raw const *self).cast_mut().cast()
    }

    fn register(&self, object: HANDLE, milliseconds: u32, flags: u32) -> HANDLE {
        let mut place = 0;
        let callback = RawCallback::from_raw(fired as *const () as usize);
        let context = self.context();
        // SAFETY: a live local; the tests end the wait before what it is given.
        let made = unsafe {
            registered_wait::register(
                &raw mut place,
                object,
                callback,
                context,
                milliseconds,
                flags,
            )
        };
        assert_eq!(made, TRUE);
        place
    }

    fn wait_for_a_call(&self) {
        assert_eq!(wait::single(self.called, INFINITE), WAIT_OBJECT_0);
    }

    fn counts(&self) -> (u32, u32) {
        (self.calls.load(SeqCst), self.late.load(SeqCst))
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        assert_eq!(handle::close(self.called), TRUE);
        assert_eq!(handle::close(self.go_on), TRUE);
    }
}

extern "system" fn fired(context: *mut c_void, late: u8) {
    // SAFETY: the tests keep it as long as calls go on.
    let seen = unsafe { &*context.cast_const().cast::<Seen>() };
    seen.calls.fetch_add(1, SeqCst);
    seen.late.fetch_add(late.into(), SeqCst);
    event::set(seen.called);
    wait::single(seen.go_on, INFINITE);
}

extern "system" fn work(context: *mut c_void) -> u32 {
    fired(context, 0);
    0
}

// MSDN "RegisterWaitForSingleObject": called each time, FALSE for the object and TRUE for the time; once if asked for.
#[test]
fn a_registered_wait_calls_for_the_object_and_for_the_time() {
    for flags in [0, IN_WAIT_THREAD] {
        let (object, seen, late) = (event(FALSE, FALSE), Seen::new(TRUE), Seen::new(TRUE));
        let registered = seen.register(object, INFINITE, flags);
        for _ in 0..3 {
            assert_eq!(event::set(object), TRUE);
            seen.wait_for_a_call();
        }
        assert_eq!(
            registered_wait::unregister_ex(registered, WAIT_FOR_IT),
            TRUE
        );
        assert_eq!(seen.counts(), (3, 0));
        let timed = late.register(object, 1, flags);
        late.wait_for_a_call();
        late.wait_for_a_call();
        assert_eq!(registered_wait::unregister_ex(timed, WAIT_FOR_IT), TRUE);
        let (calls, times) = late.counts();
        assert_eq!(calls, times);
        assert_eq!(handle::close(object), TRUE);
    }
}

// MSDN "RegisterWaitForSingleObject", WT_EXECUTEONLYONCE: the object stays signalled, and nothing more is called.
#[test]
fn a_registered_wait_may_call_once() {
    let (object, seen) = (event(TRUE, TRUE), Seen::new(TRUE));
    let registered = seen.register(object, INFINITE, ONLY_ONCE);
    seen.wait_for_a_call();
    assert_eq!(wait::single(seen.called, 10), WAIT_TIMEOUT);
    assert_eq!(
        registered_wait::unregister_ex(registered, WAIT_FOR_IT),
        TRUE
    );
    assert_eq!(seen.counts(), (1, 0));
    let gone = error_of(|| registered_wait::unregister(registered));
    assert_eq!(gone, (FALSE, 6));
    assert_eq!(handle::close(object), TRUE);
}

// MSDN "UnregisterWaitEx", CompletionEvent: ERROR_IO_PENDING while a call goes on, an event that is set after it.
#[test]
fn ending_a_registered_wait_tells_of_calls_that_go_on() {
    let (object, over, seen) = (event(TRUE, TRUE), event(TRUE, FALSE), Seen::new(FALSE));
    let registered = seen.register(object, INFINITE, 0);
    seen.wait_for_a_call();
    let no_event = error_of(|| registered_wait::unregister_ex(registered, STALE));
    assert_eq!(no_event, (FALSE, 6));
    let pending = error_of(|| registered_wait::unregister_ex(registered, over));
    assert_eq!(pending, (FALSE, 997));
    assert_eq!(wait::single(over, 0), WAIT_TIMEOUT);
    assert_eq!(event::set(seen.go_on), TRUE);
    assert_eq!(wait::single(over, INFINITE), WAIT_OBJECT_0);
    assert_eq!(seen.counts(), (1, 0));
    assert_eq!((handle::close(object), handle::close(over)), (TRUE, TRUE));
}

// MSDN "RegisterWaitForSingleObject": what is refused.
#[test]
fn waits_that_cannot_be_are_refused() {
    let (object, mut place) = (event(TRUE, FALSE), 0);
    let callback = RawCallback::from_raw(fired as *const () as usize);
    let register = |place, object, callback| {
        // SAFETY: nothing is registered.
        error_of(|| unsafe {
            registered_wait::register(place, object, callback, null_mut(), INFINITE, 0)
        })
    };
    assert_eq!(register(null_mut(), object, callback), (FALSE, 87));
    assert_eq!(
        register(&raw mut place, object, RawCallback::NULL),
        (FALSE, 87)
    );
    assert_eq!(register(&raw mut place, STALE, callback), (FALSE, 6));
    assert_eq!(error_of(|| registered_wait::unregister(object)), (FALSE, 6));
    assert_eq!(handle::close(object), TRUE);
}

// MSDN "QueueUserWorkItem": called with the context, several at once; ERROR_INVALID_PARAMETER without a function.
#[test]
fn work_is_done_by_threads_of_the_pool() {
    // The ends of the calls are not told: what they are given stays.
    let seen: &Seen = Box::leak(Box::new(Seen::new(FALSE)));
    let routine = RawCallback::from_raw(work as *const () as usize);
    for _ in 0..3 {
        // SAFETY: a function of that type; the test keeps what it is given.
        assert_eq!(unsafe { pool::queue(routine, seen.context(), 0) }, TRUE);
        // Each waits in its call, so the next one needs a thread of its own.
        seen.wait_for_a_call();
    }
    assert_eq!(seen.counts().0, 3);
    assert_eq!(event::set(seen.go_on), TRUE);
    // SAFETY: NULL is looked for.
    let none = error_of(|| unsafe { pool::queue(RawCallback::NULL, null_mut(), 0) });
    assert_eq!(none, (FALSE, 87));
}
