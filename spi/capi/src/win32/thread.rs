//! Threads: their handles and numbers, what they leave behind, and APCs; the process's. [`super::created_thread`] begins and ends them.

use super::{or, truth};
use crate::table::exports;
use ws2spi_abi::args::Callback;
use ws2spi_abi::ffi::Convention;
use ws2spi_abi::*;
use ws2spi_kernel::thread::{self, Apc, CURRENT_THREAD};

/// The pseudo handle that `GetCurrentProcess` returns.
pub const CURRENT_PROCESS: HANDLE = usize::MAX;

/// The pseudo handle of the calling thread. Microsoft: "GetCurrentThread function".
#[doc(alias = "GetCurrentThread")]
#[must_use]
pub fn current() -> HANDLE {
    CURRENT_THREAD
}

/// The calling thread's number. Microsoft: "GetCurrentThreadId function".
#[doc(alias = "GetCurrentThreadId")]
#[must_use]
pub fn current_id() -> u32 {
    thread::current().id()
}

/// The pseudo handle of this process. Microsoft: "GetCurrentProcess function".
#[doc(alias = "GetCurrentProcess")]
#[must_use]
pub fn current_process() -> HANDLE {
    CURRENT_PROCESS
}

/// This process's number. Microsoft: "GetCurrentProcessId function".
#[doc(alias = "GetCurrentProcessId")]
#[must_use]
pub fn current_process_id() -> u32 {
    std::process::id()
}

/// Queues an APC to a thread; it runs there in an alertable wait. Not 0 on success. `ERROR_INVALID_HANDLE`: not a thread;
/// `ERROR_GEN_FAILURE`: it has exited. Microsoft: "QueueUserAPC function".
///
/// # Safety
/// `routine` is a function of one word in the native convention that stays loaded until it has run.
#[doc(alias = "QueueUserAPC")]
pub unsafe fn queue_user_apc(routine: RawCallback, thread: HANDLE, context: usize) -> u32 {
    // SAFETY: the caller's contract.
    let routine = unsafe { Callback::new(Convention::Native, routine) };
    let queued = routine.ok_or(Errno::INVALID_PARAMETER).and_then(|routine| {
        let thread = thread::from_handle(thread).ok_or(Errno::INVALID_HANDLE)?;
        let apc = Apc::new(move || {
            // SAFETY: the caller of `queue_user_apc` vouched for a function of one word.
            unsafe { routine.user_apc(context) };
        });
        thread.queue_apc(apc).map_err(|_| Errno::GEN_FAILURE)
    });
    or(0, queued.map(|()| 1))
}

/// Opens a handle to a thread of this process by its number; 0 with `ERROR_INVALID_PARAMETER` when there is none. Access and inheritance
/// are accepted. Microsoft: "OpenThread function".
#[doc(alias = "OpenThread")]
#[must_use]
pub fn open(_access: u32, _inherit: BOOL, id: u32) -> HANDLE {
    or(0, thread::open(id).map(|handle| handle.raw()))
}

/// The number of a handle's thread; 0 with `ERROR_INVALID_HANDLE`. Microsoft: "GetThreadId function".
#[doc(alias = "GetThreadId")]
#[must_use]
pub fn id_of(handle: HANDLE) -> u32 {
    let thread = thread::from_handle(handle).ok_or(Errno::INVALID_HANDLE);
    or(0, thread.map(|thread| thread.id()))
}

/// Lets other threads run: TRUE. Microsoft: "SwitchToThread function".
#[doc(alias = "SwitchToThread")]
pub fn switch() -> BOOL {
    std::thread::yield_now();
    TRUE
}

/// What a thread left behind, or `STILL_ACTIVE` while it runs. `ERROR_INVALID_HANDLE`: not a thread; `ERROR_NOACCESS` for NULL.
/// Microsoft: "GetExitCodeThread function".
///
/// # Safety
/// `code` is NULL or writable.
#[doc(alias = "GetExitCodeThread")]
pub unsafe fn exit_code(thread: HANDLE, code: *mut u32) -> BOOL {
    let read = || {
        let thread = thread::from_handle(thread).ok_or(Errno::INVALID_HANDLE)?;
        if code.is_null() {
            return Err(Errno::NOACCESS);
        }
        // SAFETY: the caller's contract.
        unsafe { code.write_unaligned(thread.exit_code().unwrap_or(STILL_ACTIVE)) };
        Ok(())
    };
    truth(read())
}

exports! {
    "OpenThread" open_thread(access: u32, inherit: BOOL, id: u32) -> HANDLE = 0 => open;
    "GetThreadId" get_thread_id(thread: HANDLE) -> u32 = 0 => id_of;
    "SwitchToThread" switch_to_thread() -> BOOL = FALSE => switch;
    "GetExitCodeThread" get_exit_code_thread(thread: HANDLE, code: *mut u32) -> BOOL = FALSE => exit_code;
    "GetCurrentThread" get_current_thread() -> HANDLE = 0 => current;
    "GetCurrentThreadId" get_current_thread_id() -> u32 = 0 => current_id;
    "GetCurrentProcess" get_current_process() -> HANDLE = 0 => current_process;
    "GetCurrentProcessId" get_current_process_id() -> u32 = 0 => current_process_id;
    "QueueUserAPC" queue_apc(routine: RawCallback, thread: HANDLE, context: usize) -> u32 = 0 => queue_user_apc;
}
