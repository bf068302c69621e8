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
    let outer = HELD.get();
    if outer == raw {
        // 0 is no handle.
        return match table().look_again(raw) {
            Some(again) => f(Some(&again)),
            None => f(None),
        };
    }
    let Some(pinned) = table().pin(raw) else {
        return f(None);
    };
    HELD.set(raw);
    // Dropped before `pinned`, also when `f` panics.
    let _held = Held(outer);
    f(Some(&pinned))
}

/// Puts back what the call around this one holds.
struct Held(usize);

impl Drop for Held {
    fn drop(&mut self) {
        HELD.set(self.0);
    }
}
