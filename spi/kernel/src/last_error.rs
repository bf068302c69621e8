//! The thread's last error: the one slot behind `GetLastError` and `WSAGetLastError`.
//!
//! One number per thread; it needs no start-up and outlives every other part of a thread's state.
//! Stored by the faces of the API functions, and by extension functions (`AcceptEx`, `WSASendMsg`,
//! ...), which have no `lpErrno`. The 30 functions of a provider never touch it.

use std::cell::Cell;

use ws2spi_abi::Errno;

thread_local! {
    static LAST_ERROR: Cell<i32> = const { Cell::new(0) };
}

/// The calling thread's last error; 0 when nothing has failed.
#[doc(alias = "GetLastError")]
#[doc(alias = "WSAGetLastError")]
#[inline]
#[must_use]
pub fn last_error() -> i32 {
    LAST_ERROR.with(Cell::get)
}

/// Replaces the calling thread's last error by a raw code.
#[doc(alias = "SetLastError")]
#[doc(alias = "WSASetLastError")]
#[inline]
pub fn set_last_error(code: i32) {
    // The key's own `set` is a call, `with` is not.
    LAST_ERROR.with(|slot| slot.set(code));
}

/// Stores an error as the calling thread's last error.
#[inline]
pub fn fail_with(error: Errno) {
    set_last_error(error.code());
}

#[cfg(all(test, not(ws2spi_shuttle)))]
mod tests {
    use super::*;

    #[test]
    fn each_thread_has_its_own_last_error() {
        // U156: the value lands on the calling thread only.
        set_last_error(10038);
        let other = std::thread::spawn(last_error).join();
        assert_eq!(other.ok(), Some(0));
        assert_eq!(last_error(), 10038);
        fail_with(Errno::FAULT);
        assert_eq!(last_error(), 10014);
    }
}
