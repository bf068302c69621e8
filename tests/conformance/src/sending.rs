//! The send functions with arguments that `Socket` does not let through, and the ends of streams.

use crate::socket;
use crate::{Socket, winsock};
use std::net::SocketAddr;
use std::ptr::{null, null_mut};
use ws2spi_abi::args::Address;
use ws2spi_abi::{Errno, RawCallback, WSABUF};

/// `sendto` with any bytes as the address; `None` is NULL.
///
/// # Errors
/// The last error.
pub fn send_to_bytes(s: &Socket, data: &[u8], to: Option<&[u8]>) -> Result<usize, Errno> {
    let (name, len) = to.map_or((null(), 0), |to| (to.as_ptr().cast(), to.len() as i32));
    // SAFETY: data and address live for the call.
    let sent = unsafe { winsock::sendto(s.raw(), data.as_ptr(), data.len() as i32, 0, name, len) };
    socket::checked(sent).map(|sent| sent as usize)
}

/// `WSASendTo` without an OVERLAPPED and with NULL for the count.
///
/// # Errors
/// The last error.
pub fn send_to_without_count(s: &Socket, data: &[u8], to: SocketAddr) -> Result<(), Errno> {
    let to = Address::from_ip(to);
    let name = to.as_bytes();
    let buffer = WSABUF {
        len: data.len() as u32,
        buf: data.as_ptr().cast_mut(),
    };
    // SAFETY: descriptor, data and address live for the call, which only reads them.
    let result = unsafe {
        winsock::WSASendTo(
            s.raw(),
            &raw const buffer,
            1,
            null_mut(),
            0,
            name.as_ptr().cast(),
            name.len() as i32,
            null_mut(),
            RawCallback::NULL,
        )
    };
    socket::checked(result).map(drop)
}

/// A descriptor of disconnect data.
fn described(data: &mut [u8]) -> WSABUF {
    WSABUF {
        len: data.len() as u32,
        buf: data.as_mut_ptr(),
    }
}

/// `WSASendDisconnect`; `None` is NULL.
///
/// # Errors
/// The last error.
pub fn send_disconnect(s: &Socket, data: Option<&mut [u8]>) -> Result<(), Errno> {
    let data = data.map(described);
    let data = data.as_ref().map_or(null(), std::ptr::from_ref);
    // SAFETY: null, or a live local that describes the caller's data.
    socket::checked(unsafe { winsock::WSASendDisconnect(s.raw(), data) }).map(drop)
}

/// `WSARecvDisconnect`; `None` is NULL.
///
/// # Errors
/// The last error.
pub fn recv_disconnect(s: &Socket, data: Option<&mut [u8]>) -> Result<(), Errno> {
    let data = data.map(described);
    let data = data.as_ref().map_or(null(), std::ptr::from_ref);
    // SAFETY: null, or a live local that describes the caller's room.
    socket::checked(unsafe { winsock::WSARecvDisconnect(s.raw(), data) }).map(drop)
}

/// Turns `SO_LINGER` on, with this many seconds.
///
/// # Panics
/// When the socket does not take it.
pub fn linger(s: &Socket, seconds: u16) {
    let mut value = [1, 0, 0, 0];
    value[2..].copy_from_slice(&seconds.to_ne_bytes());
    s.set_option_bytes(ws2spi_abi::SOL_SOCKET, ws2spi_abi::SO_LINGER, &value)
        .expect("a stream lingers");
}

/// Resets a connection: the peer's next receive fails.
///
/// # Panics
/// When the socket cannot be closed.
pub fn reset(s: Socket) {
    linger(&s, 0);
    s.close().expect("an abortive close does not wait");
}
