//! Mutexes.

use super::{or, truth, unnamed};
use crate::table::exports;
use core::ffi::c_void;
use ws2spi_abi::{BOOL, Errno, HANDLE, PCSTR, PCWSTR};
use ws2spi_kernel::mutex::{self, InitialOwner};

fn create(owned: BOOL) -> Result<HANDLE, Errno> {
    let owner = if owned == 0 {
        InitialOwner::Nobody
    } else {
        InitialOwner::Creator
    };
    mutex::create(owner).map(|handle| handle.raw())
}

/// Creates a mutex, owned by the calling thread if asked for; 0 on failure. A name is `ERROR_NOT_SUPPORTED`.
/// Microsoft: "CreateMutexW function".
///
/// # Safety
/// `name` is null or readable.
#[doc(alias = "CreateMutexW")]
pub unsafe fn create_w(_attributes: *const c_void, owned: BOOL, name: PCWSTR) -> HANDLE {
    or(0, unnamed(name).and_then(|()| create(owned)))
}

/// Creates a mutex; see [`create_w`]. Microsoft: "CreateMutexA function".
///
/// # Safety
/// `name` is null or readable.
#[doc(alias = "CreateMutexA")]
pub unsafe fn create_a(_attributes: *const c_void, owned: BOOL, name: PCSTR) -> HANDLE {
    or(0, unnamed(name).and_then(|()| create(owned)))
}

/// Gives up one ownership. `ERROR_INVALID_HANDLE`, `ERROR_NOT_OWNER`. Microsoft: "ReleaseMutex function".
#[doc(alias = "ReleaseMutex")]
pub fn release(handle: HANDLE) -> BOOL {
    truth(mutex::release(handle))
}

exports! {
    "CreateMutexW" create_mutex_w(attributes: *const c_void, owned: BOOL, name: PCWSTR) -> HANDLE = 0 => create_w;
    "CreateMutexA" create_mutex_a(attributes: *const c_void, owned: BOOL, name: PCSTR) -> HANDLE = 0 => create_a;
    "ReleaseMutex" release_mutex(handle: HANDLE) -> BOOL = 0 => release;
}
