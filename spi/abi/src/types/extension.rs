//! The functions behind `SIO_GET_EXTENSION_FUNCTION_POINTER`, as native code calls them: the types
//! of mswsock.h, with its names.
//!
//! The identity that a pointer was asked for fixes its type (`WSAID_*`). Who calls one turns the
//! address into the type.

use super::{
    BOOL, HANDLE, OVERLAPPED, RawCallback, SOCKADDR, SOCKET, TRANSMIT_FILE_BUFFERS,
    TRANSMIT_PACKETS_ELEMENT, WSAMSG, WSAPOLLFD,
};
use core::ffi::c_void;

/// `TransmitFile` (`WSAID_TRANSMITFILE`): socket, file, bytes, bytes a send, operation, head and
/// tail, flags.
pub type LPFN_TRANSMITFILE = unsafe extern "system" fn(
    SOCKET,
    HANDLE,
    u32,
    u32,
    *mut OVERLAPPED,
    *const TRANSMIT_FILE_BUFFERS,
    u32,
) -> BOOL;
/// `TransmitPackets` (`WSAID_TRANSMITPACKETS`): socket, elements and their number, bytes a send,
/// operation, flags.
pub type LPFN_TRANSMITPACKETS = unsafe extern "system" fn(
    SOCKET,
    *const TRANSMIT_PACKETS_ELEMENT,
    u32,
    u32,
    *mut OVERLAPPED,
    u32,
) -> BOOL;
/// `AcceptEx` (`WSAID_ACCEPTEX`): listener, socket to accept with, buffer, its room for data, for the
/// local name and for the peer's, bytes received, operation.
pub type LPFN_ACCEPTEX = unsafe extern "system" fn(
    SOCKET,
    SOCKET,
    *mut c_void,
    u32,
    u32,
    u32,
    *mut u32,
    *mut OVERLAPPED,
) -> BOOL;
/// `GetAcceptExSockaddrs` (`WSAID_GETACCEPTEXSOCKADDRS`): buffer, its room as for `AcceptEx`, local
/// name and length, peer's name and length.
pub type LPFN_GETACCEPTEXSOCKADDRS = unsafe extern "system" fn(
    *mut c_void,
    u32,
    u32,
    u32,
    *mut *mut SOCKADDR,
    *mut i32,
    *mut *mut SOCKADDR,
    *mut i32,
);
/// `ConnectEx` (`WSAID_CONNECTEX`): socket, name and length, data to send and its length, bytes sent,
/// operation.
pub type LPFN_CONNECTEX = unsafe extern "system" fn(
    SOCKET,
    *const SOCKADDR,
    i32,
    *mut c_void,
    u32,
    *mut u32,
    *mut OVERLAPPED,
) -> BOOL;
/// `DisconnectEx` (`WSAID_DISCONNECTEX`): socket, operation, flags, nothing.
pub type LPFN_DISCONNECTEX = unsafe extern "system" fn(SOCKET, *mut OVERLAPPED, u32, u32) -> BOOL;
/// `WSARecvMsg` (`WSAID_WSARECVMSG`): socket, message, bytes received, operation, completion routine.
pub type LPFN_WSARECVMSG =
    unsafe extern "system" fn(SOCKET, *mut WSAMSG, *mut u32, *mut OVERLAPPED, RawCallback) -> i32;
/// `WSASendMsg` (`WSAID_WSASENDMSG`): socket, message, flags, bytes sent, operation, completion
/// routine.
pub type LPFN_WSASENDMSG = unsafe extern "system" fn(
    SOCKET,
    *mut WSAMSG,
    u32,
    *mut u32,
    *mut OVERLAPPED,
    RawCallback,
) -> i32;
/// `WSAPoll` (`WSAID_WSAPOLL`): sockets and their number, milliseconds.
pub type LPFN_WSAPOLL = unsafe extern "system" fn(*mut WSAPOLLFD, u32, i32) -> i32;
