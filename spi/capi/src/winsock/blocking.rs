//! The blocking hooks of Winsock 1.1.

use crate::table::exports;
use ws2spi::api;
use ws2spi_abi::*;

exports! {
    "WSASetBlockingHook" wsa_set_blocking_hook(hook: RawCallback) -> RawCallback = RawCallback::NULL => api::wsa_set_blocking_hook;
    "WSAUnhookBlockingHook" wsa_unhook_blocking_hook() -> i32 = SOCKET_ERROR => api::wsa_unhook_blocking_hook;
    "WSAIsBlocking" wsa_is_blocking() -> BOOL = FALSE => api::wsa_is_blocking;
    "WSACancelBlockingCall" wsa_cancel_blocking_call() -> i32 = SOCKET_ERROR => api::wsa_cancel_blocking_call;
}
