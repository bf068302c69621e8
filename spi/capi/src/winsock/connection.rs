//! Naming, listening, connecting, accepting and ending connections.

use crate::table::exports;
use ws2spi::api;
use ws2spi_abi::*;

exports! {
    "ws2_bind" bind(s: SOCKET, name: *const SOCKADDR, namelen: i32) -> i32 = SOCKET_ERROR => api::bind;
    "ws2_listen" listen(s: SOCKET, backlog: i32) -> i32 = SOCKET_ERROR => api::listen;
    "ws2_accept" accept(s: SOCKET, addr: *mut SOCKADDR, addrlen: *mut i32) -> SOCKET = INVALID_SOCKET => api::accept;
    "WSAAccept" wsa_accept(
        s: SOCKET, addr: *mut SOCKADDR, addrlen: *mut i32, condition: RawCallback, data: usize
    ) -> SOCKET = INVALID_SOCKET => api::wsa_accept;
    "ws2_connect" connect(s: SOCKET, name: *const SOCKADDR, namelen: i32) -> i32 = SOCKET_ERROR => api::connect;
    "WSAConnect" wsa_connect(
        s: SOCKET, name: *const SOCKADDR, namelen: i32, caller: *const WSABUF, callee: *mut WSABUF, sqos: *const QOS,
        gqos: *const QOS
    ) -> i32 = SOCKET_ERROR => api::wsa_connect;
    "WSAJoinLeaf" wsa_join_leaf(
        s: SOCKET, name: *const SOCKADDR, namelen: i32, caller: *const WSABUF, callee: *mut WSABUF, sqos: *const QOS,
        gqos: *const QOS, flags: u32
    ) -> SOCKET = INVALID_SOCKET => api::wsa_join_leaf;
    "ws2_getpeername" getpeername(s: SOCKET, name: *mut SOCKADDR, namelen: *mut i32) -> i32 = SOCKET_ERROR => api::getpeername;
    "ws2_getsockname" getsockname(s: SOCKET, name: *mut SOCKADDR, namelen: *mut i32) -> i32 = SOCKET_ERROR => api::getsockname;
    "ws2_shutdown" shutdown(s: SOCKET, how: i32) -> i32 = SOCKET_ERROR => api::shutdown;
    "WSASendDisconnect" wsa_send_disconnect(s: SOCKET, data: *const WSABUF) -> i32 = SOCKET_ERROR => api::wsa_send_disconnect;
    "WSARecvDisconnect" wsa_recv_disconnect(s: SOCKET, data: *mut WSABUF) -> i32 = SOCKET_ERROR => api::wsa_recv_disconnect;
    "WSAGetQOSByName" wsa_get_qos_by_name(s: SOCKET, name: *const WSABUF, qos: *mut QOS) -> BOOL = FALSE => api::wsa_get_qos_by_name;
    "WSAConnectByNameA" wsa_connect_by_name_a(
        s: SOCKET, node: PCSTR, service: PCSTR, local_len: *mut u32, local: *mut SOCKADDR, remote_len: *mut u32,
        remote: *mut SOCKADDR, timeout: *const TIMEVAL, reserved: *mut OVERLAPPED
    ) -> BOOL = FALSE => api::wsa_connect_by_name_a;
    "WSAConnectByNameW" wsa_connect_by_name_w(
        s: SOCKET, node: PCWSTR, service: PCWSTR, local_len: *mut u32, local: *mut SOCKADDR, remote_len: *mut u32,
        remote: *mut SOCKADDR, timeout: *const TIMEVAL, reserved: *mut OVERLAPPED
    ) -> BOOL = FALSE => api::wsa_connect_by_name_w;
    "WSAConnectByList" wsa_connect_by_list(
        s: SOCKET, list: *const SOCKET_ADDRESS_LIST, local_len: *mut u32, local: *mut SOCKADDR, remote_len: *mut u32,
        remote: *mut SOCKADDR, timeout: *const TIMEVAL, reserved: *mut OVERLAPPED
    ) -> BOOL = FALSE => api::wsa_connect_by_list;
}
