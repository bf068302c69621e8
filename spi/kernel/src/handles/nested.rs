//! Looking up a handle for the time of a call, and again inside that call.
//!
//! An API call pins the socket's handle and calls the provider; a provider whose handles are the
//! kernel's own looks the same handle up again. [`with`] remembers, per thread, the handle that the
//! innermost such call holds: inside, the same handle needs no second pin, which is the dearest part
//! of a look-up (two atomic operations).
//!
//! What makes that sound: both look-ups last as long as a closure runs, so the inner one has ended
//! before the outer pin is taken back.

use std::cell::Cell;
use std::mem::ManuallyDrop;

use super::pinned::Pinned;
use super::table;

// Plain std also under the model checker: it passes nothing between threads.
std::thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// Calls `f` with a handle pinned, `None` for one that is stale, closed or never was one. Within `f`,
/// on the same thread, another `with` of the same handle costs no pin.
#[inline]
pub fn with<R>(raw: usize, f: impl FnOnce(Option<&Pinned<'static>>) -> R) -> R {
    // Not by `replace`: the key's own methods are calls, `with` is not. 0 is no handle.
    let outer = HELD.with(Cell::get);
    let again = outer == raw;
    let pinned = if again {
        table().look_again(raw)
    } else {
        table().pin(raw).map(ManuallyDrop::new)
    };
    let counted = !again && pinned.is_some();
    if counted {
        HELD.with(|held| held.set(raw));
    }
    // One place that calls `f`, so that it becomes part of its caller. Ends also when `f` panics.
    let found = Found {
        pinned,
        counted,
        outer,
    };
    f(found.pinned.as_deref())
}

/// What was found, until the call is over.
struct Found {
    pinned: Option<ManuallyDrop<Pinned<'static>>>,
    /// The pin is this call's, not that of one further up.
    counted: bool,
    outer: usize,
}

impl Drop for Found {
    #[inline]
    fn drop(&mut self) {
        if self.counted
            && let Some(pinned) = self.pinned.take()
        {
            HELD.with(|held| held.set(self.outer));
            drop(ManuallyDrop::into_inner(pinned));
        }
    }
}
