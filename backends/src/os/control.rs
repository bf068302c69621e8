//! Control messages: what travels beside a datagram, in the kernel's layout.
//!
//! [`ControlBuffer`] is room for all messages that a receive can bring, or that a send takes, on the
//! caller's stack. The messages of IPv6 are the same on every system (RFC 3542) and are here; those
//! of IPv4 are not, and are in `sys`. Used by `transfer.rs` and, for reports, by `sys/linux.rs`.

use std::ffi::c_int;
use std::ffi::c_void;
use std::mem;
use std::mem::offset_of;
use std::net::IpAddr;
use std::net::Ipv6Addr;

use libc::cmsghdr;
use libc::in6_pktinfo;
use libc::msghdr;
use ws2spi_abi::Errno;

use super::sys;
use crate::net::Control;
use crate::net::PacketInfo;

/// Room for control messages, aligned as their headers want it.
#[repr(C, align(8))]
pub(super) struct ControlBuffer {
    bytes: [u8; Self::CAPACITY],
    length: usize,
}

impl ControlBuffer {
    /// Packet information of both families (a dual-stack socket gets both), hop limit and traffic
    /// class of both, or one report with the name of its sender.
    const CAPACITY: usize = 256;

    /// Room for the kernel to write in.
    pub(super) fn new() -> Self {
        Self {
            bytes: [0; Self::CAPACITY],
            length: 0,
        }
    }

    /// The messages that `control` asks for, on an IPv4 or IPv6 socket.
    ///
    /// # Errors
    /// `OPNOTSUPP` for what the system cannot set per datagram.
    pub(super) fn of(control: &Control) -> Result<Self, Errno> {
        let mut buffer = Self::new();
        match control.packet {
            Some(PacketInfo {
                address: IpAddr::V6(address),
                interface,
            }) => {
                let mut data = [0; size_of::<in6_pktinfo>()];
                data[..16].copy_from_slice(&address.octets());
                data[offset_of!(in6_pktinfo, ipi6_ifindex)..][..4]
                    .copy_from_slice(&interface.to_ne_bytes());
                buffer.push(libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, &data)?;
            }
            Some(PacketInfo {
                address: IpAddr::V4(address),
                interface,
            }) => {
                sys::push_ipv4_packet(&mut buffer, address, interface)?;
            }
            None => {}
        }
        let inet6 = matches!(
            control.packet,
            Some(PacketInfo {
                address: IpAddr::V6(_),
                ..
            })
        );
        for (value, name6) in [
            (control.time_to_live, libc::IPV6_HOPLIMIT),
            (control.traffic_class, libc::IPV6_TCLASS),
        ] {
            match value {
                Some(value) if inet6 => {
                    buffer.push(libc::IPPROTO_IPV6, name6, &value.to_ne_bytes())?;
                }
                Some(value) if name6 == libc::IPV6_HOPLIMIT => {
                    sys::push_ipv4_time_to_live(&mut buffer, value)?;
                }
                Some(value) => sys::push_ipv4_type_of_service(&mut buffer, value)?,
                None => {}
            }
        }
        Ok(buffer)
    }

    /// Appends a message.
    ///
    /// # Errors
    /// `MSGSIZE` when there is no room left.
    pub(super) fn push(&mut self, level: c_int, kind: c_int, data: &[u8]) -> Result<(), Errno> {
        let size = data.len() as libc::c_uint;
        // SAFETY: arithmetic on a number.
        let space = unsafe { libc::CMSG_SPACE(size) } as usize;
        // SAFETY: arithmetic on a number.
        let length = unsafe { libc::CMSG_LEN(size) } as usize;
        let room = self
            .bytes
            .get_mut(self.length..self.length + space)
            .ok_or(Errno::MSGSIZE)?;
        // SAFETY: numbers only; zero is a value of each.
        let mut header: cmsghdr = unsafe { mem::zeroed() };
        header.cmsg_len = length as _;
        header.cmsg_level = level;
        header.cmsg_type = kind;
        let start = room.as_mut_ptr().cast::<cmsghdr>();
        // SAFETY: `room` holds a header and the data; every message begins aligned, because the
        // buffer is aligned and CMSG_SPACE is a multiple of the alignment.
        unsafe { start.write(header) };
        room[length - data.len()..length].copy_from_slice(data);
        self.length += space;
        Ok(())
    }

    /// Lets `message` send these messages.
    pub(super) fn attach_for_send(&mut self, message: &mut msghdr) {
        message.msg_control = self.bytes.as_mut_ptr().cast::<c_void>();
        message.msg_controllen = self.length as _;
    }

    /// Lets `message` receive messages into this room.
    pub(super) fn attach_for_receive(&mut self, message: &mut msghdr) {
        message.msg_control = self.bytes.as_mut_ptr().cast::<c_void>();
        message.msg_controllen = Self::CAPACITY as _;
    }

    /// Calls `each` with level, type and data of every message that `message` received.
    ///
    /// `message` is the one this buffer was attached to, after the receive.
    pub(super) fn for_each(&self, message: &msghdr, mut each: impl FnMut(c_int, c_int, &[u8])) {
        let mut rest = &self.bytes[..received(message).min(Self::CAPACITY)];
        // SAFETY: arithmetic on a number.
        let header_size = unsafe { libc::CMSG_LEN(0) } as usize;
        while rest.len() >= header_size {
            // SAFETY: `rest` has room for a header, which is plain numbers.
            let header = unsafe { rest.as_ptr().cast::<cmsghdr>().read_unaligned() };
            let length: usize = header.cmsg_len as _;
            let Some(data) = rest.get(header_size..length) else {
                return;
            };
            each(header.cmsg_level, header.cmsg_type, data);
            // SAFETY: arithmetic on a number.
            let space = unsafe { libc::CMSG_SPACE(data.len() as libc::c_uint) } as usize;
            rest = rest.get(space..).unwrap_or_default();
        }
    }

    /// What the messages of a received datagram say.
    pub(super) fn control(&self, message: &msghdr) -> Control {
        let mut control = Control::NONE;
        if received(message) == 0 {
            return control;
        }
        self.for_each(message, |level, kind, data| match (level, kind) {
            (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO) => {
                let address = bytes::<16>(data, offset_of!(in6_pktinfo, ipi6_addr));
                let interface = bytes::<4>(data, offset_of!(in6_pktinfo, ipi6_ifindex));
                if let (Some(address), Some(interface)) = (address, interface) {
                    control.packet = Some(PacketInfo {
                        address: Ipv6Addr::from(address).into(),
                        interface: u32::from_ne_bytes(interface),
                    });
                }
            }
            (libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT) => control.time_to_live = number(data),
            (libc::IPPROTO_IPV6, libc::IPV6_TCLASS) => control.traffic_class = number(data),
            (libc::IPPROTO_IP, _) => sys::read_ipv4_message(kind, data, &mut control),
            _ => {}
        });
        control
    }
}

/// Bytes of control messages in `message`; the type of the field is not the same everywhere.
fn received(message: &msghdr) -> usize {
    message.msg_controllen as _
}

/// `N` bytes of a message, if it has them.
pub(super) fn bytes<const N: usize>(data: &[u8], at: usize) -> Option<[u8; N]> {
    data.get(at..)?.first_chunk::<N>().copied()
}

/// The number in a message, which is an int or, for some messages of IPv4, one byte.
pub(super) fn number(data: &[u8]) -> Option<i32> {
    match data {
        [byte] => Some(i32::from(*byte)),
        _ => bytes(data, 0).map(i32::from_ne_bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> msghdr {
        // SAFETY: numbers and null pointers.
        unsafe { mem::zeroed() }
    }

    // base-provider.md 6.4: IPV6_PKTINFO, IPV6_HOPLIMIT and IPV6_TCLASS.
    #[test]
    fn ipv6_messages_read_back_as_written() {
        let control = Control {
            packet: Some(PacketInfo {
                address: Ipv6Addr::LOCALHOST.into(),
                interface: 7,
            }),
            time_to_live: Some(9),
            traffic_class: Some(33),
        };
        let mut buffer = ControlBuffer::of(&control).unwrap();
        let mut message = message();
        buffer.attach_for_send(&mut message);
        assert_eq!(buffer.control(&message), control);
    }

    // A header that claims more than was received ends the list.
    #[test]
    fn a_message_longer_than_the_buffer_is_not_read() {
        let mut buffer = ControlBuffer::new();
        buffer
            .push(libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT, &1i32.to_ne_bytes())
            .unwrap();
        let mut message = message();
        buffer.attach_for_send(&mut message);
        message.msg_controllen -= 8;
        assert_eq!(buffer.control(&message), Control::NONE);
    }

    // Too many messages are an error, not a write beyond the room.
    #[test]
    fn a_full_buffer_refuses_another_message() {
        let mut buffer = ControlBuffer::new();
        let result = (0..100).try_for_each(|_| buffer.push(0, 0, &[0; 16]));
        assert_eq!(result, Err(Errno::MSGSIZE));
    }
}
