//! The one list of the SPI's entry points.
//!
//! Every function pointer table, thunk, checked call and trait of the workspace is an expansion of these two lists, so a signature
//! is written once. The order of the rows is the order of `WSPPROC_TABLE` and `WSPUPCALLTABLE` in ws2spi.h: it is ABI.
//!
//! A row is `Field "C name" method(arg: Type, ...) -> Ret = failure value;`. A trailing `lpErrno` is implied for [`procs!`];
//! [`upcalls!`] rows say `[errno]` where they have one. The macros call `$then! { [context] rows... }`; the types are resolved where
//! the expansion stands, so it needs `use ws2spi_abi::*`.

/// Expands `$then!` over the 30 rows of `WSPPROC_TABLE`.
#[macro_export]
macro_rules! procs {
    ($then:ident $($ctx:tt)*) => { $then! { [$($ctx)*]
        lpWSPAccept "WSPAccept" accept(s: SOCKET, addr: *mut SOCKADDR, addrlen: *mut i32, condition: RawCallback, data: usize) -> SOCKET = INVALID_SOCKET;
        lpWSPAddressToString "WSPAddressToString" address_to_string(addr: *const SOCKADDR, len: u32, info: *const WSAPROTOCOL_INFOW, out: PWSTR, out_len: *mut u32) -> i32 = SOCKET_ERROR;
        lpWSPAsyncSelect "WSPAsyncSelect" async_select(s: SOCKET, hwnd: HWND, msg: u32, events: c_long) -> i32 = SOCKET_ERROR;
        lpWSPBind "WSPBind" bind(s: SOCKET, name: *const SOCKADDR, namelen: i32) -> i32 = SOCKET_ERROR;
        lpWSPCancelBlockingCall "WSPCancelBlockingCall" cancel_blocking_call() -> i32 = SOCKET_ERROR;
        lpWSPCleanup "WSPCleanup" cleanup() -> i32 = SOCKET_ERROR;
        lpWSPCloseSocket "WSPCloseSocket" close_socket(s: SOCKET) -> i32 = SOCKET_ERROR;
        lpWSPConnect "WSPConnect" connect(s: SOCKET, name: *const SOCKADDR, namelen: i32, caller: *const WSABUF, callee: *mut WSABUF, sqos: *const QOS, gqos: *const QOS) -> i32 = SOCKET_ERROR;
        lpWSPDuplicateSocket "WSPDuplicateSocket" duplicate_socket(s: SOCKET, pid: u32, info: *mut WSAPROTOCOL_INFOW) -> i32 = SOCKET_ERROR;
        lpWSPEnumNetworkEvents "WSPEnumNetworkEvents" enum_network_events(s: SOCKET, event: WSAEVENT, out: *mut WSANETWORKEVENTS) -> i32 = SOCKET_ERROR;
        lpWSPEventSelect "WSPEventSelect" event_select(s: SOCKET, event: WSAEVENT, mask: c_long) -> i32 = SOCKET_ERROR;
        lpWSPGetOverlappedResult "WSPGetOverlappedResult" get_overlapped_result(s: SOCKET, ov: *mut OVERLAPPED, bytes: *mut u32, wait: BOOL, flags: *mut u32) -> BOOL = 0;
        lpWSPGetPeerName "WSPGetPeerName" get_peer_name(s: SOCKET, name: *mut SOCKADDR, len: *mut i32) -> i32 = SOCKET_ERROR;
        lpWSPGetSockName "WSPGetSockName" get_sock_name(s: SOCKET, name: *mut SOCKADDR, len: *mut i32) -> i32 = SOCKET_ERROR;
        lpWSPGetSockOpt "WSPGetSockOpt" get_sock_opt(s: SOCKET, level: i32, name: i32, value: PSTR, len: *mut i32) -> i32 = SOCKET_ERROR;
        lpWSPGetQOSByName "WSPGetQOSByName" get_qos_by_name(s: SOCKET, name: *const WSABUF, qos: *mut QOS) -> BOOL = 0;
        lpWSPIoctl "WSPIoctl" ioctl(s: SOCKET, code: u32, input: *const c_void, input_len: u32, output: *mut c_void, output_len: u32, returned: *mut u32, ov: *mut OVERLAPPED, routine: RawCallback, thread: *mut WSATHREADID) -> i32 = SOCKET_ERROR;
        lpWSPJoinLeaf "WSPJoinLeaf" join_leaf(s: SOCKET, name: *const SOCKADDR, namelen: i32, caller: *const WSABUF, callee: *mut WSABUF, sqos: *const QOS, gqos: *const QOS, flags: u32) -> SOCKET = INVALID_SOCKET;
        lpWSPListen "WSPListen" listen(s: SOCKET, backlog: i32) -> i32 = SOCKET_ERROR;
        lpWSPRecv "WSPRecv" recv(s: SOCKET, bufs: *const WSABUF, count: u32, got: *mut u32, flags: *mut u32, ov: *mut OVERLAPPED, routine: RawCallback, thread: *mut WSATHREADID) -> i32 = SOCKET_ERROR;
        lpWSPRecvDisconnect "WSPRecvDisconnect" recv_disconnect(s: SOCKET, data: *const WSABUF) -> i32 = SOCKET_ERROR;
        lpWSPRecvFrom "WSPRecvFrom" recv_from(s: SOCKET, bufs: *const WSABUF, count: u32, got: *mut u32, flags: *mut u32, from: *mut SOCKADDR, fromlen: *mut i32, ov: *mut OVERLAPPED, routine: RawCallback, thread: *mut WSATHREADID) -> i32 = SOCKET_ERROR;
        lpWSPSelect "WSPSelect" select(nfds: i32, read: *mut FD_SET, write: *mut FD_SET, except: *mut FD_SET, timeout: *const TIMEVAL) -> i32 = SOCKET_ERROR;
        lpWSPSend "WSPSend" send(s: SOCKET, bufs: *const WSABUF, count: u32, sent: *mut u32, flags: u32, ov: *mut OVERLAPPED, routine: RawCallback, thread: *mut WSATHREADID) -> i32 = SOCKET_ERROR;
        lpWSPSendDisconnect "WSPSendDisconnect" send_disconnect(s: SOCKET, data: *const WSABUF) -> i32 = SOCKET_ERROR;
        lpWSPSendTo "WSPSendTo" send_to(s: SOCKET, bufs: *const WSABUF, count: u32, sent: *mut u32, flags: u32, to: *const SOCKADDR, tolen: i32, ov: *mut OVERLAPPED, routine: RawCallback, thread: *mut WSATHREADID) -> i32 = SOCKET_ERROR;
        lpWSPSetSockOpt "WSPSetSockOpt" set_sock_opt(s: SOCKET, level: i32, name: i32, value: PCSTR, len: i32) -> i32 = SOCKET_ERROR;
        lpWSPShutdown "WSPShutdown" shutdown(s: SOCKET, how: i32) -> i32 = SOCKET_ERROR;
        lpWSPSocket "WSPSocket" socket(family: i32, kind: i32, protocol: i32, info: *const WSAPROTOCOL_INFOW, group: GROUP, flags: u32) -> SOCKET = INVALID_SOCKET;
        lpWSPStringToAddress "WSPStringToAddress" string_to_address(text: PCWSTR, family: i32, info: *const WSAPROTOCOL_INFOW, addr: *mut SOCKADDR, len: *mut i32) -> i32 = SOCKET_ERROR;
    } };
}

/// Expands `$then!` over the 15 rows of `WSPUPCALLTABLE`.
#[macro_export]
macro_rules! upcalls {
    ($then:ident $($ctx:tt)*) => { $then! { [$($ctx)*]
        lpWPUCloseEvent "WPUCloseEvent" close_event(event: WSAEVENT) [errno] -> BOOL = 0;
        lpWPUCloseSocketHandle "WPUCloseSocketHandle" close_socket_handle(s: SOCKET) [errno] -> i32 = SOCKET_ERROR;
        lpWPUCreateEvent "WPUCreateEvent" create_event() [errno] -> WSAEVENT = 0;
        lpWPUCreateSocketHandle "WPUCreateSocketHandle" create_socket_handle(entry: u32, context: usize) [errno] -> SOCKET = INVALID_SOCKET;
        lpWPUFDIsSet "WPUFDIsSet" fd_is_set(s: SOCKET, set: *mut FD_SET) [] -> i32 = 0;
        lpWPUGetProviderPath "WPUGetProviderPath" get_provider_path(id: *const GUID, path: PWSTR, len: *mut i32) [errno] -> i32 = SOCKET_ERROR;
        lpWPUModifyIFSHandle "WPUModifyIFSHandle" modify_ifs_handle(entry: u32, proposed: SOCKET) [errno] -> SOCKET = INVALID_SOCKET;
        lpWPUPostMessage "WPUPostMessage" post_message(hwnd: HWND, msg: u32, wparam: WPARAM, lparam: LPARAM) [] -> BOOL = 0;
        lpWPUQueryBlockingCallback "WPUQueryBlockingCallback" query_blocking_callback(entry: u32, callback: *mut RawCallback, context: *mut usize) [errno] -> i32 = SOCKET_ERROR;
        lpWPUQuerySocketHandleContext "WPUQuerySocketHandleContext" query_socket_handle_context(s: SOCKET, context: *mut usize) [errno] -> i32 = SOCKET_ERROR;
        lpWPUQueueApc "WPUQueueApc" queue_apc(thread: *mut WSATHREADID, apc: RawCallback, context: usize) [errno] -> i32 = SOCKET_ERROR;
        lpWPUResetEvent "WPUResetEvent" reset_event(event: WSAEVENT) [errno] -> BOOL = 0;
        lpWPUSetEvent "WPUSetEvent" set_event(event: WSAEVENT) [errno] -> BOOL = 0;
        lpWPUOpenCurrentThread "WPUOpenCurrentThread" open_current_thread(thread: *mut WSATHREADID) [errno] -> i32 = SOCKET_ERROR;
        lpWPUCloseThread "WPUCloseThread" close_thread(thread: *mut WSATHREADID) [errno] -> i32 = SOCKET_ERROR;
    } };
}
