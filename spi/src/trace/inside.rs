//! Which watched call a thread is inside: the innermost one, and through it whose code is running.
//!
//! [`super::interpose`] keeps it. A word per thread without destructor, so that it can be read at any time, in a signal handler too.

use std::cell::Cell;

/// The thread is inside a call as long as this lives. Calls end in the reverse order.
pub struct Inside {
    outer: Option<Innermost>,
}

/// A call: the number of the module whose code runs, and the function's C name.
#[derive(Clone, Copy)]
pub struct Innermost {
    /// The module's number in the pool.
    pub module: usize,
    /// The C name.
    pub function: &'static str,
}

thread_local! {
    static INNERMOST: Cell<Option<Innermost>> = const { Cell::new(None) };
}

impl Inside {
    /// The calling thread enters a call.
    pub fn enter(module: usize, function: &'static str) -> Self {
        let outer = INNERMOST.replace(Some(Innermost { module, function }));
        Self { outer }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INNERMOST.set(self.outer);
    }
}

/// The innermost call of the calling thread.
pub fn innermost() -> Option<Innermost> {
    INNERMOST.get()
}
