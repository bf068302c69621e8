//! Waits: the system's, for handles of any kind.

use std::sync::Arc;

use ws2spi_abi::Errno;

use crate::clock::Timeout;
use crate::handles::Object;
use crate::system;

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
    many(&[handle], WaitFor::Any, timeout, alert)
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
    let ended = system::wait(
        handles,
        what == WaitFor::All,
        milliseconds(timeout),
        alert == Alert::Alertable,
    )?;
    let place = |first: u32| {
        let place = ended.wrapping_sub(first) as usize;
        (place < handles.len()).then_some(place)
    };
    match (ended, place(0), place(ABANDONED)) {
        (TIMED_OUT, ..) => Ok(Waited::TimedOut),
        (APCS_RAN, ..) => Ok(Waited::Apc),
        (_, Some(place), _) => Ok(Waited::Signaled(place)),
        (_, _, Some(place)) => Ok(Waited::Abandoned(place)),
        _ => Err(Errno::INVALID_HANDLE),
    }
}

/// Waits for an object that has no handle. For one that cannot be waited for, the time is over at once.
pub fn for_object(object: &Arc<dyn Object>, timeout: Timeout, alert: Alert) -> Waited {
    let handle = object.signal().and_then(|signal| signal.raw());
    let waited = handle.map(|handle| one(handle, timeout, alert));
    waited.and_then(Result::ok).unwrap_or(Waited::TimedOut)
}

/// Waits for the time, or for APCs.
#[doc(alias = "Sleep")]
#[doc(alias = "SleepEx")]
pub fn sleep(timeout: Timeout, alert: Alert) -> Waited {
    if system::sleep(milliseconds(timeout), alert == Alert::Alertable) {
        Waited::Apc
    } else {
        Waited::TimedOut
    }
}

/// The timeout as the system takes it. A part of a millisecond counts as a whole one.
fn milliseconds(timeout: Timeout) -> u32 {
    match timeout {
        Timeout::Infinite => u32::MAX,
        Timeout::After(span) => {
            let whole = span.as_nanos().div_ceil(1_000_000);
            u32::try_from(whole).unwrap_or(LONGEST).min(LONGEST)
        }
    }
}

/// The longest time that is not for ever.
const LONGEST: u32 = u32::MAX - 1;
const ABANDONED: u32 = 0x80;
const APCS_RAN: u32 = 0xc0;
const TIMED_OUT: u32 = 0x102;
