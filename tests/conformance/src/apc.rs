//! User APCs, queued by their own thread or by another.

use crate::winsock;
use ws2spi_abi::{DUPLICATE_SAME_ACCESS, FALSE, HANDLE, RawCallback};

type Work = Box<dyn FnOnce()>;

/// A thread that others may queue work to.
#[derive(Debug)]
pub struct Thread(HANDLE);

impl Drop for Thread {
    fn drop(&mut self) {
        // SAFETY: no pointers.
        unsafe { winsock::CloseHandle(self.0) };
    }
}

/// The calling thread, for others.
///
/// # Panics
/// When there is no handle left for it.
#[must_use]
pub fn own_thread() -> Thread {
    let mut handle = 0;
    // SAFETY: no arguments.
    let process = unsafe { winsock::GetCurrentProcess() };
    // SAFETY: no arguments.
    let thread = unsafe { winsock::GetCurrentThread() };
    // SAFETY: the place for the handle is a live local.
    let duplicated = unsafe {
        winsock::DuplicateHandle(
            process,
            thread,
            process,
            &raw mut handle,
            0,
            FALSE,
            DUPLICATE_SAME_ACCESS,
        )
    };
    assert_ne!(duplicated, FALSE, "the own thread can be opened");
    Thread(handle)
}

/// Queues `work` to the calling thread with `QueueUserAPC`: it runs in the next alertable wait. Work that never runs is leaked.
///
/// # Panics
/// When it cannot be queued.
pub fn queue(work: impl FnOnce() + 'static) {
    // SAFETY: no arguments.
    queue_work(unsafe { winsock::GetCurrentThread() }, Box::new(work));
}

/// [`queue`] to another thread.
///
/// # Panics
/// When it cannot be queued.
pub fn queue_to(thread: &Thread, work: impl FnOnce() + Send + 'static) {
    queue_work(thread.0, Box::new(work));
}

fn queue_work(thread: HANDLE, work: Work) {
    let work: Box<Work> = Box::new(work);
    let context = Box::into_raw(work).expose_provenance();
    let routine = RawCallback::from_raw(run as *const () as usize);
    // SAFETY: `run` takes one word in the native convention, and this context.
    let queued = unsafe { winsock::QueueUserAPC(routine, thread, context) };
    assert_ne!(queued, 0, "an APC can be queued to a thread that lives");
}

/// Runs what is queued to the calling thread, by an alertable wait of no time.
pub fn run_queued() {
    // SAFETY: no pointers.
    unsafe { winsock::SleepEx(0, 1) };
}

unsafe extern "system" fn run(context: usize) {
    let work = std::ptr::with_exposed_provenance_mut::<Work>(context);
    // SAFETY: `queue` made the pointer of a box, for this one call.
    let work = unsafe { Box::from_raw(work) };
    work();
}
