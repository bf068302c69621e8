//! The thread's last error: the system's own slot.
//!
//! The same names as on other systems, where this crate keeps the slot.

use ws2spi_abi::Errno;

use crate::system;

/// The calling thread's last error; 0 when nothing has failed.
#[doc(alias = "GetLastError")]
#[doc(alias = "WSAGetLastError")]
#[must_use]
pub fn last_error() -> i32 {
    system::last_error()
}

/// Replaces the calling thread's last error by a raw code.
#[doc(alias = "SetLastError")]
#[doc(alias = "WSASetLastError")]
pub fn set_last_error(code: i32) {
    system::set_last_error(code);
}

/// Stores an error as the calling thread's last error.
pub fn fail_with(error: Errno) {
    set_last_error(error.code());
}
