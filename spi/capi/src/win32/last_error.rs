//! The thread's last error: the slot that `WSAGetLastError` reads as well.

use crate::table::exports;
use ws2spi::process;
use ws2spi_abi::Errno;

/// The calling thread's last error. Microsoft: "GetLastError function".
#[doc(alias = "GetLastError")]
#[must_use]
pub fn get() -> u32 {
    process::last_error().cast_unsigned()
}

/// Replaces the calling thread's last error. Microsoft: "SetLastError function".
#[doc(alias = "SetLastError")]
pub fn replace(code: u32) {
    process::set_last_error(code.cast_signed());
}

/// Stores an error as the calling thread's last error.
pub(super) fn set(error: Errno) {
    process::fail_with(error);
}

exports! {
    "GetLastError" get_last_error() -> u32 = 0 => get;
    "SetLastError" set_last_error(code: u32) => replace;
}
