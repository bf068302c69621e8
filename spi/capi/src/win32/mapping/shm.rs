//! Memory with a descriptor: POSIX's shared memory, whose name is gone at once.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::FromRawFd;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// An empty file that is nowhere but in memory.
pub(super) fn file() -> io::Result<File> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NEXT.fetch_add(1, Relaxed);
        let name = CString::new(format!("/ws2spi-{}-{number}", std::process::id()))?;
        let flags = libc::O_RDWR | libc::O_CREAT | libc::O_EXCL;
        // SAFETY: NUL-terminated.
        let descriptor = unsafe { libc::shm_open(name.as_ptr(), flags, 0o600) };
        if descriptor < 0 {
            let error = io::Error::last_os_error();
            // What a process left behind that had this number before.
            if error.kind() == io::ErrorKind::AlreadyExists {
                continue;
            }
            return Err(error);
        }
        // SAFETY: as above.
        unsafe { libc::shm_unlink(name.as_ptr()) };
        // SAFETY: a new descriptor, which is nobody else's.
        return Ok(unsafe { File::from_raw_fd(descriptor) });
    }
}
