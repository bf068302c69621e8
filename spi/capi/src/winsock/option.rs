//! Options and ioctls.

use crate::table::exports;
use core::ffi::{c_long, c_void};
use ws2spi::api;
use ws2spi_abi::*;

exports! {
    "ws2_getsockopt" getsockopt(s: SOCKET, level: i32, name: i32, value: *mut u8, len: *mut i32) -> i32 = SOCKET_ERROR => api::getsockopt;
    "ws2_setsockopt" setsockopt(s: SOCKET, level: i32, name: i32, value: *const u8, len: i32) -> i32 = SOCKET_ERROR => api::setsockopt;
    "ioctlsocket" ioctlsocket(s: SOCKET, command: c_long, argument: *mut u32) -> i32 = SOCKET_ERROR => api::ioctlsocket;
    "WSAIoctl" wsa_ioctl(
        s: SOCKET, code: u32, input: *const c_void, input_len: u32, output: *mut c_void, output_len: u32, returned: *mut u32,
        overlapped: *mut OVERLAPPED, routine: RawCallback
    ) -> i32 = SOCKET_ERROR => api::wsa_ioctl;
}
