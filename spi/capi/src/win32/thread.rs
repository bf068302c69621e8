//! Threads: their creation and end, their handles and numbers, and APCs; the process's.

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

/// Begins a thread that runs `routine` with `context`; a handle to it, or 0. `stack` is in bytes, 0 for the system's choice, and is always
/// committed. `ERROR_INVALID_PARAMETER`: no function; `ERROR_NOT_SUPPORTED`: flags other than `STACK_SIZE_PARAM_IS_A_RESERVATION`,
/// `CREATE_SUSPENDED` among them; `ERROR_NOT_ENOUGH_MEMORY`. The attributes are ignored: nothing is inherited. Close the handle; the
/// thread does not need it. Microsoft: "CreateThread function".
///
/// DIFFERS: `ExitThread` and `TerminateThread` do not exist; a thread ends when its function returns.
///
/// # Safety
/// `routine` is a function of one word in the native convention that stays loaded until it has returned; `id` is NULL or writable.
#[doc(alias = "CreateThread")]
pub unsafe fn create(
    _attributes: *const SECURITY_ATTRIBUTES,
    stack: usize,
    routine: RawCallback,
    context: usize,
    flags: u32,
    id: *mut u32,
) -> HANDLE {
    if flags & !STACK_SIZE_PARAM_IS_A_RESERVATION != 0 {
        return or(0, Err(Errno::NOT_SUPPORTED));
    }
    // SAFETY: the caller's contract.
    let routine = unsafe { Callback::new(Convention::Native, routine) };
    let created = routine.ok_or(Errno::INVALID_PARAMETER).and_then(|routine| {
        // SAFETY: the caller of `create` vouched for a thread's function.
        thread::create(move || unsafe { routine.start_thread(context) }, stack)
    });
    let created = created.inspect(|(_, number)| {
        if !id.is_null() {
            // SAFETY: the caller's contract.
            unsafe { id.write_unaligned(*number) };
        }
    });
    or(0, created.map(|(handle, _)| handle.raw()))
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
    "CreateThread" create_thread(attributes: *const SECURITY_ATTRIBUTES, stack: usize, routine: RawCallback, context: usize, flags: u32, id: *mut u32) -> HANDLE = 0 => create;
    "GetExitCodeThread" get_exit_code_thread(thread: HANDLE, code: *mut u32) -> BOOL = FALSE => exit_code;
    "GetCurrentThread" get_current_thread() -> HANDLE = 0 => current;
    "GetCurrentThreadId" get_current_thread_id() -> u32 = 0 => current_id;
    "GetCurrentProcess" get_current_process() -> HANDLE = 0 => current_process;
    "GetCurrentProcessId" get_current_process_id() -> u32 = 0 => current_process_id;
    "QueueUserAPC" queue_apc(routine: RawCallback, thread: HANDLE, context: usize) -> u32 = 0 => queue_user_apc;
}
