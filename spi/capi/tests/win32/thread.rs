//! `GetCurrentThread`, `GetCurrentProcess`, `QueueUserAPC`.

use super::{STALE, error_of};
use std::ptr::null;
use ws2_32::win32::{event, handle, thread};
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
