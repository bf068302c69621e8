//! Threads and processes as handles and numbers, and APCs.

use super::or;
use crate::table::exports;
use ws2spi_abi::args::Callback;
use ws2spi_abi::ffi::Convention;
use ws2spi_abi::{Errno, HANDLE, RawCallback};
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

exports! {
    "GetCurrentThread" get_current_thread() -> HANDLE = 0 => current;
    "GetCurrentThreadId" get_current_thread_id() -> u32 = 0 => current_id;
    "GetCurrentProcess" get_current_process() -> HANDLE = 0 => current_process;
    "GetCurrentProcessId" get_current_process_id() -> u32 = 0 => current_process_id;
    "QueueUserAPC" queue_apc(routine: RawCallback, thread: HANDLE, context: usize) -> u32 = 0 => queue_user_apc;
}
