//! `SetTimer`, `KillTimer`, and `MsgWaitForMultipleObjects`.

use super::{STALE, error_of};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use ws2_32::win32::{event, handle, message, message_wait, window, window_timer};
use ws2spi_abi::*;

const WM_TIMER: u32 = 0x113;
const QS_TIMER: u32 = 0x10;

/// On a thread of its own, whose queue is nobody else's.
fn alone(test: fn()) {
    if let Err(panic) = thread::spawn(test).join() {
        std::panic::resume_unwind(panic);
    }
}

fn next() -> MSG {
    let mut found = MSG::EMPTY;
    // SAFETY: a live local.
    assert_eq!(unsafe { message::get(&raw mut found, 0, 0, 0) }, TRUE);
    found
}

fn peek() -> Option<MSG> {
    let mut found = MSG::EMPTY;
    // SAFETY: a live local.
    let got = unsafe { message::peek(&raw mut found, 0, 0, 0, PM_REMOVE) };
    (got != FALSE).then_some(found)
}

fn set(hwnd: HWND, id: usize, milliseconds: u32, procedure: RawCallback) -> usize {
    // SAFETY: the tests give functions of that type.
    unsafe { window_timer::set(hwnd, id, milliseconds, procedure) }
}

fn msg_wait(handles: &[HANDLE], timeout: u32, mask: u32, flags: u32) -> u32 {
    let (count, first) = (handles.len() as u32, handles.as_ptr());
    // SAFETY: as many handles as are said.
    unsafe { message_wait::multiple_ex(count, first, timeout, mask, flags) }
}

// MSDN "SetTimer": WM_TIMER when there is nothing else, again and again; the number of a thread's own timer is chosen.
#[test]
fn a_timer_of_a_thread_sends_messages() {
    alone(|| {
        let none = RawCallback::NULL;
        let id = set(0, 77, 1, none);
        assert_ne!(id, 0);
        assert_eq!(set(0, id, 10, none), id, "the same, set anew");
        for _ in 0..2 {
            let found = next();
            let expected = (0, WM_TIMER, id, 0);
            assert_eq!(
                (found.hwnd, found.message, found.wParam, found.lParam),
                expected
            );
        }
        assert_eq!(
            msg_wait(&[], INFINITE, QS_TIMER, 0),
            WAIT_OBJECT_0,
            "it is due"
        );
        assert_eq!(message::post(0, WM_USER, 0, 0), TRUE);
        assert_eq!(
            (next().message, next().message),
            (WM_USER, WM_TIMER),
            "posted ones first"
        );
        assert_eq!(window_timer::end(0, id), TRUE);
        assert_eq!(error_of(|| window_timer::end(0, id)), (FALSE, 87));
        assert_eq!(msg_wait(&[], 15, QS_TIMER, 0), WAIT_TIMEOUT);
        assert!(peek().is_none());
    });
}

static CALLED: AtomicUsize = AtomicUsize::new(0);

extern "system" fn called(hwnd: HWND, message: u32, id: usize, _time: u32) {
    assert_eq!((hwnd, message), (0, WM_TIMER));
    CALLED.store(id, Relaxed);
}

// MSDN "TIMERPROC", "DispatchMessage": the timer's procedure is called; a number that no timer has is not.
#[test]
fn a_procedure_is_called_by_dispatching() {
    alone(|| {
        let procedure = RawCallback::from_raw(called as *const () as usize);
        let id = set(0, 0, 10, procedure);
        let found = next();
        // SAFETY: a live local.
        unsafe { message::dispatch(&raw const found) };
        assert_eq!(CALLED.load(Relaxed), id);
        let forged = MSG {
            lParam: 0x1234_5678,
            ..found
        };
        // SAFETY: as above.
        assert_eq!(unsafe { message::dispatch(&raw const forged) }, 0);
    });
}

// MSDN "SetTimer", "KillTimer": a window's timers are its thread's, and go with it.
#[test]
fn a_timer_belongs_to_its_window() {
    alone(|| {
        let none = RawCallback::NULL;
        let hwnd = window_of("window timers");
        assert_eq!(set(hwnd, 5, 10, none), 5);
        let found = next();
        assert_eq!(
            (found.hwnd, found.message, found.wParam),
            (hwnd, WM_TIMER, 5)
        );
        let other = thread::spawn(move || {
            let refused = error_of(|| set(hwnd, 5, 10, RawCallback::NULL));
            (refused, error_of(|| window_timer::end(hwnd, 5)))
        });
        assert_eq!(
            other.join().ok(),
            Some(((0, 5), (FALSE, 5))),
            "ERROR_ACCESS_DENIED"
        );
        assert_eq!(window::destroy(hwnd), TRUE);
        assert_eq!(error_of(|| set(hwnd, 5, 10, none)), (0, 1400));
        assert_eq!(error_of(|| window_timer::end(STALE, 5)), (FALSE, 1400));
        assert_eq!(msg_wait(&[], 15, QS_TIMER, 0), WAIT_TIMEOUT);
        assert!(peek().is_none());
    });
}

extern "system" fn procedure(hwnd: HWND, message: u32, wparam: WPARAM, lparam: LPARAM) -> LRESULT {
    window::default_procedure(hwnd, message, wparam, lparam)
}

fn window_of(class: &str) -> HWND {
    let name = super::wide(class);
    let class = WNDCLASSW {
        lpfnWndProc: RawCallback::from_raw(procedure as *const () as usize),
        lpszClassName: name.as_ptr(),
        ..WNDCLASSW::EMPTY
    };
    // SAFETY: a live local with a procedure that stays.
    assert_ne!(unsafe { window::register_w(&raw const class) }, 0);
    // SAFETY: NUL-terminated, no text.
    let hwnd =
        unsafe { window::create_w(0, name.as_ptr(), null(), 0, 0, 0, 0, 0, 0, 0, 0, null_mut()) };
    assert_ne!(hwnd, 0);
    hwnd
}

// MSDN "MsgWaitForMultipleObjectsEx": an object, or a message that has come since the queue was last looked at.
#[test]
fn a_wait_ends_with_an_object_or_a_message() {
    alone(|| {
        // SAFETY: neither attributes nor a name.
        let event = unsafe { event::create_w(null(), TRUE, FALSE, null()) };
        let objects = [event];
        assert_eq!(msg_wait(&objects, 0, QS_ALLINPUT, 0), WAIT_TIMEOUT);
        assert_eq!(message::post(0, WM_USER, 0, 0), TRUE);
        assert_eq!(
            msg_wait(&objects, INFINITE, QS_ALLINPUT, 0),
            WAIT_OBJECT_0 + 1
        );
        assert_eq!(
            msg_wait(&objects, 0, QS_TIMER, 0),
            WAIT_TIMEOUT,
            "not asked for"
        );
        let mut seen = MSG::EMPTY;
        // SAFETY: a live local.
        let left = unsafe { message::peek(&raw mut seen, 0, 0, 0, 0) };
        assert_eq!(
            (left, msg_wait(&objects, 0, QS_ALLINPUT, 0)),
            (TRUE, WAIT_TIMEOUT)
        );
        let known = msg_wait(&objects, INFINITE, QS_ALLINPUT, MWMO_INPUTAVAILABLE);
        assert_eq!(known, WAIT_OBJECT_0 + 1, "it is still there");
        assert_eq!(
            msg_wait(&objects, 0, QS_ALLINPUT, MWMO_WAITALL),
            WAIT_TIMEOUT
        );
        assert_eq!(event::set(event), TRUE);
        // SAFETY: one handle.
        let any = unsafe { message_wait::multiple(1, objects.as_ptr(), FALSE, 0, QS_ALLINPUT) };
        assert_eq!(any, WAIT_OBJECT_0);
        assert_eq!(message::post(0, WM_USER, 0, 0), TRUE);
        // SAFETY: one handle.
        let all = unsafe { message_wait::multiple(1, objects.as_ptr(), TRUE, 0, QS_ALLINPUT) };
        assert_eq!(all, WAIT_OBJECT_0);
        assert_eq!(handle::close(event), TRUE);
    });
}

// MSDN "MsgWaitForMultipleObjects", QS_TIMER: a timer ends the wait when it goes off.
#[test]
fn a_wait_ends_with_a_timer() {
    alone(|| {
        let id = set(0, 0, 10, RawCallback::NULL);
        // SAFETY: no handles.
        let waited = unsafe { message_wait::multiple(0, null(), FALSE, INFINITE, QS_TIMER) };
        assert_eq!(waited, WAIT_OBJECT_0);
        assert_eq!(peek().map(|found| found.wParam), Some(id));
    });
}

// MSDN "MsgWaitForMultipleObjectsEx": at most MAXIMUM_WAIT_OBJECTS - 1 handles; ERROR_INVALID_HANDLE.
#[test]
fn waits_for_what_cannot_be_waited_for_fail() {
    let parameter = (WAIT_FAILED, 87);
    assert_eq!(
        error_of(|| msg_wait(&[STALE; 64], 0, QS_ALLINPUT, 0)),
        parameter
    );
    assert_eq!(error_of(|| msg_wait(&[], 0, QS_ALLINPUT, 8)), parameter);
    // SAFETY: NULL is looked for.
    let none = error_of(|| unsafe { message_wait::multiple(1, null(), FALSE, 0, QS_ALLINPUT) });
    assert_eq!(none, parameter);
    assert_eq!(
        error_of(|| msg_wait(&[STALE], 0, QS_ALLINPUT, 0)),
        (WAIT_FAILED, 6)
    );
}
