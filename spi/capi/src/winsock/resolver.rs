//! Names of hosts, services and protocols.

use crate::table::exports;
use std::ptr::null_mut;
use ws2spi::api;
use ws2spi_abi::*;

exports! {
    "ws2_getaddrinfo" getaddrinfo(
        node: PCSTR, service: PCSTR, hints: *const ADDRINFOA, result: *mut *mut ADDRINFOA
    ) -> i32 = WSANO_RECOVERY => api::getaddrinfo;
    "GetAddrInfoW" get_addr_info_w(
        node: PCWSTR, service: PCWSTR, hints: *const ADDRINFOW, result: *mut *mut ADDRINFOW
    ) -> i32 = WSANO_RECOVERY => api::get_addr_info_w;
    "ws2_freeaddrinfo" freeaddrinfo(list: *mut ADDRINFOA) => api::freeaddrinfo;
    "FreeAddrInfoW" free_addr_info_w(list: *mut ADDRINFOW) => api::free_addr_info_w;
    "ws2_getnameinfo" getnameinfo(
        address: *const SOCKADDR, address_len: i32, node: PSTR, node_len: u32, service: PSTR, service_len: u32, flags: i32
    ) -> i32 = WSANO_RECOVERY => api::getnameinfo;
    "GetNameInfoW" get_name_info_w(
        address: *const SOCKADDR, address_len: i32, node: PWSTR, node_len: u32, service: PWSTR, service_len: u32, flags: i32
    ) -> i32 = WSANO_RECOVERY => api::get_name_info_w;
    "ws2_gethostname" gethostname(name: PSTR, len: i32) -> i32 = SOCKET_ERROR => api::gethostname;
    "GetHostNameW" get_host_name_w(name: PWSTR, len: i32) -> i32 = SOCKET_ERROR => api::get_host_name_w;
    "ws2_gethostbyname" gethostbyname(name: PCSTR) -> *mut HOSTENT = null_mut() => api::gethostbyname;
    "ws2_gethostbyaddr" gethostbyaddr(address: PCSTR, len: i32, family: i32) -> *mut HOSTENT = null_mut() => api::gethostbyaddr;
    "ws2_getservbyname" getservbyname(name: PCSTR, protocol: PCSTR) -> *mut SERVENT = null_mut() => api::getservbyname;
    "ws2_getservbyport" getservbyport(port: i32, protocol: PCSTR) -> *mut SERVENT = null_mut() => api::getservbyport;
    "ws2_getprotobyname" getprotobyname(name: PCSTR) -> *mut PROTOENT = null_mut() => api::getprotobyname;
    "ws2_getprotobynumber" getprotobynumber(number: i32) -> *mut PROTOENT = null_mut() => api::getprotobynumber;
}
