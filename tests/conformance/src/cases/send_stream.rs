//! Sending on streams: everything or nothing, and what was taken arrives.

use crate::sending::send_to_bytes;
use crate::socket::{last_code, set_last_code};
use crate::{Socket, cases};
use std::thread;
use ws2spi_abi::*;

cases! {
    a_non_blocking_send_on_an_idle_socket_takes_everything: [P166], [Tcp];
    a_full_socket_takes_nothing: [P167], [Tcp];
    a_receive_that_succeeds_clears_the_last_error: [P168], [Tcp];
    what_was_taken_arrives_after_the_socket_was_closed: [P169], [Tcp];
    what_was_taken_arrives_after_its_thread_is_gone: [P170], [Tcp];
    a_blocking_send_returns_the_full_length: [P171], [Tcp];
    sending_on_no_socket_is_no_socket: [P173], [];
    a_stream_ignores_the_address_of_sendto: [P174], [Tcp];
    a_stream_ignores_even_what_is_no_address: ["sdk sendto, Remarks"], [Tcp];
    sending_after_the_sending_half_is_shut_fails: [P165], [Tcp];
    a_stream_without_a_peer_cannot_send: ["base-provider.md 1.31"], [Tcp];
}

/// What no socket buffer holds.
const LARGE: usize = 50 << 20;

/// Bytes in which none can be lost or doubled unseen.
fn pattern(len: usize) -> Vec<u8> {
    let block: Vec<u8> = (0..=250).collect();
    let mut data = block.repeat(len / block.len() + 1);
    data.truncate(len);
    data
}

/// Receives the whole stream and its end, and compares it.
fn expect_stream(s: &Socket, expected: &[u8]) {
    let mut room = vec![0; 1 << 18];
    let mut at = 0;
    loop {
        let got = s.recv(&mut room, 0).expect("the stream goes on");
        if got == 0 {
            break;
        }
        assert!(at + got <= expected.len(), "there is more than was sent");
        assert!(room[..got] == expected[at..at + got], "after {at} bytes");
        at += got;
    }
    assert_eq!(at, expected.len());
}

/// A connection with a non-blocking sender that has taken [`LARGE`] bytes of the pattern.
fn full() -> (Socket, Socket, Vec<u8>) {
    let (client, server) = Socket::pair(AF_INET);
    client.set_nonblocking(true).expect("any socket takes it");
    let data = pattern(LARGE);
    assert_eq!(client.send(&data, 0), Ok(LARGE));
    (client, server, data)
}

fn a_non_blocking_send_on_an_idle_socket_takes_everything() {
    let (client, server, data) = full();
    client.shutdown(SD_SEND).expect("it is connected");
    expect_stream(&server, &data);
}

// Never a short count.
fn a_full_socket_takes_nothing() {
    let (client, _server, data) = full();
    let refused = (0..100).find_map(|_| match client.send(&data[..1 << 20], 0) {
        Ok(sent) => {
            assert_eq!(sent, 1 << 20);
            None
        }
        Err(error) => Some(error),
    });
    assert_eq!(refused, Some(Errno::WOULDBLOCK));
    assert_eq!(client.send(&data, 0), Err(Errno::WOULDBLOCK));
    assert_eq!(client.send(b"x", 0), Err(Errno::WOULDBLOCK));
}

// Whatever failed before.
fn a_receive_that_succeeds_clears_the_last_error() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(client.send(b"data", 0), Ok(4));
    let mut room = [0; 4];
    set_last_code(1234);
    assert_eq!(server.recv(&mut room, 0), Ok(4));
    assert_eq!(last_code(), 0);
}

fn what_was_taken_arrives_after_the_socket_was_closed() {
    let (client, server, data) = full();
    client.close().expect("a default close does not wait");
    expect_stream(&server, &data);
}

fn what_was_taken_arrives_after_its_thread_is_gone() {
    let (client, server) = Socket::pair(AF_INET);
    let data = pattern(LARGE);
    let sent = data.clone();
    let sender = thread::spawn(move || {
        client.set_nonblocking(true).expect("any socket takes it");
        assert_eq!(client.send(&sent, 0), Ok(LARGE));
        client
    });
    let client = sender.join().expect("the sender does not panic");
    client.shutdown(SD_SEND).expect("it is connected");
    expect_stream(&server, &data);
}

fn a_blocking_send_returns_the_full_length() {
    let (client, server) = Socket::pair(AF_INET);
    let data = pattern(1 << 20);
    let expected = data.clone();
    let receiver = thread::spawn(move || expect_stream(&server, &expected));
    assert_eq!(client.send(&data, 0), Ok(1 << 20));
    client.shutdown(SD_SEND).expect("it is connected");
    receiver.join().expect("the stream is right");
}

fn sending_on_no_socket_is_no_socket() {
    let gone = Socket::from_raw(INVALID_SOCKET);
    assert_eq!(gone.send(b"x", 0), Err(Errno::NOTSOCK));
    assert_eq!(send_to_bytes(&gone, b"x", None), Err(Errno::NOTSOCK));
}

// Missing, of no family (as in sock.c:test_tcp_sendto_recvfrom), of another family.
fn a_stream_ignores_the_address_of_sendto() {
    let elsewhere = args::Address::from_ip("[::1]:1".parse().expect("an address"));
    ignores(&[None, Some(&[0xfe; 16][..]), Some(elsewhere.as_bytes())]);
}

// Too short for a family.
fn a_stream_ignores_even_what_is_no_address() {
    ignores(&[Some(&[]), Some(&[0xff; 3])]);
}

/// A stream arrives whatever address is given with it.
fn ignores(addresses: &[Option<&[u8]>]) {
    let (client, server) = Socket::pair(AF_INET);
    for &to in addresses {
        assert_eq!(send_to_bytes(&client, b"data", to), Ok(4), "{to:?}");
        let mut room = [0; 4];
        server.recv_exact(&mut room);
        assert_eq!(&room, b"data");
    }
}

fn sending_after_the_sending_half_is_shut_fails() {
    for how in [SD_SEND, SD_BOTH] {
        let (client, _server) = Socket::pair(AF_INET);
        client.shutdown(how).expect("it is connected");
        assert_eq!(client.send(b"x", 0), Err(Errno::SHUTDOWN));
        assert_eq!(send_to_bytes(&client, b"x", None), Err(Errno::SHUTDOWN));
        assert_eq!(client.send(b"", 0), Err(Errno::SHUTDOWN), "even nothing");
    }
}

// In every state without a peer.
fn a_stream_without_a_peer_cannot_send() {
    let bound = Socket::tcp(AF_INET);
    bound
        .bind(crate::socket::loopback(AF_INET))
        .expect("loopback can be bound");
    for s in [Socket::tcp(AF_INET), bound, Socket::listener(AF_INET)] {
        assert_eq!(s.send(b"x", 0), Err(Errno::NOTCONN));
        assert_eq!(send_to_bytes(&s, b"x", None), Err(Errno::NOTCONN));
    }
}
