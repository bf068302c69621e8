//! From a result to what a C function returns: the value, or the failure value and the thread's last error. The one place each.

use crate::process;
use ws2spi_abi::{BOOL, Errno, FALSE, INVALID_SOCKET, SOCKET, SOCKET_ERROR, TRUE};

/// For functions of type `int`.
#[inline]
pub fn int(result: Result<i32, Errno>) -> i32 {
    or(SOCKET_ERROR, result)
}

/// For functions of type `int` that have nothing to return.
#[inline]
pub fn done(result: Result<(), Errno>) -> i32 {
    or(SOCKET_ERROR, result.map(|()| 0))
}

/// For functions that return a socket.
#[inline]
pub fn socket(result: Result<SOCKET, Errno>) -> SOCKET {
    or(INVALID_SOCKET, result)
}

/// For functions of type `BOOL`.
#[inline]
pub fn truth(result: Result<(), Errno>) -> BOOL {
    or(FALSE, result.map(|()| TRUE))
}

/// For functions with any other failure value.
#[inline]
pub fn or<R>(failure: R, result: Result<R, Errno>) -> R {
    match result {
        Ok(value) => value,
        Err(error) => {
            process::fail_with(error);
            failure
        }
    }
}

/// For functions that leave the last error 0 when they succeed (P168, U152).
#[inline]
pub fn clearing<R>(result: Result<R, Errno>) -> Result<R, Errno> {
    if result.is_ok() {
        process::set_last_error(0);
    }
    result
}
