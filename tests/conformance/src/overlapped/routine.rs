//! The completion routine of the tests, and what it was called with on this thread.

use super::Tell;
use std::cell::{Cell, RefCell};
use ws2spi_abi::*;

/// One call of the completion routine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The Winsock code, 0 for success.
    pub error: u32,
    /// The count.
    pub bytes: u32,
    /// The address of the block.
    pub block: usize,
    /// The flags.
    pub flags: u32,
}

thread_local! {
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
    /// Whether the routine waits alertably itself, how many calls of it are under way, and the most of them.
    static NESTING: Cell<(bool, u32, u32)> = const { Cell::new((false, 0, 0)) };
}

/// Has the routine wait alertably itself on this thread from now on.
pub fn wait_in_routine() {
    NESTING.set((true, 0, 0));
}

/// How many calls of the routine were under way at a time on this thread, at most.
#[must_use]
pub fn deepest_nesting() -> u32 {
    NESTING.get().2
}

/// The calls of the routine on this thread since it was last asked.
#[must_use]
pub fn routine_calls() -> Vec<Call> {
    CALLS.take()
}

/// Waits alertably until the routine was called on this thread.
///
/// # Panics
/// When it is not.
#[must_use]
pub fn await_routine() -> Vec<Call> {
    crate::wait::until("the routine to be called", || {
        crate::apc::run_queued();
        CALLS.with_borrow(|calls| !calls.is_empty())
    });
    routine_calls()
}

/// What an operation whose end is to be told like this takes as its routine.
pub(super) fn of(tell: Tell) -> RawCallback {
    match tell {
        Tell::Routine(_) => RawCallback::from_raw(routine as *const () as usize),
        _ => RawCallback::NULL,
    }
}

unsafe extern "system" fn routine(error: u32, bytes: u32, block: *mut OVERLAPPED, flags: u32) {
    let call = Call {
        error,
        bytes,
        block: block.addr(),
        flags,
    };
    CALLS.with_borrow_mut(|calls| calls.push(call));
    let (waits, depth, deepest) = NESTING.get();
    NESTING.set((waits, depth + 1, deepest.max(depth + 1)));
    if waits {
        crate::apc::run_queued();
    }
    let (waits, depth, deepest) = NESTING.get();
    NESTING.set((waits, depth - 1, deepest));
}
