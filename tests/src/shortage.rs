//! A process that runs out of something: descriptors, room for threads, handles. Each lasts as long as its value; the test needs a process
//! of its own ([`isolated!`](crate::isolated)).

use std::os::fd::{AsFd, OwnedFd};
use std::{fs, io};
use ws2spi_kernel::handles;

/// How many descriptors a process has while it is short of them: enough that others do not notice.
const FEW: libc::rlim_t = 128;

/// No descriptor is left.
#[derive(Debug)]
pub struct NoDescriptors {
    held: Vec<OwnedFd>,
    before: libc::rlimit,
}

impl NoDescriptors {
    /// Takes all that are left, of a small number.
    ///
    /// # Panics
    /// When there is no end of them.
    #[must_use]
    pub fn begin() -> Self {
        let before = limit(libc::RLIMIT_NOFILE);
        set_limit(libc::RLIMIT_NOFILE, FEW);
        let mut this = Self {
            held: Vec::with_capacity(FEW as usize),
            before,
        };
        this.take_all();
        this
    }

    /// Takes those that were given back meanwhile too.
    ///
    /// # Panics
    /// When there is no end of them.
    pub fn take_all(&mut self) {
        let error = loop {
            match io::stdin().as_fd().try_clone_to_owned() {
                Ok(descriptor) => self.held.push(descriptor),
                Err(error) => break error,
            }
            assert!(self.held.len() < FEW as usize, "the limit holds");
        };
        assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
    }

    /// Gives so many back.
    pub fn spare(&mut self, count: usize) {
        self.held.truncate(self.held.len().saturating_sub(count));
    }
}

impl Drop for NoDescriptors {
    fn drop(&mut self) {
        set(libc::RLIMIT_NOFILE, self.before);
    }
}

/// No thread can be made: there is no room in the address space for its stack.
#[derive(Debug)]
pub struct NoThreads {
    before: libc::rlimit,
}

impl NoThreads {
    /// Keeps the address space as large as it is, and a little. `None` where the system does not hold anybody to that.
    #[must_use]
    pub fn begin() -> Option<Self> {
        let pages = fs::read_to_string("/proc/self/statm").ok()?;
        let pages: libc::rlim_t = pages.split_whitespace().next()?.parse().ok()?;
        // SAFETY: no pointers.
        let page = libc::rlim_t::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).ok()?;
        let before = limit(libc::RLIMIT_AS);
        set_limit(libc::RLIMIT_AS, pages * page + A_LITTLE);
        Some(Self { before })
    }
}

/// Less than the stack of any thread, and enough for what a test asks for.
const A_LITTLE: libc::rlim_t = 1 << 20;

impl Drop for NoThreads {
    fn drop(&mut self) {
        set(libc::RLIMIT_AS, self.before);
    }
}

/// No handle is left in the table.
#[derive(Debug)]
pub struct NoHandles(());

impl NoHandles {
    /// Allows as many as there are.
    #[must_use]
    pub fn begin() -> Self {
        handles::set_limit(Some(handles::open_handles()));
        Self(())
    }
}

impl Drop for NoHandles {
    fn drop(&mut self) {
        handles::set_limit(None);
    }
}

#[cfg(target_os = "linux")]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(target_os = "linux"))]
type Resource = libc::c_int;

fn limit(resource: Resource) -> libc::rlimit {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: a live local.
    let told = unsafe { libc::getrlimit(resource, &raw mut limit) };
    assert_eq!(told, 0, "the system tells its limits");
    limit
}

fn set_limit(resource: Resource, soft: libc::rlim_t) {
    let most = limit(resource).rlim_max;
    let limit = libc::rlimit {
        rlim_cur: soft.min(most),
        rlim_max: most,
    };
    set(resource, limit);
}

fn set(resource: Resource, limit: libc::rlimit) {
    // SAFETY: a live local.
    let done = unsafe { libc::setrlimit(resource, &raw const limit) };
    assert_eq!(done, 0, "a limit within the most that is allowed");
}
