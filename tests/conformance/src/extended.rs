//! The extension functions as overlapped operations.

use crate::Socket;
use crate::extensions::must_find;
use crate::overlapped::{Operation, Tell};
use std::mem::transmute;
use std::net::SocketAddr;
use std::ptr::null_mut;
use ws2spi_abi::args::Address;
use ws2spi_abi::*;

/// The room for a name that AcceptEx documents for IPv4: the address and 16 bytes.
pub const NAME: usize = 32;

/// How the buffer of an AcceptEx is divided.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// For the first data.
    pub data: usize,
    /// For the local name.
    pub local: usize,
    /// For the peer's name.
    pub remote: usize,
}

impl Room {
    /// Room for the names and so many bytes.
    #[must_use]
    pub const fn with(data: usize) -> Self {
        Self {
            data,
            local: NAME,
            remote: NAME,
        }
    }
}

impl Operation {
    /// `AcceptEx` on `listener` into `acceptor`.
    #[must_use]
    pub fn accept(listener: &Socket, acceptor: &Socket, room: Room, tell: Tell) -> Self {
        Self::accept_raw(listener, listener.raw(), acceptor.raw(), room, tell)
    }

    /// `AcceptEx` by the pointer that `by` gave, with any handles.
    #[must_use]
    pub fn accept_raw(
        by: &Socket,
        listener: SOCKET,
        acceptor: SOCKET,
        room: Room,
        tell: Tell,
    ) -> Self {
        // SAFETY: the pointer of that name has that type.
        let function = unsafe { transmute::<usize, LPFN_ACCEPTEX>(must_find(by, WSAID_ACCEPTEX)) };
        let total = room.data + room.local + room.remote;
        let [data, local, remote] = [room.data, room.local, room.remote].map(|size| size as u32);
        Self::begin(tell, vec![vec![0; total]], |block, out| {
            // SAFETY: buffer and block live until the operation has ended.
            unsafe {
                function(
                    listener,
                    acceptor,
                    out.cast(),
                    data,
                    local,
                    remote,
                    null_mut(),
                    block,
                )
            }
        })
    }

    /// `AcceptEx` without a buffer, or without an OVERLAPPED.
    #[must_use]
    pub fn accept_without(listener: &Socket, acceptor: &Socket, block: bool) -> Self {
        // SAFETY: the pointer of that name has that type.
        let function =
            unsafe { transmute::<usize, LPFN_ACCEPTEX>(must_find(listener, WSAID_ACCEPTEX)) };
        Self::begin(Tell::Handle, vec![vec![0; 64]], |given, out| {
            let out = if block { null_mut() } else { out };
            let given = if block { given } else { null_mut() };
            // SAFETY: the call is refused.
            unsafe {
                function(
                    listener.raw(),
                    acceptor.raw(),
                    out.cast(),
                    0,
                    32,
                    32,
                    null_mut(),
                    given,
                )
            }
        })
    }

    /// The local and the peer's name in the buffer of an AcceptEx that has ended.
    #[must_use]
    pub fn accepted_names(&self, by: &Socket, room: Room) -> [Option<SocketAddr>; 2] {
        let address = must_find(by, WSAID_GETACCEPTEXSOCKADDRS);
        // SAFETY: the pointer of that name has that type.
        let function = unsafe { transmute::<usize, LPFN_GETACCEPTEXSOCKADDRS>(address) };
        let [data, local, remote] = [room.data, room.local, room.remote].map(|size| size as u32);
        let mut names = [null_mut(); 2];
        let mut sizes = [0; 2];
        let [local_name, remote_name] = &mut names;
        let [local_size, remote_size] = &mut sizes;
        let buffer = self.data(0).as_ptr().cast_mut().cast();
        // SAFETY: the buffer of an AcceptEx that has ended; live locals.
        unsafe {
            function(
                buffer,
                data,
                local,
                remote,
                local_name,
                local_size,
                remote_name,
                remote_size,
            );
        }
        std::array::from_fn(|at| {
            let name = names[at];
            (!name.is_null()).then(|| {
                let start = name.cast::<u8>().cast_const();
                // SAFETY: the function found an address of that size in the buffer.
                let bytes = unsafe { std::slice::from_raw_parts(start, sizes[at] as usize) };
                Address::from_bytes(bytes).to_ip().expect("an address")
            })
        })
    }

    /// `ConnectEx` with data to send.
    #[must_use]
    pub fn connect(s: &Socket, to: SocketAddr, data: &[u8], tell: Tell) -> Self {
        // SAFETY: the pointer of that name has that type.
        let function = unsafe { transmute::<usize, LPFN_CONNECTEX>(must_find(s, WSAID_CONNECTEX)) };
        let to = Address::from_ip(to);
        let (name, len) = (to.as_bytes().as_ptr().cast(), to.as_bytes().len() as i32);
        let size = data.len() as u32;
        Self::begin(tell, vec![data.to_vec()], |block, data| {
            // SAFETY: data and block live until the operation has ended, the address for the call.
            unsafe { function(s.raw(), name, len, data.cast(), size, null_mut(), block) }
        })
    }

    /// `ConnectEx` without an OVERLAPPED.
    #[must_use]
    pub fn connect_without(s: &Socket, to: SocketAddr) -> Self {
        // SAFETY: the pointer of that name has that type.
        let function = unsafe { transmute::<usize, LPFN_CONNECTEX>(must_find(s, WSAID_CONNECTEX)) };
        let to = Address::from_ip(to);
        let (name, len) = (to.as_bytes().as_ptr().cast(), to.as_bytes().len() as i32);
        Self::begin(Tell::Handle, Vec::new(), |_, _| {
            // SAFETY: the call is refused.
            unsafe { function(s.raw(), name, len, null_mut(), 0, null_mut(), null_mut()) }
        })
    }

    /// `DisconnectEx`.
    #[must_use]
    pub fn disconnect(s: &Socket, flags: u32, tell: Tell) -> Self {
        // SAFETY: the pointer of that name has that type.
        let function =
            unsafe { transmute::<usize, LPFN_DISCONNECTEX>(must_find(s, WSAID_DISCONNECTEX)) };
        Self::begin(tell, Vec::new(), |block, _| {
            // SAFETY: the block lives until the operation has ended.
            unsafe { function(s.raw(), block, flags, 0) }
        })
    }
}
