//! Byte order: of the network (`htonl` and its kin) and of a socket's protocol (`WSAHtonl` and its kin). None of them calls a provider, so
//! that a blocking hook may call them: Microsoft's pages name no `WSAEINPROGRESS`.

use super::answer;
use crate::dispatch;
use crate::process;
use ws2spi_abi::{Errno, LITTLEENDIAN, SOCKET};

/// A number in network order. Needs no start-up. Microsoft: "htonl function (winsock.h)".
#[must_use]
pub fn htonl(host: u32) -> u32 {
    host.to_be()
}

/// A number in network order. Needs no start-up. Microsoft: "htons function (winsock.h)".
#[must_use]
pub fn htons(host: u16) -> u16 {
    host.to_be()
}

/// A number in the machine's order. Needs no start-up. Microsoft: "ntohl function (winsock.h)".
#[must_use]
pub fn ntohl(net: u32) -> u32 {
    u32::from_be(net)
}

/// A number in the machine's order. Needs no start-up. Microsoft: "ntohs function (winsock.h)".
#[must_use]
pub fn ntohs(net: u16) -> u16 {
    u16::from_be(net)
}

/// A number in the byte order of a socket's protocol.
///
/// Errors: `WSANOTINITIALISED`, `WSAEFAULT` for NULL, `WSAENOTSOCK`, in this order (U177).
/// Microsoft: "WSAHtonl function (winsock2.h)".
///
/// # Safety
/// `net` is null or writable.
#[doc(alias = "WSAHtonl")]
pub unsafe fn wsa_htonl(s: SOCKET, host: u32, net: *mut u32) -> i32 {
    // SAFETY: the caller's contract.
    unsafe { ordered(s, net, host.to_be(), host.to_le()) }
}

/// A number in the byte order of a socket's protocol. Errors: as [`wsa_htonl`]. Microsoft: "WSAHtons function (winsock2.h)".
///
/// # Safety
/// `net` is null or writable.
#[doc(alias = "WSAHtons")]
pub unsafe fn wsa_htons(s: SOCKET, host: u16, net: *mut u16) -> i32 {
    // SAFETY: the caller's contract.
    unsafe { ordered(s, net, host.to_be(), host.to_le()) }
}

/// A number of a socket's protocol in the machine's order. Errors: as [`wsa_htonl`]. Microsoft: "WSANtohl function (winsock2.h)".
///
/// # Safety
/// `host` is null or writable.
#[doc(alias = "WSANtohl")]
pub unsafe fn wsa_ntohl(s: SOCKET, net: u32, host: *mut u32) -> i32 {
    // SAFETY: the caller's contract.
    unsafe { ordered(s, host, u32::from_be(net), u32::from_le(net)) }
}

/// A number of a socket's protocol in the machine's order. Errors: as [`wsa_htonl`]. Microsoft: "WSANtohs function (winsock2.h)".
///
/// # Safety
/// `host` is null or writable.
#[doc(alias = "WSANtohs")]
pub unsafe fn wsa_ntohs(s: SOCKET, net: u16, host: *mut u16) -> i32 {
    // SAFETY: the caller's contract.
    unsafe { ordered(s, host, u16::from_be(net), u16::from_le(net)) }
}

/// # Safety
/// `out` is null or writable.
unsafe fn ordered<T>(s: SOCKET, out: *mut T, big: T, little: T) -> i32 {
    let result = process::require_started().and_then(|()| {
        if out.is_null() {
            return Err(Errno::FAULT);
        }
        dispatch::with_association(s, |target| {
            let order = target.binding().entry().info().iNetworkByteOrder;
            let value = if order == LITTLEENDIAN { little } else { big };
            // SAFETY: not null, so writable by the caller's contract.
            unsafe { out.write_unaligned(value) };
            Ok(())
        })
    });
    answer::done(result)
}
