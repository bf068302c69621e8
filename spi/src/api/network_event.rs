//! Network events: `WSAEventSelect`, `WSAEnumNetworkEvents`, `WSAAsyncSelect`.

use super::answer;
use crate::dispatch;
use core::ffi::c_long;
use ws2spi_abi::*;

/// Has an event signalled when network events happen on a socket; makes the socket non-blocking.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "WSAEventSelect function (winsock2.h)".
#[doc(alias = "WSAEventSelect")]
pub fn wsa_event_select(s: SOCKET, event: WSAEVENT, mask: c_long) -> i32 {
    answer::int(dispatch::call(
        s,
        "WSPEventSelect",
        dispatch::zero,
        |procs| {
            // SAFETY: the provider is started; no pointers.
            unsafe { procs.event_select(s, event, mask) }
        },
    ))
}

/// Fetches and clears the network events that have happened on a socket, and resets the event if one is given.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "WSAEnumNetworkEvents function (winsock2.h)".
///
/// # Safety
/// `events` is null or writable.
#[doc(alias = "WSAEnumNetworkEvents")]
pub unsafe fn wsa_enum_network_events(
    s: SOCKET,
    event: WSAEVENT,
    events: *mut WSANETWORKEVENTS,
) -> i32 {
    answer::int(dispatch::call(
        s,
        "WSPEnumNetworkEvents",
        dispatch::zero,
        |procs| {
            // SAFETY: the provider is started; the caller's contract.
            unsafe { procs.enum_network_events(s, event, events) }
        },
    ))
}

/// Has a message posted when network events happen on a socket; makes the socket non-blocking.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "WSAAsyncSelect function (winsock.h)".
#[doc(alias = "WSAAsyncSelect")]
pub fn wsa_async_select(s: SOCKET, window: HWND, message: u32, mask: c_long) -> i32 {
    answer::int(dispatch::call(
        s,
        "WSPAsyncSelect",
        dispatch::zero,
        |procs| {
            // SAFETY: the provider is started; no pointers.
            unsafe { procs.async_select(s, window, message, mask) }
        },
    ))
}
