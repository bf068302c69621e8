//! Waits: for one object, for any or all of several, or for nothing but time and APCs.
//!
//! Order of what a wait looks at, as on Windows: objects that are signalled already win over
//! queued APCs, and those over a timeout of zero. A wait that ends for an APC runs all queued APCs,
//! in order, before it returns.
//!
//! A waiting thread keeps the objects, not the handles: closing a handle meanwhile does not disturb
//! the wait. No lock is held while a thread sleeps or an APC runs.

mod shared;
#[cfg(all(test, not(ws2spi_shuttle)))]
mod tests;

use std::sync::Arc;

use ws2spi_abi::Errno;

use crate::clock::Timeout;
use crate::deadline::Deadline;
use crate::handles;
use crate::handles::Kind;
use crate::handles::Object;
use crate::signal;
use crate::signal::Acquired;
use crate::signal::Enlisted;
use crate::signal::Signal;
use crate::sync::park;
use crate::sync::park_timeout;
use crate::thread;
use crate::thread::CURRENT_THREAD;
use crate::thread::Ending;
use crate::thread::Thread;

/// The most objects that one wait takes.
#[doc(alias = "MAXIMUM_WAIT_OBJECTS")]
#[doc(alias = "WSA_MAXIMUM_WAIT_EVENTS")]
pub const MAXIMUM_OBJECTS: usize = 64;

/// Whether a wait runs APCs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alert {
    /// It does not: they stay queued.
    Plain,
    /// It does, and ends with them.
    Alertable,
}

/// What a wait for several objects waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitFor {
    /// The first of them that is signalled.
    Any,
    /// All of them at the same time; none is acquired before.
    All,
}

/// How a wait ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waited {
    /// The object at that place was signalled; 0 for a wait for all.
    #[doc(alias = "WAIT_OBJECT_0")]
    Signaled(usize),
    /// So it was, and it is a mutex (or, for all, there is one among them) whose owner exited
    /// without releasing it.
    #[doc(alias = "WAIT_ABANDONED_0")]
    Abandoned(usize),
    /// The time was over.
    #[doc(alias = "WAIT_TIMEOUT")]
    TimedOut,
    /// APCs ran.
    #[doc(alias = "WAIT_IO_COMPLETION")]
    Apc,
}

/// Waits for one object.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or nothing that can be waited for.
#[doc(alias = "WaitForSingleObject")]
#[doc(alias = "WaitForSingleObjectEx")]
pub fn one(handle: usize, timeout: Timeout, alert: Alert) -> Result<Waited, Errno> {
    Ok(for_object(&waitable(handle)?, timeout, alert))
}

/// Waits for any or all of several objects.
///
/// # Errors
/// `ERROR_INVALID_PARAMETER` when there are no handles or more than [`MAXIMUM_OBJECTS`], or when an
/// object occurs twice in a wait for all; `WSA_INVALID_HANDLE` when a handle is stale or nothing
/// that can be waited for.
#[doc(alias = "WaitForMultipleObjects")]
#[doc(alias = "WaitForMultipleObjectsEx")]
#[doc(alias = "WSAWaitForMultipleEvents")]
pub fn many(
    handles: &[usize],
    what: WaitFor,
    timeout: Timeout,
    alert: Alert,
) -> Result<Waited, Errno> {
    if handles.is_empty() || handles.len() > MAXIMUM_OBJECTS {
        return Err(Errno::INVALID_PARAMETER);
    }
    let objects: Vec<Arc<dyn Object>> = handles
        .iter()
        .map(|&handle| waitable(handle))
        .collect::<Result<_, _>>()?;
    for_objects(objects, what, timeout, alert)
}

/// Waits for any or all of several objects, with handles or without.
///
/// # Errors
/// As [`many`]; `WSA_INVALID_HANDLE` is for an object that cannot be waited for.
pub fn for_objects(
    objects: Vec<Arc<dyn Object>>,
    what: WaitFor,
    timeout: Timeout,
    alert: Alert,
) -> Result<Waited, Errno> {
    if objects.is_empty() || objects.len() > MAXIMUM_OBJECTS {
        return Err(Errno::INVALID_PARAMETER);
    }
    if objects.iter().any(|object| object.signal().is_none()) {
        return Err(Errno::INVALID_HANDLE);
    }
    if what == WaitFor::Any || objects.len() == 1 {
        return Ok(for_any(&objects, timeout, alert));
    }
    let twice = (1..objects.len()).any(|place| {
        objects[..place]
            .iter()
            .any(|before| Arc::ptr_eq(before, &objects[place]))
    });
    if twice {
        return Err(Errno::INVALID_PARAMETER);
    }
    if shared::is_among(&objects) {
        return Ok(shared::for_all(&objects, timeout, alert));
    }
    Ok(for_all(objects.into(), timeout, alert))
}

/// Waits for an object that has no handle. An object without a signal is never signalled.
pub fn for_object(object: &Arc<dyn Object>, timeout: Timeout, alert: Alert) -> Waited {
    for_any(std::slice::from_ref(object), timeout, alert)
}

/// Waits for the time, or for APCs.
#[doc(alias = "Sleep")]
#[doc(alias = "SleepEx")]
pub fn sleep(timeout: Timeout, alert: Alert) -> Waited {
    for_any(&[], timeout, alert)
}

fn for_any(objects: &[Arc<dyn Object>], timeout: Timeout, alert: Alert) -> Waited {
    if shared::is_among(objects) {
        return shared::for_any(objects, timeout, alert);
    }
    let thread = thread::current();
    for (place, signal) in signals(objects).enumerate() {
        if let Some(acquired) = signal.try_acquire(&thread) {
            return settled(&thread, &objects[place], place, acquired);
        }
    }
    let deadline = timeout.deadline();
    if deadline == Deadline::Passed && alert == Alert::Plain {
        return Waited::TimedOut;
    }
    thread.wait_state().begin(alert);
    let mut enlisted: usize = 0;
    for (place, signal) in signals(objects).enumerate() {
        match signal.acquire_or_enlist(&thread, place as u32) {
            Enlisted::Waiting => enlisted = place + 1,
            Enlisted::Granted => break,
            Enlisted::Acquired(acquired) => {
                delist(&thread, &objects[..enlisted]);
                return settled(&thread, &objects[place], place, acquired);
            }
        }
    }
    let ending = block(&thread, deadline, alert);
    delist(&thread, &objects[..enlisted]);
    match ending {
        None => Waited::TimedOut,
        Some(Ending::Alerted) => run_apcs(&thread),
        Some(Ending::Granted(place, acquired)) => {
            let place = place as usize;
            settled(&thread, &objects[place], place, acquired)
        }
    }
}

fn for_all(objects: Arc<[Arc<dyn Object>]>, timeout: Timeout, alert: Alert) -> Waited {
    let thread = thread::current();
    thread.wait_state().begin(alert);
    let acquired = match signal::acquire_all_or_enlist(&thread, &objects) {
        Some(acquired) => acquired,
        None => {
            let ending = block(&thread, timeout.deadline(), alert);
            delist(&thread, &objects);
            match ending {
                None => return Waited::TimedOut,
                Some(Ending::Alerted) => return run_apcs(&thread),
                Some(Ending::Granted(_, acquired)) => acquired,
            }
        }
    };
    for object in &objects[..] {
        settled(&thread, object, 0, acquired);
    }
    waited(0, acquired)
}

/// Sleeps until somebody ends the wait or the time is over (`None`).
pub(crate) fn block(thread: &Arc<Thread>, deadline: Deadline, alert: Alert) -> Option<Ending> {
    block_after(thread, deadline, alert, || {})
}

/// As [`block`], but first does something that may take as long as the wait.
pub(crate) fn block_after(
    thread: &Arc<Thread>,
    deadline: Deadline,
    alert: Alert,
    first: impl FnOnce(),
) -> Option<Ending> {
    if alert == Alert::Alertable && thread.has_apcs() {
        // Queued before the wait began; what was granted meanwhile wins.
        thread.wait_state().alert();
    }
    if let Some(ending) = thread.wait_state().ending() {
        return Some(ending);
    }
    let paused = thread.busy().pause();
    first();
    let ending = sleep_until_ended(thread, deadline);
    if paused {
        thread.busy().resume();
    }
    ending
}

fn sleep_until_ended(thread: &Thread, deadline: Deadline) -> Option<Ending> {
    loop {
        if let Some(ending) = thread.wait_state().ending() {
            return Some(ending);
        }
        match deadline.left() {
            None => park(),
            Some(left) if left.is_zero() => {
                if thread.wait_state().end() {
                    return None;
                }
            }
            Some(left) => park_timeout(left),
        }
    }
}

/// Runs the APCs that ended a wait.
pub(crate) fn run_apcs(thread: &Thread) -> Waited {
    thread.run_apcs();
    Waited::Apc
}

/// The object of a handle that can be waited for.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or nothing that can be waited for.
pub fn waitable(handle: usize) -> Result<Arc<dyn Object>, Errno> {
    if handle == CURRENT_THREAD {
        return Ok(thread::current());
    }
    let pinned = handles::pin(handle).ok_or(Errno::INVALID_HANDLE)?;
    let object = pinned.object_or_placeholder();
    object
        .filter(|object| object.signal().is_some())
        .cloned()
        .ok_or(Errno::INVALID_HANDLE)
}

fn signals(objects: &[Arc<dyn Object>]) -> impl Iterator<Item = &Signal> {
    objects.iter().filter_map(|object| object.signal())
}

fn delist(thread: &Arc<Thread>, objects: &[Arc<dyn Object>]) {
    for signal in signals(objects) {
        signal.delist(thread);
    }
}

/// The thread has acquired the object.
fn settled(thread: &Thread, object: &Arc<dyn Object>, place: usize, acquired: Acquired) -> Waited {
    if object.kind() == Kind::Mutex
        && let Some(mutex) = Arc::clone(object).downcast()
    {
        thread.acquired(mutex);
    }
    waited(place, acquired)
}

fn waited(place: usize, acquired: Acquired) -> Waited {
    match acquired {
        Acquired::Plain => Waited::Signaled(place),
        Acquired::Abandoned => Waited::Abandoned(place),
    }
}
