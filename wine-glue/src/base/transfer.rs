//! The data calls: directly when it can be done at once, by Wine otherwise.
//!
//! Requests with an `OVERLAPPED` are Wine's, always: it reports their completion. The first one that stays
//! pending makes its direction of the socket Wine's, because what is called later must not overtake it.

use ws2spi_abi::args::AddressOut;
use ws2spi_abi::*;

use crate::direct::Received;
use crate::direct::Sent;
use crate::direct::Use;

use super::blocking;
use super::blocking::Awaited;
use super::buffers::after;
use super::buffers::check_receive;
use super::buffers::check_send;
use super::buffers::tell_truncation;
use super::names::STORAGE;
use super::sockets;
use super::sockets::Socket;
use super::system::system;

/// The arguments of a receiving call.
pub(super) struct Receive {
    pub(super) buffers: *const WSABUF,
    pub(super) count: u32,
    pub(super) got: *mut u32,
    pub(super) flags: *mut u32,
    pub(super) overlapped: *mut OVERLAPPED,
    pub(super) routine: RawCallback,
}

/// The arguments of a sending call.
pub(super) struct Send {
    pub(super) buffers: *const WSABUF,
    pub(super) count: u32,
    pub(super) sent: *mut u32,
    pub(super) flags: u32,
    pub(super) overlapped: *mut OVERLAPPED,
    pub(super) routine: RawCallback,
}

/// `WSPRecv`.
///
/// # Errors
/// As on the function's page.
///
/// # Safety
/// The pointers keep the contract of `WSPRecv`.
pub(super) unsafe fn receive(s: SOCKET, call: &Receive) -> Result<i32, Errno> {
    let socket = sockets::find(s)?;
    check_receive(
        call.buffers,
        call.count,
        call.got,
        call.flags,
        call.overlapped,
    )?;
    // SAFETY: the caller's contract; the pointers have been looked at.
    if let Some(answer) = unsafe { call.directly(s, &socket, false) } {
        return answer.and_then(|received| call.tell(&received));
    }
    let system = system()?;
    // SAFETY: the caller's contract (WSPRecv).
    let received = unsafe {
        system.receive(
            s,
            call.buffers,
            call.count,
            call.got,
            call.flags,
            call.overlapped,
            call.routine,
        )
    };
    // SAFETY: as above.
    unsafe { call.by_wine(&socket, received) }
}

/// `WSPRecvFrom`.
///
/// # Errors
/// As on the function's page.
///
/// # Safety
/// The pointers keep the contract of `WSPRecvFrom`.
pub(super) unsafe fn receive_from(
    s: SOCKET,
    call: &Receive,
    mut from: *mut SOCKADDR,
    mut length: *mut i32,
) -> Result<i32, Errno> {
    let socket = sockets::find(s)?;
    check_receive(
        call.buffers,
        call.count,
        call.got,
        call.flags,
        call.overlapped,
    )?;
    // SAFETY: the caller's contract (WSPRecvFrom).
    let name = unsafe { AddressOut::new(from, length) };
    let named = socket.is_datagram() && !from.is_null();
    if named && !name.fits(socket.address_size() as usize) {
        return Err(Errno::FAULT);
    }
    if !named {
        // Streams write neither; Wine would write the length.
        from = std::ptr::null_mut();
        length = std::ptr::null_mut();
    }
    // SAFETY: the caller's contract; the pointers have been looked at.
    if let Some(answer) = unsafe { call.directly(s, &socket, named) } {
        return answer.and_then(|received| {
            if named {
                name.write(&received.name)?;
            }
            call.tell(&received)
        });
    }
    let system = system()?;
    // SAFETY: the caller's contract (WSPRecvFrom).
    let received = unsafe {
        system.receive_from(
            s,
            call.buffers,
            call.count,
            call.got,
            call.flags,
            from,
            length,
            call.overlapped,
            call.routine,
        )
    };
    // SAFETY: as above.
    unsafe { call.by_wine(&socket, received) }
}

impl Receive {
    /// Receives without Wine; `None`: it is Wine's to do. What has an `OVERLAPPED` is.
    ///
    /// # Safety
    /// The pointers keep the contract of `WSPRecv` and have been looked at.
    unsafe fn directly(
        &self,
        s: SOCKET,
        socket: &Socket,
        with_name: bool,
    ) -> Option<Result<Received, Errno>> {
        if !self.overlapped.is_null() {
            return None;
        }
        if let Err(error) = blocking::before(s, socket, Awaited::Readable) {
            return Some(Err(error));
        }
        // SAFETY: the caller's contract; not null.
        let flags = unsafe { self.flags.read_unaligned() };
        let manner = socket.manner(s);
        // SAFETY: the caller's contract.
        unsafe {
            socket
                .direct
                .receive(manner, self.buffers, self.count, flags, with_name)
        }
    }

    /// Stores what was received.
    fn tell(&self, received: &Received) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPRecv): looked at, since there is no OVERLAPPED.
        unsafe { self.got.write_unaligned(received.bytes) };
        if received.truncated {
            // SAFETY: as above.
            unsafe { tell_truncation(received.bytes, self.got, self.flags) };
            return Err(Errno::MSGSIZE);
        }
        Ok(0)
    }

    /// What Wine answered, with what it does not tell.
    ///
    /// # Safety
    /// The pointers keep the contract of `WSPRecv` and have been looked at.
    unsafe fn by_wine(&self, socket: &Socket, received: Result<i32, Errno>) -> Result<i32, Errno> {
        match received {
            Err(Errno::IO_PENDING) => socket.direct.bar(&[Use::Receive]),
            Err(Errno::MSGSIZE) if self.overlapped.is_null() => {
                // SAFETY: the caller's contract.
                let bytes = unsafe { super::buffers::capacity(self.buffers, self.count) };
                // SAFETY: as above.
                unsafe { tell_truncation(bytes, self.got, self.flags) };
            }
            _ => {}
        }
        received
    }
}

/// `WSPSend`.
///
/// # Errors
/// As on the function's page.
///
/// # Safety
/// The pointers keep the contract of `WSPSend`.
pub(super) unsafe fn send(s: SOCKET, call: &Send) -> Result<i32, Errno> {
    let socket = sockets::find(s)?;
    check_send(call.buffers, call.count, call.sent, call.overlapped)?;
    // SAFETY: the caller's contract.
    let answer = unsafe { call.carry(s, &socket, std::ptr::null(), 0) };
    if answer == Err(Errno::INVAL) && socket.is_datagram() {
        let (mut peer, mut length) = (SOCKADDR_STORAGE::EMPTY, STORAGE);
        // Wine says so of a socket without a peer.
        // SAFETY: room for every address.
        unsafe { system()?.peer_name(s, (&raw mut peer).cast(), &raw mut length) }?;
    }
    answer
}

/// `WSPSendTo`.
///
/// # Errors
/// As on the function's page.
///
/// # Safety
/// The pointers keep the contract of `WSPSendTo`.
pub(super) unsafe fn send_to(
    s: SOCKET,
    call: &Send,
    mut to: *const SOCKADDR,
    mut length: i32,
) -> Result<i32, Errno> {
    let socket = sockets::find(s)?;
    check_send(call.buffers, call.count, call.sent, call.overlapped)?;
    if !socket.is_datagram() {
        // Streams do not look at it.
        to = std::ptr::null();
        length = 0;
    }
    if !to.is_null() {
        // SAFETY: the caller's contract (WSPSendTo).
        unsafe { socket.check_name(to, length) }?;
    }
    // SAFETY: as above.
    unsafe { call.carry(s, &socket, to, length) }
}

impl Send {
    /// Sends, to `to` if it is not null.
    ///
    /// # Safety
    /// The pointers keep the contract of `WSPSendTo` and have been looked at.
    unsafe fn carry(
        &self,
        s: SOCKET,
        socket: &Socket,
        to: *const SOCKADDR,
        length: i32,
    ) -> Result<i32, Errno> {
        let mut already = 0;
        if self.overlapped.is_null() {
            blocking::before(s, socket, Awaited::Writable)?;
            // SAFETY: the caller's contract.
            match unsafe { self.directly(s, socket, to, length) } {
                Some(Sent::Done(bytes)) => return self.tell(bytes),
                Some(Sent::Partly(bytes)) if socket.is_nonblocking() => return self.tell(bytes),
                Some(Sent::Partly(bytes)) => already = bytes,
                Some(Sent::Failed(error)) => return Err(error),
                None => {}
            }
        }
        // SAFETY: the caller's contract.
        let rest = unsafe { after(self.buffers, self.count, already) };
        let (buffers, count) = match &rest {
            Some(rest) => (rest.as_ptr(), rest.len() as u32),
            None => (self.buffers, self.count),
        };
        let system = system()?;
        // SAFETY: the caller's contract; the rest is a live local, which is only kept for the call.
        let sent = unsafe {
            let (ov, routine) = (self.overlapped, self.routine);
            system.send_to(
                s, buffers, count, self.sent, self.flags, to, length, ov, routine,
            )
        };
        if sent == Err(Errno::IO_PENDING) {
            socket.direct.bar(&[Use::Send]);
        }
        if already != 0 && sent.is_ok() {
            // SAFETY: the caller's contract: looked at, since there is no OVERLAPPED.
            let bytes = unsafe { self.sent.read_unaligned() };
            return self.tell(already + bytes);
        }
        sent
    }

    /// Sends without Wine; `None`: it is Wine's to do.
    ///
    /// # Safety
    /// The pointers keep the contract of `WSPSendTo` and have been looked at.
    unsafe fn directly(
        &self,
        s: SOCKET,
        socket: &Socket,
        to: *const SOCKADDR,
        length: i32,
    ) -> Option<Sent> {
        if self.flags != 0 {
            return None;
        }
        let length = if to.is_null() {
            0
        } else {
            length.min(socket.address_size()) as usize
        };
        let mut name = [0; 28];
        for (index, cell) in name.iter_mut().take(length).enumerate() {
            // SAFETY: the caller's contract: at least as long as an address of the family.
            *cell = unsafe { to.cast::<u8>().wrapping_add(index).read() };
        }
        let manner = socket.manner(s);
        // SAFETY: the caller's contract.
        unsafe {
            socket
                .direct
                .send(manner, self.buffers, self.count, &name[..length])
        }
    }

    fn tell(&self, bytes: u32) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPSend): looked at, since there is no OVERLAPPED.
        unsafe { self.sent.write_unaligned(bytes) };
        Ok(0)
    }
}
