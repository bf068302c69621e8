//! Mutexes.

use super::{name, truth};
use crate::table::exports;
use core::ffi::c_void;
use ws2spi_abi::{BOOL, HANDLE, PCSTR, PCWSTR};
use ws2spi_kernel::mutex::{self, InitialOwner, Mutex};

fn create(owned: BOOL, name: name::Given) -> HANDLE {
    let owner = if owned == 0 {
        InitialOwner::Nobody
    } else {
        InitialOwner::Creator
    };
    name::created(name::for_new(name).and_then(|name| mutex::create_named(owner, name)))
}

/// Creates a mutex, owned by the calling thread if asked for; 0 on failure. One that exists under the name gets no owner, and
/// `ERROR_ALREADY_EXISTS` says so. Names and their errors are those of [`CreateEventW`](super::event::create_w). Does not block; any
/// thread. Microsoft: "CreateMutexW function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "CreateMutexW")]
pub unsafe fn create_w(_attributes: *const c_void, owned: BOOL, name: PCWSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    create(owned, unsafe { name::given_w(name) })
}

/// Creates a mutex; see [`create_w`]. Microsoft: "CreateMutexA function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "CreateMutexA")]
pub unsafe fn create_a(_attributes: *const c_void, owned: BOOL, name: PCSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    create(owned, unsafe { name::given_a(name) })
}

/// Opens a handle to the mutex of that name; errors as [`OpenEventW`](super::event::open_w). Microsoft: "OpenMutexW function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "OpenMutexW")]
pub unsafe fn open_w(_access: u32, _inherit: BOOL, name: PCWSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    name::opened::<Mutex>(unsafe { name::given_w(name) })
}

/// Opens a mutex; see [`open_w`]. Microsoft: "OpenMutexW function", in bytes.
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "OpenMutexA")]
pub unsafe fn open_a(_access: u32, _inherit: BOOL, name: PCSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    name::opened::<Mutex>(unsafe { name::given_a(name) })
}

/// Gives up one ownership. `ERROR_INVALID_HANDLE`, `ERROR_NOT_OWNER`. Microsoft: "ReleaseMutex function".
#[doc(alias = "ReleaseMutex")]
pub fn release(handle: HANDLE) -> BOOL {
    truth(mutex::release(handle))
}

exports! {
    "CreateMutexW" create_mutex_w(attributes: *const c_void, owned: BOOL, name: PCWSTR) -> HANDLE = 0 => create_w;
    "CreateMutexA" create_mutex_a(attributes: *const c_void, owned: BOOL, name: PCSTR) -> HANDLE = 0 => create_a;
    "OpenMutexW" open_mutex_w(access: u32, inherit: BOOL, name: PCWSTR) -> HANDLE = 0 => open_w;
    "OpenMutexA" open_mutex_a(access: u32, inherit: BOOL, name: PCSTR) -> HANDLE = 0 => open_a;
    "ReleaseMutex" release_mutex(handle: HANDLE) -> BOOL = 0 => release;
}
