//! `WSARecvMsg` and `WSASendMsg` as overlapped operations.

use crate::Socket;
use crate::extensions::{Message, control_messages, must_find};
use crate::overlapped::{Operation, PENDING, Tell};
use std::mem::transmute;
use std::net::SocketAddr;
use ws2spi_abi::args::Address;
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

/// Where the parts of a message are among the buffers of its operation.
const DATA: usize = 0;
const NAME: usize = 1;
const CONTROL: usize = 2;
const MESSAGE: usize = 3;

impl Operation {
    /// `WSARecvMsg` into one buffer, with that much room for control data.
    ///
    /// # Panics
    /// When the provider has no such function.
    #[must_use]
    pub fn receive_message(s: &Socket, size: usize, control: usize, tell: Tell) -> Self {
        // SAFETY: the pointer of that name has that type.
        let function =
            unsafe { transmute::<usize, LPFN_WSARECVMSG>(must_find(s, WSAID_WSARECVMSG)) };
        let buffers = vec![
            vec![0; size],
            vec![0xcc; 128],
            vec![0xcc; control],
            vec![0; size_of::<WSAMSG>()],
        ];
        Self::begin_with(tell, buffers, |with| {
            let mut data = with.buffers[DATA];
            let message = WSAMSG {
                name: with.buffers[NAME].buf.cast(),
                namelen: 128,
                lpBuffers: &raw mut data,
                dwBufferCount: 1,
                Control: with.buffers[CONTROL],
                dwFlags: 0,
            };
            let place = with.buffers[MESSAGE].buf.cast::<WSAMSG>();
            // SAFETY: the buffer has the size of a message.
            unsafe { place.write_unaligned(message) };
            // SAFETY: everything but the descriptor of the data lives until the operation has ended.
            unsafe { function(s.raw(), place, with.count, with.block, with.routine) }
        })
    }

    /// `WSASendMsg` of this data, with one control message if there is a value for one.
    ///
    /// # Panics
    /// When the provider has no such function.
    #[must_use]
    pub fn send_message(
        s: &Socket,
        data: &[u8],
        to: Option<SocketAddr>,
        control: Option<(i32, i32, &[u8])>,
        tell: Tell,
    ) -> Self {
        // SAFETY: the pointer of that name has that type.
        let function =
            unsafe { transmute::<usize, LPFN_WSASENDMSG>(must_find(s, WSAID_WSASENDMSG)) };
        let name = to.map(|to| Address::from_ip(to).as_bytes().to_vec());
        let control = control.map(|(level, kind, value)| control_message(level, kind, value));
        let buffers = vec![
            data.to_vec(),
            name.unwrap_or_default(),
            control.unwrap_or_default(),
        ];
        Self::begin_with(tell, buffers, |with| {
            let [mut data, name, control] = [DATA, NAME, CONTROL].map(|at| with.buffers[at]);
            let mut message = WSAMSG {
                namelen: name.len as i32,
                lpBuffers: &raw mut data,
                dwBufferCount: 1,
                Control: control,
                ..WSAMSG::EMPTY
            };
            if name.len > 0 {
                message.name = name.buf.cast();
            }
            let message = &raw mut message;
            // SAFETY: data and block live until the operation has ended, the message for the call.
            unsafe { function(s.raw(), message, 0, with.count, with.block, with.routine) }
        })
    }

    /// What a `WSARecvMsg` left behind, with what `WSAGetOverlappedResult` says of it.
    ///
    /// # Panics
    /// While the operation goes on.
    #[must_use]
    pub fn message(&self, s: &Socket) -> Message {
        assert_ne!(self.internal(), PENDING, "the message is the system's");
        let message = WSAMSG::decode(self.data(MESSAGE)).expect("a message");
        let length = usize::try_from(message.namelen).expect("a length");
        let control = message.Control.len as usize;
        Message {
            result: self.result(s, false).map(drop),
            count: self.internal_high() as u32,
            flags: message.dwFlags,
            from: self.data(NAME)[..length].to_vec(),
            control: control_messages(&self.data(CONTROL)[..control]),
        }
    }
}

fn control_message(level: i32, kind: i32, value: &[u8]) -> Vec<u8> {
    let header = CMSGHDR {
        cmsg_len: size_of::<CMSGHDR>() + value.len(),
        cmsg_level: level,
        cmsg_type: kind,
    };
    let mut bytes = vec![0; size_of::<CMSGHDR>()];
    header.encode(&mut bytes).expect("room for the header");
    bytes.extend_from_slice(value);
    bytes
}
