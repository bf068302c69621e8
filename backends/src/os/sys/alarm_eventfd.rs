//! An alarm over eventfd(2). Used by `waker.rs`.

use std::os::fd::AsFd;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::os::fd::FromRawFd;
use std::os::fd::OwnedFd;

use crate::os::errno::SystemError;
use crate::os::errno::syscall;

/// A descriptor that is readable while it rings.
#[derive(Debug)]
pub(in crate::os) struct Alarm(OwnedFd);

impl Alarm {
    /// A silent alarm.
    pub(in crate::os) fn new() -> Result<Self, SystemError> {
        // SAFETY: takes no pointer.
        let fd = unsafe { syscall!(eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK)) }?;
        // SAFETY: the call made it, and nobody else has it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Lets it ring. Makes one system call that is safe in a signal handler.
    pub(in crate::os) fn ring(&self) {
        let one = 1u64;
        // SAFETY: eight bytes, on this stack. It fails only when the counter is full: then it rings.
        unsafe {
            libc::write(
                self.0.as_raw_fd(),
                (&raw const one).cast(),
                size_of::<u64>(),
            )
        };
    }

    /// Silences it.
    pub(in crate::os) fn silence(&self) {
        let mut count = 0u64;
        // SAFETY: eight bytes, on this stack. It fails only when the alarm is silent.
        unsafe {
            libc::read(
                self.0.as_raw_fd(),
                (&raw mut count).cast(),
                size_of::<u64>(),
            )
        };
    }
}

impl AsFd for Alarm {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
