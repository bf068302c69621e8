//! Semaphores.

use super::{or, truth, unnamed};
use crate::table::exports;
use core::ffi::c_void;
use ws2spi_abi::{BOOL, HANDLE, PCSTR, PCWSTR};
use ws2spi_kernel::semaphore;

/// Creates a semaphore; 0 on failure. `ERROR_INVALID_PARAMETER`: counts that do not fit. A name is `ERROR_NOT_SUPPORTED`.
/// Microsoft: "CreateSemaphoreW function".
///
/// # Safety
/// `name` is null or readable.
#[doc(alias = "CreateSemaphoreW")]
pub unsafe fn create_w(
    _attributes: *const c_void,
    initial: i32,
    maximum: i32,
    name: PCWSTR,
) -> HANDLE {
    or(
        0,
        unnamed(name)
            .and_then(|()| semaphore::create(initial, maximum))
            .map(|handle| handle.raw()),
    )
}

/// Creates a semaphore; see [`create_w`]. Microsoft: "CreateSemaphoreA function".
///
/// # Safety
/// `name` is null or readable.
#[doc(alias = "CreateSemaphoreA")]
pub unsafe fn create_a(
    _attributes: *const c_void,
    initial: i32,
    maximum: i32,
    name: PCSTR,
) -> HANDLE {
    or(
        0,
        unnamed(name)
            .and_then(|()| semaphore::create(initial, maximum))
            .map(|handle| handle.raw()),
    )
}

/// Adds to a semaphore's count; stores the count before where `previous` points. `ERROR_INVALID_HANDLE`,
/// `ERROR_INVALID_PARAMETER`, `ERROR_TOO_MANY_POSTS`. Microsoft: "ReleaseSemaphore function".
///
/// # Safety
/// `previous` is null or writable.
#[doc(alias = "ReleaseSemaphore")]
pub unsafe fn release(handle: HANDLE, count: i32, previous: *mut i32) -> BOOL {
    truth(semaphore::release(handle, count).map(|before| {
        if !previous.is_null() {
            // SAFETY: the caller's contract; not null.
            unsafe { previous.write_unaligned(before) };
        }
    }))
}

exports! {
    "CreateSemaphoreW" create_semaphore_w(attributes: *const c_void, initial: i32, maximum: i32, name: PCWSTR) -> HANDLE = 0 => create_w;
    "CreateSemaphoreA" create_semaphore_a(attributes: *const c_void, initial: i32, maximum: i32, name: PCSTR) -> HANDLE = 0 => create_a;
    "ReleaseSemaphore" release_semaphore(handle: HANDLE, count: i32, previous: *mut i32) -> BOOL = 0 => release;
}
