//! An alarm over pipe(2), which every system has. Used by `waker.rs`.

use std::os::fd::AsFd;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::os::fd::FromRawFd;
use std::os::fd::OwnedFd;

use crate::os::errno::SystemError;
use crate::os::errno::syscall;

/// A descriptor that is readable while it rings.
#[derive(Debug)]
pub(in crate::os) struct Alarm {
    reader: OwnedFd,
    writer: OwnedFd,
}

impl Alarm {
    /// A silent alarm.
    pub(in crate::os) fn new() -> Result<Self, SystemError> {
        let mut ends = [0; 2];
        // SAFETY: room for two descriptors.
        unsafe { syscall!(pipe(ends.as_mut_ptr())) }?;
        // SAFETY: the call made it, and nobody else has it.
        let reader = unsafe { OwnedFd::from_raw_fd(ends[0]) };
        // SAFETY: as above.
        let writer = unsafe { OwnedFd::from_raw_fd(ends[1]) };
        for end in [&reader, &writer] {
            // SAFETY: takes no pointer.
            unsafe { syscall!(fcntl(end.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC)) }?;
            // SAFETY: takes no pointer.
            unsafe { syscall!(fcntl(end.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK)) }?;
        }
        Ok(Self { reader, writer })
    }

    /// Lets it ring. Makes one system call that is safe in a signal handler.
    pub(in crate::os) fn ring(&self) {
        let byte = 1u8;
        // SAFETY: one byte, on this stack. It fails only when the pipe is full: then it rings.
        unsafe { libc::write(self.writer.as_raw_fd(), (&raw const byte).cast(), 1) };
    }

    /// Silences it.
    pub(in crate::os) fn silence(&self) {
        let mut bytes = [0u8; 64];
        loop {
            let room = bytes.as_mut_ptr().cast();
            // SAFETY: as many bytes as are named, on this stack.
            let read = unsafe { libc::read(self.reader.as_raw_fd(), room, bytes.len()) };
            if read < bytes.len() as libc::ssize_t {
                return;
            }
        }
    }
}

impl AsFd for Alarm {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}
