//! `WSASendMsg` and `WSARecvMsg`: messages with control data, by the provider's extension functions.

use super::extension::with_function;
use super::transfer::Request;
use crate::process;
use ws2spi_abi::*;

/// Sends a message with control data. `WSA_IO_PENDING` as the error means that the operation has begun.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own; `WSAEINVAL` or `WSAEOPNOTSUPP` when it has no such function.
/// Microsoft: "WSASendMsg function (winsock2.h)".
///
/// # Safety
/// `message` is null or a valid message; `sent` is null or writable; `overlapped` is null or stays valid until the operation is over;
/// `routine` is NULL or a completion routine in the native convention.
#[doc(alias = "WSASendMsg")]
pub unsafe fn wsa_send_msg(
    s: SOCKET,
    message: *mut WSAMSG,
    flags: u32,
    sent: *mut u32,
    overlapped: *mut OVERLAPPED,
    routine: RawCallback,
) -> i32 {
    answer_of(with_function(
        s,
        SIO_BSP_HANDLE,
        WSAID_WSASENDMSG,
        |served, function| {
            let Request {
                overlapped,
                routine,
            } = Request::of(overlapped, routine)?;
            // SAFETY: the provider answered for this identity, which fixes the type (mswsock.h).
            let function =
                unsafe { std::mem::transmute::<usize, LPFN_WSASENDMSG>(function.as_raw()) };
            // SAFETY: the caller's contract.
            Ok(unsafe { function(served, message, flags, sent, overlapped, routine) })
        },
    ))
}

/// Receives a message with control data. `WSA_IO_PENDING` as the error means that the operation has begun.
///
/// Errors: as [`wsa_send_msg`]. Microsoft: "LPFN_WSARECVMSG (WSARecvMsg) callback function (mswsock.h)".
///
/// # Safety
/// As [`wsa_send_msg`]; what the message points to is writable.
#[doc(alias = "WSARecvMsg")]
pub unsafe fn wsa_recv_msg(
    s: SOCKET,
    message: *mut WSAMSG,
    received: *mut u32,
    overlapped: *mut OVERLAPPED,
    routine: RawCallback,
) -> i32 {
    answer_of(with_function(
        s,
        SIO_BSP_HANDLE,
        WSAID_WSARECVMSG,
        |served, function| {
            let Request {
                overlapped,
                routine,
            } = Request::of(overlapped, routine)?;
            // SAFETY: the provider answered for this identity, which fixes the type (mswsock.h).
            let function =
                unsafe { std::mem::transmute::<usize, LPFN_WSARECVMSG>(function.as_raw()) };
            // SAFETY: the caller's contract.
            Ok(unsafe { function(served, message, received, overlapped, routine) })
        },
    ))
}

/// What the extension function returned; it has set the last error itself.
fn answer_of(result: Result<i32, Errno>) -> i32 {
    result.unwrap_or_else(|error| {
        process::fail_with(error);
        SOCKET_ERROR
    })
}
