//! A socket of the Winsock API with a safe face: what bodies speak.

use crate::winsock;
use std::net::SocketAddr;
use ws2spi_abi::args::Address;
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

/// A socket; closed when dropped. Errors are the codes of `WSAGetLastError`.
#[derive(Debug, PartialEq, Eq)]
pub struct Socket(SOCKET);

/// The calling thread's last error.
///
/// # Panics
/// When it is 0 although a function failed.
#[must_use]
pub fn last_error() -> Errno {
    // SAFETY: no arguments.
    let code = unsafe { winsock::WSAGetLastError() };
    Errno::new(code).expect("a function that fails leaves an error code")
}

/// The last error as a number, 0 for none.
#[must_use]
pub fn last_code() -> i32 {
    // SAFETY: no arguments.
    unsafe { winsock::WSAGetLastError() }
}

/// Sets the calling thread's last error.
pub fn set_last_code(code: i32) {
    // SAFETY: no pointers.
    unsafe { winsock::WSASetLastError(code) };
}

/// `Err` with the last error when `value` is `SOCKET_ERROR`.
///
/// # Errors
/// The last error.
pub fn checked(value: i32) -> Result<i32, Errno> {
    if value == SOCKET_ERROR {
        Err(last_error())
    } else {
        Ok(value)
    }
}

/// `Err` with the last error when `s` is `INVALID_SOCKET`.
///
/// # Errors
/// The last error.
pub fn checked_socket(s: SOCKET) -> Result<Socket, Errno> {
    if s == INVALID_SOCKET {
        Err(last_error())
    } else {
        Ok(Socket(s))
    }
}

/// A Windows address as its pointer and length.
fn parts(address: &Address) -> (*const SOCKADDR, i32) {
    (
        address.as_bytes().as_ptr().cast(),
        address.as_bytes().len() as i32,
    )
}

/// Loopback of a family, port 0: for binding.
#[must_use]
pub fn loopback(family: i32) -> SocketAddr {
    let text = if family == AF_INET6 {
        "[::1]:0"
    } else {
        "127.0.0.1:0"
    };
    text.parse().expect("an address")
}

#[allow(
    clippy::missing_errors_doc,
    reason = "always the last error of the function of the same name"
)]
impl Socket {
    /// `socket`.
    pub fn new(family: i32, kind: i32, protocol: i32) -> Result<Self, Errno> {
        // SAFETY: no pointers.
        checked_socket(unsafe { winsock::socket(family, kind, protocol) })
    }

    /// A socket that is known by its handle; the value owns it.
    #[must_use]
    pub const fn from_raw(s: SOCKET) -> Self {
        Self(s)
    }

    /// A TCP socket.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn tcp(family: i32) -> Self {
        Self::new(family, SOCK_STREAM, IPPROTO_TCP).expect("a TCP socket")
    }

    /// A UDP socket.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn udp(family: i32) -> Self {
        Self::new(family, SOCK_DGRAM, IPPROTO_UDP).expect("a UDP socket")
    }

    /// A UDP socket that is bound to loopback.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn bound_udp(family: i32) -> Self {
        let socket = Self::udp(family);
        socket
            .bind(loopback(family))
            .expect("loopback can be bound");
        socket
    }

    /// A TCP listener on loopback.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn listener(family: i32) -> Self {
        let socket = Self::tcp(family);
        socket
            .bind(loopback(family))
            .expect("loopback can be bound");
        socket.listen(16).expect("a bound socket listens");
        socket
    }

    /// Two connected TCP sockets: the client's, the server's.
    ///
    /// # Panics
    /// When they cannot be made.
    #[must_use]
    pub fn pair(family: i32) -> (Self, Self) {
        let listener = Self::listener(family);
        let client = Self::tcp(family);
        client
            .connect(listener.name().expect("a listener has a name"))
            .expect("loopback connects");
        let (server, _) = listener.accept().expect("the connection is there");
        (client, server)
    }

    /// The handle.
    #[must_use]
    pub const fn raw(&self) -> SOCKET {
        self.0
    }

    /// The handle; the caller closes it.
    #[must_use]
    pub fn into_raw(self) -> SOCKET {
        let s = self.0;
        std::mem::forget(self);
        s
    }

    /// The catalog entry that it was made through: `SO_PROTOCOL_INFOW`.
    pub fn entry(&self) -> Result<WSAPROTOCOL_INFOW, Errno> {
        let size = size_of::<WSAPROTOCOL_INFOW>() as i32;
        let bytes = self.option_bytes(SOL_SOCKET, SO_PROTOCOL_INFOW, size)?;
        WSAPROTOCOL_INFOW::decode(&bytes).ok_or(Errno::FAULT)
    }

    /// `bind`.
    pub fn bind(&self, name: SocketAddr) -> Result<(), Errno> {
        self.bind_address(&Address::from_ip(name))
    }

    /// `bind` to any address.
    pub fn bind_address(&self, name: &Address) -> Result<(), Errno> {
        let (name, len) = parts(name);
        // SAFETY: the address lives for the call.
        checked(unsafe { winsock::bind(self.0, name, len) }).map(drop)
    }

    /// `listen`.
    pub fn listen(&self, backlog: i32) -> Result<(), Errno> {
        // SAFETY: no pointers.
        checked(unsafe { winsock::listen(self.0, backlog) }).map(drop)
    }

    /// `accept` with the peer's address.
    pub fn accept(&self) -> Result<(Self, Address), Errno> {
        let mut name = [0u8; 128];
        let mut len = 128;
        // SAFETY: the buffer has `len` bytes.
        let s = unsafe { winsock::accept(self.0, name.as_mut_ptr().cast(), &raw mut len) };
        checked_socket(s).map(|s| (s, Address::from_bytes(&name[..len as usize])))
    }

    /// `connect`.
    pub fn connect(&self, name: SocketAddr) -> Result<(), Errno> {
        self.connect_address(&Address::from_ip(name))
    }

    /// `connect` to any address.
    pub fn connect_address(&self, name: &Address) -> Result<(), Errno> {
        let (name, len) = parts(name);
        // SAFETY: the address lives for the call.
        checked(unsafe { winsock::connect(self.0, name, len) }).map(drop)
    }

    /// `send`; how many bytes were taken.
    pub fn send(&self, data: &[u8], flags: i32) -> Result<usize, Errno> {
        // SAFETY: the data lives for the call.
        checked(unsafe { winsock::send(self.0, data.as_ptr(), data.len() as i32, flags) })
            .map(|n| n as usize)
    }

    /// `recv`; how many bytes came.
    pub fn recv(&self, data: &mut [u8], flags: i32) -> Result<usize, Errno> {
        // SAFETY: the buffer lives for the call.
        checked(unsafe { winsock::recv(self.0, data.as_mut_ptr(), data.len() as i32, flags) })
            .map(|n| n as usize)
    }

    /// Receives until the buffer is full.
    ///
    /// # Panics
    /// When the stream ends or fails before.
    pub fn recv_exact(&self, data: &mut [u8]) {
        let mut filled = 0;
        while filled < data.len() {
            let got = self
                .recv(&mut data[filled..], 0)
                .expect("the stream goes on");
            assert!(
                got > 0,
                "the stream ended after {filled} of {} bytes",
                data.len()
            );
            filled += got;
        }
    }

    /// `sendto`.
    pub fn send_to(&self, data: &[u8], to: SocketAddr) -> Result<usize, Errno> {
        let to = Address::from_ip(to);
        let (name, len) = parts(&to);
        // SAFETY: data and address live for the call.
        checked(unsafe { winsock::sendto(self.0, data.as_ptr(), data.len() as i32, 0, name, len) })
            .map(|n| n as usize)
    }

    /// `recvfrom`.
    pub fn recv_from(&self, data: &mut [u8]) -> Result<(usize, Address), Errno> {
        let mut name = [0u8; 128];
        let mut len = 128;
        // SAFETY: both buffers live for the call.
        let got = unsafe {
            winsock::recvfrom(
                self.0,
                data.as_mut_ptr(),
                data.len() as i32,
                0,
                name.as_mut_ptr().cast(),
                &raw mut len,
            )
        };
        checked(got).map(|n| (n as usize, Address::from_bytes(&name[..len as usize])))
    }

    /// `getsockname`, as an IP address.
    ///
    /// # Panics
    /// When it is none.
    pub fn name(&self) -> Result<SocketAddr, Errno> {
        Ok(self.name_address()?.to_ip().expect("an IP address"))
    }

    /// `getsockname`.
    pub fn name_address(&self) -> Result<Address, Errno> {
        let mut name = [0u8; 128];
        let mut len = 128;
        // SAFETY: the buffer has `len` bytes.
        checked(unsafe { winsock::getsockname(self.0, name.as_mut_ptr().cast(), &raw mut len) })?;
        Ok(Address::from_bytes(&name[..len as usize]))
    }

    /// `getpeername`, as an IP address.
    ///
    /// # Panics
    /// When it is none.
    pub fn peer(&self) -> Result<SocketAddr, Errno> {
        let mut name = [0u8; 128];
        let mut len = 128;
        // SAFETY: the buffer has `len` bytes.
        checked(unsafe { winsock::getpeername(self.0, name.as_mut_ptr().cast(), &raw mut len) })?;
        Ok(Address::from_bytes(&name[..len as usize])
            .to_ip()
            .expect("an IP address"))
    }

    /// `getpeername`.
    pub fn peer_address(&self) -> Result<Address, Errno> {
        let mut name = [0u8; 128];
        let mut len = 128;
        // SAFETY: the buffer has `len` bytes.
        checked(unsafe { winsock::getpeername(self.0, name.as_mut_ptr().cast(), &raw mut len) })?;
        Ok(Address::from_bytes(&name[..len as usize]))
    }

    /// `shutdown`.
    pub fn shutdown(&self, how: i32) -> Result<(), Errno> {
        // SAFETY: no pointers.
        checked(unsafe { winsock::shutdown(self.0, how) }).map(drop)
    }

    /// `getsockopt` into `len` bytes; what came.
    pub fn option_bytes(&self, level: i32, option: i32, len: i32) -> Result<Vec<u8>, Errno> {
        let mut value = vec![0u8; usize::try_from(len).unwrap_or(0).max(1)];
        let mut stored = len;
        // SAFETY: the buffer has at least `len` bytes.
        checked(unsafe {
            winsock::getsockopt(self.0, level, option, value.as_mut_ptr(), &raw mut stored)
        })?;
        value.truncate(usize::try_from(stored).unwrap_or(0));
        Ok(value)
    }

    /// `getsockopt` of a four-byte option; one that answers with fewer bytes is widened.
    pub fn option(&self, level: i32, option: i32) -> Result<u32, Errno> {
        let bytes = self.option_bytes(level, option, 4)?;
        let mut four = [0u8; 4];
        four[..bytes.len().min(4)].copy_from_slice(&bytes[..bytes.len().min(4)]);
        Ok(u32::from_ne_bytes(four))
    }

    /// `setsockopt` of bytes.
    pub fn set_option_bytes(&self, level: i32, option: i32, value: &[u8]) -> Result<(), Errno> {
        // SAFETY: the value lives for the call.
        checked(unsafe {
            winsock::setsockopt(self.0, level, option, value.as_ptr(), value.len() as i32)
        })
        .map(drop)
    }

    /// `setsockopt` of a four-byte option.
    pub fn set_option(&self, level: i32, option: i32, value: u32) -> Result<(), Errno> {
        self.set_option_bytes(level, option, &value.to_ne_bytes())
    }

    /// `WSAIoctl` without overlapped arguments; the output.
    pub fn ioctl(&self, code: u32, input: &[u8], room: usize) -> Result<Vec<u8>, Errno> {
        let mut output = vec![0u8; room];
        let mut returned = 0;
        // SAFETY: all buffers live for the call.
        let result = unsafe {
            winsock::WSAIoctl(
                self.0,
                code,
                input.as_ptr().cast(),
                input.len() as u32,
                output.as_mut_ptr().cast(),
                room as u32,
                &raw mut returned,
                std::ptr::null_mut(),
                RawCallback::NULL,
            )
        };
        checked(result)?;
        output.truncate(returned as usize);
        Ok(output)
    }

    /// `ioctlsocket(FIONBIO)`.
    pub fn set_nonblocking(&self, on: bool) -> Result<(), Errno> {
        let mut value = u32::from(on);
        // SAFETY: the argument lives for the call.
        checked(unsafe {
            winsock::ioctlsocket(self.0, FIONBIO as i32 as core::ffi::c_long, &raw mut value)
        })
        .map(drop)
    }

    /// `ioctlsocket(FIONREAD)`.
    pub fn available(&self) -> Result<u32, Errno> {
        let mut value = 0;
        // SAFETY: the argument lives for the call.
        checked(unsafe {
            winsock::ioctlsocket(self.0, FIONREAD as i32 as core::ffi::c_long, &raw mut value)
        })?;
        Ok(value)
    }

    /// `closesocket` while other threads may be inside calls on the socket: those calls end. The
    /// value still owns the handle, which is stale now, so that dropping it does nothing.
    pub fn close_under_way(&self) -> Result<(), Errno> {
        // SAFETY: no pointers.
        checked(unsafe { winsock::closesocket(self.0) }).map(drop)
    }

    /// `closesocket`; on failure the socket is given back with the error.
    pub fn close(self) -> Result<(), (Self, Errno)> {
        // SAFETY: no pointers.
        match checked(unsafe { winsock::closesocket(self.0) }) {
            Ok(_) => {
                std::mem::forget(self);
                Ok(())
            }
            Err(error) => Err((self, error)),
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // SAFETY: no pointers; a handle that is closed already is an error code.
        unsafe { winsock::closesocket(self.0) };
    }
}
