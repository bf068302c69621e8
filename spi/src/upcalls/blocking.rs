//! The blocking hook of Winsock 1.1 as providers see it.
//!
//! A provider that would block asks for the thread's callback and calls it until the operation can finish or the callback says
//! FALSE. The callback is the client DLL's: it runs the application's hook and knows whether `WSACancelBlockingCall` was called.

use crate::process;
use crate::process::thread::{self, Blocking};
use ws2spi_abi::{BOOL, Errno, FALSE, RawCallback};

/// Answers `WPUQueryBlockingCallback` for the calling thread (U70). Without a hook the callback is NULL and the id is not looked at
/// (U66, U67).
///
/// # Errors
/// `WSANOTINITIALISED`; `WSAEFAULT`: NULL (U69); `WSAEINVAL`: a hook is set and the entry is unknown; the callback is NULL (U68).
///
/// # Safety
/// Each pointer is null or writable.
pub unsafe fn query(
    entry: u32,
    callback: *mut RawCallback,
    context: *mut usize,
) -> Result<(), Errno> {
    process::require_started()?;
    if callback.is_null() || context.is_null() {
        return Err(Errno::FAULT);
    }
    let has_hook = super::desktop_only().is_ok() && !thread::blocking_hook().is_null();
    let known =
        !has_hook || process::with_run(|run| Ok(run.associations().entry(entry).is_some()))?;
    let answer = if has_hook && known {
        (
            RawCallback::from_raw(blocking_callback as *const () as usize),
            entry as usize,
        )
    } else {
        (RawCallback::NULL, 0)
    };
    // SAFETY: not null, so writable by the caller's contract.
    unsafe { callback.write_unaligned(answer.0) };
    // SAFETY: as above.
    unsafe { context.write_unaligned(answer.1) };
    if known { Ok(()) } else { Err(Errno::INVAL) }
}

/// The callback that providers receive; the context is the catalog entry's id.
extern "system" fn blocking_callback(context: usize) -> BOOL {
    BOOL::from(run_hook(context as u32))
}

/// Runs the thread's hook until it has nothing more to do. `false`: the blocking call was cancelled meanwhile (U71).
#[must_use]
pub fn run_hook(entry: u32) -> bool {
    let hook = thread::blocking_hook();
    if hook.is_null() {
        return true;
    }
    let former = thread::set_blocking(Blocking::InHook { entry });
    while thread::blocking() != Blocking::Cancelled && call_hook(hook) {}
    thread::set_blocking(former) != Blocking::Cancelled
}

fn call_hook(hook: RawCallback) -> bool {
    type Hook = unsafe extern "system" fn() -> BOOL;
    // SAFETY: `WSASetBlockingHook`'s contract: a function of this type in the native convention.
    let function = unsafe { std::mem::transmute::<usize, Hook>(hook.as_raw()) };
    // SAFETY: as above; it takes no arguments.
    unsafe { function() != FALSE }
}

/// The hook in force when the application has set none. It has nothing to dispatch; providers never call it, they see no hook.
pub extern "system" fn default_hook() -> BOOL {
    FALSE
}
