//! Message queues and windows that only receive messages: what `WSAAsyncSelect` posts to.
//!
//! There is no screen: every window is as if its parent were `HWND_MESSAGE`. A window belongs to
//! the thread that created it; messages posted to it wait in that thread's queue until the thread
//! gets and dispatches them, which calls the procedure of the window's class.
//!
//! Lock order: the class list before a queue, both leaves otherwise; procedures run with no lock
//! held.

mod class;
mod message;
mod queue;
#[cfg(all(test, not(ws2spi_shuttle)))]
mod tests;
mod timer;
mod wait;

use std::sync::Arc;
use std::sync::Weak;

use ws2spi_abi::Errno;
use ws2spi_abi::HWND;
use ws2spi_abi::WM_CLOSE;
use ws2spi_abi::WM_CREATE;
use ws2spi_abi::WM_DESTROY;

use crate::handles;
use crate::handles::Handle;
use crate::handles::Kind;
use crate::handles::Object;
use crate::sync::AtomicU32;
use crate::sync::Ordering::AcqRel;
use crate::sync::ProcessMutex;
use crate::thread;
use crate::thread::Thread;

pub use class::ClassId;
pub use class::Procedure;
pub use class::register;
pub use class::unregister;
pub use message::Message;
pub use queue::Filter;
pub(crate) use queue::Queue;
pub(crate) use queue::QueueCell;
pub use queue::Take;
pub use queue::get;
pub use queue::peek;
pub use queue::post_quit;
pub use timer::end as end_timer;
pub use timer::has_procedure as has_timer_procedure;
pub use timer::set as set_timer;
pub use wait::Input;
pub use wait::wait;

/// A window that only receives messages.
#[derive(Debug)]
pub struct Window {
    class: Arc<class::Class>,
    thread: Weak<Thread>,
    owner: u32,
    destroyed: AtomicU32,
}

impl Object for Window {
    fn kind(&self) -> Kind {
        Kind::Window
    }
}

/// Creates a window of the calling thread. Its procedure is called with `WM_NCCREATE` and
/// `WM_CREATE` first, `parameter` in `lparam`, and may refuse with 0 and -1.
///
/// # Errors
/// `ERROR_CANNOT_FIND_WND_CLASS` without such a class; `WSA_NOT_ENOUGH_MEMORY` when there are no
/// more handles; `ERROR_INVALID_WINDOW_HANDLE` when the procedure refused.
#[doc(alias = "CreateWindowEx")]
pub fn create(class: ClassId<'_>, parameter: isize) -> Result<HWND, Errno> {
    let class = class::find(class).ok_or(Errno::CANNOT_FIND_WND_CLASS)?;
    let thread = thread::current();
    let window = Arc::new(Window {
        class: Arc::clone(&class),
        thread: Arc::downgrade(&thread),
        owner: thread.id(),
        destroyed: AtomicU32::new(0),
    });
    let handle = handles::insert(window)
        .map_err(|_| Errno::NOT_ENOUGH_MEMORY)?
        .raw();
    class.add_window();
    thread.queue().add_window(handle);
    if send(handle, WM_NCCREATE, 0, parameter) == Ok(0) {
        remove(handle);
        return Err(Errno::INVALID_WINDOW_HANDLE);
    }
    if send(handle, WM_CREATE, 0, parameter) == Ok(-1) {
        // It may have been destroyed within the procedure already.
        let _ = destroy(handle);
        return Err(Errno::INVALID_WINDOW_HANDLE);
    }
    if is_window(handle) {
        Ok(handle)
    } else {
        Err(Errno::INVALID_WINDOW_HANDLE)
    }
}

/// Destroys a window of the calling thread, after `WM_DESTROY` and `WM_NCDESTROY`. What was posted
/// to it is dropped.
///
/// # Errors
/// `ERROR_INVALID_WINDOW_HANDLE` when there is none, `ERROR_ACCESS_DENIED` when it is another
/// thread's.
#[doc(alias = "DestroyWindow")]
pub fn destroy(window: HWND) -> Result<(), Errno> {
    let found = find(window)?;
    if found.owner != thread::current().id() {
        return Err(Errno::ACCESS_DENIED);
    }
    if found.destroyed.swap(1, AcqRel) == 0 {
        let _ = send(window, WM_DESTROY, 0, 0);
        let _ = send(window, WM_NCDESTROY, 0, 0);
        remove(window);
    }
    Ok(())
}

/// Whether there is a window of that value.
#[doc(alias = "IsWindow")]
#[must_use]
pub fn is_window(window: HWND) -> bool {
    find(window).is_ok()
}

/// Says whether windows are somebody else's: the process posts its messages by a routine of its own, to
/// windows that are unknown here.
pub fn set_foreign(foreign: bool) {
    *FOREIGN.lock() = foreign;
}

/// Whether messages may be posted to a window of that value: there is one, or windows are somebody else's
/// and it is not 0.
#[must_use]
pub fn may_exist(window: HWND) -> bool {
    is_window(window) || (window != 0 && *FOREIGN.lock())
}

/// The id of the thread that a window belongs to.
///
/// # Errors
/// `ERROR_INVALID_WINDOW_HANDLE` when there is none.
#[doc(alias = "GetWindowThreadProcessId")]
pub fn owner(window: HWND) -> Result<u32, Errno> {
    find(window).map(|window| window.owner)
}

/// Posts a message to a window's queue, or to the calling thread's own for window 0. Never blocks;
/// any thread.
///
/// # Errors
/// `ERROR_INVALID_WINDOW_HANDLE` when there is no such window; `ERROR_NOT_ENOUGH_QUOTA` when the
/// queue is full (10,000 messages).
#[doc(alias = "PostMessage")]
#[doc(alias = "WPUPostMessage")]
pub fn post(window: HWND, message: u32, wparam: usize, lparam: isize) -> Result<(), Errno> {
    let thread = match window {
        0 => thread::current(),
        // Windows that only receive messages get no broadcasts, and there are no others.
        HWND_BROADCAST => return Ok(()),
        window => find(window)?
            .thread
            .upgrade()
            .ok_or(Errno::INVALID_WINDOW_HANDLE)?,
    };
    thread
        .queue()
        .post(Message::new(window, message, wparam, lparam))
}

/// Posts a message to a thread itself.
///
/// # Errors
/// `ERROR_INVALID_THREAD_ID` when there is no such thread or it has never used a queue;
/// `ERROR_NOT_ENOUGH_QUOTA` when the queue is full.
#[doc(alias = "PostThreadMessage")]
pub fn post_to_thread(id: u32, message: u32, wparam: usize, lparam: isize) -> Result<(), Errno> {
    let thread = thread::by_id(id).ok_or(Errno::INVALID_THREAD_ID)?;
    let queue = thread.queue_if_used().ok_or(Errno::INVALID_THREAD_ID)?;
    queue.post(Message::new(0, message, wparam, lparam))
}

/// Calls the procedure of the window that a message is for, on this thread; returns its result. 0
/// for a message to no window, or to one that is gone.
#[doc(alias = "DispatchMessage")]
pub fn dispatch(message: &Message) -> isize {
    find(message.window).map_or(0, |window| window.class.call(message))
}

/// What procedures do with messages that they have no use for: `WM_CLOSE` destroys the window.
#[doc(alias = "DefWindowProc")]
pub fn default_procedure(message: &Message) -> isize {
    match message.message {
        WM_NCCREATE => 1,
        WM_CLOSE => {
            // Nothing to do when it is gone, or not this thread's.
            let _ = destroy(message.window);
            0
        }
        _ => 0,
    }
}

/// Takes the windows of a thread that exits away; their procedures are not called.
pub(crate) fn remove_all(windows: Vec<HWND>) {
    windows.into_iter().for_each(remove);
}

fn remove(window: HWND) {
    let Ok(found) = find(window) else {
        return;
    };
    if handles::remove(window).is_ok() {
        found.class.remove_window();
        if let Some(thread) = found.thread.upgrade() {
            thread.queue().remove_window(window);
        }
    }
}

fn send(window: HWND, message: u32, wparam: usize, lparam: isize) -> Result<isize, Errno> {
    let found = find(window)?;
    Ok(found
        .class
        .call(&Message::new(window, message, wparam, lparam)))
}

fn find(window: HWND) -> Result<Arc<Window>, Errno> {
    let object = Handle::from_raw(window)
        .and_then(|handle| handles::pin(handle.raw()))
        .and_then(|pinned| pinned.object().cloned());
    object
        .and_then(<dyn Object>::downcast)
        .ok_or(Errno::INVALID_WINDOW_HANDLE)
}

/// Whether windows are somebody else's.
static FOREIGN: ProcessMutex<bool> = ProcessMutex::new(false);

const WM_NCCREATE: u32 = 0x81;
const WM_NCDESTROY: u32 = 0x82;
const HWND_BROADCAST: HWND = 0xffff;
