//! Overlapped operations that end with a completion routine, which runs while its thread waits
//! alertably in `SleepEx`.

use super::exchange::Stopped;
use super::operation::Pending;
use super::overlapped::{Completions, Ended};
use super::worker::Worker;
use crate::winsock;
use std::cell::RefCell;
use std::time::Duration;
use ws2spi_abi::{Errno, OVERLAPPED, RawCallback, TRUE};

/// What the completion routine tells; the thread that begins operations is told of their ends.
pub(super) struct Routine;

impl Completions for Routine {
    const GROUP: u32 = 64;
    const WORKERS: u32 = 1;

    fn new(_worker: &Worker<'_>) -> Result<Self, Stopped> {
        Ok(Self)
    }

    fn routine(&self) -> RawCallback {
        RawCallback::from_raw(routine as *const () as usize)
    }

    fn wait(&self, worker: &Worker<'_>, timeout: Duration) -> Result<Vec<Ended>, Stopped> {
        worker.watched("SleepEx", || {
            // SAFETY: no pointers.
            unsafe { winsock::SleepEx(timeout.as_millis() as u32, TRUE) }
        });
        let told = TOLD.with_borrow_mut(std::mem::take);
        let ended = told.into_iter().map(|(pending, result)| Ended {
            // SAFETY: its routine was called, which is once and after its end.
            operation: unsafe { pending.take_back() },
            result,
        });
        Ok(ended.collect())
    }
}

thread_local! {
    /// The operations of this thread whose routine was called.
    static TOLD: RefCell<Vec<(Pending, Result<usize, Errno>)>> = const { RefCell::new(Vec::new()) };
}

/// The completion routine.
extern "system" fn routine(error: u32, bytes: u32, block: *mut OVERLAPPED, _flags: u32) {
    let result = Errno::new(error as i32).map_or(Ok(bytes as usize), Err);
    // SAFETY: only operations that were begun by `Operation::begin` have this routine.
    let pending = unsafe { Pending::of(block) };
    TOLD.with_borrow_mut(|told| told.push((pending, result)));
}
