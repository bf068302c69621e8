//! Memory with a descriptor: Linux's own.

use std::fs::File;
use std::io;
use std::os::fd::FromRawFd;

/// An empty file that is nowhere but in memory.
pub(super) fn file() -> io::Result<File> {
    let name = c"ws2spi-mapping";
    // SAFETY: NUL-terminated.
    let descriptor = unsafe { libc::memfd_create(name.as_ptr(), libc::MFD_CLOEXEC) };
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a new descriptor, which is nobody else's.
    Ok(unsafe { File::from_raw_fd(descriptor) })
}
