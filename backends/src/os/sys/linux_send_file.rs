//! sendfile(2) of Linux.
//!
//! It has no MSG_NOSIGNAL: a broken connection raises SIGPIPE in the thread that calls, which is kept
//! from it here. Part of `sys`.

use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::ptr;

use crate::os::errno::SystemError;
use crate::os::errno::syscall;

/// Sends at most `count` bytes of `file` from `from` on. Files that sendfile does not take are `EINVAL` or
/// `ENOSYS`.
pub(in crate::os) fn send_file(
    to: BorrowedFd<'_>,
    file: BorrowedFd<'_>,
    from: u64,
    count: usize,
) -> Result<usize, SystemError> {
    let mut at = libc::off64_t::try_from(from).map_err(|_| SystemError::new(libc::EINVAL))?;
    let silence = Silence::begin();
    let (to, file) = (to.as_raw_fd(), file.as_raw_fd());
    // SAFETY: the position is a live local.
    let sent = unsafe { syscall!(sendfile64(to, file, &raw mut at, count)) };
    if let Err(error) = &sent
        && error.number() == libc::EPIPE
    {
        silence.swallow();
    }
    sent.map(|sent| sent as usize)
}

/// As long as it lives, SIGPIPE does not reach this thread.
struct Silence {
    before: libc::sigset_t,
    /// It was pending already: then it is somebody else's.
    pending: bool,
}

impl Silence {
    fn begin() -> Self {
        let mut pending = empty();
        // SAFETY: a live set.
        unsafe { libc::sigpending(&raw mut pending) };
        let (pipe, mut before) = (pipe(), empty());
        // SAFETY: live sets.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const pipe, &raw mut before) };
        Self {
            before,
            pending: contains_pipe(&pending),
        }
    }

    /// Takes away the signal that the thread has just been sent.
    fn swallow(&self) {
        if self.pending {
            return;
        }
        let pipe = pipe();
        let at_once = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // It is no matter when there is none.
        // SAFETY: a live set and a live time; no information is asked for.
        unsafe { libc::sigtimedwait(&raw const pipe, ptr::null_mut(), &raw const at_once) };
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        let before = &raw const self.before;
        // SAFETY: the set that the thread had.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before, ptr::null_mut()) };
    }
}

fn empty() -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: room for a set.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: sigemptyset fills it in.
    unsafe { set.assume_init() }
}

fn pipe() -> libc::sigset_t {
    let mut set = empty();
    // SAFETY: a live set.
    unsafe { libc::sigaddset(&raw mut set, libc::SIGPIPE) };
    set
}

fn contains_pipe(set: &libc::sigset_t) -> bool {
    // SAFETY: a live set.
    unsafe { libc::sigismember(set, libc::SIGPIPE) == 1 }
}
