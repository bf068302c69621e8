//! Addresses as text.

use crate::table::exports;
use core::ffi::c_void;
use std::ptr::null;
use ws2spi::api;
use ws2spi_abi::*;

exports! {
    "WSAAddressToStringA" wsa_address_to_string_a(
        address: *const SOCKADDR, address_len: u32, info: *const WSAPROTOCOL_INFOA, out: PSTR, len: *mut u32
    ) -> i32 = SOCKET_ERROR => api::wsa_address_to_string_a;
    "WSAAddressToStringW" wsa_address_to_string_w(
        address: *const SOCKADDR, address_len: u32, info: *const WSAPROTOCOL_INFOW, out: PWSTR, len: *mut u32
    ) -> i32 = SOCKET_ERROR => api::wsa_address_to_string_w;
    "WSAStringToAddressA" wsa_string_to_address_a(
        text: PCSTR, family: i32, info: *const WSAPROTOCOL_INFOA, address: *mut SOCKADDR, len: *mut i32
    ) -> i32 = SOCKET_ERROR => api::wsa_string_to_address_a;
    "WSAStringToAddressW" wsa_string_to_address_w(
        text: PCWSTR, family: i32, info: *const WSAPROTOCOL_INFOW, address: *mut SOCKADDR, len: *mut i32
    ) -> i32 = SOCKET_ERROR => api::wsa_string_to_address_w;
    "ws2_inet_addr" inet_addr(text: PCSTR) -> u32 = INADDR_NONE => api::inet_addr;
    "ws2_inet_ntoa" inet_ntoa(address: IN_ADDR) -> *const u8 = null() => api::inet_ntoa;
    "ws2_inet_pton" inet_pton(family: i32, text: PCSTR, out: *mut c_void) -> i32 = -1 => api::inet_pton;
    "InetPtonW" inet_pton_w(family: i32, text: PCWSTR, out: *mut c_void) -> i32 = -1 => api::inet_pton_w;
    "ws2_inet_ntop" inet_ntop(family: i32, address: *const c_void, out: PSTR, room: usize) -> *const u8 = null() => api::inet_ntop;
    "InetNtopW" inet_ntop_w(family: i32, address: *const c_void, out: PWSTR, room: usize) -> *const u16 = null() => api::inet_ntop_w;
}
