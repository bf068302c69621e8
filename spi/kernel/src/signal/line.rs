//! Those who wait for a signal, in the order in which they came. Guarded by the signal's lock bit.

use std::sync::Arc;

use crate::handles::Object;
use crate::thread::Thread;

/// A thread that waits.
pub(super) struct Waiter {
    pub(super) thread: Arc<Thread>,
    pub(super) wants: Wants,
}

/// What a thread waits for.
pub(super) enum Wants {
    /// This object; its place among the objects of the wait.
    This(u32),
    /// All objects of the wait.
    All(Arc<[Arc<dyn Object>]>),
}

/// Those who wait, in the order in which they came. Most objects are never waited for: they keep a
/// pointer only.
pub(super) struct Line(Option<Box<List>>);

type List = Vec<Waiter>;

impl Line {
    pub(super) const fn new() -> Self {
        Self(None)
    }

    pub(super) fn get(&self) -> &[Waiter] {
        self.0.as_deref().map_or(&[], Vec::as_slice)
    }

    pub(super) fn push(&mut self, waiter: Waiter) {
        self.0.get_or_insert_default().push(waiter);
    }

    pub(super) fn remove(&mut self, thread: &Arc<Thread>) {
        if let Some(list) = &mut self.0 {
            list.retain(|waiter| !Arc::ptr_eq(&waiter.thread, thread));
        }
    }
}
