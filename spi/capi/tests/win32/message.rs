//! `PostMessage`, `PeekMessage`, `GetMessage`, `DispatchMessage`, `PostQuitMessage`.

use super::{STALE, error_of, wide, window as windows};
use std::cell::Cell;
use std::ptr::{null, null_mut};
use std::thread;
use ws2_32::win32::{message, thread as threads, window};
use ws2spi_abi::*;

thread_local! {
    static LAST: Cell<(u32, WPARAM, LPARAM)> = const { Cell::new((0, 0, 0)) };
}

extern "system" fn keep(_hwnd: HWND, message: u32, wparam: WPARAM, lparam: LPARAM) -> LRESULT {
    LAST.set((message, wparam, lparam));
    if message == WM_USER { 42 } else { 1 }
}

fn peek(hwnd: HWND, first: u32, last: u32, how: u32) -> Option<MSG> {
    let mut found = MSG::EMPTY;
    // SAFETY: a live local.
    let there = unsafe { message::peek(&raw mut found, hwnd, first, last, how) };
    (there != FALSE).then_some(found)
}

fn get() -> (BOOL, MSG) {
    let mut found = MSG::EMPTY;
    // SAFETY: a live local.
    let more = unsafe { message::get(&raw mut found, 0, 0, 0) };
    (more, found)
}

// MSDN "PostMessageW", "GetMessageW", "DispatchMessageW": from another thread into the window's procedure on its own thread.
#[test]
fn a_posted_message_reaches_the_procedure_when_it_is_dispatched() {
    let name = wide("receiver");
    assert_ne!(windows::register(&name, keep), 0);
    let hwnd = windows::create(name.as_ptr(), 0, 0);
    let posted = thread::spawn(move || message::post(hwnd, WM_USER, 7, -8)).join();
    assert_eq!(posted.ok(), Some(TRUE));
    let (more, found) = get();
    assert_eq!(
        (more, found.hwnd, found.message, found.wParam, found.lParam),
        (TRUE, hwnd, WM_USER, 7, -8)
    );
    assert_eq!(message::translate(&raw const found), FALSE);
    // SAFETY: a live local.
    assert_eq!(unsafe { message::dispatch(&raw const found) }, 42);
    assert_eq!(LAST.get(), (WM_USER, 7, -8));
    assert_eq!(window::destroy(hwnd), TRUE);
    let gone = error_of(|| message::post(hwnd, WM_USER, 0, 0));
    assert_eq!(gone, (FALSE, Errno::INVALID_WINDOW_HANDLE.code() as u32));
    // SAFETY: as above; a window that is gone.
    assert_eq!(unsafe { message::dispatch(&raw const found) }, 0);
}

// MSDN "PeekMessageW": PM_NOREMOVE leaves the message; the filter chooses by number.
#[test]
fn looking_leaves_or_takes_what_the_filter_wants() {
    assert_eq!(peek(0, 0, 0, PM_REMOVE), None);
    assert_eq!(
        (
            message::post(0, WM_USER, 1, 0),
            message::post(0, WM_APP, 2, 0)
        ),
        (TRUE, TRUE)
    );
    assert_eq!(
        peek(0, 0, 0, PM_NOREMOVE).map(|found| found.message),
        Some(WM_USER)
    );
    assert_eq!(
        peek(0, WM_APP, WM_APP, PM_REMOVE).map(|found| found.wParam),
        Some(2)
    );
    assert_eq!(peek(0, 0, 0, PM_REMOVE).map(|found| found.wParam), Some(1));
    assert_eq!(peek(0, 0, 0, PM_REMOVE), None);
}

// MSDN "PostQuitMessage": GetMessage answers 0 once the posted messages are gone; wParam is the exit code.
#[test]
fn quit_comes_after_everything_else() {
    message::post_quit(5);
    assert_eq!(message::post(0, WM_USER, 0, 0), TRUE);
    assert_eq!(get().1.message, WM_USER);
    let (more, found) = get();
    assert_eq!((more, found.message, found.wParam), (0, WM_QUIT, 5));
}

// MSDN "PostThreadMessageW": to a thread with a queue; ERROR_INVALID_THREAD_ID otherwise.
#[test]
fn threads_with_a_queue_get_messages() {
    assert_eq!(peek(0, 0, 0, PM_NOREMOVE), None);
    let me = threads::current_id();
    let posted = thread::spawn(move || message::post_to_thread(me, WM_APP, 3, 4)).join();
    assert_eq!(posted.ok(), Some(TRUE));
    let found = peek(0, 0, 0, PM_REMOVE)
        .map(|found| (found.hwnd, found.message, found.wParam, found.lParam));
    assert_eq!(found, Some((0, WM_APP, 3, 4)));
    let nobody = error_of(|| message::post_to_thread(u32::MAX, WM_APP, 0, 0));
    assert_eq!(nobody, (FALSE, Errno::INVALID_THREAD_ID.code() as u32));
}

// Bad input: NULL places, windows that do not exist.
#[test]
fn messages_need_a_place_and_filters_a_window() {
    let no_access = Errno::NOACCESS.code() as u32;
    assert_eq!(
        // SAFETY: NULL is looked for.
        error_of(|| unsafe { message::peek(null_mut(), 0, 0, 0, 0) }),
        (FALSE, no_access)
    );
    assert_eq!(
        // SAFETY: as above.
        error_of(|| unsafe { message::get(null_mut(), 0, 0, 0) }),
        (-1, no_access)
    );
    assert_eq!(
        // SAFETY: as above.
        error_of(|| unsafe { message::dispatch(null()) }),
        (0, no_access)
    );
    let invalid = Errno::INVALID_WINDOW_HANDLE.code() as u32;
    assert_eq!(error_of(|| peek(STALE, 0, 0, 0)), (None, invalid));
    let mut place = MSG::EMPTY;
    assert_eq!(
        // SAFETY: a live local.
        error_of(|| unsafe { message::get(&raw mut place, STALE, 0, 0) }),
        (-1, invalid)
    );
}
