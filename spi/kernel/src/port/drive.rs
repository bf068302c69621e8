//! Threads that work for a network while they wait at a port.
//!
//! What ends later than its call is ended by whoever waits for the network. That a thread of its own
//! does so costs a change of threads for each packet; but a thread that waits at a port has
//! nothing else to do. So a file may bring a [`Driver`] to its port, and a thread that would block
//! there drives instead: it waits for the network, works on what comes, and finds its packet.
//!
//! ```text
//! take: nothing queued --> Driver::drive(PortWait) --> over: the packet is taken
//!                                                 --> not over: the thread parks, as ever
//! post, close, APC     --> ends the wait --> Thread::rouse: the thread is parked, or sleeps in
//!                                            PortWait::sleep and is called out of it
//! ```
//!
//! Which of the waiting threads gets a packet is not changed by it. One that sees that it has
//! released another one ([`PortWait::has_released_another`]) stops driving: the other one is the one
//! that came last, and comes back. [`Helm`](super::Helm) sees to it that one thread drives at a time.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::deadline::Deadline;
use crate::sync::thread_local;
use crate::thread::Thread;
use crate::thread::Wake;

thread_local! {
    /// How many threads this one has released from ports.
    static RELEASED: Cell<usize> = const { Cell::new(0) };
}

/// Works for a network on threads that wait at a port.
pub trait Driver: Send + Sync {
    /// Works until the wait is over, its time is, or as long as it likes: the thread then parks until
    /// the wait is over. Called without a lock, on the thread that waits. Blocks only within
    /// [`PortWait::sleep`].
    fn drive(&self, wait: &PortWait<'_>);
}

/// The wait of a thread that drives.
pub struct PortWait<'a> {
    thread: &'a Arc<Thread>,
    until: Deadline,
    /// What [`released`] was at the beginning.
    released: usize,
    /// What called the thread before, once it has slept here.
    outer: Cell<Option<Option<Arc<dyn Wake>>>>,
}

impl<'a> PortWait<'a> {
    /// The wait that the calling thread has begun.
    pub(super) fn new(thread: &'a Arc<Thread>, until: Deadline) -> Self {
        Self {
            thread,
            until,
            released: released(),
            outer: Cell::new(None),
        }
    }

    /// Whether somebody has ended it. The time may be over although it is not.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.thread.wait_state().ending().is_some()
    }

    /// How long it lasts at most from now on; `None` without end.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        self.until.left()
    }

    /// Whether this thread has released another one from its wait at a port since this one began.
    #[must_use]
    pub fn has_released_another(&self) -> bool {
        let own = usize::from(self.is_over());
        released().wrapping_sub(self.released) > own
    }

    /// Calls `block`, which blocks until `waker` is woken or for reasons of its own, unless the wait
    /// is over. Whoever ends the wait meanwhile wakes `waker`, the same one in each call.
    pub fn sleep(&self, waker: &Arc<dyn Wake>, block: impl FnOnce()) {
        let outer = self.outer.take();
        self.outer
            .set(outer.or_else(|| Some(self.thread.exchange_waker(Some(Arc::clone(waker))))));
        self.thread.while_driving(|| {
            if !self.is_over() {
                block();
            }
        });
    }
}

impl Drop for PortWait<'_> {
    fn drop(&mut self) {
        if let Some(outer) = self.outer.take() {
            drop(self.thread.exchange_waker(outer));
        }
    }
}

impl fmt::Debug for PortWait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortWait")
            .field("thread", &self.thread.id())
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}

/// How many threads the calling one has released from ports in its life.
#[must_use]
pub fn released() -> usize {
    // A thread that is exiting drives no more.
    RELEASED.try_with(Cell::get).unwrap_or(0)
}

/// The calling thread releases one.
pub(super) fn note_release() {
    let _ = RELEASED.try_with(|count| count.set(count.get().wrapping_add(1)));
}
