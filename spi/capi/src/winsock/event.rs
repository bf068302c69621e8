//! Events, network events, `select` and `WSAPoll`.

use crate::table::exports;
use core::ffi::c_long;
use ws2spi::api;
use ws2spi_abi::*;

exports! {
    "WSACreateEvent" wsa_create_event() -> WSAEVENT = WSA_INVALID_EVENT => api::wsa_create_event;
    "WSACloseEvent" wsa_close_event(event: WSAEVENT) -> BOOL = FALSE => api::wsa_close_event;
    "WSASetEvent" wsa_set_event(event: WSAEVENT) -> BOOL = FALSE => api::wsa_set_event;
    "WSAResetEvent" wsa_reset_event(event: WSAEVENT) -> BOOL = FALSE => api::wsa_reset_event;
    "WSAWaitForMultipleEvents" wsa_wait_for_multiple_events(
        count: u32, events: *const WSAEVENT, wait_all: BOOL, timeout: u32, alertable: BOOL
    ) -> u32 = WSA_WAIT_FAILED => api::wsa_wait_for_multiple_events;
    "WSAEventSelect" wsa_event_select(s: SOCKET, event: WSAEVENT, mask: c_long) -> i32 = SOCKET_ERROR => api::wsa_event_select;
    "WSAEnumNetworkEvents" wsa_enum_network_events(
        s: SOCKET, event: WSAEVENT, events: *mut WSANETWORKEVENTS
    ) -> i32 = SOCKET_ERROR => api::wsa_enum_network_events;
    "WSAAsyncSelect" wsa_async_select(s: SOCKET, window: HWND, message: u32, mask: c_long) -> i32 = SOCKET_ERROR => api::wsa_async_select;
    "ws2_select" select(
        nfds: i32, read: *mut FD_SET, write: *mut FD_SET, except: *mut FD_SET, timeout: *const TIMEVAL
    ) -> i32 = SOCKET_ERROR => api::select;
    "__WSAFDIsSet" wsa_fd_is_set(s: SOCKET, set: *mut FD_SET) -> i32 = 0 => api::wsa_fd_is_set;
    "WSAPoll" wsa_poll(fds: *mut WSAPOLLFD, count: u32, timeout: i32) -> i32 = SOCKET_ERROR => api::wsa_poll;
}
