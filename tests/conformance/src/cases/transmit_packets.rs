//! TransmitPackets: memory and parts of files, over streams and as datagrams.

use crate::overlapped::{Event, Operation, Tell};
use crate::port::Port;
use crate::transmissions::{Piece, transmit_bad_packets, transmit_packets};
use crate::transmitted::File;
use crate::{Socket, cases};
use ws2spi_abi::*;

cases! {
    a_stream_carries_the_elements_in_order: ["6.4"], [Tcp, Extensions, TransmitPackets];
    datagrams_end_where_the_elements_say: ["6.4"], [Udp, Extensions, TransmitPackets];
    datagrams_are_as_long_as_the_caller_says: ["sdk TransmitPackets, nSendSize"], [Udp, Extensions, TransmitPackets];
    a_packet_that_is_too_long_is_refused: [P184], [Udp, Overlapped, Extensions, TransmitPackets];
    overlapped_packets_are_counted: ["sdk TransmitPackets"],
        [Tcp, Udp, Overlapped, CompletionPorts, Extensions, TransmitPackets];
    packets_keep_their_place_among_the_sends: ["base-provider.md 4.3"],
        [Tcp, Overlapped, Extensions, TransmitPackets];
    flags_that_mean_nothing_are_invalid: [P203], [Tcp, Udp, Extensions, TransmitPackets];
    packets_need_a_peer: [P201], [Tcp, Udp, Extensions, TransmitPackets];
    elements_are_checked: ["sdk TransmitPackets, TRANSMIT_PACKETS_ELEMENT"], [Tcp, Extensions, TransmitPackets];
    no_elements_are_sent: [P199], [Tcp, Extensions, TransmitPackets];
}

/// `nSendSize`: datagrams end where the elements say.
const AS_ELEMENTS_SAY: u32 = u32::MAX;

fn received(s: &Socket, size: usize) -> Vec<u8> {
    let mut data = vec![0; size];
    s.recv_exact(&mut data);
    data
}

/// A datagram socket with a peer, and that peer.
fn datagrams() -> (Socket, Socket) {
    let (a, b) = (Socket::udp(AF_INET), Socket::bound_udp(AF_INET));
    a.connect(b.name().expect("it is bound"))
        .expect("UDP connects");
    (a, b)
}

fn next_datagram(s: &Socket) -> Vec<u8> {
    let mut room = vec![0; 1 << 16];
    let got = s.recv(&mut room, 0).expect("a datagram comes");
    room.truncate(got);
    room
}

// Elements in order; a file from a place of its own, or from its position, which goes along.
fn a_stream_carries_the_elements_in_order() {
    let (client, server) = Socket::pair(AF_INET);
    let file = File::open(b"0123456789");
    let elements = [
        (Piece::Memory(b"<"), 0),
        (Piece::File(file.raw(), 2, 3), TP_ELEMENT_EOP),
        (Piece::Memory(b"|"), TP_ELEMENT_EOP),
        (Piece::File(file.raw(), -1, 4), 0),
        (Piece::File(file.raw(), 8, 0), 0),
        (Piece::Memory(b">"), 0),
    ];
    assert_eq!(
        transmit_packets(&client, client.raw(), &elements, 0, 0),
        Ok(())
    );
    assert_eq!(received(&server, 12), b"<234|012389>");
    let rest = [(Piece::File(file.raw(), -1, 0), 0)];
    assert_eq!(
        transmit_packets(&client, client.raw(), &rest, AS_ELEMENTS_SAY, 0),
        Ok(())
    );
    assert_eq!(received(&server, 6), b"456789");
}

// "one send per EOP group".
fn datagrams_end_where_the_elements_say() {
    let (client, server) = datagrams();
    let file = File::open(b"0123456789");
    let elements = [
        (Piece::Memory(b"head "), 0),
        (Piece::File(file.raw(), 0, 3), 0),
        (Piece::Memory(b" tail"), TP_ELEMENT_EOP),
        (Piece::Memory(b"second"), TP_ELEMENT_EOP),
        (Piece::File(file.raw(), 5, 0), 0),
    ];
    assert_eq!(
        transmit_packets(&client, client.raw(), &elements, AS_ELEMENTS_SAY, 0),
        Ok(())
    );
    for expected in [&b"head 012 tail"[..], b"second", b"56789"] {
        assert_eq!(next_datagram(&server), expected);
    }
}

// "the data block used in the send operation"; an element still ends one.
fn datagrams_are_as_long_as_the_caller_says() {
    let (client, server) = datagrams();
    let elements = [
        (Piece::Memory(b"abcde"), 0),
        (Piece::Memory(b"fgh"), TP_ELEMENT_EOP),
        (Piece::Memory(b"ijk"), 0),
    ];
    for (size, expected) in [
        (4, &["abcd", "efgh", "ijk"][..]),
        (3, &["abc", "def", "gh", "ijk"]),
        (0, &["abcdefgh", "ijk"]),
    ] {
        let sent = transmit_packets(&client, client.raw(), &elements, size, 0);
        assert_eq!(sent, Ok(()));
        for datagram in expected {
            assert_eq!(next_datagram(&server), datagram.as_bytes(), "{size}");
        }
    }
}

// Nothing of a datagram that is too long is sent.
fn a_packet_that_is_too_long_is_refused() {
    let (client, server) = datagrams();
    let long = vec![0; 40_000];
    let elements = [
        (Piece::Memory(b"first"), TP_ELEMENT_EOP),
        (Piece::Memory(&long), 0),
        (Piece::Memory(&long), TP_ELEMENT_EOP),
    ];
    assert_eq!(
        transmit_packets(&client, client.raw(), &elements, AS_ELEMENTS_SAY, 0),
        Err(Errno::MSGSIZE)
    );
    assert_eq!(next_datagram(&server), b"first");
    let send =
        Operation::transmit_packets(&client, &elements[1..], AS_ELEMENTS_SAY, 0, Tell::Handle);
    assert!(send.pends());
    assert_eq!(send.result(&client, true), Err(Errno::MSGSIZE));
    assert_eq!(client.send(b"after", 0), Ok(5));
    assert_eq!(next_datagram(&server), b"after");
}

// Overlapped it pends, and is told with the count of everything.
fn overlapped_packets_are_counted() {
    let file = File::open(b"0123456789");
    let elements = [
        (Piece::Memory(b"head"), 0),
        (Piece::File(file.raw(), 4, 0), TP_ELEMENT_EOP),
    ];
    for (client, server) in [Socket::pair(AF_INET), datagrams()] {
        let event = Event::new();
        let send = Operation::transmit_packets(&client, &elements, 0, 0, Tell::Event(event.raw()));
        assert!(send.pends());
        event.wait();
        assert_eq!(send.result(&client, false), Ok((10, 0)));
        assert_eq!(next_datagram(&server), b"head456789");
        let port = Port::with(&client, 8);
        let send = Operation::transmit_packets(&client, &elements, 0, 0, Tell::Handle);
        let packet = port.take();
        assert_eq!(
            (packet.key, packet.block, packet.bytes, packet.error),
            (8, send.block(), 10, None)
        );
    }
}

// With other sends, in the order of posting.
fn packets_keep_their_place_among_the_sends() {
    let (client, server) = Socket::pair(AF_INET);
    let large = vec![b'.'; 16 << 20];
    let elements = [(Piece::Memory(b"middle"), 0)];
    let sends = [
        Operation::send(&client, &large, Tell::Handle),
        Operation::transmit_packets(&client, &elements, 0, TP_DISCONNECT, Tell::Handle),
    ];
    assert!(sends.iter().all(Operation::pends));
    assert!(received(&server, large.len()) == large);
    assert_eq!(received(&server, 6), b"middle");
    assert_eq!(server.recv(&mut [0], 0), Ok(0), "and the stream ends");
    sends.iter().for_each(Operation::until_ended);
    assert_eq!(sends[1].result(&client, false), Ok((6, 0)));
    assert_eq!(client.send(b"x", 0), Err(Errno::SHUTDOWN));
}

// A disconnect of datagrams "results in an error".
fn flags_that_mean_nothing_are_invalid() {
    let ((client, _server), (datagram, _peer)) = (Socket::pair(AF_INET), datagrams());
    for (s, flags) in [
        (&client, TP_REUSE_SOCKET),
        (&client, 0x40),
        (&datagram, TP_DISCONNECT),
        (&datagram, TP_DISCONNECT | TP_REUSE_SOCKET),
    ] {
        let refused = transmit_packets(&client, s.raw(), &[], 0, flags);
        assert_eq!(refused, Err(Errno::INVAL), "{flags:#x}");
    }
}

// Datagrams need a peer, too.
fn packets_need_a_peer() {
    let by = Socket::tcp(AF_INET);
    for s in [
        &Socket::tcp(AF_INET),
        &Socket::listener(AF_INET),
        &Socket::bound_udp(AF_INET),
    ] {
        let refused = transmit_packets(&by, s.raw(), &[], 0, 0);
        assert_eq!(refused, Err(Errno::NOTCONN));
    }
    let refused = transmit_packets(&by, INVALID_SOCKET, &[], 0, 0);
    assert_eq!(refused, Err(Errno::NOTSOCK));
}

// A file or memory, and a file unless it says so.
fn elements_are_checked() {
    let (client, _server) = Socket::pair(AF_INET);
    assert_eq!(transmit_bad_packets(&client, None), Err(Errno::FAULT));
    for (flags, error) in [
        (TP_ELEMENT_MEMORY, Errno::FAULT),
        (TP_ELEMENT_FILE, Errno::INVALID_HANDLE),
        (0, Errno::INVALID_HANDLE),
        (TP_ELEMENT_MEMORY | TP_ELEMENT_FILE, Errno::INVAL),
        (TP_ELEMENT_MEMORY | 8, Errno::INVAL),
    ] {
        let refused = transmit_bad_packets(&client, Some(flags));
        assert_eq!(refused, Err(error), "{flags}");
    }
    let file = File::open(b"0123456789");
    for offset in [-2, 11] {
        let elements = [(Piece::File(file.raw(), offset, 0), 0)];
        let refused = transmit_packets(&client, client.raw(), &elements, 0, 0);
        assert_eq!(refused, Err(Errno::INVAL));
    }
}

fn no_elements_are_sent() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(transmit_packets(&client, client.raw(), &[], 0, 0), Ok(()));
    assert_eq!(
        transmit_packets(&client, client.raw(), &[], 0, TP_DISCONNECT),
        Ok(())
    );
    assert_eq!(server.recv(&mut [0], 0), Ok(0));
}
