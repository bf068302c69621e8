//! WSARecvMsg and WSASendMsg: datagrams with control data beside them.
//!
//! Control data are a sequence of WSACMSGHDR, each with its value, aligned to pointer size. The
//! network has already made [`Control`] of what it received, and takes one for what is sent; the two
//! functions at the end translate. Called by `extension`.

use std::net::IpAddr;

use ws2spi_abi::args::AddressIn;
use ws2spi_abi::args::Buffers;
use ws2spi_abi::args::MessageRoom;
use ws2spi_abi::args::OptionIn;
use ws2spi_abi::args::Out;
use ws2spi_abi::args::OverlappedArgs;
use ws2spi_abi::provider::Transfer;
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

use super::names;
use super::names::Given;
use super::receive;
use super::requests::receiving::Beside;
use super::requests::sending::Destination;
use super::socket::Socket;
use super::status::Bit;
use super::transmit;
use crate::net::Control;
use crate::net::Family;
use crate::net::PacketInfo;
use crate::net::Received;
use crate::net::RecvFlags;

/// The arguments of WSARecvMsg.
pub(super) struct MessageIn<'a> {
    pub(super) message: MessageRoom<'a>,
    pub(super) count: Out<'a, u32>,
    pub(super) overlapped: OverlappedArgs<'a>,
}

/// The arguments of WSASendMsg.
pub(super) struct MessageOut<'a> {
    pub(super) to: AddressIn<'a>,
    pub(super) buffers: Buffers<'a>,
    pub(super) control: OptionIn<'a>,
    pub(super) flags: u32,
    pub(super) count: Out<'a, u32>,
    pub(super) overlapped: OverlappedArgs<'a>,
}

/// Whether there was room for all of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// There was.
    Whole,
    /// Data or control data were cut.
    Cut,
}

/// Where the value of a control message begins.
const VALUE: usize = size_of::<CMSGHDR>();

impl Socket {
    /// WSARecvMsg. Whether the data or the control data were cut is in the answer (P159).
    ///
    /// # Errors
    /// `FAULT` without a place for the count, for lengths without a place and for an address that does
    /// not fit, `INVAL` on a stream or an unbound socket, then as a receive.
    pub(super) fn receive_with_control(&self, call: &MessageIn<'_>) -> Result<Transfer, Errno> {
        if self.is_stream() {
            return Err(Errno::INVAL);
        }
        let overlapped = call.overlapped.is_overlapped();
        if call.count.is_null() && !overlapped {
            return Err(Errno::FAULT);
        }
        let (message, buffers) = (call.message, call.message.buffers());
        message.check()?;
        let total = buffers.check()?;
        let flags = message.flags();
        if flags & !(MSG_PEEK | MSG_PARTIAL) != 0 {
            return Err(Errno::OPNOTSUPP);
        }
        let state = self.status.get();
        state.may_receive()?;
        let from = message.from();
        if from.is_wanted() && !from.fits(names::size(self.make.family)) {
            return Err(Errno::FAULT);
        }
        if overlapped && self.is_overlapped() {
            let beside = Beside::Message(message);
            return self.post_receive(&call.overlapped, &buffers, beside, total, flags);
        }
        let how = if flags & MSG_PEEK != 0 {
            RecvFlags::PEEK
        } else {
            RecvFlags::NONE
        };
        let waits = !self.is_non_blocking() || overlapped;
        if state.has(Bit::ReceivesQueued) {
            self.await_receives(waits)?;
        }
        let received =
            receive::with_slices(&buffers, |slices| self.receive_message(slices, how, waits))?;
        let bytes = received.bytes as u32;
        Ok(match self.store_message(&message, &received)? {
            Fit::Whole => Transfer::Done { bytes, flags: 0 },
            Fit::Cut => Transfer::Truncated { bytes, flags: 0 },
        })
    }

    /// Stores what came with a message.
    ///
    /// # Errors
    /// `FAULT` for an address that does not fit (any more).
    pub(super) fn store_message(
        &self,
        room: &MessageRoom<'_>,
        received: &Received,
    ) -> Result<Fit, Errno> {
        let place = room.from();
        if let (true, Some(from)) = (place.is_wanted(), received.from) {
            place.write(&names::address(&from))?;
        }
        let (control, cut) = encode(&received.control, self.make.family, room.control_capacity());
        let mut flags = self.destination_flags(&received.control);
        for (set, flag) in [(received.truncated, MSG_TRUNC), (cut, MSG_CTRUNC)] {
            flags |= if set { flag } else { 0 };
        }
        room.store(&control, flags);
        Ok(if received.truncated || cut {
            Fit::Cut
        } else {
            Fit::Whole
        })
    }

    /// Whether a datagram was broadcast or multicast, as far as its packet info tells.
    fn destination_flags(&self, control: &Control) -> u32 {
        match control.packet.map(|packet| packet.address) {
            Some(IpAddr::V4(ip)) if ip.is_broadcast() => MSG_BCAST,
            Some(ip) if ip.is_multicast() => MSG_MCAST,
            _ => 0,
        }
    }

    /// WSASendMsg. The socket is bound even when the call then fails (P182).
    ///
    /// # Errors
    /// `INVAL` on a stream or for control data that are none, `OPNOTSUPP` for other flags than
    /// DONTROUTE, PARTIAL and OOB, `FAULT` without a place for the count, then as WSASendTo.
    pub(super) fn send_with_control(&self, call: &MessageOut<'_>) -> Result<Transfer, Errno> {
        if self.is_stream() {
            return Err(Errno::INVAL);
        }
        if call.flags & !(MSG_DONTROUTE | MSG_PARTIAL | MSG_OOB) != 0 {
            return Err(Errno::OPNOTSUPP);
        }
        let to = if call.to.is_null() {
            None
        } else {
            let Given::Name(to) = names::read(call.to, self.make.family)? else {
                return Err(Errno::AFNOSUPPORT);
            };
            Some(to)
        };
        if to.is_some() {
            self.bind_implicitly()?;
        }
        let overlapped = call.overlapped.is_overlapped();
        if call.count.is_null() && !overlapped {
            return Err(Errno::FAULT);
        }
        let total = call.buffers.check()?;
        let control = decode(call.control.bytes())?;
        match &to {
            Some(to) => self.check_destination(to)?,
            None => self.status.get().may_send()?,
        }
        if overlapped && self.is_overlapped() {
            let (how, to) = (self.send_flags(call.flags), Destination { to, control });
            return self.post_send(&call.overlapped, &call.buffers, total, how, Some(to));
        }
        let waits = !self.is_non_blocking() || overlapped;
        transmit::with_slices(&call.buffers, |slices| {
            self.send_datagram(slices, total, call.flags, to.as_ref(), &control, waits)
        })
    }
}

/// The control messages that fit into `room`, and whether some did not.
fn encode(control: &Control, family: Family, room: usize) -> (Vec<u8>, bool) {
    let v6 = family == Family::Inet6;
    let mut bytes = Vec::new();
    let mut cut = false;
    let mut put = |level: i32, kind: i32, value: &[u8]| {
        let start = bytes.len().next_multiple_of(align_of::<usize>());
        let end = start + VALUE + value.len();
        if end > room {
            cut = true;
            return;
        }
        bytes.resize(end, 0);
        let header = CMSGHDR {
            cmsg_len: VALUE + value.len(),
            cmsg_level: level,
            cmsg_type: kind,
        };
        // There is room for it: the buffer was made that long.
        let _ = header.encode(&mut bytes[start..]);
        bytes[start + VALUE..end].copy_from_slice(value);
    };
    match control.packet {
        Some(PacketInfo {
            address: IpAddr::V4(ip),
            interface,
        }) => {
            let mut value = [0; size_of::<IN_PKTINFO>()];
            value[..4].copy_from_slice(&ip.octets());
            value[4..].copy_from_slice(&interface.to_ne_bytes());
            put(IPPROTO_IP, IP_PKTINFO, &value);
        }
        Some(PacketInfo {
            address: IpAddr::V6(ip),
            interface,
        }) => {
            let mut value = [0; size_of::<IN6_PKTINFO>()];
            value[..16].copy_from_slice(&ip.octets());
            value[16..].copy_from_slice(&interface.to_ne_bytes());
            put(IPPROTO_IPV6, IPV6_PKTINFO, &value);
        }
        None => {}
    }
    if let Some(hops) = control.time_to_live {
        let (level, kind) = if v6 {
            (IPPROTO_IPV6, IPV6_HOPLIMIT)
        } else {
            (IPPROTO_IP, IP_TTL)
        };
        put(level, kind, &hops.to_ne_bytes());
    }
    if let Some(class) = control.traffic_class {
        let (level, kind) = if v6 {
            (IPPROTO_IPV6, IPV6_TCLASS)
        } else {
            (IPPROTO_IP, IP_TOS)
        };
        put(level, kind, &class.to_ne_bytes());
    }
    (bytes, cut)
}

/// The control messages of a sender; those that mean nothing here are left out.
///
/// # Errors
/// `INVAL` for a message whose length does not fit.
fn decode(mut bytes: &[u8]) -> Result<Control, Errno> {
    let mut control = Control::NONE;
    while let Some(header) = CMSGHDR::decode(bytes) {
        let value = bytes.get(VALUE..header.cmsg_len).ok_or(Errno::INVAL)?;
        match (header.cmsg_level, header.cmsg_type) {
            (IPPROTO_IP, IP_PKTINFO) => {
                let info = IN_PKTINFO::decode(value).ok_or(Errno::INVAL)?;
                let ip = <[u8; 4]>::decode(value).ok_or(Errno::INVAL)?;
                control.packet = Some(PacketInfo {
                    address: IpAddr::from(ip),
                    interface: info.ipi_ifindex,
                });
            }
            (IPPROTO_IPV6, IPV6_PKTINFO) => {
                let info = IN6_PKTINFO::decode(value).ok_or(Errno::INVAL)?;
                control.packet = Some(PacketInfo {
                    address: IpAddr::from(info.ipi6_addr.Byte),
                    interface: info.ipi6_ifindex,
                });
            }
            (IPPROTO_IP, IP_TTL | IP_HOPLIMIT) | (IPPROTO_IPV6, IPV6_HOPLIMIT) => {
                control.time_to_live = Some(i32::decode(value).ok_or(Errno::INVAL)?);
            }
            (IPPROTO_IP, IP_TOS) | (IPPROTO_IPV6, IPV6_TCLASS) => {
                control.traffic_class = Some(i32::decode(value).ok_or(Errno::INVAL)?);
            }
            _ => {}
        }
        let next = header.cmsg_len.next_multiple_of(align_of::<usize>());
        bytes = bytes.get(next..).unwrap_or_default();
    }
    Ok(control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Control {
        Control {
            packet: Some(PacketInfo {
                address: IpAddr::from([127, 0, 0, 1]),
                interface: 3,
            }),
            time_to_live: Some(64),
            traffic_class: Some(0x28),
        }
    }

    #[test]
    fn control_messages_are_aligned_and_read_back_as_written() {
        // P160, P161
        let (bytes, cut) = encode(&full(), Family::Inet, 1024);
        assert!(!cut);
        // 16 + 8, then twice 16 + 4 with 4 of padding between.
        assert_eq!(bytes.len(), 24 + 24 + 20);
        assert_eq!(decode(&bytes), Ok(full()));
    }

    #[test]
    fn a_short_control_buffer_takes_what_fits() {
        // P159
        let (bytes, cut) = encode(&full(), Family::Inet, 40);
        assert_eq!((bytes.len(), cut), (24, true));
        let (bytes, cut) = encode(&full(), Family::Inet, 0);
        assert_eq!((bytes.len(), cut), (0, true));
        assert_eq!(encode(&Control::NONE, Family::Inet, 0), (Vec::new(), false));
    }

    #[test]
    fn control_data_that_are_none_are_refused() {
        // sdk WSASendMsg
        let mut bytes = encode(&full(), Family::Inet, 1024).0;
        bytes[0] = 0xff;
        assert_eq!(decode(&bytes), Err(Errno::INVAL));
        assert_eq!(decode(&[0; 16]), Err(Errno::INVAL));
    }
}
