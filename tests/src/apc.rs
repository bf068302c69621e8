//! User APCs of the calling thread.

use crate::winsock;
use ws2spi_abi::RawCallback;

type Work = Box<dyn FnOnce()>;

/// Queues `work` to the calling thread with `QueueUserAPC`: it runs in the next alertable wait. Work that never runs is leaked.
///
/// # Panics
/// When it cannot be queued.
pub fn queue(work: impl FnOnce() + 'static) {
    let work: Box<Work> = Box::new(Box::new(work));
    let context = Box::into_raw(work).expose_provenance();
    let routine = RawCallback::from_raw(run as *const () as usize);
    // SAFETY: no arguments.
    let thread = unsafe { winsock::GetCurrentThread() };
    // SAFETY: `run` takes one word in the native convention, and this context.
    let queued = unsafe { winsock::QueueUserAPC(routine, thread, context) };
    assert_ne!(queued, 0, "an APC can be queued to the own thread");
}

unsafe extern "system" fn run(context: usize) {
    let work = std::ptr::with_exposed_provenance_mut::<Work>(context);
    // SAFETY: `queue` made the pointer of a box, for this one call.
    let work = unsafe { Box::from_raw(work) };
    work();
}
