//! The C functions that programs call, as they declare them on Windows. Elsewhere the BSD names carry the prefix `ws2_`, as libc owns
//! them; everything else has its own name. Whoever calls one has a library in the program that defines them.

#![allow(
    non_snake_case,
    missing_docs,
    reason = "Microsoft's names; each has a page of its own there"
)]

use core::ffi::{c_long, c_void};
use ws2spi_abi::*;

#[cfg_attr(windows, link(name = "ws2_32"))]
#[cfg_attr(windows, link(name = "user32"))]
unsafe extern "system" {
    pub fn WSAStartup(version: u16, data: *mut WSADATA) -> i32;
    pub fn WSACleanup() -> i32;
    pub fn WSAGetLastError() -> i32;
    pub fn WSASetLastError(error: i32);
    pub fn WSASocketW(
        family: i32,
        kind: i32,
        protocol: i32,
        info: *const WSAPROTOCOL_INFOW,
        group: u32,
        flags: u32,
    ) -> SOCKET;
    pub fn WSASocketA(
        family: i32,
        kind: i32,
        protocol: i32,
        info: *const WSAPROTOCOL_INFOA,
        group: u32,
        flags: u32,
    ) -> SOCKET;
    pub fn closesocket(s: SOCKET) -> i32;
    pub fn ioctlsocket(s: SOCKET, command: c_long, argument: *mut u32) -> i32;
    pub fn WSAIoctl(
        s: SOCKET,
        code: u32,
        input: *const c_void,
        input_len: u32,
        output: *mut c_void,
        output_len: u32,
        returned: *mut u32,
        overlapped: *mut OVERLAPPED,
        routine: RawCallback,
    ) -> i32;
    pub fn WSAAccept(
        s: SOCKET,
        addr: *mut SOCKADDR,
        len: *mut i32,
        condition: RawCallback,
        data: usize,
    ) -> SOCKET;
    pub fn WSAConnect(
        s: SOCKET,
        name: *const SOCKADDR,
        len: i32,
        caller: *const WSABUF,
        callee: *mut WSABUF,
        sqos: *const QOS,
        gqos: *const QOS,
    ) -> i32;
    pub fn WSAConnectByNameW(
        s: SOCKET,
        node: PCWSTR,
        service: PCWSTR,
        local_len: *mut u32,
        local: *mut SOCKADDR,
        remote_len: *mut u32,
        remote: *mut SOCKADDR,
        timeout: *const TIMEVAL,
        reserved: *mut OVERLAPPED,
    ) -> i32;
    pub fn WSAConnectByNameA(
        s: SOCKET,
        node: PCSTR,
        service: PCSTR,
        local_len: *mut u32,
        local: *mut SOCKADDR,
        remote_len: *mut u32,
        remote: *mut SOCKADDR,
        timeout: *const TIMEVAL,
        reserved: *mut OVERLAPPED,
    ) -> i32;
    pub fn WSAConnectByList(
        s: SOCKET,
        list: *const SOCKET_ADDRESS_LIST,
        local_len: *mut u32,
        local: *mut SOCKADDR,
        remote_len: *mut u32,
        remote: *mut SOCKADDR,
        timeout: *const TIMEVAL,
        reserved: *mut OVERLAPPED,
    ) -> i32;
    pub fn WSAJoinLeaf(
        s: SOCKET,
        name: *const SOCKADDR,
        len: i32,
        caller: *const WSABUF,
        callee: *mut WSABUF,
        sqos: *const QOS,
        gqos: *const QOS,
        flags: u32,
    ) -> SOCKET;
    pub fn WSARecv(
        s: SOCKET,
        buffers: *const WSABUF,
        count: u32,
        got: *mut u32,
        flags: *mut u32,
        overlapped: *mut OVERLAPPED,
        routine: RawCallback,
    ) -> i32;
    pub fn WSARecvFrom(
        s: SOCKET,
        buffers: *const WSABUF,
        count: u32,
        got: *mut u32,
        flags: *mut u32,
        from: *mut SOCKADDR,
        from_len: *mut i32,
        overlapped: *mut OVERLAPPED,
        routine: RawCallback,
    ) -> i32;
    pub fn WSASend(
        s: SOCKET,
        buffers: *const WSABUF,
        count: u32,
        sent: *mut u32,
        flags: u32,
        overlapped: *mut OVERLAPPED,
        routine: RawCallback,
    ) -> i32;
    pub fn WSASendTo(
        s: SOCKET,
        buffers: *const WSABUF,
        count: u32,
        sent: *mut u32,
        flags: u32,
        to: *const SOCKADDR,
        to_len: i32,
        overlapped: *mut OVERLAPPED,
        routine: RawCallback,
    ) -> i32;
    pub fn WSASendMsg(
        s: SOCKET,
        message: *mut WSAMSG,
        flags: u32,
        sent: *mut u32,
        overlapped: *mut OVERLAPPED,
        routine: RawCallback,
    ) -> i32;
    pub fn WSASendDisconnect(s: SOCKET, data: *const WSABUF) -> i32;
    pub fn WSARecvDisconnect(s: SOCKET, data: *const WSABUF) -> i32;
    pub fn WSADuplicateSocketW(s: SOCKET, process: u32, info: *mut WSAPROTOCOL_INFOW) -> i32;
    pub fn WSADuplicateSocketA(s: SOCKET, process: u32, info: *mut WSAPROTOCOL_INFOA) -> i32;
    pub fn WSAEventSelect(s: SOCKET, event: WSAEVENT, mask: c_long) -> i32;
    pub fn WSAAsyncSelect(s: SOCKET, window: HWND, message: u32, mask: c_long) -> i32;
    pub fn WSAEnumNetworkEvents(s: SOCKET, event: WSAEVENT, events: *mut WSANETWORKEVENTS) -> i32;
    pub fn WSAGetOverlappedResult(
        s: SOCKET,
        overlapped: *mut OVERLAPPED,
        bytes: *mut u32,
        wait: BOOL,
        flags: *mut u32,
    ) -> BOOL;
    pub fn WSAGetQOSByName(s: SOCKET, name: *const WSABUF, qos: *mut QOS) -> BOOL;
    pub fn WSAPoll(array: *mut WSAPOLLFD, count: u32, timeout: i32) -> i32;
    pub fn WSACreateEvent() -> WSAEVENT;
    pub fn WSACloseEvent(event: WSAEVENT) -> BOOL;
    pub fn WSASetEvent(event: WSAEVENT) -> BOOL;
    pub fn WSAResetEvent(event: WSAEVENT) -> BOOL;
    pub fn WSAWaitForMultipleEvents(
        count: u32,
        events: *const WSAEVENT,
        all: BOOL,
        timeout: u32,
        alertable: BOOL,
    ) -> u32;
    pub fn WSAEnumProtocolsW(
        protocols: *const i32,
        buffer: *mut WSAPROTOCOL_INFOW,
        len: *mut u32,
    ) -> i32;
    pub fn WSAEnumProtocolsA(
        protocols: *const i32,
        buffer: *mut WSAPROTOCOL_INFOA,
        len: *mut u32,
    ) -> i32;
    pub fn WSAAddressToStringW(
        address: *const SOCKADDR,
        len: u32,
        info: *const WSAPROTOCOL_INFOW,
        text: PWSTR,
        text_len: *mut u32,
    ) -> i32;
    pub fn WSAAddressToStringA(
        address: *const SOCKADDR,
        len: u32,
        info: *const WSAPROTOCOL_INFOA,
        text: PSTR,
        text_len: *mut u32,
    ) -> i32;
    pub fn WSAStringToAddressW(
        text: PCWSTR,
        family: i32,
        info: *const WSAPROTOCOL_INFOW,
        address: *mut SOCKADDR,
        len: *mut i32,
    ) -> i32;
    pub fn WSAStringToAddressA(
        text: PCSTR,
        family: i32,
        info: *const WSAPROTOCOL_INFOA,
        address: *mut SOCKADDR,
        len: *mut i32,
    ) -> i32;
    pub fn WSAHtonl(s: SOCKET, value: u32, out: *mut u32) -> i32;
    pub fn WSAHtons(s: SOCKET, value: u16, out: *mut u16) -> i32;
    pub fn WSANtohl(s: SOCKET, value: u32, out: *mut u32) -> i32;
    pub fn WSANtohs(s: SOCKET, value: u16, out: *mut u16) -> i32;
    pub fn WSASetBlockingHook(hook: RawCallback) -> RawCallback;
    pub fn WSAUnhookBlockingHook() -> i32;
    pub fn WSAIsBlocking() -> BOOL;
    pub fn WSACancelBlockingCall() -> i32;
    pub fn WSAProviderConfigChange(
        handle: *mut HANDLE,
        overlapped: *mut OVERLAPPED,
        routine: RawCallback,
    ) -> i32;
    pub fn __WSAFDIsSet(s: SOCKET, set: *mut FD_SET) -> i32;
    pub fn WSCEnumProtocols(
        protocols: *const i32,
        buffer: *mut WSAPROTOCOL_INFOW,
        len: *mut u32,
        errno: *mut i32,
    ) -> i32;
    pub fn WSCInstallProvider(
        id: *const GUID,
        path: PCWSTR,
        list: *const WSAPROTOCOL_INFOW,
        count: u32,
        errno: *mut i32,
    ) -> i32;
    pub fn WSCDeinstallProvider(id: *const GUID, errno: *mut i32) -> i32;
    pub fn WSCUpdateProvider(
        id: *const GUID,
        path: PCWSTR,
        list: *const WSAPROTOCOL_INFOW,
        count: u32,
        errno: *mut i32,
    ) -> i32;
    pub fn WSCGetProviderPath(id: *const GUID, path: PWSTR, len: *mut i32, errno: *mut i32) -> i32;
    pub fn WSCWriteProviderOrder(ids: *mut u32, count: u32) -> i32;
    pub fn WSCInstallProviderAndChains(
        id: *const GUID,
        path: PCWSTR,
        name: PCWSTR,
        flags: u32,
        list: *const WSAPROTOCOL_INFOW,
        count: u32,
        entry: *mut u32,
        errno: *mut i32,
    ) -> i32;
    pub fn WSCGetProviderInfo(
        id: *const GUID,
        kind: i32,
        info: *mut u8,
        size: *mut usize,
        flags: u32,
        errno: *mut i32,
    ) -> i32;
    pub fn WSCSetProviderInfo(
        id: *const GUID,
        kind: i32,
        info: *const u8,
        size: usize,
        flags: u32,
        errno: *mut i32,
    ) -> i32;
    pub fn WSCGetApplicationCategory(
        path: PCWSTR,
        path_len: u32,
        extra: PCWSTR,
        extra_len: u32,
        categories: *mut u32,
        errno: *mut i32,
    ) -> i32;
    pub fn WSCSetApplicationCategory(
        path: PCWSTR,
        path_len: u32,
        extra: PCWSTR,
        extra_len: u32,
        categories: u32,
        previous: *mut u32,
        errno: *mut i32,
    ) -> i32;
    pub fn WPUCompleteOverlappedRequest(
        s: SOCKET,
        overlapped: *mut OVERLAPPED,
        error: u32,
        bytes: u32,
        errno: *mut i32,
    ) -> i32;
    pub fn WSApSetPostRoutine(routine: RawCallback) -> i32;
    pub fn RegisterClassW(class: *const WNDCLASSW) -> u16;
    pub fn UnregisterClassW(name: PCWSTR, instance: HANDLE) -> BOOL;
    pub fn CreateWindowExW(
        ex_style: u32,
        class: PCWSTR,
        name: PCWSTR,
        style: u32,
        x: i32,
        y: i32,
        width: i32,
        height: i32,
        parent: HWND,
        menu: HANDLE,
        instance: HANDLE,
        parameter: *mut c_void,
    ) -> HWND;
    pub fn DestroyWindow(window: HWND) -> BOOL;
    pub fn DefWindowProcW(window: HWND, message: u32, wparam: WPARAM, lparam: LPARAM) -> LRESULT;
    pub fn PostMessageW(window: HWND, message: u32, wparam: WPARAM, lparam: LPARAM) -> BOOL;
    pub fn PeekMessageW(message: *mut MSG, window: HWND, first: u32, last: u32, how: u32) -> BOOL;
    pub fn GetMessageW(message: *mut MSG, window: HWND, first: u32, last: u32) -> BOOL;
    pub fn DispatchMessageW(message: *const MSG) -> LRESULT;
    pub fn SetEvent(event: HANDLE) -> BOOL;
    pub fn ResetEvent(event: HANDLE) -> BOOL;
    pub fn CloseHandle(handle: HANDLE) -> BOOL;
    pub fn WaitForSingleObject(handle: HANDLE, timeout: u32) -> u32;
    pub fn WaitForSingleObjectEx(handle: HANDLE, timeout: u32, alertable: BOOL) -> u32;
    pub fn SleepEx(timeout: u32, alertable: BOOL) -> u32;
    pub fn QueueUserAPC(routine: RawCallback, thread: HANDLE, context: usize) -> u32;
    pub fn GetCurrentThread() -> HANDLE;
    pub fn GetCurrentProcess() -> HANDLE;
    pub fn GetCurrentProcessId() -> u32;
    pub fn DuplicateHandle(
        source_process: HANDLE,
        source: HANDLE,
        target_process: HANDLE,
        target: *mut HANDLE,
        access: u32,
        inherit: BOOL,
        options: u32,
    ) -> BOOL;
    pub fn GetLastError() -> u32;
    pub fn SetLastError(error: u32);
    pub fn ReadFile(
        file: HANDLE,
        buffer: *mut u8,
        len: u32,
        read: *mut u32,
        overlapped: *mut OVERLAPPED,
    ) -> BOOL;
    pub fn GetOverlappedResult(
        file: HANDLE,
        overlapped: *mut OVERLAPPED,
        bytes: *mut u32,
        wait: BOOL,
    ) -> BOOL;
    pub fn CancelIo(file: HANDLE) -> BOOL;
    pub fn CancelIoEx(file: HANDLE, overlapped: *mut OVERLAPPED) -> BOOL;
    pub fn CreateIoCompletionPort(file: HANDLE, port: HANDLE, key: usize, threads: u32) -> HANDLE;
    pub fn GetQueuedCompletionStatus(
        port: HANDLE,
        bytes: *mut u32,
        key: *mut usize,
        overlapped: *mut *mut OVERLAPPED,
        timeout: u32,
    ) -> BOOL;
    pub fn PostQueuedCompletionStatus(
        port: HANDLE,
        bytes: u32,
        key: usize,
        overlapped: *mut OVERLAPPED,
    ) -> BOOL;
    pub fn SetFileCompletionNotificationModes(file: HANDLE, modes: u8) -> BOOL;
    pub fn WriteFile(
        file: HANDLE,
        buffer: *const u8,
        len: u32,
        written: *mut u32,
        overlapped: *mut OVERLAPPED,
    ) -> BOOL;

    #[cfg_attr(not(windows), link_name = "ws2_socket")]
    pub fn socket(family: i32, kind: i32, protocol: i32) -> SOCKET;
    #[cfg_attr(not(windows), link_name = "ws2_bind")]
    pub fn bind(s: SOCKET, name: *const SOCKADDR, len: i32) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_listen")]
    pub fn listen(s: SOCKET, backlog: i32) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_accept")]
    pub fn accept(s: SOCKET, addr: *mut SOCKADDR, len: *mut i32) -> SOCKET;
    #[cfg_attr(not(windows), link_name = "ws2_connect")]
    pub fn connect(s: SOCKET, name: *const SOCKADDR, len: i32) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_send")]
    pub fn send(s: SOCKET, buffer: *const u8, len: i32, flags: i32) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_recv")]
    pub fn recv(s: SOCKET, buffer: *mut u8, len: i32, flags: i32) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_sendto")]
    pub fn sendto(
        s: SOCKET,
        buffer: *const u8,
        len: i32,
        flags: i32,
        to: *const SOCKADDR,
        to_len: i32,
    ) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_recvfrom")]
    pub fn recvfrom(
        s: SOCKET,
        buffer: *mut u8,
        len: i32,
        flags: i32,
        from: *mut SOCKADDR,
        from_len: *mut i32,
    ) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_shutdown")]
    pub fn shutdown(s: SOCKET, how: i32) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_select")]
    pub fn select(
        nfds: i32,
        read: *mut FD_SET,
        write: *mut FD_SET,
        except: *mut FD_SET,
        timeout: *const TIMEVAL,
    ) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_getsockopt")]
    pub fn getsockopt(s: SOCKET, level: i32, option: i32, value: *mut u8, len: *mut i32) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_setsockopt")]
    pub fn setsockopt(s: SOCKET, level: i32, option: i32, value: *const u8, len: i32) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_getsockname")]
    pub fn getsockname(s: SOCKET, name: *mut SOCKADDR, len: *mut i32) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_getpeername")]
    pub fn getpeername(s: SOCKET, name: *mut SOCKADDR, len: *mut i32) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_gethostname")]
    pub fn gethostname(name: *mut u8, len: i32) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_getaddrinfo")]
    pub fn getaddrinfo(
        node: PCSTR,
        service: PCSTR,
        hints: *const ADDRINFOA,
        result: *mut *mut ADDRINFOA,
    ) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_freeaddrinfo")]
    pub fn freeaddrinfo(list: *mut ADDRINFOA);
    #[cfg_attr(not(windows), link_name = "ws2_getnameinfo")]
    pub fn getnameinfo(
        address: *const SOCKADDR,
        len: i32,
        host: PSTR,
        host_len: u32,
        service: PSTR,
        service_len: u32,
        flags: i32,
    ) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_htonl")]
    pub fn htonl(value: u32) -> u32;
    #[cfg_attr(not(windows), link_name = "ws2_htons")]
    pub fn htons(value: u16) -> u16;
    #[cfg_attr(not(windows), link_name = "ws2_ntohl")]
    pub fn ntohl(value: u32) -> u32;
    #[cfg_attr(not(windows), link_name = "ws2_ntohs")]
    pub fn ntohs(value: u16) -> u16;
    #[cfg_attr(not(windows), link_name = "ws2_inet_addr")]
    pub fn inet_addr(text: PCSTR) -> u32;
    #[cfg_attr(not(windows), link_name = "ws2_inet_ntoa")]
    pub fn inet_ntoa(address: IN_ADDR) -> PSTR;
    #[cfg_attr(not(windows), link_name = "ws2_inet_pton")]
    pub fn inet_pton(family: i32, text: PCSTR, address: *mut c_void) -> i32;
    #[cfg_attr(not(windows), link_name = "ws2_inet_ntop")]
    pub fn inet_ntop(family: i32, address: *const c_void, text: PSTR, len: usize) -> PCSTR;
}
