//! Threads: the system's, and the routines that are queued to them.
//!
//! A routine is queued with `QueueUserAPC`, so that every alertable wait of the thread runs it, whoever
//! waits there for what, in one order with the routines that others queue.

#![allow(unsafe_code)]

use std::fmt;
use std::sync::Arc;

use ws2spi_abi::Errno;

use crate::handles;
use crate::handles::Handle;
use crate::interception;
use crate::system;
use crate::system::Owned;

/// What a process does at its end is the system's own business: nothing is done here.
pub fn if_last(_: impl FnOnce()) {}

/// A routine to run on another thread.
///
/// It runs with no lock of ours held, may wait, call Winsock and queue further APCs.
///
/// DIFFERS: a routine that the thread did not come to run before it exited is not dropped but stays in
/// memory: the system does not say that it forgot one.
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

    /// An APC that calls a function with one word.
    #[must_use]
    pub const fn call(routine: fn(usize), context: usize) -> Self {
        Self(Routine::Call(routine, context))
    }

    fn run(self) {
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

/// What the system calls on the thread.
unsafe extern "system" fn run(apc: usize) {
    // SAFETY: the address of a boxed APC that `queue_apc` gave to the system, which calls once.
    let apc = unsafe { Box::from_raw(apc as *mut Apc) };
    apc.run();
}

/// A thread of the system's, open as long as the value lives.
#[derive(Debug)]
pub struct Thread {
    id: u32,
    /// `None`: the system had no handle left. Nothing can be queued to it then.
    handle: Option<Owned>,
}

/// The calling thread.
#[doc(alias = "GetCurrentThreadId")]
#[must_use]
pub fn current() -> Arc<Thread> {
    Arc::new(Thread {
        id: system::current_thread_id(),
        handle: system::open_current_thread().ok(),
    })
}

/// Opens a handle to the calling thread.
///
/// # Errors
/// `WSAENOBUFS` when there are no more handles.
#[doc(alias = "WPUOpenCurrentThread")]
pub fn open_current() -> Result<Handle, Errno> {
    let thread = system::open_current_thread().map_err(|_| Errno::NOBUFS)?;
    Handle::from_raw(thread.into_raw()).ok_or(Errno::NOBUFS)
}

/// Opens a handle to the calling thread for the client DLL, which shows it to providers in every call.
///
/// # Errors
/// `WSAENOBUFS` when there are no more handles.
pub fn open_identity() -> Result<Handle, Errno> {
    open_current()
}

/// Closes the handle of a thread, and nothing else.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not a thread's.
#[doc(alias = "WPUCloseThread")]
pub fn close(raw: usize) -> Result<(), Errno> {
    system::thread_id(raw).ok_or(Errno::INVALID_HANDLE)?;
    handles::close(raw)
}

/// The thread of a handle, pseudo handles included; `None` for any other value.
#[must_use]
pub fn from_handle(raw: usize) -> Option<Arc<Thread>> {
    let id = system::thread_id(raw)?;
    let handle = Owned::duplicate_of(raw).ok()?;
    Some(Arc::new(Thread {
        id,
        handle: Some(handle),
    }))
}

impl Thread {
    /// The thread's number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Queues an APC. It runs on this thread, after those queued before, in the thread's present
    /// alertable wait or the next one; an alertable wait ends with it. Any thread may call it.
    ///
    /// # Errors
    /// `WSAEFAULT` once the thread has exited.
    #[doc(alias = "WPUQueueApc")]
    #[doc(alias = "QueueUserAPC")]
    pub fn queue_apc(&self, apc: Apc) -> Result<(), Errno> {
        let thread = self.handle.as_ref().ok_or(Errno::FAULT)?;
        interception::keep_loaded();
        let apc = Box::into_raw(Box::new(apc));
        system::queue_apc(thread.raw(), run, apc as usize).map_err(|_| {
            // SAFETY: the address of a box that nobody took.
            drop(unsafe { Box::from_raw(apc) });
            Errno::FAULT
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timeout;
    use crate::wait;
    use crate::wait::Alert;
    use crate::wait::Waited;
    use std::sync::Mutex;

    /// U78, U79: APCs run in the next alertable wait, in the order of queueing, and not before.
    #[test]
    fn apcs_run_in_order_in_an_alertable_wait() {
        let ran = Arc::new(Mutex::new(Vec::new()));
        let raw = open_current().unwrap().raw();
        for number in 0..3 {
            let ran = Arc::clone(&ran);
            let apc = Apc::new(move || ran.lock().unwrap().push(number));
            from_handle(raw).unwrap().queue_apc(apc).unwrap();
        }
        assert_eq!(wait::sleep(Timeout::ZERO, Alert::Plain), Waited::TimedOut);
        assert!(ran.lock().unwrap().is_empty());
        assert_eq!(
            wait::sleep(Timeout::Infinite, Alert::Alertable),
            Waited::Apc
        );
        assert_eq!(*ran.lock().unwrap(), [0, 1, 2]);
        close(raw).unwrap();
    }

    /// U76, U81: an identity is closed once; what is no thread is refused.
    #[test]
    fn only_threads_are_threads() {
        let raw = open_current().unwrap().raw();
        assert_eq!(from_handle(raw).unwrap().id(), current().id());
        close(raw).unwrap();
        let event = crate::event::create(crate::event::Reset::Manual, false);
        let event = event.unwrap().raw();
        assert!(from_handle(event).is_none());
        assert_eq!(close(event), Err(Errno::INVALID_HANDLE));
        crate::event::close(event).unwrap();
    }
}
