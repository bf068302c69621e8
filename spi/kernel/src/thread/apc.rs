//! APCs: routines that are queued to a thread and run there, in an alertable wait.

use std::collections::VecDeque;
use std::fmt;

use ws2spi_abi::Errno;

use crate::sync::Mutex;

/// A routine to run on another thread.
///
/// It runs with no lock of ours held, may wait, call Winsock and queue further APCs. If the thread
/// exits first it is dropped without having run.
pub struct Apc(Routine);

enum Routine {
    Call(fn(usize), usize),
    Boxed(Box<dyn FnOnce() + Send>),
}

impl Apc {
    /// An APC that runs a closure.
    #[must_use]
    pub fn new(routine: impl FnOnce() + Send + 'static) -> Self {
        Self(Routine::Boxed(Box::new(routine)))
    }

    /// An APC that calls a function with one word; nothing is allocated for it.
    #[must_use]
    pub const fn call(routine: fn(usize), context: usize) -> Self {
        Self(Routine::Call(routine, context))
    }

    pub(super) fn run(self) {
        match self.0 {
            Routine::Call(routine, context) => routine(context),
            Routine::Boxed(routine) => routine(),
        }
    }
}

impl fmt::Debug for Apc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Routine::Call(_, context) => f.debug_tuple("Apc").field(context).finish(),
            Routine::Boxed(_) => f.write_str("Apc(..)"),
        }
    }
}

/// The queue of a thread, first in, first out.
#[derive(Debug)]
pub(super) struct ApcQueue(Mutex<Option<VecDeque<Apc>>>);

impl ApcQueue {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Some(VecDeque::new())))
    }

    /// Adds an APC and calls `alert`, which ends the wait that goes on, before anybody can take it: later it would end a
    /// wait for which nothing is left. What `alert` says.
    ///
    /// # Errors
    /// `WSAEFAULT` once the queue is closed.
    pub(super) fn push(&self, apc: Apc, alert: impl FnOnce() -> bool) -> Result<bool, Errno> {
        match &mut *self.0.lock() {
            Some(queue) => {
                queue.push_back(apc);
                Ok(alert())
            }
            None => Err(Errno::FAULT),
        }
    }

    pub(super) fn pop(&self) -> Option<Apc> {
        self.0.lock().as_mut()?.pop_front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().as_ref().is_none_or(VecDeque::is_empty)
    }

    /// Closes the queue; what was in it is dropped, with no lock held.
    pub(super) fn close(&self) {
        let queue = self.0.lock().take();
        drop(queue);
    }
}
