//! Window messages: `WSAAsyncSelect`, and a window for each thread whose procedure gets the notices.
//!
//! The thread waits in `GetMessage`, as programs with windows do. So that it also looks up now and
//! then, a ticker posts a message to the window, as a timer does on Windows.

use super::exchange::Stopped;
use super::readiness::{NETWORK_EVENTS, Ready, TICK, Want, Watcher, ready_of};
use super::worker::Worker;
use crate::Socket;
use crate::{socket, winsock};
use std::cell::RefCell;
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use ws2spi_abi::*;

/// Waits for messages.
pub(super) struct Messages {
    window: Window,
    _ticker: Ticker,
}

impl Watcher for Messages {
    fn new(worker: &Worker<'_>) -> Result<Self, Stopped> {
        let window = worker.call("CreateWindowExW", Window::new)?;
        let ticker = Ticker::start(window.handle);
        Ok(Self {
            window,
            _ticker: ticker,
        })
    }

    fn add(&mut self, worker: &Worker<'_>, socket: &Socket) -> Result<(), Stopped> {
        worker.own_call("WSAAsyncSelect", || {
            self.window.select(socket.raw(), NETWORK_EVENTS)
        })
    }

    fn remove(&mut self, socket: &Socket) {
        // The socket is closed next, which does the same; a refusal shows there.
        let _ = self.window.select(socket.raw(), 0);
    }

    fn wait(
        &mut self,
        worker: &Worker<'_>,
        wants: &[Want],
        timeout: Duration,
    ) -> Result<Vec<Ready>, Stopped> {
        let mut message = MSG::EMPTY;
        if !timeout.is_zero() {
            worker.call("GetMessageW", || get(&mut message))?;
            dispatch(&message);
        }
        while peek(&mut message) {
            dispatch(&message);
        }
        let notices = NOTICES.with_borrow_mut(std::mem::take);
        let ready = notices.into_iter().filter_map(|notice| {
            // Notices of sockets that were closed meanwhile are of no use.
            let mut sockets = wants.iter().map(|want| want.socket);
            let index = sockets.position(|socket| socket == notice.socket)?;
            let refused = notice.error.filter(|_| notice.events & FD_CONNECT != 0);
            Some(ready_of(index, notice.events, refused))
        });
        Ok(ready.collect())
    }
}

/// What a message says about a socket.
struct Notice {
    socket: SOCKET,
    events: i32,
    error: Option<Errno>,
}

thread_local! {
    /// What the window of this thread was told.
    static NOTICES: RefCell<Vec<Notice>> = const { RefCell::new(Vec::new()) };
}

/// The window procedure.
extern "system" fn procedure(
    window: HWND,
    message: u32,
    wparam: WPARAM,
    lparam: LPARAM,
) -> LRESULT {
    if message != NOTICE {
        // SAFETY: no pointers that are looked at.
        return unsafe { winsock::DefWindowProcW(window, message, wparam, lparam) };
    }
    // WSAGETSELECTEVENT and WSAGETSELECTERROR.
    let (events, code) = (lparam & 0xffff, (lparam >> 16) & 0xffff);
    NOTICES.with_borrow_mut(|notices| {
        notices.push(Notice {
            socket: wparam,
            events: events as i32,
            error: Errno::new(code as i32),
        });
    });
    0
}

/// A window of the calling thread, with a class of its own; both are gone when it is dropped.
struct Window {
    handle: HWND,
    class: Vec<u16>,
}

impl Window {
    fn new() -> Result<Self, Errno> {
        let thread = format!("ws2spi run, {:?}\0", thread::current().id());
        let class: Vec<u16> = thread.encode_utf16().collect();
        let description = WNDCLASSW {
            lpfnWndProc: RawCallback::from_raw(procedure as *const () as usize),
            lpszClassName: class.as_ptr(),
            ..WNDCLASSW::EMPTY
        };
        // SAFETY: the description and the name in it live for the call.
        if unsafe { winsock::RegisterClassW(&raw const description) } == 0 {
            return Err(socket::last_error());
        }
        // SAFETY: the name of the class lives for the call; there are no other pointers.
        let handle = unsafe {
            winsock::CreateWindowExW(
                0,
                class.as_ptr(),
                null(),
                0,
                0,
                0,
                0,
                0,
                HWND_MESSAGE as HWND,
                0,
                0,
                null_mut(),
            )
        };
        let window = Self { handle, class };
        if handle == 0 {
            return Err(socket::last_error());
        }
        Ok(window)
    }

    fn select(&self, s: SOCKET, mask: i32) -> Result<(), Errno> {
        // SAFETY: no pointers.
        let result = unsafe { winsock::WSAAsyncSelect(s, self.handle, NOTICE, mask.into()) };
        socket::checked(result).map(drop)
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // SAFETY: no pointers; 0 is an error code.
        unsafe { winsock::DestroyWindow(self.handle) };
        // SAFETY: the name lives for the call.
        unsafe { winsock::UnregisterClassW(self.class.as_ptr(), 0) };
    }
}

/// Takes the next message, waiting for one.
fn get(message: &mut MSG) -> Result<(), Errno> {
    // SAFETY: the message is a live local of the caller.
    match unsafe { winsock::GetMessageW(message, 0, 0, 0) } {
        -1 => Err(socket::last_error()),
        _ => Ok(()),
    }
}

/// Takes the next message, if there is one.
fn peek(message: &mut MSG) -> bool {
    // SAFETY: the message is a live local of the caller.
    unsafe { winsock::PeekMessageW(message, 0, 0, 0, PM_REMOVE) != FALSE }
}

fn dispatch(message: &MSG) {
    // SAFETY: the message is a live local of the caller.
    unsafe { winsock::DispatchMessageW(message) };
}

/// Posts a message to a window at each tick, until it is dropped.
struct Ticker {
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    fn start(window: HWND) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ended);
        let thread = thread::spawn(move || {
            while !end.load(Ordering::Acquire) {
                thread::park_timeout(TICK);
                // SAFETY: no pointers; a window that is gone is an error code.
                unsafe { winsock::PostMessageW(window, TICKED, 0, 0) };
            }
        });
        Self {
            ended,
            thread: Some(thread),
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It does not panic.
            let _ = thread.join();
        }
    }
}

/// The message that `WSAAsyncSelect` is to post: the program's own are from `WM_USER` on.
const NOTICE: u32 = WM_USER + 1;
/// The message that the ticker posts.
const TICKED: u32 = WM_USER + 2;
