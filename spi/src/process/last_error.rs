//! The thread's last error: the slot behind `WSAGetLastError` and `GetLastError`.
//!
//! One number per thread, needs no start-up, survives every other part of the per-thread block. The API functions store here on
//! failure; providers never do, they answer through `lpErrno`.

use std::cell::Cell;
use ws2spi_abi::Errno;

thread_local! {
    static LAST_ERROR: Cell<i32> = const { Cell::new(0) };
}

/// The calling thread's last error; 0 when nothing has failed.
#[inline]
#[must_use]
pub fn last_error() -> i32 {
    LAST_ERROR.get()
}

/// Replaces the calling thread's last error by a raw code.
#[inline]
pub fn set_last_error(code: i32) {
    LAST_ERROR.set(code);
}

/// Stores an error of ours as the calling thread's last error.
#[inline]
pub fn fail_with(error: Errno) {
    LAST_ERROR.set(error.code());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thread_has_its_own_last_error() {
        // U156: the value lands on the calling thread only.
        set_last_error(10038);
        let other = std::thread::spawn(last_error).join();
        assert_eq!(other.ok(), Some(0));
        assert_eq!(last_error(), 10038);
    }
}
