//! Waits and sleeps.

use super::or;
use crate::table::exports;
use ws2spi_abi::*;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::handles::{self, Kind};
use ws2spi_kernel::wait::{self, Alert, WaitFor, Waited};
use ws2spi_kernel::{event, mutex, semaphore};

pub(super) fn alert(alertable: BOOL) -> Alert {
    if alertable == 0 {
        Alert::Plain
    } else {
        Alert::Alertable
    }
}

/// What a wait function returns.
pub(super) fn answer(waited: Waited) -> u32 {
    match waited {
        Waited::Signaled(index) => WAIT_OBJECT_0 + index as u32,
        Waited::Abandoned(index) => WAIT_ABANDONED_0 + index as u32,
        Waited::TimedOut => WAIT_TIMEOUT,
        Waited::Apc => WAIT_IO_COMPLETION,
    }
}

/// Waits for an object; blocks for at most `timeout` milliseconds. `WAIT_FAILED` with `ERROR_INVALID_HANDLE`.
/// Microsoft: "WaitForSingleObject function".
#[doc(alias = "WaitForSingleObject")]
pub fn single(handle: HANDLE, timeout: u32) -> u32 {
    single_ex(handle, timeout, FALSE)
}

/// Waits for an object, alertably if asked for. Microsoft: "WaitForSingleObjectEx function".
#[doc(alias = "WaitForSingleObjectEx")]
pub fn single_ex(handle: HANDLE, timeout: u32, alertable: BOOL) -> u32 {
    or(
        WAIT_FAILED,
        wait::one(handle, Timeout::from_millis(timeout), alert(alertable)).map(answer),
    )
}

/// Waits for several objects. Microsoft: "WaitForMultipleObjects function".
///
/// # Safety
/// As [`multiple_ex`].
#[doc(alias = "WaitForMultipleObjects")]
pub unsafe fn multiple(count: u32, handles: *const HANDLE, all: BOOL, timeout: u32) -> u32 {
    // SAFETY: the caller's contract.
    unsafe { multiple_ex(count, handles, all, timeout, FALSE) }
}

/// Waits for any or all of up to 64 objects. `WAIT_FAILED` with `ERROR_INVALID_PARAMETER` (no handles, too many, one twice in a wait
/// for all) or `ERROR_INVALID_HANDLE`. Microsoft: "WaitForMultipleObjectsEx function".
///
/// # Safety
/// `handles` is null or points to `count` handles.
#[doc(alias = "WaitForMultipleObjectsEx")]
pub unsafe fn multiple_ex(
    count: u32,
    handles: *const HANDLE,
    all: BOOL,
    timeout: u32,
    alertable: BOOL,
) -> u32 {
    if handles.is_null() || count as usize > wait::MAXIMUM_OBJECTS {
        return or(WAIT_FAILED, Err(Errno::INVALID_PARAMETER));
    }
    // SAFETY: the caller's contract: not null, and `count` handles are readable.
    let handles = unsafe { copied(count, handles) }.unwrap_or_default();
    let what = if all == 0 { WaitFor::Any } else { WaitFor::All };
    or(
        WAIT_FAILED,
        wait::many(
            &handles,
            what,
            Timeout::from_millis(timeout),
            alert(alertable),
        )
        .map(answer),
    )
}

/// The handles of a caller's array; `None` for a count without an array.
///
/// # Safety
/// `handles` is null or points to `count` handles.
pub(super) unsafe fn copied(count: u32, handles: *const HANDLE) -> Option<Vec<HANDLE>> {
    if handles.is_null() && count > 0 {
        return None;
    }
    // SAFETY: the caller's contract; not null where there is one.
    let nth = |index: u32| unsafe { nth_handle(handles, index as usize) };
    Some((0..count).map(nth).collect())
}

/// # Safety
/// `handles` has more than `index` handles.
unsafe fn nth_handle(handles: *const HANDLE, index: usize) -> HANDLE {
    // SAFETY: the caller's contract.
    let at = unsafe { handles.add(index) };
    // SAFETY: as above.
    unsafe { at.read_unaligned() }
}

/// Signals one object and waits for another: sets an event, releases a semaphore by one or a mutex. The wait's answers; `WAIT_FAILED`
/// with `ERROR_INVALID_HANDLE` (either of them; nothing was signalled), `ERROR_TOO_MANY_POSTS`, `ERROR_NOT_OWNER`. Others may come between
/// the two. Microsoft: "SignalObjectAndWait function".
#[doc(alias = "SignalObjectAndWait")]
pub fn signal_and_wait(signal: HANDLE, object: HANDLE, timeout: u32, alertable: BOOL) -> u32 {
    let both = || {
        let object = wait::waitable(object)?;
        let kind = handles::pin(signal).and_then(|pinned| pinned.object().map(|it| it.kind()));
        match kind {
            Some(Kind::Event) => event::set(signal)?,
            Some(Kind::Semaphore) => _ = semaphore::release(signal, 1)?,
            Some(Kind::Mutex) => mutex::release(signal)?,
            _ => return Err(Errno::INVALID_HANDLE),
        }
        let timeout = Timeout::from_millis(timeout);
        Ok(wait::for_object(&object, timeout, alert(alertable)))
    };
    or(WAIT_FAILED, both().map(answer))
}

/// Blocks for `timeout` milliseconds. Microsoft: "Sleep function".
#[doc(alias = "Sleep")]
pub fn sleep(timeout: u32) {
    let _ = wait::sleep(Timeout::from_millis(timeout), Alert::Plain);
}

/// Blocks for `timeout` milliseconds or until APCs ran: 0 or `WAIT_IO_COMPLETION`. Microsoft: "SleepEx function".
#[doc(alias = "SleepEx")]
pub fn sleep_ex(timeout: u32, alertable: BOOL) -> u32 {
    match wait::sleep(Timeout::from_millis(timeout), alert(alertable)) {
        Waited::Apc => WAIT_IO_COMPLETION,
        _ => 0,
    }
}

exports! {
    "WaitForSingleObject" wait_for_single_object(handle: HANDLE, timeout: u32) -> u32 = WAIT_FAILED => single;
    "WaitForSingleObjectEx" wait_for_single_object_ex(handle: HANDLE, timeout: u32, alertable: BOOL) -> u32 = WAIT_FAILED => single_ex;
    "WaitForMultipleObjects" wait_for_multiple_objects(count: u32, handles: *const HANDLE, all: BOOL, timeout: u32) -> u32 = WAIT_FAILED => multiple;
    "WaitForMultipleObjectsEx" wait_for_multiple_objects_ex(count: u32, handles: *const HANDLE, all: BOOL, timeout: u32, alertable: BOOL) -> u32 = WAIT_FAILED => multiple_ex;
    "SignalObjectAndWait" signal_object_and_wait(signal: HANDLE, object: HANDLE, timeout: u32, alertable: BOOL) -> u32 = WAIT_FAILED => signal_and_wait;
    "Sleep" sleep_milliseconds(timeout: u32) => sleep;
    "SleepEx" sleep_ex_milliseconds(timeout: u32, alertable: BOOL) -> u32 = 0 => sleep_ex;
}
