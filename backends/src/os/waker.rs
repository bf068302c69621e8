//! Wakers: how a thread is called out of poll(2).
//!
//! Every thread that waits has one [`ThreadWaker`], made at its first wait and kept for its life. To
//! wake a thread that does not wait costs no system call. Used by `wait.rs` (the owner) and, as
//! [`Wake`], by whoever holds a clone.

use std::cell::OnceCell;
use std::os::fd::AsFd;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use ws2spi_abi::Errno;
use ws2spi_kernel::thread::Wake;

use super::sys::Alarm;

/// The waker of one thread.
///
/// Anybody may wake. Only the owning thread waits: `begin`, poll on the alarm, `end`; `take` between
/// waits. Either the waking thread sees `waiting` and rings, or the owner sees `woken` and does not
/// wait: each stores its own flag before it loads the other's, all four sequentially consistent.
#[derive(Debug)]
pub(super) struct ThreadWaker {
    woken: AtomicBool,
    waiting: AtomicBool,
    alarm: Alarm,
}

thread_local! {
    static CURRENT: OnceCell<Arc<ThreadWaker>> = const { OnceCell::new() };
}

impl ThreadWaker {
    /// Calls `use_it` with the calling thread's waker.
    ///
    /// # Errors
    /// `MFILE` or `NOBUFS` when it cannot be made, `NOBUFS` in a thread that is about to end.
    pub(super) fn with<T>(use_it: impl FnOnce(&Arc<Self>) -> Result<T, Errno>) -> Result<T, Errno> {
        CURRENT
            .try_with(|current| match current.get() {
                Some(waker) => use_it(waker),
                None => {
                    let waker = Arc::new(Self {
                        woken: AtomicBool::new(false),
                        waiting: AtomicBool::new(false),
                        alarm: Alarm::new()?,
                    });
                    use_it(current.get_or_init(|| waker))
                }
            })
            .unwrap_or(Err(Errno::NOBUFS))
    }

    /// Says that the owner is about to wait, until the value returned is dropped.
    pub(super) fn begin(&self) -> Waiting<'_> {
        self.waiting.store(true, Ordering::SeqCst);
        Waiting(self)
    }

    /// Whether somebody woke the owner since the last [`ThreadWaker::take`].
    pub(super) fn is_woken(&self) -> bool {
        self.woken.load(Ordering::SeqCst)
    }

    /// As [`ThreadWaker::is_woken`], and puts the waker back to sleep.
    pub(super) fn take(&self) -> bool {
        // Load first: the usual answer is no, and needs no exclusive cache line.
        self.is_woken() && self.woken.swap(false, Ordering::SeqCst)
    }

    /// What rings while the owner waits. It may ring for a reason that is gone.
    pub(super) fn alarm(&self) -> &Alarm {
        &self.alarm
    }
}

impl Wake for ThreadWaker {
    fn wake(&self) {
        if !self.woken.swap(true, Ordering::SeqCst) && self.waiting.load(Ordering::SeqCst) {
            self.alarm.ring();
        }
    }
}

impl AsFd for ThreadWaker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.alarm.as_fd()
    }
}

/// The time in which a waker's owner waits.
pub(super) struct Waiting<'a>(&'a ThreadWaker);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.store(false, Ordering::SeqCst);
    }
}
