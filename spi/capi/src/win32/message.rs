//! The message queue of a thread: posting, looking, getting, dispatching.
//!
//! Over the kernel role's queues. Messages of windows carry no text here, so the A and the W names are one function each.

use super::{or, truth, window_timer};
use crate::table::exports;
use ws2spi_abi::*;
use ws2spi_kernel::window::{self, Filter, Message, Take};

/// What `GetMessage` returns on failure, which is neither true nor false.
const FAILED: BOOL = -1;

/// Posts a message to a window's queue, for window 0 to the calling thread's. `ERROR_INVALID_WINDOW_HANDLE`;
/// `ERROR_NOT_ENOUGH_QUOTA` when the queue is full. Does not block; any thread. Microsoft: "PostMessageW function".
#[doc(alias = "PostMessageA")]
#[doc(alias = "PostMessageW")]
pub fn post(hwnd: HWND, message: u32, wparam: WPARAM, lparam: LPARAM) -> BOOL {
    truth(window::post(hwnd, message, wparam, lparam))
}

/// Posts a message to a thread of this process. `ERROR_INVALID_THREAD_ID` when it does not exist or has never used a queue;
/// `ERROR_NOT_ENOUGH_QUOTA`. Does not block; any thread. Microsoft: "PostThreadMessageW function".
#[doc(alias = "PostThreadMessageA")]
#[doc(alias = "PostThreadMessageW")]
pub fn post_to_thread(thread: u32, message: u32, wparam: WPARAM, lparam: LPARAM) -> BOOL {
    truth(window::post_to_thread(thread, message, wparam, lparam))
}

/// Has the calling thread's queue answer `WM_QUIT` with `code` once it is empty. Microsoft: "PostQuitMessage function".
#[doc(alias = "PostQuitMessage")]
pub fn post_quit(code: i32) {
    window::post_quit(code);
}

/// Looks for the next message of the calling thread that the filter wants; takes it with `PM_REMOVE`. FALSE without one, and for
/// `ERROR_NOACCESS` (NULL) and `ERROR_INVALID_WINDOW_HANDLE`. Does not block. Microsoft: "PeekMessageW function".
///
/// # Safety
/// `place` is null or writable.
#[doc(alias = "PeekMessageA")]
#[doc(alias = "PeekMessageW")]
pub unsafe fn peek(place: *mut MSG, hwnd: HWND, first: u32, last: u32, how: u32) -> BOOL {
    if place.is_null() {
        return truth(Err(Errno::NOACCESS));
    }
    let take = if how & PM_REMOVE == 0 {
        Take::Leave
    } else {
        Take::Remove
    };
    or(
        FALSE,
        window::peek(filter(hwnd, first, last), take).map(|found| {
            found.map_or(FALSE, |message| {
                // SAFETY: not null, so writable by the caller's contract.
                unsafe { store(place, &message) };
                TRUE
            })
        }),
    )
}

/// Takes the next message of the calling thread that the filter wants, waiting for one, not alertably. 1, 0 for `WM_QUIT`, -1 with
/// `ERROR_NOACCESS` (NULL) or `ERROR_INVALID_WINDOW_HANDLE`. Microsoft: "GetMessageW function".
///
/// # Safety
/// `place` is null or writable.
#[doc(alias = "GetMessageA")]
#[doc(alias = "GetMessageW")]
pub unsafe fn get(place: *mut MSG, hwnd: HWND, first: u32, last: u32) -> BOOL {
    if place.is_null() {
        return or(FAILED, Err(Errno::NOACCESS));
    }
    or(
        FAILED,
        window::get(filter(hwnd, first, last)).map(|message| {
            // SAFETY: not null, so writable by the caller's contract.
            unsafe { store(place, &message) };
            BOOL::from(message.message != WM_QUIT)
        }),
    )
}

fn filter(hwnd: HWND, first: u32, last: u32) -> Filter {
    Filter {
        window: hwnd,
        first,
        last,
    }
}

/// # Safety
/// `place` is writable.
unsafe fn store(place: *mut MSG, message: &Message) {
    let found = MSG {
        hwnd: message.window,
        message: message.message,
        wParam: message.wparam,
        lParam: message.lparam,
        time: message.time,
        pt: POINT { x: 0, y: 0 },
    };
    // SAFETY: the caller's contract.
    unsafe { place.write_unaligned(found) };
}

/// Turns keys into characters: there are no keys, so nothing is translated. Microsoft: "TranslateMessage function".
#[doc(alias = "TranslateMessage")]
pub fn translate(_message: *const MSG) -> BOOL {
    FALSE
}

/// Calls the procedure of the window that a message is for, on this thread, and returns its result; 0 for NULL, for a message to no
/// window and for a window that is gone. `WM_TIMER` of a timer with a procedure calls that one: 0. Microsoft: "DispatchMessageW function".
///
/// # Safety
/// `message` is null or readable.
#[doc(alias = "DispatchMessageA")]
#[doc(alias = "DispatchMessageW")]
pub unsafe fn dispatch(message: *const MSG) -> LRESULT {
    if message.is_null() {
        return or(0, Err(Errno::NOACCESS));
    }
    // SAFETY: not null, so readable by the caller's contract.
    let message = unsafe { message.read_unaligned() };
    // SAFETY: procedures of timers are what `SetTimer` asks for.
    if let Some(result) = unsafe { window_timer::dispatched(&message) } {
        return result;
    }
    window::dispatch(&Message {
        window: message.hwnd,
        message: message.message,
        wparam: message.wParam,
        lparam: message.lParam,
        time: message.time,
    })
}

exports! {
    "PostMessageA" post_message_a(hwnd: HWND, message: u32, wparam: WPARAM, lparam: LPARAM) -> BOOL = FALSE => post;
    "PostMessageW" post_message_w(hwnd: HWND, message: u32, wparam: WPARAM, lparam: LPARAM) -> BOOL = FALSE => post;
    "PostThreadMessageA" post_thread_message_a(
        thread: u32, message: u32, wparam: WPARAM, lparam: LPARAM
    ) -> BOOL = FALSE => post_to_thread;
    "PostThreadMessageW" post_thread_message_w(
        thread: u32, message: u32, wparam: WPARAM, lparam: LPARAM
    ) -> BOOL = FALSE => post_to_thread;
    "PostQuitMessage" post_quit_message(code: i32) => post_quit;
    "PeekMessageA" peek_message_a(place: *mut MSG, hwnd: HWND, first: u32, last: u32, how: u32) -> BOOL = FALSE => peek;
    "PeekMessageW" peek_message_w(place: *mut MSG, hwnd: HWND, first: u32, last: u32, how: u32) -> BOOL = FALSE => peek;
    "GetMessageA" get_message_a(place: *mut MSG, hwnd: HWND, first: u32, last: u32) -> BOOL = FAILED => get;
    "GetMessageW" get_message_w(place: *mut MSG, hwnd: HWND, first: u32, last: u32) -> BOOL = FAILED => get;
    "TranslateMessage" translate_message(message: *const MSG) -> BOOL = FALSE => translate;
    "DispatchMessageA" dispatch_message_a(message: *const MSG) -> LRESULT = 0 => dispatch;
    "DispatchMessageW" dispatch_message_w(message: *const MSG) -> LRESULT = 0 => dispatch;
}
