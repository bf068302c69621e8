//! The blocking hooks of Winsock 1.1: for processes that started with a version below 2 (U175).

use super::answer;
use crate::dispatch;
use crate::process;
use crate::process::thread::{self, Blocking};
use crate::upcalls;
use ws2spi_abi::{BOOL, Errno, RawCallback};

fn require_legacy() -> Result<(), Errno> {
    process::require_started()?;
    if process::is_legacy() {
        Ok(())
    } else {
        Err(Errno::OPNOTSUPP)
    }
}

/// Sets the calling thread's blocking hook; the former one, or NULL on failure.
///
/// Errors: `WSANOTINITIALISED`, `WSAEOPNOTSUPP` in a process of version 2, `WSAEFAULT` for NULL.
/// Microsoft: "WSASetBlockingHook function (winsock2.h)".
///
/// # Safety
/// `hook` is NULL or a function without arguments that returns BOOL, in the native convention, loaded as long as it is set.
#[doc(alias = "WSASetBlockingHook")]
pub unsafe fn wsa_set_blocking_hook(hook: RawCallback) -> RawCallback {
    answer::or(
        RawCallback::NULL,
        require_legacy().and_then(|()| {
            if hook.is_null() {
                return Err(Errno::FAULT);
            }
            let set = if hook == default_hook() {
                RawCallback::NULL
            } else {
                hook
            };
            let former = thread::set_blocking_hook(set);
            Ok(if former.is_null() {
                default_hook()
            } else {
                former
            })
        }),
    )
}

/// The hook in force when none is set, as the application sees it.
fn default_hook() -> RawCallback {
    RawCallback::from_raw(upcalls::default_hook as *const () as usize)
}

/// Restores the default hook of the calling thread.
///
/// Errors: `WSANOTINITIALISED`, `WSAEOPNOTSUPP` in a process of version 2.
/// Microsoft: "WSAUnhookBlockingHook function (winsock2.h)".
#[doc(alias = "WSAUnhookBlockingHook")]
pub fn wsa_unhook_blocking_hook() -> i32 {
    answer::done(require_legacy().map(|()| {
        thread::set_blocking_hook(RawCallback::NULL);
    }))
}

/// Whether the calling thread is inside its hook on behalf of a blocking call. Microsoft: "WSAIsBlocking function (winsock2.h)".
#[doc(alias = "WSAIsBlocking")]
#[must_use]
pub fn wsa_is_blocking() -> BOOL {
    BOOL::from(thread::blocking() != Blocking::No)
}

/// Cancels the blocking call that runs the calling thread's hook; it fails with `WSAEINTR`. A second cancel does nothing (U176).
///
/// Errors: `WSANOTINITIALISED`, `WSAEOPNOTSUPP` in a process of version 2, `WSAEINVAL` when nothing blocks, the provider's own.
/// Microsoft: "WSACancelBlockingCall function (winsock2.h)".
#[doc(alias = "WSACancelBlockingCall")]
pub fn wsa_cancel_blocking_call() -> i32 {
    answer::int(require_legacy().and_then(|()| match thread::blocking() {
        Blocking::No => Err(Errno::INVAL),
        Blocking::Cancelled => Ok(0),
        Blocking::InHook { entry } => {
            let run = process::run()?;
            let entry = run.associations().entry(entry).ok_or(Errno::INVAL)?;
            let instance = run.loader().instance(entry)?;
            let function = "WSPCancelBlockingCall";
            let value = dispatch::call_provider(&instance, function, dispatch::zero, |procs| {
                // SAFETY: the provider is started; no pointers.
                unsafe { procs.cancel_blocking_call() }
            })?;
            thread::set_blocking(Blocking::Cancelled);
            Ok(value)
        }
    }))
}
