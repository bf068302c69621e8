//! Semaphores.

use super::{name, truth};
use crate::table::exports;
use core::ffi::c_void;
use ws2spi_abi::{BOOL, HANDLE, PCSTR, PCWSTR};
use ws2spi_kernel::semaphore::{self, Semaphore};

fn create(initial: i32, maximum: i32, name: name::Given) -> HANDLE {
    name::created(
        name::for_new(name).and_then(|name| semaphore::create_named(initial, maximum, name)),
    )
}

/// Creates a semaphore; 0 on failure. `ERROR_INVALID_PARAMETER`: counts that do not fit. One that exists under the name keeps its counts,
/// and `ERROR_ALREADY_EXISTS` says so. Names and their errors are those of [`CreateEventW`](super::event::create_w). Does not block; any
/// thread. Microsoft: "CreateSemaphoreW function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "CreateSemaphoreW")]
pub unsafe fn create_w(
    _attributes: *const c_void,
    initial: i32,
    maximum: i32,
    name: PCWSTR,
) -> HANDLE {
    // SAFETY: the caller's contract.
    create(initial, maximum, unsafe { name::given_w(name) })
}

/// Creates a semaphore; see [`create_w`]. Microsoft: "CreateSemaphoreA function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "CreateSemaphoreA")]
pub unsafe fn create_a(
    _attributes: *const c_void,
    initial: i32,
    maximum: i32,
    name: PCSTR,
) -> HANDLE {
    // SAFETY: the caller's contract.
    create(initial, maximum, unsafe { name::given_a(name) })
}

/// Opens a handle to the semaphore of that name; errors as [`OpenEventW`](super::event::open_w). Microsoft: "OpenSemaphoreW function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "OpenSemaphoreW")]
pub unsafe fn open_w(_access: u32, _inherit: BOOL, name: PCWSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    name::opened::<Semaphore>(unsafe { name::given_w(name) })
}

/// Opens a semaphore; see [`open_w`]. Microsoft: "OpenSemaphoreW function", in bytes.
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "OpenSemaphoreA")]
pub unsafe fn open_a(_access: u32, _inherit: BOOL, name: PCSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    name::opened::<Semaphore>(unsafe { name::given_a(name) })
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
    "OpenSemaphoreW" open_semaphore_w(access: u32, inherit: BOOL, name: PCWSTR) -> HANDLE = 0 => open_w;
    "OpenSemaphoreA" open_semaphore_a(access: u32, inherit: BOOL, name: PCSTR) -> HANDLE = 0 => open_a;
    "ReleaseSemaphore" release_semaphore(handle: HANDLE, count: i32, previous: *mut i32) -> BOOL = 0 => release;
}
