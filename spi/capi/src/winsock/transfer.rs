//! Sending and receiving.

use crate::table::exports;
use ws2spi::api;
use ws2spi_abi::*;

exports! {
    "ws2_send" send(s: SOCKET, data: *const u8, len: i32, flags: i32) -> i32 = SOCKET_ERROR => api::send;
    "WSASend" wsa_send(
        s: SOCKET, bufs: *const WSABUF, count: u32, sent: *mut u32, flags: u32, overlapped: *mut OVERLAPPED, routine: RawCallback
    ) -> i32 = SOCKET_ERROR => api::wsa_send;
    "ws2_sendto" sendto(
        s: SOCKET, data: *const u8, len: i32, flags: i32, to: *const SOCKADDR, tolen: i32
    ) -> i32 = SOCKET_ERROR => api::sendto;
    "WSASendTo" wsa_send_to(
        s: SOCKET, bufs: *const WSABUF, count: u32, sent: *mut u32, flags: u32, to: *const SOCKADDR, tolen: i32,
        overlapped: *mut OVERLAPPED, routine: RawCallback
    ) -> i32 = SOCKET_ERROR => api::wsa_send_to;
    "ws2_recv" recv(s: SOCKET, data: *mut u8, len: i32, flags: i32) -> i32 = SOCKET_ERROR => api::recv;
    "WSARecv" wsa_recv(
        s: SOCKET, bufs: *const WSABUF, count: u32, got: *mut u32, flags: *mut u32, overlapped: *mut OVERLAPPED,
        routine: RawCallback
    ) -> i32 = SOCKET_ERROR => api::wsa_recv;
    "WSARecvEx" wsa_recv_ex(s: SOCKET, data: *mut u8, len: i32, flags: *mut i32) -> i32 = SOCKET_ERROR => api::wsa_recv_ex;
    "ws2_recvfrom" recvfrom(
        s: SOCKET, data: *mut u8, len: i32, flags: i32, from: *mut SOCKADDR, fromlen: *mut i32
    ) -> i32 = SOCKET_ERROR => api::recvfrom;
    "WSARecvFrom" wsa_recv_from(
        s: SOCKET, bufs: *const WSABUF, count: u32, got: *mut u32, flags: *mut u32, from: *mut SOCKADDR, fromlen: *mut i32,
        overlapped: *mut OVERLAPPED, routine: RawCallback
    ) -> i32 = SOCKET_ERROR => api::wsa_recv_from;
    "WSAGetOverlappedResult" wsa_get_overlapped_result(
        s: SOCKET, overlapped: *mut OVERLAPPED, bytes: *mut u32, wait: BOOL, flags: *mut u32
    ) -> BOOL = FALSE => api::wsa_get_overlapped_result;
    "WSASendMsg" wsa_send_msg(
        s: SOCKET, message: *mut WSAMSG, flags: u32, sent: *mut u32, overlapped: *mut OVERLAPPED, routine: RawCallback
    ) -> i32 = SOCKET_ERROR => api::wsa_send_msg;
}
