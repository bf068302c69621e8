//! Naming, listening, connecting, accepting, and the ends of a connection.

use super::answer;
use super::length::Length;
use crate::association::SYNCHRONOUS;
use crate::dispatch::{self, Target};
use crate::process;
use crate::process::thread::OpenTypeScope;
use ws2spi_abi::*;

/// Gives a socket its local address.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, `WSAEFAULT` for NULL or fewer bytes than the family needs (U162), the provider's own.
/// Microsoft: "bind function (winsock2.h)".
///
/// # Safety
/// `name` is null or points to `namelen` bytes.
pub unsafe fn bind(s: SOCKET, name: *const SOCKADDR, namelen: i32) -> i32 {
    answer::int(dispatch::with_target(s, |target| {
        if name.is_null() || namelen < shortest(target) {
            return Err(Errno::FAULT);
        }
        dispatch::call_provider(target.instance(), "WSPBind", dispatch::zero, |procs| {
            // SAFETY: the provider is started; the caller's contract.
            unsafe { procs.bind(s, name, namelen) }
        })
    }))
}

/// The size of the shortest address of the socket's family.
fn shortest(target: &Target<'_>) -> i32 {
    target.binding().entry().info().iMinSockAddr
}

/// Makes a socket listen.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "listen function (winsock2.h)".
pub fn listen(s: SOCKET, backlog: i32) -> i32 {
    answer::int(dispatch::call(s, "WSPListen", dispatch::zero, |procs| {
        // SAFETY: the provider is started; no pointers.
        unsafe { procs.listen(s, backlog) }
    }))
}

/// Accepts a connection: [`wsa_accept`] without a condition function. Microsoft: "accept function (winsock2.h)".
///
/// # Safety
/// As [`wsa_accept`].
#[must_use]
pub unsafe fn accept(s: SOCKET, addr: *mut SOCKADDR, addrlen: *mut i32) -> SOCKET {
    // SAFETY: the caller's contract is the same.
    unsafe { wsa_accept(s, addr, addrlen, RawCallback::NULL, 0) }
}

/// Accepts a connection if the condition function agrees. The new socket belongs to the listener's provider (U165).
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own; `WSAECONNREFUSED` and `WSATRY_AGAIN` when the function rejects or
/// defers. Blocks on a blocking socket; the condition function runs on the calling thread.
/// Microsoft: "WSAAccept function (winsock2.h)".
///
/// # Safety
/// `addrlen` is null or valid; `addr` is null or has `*addrlen` writable bytes; `condition` is NULL or a condition function in the
/// native convention.
#[doc(alias = "WSAAccept")]
#[must_use]
pub unsafe fn wsa_accept(
    s: SOCKET,
    addr: *mut SOCKADDR,
    addrlen: *mut i32,
    condition: RawCallback,
    data: usize,
) -> SOCKET {
    answer::socket(dispatch::with_target(s, |target| {
        let _scope = OpenTypeScope::enter(open_type(target));
        // SAFETY: the caller's contract.
        let length = unsafe { Length::before(addrlen) };
        let (instance, function) = (target.instance(), "WSPAccept");
        let accepted = dispatch::call_known(instance, function, |procs| {
            // SAFETY: the provider is started; the caller's contract.
            unsafe { procs.accept(s, addr, addrlen, condition, data) }
        })?;
        // The application never hears of the socket then.
        length
            .judged(instance, function, accepted)
            .inspect_err(|_| {
                super::closesocket(accepted);
            })
    }))
}

/// The open type that sockets made from this one inherit.
fn open_type(target: &Target<'_>) -> i32 {
    if target.flags() & SYNCHRONOUS == 0 {
        0
    } else {
        SO_SYNCHRONOUS_NONALERT
    }
}

/// Connects a socket: [`wsa_connect`] without data and quality of service. Microsoft: "connect function (winsock2.h)".
///
/// # Safety
/// As [`wsa_connect`].
pub unsafe fn connect(s: SOCKET, name: *const SOCKADDR, namelen: i32) -> i32 {
    use std::ptr::{null, null_mut};
    // SAFETY: the caller's contract; NULL is allowed for the rest.
    unsafe { wsa_connect(s, name, namelen, null(), null_mut(), null(), null()) }
}

/// Connects a socket, or sets a datagram socket's peer.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, `WSAEFAULT` for NULL, the provider's own. In a process with a 1.x start `WSAEALREADY`
/// is reported as `WSAEINVAL`. Blocks on a blocking socket. Microsoft: "WSAConnect function (winsock2.h)".
///
/// # Safety
/// `name` is null or points to `namelen` bytes; the others are null or valid.
#[doc(alias = "WSAConnect")]
pub unsafe fn wsa_connect(
    s: SOCKET,
    name: *const SOCKADDR,
    namelen: i32,
    caller: *const WSABUF,
    callee: *mut WSABUF,
    sqos: *const QOS,
    gqos: *const QOS,
) -> i32 {
    let result = dispatch::with_target(s, |target| {
        if name.is_null() {
            return Err(Errno::FAULT);
        }
        dispatch::call_provider(target.instance(), "WSPConnect", dispatch::zero, |procs| {
            // SAFETY: the provider is started; the caller's contract.
            unsafe { procs.connect(s, name, namelen, caller, callee, sqos, gqos) }
        })
    });
    answer::int(result.map_err(|error| {
        if error == Errno::ALREADY && process::is_legacy() {
            Errno::INVAL
        } else {
            error
        }
    }))
}

/// Joins a leaf to a multipoint session. The answer is a new socket, or `s` itself for a leaf (U166).
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "WSAJoinLeaf function (winsock2.h)".
///
/// # Safety
/// As [`wsa_connect`].
#[doc(alias = "WSAJoinLeaf")]
#[must_use]
#[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn wsa_join_leaf(
    s: SOCKET,
    name: *const SOCKADDR,
    namelen: i32,
    caller: *const WSABUF,
    callee: *mut WSABUF,
    sqos: *const QOS,
    gqos: *const QOS,
    flags: u32,
) -> SOCKET {
    answer::socket(dispatch::with_target(s, |target| {
        let _scope = OpenTypeScope::enter(open_type(target));
        dispatch::call_known(target.instance(), "WSPJoinLeaf", |procs| {
            // SAFETY: the provider is started; the caller's contract.
            unsafe { procs.join_leaf(s, name, namelen, caller, callee, sqos, gqos, flags) }
        })
    }))
}

/// The address of the peer.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "getpeername function (winsock2.h)".
///
/// # Safety
/// `namelen` is null or valid; `name` is null or has `*namelen` writable bytes.
pub unsafe fn getpeername(s: SOCKET, name: *mut SOCKADDR, namelen: *mut i32) -> i32 {
    // SAFETY: the caller's contract.
    let length = unsafe { Length::before(namelen) };
    answer::int(dispatch::with_target(s, |target| {
        let (instance, function) = (target.instance(), "WSPGetPeerName");
        let value = dispatch::call_provider(instance, function, dispatch::zero, |procs| {
            // SAFETY: the provider is started; the caller's contract.
            unsafe { procs.get_peer_name(s, name, namelen) }
        })?;
        length.judged(instance, function, value)
    }))
}

/// The local address.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, `WSAEFAULT` for NULL or fewer bytes than the family needs (U162), the provider's own.
/// Microsoft: "getsockname function (winsock.h)".
///
/// # Safety
/// `namelen` is null or valid; `name` is null or has `*namelen` writable bytes.
pub unsafe fn getsockname(s: SOCKET, name: *mut SOCKADDR, namelen: *mut i32) -> i32 {
    answer::int(dispatch::with_target(s, |target| {
        if name.is_null() || namelen.is_null() {
            return Err(Errno::FAULT);
        }
        // SAFETY: not null, so readable by the caller's contract.
        if unsafe { namelen.read_unaligned() } < shortest(target) {
            return Err(Errno::FAULT);
        }
        // SAFETY: the caller's contract.
        let length = unsafe { Length::before(namelen) };
        let (instance, function) = (target.instance(), "WSPGetSockName");
        let value = dispatch::call_provider(instance, function, dispatch::zero, |procs| {
            // SAFETY: the provider is started; the caller's contract.
            unsafe { procs.get_sock_name(s, name, namelen) }
        })?;
        length.judged(instance, function, value)
    }))
}

/// Ends sending, receiving or both.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "shutdown function (winsock.h)".
pub fn shutdown(s: SOCKET, how: i32) -> i32 {
    answer::int(dispatch::call(s, "WSPShutdown", dispatch::zero, |procs| {
        // SAFETY: the provider is started; no pointers.
        unsafe { procs.shutdown(s, how) }
    }))
}

/// Ends sending, with data for the peer where the protocol carries it.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "WSASendDisconnect function (winsock2.h)".
///
/// # Safety
/// `data` is null or a valid buffer.
#[doc(alias = "WSASendDisconnect")]
pub unsafe fn wsa_send_disconnect(s: SOCKET, data: *const WSABUF) -> i32 {
    answer::int(dispatch::call(
        s,
        "WSPSendDisconnect",
        dispatch::zero,
        |procs| {
            // SAFETY: the provider is started; the caller's contract.
            unsafe { procs.send_disconnect(s, data) }
        },
    ))
}

/// Ends receiving, and fetches the peer's disconnect data where the protocol carries it.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "WSARecvDisconnect function (winsock2.h)".
///
/// # Safety
/// `data` is null or a valid buffer.
#[doc(alias = "WSARecvDisconnect")]
pub unsafe fn wsa_recv_disconnect(s: SOCKET, data: *mut WSABUF) -> i32 {
    answer::int(dispatch::call(
        s,
        "WSPRecvDisconnect",
        dispatch::zero,
        |procs| {
            // SAFETY: the provider is started; the caller's contract.
            unsafe { procs.recv_disconnect(s, data) }
        },
    ))
}

/// Fetches a quality-of-service template by name.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "WSAGetQOSByName function (winsock2.h)".
///
/// # Safety
/// The pointers are null or valid.
#[doc(alias = "WSAGetQOSByName")]
pub unsafe fn wsa_get_qos_by_name(s: SOCKET, name: *const WSABUF, qos: *mut QOS) -> BOOL {
    let result = dispatch::call(s, "WSPGetQOSByName", dispatch::unjudged, |procs| {
        // SAFETY: the provider is started; the caller's contract.
        unsafe { procs.get_qos_by_name(s, name, qos) }
    });
    answer::truth(result.map(|_| ()))
}
