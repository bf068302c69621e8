//! Waits that a thread makes elsewhere: in poll(2), not in this crate.
//!
//! The base provider blocks on descriptors. While it does, a queued APC must still reach the
//! thread, so it says what wakes it.

use std::fmt;
use std::sync::Arc;

use super::Thread;
use super::current;

/// Wakes a thread that waits elsewhere.
pub trait Wake: Send + Sync {
    /// Makes the wait return soon, or the next one if the thread is not waiting at this moment.
    ///
    /// Any thread, any number of times; it must not block. A wake-up may arrive although nothing
    /// is to be done, and after the wait was over.
    fn wake(&self);
}

/// An alertable wait of the current thread outside this crate. It lasts as long as the value.
///
/// ```
/// # use std::sync::Arc;
/// # use ws2spi_kernel::thread::{ExternalWait, Wake};
/// # struct Waker;
/// # impl Wake for Waker { fn wake(&self) {} }
/// # fn poll() -> bool { true }
/// let wait = ExternalWait::begin(Arc::new(Waker));
/// while !poll() {
///     wait.run_apcs();
/// }
/// ```
pub struct ExternalWait {
    thread: Arc<Thread>,
    /// What woke the wait around this one: an APC may wait in turn.
    outer: Option<Arc<dyn Wake>>,
    /// Whether a completion port stopped counting this thread as busy.
    paused: bool,
    /// Waits belong to their thread.
    _not_send: std::marker::PhantomData<*const ()>,
}

impl ExternalWait {
    /// From now on an APC that is queued to this thread, and [`Thread::alert`], call
    /// [`waker.wake()`](Wake::wake). If APCs are queued already it is called at once.
    #[must_use]
    pub fn begin(waker: Arc<dyn Wake>) -> Self {
        let thread = current();
        let outer = thread.waker.lock().replace(Arc::clone(&waker));
        if thread.has_apcs() {
            waker.wake();
        }
        let paused = thread.busy().pause();
        Self {
            thread,
            outer,
            paused,
            _not_send: std::marker::PhantomData,
        }
    }

    /// Whether APCs wait to be run.
    #[must_use]
    pub fn has_apcs(&self) -> bool {
        self.thread.has_apcs()
    }

    /// Runs the queued APCs, in order, those included that are queued meanwhile; returns how many
    /// ran. Hold no lock.
    pub fn run_apcs(&self) -> usize {
        self.thread.run_apcs()
    }
}

impl Drop for ExternalWait {
    fn drop(&mut self) {
        let mine = std::mem::replace(&mut *self.thread.waker.lock(), self.outer.take());
        drop(mine);
        if self.paused {
            self.thread.busy().resume();
        }
    }
}

impl fmt::Debug for ExternalWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExternalWait")
            .field("thread", &self.thread.id())
            .finish_non_exhaustive()
    }
}
