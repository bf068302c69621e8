//! The Win32 functions that providers use, over the kernel role: events, waits, threads, ports, files, messages, modules, heaps, locks,
//! text.
//!
//! Each file has the bodies of its functions with Windows' signatures and the rows that export them. Errors go to the thread's last
//! error, which is the same slot as `WSAGetLastError`'s; a success leaves it alone except where said. The subset is what the headers
//! declare; a function that is not here is a link error.

pub mod adapters;
pub mod address_wait;
mod callbacks;
pub mod code_page;
pub mod com;
pub mod condition_variable;
pub mod console;
pub mod created_thread;
pub mod critical_section;
pub mod debug;
pub mod device;
pub mod disk;
pub mod environment;
pub mod event;
pub mod file;
pub mod handle;
pub mod heap;
pub mod identifier;
pub mod last_error;
pub mod library;
pub mod local_storage;
pub mod mapping;
pub mod message;
pub mod message_wait;
pub mod mutex;
mod name;
pub mod nt;
pub mod one_time;
pub mod path;
pub mod pool;
pub mod port;
pub mod position;
pub mod process;
pub mod registered_wait;
pub mod registry;
pub mod registry_key;
pub mod registry_value;
pub mod semaphore;
pub mod slim_lock;
pub mod string;
pub mod system_information;
pub mod thread;
pub mod timer;
pub mod timer_queue;
pub mod view;
pub mod wait;
pub mod window;
pub mod window_timer;

use ws2spi_abi::{BOOL, Errno, FALSE, TRUE};

/// The value, or `failure` with the thread's last error set.
fn or<R>(failure: R, result: Result<R, Errno>) -> R {
    result.unwrap_or_else(|error| {
        last_error::set(error);
        failure
    })
}

/// `TRUE`, or `FALSE` with the thread's last error set.
fn truth(result: Result<(), Errno>) -> BOOL {
    or(FALSE, result.map(|()| TRUE))
}

/// A Win32 error that only one file reports.
const fn error(code: i32) -> Errno {
    match Errno::new(code) {
        Some(error) => error,
        None => panic!("0 is no error code"),
    }
}

/// What a caller's pointer points to; `None` for NULL, and for an address at which no such value can be.
///
/// # Safety
/// `place` is null, not aligned, or points to a value that stays where it is.
unsafe fn placed<'a, T>(place: *const T) -> Option<&'a T> {
    if !place.is_aligned() {
        return None;
    }
    // SAFETY: the caller's contract.
    unsafe { place.as_ref() }
}
