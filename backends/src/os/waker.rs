//! Wakers: how a thread is called out of poll(2).
//!
//! Every thread that waits has one [`ThreadWaker`], made at its first wait and kept for its life. To
//! wake a thread that does not wait costs no system call. While the system has no descriptor for an
//! alarm, the owner looks again and again whether it was called, and asks for one at its next wait. Used by `wait.rs` (the owner) and, as
//! [`Wake`], by whoever holds a clone. [`Summons`], the protocol, is `poller.rs`'s too.

use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_kernel::thread::Wake;

use super::sys::Alarm;

/// Whether somebody was called, and whether a bell must be rung for it.
///
/// Anybody may call. Only the owner waits: `begin`, then for the bell unless `is_woken`; `take`
/// between waits. Either who calls sees `waiting` and rings, or the owner sees `woken` and does not
/// wait: each stores its own flag before it loads the other's, all four sequentially consistent.
#[derive(Debug, Default)]
pub(super) struct Summons {
    woken: AtomicBool,
    waiting: AtomicBool,
}

impl Summons {
    /// Says that the owner is about to wait, until the value returned is dropped.
    pub(super) fn begin(&self) -> Waiting<'_> {
        self.waiting.store(true, Ordering::SeqCst);
        Waiting(self)
    }

    /// Calls the owner; whether the bell is to be rung.
    pub(super) fn send(&self) -> bool {
        !self.woken.swap(true, Ordering::SeqCst) && self.waiting.load(Ordering::SeqCst)
    }

    /// Whether somebody called since the last [`Summons::take`].
    pub(super) fn is_woken(&self) -> bool {
        self.woken.load(Ordering::SeqCst)
    }

    /// Whether the owner waits although somebody called.
    pub(super) fn is_pending(&self) -> bool {
        self.is_woken() && self.waiting.load(Ordering::SeqCst)
    }

    /// As [`Summons::is_woken`], and the call is answered.
    pub(super) fn take(&self) -> bool {
        // Load first: the usual answer is no, and needs no exclusive cache line.
        self.is_woken() && self.woken.swap(false, Ordering::SeqCst)
    }
}

/// The time in which the owner waits.
pub(super) struct Waiting<'a>(&'a Summons);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.store(false, Ordering::SeqCst);
    }
}

/// The waker of one thread, which waits by polling on the alarm.
#[derive(Debug, Default)]
pub(super) struct ThreadWaker {
    summons: Summons,
    /// Missing while the system is out of descriptors.
    alarm: OnceLock<Alarm>,
}

thread_local! {
    static CURRENT: OnceCell<Arc<ThreadWaker>> = const { OnceCell::new() };
}

impl ThreadWaker {
    /// Calls `use_it` with the calling thread's waker.
    ///
    /// # Errors
    /// `NOBUFS` in a thread that is about to end.
    pub(super) fn with<T>(use_it: impl FnOnce(&Arc<Self>) -> Result<T, Errno>) -> Result<T, Errno> {
        CURRENT
            .try_with(|current| {
                let waker = current.get_or_init(Arc::default);
                if waker.alarm.get().is_none()
                    && let Ok(alarm) = Alarm::new()
                {
                    // Only the owner sets it.
                    let _ = waker.alarm.set(alarm);
                }
                use_it(waker)
            })
            .unwrap_or(Err(Errno::NOBUFS))
    }

    /// Who called the thread.
    pub(super) fn summons(&self) -> &Summons {
        &self.summons
    }

    /// What rings while the owner waits. It may ring for a reason that is gone. Without one the owner
    /// looks itself, every [`UNRUNG`].
    pub(super) fn alarm(&self) -> Option<&Alarm> {
        self.alarm.get()
    }
}

impl Wake for ThreadWaker {
    fn wake(&self) {
        if self.summons.send()
            && let Some(alarm) = self.alarm.get()
        {
            alarm.ring();
        }
    }
}

/// How late a thread without an alarm hears that it was called.
pub(super) const UNRUNG: Duration = Duration::from_millis(10);
