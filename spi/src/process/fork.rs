//! A child of fork starts Winsock anew.
//!
//! fork has no counterpart on Windows. The child has copies of sockets, but none of the threads that serve them: there the process
//! counts as not started, every call fails with `WSANOTINITIALISED` until its own `WSAStartup`, and the parent's run is left alone.
//! The child of a program with several threads may only call exec or exit, as with any library.

use std::sync::Once;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

static WORD: AtomicPtr<AtomicU32> = AtomicPtr::new(std::ptr::null_mut());

/// Has the word cleared in children of fork.
pub fn watch(word: &'static AtomicU32) {
    static REGISTERED: Once = Once::new();
    WORD.store(std::ptr::from_ref(word).cast_mut(), Ordering::Relaxed);
    REGISTERED.call_once(|| {
        // SAFETY: a handler that only stores to a static atomic. Without memory for it children see the parent's state.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}

unsafe extern "C" fn in_child() {
    // SAFETY: NULL, or the static that `watch` was given.
    if let Some(word) = unsafe { WORD.load(Ordering::Relaxed).as_ref() } {
        word.store(0, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use crate::api::{closesocket, wsa_cleanup};
    use crate::fixture::World;
    use crate::process::last_error;
    use ws2spi_abi::{SOCKET_ERROR, WSANOTINITIALISED};

    #[test]
    fn a_child_has_not_started() {
        // client-dll.md 1.19: fork: the child must re-initialise; calls before that: WSANOTINITIALISED.
        let world = World::started();
        let s = world.socket(0);
        // SAFETY: the child makes a few calls that take no lock of another thread, and exits.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let refused = closesocket(s) == SOCKET_ERROR && last_error() == WSANOTINITIALISED;
            // SAFETY: ends the child without running what belongs to the parent.
            unsafe { libc::_exit(i32::from(!refused)) };
        }
        let mut status = -1;
        // SAFETY: our own child, the status is a live local.
        unsafe { libc::waitpid(child, &raw mut status, 0) };
        assert_eq!(status, 0);
        assert_eq!(closesocket(s), 0);
        assert_eq!(wsa_cleanup(), 0);
    }
}
