//! `WaitForSingleObject`, `WaitForMultipleObjects`, `Sleep`.

use super::{STALE, error_of};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};
use ws2_32::win32::{event, handle, mutex, semaphore, thread, wait};
use ws2spi_abi::*;

fn event(signalled: BOOL) -> HANDLE {
    // SAFETY: neither attributes nor a name.
    unsafe { event::create_w(null(), TRUE, signalled, null()) }
}

fn any(handles: &[HANDLE], all: BOOL, alertable: BOOL) -> u32 {
    let (count, first) = (handles.len() as u32, handles.as_ptr());
    // SAFETY: as many handles as are said.
    unsafe { wait::multiple_ex(count, first, all, 0, alertable) }
}

// MSDN "WaitForMultipleObjects": the lowest signalled index; with bWaitAll only when all are.
#[test]
fn a_wait_answers_the_first_that_is_signalled() {
    let handles = [event(FALSE), event(TRUE), event(TRUE)];
    assert_eq!(any(&handles, FALSE, FALSE), WAIT_OBJECT_0 + 1);
    assert_eq!(any(&handles, TRUE, FALSE), WAIT_TIMEOUT);
    assert_eq!(event::set(handles[0]), TRUE);
    assert_eq!(any(&handles, TRUE, FALSE), WAIT_OBJECT_0);
    assert_eq!(
        // SAFETY: three handles.
        unsafe { wait::multiple(3, handles.as_ptr(), FALSE, 0) },
        WAIT_OBJECT_0
    );
    for raw in handles {
        assert_eq!(handle::close(raw), TRUE);
    }
}

// MSDN "WaitForMultipleObjects": ERROR_INVALID_PARAMETER for a count of 0, above 64, or one object twice for all; ERROR_INVALID_HANDLE.
#[test]
fn waits_for_what_cannot_be_waited_for_fail() {
    let raw = event(TRUE);
    let parameter = (WAIT_FAILED, Errno::INVALID_PARAMETER.code() as u32);
    let stale = (WAIT_FAILED, Errno::INVALID_HANDLE.code() as u32);
    assert_eq!(error_of(|| any(&[], FALSE, FALSE)), parameter);
    assert_eq!(error_of(|| any(&[raw; 65], FALSE, FALSE)), parameter);
    assert_eq!(error_of(|| any(&[raw, raw], TRUE, FALSE)), parameter);
    assert_eq!(
        // SAFETY: NULL is looked for.
        error_of(|| unsafe { wait::multiple(1, null(), FALSE, 0) }),
        parameter
    );
    assert_eq!(error_of(|| any(&[raw, STALE], FALSE, FALSE)), stale);
    assert_eq!(error_of(|| wait::single(STALE, 0)), stale);
    assert_eq!(error_of(|| wait::single_ex(STALE, 0, TRUE)), stale);
    assert_eq!(handle::close(raw), TRUE);
}

static RUNS: AtomicUsize = AtomicUsize::new(0);

extern "system" fn count(context: usize) {
    RUNS.fetch_add(context, Ordering::Relaxed);
}

// MSDN "SleepEx", "QueueUserAPC": APCs run in alertable waits of their thread only; WAIT_IO_COMPLETION afterwards.
#[test]
fn apcs_run_in_alertable_waits() {
    let (routine, raw) = (
        RawCallback::from_raw(count as *const () as usize),
        event(FALSE),
    );
    let queue = || {
        // SAFETY: a function of one word, which stays.
        let queued = unsafe { thread::queue_user_apc(routine, thread::current(), 1) };
        assert_eq!(queued, 1);
    };
    queue();
    wait::sleep(0);
    assert_eq!(
        (wait::sleep_ex(0, FALSE), wait::single(raw, 0)),
        (0, WAIT_TIMEOUT)
    );
    assert_eq!(RUNS.load(Ordering::Relaxed), 0);
    assert_eq!(wait::sleep_ex(INFINITE, TRUE), WAIT_IO_COMPLETION);
    assert_eq!(RUNS.load(Ordering::Relaxed), 1);
    queue();
    queue();
    assert_eq!(wait::single_ex(raw, 0, TRUE), WAIT_IO_COMPLETION);
    assert_eq!(RUNS.load(Ordering::Relaxed), 3);
    queue();
    assert_eq!(any(&[raw], FALSE, TRUE), WAIT_IO_COMPLETION);
    assert_eq!(
        (wait::sleep_ex(0, TRUE), RUNS.load(Ordering::Relaxed)),
        (0, 4)
    );
    assert_eq!(handle::close(raw), TRUE);
}

// MSDN "SignalObjectAndWait": an event, a semaphore or a mutex is signalled, then the other one waited for; the errors.
#[test]
fn one_object_is_signalled_and_another_waited_for() {
    let (first, second) = (event(FALSE), event(TRUE));
    let both = |signal, object| error_of(|| wait::signal_and_wait(signal, object, 0, FALSE));
    assert_eq!(both(first, second), (WAIT_OBJECT_0, 0xdead));
    assert_eq!(wait::single(first, 0), WAIT_OBJECT_0, "it was set");
    // SAFETY: neither attributes nor a name.
    let semaphore = unsafe { semaphore::create_w(null(), 0, 1, null()) };
    assert_eq!(both(semaphore, semaphore), (WAIT_OBJECT_0, 0xdead));
    // SAFETY: neither attributes nor a name.
    let mutex = unsafe { mutex::create_w(null(), TRUE, null()) };
    assert_eq!(both(mutex, second).0, WAIT_OBJECT_0);
    assert_eq!(both(mutex, second), (WAIT_FAILED, 288), "ERROR_NOT_OWNER");
    // SAFETY: no count is asked for.
    let released = unsafe { semaphore::release(semaphore, 1, null_mut()) };
    assert_eq!(released, TRUE);
    assert_eq!(
        both(semaphore, second),
        (WAIT_FAILED, 298),
        "ERROR_TOO_MANY_POSTS"
    );
    assert_eq!(event::reset(first), TRUE);
    assert_eq!(both(first, STALE), (WAIT_FAILED, 6));
    assert_eq!(
        wait::single(first, 0),
        WAIT_TIMEOUT,
        "nothing was signalled"
    );
    assert_eq!(both(STALE, second), (WAIT_FAILED, 6));
    assert_eq!(both(thread::current(), second), (WAIT_FAILED, 6));
    for raw in [first, second, semaphore, mutex] {
        assert_eq!(handle::close(raw), TRUE);
    }
}
