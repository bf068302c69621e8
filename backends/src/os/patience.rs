//! Waiting in the kernel for a moment.
//!
//! poll(2) and a second receive cost a thread two more system calls than a receive that blocks. So a
//! descriptor that is used by blocking calls is made blocking, with timeouts of a moment; every
//! transfer that may not wait says so itself (`sys::DONT_WAIT`). When the moment is over the caller
//! waits in poll(2), where it can be woken. Systems without such a flag never come here. Used by
//! `socket.rs`.

use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use super::errno::SystemError;
use super::errno::syscall;
use super::option;
use super::sys;
use crate::net::Pace;

/// How long a transfer waits in the kernel: what wakes the thread otherwise is late by that much, rounded
/// up to the system's ticks (10 ms at most). Receives of threads that expect APCs do not wait here.
const MOMENT: libc::timeval = libc::timeval {
    tv_sec: 0,
    tv_usec: 5000,
};

/// Whether the transfers of one descriptor may wait in the kernel.
#[derive(Debug, Default)]
pub(super) struct Patience(AtomicBool);

impl Patience {
    /// How a transfer on `fd` that may wait is made. The first one makes the descriptor blocking; if
    /// that fails, nothing waits in the kernel.
    pub(super) fn pace(&self, fd: BorrowedFd<'_>) -> Pace {
        if sys::DONT_WAIT == 0 {
            return Pace::AtOnce;
        }
        // Relaxed: it passes nothing but itself, and making a descriptor blocking twice is harmless.
        if !self.is_blocking() {
            if make_blocking(fd).is_err() {
                return Pace::AtOnce;
            }
            self.0.store(true, Ordering::Relaxed);
        }
        Pace::Soon
    }

    /// Has transfers that cannot say themselves that they may not wait return at once. A blocking call
    /// that is made meanwhile waits in poll(2), or makes the descriptor blocking again: such a transfer
    /// then waits for a moment at most.
    pub(super) fn suspend(&self, fd: BorrowedFd<'_>) {
        if !self.is_blocking() {
            return;
        }
        // SAFETY: takes no pointer.
        let done = unsafe { syscall!(fcntl(fd.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK)) };
        if done.is_ok() {
            self.start_over();
        }
    }

    /// Whether a thread may be waiting in the kernel.
    pub(super) fn is_blocking(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The descriptor stands for a fresh socket, which is non-blocking.
    pub(super) fn start_over(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

fn make_blocking(fd: BorrowedFd<'_>) -> Result<(), SystemError> {
    // The timeouts first: without them the first receive would wait for ever.
    option::set(fd, libc::SOL_SOCKET, libc::SO_RCVTIMEO, &MOMENT)?;
    option::set(fd, libc::SOL_SOCKET, libc::SO_SNDTIMEO, &MOMENT)?;
    // SAFETY: takes no pointer.
    unsafe { syscall!(fcntl(fd.as_raw_fd(), libc::F_SETFL, 0)) }.map(drop)
}
