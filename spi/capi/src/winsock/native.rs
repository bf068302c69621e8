//! What Windows does not have: the way from a socket to the system's descriptor.

use crate::table::exports;
use ws2spi_abi::SOCKET;
use ws2spi_backends::base;

/// The descriptor behind a socket that the operating system backs; -1 for any other number. It stays the provider's: it must not be
/// closed, and not be used after the socket was closed. Does not block, leaves the last error alone; any thread.
#[doc(alias = "ws2spi_socket_fd")]
#[must_use]
pub fn socket_fd(s: SOCKET) -> i32 {
    base::socket_fd(s).unwrap_or(-1)
}

exports! {
    "ws2spi_socket_fd" socket_descriptor(s: SOCKET) -> i32 = -1 => socket_fd;
}
