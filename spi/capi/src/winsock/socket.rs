//! Making, duplicating and closing sockets.

use crate::table::exports;
use ws2spi::api;
use ws2spi_abi::*;

exports! {
    "ws2_socket" socket(family: i32, kind: i32, protocol: i32) -> SOCKET = INVALID_SOCKET => api::socket;
    "WSASocketA" wsa_socket_a(
        family: i32, kind: i32, protocol: i32, info: *const WSAPROTOCOL_INFOA, group: GROUP, flags: u32
    ) -> SOCKET = INVALID_SOCKET => api::wsa_socket_a;
    "WSASocketW" wsa_socket_w(
        family: i32, kind: i32, protocol: i32, info: *const WSAPROTOCOL_INFOW, group: GROUP, flags: u32
    ) -> SOCKET = INVALID_SOCKET => api::wsa_socket_w;
    "closesocket" closesocket(s: SOCKET) -> i32 = SOCKET_ERROR => api::closesocket;
    "WSADuplicateSocketA" wsa_duplicate_socket_a(
        s: SOCKET, process_id: u32, info: *mut WSAPROTOCOL_INFOA
    ) -> i32 = SOCKET_ERROR => api::wsa_duplicate_socket_a;
    "WSADuplicateSocketW" wsa_duplicate_socket_w(
        s: SOCKET, process_id: u32, info: *mut WSAPROTOCOL_INFOW
    ) -> i32 = SOCKET_ERROR => api::wsa_duplicate_socket_w;
}
