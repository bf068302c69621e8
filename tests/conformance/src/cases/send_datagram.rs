//! Sending datagrams: to whom, how long, and what a send binds.

use crate::extensions::{send_message, send_no_message};
use crate::sending::{send_to_bytes, send_to_without_count};
use crate::socket::loopback;
use crate::{Socket, cases, ports};
use std::net::{Ipv6Addr, SocketAddr};
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

cases! {
    a_datagram_socket_without_a_peer_needs_an_address: [P164], [Udp, Ipv6, Overlapped];
    a_datagram_socket_without_a_peer_needs_an_address_of_sendto: ["base-provider.md 1.26"],
        [Udp, Ipv6, Overlapped];
    a_datagram_socket_that_was_shut_does_not_send: [P165], [Udp];
    a_broadcast_needs_permission: [P175], [Udp, Extensions];
    a_broadcast_to_the_peer_needs_permission: [P175, P86], [Udp, Extensions];
    an_ipv6_multicast_needs_no_permission: [P176], [Udp, Ipv6];
    a_datagram_to_port_0_is_sent: [P177], [Udp, Ipv6];
    sending_to_a_closed_port_never_fails: [P178], [Udp];
    a_send_without_a_count_is_a_fault: [P179], [Udp];
    a_send_without_a_count_binds: ["base-provider.md 1.26"], [Udp];
    a_send_binds_to_any_address: ["base-provider.md 1.14"], [Udp];
    messages_are_not_sent_on_streams: [P180], [Tcp, Extensions];
    no_message_is_a_fault: [P181], [Udp, Extensions];
    a_message_without_a_count_fails_and_binds: [P182], [Udp, Extensions];
    a_message_binds_to_any_address: [P183], [Udp, Extensions];
    a_datagram_that_is_too_long_is_not_sent: [P184], [Udp, Ipv6, Extensions];
}

fn name(s: &Socket) -> SocketAddr {
    s.name().expect("it is bound")
}

/// The next datagram.
fn received(s: &Socket) -> Vec<u8> {
    let mut room = vec![0; 70_000];
    let (len, _) = s.recv_from(&mut room).expect("a datagram arrives");
    room.truncate(len);
    room
}

/// A port of the loopback where nobody is.
fn closed_port(family: i32) -> SocketAddr {
    let mut name = loopback(family);
    name.set_port(ports::free());
    name
}

fn a_datagram_socket_without_a_peer_needs_an_address() {
    for s in [Socket::udp(AF_INET), Socket::bound_udp(AF_INET6)] {
        assert_eq!(s.send(b"x", 0), Err(Errno::NOTCONN));
    }
}

fn a_datagram_socket_without_a_peer_needs_an_address_of_sendto() {
    for s in [Socket::udp(AF_INET), Socket::bound_udp(AF_INET6)] {
        assert_eq!(send_to_bytes(&s, b"x", None), Err(Errno::NOTCONN));
    }
}

fn a_datagram_socket_that_was_shut_does_not_send() {
    let other = Socket::bound_udp(AF_INET);
    let unconnected = Socket::bound_udp(AF_INET);
    let connected = Socket::udp(AF_INET);
    connected.connect(name(&other)).expect("UDP connects");
    for s in [&unconnected, &connected] {
        s.shutdown(SD_SEND).expect("datagram sockets are shut");
        assert_eq!(s.send_to(b"x", name(&other)), Err(Errno::SHUTDOWN));
    }
    assert_eq!(connected.send(b"x", 0), Err(Errno::SHUTDOWN));
}

const BROADCAST: &str = "255.255.255.255:9";

fn a_broadcast_needs_permission() {
    let s = Socket::udp(AF_INET);
    let to: SocketAddr = BROADCAST.parse().expect("an address");
    assert_eq!(s.send_to(b"x", to), Err(Errno::ACCES));
    assert_eq!(send_message(&s, b"x", Some(to), true), Err(Errno::ACCES));
}

// Also on a socket that is connected to the very address (sock.c:test_broadcast); send itself needs none, see P86.
fn a_broadcast_to_the_peer_needs_permission() {
    // Bound to loopback, so that there is a way on every host.
    let s = Socket::bound_udp(AF_INET);
    let to: SocketAddr = BROADCAST.parse().expect("an address");
    s.connect(to).expect("connect asks for no permission");
    assert_eq!(s.send_to(b"x", to), Err(Errno::ACCES));
    assert_eq!(send_message(&s, b"x", Some(to), true), Err(Errno::ACCES));
}

// A group whose scope is the host's own, which no packet leaves.
fn an_ipv6_multicast_needs_no_permission() {
    let group = Ipv6Addr::new(0xff01, 0, 0, 0, 0, 0, 0xdb8, 0x176);
    let receiver = Socket::udp(AF_INET6);
    receiver
        .bind(SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)))
        .expect("any can be bound");
    let membership = IPV6_MREQ {
        ipv6mr_multiaddr: IN6_ADDR {
            Byte: group.octets(),
        },
        ipv6mr_interface: 0,
    };
    let mut value = [0; 20];
    membership
        .encode(&mut value)
        .expect("an address and a number");
    let joined = receiver.set_option_bytes(IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &value);

    let to = SocketAddr::from((group, name(&receiver).port()));
    match Socket::udp(AF_INET6).send_to(b"group", to) {
        Ok(sent) => {
            assert_eq!((joined, sent), (Ok(()), 5));
            assert_eq!(received(&receiver), b"group");
        }
        // Where the loopback is the only interface, there is no way to any group.
        Err(error) => assert_eq!(error, Errno::NETUNREACH),
    }
}

// It goes nowhere.
fn a_datagram_to_port_0_is_sent() {
    for (family, to) in [(AF_INET, "127.0.0.1:0"), (AF_INET6, "[::1]:0")] {
        let s = Socket::udp(family);
        let to = to.parse().expect("an address");
        assert_eq!(s.send_to(b"nobody", to), Ok(6));
        assert_ne!(name(&s).port(), 0, "the socket is bound as by any send");
    }
}

// What comes back is told by receives only. It has come when a datagram that was sent later has gone to somebody and back.
fn sending_to_a_closed_port_never_fails() {
    let s = Socket::udp(AF_INET);
    s.connect(closed_port(AF_INET)).expect("UDP connects");
    for _ in 0..20 {
        assert_eq!(s.send(b"knock", 0), Ok(5));
    }
    let [there, back] = [Socket::bound_udp(AF_INET), Socket::bound_udp(AF_INET)];
    for (from, to) in [(&back, &there), (&there, &back)] {
        assert_eq!(from.send_to(b"later", name(to)), Ok(5));
        assert_eq!(received(to), b"later");
    }
    assert_eq!(s.send(b"knock", 0), Ok(5));
}

fn a_send_without_a_count_is_a_fault() {
    let (s, other) = (Socket::udp(AF_INET), Socket::bound_udp(AF_INET));
    assert_eq!(
        send_to_without_count(&s, b"x", name(&other)),
        Err(Errno::FAULT)
    );
    // Nothing was sent: the next datagram is the first.
    assert_eq!(s.send_to(b"first", name(&other)), Ok(5));
    assert_eq!(received(&other), b"first");
    assert_ne!(name(&s).port(), 0);
}

// As a message without a count (P182).
fn a_send_without_a_count_binds() {
    let (s, other) = (Socket::udp(AF_INET), Socket::bound_udp(AF_INET));
    assert_eq!(s.name(), Err(Errno::INVAL));
    send_to_without_count(&s, b"x", name(&other)).expect_err("there is no count");
    assert_ne!(name(&s).port(), 0);
}

// As a datagram that is sent does.
fn a_send_binds_to_any_address() {
    let (s, other) = (Socket::udp(AF_INET), Socket::bound_udp(AF_INET));
    assert_eq!(s.send_to(b"x", name(&other)), Ok(1));
    assert!(name(&s).ip().is_unspecified());
    assert_ne!(name(&s).port(), 0);
}

// In every state.
fn messages_are_not_sent_on_streams() {
    let (client, _server) = Socket::pair(AF_INET);
    for s in [&client, &Socket::tcp(AF_INET)] {
        assert_eq!(send_message(s, b"x", None, true), Err(Errno::INVAL));
        let to = Some(loopback(AF_INET));
        assert_eq!(send_message(s, b"x", to, true), Err(Errno::INVAL));
    }
}

fn no_message_is_a_fault() {
    let s = Socket::udp(AF_INET);
    assert_eq!(send_no_message(&s), Err(Errno::FAULT));
}

fn a_message_without_a_count_fails_and_binds() {
    let (s, other) = (Socket::udp(AF_INET), Socket::bound_udp(AF_INET));
    assert_eq!(s.name(), Err(Errno::INVAL));
    let to = Some(name(&other));
    assert_eq!(send_message(&s, b"x", to, false), Err(Errno::FAULT));
    assert_ne!(name(&s).port(), 0);
}

fn a_message_binds_to_any_address() {
    let (s, other) = (Socket::udp(AF_INET), Socket::bound_udp(AF_INET));
    let to = Some(name(&other));
    assert_eq!(send_message(&s, b"message", to, true), Ok(7));
    assert!(name(&s).ip().is_unspecified());
    assert_ne!(name(&s).port(), 0);
    assert_eq!(received(&other), b"message");
}

// One byte more than fits, by every function, and nothing of it is sent.
fn a_datagram_that_is_too_long_is_not_sent() {
    for (family, longest) in [(AF_INET, 65507), (AF_INET6, 65527)] {
        let (s, other) = (Socket::udp(family), Socket::bound_udp(family));
        let data: Vec<u8> = (0..=longest).map(|n: usize| (n % 251) as u8).collect();
        let to = name(&other);
        assert_eq!(s.send_to(&data, to), Err(Errno::MSGSIZE));
        assert_eq!(send_message(&s, &data, Some(to), true), Err(Errno::MSGSIZE));
        s.connect(to).expect("UDP connects");
        assert_eq!(s.send(&data, 0), Err(Errno::MSGSIZE));
        assert_eq!(s.send(&data[..longest], 0), Ok(longest));
        assert!(received(&other) == data[..longest]);
    }
}
