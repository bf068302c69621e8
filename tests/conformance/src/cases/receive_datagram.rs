//! Receiving datagrams: where from, what does not fit, what an earlier send met.

use crate::receiving::{Outcome, UNTOUCHED, receive, receive_from};
use crate::sets::{Set, Time, select};
use crate::{Socket, cases, ports, wait};
use std::net::SocketAddr;
use ws2spi_abi::args::Address;
use ws2spi_abi::*;

cases! {
    a_datagram_socket_without_a_name_does_not_receive: [P126], [Udp, Ipv6, Overlapped];
    an_address_that_does_not_fit_is_a_fault_and_takes_nothing: [P127], [Udp, Ipv6];
    an_address_may_have_more_room_than_it_needs: [P128], [Udp, Ipv6];
    a_datagram_socket_does_not_wait_for_all: [P139], [Udp];
    a_datagram_receive_gives_up_after_its_time: [P140], [Udp] within 20;
    peeking_leaves_the_datagram: [P136], [Udp];
    a_datagram_that_does_not_fit_fills_the_buffers: [P146], [Udp];
    a_datagram_that_does_not_fit_is_counted_as_far_as_it_does: ["base-provider.md 1.20"], [Udp];
    what_does_not_fit_is_thrown_away: [P148], [Udp];
    a_datagram_that_does_not_fit_is_partial: [P149], [Udp];
    an_empty_datagram_is_received_as_nothing: [P150], [Udp];
    a_datagram_that_met_nobody_resets_a_receive: [P151], [Udp];
    a_socket_that_wants_no_reports_receives_none: [P152], [Udp];
    a_raw_socket_receives_the_ip_header_too: [P153], [Udp, RawSockets];
    a_datagram_socket_has_no_urgent_data: [P157], [Udp];
}

fn name(s: &Socket) -> SocketAddr {
    s.name().expect("it is bound")
}

/// A sender and a receiver of one family, with these datagrams on the way.
fn sent(family: i32, datagrams: &[&[u8]]) -> (Socket, Socket) {
    let (sender, receiver) = (Socket::bound_udp(family), Socket::bound_udp(family));
    for data in datagrams {
        assert_eq!(sender.send_to(data, name(&receiver)), Ok(data.len()));
    }
    (sender, receiver)
}

const fn got(count: u32) -> Outcome {
    Outcome {
        result: Ok(()),
        count,
        flags: 0,
    }
}

/// Waits until there is something to receive.
fn until_readable(s: &Socket) {
    let set = Set::of(&[s]);
    assert_eq!(select([Some(&set), None, None], Time::Patience), Ok(1));
}

/// A socket whose datagram met nobody, once the report of that is there.
fn refused() -> Socket {
    let s = Socket::bound_udp(AF_INET);
    s.connect(nobody()).expect("UDP connects");
    assert_eq!(s.send(b"knock", 0), Ok(5));
    s
}

/// A name that no socket has, not even one that is being closed.
fn nobody() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], ports::free()))
}

fn a_datagram_socket_without_a_name_does_not_receive() {
    for family in [AF_INET, AF_INET6] {
        let s = Socket::udp(family);
        assert_eq!(s.recv(&mut [0; 4], 0), Err(Errno::INVAL));
        let (outcome, _) = receive_from(&s, &mut [&mut [0; 4]], 0, &mut [0; 28]);
        let refused = Outcome {
            result: Err(Errno::INVAL),
            count: UNTOUCHED,
            flags: 0,
        };
        assert_eq!(outcome, refused);
    }
}

fn an_address_that_does_not_fit_is_a_fault_and_takes_nothing() {
    for (family, needed) in [(AF_INET, 16), (AF_INET6, 28)] {
        let (_sender, receiver) = sent(family, &[b"data"]);
        for room in [1, 8, needed - 1] {
            let mut data = [0; 4];
            let (outcome, _) = receive_from(&receiver, &mut [&mut data], 0, &mut vec![0; room]);
            assert_eq!(outcome.result, Err(Errno::FAULT), "{room} bytes");
            assert_eq!((outcome.count, data), (UNTOUCHED, [0; 4]));
        }
        let mut data = [0; 4];
        let (outcome, _) = receive_from(&receiver, &mut [&mut data], 0, &mut vec![0; needed]);
        assert_eq!((outcome, &data), (got(4), b"data"));
    }
}

// What is written is as long as the family's address. What becomes of the rest of the room is nowhere said.
fn an_address_may_have_more_room_than_it_needs() {
    for (family, size) in [(AF_INET, 16), (AF_INET6, 28)] {
        let (sender, receiver) = sent(family, &[b"data"]);
        let mut from = [0xcc; 64];
        let (outcome, len) = receive_from(&receiver, &mut [&mut [0; 4]], 0, &mut from);
        assert_eq!((outcome, len), (got(4), size as i32));
        assert_eq!(
            Address::from_bytes(&from[..size]).to_ip(),
            Some(name(&sender))
        );
    }
}

fn a_datagram_socket_does_not_wait_for_all() {
    let (_sender, receiver) = sent(AF_INET, &[b"data"]);
    let outcome = receive(&receiver, &mut [&mut [0; 4]], MSG_WAITALL);
    assert_eq!(outcome.result, Err(Errno::OPNOTSUPP));
    assert_eq!(receive(&receiver, &mut [&mut [0; 4]], 0), got(4));
}

// Datagrams have no other clock.
fn a_datagram_receive_gives_up_after_its_time() {
    let s = Socket::bound_udp(AF_INET);
    s.set_option(SOL_SOCKET, SO_RCVTIMEO, 20)
        .expect("any socket takes it");
    let outcome = receive(&s, &mut [&mut [0; 4]], 0);
    assert_eq!(
        (outcome.result, outcome.count),
        (Err(Errno::TIMEDOUT), UNTOUCHED)
    );
    let (outcome, _) = receive_from(&s, &mut [&mut [0; 4]], 0, &mut [0; 16]);
    assert_eq!(
        (outcome.result, outcome.count),
        (Err(Errno::TIMEDOUT), UNTOUCHED)
    );
}

// Of the same datagram, and the sender with it.
fn peeking_leaves_the_datagram() {
    let (sender, receiver) = sent(AF_INET, &[b"first", b"second"]);
    for _ in 0..3 {
        let (mut data, mut from) = ([0; 8], [0; 16]);
        let (outcome, len) = receive_from(&receiver, &mut [&mut data], MSG_PEEK, &mut from);
        assert_eq!(outcome.result, Ok(()));
        assert_eq!((outcome.count, len, &data), (5, 16, b"first\0\0\0"));
        assert_eq!(Address::from_bytes(&from).to_ip(), Some(name(&sender)));
    }
    assert_eq!(receive(&receiver, &mut [&mut [0; 8]], 0), got(5));
    assert_eq!(receive(&receiver, &mut [&mut [0; 8]], 0), got(6));
}

// In one buffer or several, and the sender is told.
fn a_datagram_that_does_not_fit_fills_the_buffers() {
    let (sender, receiver) = sent(AF_INET, &[b"too long", b"too long", b"too long"]);
    let mut data = [0; 5];
    let outcome = receive(&receiver, &mut [&mut data], 0);
    assert_eq!(outcome.result, Err(Errno::MSGSIZE));
    assert_eq!(&data, b"too l");

    let (mut first, mut second, mut from) = ([0; 2], [0; 4], [0; 16]);
    let (outcome, len) = receive_from(&receiver, &mut [&mut first, &mut second], 0, &mut from);
    assert_eq!((outcome.result, len), (Err(Errno::MSGSIZE), 16));
    assert_eq!((&first, &second), (b"to", b"o lo"));
    assert_eq!(Address::from_bytes(&from).to_ip(), Some(name(&sender)));

    let mut data = [0; 3];
    assert_eq!(receiver.recv(&mut data, 0), Err(Errno::MSGSIZE));
    assert_eq!(&data, b"too");
}

// By the call that fails.
fn a_datagram_that_does_not_fit_is_counted_as_far_as_it_does() {
    let (_sender, receiver) = sent(AF_INET, &[b"too long", b"too long"]);
    assert_eq!(receive(&receiver, &mut [&mut [0; 5]], 0).count, 5);
    let (outcome, _) = receive_from(&receiver, &mut [&mut [0; 2], &mut [0; 4]], 0, &mut [0; 16]);
    assert_eq!(outcome.count, 6);
}

fn what_does_not_fit_is_thrown_away() {
    let (_sender, receiver) = sent(AF_INET, &[b"long datagram", b"next"]);
    let mut data = [0; 4];
    let outcome = receive(&receiver, &mut [&mut data], 0);
    assert_eq!(outcome.result, Err(Errno::MSGSIZE));
    assert_eq!(receive(&receiver, &mut [&mut data], 0), got(4));
    assert_eq!(&data, b"next");
}

// And only when it did not fit.
fn a_datagram_that_does_not_fit_is_partial() {
    let (_sender, receiver) = sent(AF_INET, &[b"data", b"data"]);
    let mut from = [0; 16];
    let (outcome, _) = receive_from(&receiver, &mut [&mut [0; 3]], 0, &mut from);
    assert_eq!(outcome.flags, MSG_PARTIAL);
    let (outcome, _) = receive_from(&receiver, &mut [&mut [0; 4]], MSG_PARTIAL, &mut from);
    assert_eq!((outcome.result, outcome.flags), (Ok(()), 0));
}

fn an_empty_datagram_is_received_as_nothing() {
    let (sender, receiver) = sent(AF_INET, &[b"", b"after"]);
    let (mut data, mut from) = ([7; 4], [0; 16]);
    let (outcome, _) = receive_from(&receiver, &mut [&mut data], 0, &mut from);
    assert_eq!((outcome, data), (got(0), [7; 4]));
    assert_eq!(Address::from_bytes(&from).to_ip(), Some(name(&sender)));
    assert_eq!(receive(&receiver, &mut [&mut [0; 8]], 0), got(5));
}

// Once per report, whether the receive waits for it or not.
fn a_datagram_that_met_nobody_resets_a_receive() {
    let s = refused();
    assert_eq!(s.recv(&mut [0; 4], 0), Err(Errno::CONNRESET));

    let s = refused();
    until_readable(&s);
    s.set_nonblocking(true).expect("any socket takes it");
    let (outcome, _) = receive_from(&s, &mut [&mut [0; 4]], 0, &mut [0; 16]);
    assert_eq!(
        (outcome.result, outcome.count),
        (Err(Errno::CONNRESET), UNTOUCHED)
    );
    assert_eq!(s.recv(&mut [0; 4], 0), Err(Errno::WOULDBLOCK));
}

// And TRUE brings it back.
fn a_socket_that_wants_no_reports_receives_none() {
    let s = Socket::bound_udp(AF_INET);
    s.ioctl(SIO_UDP_CONNRESET, &0u32.to_ne_bytes(), 0)
        .expect("datagram sockets take it");
    let (to, peer) = (name(&s), nobody());
    s.connect(peer).expect("UDP connects");
    assert_eq!(s.send(b"knock", 0), Ok(5));
    // The peer comes: its datagram is the first thing that a waiting receive sees.
    let other = Socket::udp(AF_INET);
    other.bind(peer).expect("the port is free");
    assert_eq!(other.send_to(b"here", to), Ok(4));
    let mut data = [0; 8];
    assert_eq!(s.recv(&mut data, 0), Ok(4));
    assert_eq!(&data[..4], b"here");

    s.ioctl(SIO_UDP_CONNRESET, &1u32.to_ne_bytes(), 0)
        .expect("datagram sockets take it");
    s.connect(nobody()).expect("UDP connects again");
    assert_eq!(s.send(b"knock", 0), Ok(5));
    assert_eq!(s.recv(&mut data, 0), Err(Errno::CONNRESET));
}

/// An ICMP echo request with its checksum, RFC 792.
fn echo_request() -> Vec<u8> {
    let mut packet = vec![8, 0, 0, 0, 0x12, 0x34, 0, 1];
    packet.extend_from_slice(b"ping pong data");
    // Even in length, and no other program's.
    packet.extend_from_slice(&std::process::id().to_be_bytes());
    let words = packet
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
    let sum: u32 = words.sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let checksum = !((folded & 0xffff) + (folded >> 16)) as u16;
    packet[2..4].copy_from_slice(&checksum.to_be_bytes());
    packet
}

fn a_raw_socket_receives_the_ip_header_too() {
    let s = Socket::new(AF_INET, SOCK_RAW, IPPROTO_ICMP).expect("the process may make one");
    let to: SocketAddr = "127.0.0.1:0".parse().expect("an address");
    let request = echo_request();
    // The socket sees what is sent to the host as well as the answer, and what others send: the first 20 bytes of each are an IP
    // header.
    assert_eq!(s.send_to(&request, to), Ok(request.len()));
    let packet = wait::until_some("the own packet", || {
        let mut data = [0; 2048];
        let (outcome, _) = receive_from(&s, &mut [&mut data], 0, &mut [0; 16]);
        assert_eq!(outcome.result, Ok(()));
        let packet = &data[..outcome.count as usize];
        assert_eq!((packet[0], packet[9]), (0x45, IPPROTO_ICMP as u8));
        let total = usize::from(u16::from_be_bytes([packet[2], packet[3]]));
        assert_eq!(packet.len(), total);
        packet.ends_with(&request[8..]).then(|| packet.to_vec())
    });
    assert_eq!(packet.len(), 20 + request.len());

    assert_eq!(s.send_to(&request, to), Ok(request.len()));
    let outcome = receive(&s, &mut [&mut [0; 21]], 0);
    assert_eq!(outcome.result, Err(Errno::MSGSIZE));
}

fn a_datagram_socket_has_no_urgent_data() {
    let (_sender, receiver) = sent(AF_INET, &[b"data"]);
    let outcome = receive(&receiver, &mut [&mut [0; 4]], MSG_OOB);
    assert_eq!(outcome.result, Err(Errno::OPNOTSUPP));
    assert_eq!(
        receiver.recv(&mut [0; 4], MSG_OOB as i32),
        Err(Errno::OPNOTSUPP)
    );
    assert_eq!(receive(&receiver, &mut [&mut [0; 4]], 0), got(4));
}
