//! Waiting for objects and messages at once: `MsgWaitForMultipleObjects`.

use super::or;
use super::wait::{alert, answer, copied};
use crate::table::exports;
use ws2spi_abi::*;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::wait::WaitFor;
use ws2spi_kernel::window::{self, Input};

/// `dwWakeMask`.
const QS_TIMER: u32 = 0x10;
const QS_ALLPOSTMESSAGE: u32 = 0x100;

/// Waits for any or all of up to 63 objects or for messages of the calling thread. As `WaitForMultipleObjectsEx`; `WAIT_OBJECT_0 + count`
/// for a message that has come since the queue was last looked at, with `MWMO_INPUTAVAILABLE` for one that is there. Of the mask count
/// QS_POSTMESSAGE, QS_ALLPOSTMESSAGE and QS_TIMER: there is no other input. With `MWMO_WAITALL` a message has to come as well, and timers
/// do not count.
///
/// `WAIT_FAILED` with `ERROR_INVALID_PARAMETER` (too many objects, a count without handles, flags that do not exist, an object twice in a
/// wait for all) or `ERROR_INVALID_HANDLE`. Microsoft: "MsgWaitForMultipleObjectsEx function".
///
/// # Safety
/// `handles` is null or points to `count` handles.
#[doc(alias = "MsgWaitForMultipleObjectsEx")]
pub unsafe fn multiple_ex(
    count: u32,
    handles: *const HANDLE,
    timeout: u32,
    mask: u32,
    flags: u32,
) -> u32 {
    let unknown = flags & !(MWMO_WAITALL | MWMO_ALERTABLE | MWMO_INPUTAVAILABLE) != 0;
    if unknown || count as usize >= ws2spi_kernel::wait::MAXIMUM_OBJECTS {
        return or(WAIT_FAILED, Err(Errno::INVALID_PARAMETER));
    }
    // SAFETY: the caller's contract.
    let Some(handles) = (unsafe { copied(count, handles) }) else {
        return or(WAIT_FAILED, Err(Errno::INVALID_PARAMETER));
    };
    let what = if flags & MWMO_WAITALL == 0 {
        WaitFor::Any
    } else {
        WaitFor::All
    };
    let input = Input {
        posted: mask & (QS_POSTMESSAGE | QS_ALLPOSTMESSAGE) != 0,
        timers: mask & QS_TIMER != 0,
        known: flags & MWMO_INPUTAVAILABLE != 0,
    };
    let alert = alert((flags & MWMO_ALERTABLE).cast_signed());
    let timeout = Timeout::from_millis(timeout);
    or(
        WAIT_FAILED,
        window::wait(&handles, what, timeout, alert, input).map(answer),
    )
}

/// Waits as [`multiple_ex`] does, for any object or, with `all`, for all. Microsoft: "MsgWaitForMultipleObjects function".
///
/// # Safety
/// As [`multiple_ex`].
#[doc(alias = "MsgWaitForMultipleObjects")]
pub unsafe fn multiple(
    count: u32,
    handles: *const HANDLE,
    all: BOOL,
    timeout: u32,
    mask: u32,
) -> u32 {
    let flags = if all == FALSE { 0 } else { MWMO_WAITALL };
    // SAFETY: the caller's contract.
    unsafe { multiple_ex(count, handles, timeout, mask, flags) }
}

exports! {
    "MsgWaitForMultipleObjects" msg_wait_for_multiple_objects(
        count: u32, handles: *const HANDLE, all: BOOL, timeout: u32, mask: u32
    ) -> u32 = WAIT_FAILED => multiple;
    "MsgWaitForMultipleObjectsEx" msg_wait_for_multiple_objects_ex(
        count: u32, handles: *const HANDLE, timeout: u32, mask: u32, flags: u32
    ) -> u32 = WAIT_FAILED => multiple_ex;
}
