//! Byte order of the network and of protocols.

use crate::table::exports;
use ws2spi::api;
use ws2spi_abi::*;

exports! {
    "ws2_htonl" htonl(host: u32) -> u32 = 0 => api::htonl;
    "ws2_htons" htons(host: u16) -> u16 = 0 => api::htons;
    "ws2_ntohl" ntohl(net: u32) -> u32 = 0 => api::ntohl;
    "ws2_ntohs" ntohs(net: u16) -> u16 = 0 => api::ntohs;
    "WSAHtonl" wsa_htonl(s: SOCKET, host: u32, net: *mut u32) -> i32 = SOCKET_ERROR => api::wsa_htonl;
    "WSAHtons" wsa_htons(s: SOCKET, host: u16, net: *mut u16) -> i32 = SOCKET_ERROR => api::wsa_htons;
    "WSANtohl" wsa_ntohl(s: SOCKET, net: u32, host: *mut u32) -> i32 = SOCKET_ERROR => api::wsa_ntohl;
    "WSANtohs" wsa_ntohs(s: SOCKET, net: u16, host: *mut u16) -> i32 = SOCKET_ERROR => api::wsa_ntohs;
}
