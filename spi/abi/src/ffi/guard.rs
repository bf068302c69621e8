//! The boundary: what a panic behind a C function becomes.

use crate::diagnostic::{self, Diagnostic};
use crate::errno::Errno;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `body`; a panic in it is reported as a finding about `provider` in `function` and becomes `WSASYSCALLFAILURE`.
#[inline]
pub fn guard<R>(
    provider: &'static str,
    function: &'static str,
    body: impl FnOnce() -> Result<R, Errno>,
) -> Result<R, Errno> {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(payload) => Err(panicked(provider, function, payload.as_ref())),
    }
}

#[cold]
fn panicked(provider: &'static str, function: &'static str, payload: &(dyn Any + Send)) -> Errno {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    let finding = Diagnostic {
        provider: provider.into(),
        function,
        what: format!("panicked: {text}"),
    };
    // A sink that panics as well must not cross the boundary either.
    let _ = catch_unwind(AssertUnwindSafe(|| diagnostic::report(&finding)));
    Errno::SYSCALLFAILURE
}

/// Stores `code` where `lpErrno` points; NULL is accepted and skipped (U11).
///
/// # Safety
/// `errno` is null or valid for writing an `i32` (of any alignment).
pub unsafe fn store_errno(errno: *mut i32, code: i32) {
    if !errno.is_null() {
        // SAFETY: not null, so writable by the caller's contract.
        unsafe { errno.write_unaligned(code) };
    }
}
