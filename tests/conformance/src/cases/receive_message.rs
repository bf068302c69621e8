//! `WSARecvMsg`: datagrams with control data beside them.

use crate::extensions::{Message, receive_message, receive_message_nowhere, receive_no_message};
use crate::socket::loopback;
use crate::{Socket, cases, host};
use std::net::SocketAddr;
use ws2spi_abi::args::Address;
use ws2spi_abi::*;

cases! {
    no_message_is_a_fault: [P158], [Udp, Extensions];
    lengths_without_places_are_faults: ["sdk WSARecvMsg, WSAEFAULT"], [Udp, Extensions];
    control_data_that_do_not_fit_are_truncated: [P159], [Udp, Ipv6, Extensions];
    a_message_whose_control_data_do_not_fit_is_counted: [P159], [Udp, Extensions];
    a_message_that_does_not_fit_fills_the_buffer: [P146], [Udp, Extensions];
    a_message_that_does_not_fit_says_so: ["sdk WSAMSG, MSG_TRUNC"], [Udp, Extensions];
    a_message_without_options_has_no_control_data: ["base-provider.md 2.7"],
        [Udp, Ipv6, Extensions];
    packet_info_tells_where_a_message_went: [P160], [Udp, Extensions];
    ipv4_control_data_are_numbers: [P161], [Udp, Ipv6, Extensions];
    ipv6_control_data_are_numbers_and_the_destination: [P162], [Udp, Ipv6, Extensions];
    control_data_follow_each_other: [P162, P159], [Udp, Ipv6, Extensions];
}

fn name(s: &Socket) -> SocketAddr {
    s.name().expect("it is bound")
}

/// What a socket receives that has these options, from a sender with those.
fn received(family: i32, options: &[i32], sending: &[(i32, u32)], control: usize) -> Message {
    let level = if family == AF_INET6 {
        IPPROTO_IPV6
    } else {
        IPPROTO_IP
    };
    let receiver = Socket::bound_udp(family);
    for option in options {
        receiver
            .set_option(level, *option, 1)
            .expect("a datagram socket takes it");
    }
    let sender = Socket::bound_udp(family);
    for (option, value) in sending {
        sender
            .set_option(level, *option, *value)
            .expect("a datagram socket takes it");
    }
    assert_eq!(sender.send_to(b"message", name(&receiver)), Ok(7));
    let mut data = [0; 16];
    let message = receive_message(&receiver, &mut data, control, 0);
    assert_eq!(&data[..7], b"message");
    assert_eq!(
        Address::from_bytes(&message.from).to_ip(),
        Some(name(&sender))
    );
    message
}

fn no_message_is_a_fault() {
    assert_eq!(
        receive_no_message(&Socket::bound_udp(AF_INET)),
        Err(Errno::FAULT)
    );
}

// A length without a place.
fn lengths_without_places_are_faults() {
    let s = Socket::bound_udp(AF_INET);
    assert_eq!(receive_message_nowhere(&s, 16, 0), Err(Errno::FAULT));
    assert_eq!(receive_message_nowhere(&s, 0, 64), Err(Errno::FAULT));
    assert_eq!(s.send_to(b"x", name(&s)), Ok(1));
    assert_eq!(receive_message_nowhere(&s, 0, 0), Ok(()));
}

// One byte less than is needed; the datagram itself is complete, and gone.
fn control_data_that_do_not_fit_are_truncated() {
    let whole = size_of::<CMSGHDR>() + size_of::<IN_PKTINFO>();
    for room in [0, 1, whole - 1] {
        let message = received(AF_INET, &[IP_PKTINFO], &[], room);
        assert_eq!(message.result, Err(Errno::MSGSIZE), "{room} bytes");
        assert_eq!(message.flags, MSG_CTRUNC);
        assert_eq!(message.control, []);
    }
    let message = received(AF_INET, &[IP_PKTINFO], &[], whole);
    assert_eq!(
        (message.result, message.count, message.flags),
        (Ok(()), 7, 0)
    );
    assert_eq!(message.control.len(), 1);
}

// All its data have come.
fn a_message_whose_control_data_do_not_fit_is_counted() {
    let message = received(AF_INET, &[IP_PKTINFO], &[], 1);
    assert_eq!((message.result, message.count), (Err(Errno::MSGSIZE), 7));
}

/// A message of eight bytes in a buffer of three.
fn cut() -> ([u8; 3], Message) {
    let (sender, receiver) = (Socket::bound_udp(AF_INET), Socket::bound_udp(AF_INET));
    assert_eq!(sender.send_to(b"too long", name(&receiver)), Ok(8));
    let mut data = [0; 3];
    let message = receive_message(&receiver, &mut data, 64, 0);
    (data, message)
}

// By WSARecvMsg (2.7).
fn a_message_that_does_not_fit_fills_the_buffer() {
    let (data, message) = cut();
    assert_eq!(message.result, Err(Errno::MSGSIZE));
    assert_eq!((&data, message.control), (b"too", vec![]));
}

// The flag has another name here.
fn a_message_that_does_not_fit_says_so() {
    let (_, message) = cut();
    assert_eq!(
        (message.result, message.flags),
        (Err(Errno::MSGSIZE), MSG_TRUNC)
    );
}

// Without options there are no control data.
fn a_message_without_options_has_no_control_data() {
    for family in [AF_INET, AF_INET6] {
        let message = received(family, &[], &[], 256);
        assert_eq!(
            (message.result, message.count, message.flags),
            (Ok(()), 7, 0)
        );
        assert_eq!(message.control, []);
    }
}

// The address that the sender wrote on it, although the socket is bound to any.
fn packet_info_tells_where_a_message_went() {
    let receiver = Socket::udp(AF_INET);
    receiver
        .set_option(IPPROTO_IP, IP_PKTINFO, 1)
        .expect("a datagram socket takes it");
    let any: SocketAddr = "0.0.0.0:0".parse().expect("an address");
    receiver.bind(any).expect("any can be bound");
    let to = SocketAddr::new(loopback(AF_INET).ip(), name(&receiver).port());
    let sender = Socket::bound_udp(AF_INET);
    assert_eq!(sender.send_to(b"message", to), Ok(7));
    let message = receive_message(&receiver, &mut [0; 16], 256, 0);
    let mut info = vec![127, 0, 0, 1];
    info.extend(host::loopback_index().to_ne_bytes());
    assert_eq!((message.result, message.count), (Ok(()), 7));
    assert_eq!(message.control, [(IPPROTO_IP, IP_PKTINFO, info)]);
}

// Four bytes each, under the names that a sender uses.
fn ipv4_control_data_are_numbers() {
    let message = received(AF_INET, &[IP_RECVTTL], &[(IP_TTL, 97)], 256);
    let ttl = (IPPROTO_IP, IP_TTL, 97i32.to_ne_bytes().to_vec());
    assert_eq!((message.result, &message.control), (Ok(()), &vec![ttl]));

    let message = received(AF_INET, &[IP_RECVTOS], &[], 256);
    let tos = (IPPROTO_IP, IP_TOS, 0i32.to_ne_bytes().to_vec());
    assert_eq!((message.result, &message.control), (Ok(()), &vec![tos]));
}

fn ipv6_control_data_are_numbers_and_the_destination() {
    let hops = (IPPROTO_IPV6, IPV6_HOPLIMIT, 97i32.to_ne_bytes().to_vec());
    let message = received(AF_INET6, &[IPV6_HOPLIMIT], &[(IPV6_UNICAST_HOPS, 97)], 256);
    assert_eq!((message.result, &message.control), (Ok(()), &vec![hops]));

    let mut info = [0; 20];
    info[15] = 1;
    info[16..].copy_from_slice(&host::loopback_index().to_ne_bytes());
    let info = (IPPROTO_IPV6, IPV6_PKTINFO, info.to_vec());
    let message = received(AF_INET6, &[IPV6_PKTINFO], &[], 256);
    assert_eq!((message.result, &message.control), (Ok(()), &vec![info]));

    let class = (IPPROTO_IPV6, IPV6_TCLASS, 0i32.to_ne_bytes().to_vec());
    let message = received(AF_INET6, &[IPV6_RECVTCLASS], &[], 256);
    assert_eq!((message.result, &message.control), (Ok(()), &vec![class]));
}

// All of them at once, each found behind the one before it.
fn control_data_follow_each_other() {
    let options = [IPV6_PKTINFO, IPV6_HOPLIMIT, IPV6_RECVTCLASS];
    let message = received(AF_INET6, &options, &[], 256);
    let mut kinds: Vec<i32> = message.control.iter().map(|(_, kind, _)| *kind).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [IPV6_PKTINFO, IPV6_HOPLIMIT, IPV6_TCLASS]);

    let message = received(AF_INET6, &options, &[], 40);
    assert_eq!(
        (message.result, message.flags),
        (Err(Errno::MSGSIZE), MSG_CTRUNC)
    );
}
