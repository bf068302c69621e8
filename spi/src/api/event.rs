//! Events and waits. They are the kernel's and need no start-up (U23).

use super::answer;
use crate::upcalls::events;
use ws2spi_abi::*;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::wait::{self, Alert, WaitFor, Waited};

/// A new manual-reset event, not signalled. Errors: `WSA_NOT_ENOUGH_MEMORY`. Microsoft: "WSACreateEvent function (winsock2.h)".
#[doc(alias = "WSACreateEvent")]
#[must_use]
pub fn wsa_create_event() -> WSAEVENT {
    answer::or(WSA_INVALID_EVENT, events::create())
}

/// Closes an event. Errors: `WSA_INVALID_HANDLE`. Microsoft: "WSACloseEvent function (winsock2.h)".
#[doc(alias = "WSACloseEvent")]
pub fn wsa_close_event(event: WSAEVENT) -> BOOL {
    answer::truth(events::close(event))
}

/// Signals an event. Errors: `WSA_INVALID_HANDLE`. Microsoft: "WSASetEvent function (winsock2.h)".
#[doc(alias = "WSASetEvent")]
pub fn wsa_set_event(event: WSAEVENT) -> BOOL {
    answer::truth(events::set(event))
}

/// Resets an event. Errors: `WSA_INVALID_HANDLE`. Microsoft: "WSAResetEvent function (winsock2.h)".
#[doc(alias = "WSAResetEvent")]
pub fn wsa_reset_event(event: WSAEVENT) -> BOOL {
    answer::truth(events::reset(event))
}

/// Waits for one or all of several events, and in an alertable wait for user APCs, which run on the calling thread.
///
/// Errors (`WSA_WAIT_FAILED`): `WSA_INVALID_PARAMETER` for no events, more than 64 or NULL; `WSA_INVALID_HANDLE`. Blocks.
/// Microsoft: "WSAWaitForMultipleEvents function (winsock2.h)".
///
/// # Safety
/// `events` is null or points to `count` events.
#[doc(alias = "WSAWaitForMultipleEvents")]
#[must_use]
pub unsafe fn wsa_wait_for_multiple_events(
    count: u32,
    events: *const WSAEVENT,
    wait_all: BOOL,
    timeout: u32,
    alertable: BOOL,
) -> u32 {
    if events.is_null() || count == 0 || count as usize > WSA_MAXIMUM_WAIT_EVENTS {
        return answer::or(WSA_WAIT_FAILED, Err(Errno::INVALID_PARAMETER));
    }
    // SAFETY: the caller's contract: not null and `count` events long.
    let events: Vec<WSAEVENT> = (0..count as usize)
        .map(|index| unsafe { nth(events, index) })
        .collect();
    let wait_for = if wait_all == FALSE {
        WaitFor::Any
    } else {
        WaitFor::All
    };
    let alert = if alertable == FALSE {
        Alert::Plain
    } else {
        Alert::Alertable
    };
    let waited =
        wait::many(&events, wait_for, Timeout::from_millis(timeout), alert).map(|waited| {
            match waited {
                Waited::Signaled(index) => WSA_WAIT_EVENT_0 + index as u32,
                Waited::Abandoned(index) => WAIT_ABANDONED_0 + index as u32,
                Waited::TimedOut => WSA_WAIT_TIMEOUT,
                Waited::Apc => WSA_WAIT_IO_COMPLETION,
            }
        });
    answer::or(WSA_WAIT_FAILED, waited)
}

/// # Safety
/// `index` lies within the array.
unsafe fn nth(events: *const WSAEVENT, index: usize) -> WSAEVENT {
    // SAFETY: the caller's contract.
    let event = unsafe { events.add(index) };
    // SAFETY: as above.
    unsafe { event.read_unaligned() }
}
