//! The system calls of the kernel role on Windows, each as a safe function over numbers.
//!
//! A handle is a number that the system looks up: whatever value is passed, a stale one included, the
//! answer is an error and nothing else happens. So everything here is safe to call, and the only
//! unsafe code of the kernel role on Windows is in this file, in `nt` and in `interception`.
//!
//! Used by all modules beside it.

#![allow(unsafe_code)]

use std::ptr;

use windows_sys::Win32::Foundation;
use windows_sys::Win32::Foundation::DUPLICATE_SAME_ACCESS;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::System::Threading;
use windows_sys::Win32::UI::WindowsAndMessaging;
use ws2spi_abi::Errno;

/// A handle of the system's that is closed when it is dropped.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Owned(usize);

impl Owned {
    /// Takes over a handle that nobody else closes.
    pub(super) const fn new(raw: usize) -> Self {
        Self(raw)
    }

    pub(crate) const fn raw(&self) -> usize {
        self.0
    }

    /// Gives the handle to somebody else to close.
    pub(crate) fn into_raw(self) -> usize {
        std::mem::ManuallyDrop::new(self).0
    }

    /// Another handle to the same object.
    pub(crate) fn duplicate_of(raw: usize) -> Result<Self, Errno> {
        duplicate(raw).map(Self)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // It is open and nobody else's: nothing can fail that anybody could act on.
        close(self.0);
    }
}

/// Makes a call that may fail and leaves the thread's last error alone: functions of this crate answer with
/// their errors, and the last error is for those who face the application.
fn quietly<R>(call: impl FnOnce() -> R) -> R {
    let before = last_error();
    let answer = call();
    set_last_error(before);
    answer
}

/// [`quietly`] for a call that answers 0 when it fails.
fn checked(call: impl FnOnce() -> i32) -> Result<(), Errno> {
    quietly(|| if call() == 0 { Err(failure()) } else { Ok(()) })
}

fn handle(raw: usize) -> HANDLE {
    raw as HANDLE
}

/// The calling thread's last error as an [`Errno`].
fn failure() -> Errno {
    Errno::new(last_error()).unwrap_or(Errno::SYSCALLFAILURE)
}

/// The calling thread's last error.
pub(crate) fn last_error() -> i32 {
    // SAFETY: reads a word of the calling thread.
    unsafe { Foundation::GetLastError() }.cast_signed()
}

/// Replaces the calling thread's last error.
pub(crate) fn set_last_error(code: i32) {
    // SAFETY: writes a word of the calling thread.
    unsafe { Foundation::SetLastError(code.cast_unsigned()) }
}

/// Closes a handle; whether it was one.
pub(crate) fn close(raw: usize) -> bool {
    // SAFETY: a number that the system looks up. The callers pass handles that are theirs to close.
    quietly(|| unsafe { Foundation::CloseHandle(handle(raw)) != 0 })
}

/// Whether a handle is open.
pub(crate) fn is_open(raw: usize) -> bool {
    let mut flags = 0;
    // SAFETY: a number that the system looks up; the answer goes to a live local.
    let found =
        quietly(|| unsafe { Foundation::GetHandleInformation(handle(raw), &raw mut flags) });
    // The pseudo handles of this process and thread are no sockets, whatever they are.
    found != 0 && handle(raw) != INVALID_HANDLE_VALUE
}

/// Opens another handle to the same object, with the same access. Pseudo handles become real ones.
pub(crate) fn duplicate(raw: usize) -> Result<usize, Errno> {
    // SAFETY: no arguments; the answer is a constant.
    let process = unsafe { Threading::GetCurrentProcess() };
    let mut copy = ptr::null_mut();
    // SAFETY: numbers that the system looks up; the answer goes to a live local.
    let made = checked(|| unsafe {
        Foundation::DuplicateHandle(
            process,
            handle(raw),
            process,
            &raw mut copy,
            0,
            0,
            DUPLICATE_SAME_ACCESS,
        )
    });
    made.map(|()| copy as usize)
}

/// Creates an event without a name.
pub(crate) fn create_event(manual: bool, signalled: bool) -> Result<Owned, Errno> {
    // SAFETY: no security attributes and no name, both of which may be left out.
    let event = quietly(|| unsafe {
        Threading::CreateEventW(
            ptr::null(),
            i32::from(manual),
            i32::from(signalled),
            ptr::null(),
        )
    });
    if event.is_null() {
        Err(Errno::NOT_ENOUGH_MEMORY)
    } else {
        Ok(Owned::new(event as usize))
    }
}

/// Signals an event; whether it is one.
pub(crate) fn set_event(raw: usize) -> bool {
    // SAFETY: a number that the system looks up.
    quietly(|| unsafe { Threading::SetEvent(handle(raw)) != 0 })
}

/// Makes an event nonsignalled; whether it is one.
pub(crate) fn reset_event(raw: usize) -> bool {
    // SAFETY: a number that the system looks up.
    quietly(|| unsafe { Threading::ResetEvent(handle(raw)) != 0 })
}

/// Waits for any or all of several handles: what `WaitForMultipleObjectsEx` answers.
///
/// # Errors
/// `WSA_INVALID_HANDLE` and what else the system has against them.
pub(crate) fn wait(
    handles: &[usize],
    all: bool,
    milliseconds: u32,
    alertable: bool,
) -> Result<u32, Errno> {
    let before = last_error();
    let list: Vec<HANDLE> = handles.iter().map(|&raw| handle(raw)).collect();
    // SAFETY: the list is alive during the call, and its length is given; the values are looked up.
    let ended = unsafe {
        Threading::WaitForMultipleObjectsEx(
            list.len() as u32,
            list.as_ptr(),
            i32::from(all),
            milliseconds,
            i32::from(alertable),
        )
    };
    if ended != Foundation::WAIT_FAILED {
        // APCs ran on this thread, and what they left is theirs.
        return Ok(ended);
    }
    let error = failure();
    set_last_error(before);
    Err(error)
}

/// Waits for the time or for APCs; whether APCs ran.
pub(crate) fn sleep(milliseconds: u32, alertable: bool) -> bool {
    // SAFETY: no pointers.
    unsafe { Threading::SleepEx(milliseconds, i32::from(alertable)) != 0 }
}

/// The id of the calling thread.
pub(crate) fn current_thread_id() -> u32 {
    // SAFETY: no arguments.
    unsafe { Threading::GetCurrentThreadId() }
}

/// A handle to the calling thread.
pub(crate) fn open_current_thread() -> Result<Owned, Errno> {
    // SAFETY: no arguments; the answer is a constant.
    let pseudo = unsafe { Threading::GetCurrentThread() };
    Owned::duplicate_of(pseudo as usize)
}

/// The id of the thread with this handle; `None` when it is no thread's.
pub(crate) fn thread_id(raw: usize) -> Option<u32> {
    // SAFETY: a number that the system looks up.
    let id = quietly(|| unsafe { Threading::GetThreadId(handle(raw)) });
    (id != 0).then_some(id)
}

/// Queues a call of `routine` to a thread.
///
/// # Errors
/// The system's, once the thread has exited among them.
pub(crate) fn queue_apc(
    thread: usize,
    routine: unsafe extern "system" fn(usize),
    context: usize,
) -> Result<(), Errno> {
    // SAFETY: a function of this crate, which is never unloaded once a routine may run (see
    // `interception`), with the context that it expects: the caller is the one who made both.
    checked(|| unsafe { Threading::QueueUserAPC(Some(routine), handle(thread), context) as i32 })
}

/// Posts a message to a window.
pub(crate) fn post_message(
    window: usize,
    message: u32,
    wparam: usize,
    lparam: isize,
) -> Result<(), Errno> {
    // SAFETY: a number that the system looks up; the rest is handed to the window as it is.
    checked(|| unsafe {
        WindowsAndMessaging::PostMessageW(handle(window), message, wparam, lparam)
    })
}

/// Whether there is a window of that value.
pub(crate) fn is_window(window: usize) -> bool {
    // SAFETY: a number that the system looks up.
    quietly(|| unsafe { WindowsAndMessaging::IsWindow(handle(window)) != 0 })
}
