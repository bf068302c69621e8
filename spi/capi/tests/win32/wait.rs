//! `WaitForSingleObject`, `WaitForMultipleObjects`, `Sleep`.

use super::{STALE, error_of};
use std::ptr::null;
use std::sync::atomic::{AtomicUsize, Ordering};
use ws2_32::win32::{event, handle, thread, wait};
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
