//! Hearing of changes of the catalog: WSAProviderConfigChange.

use ws2spi_abi::Errno;
use ws2spi_abi::HANDLE;
use ws2spi_abi::NtStatus;
use ws2spi_abi::OVERLAPPED;
use ws2spi_abi::RawCallback;
use ws2spi_abi::args::Callback;
use ws2spi_abi::args::Overlapped;
use ws2spi_abi::ffi::Convention;

use super::arguments;
use crate::api::answer;
use crate::catalog;
use crate::catalog::Notice;
use crate::catalog::Routine;
use crate::process;

/// Reports changes of the catalog, by this process or another. What the process sees of the catalog
/// does not change by it: that takes a clean-up and a new start.
///
/// With `*handle` 0 stores a notification handle there and returns 0 at once; it is closed with
/// CloseHandle. With such a handle: waits until the catalog is not what it was when the handle was made
/// or last reported. Without `overlapped` the call blocks, not alertably, and returns 0. With it the call
/// returns SOCKET_ERROR with last error WSA_IO_PENDING, and the end is told by `routine` on the calling
/// thread in an alertable wait, or by the event of `overlapped` and the port of the handle.
///
/// Errors: WSANOTINITIALISED; WSAEFAULT when `handle` is NULL or `overlapped` is not aligned; WSA_INVALID_HANDLE when `*handle` is no
/// notification handle or the event is none; WSAENETDOWN when the catalog cannot be read;
/// WSA_NOT_ENOUGH_MEMORY; WSA_OPERATION_ABORTED when the handle is closed meanwhile. Any thread.
/// Microsoft: "WSAProviderConfigChange function (winsock2.h)".
///
/// # Safety
/// `handle` is null or readable and writable. `overlapped` is null or a block that stays until the
/// request has ended. `routine` is NULL or a completion routine in the native convention.
#[doc(alias = "WSAProviderConfigChange")]
pub unsafe fn wsa_provider_config_change(
    handle: *mut HANDLE,
    overlapped: *mut OVERLAPPED,
    routine: RawCallback,
) -> i32 {
    // SAFETY: the caller's contract.
    answer::done(unsafe { notify(handle, overlapped, routine) })
}

/// # Safety
/// As [`wsa_provider_config_change`].
unsafe fn notify(
    handle: *mut HANDLE,
    overlapped: *mut OVERLAPPED,
    routine: RawCallback,
) -> Result<(), Errno> {
    process::require_started()?;
    // SAFETY: the caller's contract.
    let raw = unsafe { arguments::value(handle.cast_const()) }?;
    if raw == 0 {
        let catalog = catalog::process_catalog()
            .map_err(arguments::code("WSAProviderConfigChange"))
            .map_err(|_| Errno::NETDOWN)?;
        let opened = Notice::open(&catalog)?;
        // SAFETY: not null, so writable by the caller's contract.
        unsafe { arguments::store(handle, opened.raw()) };
        return Ok(());
    }
    let notice = Notice::from_handle(raw)?;
    if overlapped.is_null() {
        return notice.wait();
    }
    // SAFETY: the caller's contract.
    let overlapped = unsafe { Overlapped::new(overlapped) }.ok_or(Errno::FAULT)?;
    // SAFETY: the caller's contract.
    let routine = unsafe { Callback::new(Convention::Native, routine) };
    notice.begin(
        overlapped,
        routine.map(|routine| completion(routine, overlapped)),
    )?;
    Err(Errno::IO_PENDING)
}

/// The call of a completion routine at the end of a request.
fn completion(routine: Callback, overlapped: Overlapped) -> Routine {
    Box::new(move |status: NtStatus| {
        let error = status
            .winsock()
            .map_or(0, |error| error.code().cast_unsigned());
        let block = std::ptr::with_exposed_provenance_mut(overlapped.address());
        // SAFETY: the caller of WSAProviderConfigChange passed a completion routine, and its block,
        // which is the application's again.
        unsafe { routine.complete(error, 0, block, 0) };
    })
}
