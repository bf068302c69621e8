//! `WSAStartup`, `WSACleanup`, and the thread's last error.

use super::answer;
use crate::loader::UpcallTables;
use crate::process::{self, version};
use crate::upcalls::Host;
use ws2spi_abi::{Errno, WSADATA, WSANOTINITIALISED};

/// Starts the use of Winsock by the process, or counts another start. Returns the error code itself.
///
/// Describes what was agreed on in `*data`. The first start reads the catalog; providers are loaded when sockets need them (U100).
/// The last error is 0 after a success and `WSANOTINITIALISED` after a version that is refused.
///
/// Errors: `WSAVERNOTSUPPORTED` for major version 0 (it wins over NULL, U117), `WSAEFAULT`, `WSASYSNOTREADY` when the catalog cannot
/// be read. Any thread. Microsoft: "WSAStartup function (winsock.h)".
///
/// # Safety
/// `data` is null or points to a writable `WSADATA`.
#[doc(alias = "WSAStartup")]
pub unsafe fn wsa_startup(requested: u16, data: *mut WSADATA) -> i32 {
    let result = if data.is_null() {
        version::negotiate(requested)
            .ok_or(Errno::VERNOTSUPPORTED)
            .and(Err(Errno::FAULT))
    } else {
        // SAFETY: not null, so readable by the caller's contract.
        let mut described = unsafe { data.read_unaligned() };
        let agreed = version::describe(&mut described, requested);
        // SAFETY: not null, so writable by the caller's contract.
        unsafe { data.write_unaligned(described) };
        agreed.and_then(|agreed| process::start(agreed, UpcallTables::of::<Host>()))
    };
    let after = match result {
        Err(Errno::VERNOTSUPPORTED) => WSANOTINITIALISED,
        Err(_) => process::last_error(),
        Ok(()) => 0,
    };
    process::set_last_error(after);
    result.map_or_else(Errno::code, |()| 0)
}

/// Takes one start back. The last one closes every socket and ends every provider; pending operations are cancelled without
/// notification (U108, U121).
///
/// Errors: `WSANOTINITIALISED` (U119). Any thread; the last one blocks as long as the providers need.
/// Microsoft: "WSACleanup function (winsock.h)".
#[doc(alias = "WSACleanup")]
pub fn wsa_cleanup() -> i32 {
    answer::done(process::stop())
}

/// The calling thread's last error. Needs no start-up. Microsoft: "WSAGetLastError function (winsock.h)".
#[doc(alias = "WSAGetLastError")]
#[must_use]
pub fn wsa_get_last_error() -> i32 {
    process::last_error()
}

/// Replaces the calling thread's last error. Needs no start-up. Microsoft: "WSASetLastError function (winsock.h)".
#[doc(alias = "WSASetLastError")]
pub fn wsa_set_last_error(error: i32) {
    process::set_last_error(error);
}
