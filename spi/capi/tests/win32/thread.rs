//! `CreateThread`, `GetExitCodeThread`, `GetCurrentThread`, `GetCurrentProcess`, `QueueUserAPC`.

use super::{STALE, error_of};
use std::ptr::{null, null_mut};
use ws2_32::win32::{event, handle, thread, wait};
use ws2spi_abi::*;

extern "system" fn nothing(_context: usize) {}

fn queue(thread: HANDLE, routine: usize) -> u32 {
    // SAFETY: NULL or a function of one word, which stays.
    unsafe { thread::queue_user_apc(RawCallback::from_raw(routine), thread, 0) }
}

fn real_handle() -> HANDLE {
    let (process, mut target) = (thread::current_process(), 0);
    // SAFETY: a live local.
    let made = unsafe {
        handle::duplicate(
            process,
            thread::current(),
            process,
            &raw mut target,
            0,
            FALSE,
            0,
        )
    };
    assert_eq!(made, TRUE);
    target
}

// MSDN "GetCurrentThreadId", "GetCurrentProcessId": numbers that do not change, and differ between threads.
#[test]
fn threads_have_numbers_of_their_own() {
    assert_eq!(thread::current_id(), thread::current_id());
    let other = std::thread::spawn(thread::current_id).join();
    assert_ne!(other.ok(), Some(thread::current_id()));
    assert_eq!(thread::current_process_id(), std::process::id());
}

// MSDN "QueueUserAPC": 0 for a handle that is no thread's, for no function, and for a thread that has exited.
#[test]
fn an_apc_needs_a_living_thread_and_a_function() {
    let function = nothing as *const () as usize;
    // SAFETY: neither attributes nor a name.
    let other = unsafe { event::create_w(null(), TRUE, FALSE, null()) };
    for raw in [0, STALE, other] {
        let refused = error_of(|| queue(raw, function));
        assert_eq!(refused, (0, Errno::INVALID_HANDLE.code() as u32));
    }
    let refused = error_of(|| queue(thread::current(), 0));
    assert_eq!(refused, (0, Errno::INVALID_PARAMETER.code() as u32));
    let gone = std::thread::spawn(real_handle).join().unwrap_or_default();
    assert_ne!(gone, 0);
    let refused = error_of(|| queue(gone, function));
    assert_eq!(refused, (0, Errno::GEN_FAILURE.code() as u32));
    assert_eq!((handle::close(gone), handle::close(other)), (TRUE, TRUE));
}

extern "system" fn doubled(context: usize) -> u32 {
    context as u32 * 2
}

/// Waits for the event whose handle is the context.
extern "system" fn patient(context: usize) -> u32 {
    wait::single(context, INFINITE)
}

fn create(routine: usize, context: usize, flags: u32, id: *mut u32) -> HANDLE {
    let routine = RawCallback::from_raw(routine);
    // SAFETY: NULL or a function of one word, which stays; NULL or a live local.
    unsafe { thread::create(null(), 0, routine, context, flags, id) }
}

fn exit_code(thread: HANDLE) -> (BOOL, u32) {
    let mut code = 7;
    // SAFETY: a live local.
    let read = unsafe { thread::exit_code(thread, &raw mut code) };
    (read, code)
}

// MSDN "CreateThread", "GetExitCodeThread": the handle is signalled when the function has returned, and what it returned is the code.
#[test]
fn a_created_thread_leaves_what_its_function_returns() {
    let mut id = 0;
    let function = doubled as *const () as usize;
    let created = create(function, 21, STACK_SIZE_PARAM_IS_A_RESERVATION, &raw mut id);
    assert_ne!((created, id), (0, 0));
    assert_ne!(id, thread::current_id());
    assert_eq!(wait::single(created, INFINITE), WAIT_OBJECT_0);
    assert_eq!(exit_code(created), (TRUE, 42));
    assert_eq!(handle::close(created), TRUE);
}

// MSDN "GetExitCodeThread": STILL_ACTIVE while it runs.
#[test]
fn a_running_thread_is_still_active() {
    // SAFETY: neither attributes nor a name.
    let gate = unsafe { event::create_w(null(), TRUE, FALSE, null()) };
    let created = create(patient as *const () as usize, gate, 0, null_mut());
    assert_eq!(exit_code(created), (TRUE, STILL_ACTIVE));
    assert_eq!(wait::single(created, 0), WAIT_TIMEOUT);
    assert_eq!(event::set(gate), TRUE);
    assert_eq!(wait::single(created, INFINITE), WAIT_OBJECT_0);
    assert_eq!(exit_code(created), (TRUE, WAIT_OBJECT_0));
    assert_eq!((handle::close(created), handle::close(gate)), (TRUE, TRUE));
}

// MSDN "CreateThread", "GetExitCodeThread": what is refused.
#[test]
fn a_thread_needs_a_function_and_plain_flags() {
    const CREATE_SUSPENDED: u32 = 4;
    let function = doubled as *const () as usize;
    let refused = error_of(|| create(0, 0, 0, null_mut()));
    assert_eq!(refused, (0, Errno::INVALID_PARAMETER.code() as u32));
    let refused = error_of(|| create(function, 0, CREATE_SUSPENDED, null_mut()));
    assert_eq!(refused, (0, Errno::NOT_SUPPORTED.code() as u32));
    for raw in [0, STALE] {
        let refused = error_of(|| exit_code(raw).0 as u32);
        assert_eq!(refused, (0, Errno::INVALID_HANDLE.code() as u32));
    }
    // SAFETY: NULL is allowed.
    let refused = error_of(|| unsafe { thread::exit_code(thread::current(), null_mut()) as u32 });
    assert_eq!(refused, (0, Errno::NOACCESS.code() as u32));
}
