//! TransmitFile without an OVERLAPPED.

use crate::extensions::{transmit_file, transmit_file_nowhere, transmit_file_part};
use crate::overlapped::{Operation, Tell};
use crate::transmitted::File;
use crate::{Socket, cases};
use ws2spi_abi::*;

cases! {
    nothing_at_all_is_transmitted: [P199], [Tcp, Extensions];
    the_head_comes_before_the_file_and_the_tail_behind_it: [P200], [Tcp, Ipv6, Extensions];
    any_part_may_be_missing: [P200], [Tcp, Extensions];
    a_part_of_the_file_is_transmitted: ["base-provider.md 6.4"], [Tcp, Extensions];
    a_transmission_may_end_the_stream: ["base-provider.md 6.4, TF_DISCONNECT"], [Tcp, Extensions];
    files_are_transmitted_on_connections_only: [P201], [Tcp, Udp, Extensions];
    a_listener_transmits_no_files: ["sdk TransmitFile, WSAENOTCONN"], [Tcp, Extensions];
    datagram_sockets_with_a_peer_transmit_no_files: ["sdk TransmitFile, WSAEINVAL"],
        [Udp, Extensions];
    no_socket_transmits_nothing: ["base-provider.md 6.4"], [Tcp, Extensions];
    a_socket_is_reused_only_when_it_is_disconnected: [P203], [Tcp, Extensions];
    a_file_does_not_overtake_a_pending_send: ["base-provider.md 4.3"],
        [Tcp, Overlapped, Extensions];
    what_cannot_be_sent_is_refused_in_order: ["sdk TransmitFile, WSAEFAULT, WSAEINVAL, WSAESHUTDOWN"],
        [Tcp, Extensions];
    hints_change_nothing: ["sdk TransmitFile"], [Tcp, Extensions];
}

/// Everything until the end of the stream.
fn drain(s: &Socket) -> Vec<u8> {
    let mut room = vec![0; 1 << 16];
    let mut all = Vec::new();
    loop {
        match s.recv(&mut room, 0).expect("the stream goes on") {
            0 => return all,
            got => all.extend_from_slice(&room[..got]),
        }
    }
}

fn nothing_at_all_is_transmitted() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(transmit_file(&client, client.raw(), 0, None, 0), Ok(()));
    let empty = Some((&[][..], &[][..]));
    assert_eq!(transmit_file(&client, client.raw(), 0, empty, 0), Ok(()));
    client.shutdown(SD_SEND).expect("it is connected");
    assert_eq!(drain(&server), b"");
}

// Without an OVERLAPPED there is no count to be told; what arrives is all three.
fn the_head_comes_before_the_file_and_the_tail_behind_it() {
    for family in [AF_INET, AF_INET6] {
        let (client, server) = Socket::pair(family);
        let contents: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
        let file = File::open(&contents);
        let sender = std::thread::spawn(move || {
            let around = Some((&b"head"[..], &b"tail"[..]));
            let result = transmit_file(&client, client.raw(), file.raw(), around, 0);
            client.shutdown(SD_SEND).expect("it is connected");
            result
        });
        let mut expected = b"head".to_vec();
        expected.extend_from_slice(&contents);
        expected.extend_from_slice(b"tail");
        assert!(drain(&server) == expected);
        assert_eq!(sender.join().expect("no panic"), Ok(()));
    }
}

// Each of the three may be missing.
fn any_part_may_be_missing() {
    for (head, contents, tail) in [
        ("head", "", ""),
        ("", "", "tail"),
        ("head", "", "tail"),
        ("", "file", ""),
        ("head", "file", ""),
        ("", "file", "tail"),
    ] {
        let (client, server) = Socket::pair(AF_INET);
        let file = File::open(contents.as_bytes());
        let handle = if contents.is_empty() { 0 } else { file.raw() };
        let around = Some((head.as_bytes(), tail.as_bytes()));
        assert_eq!(
            transmit_file(&client, client.raw(), handle, around, 0),
            Ok(())
        );
        client.shutdown(SD_SEND).expect("it is connected");
        assert_eq!(drain(&server), [head, contents, tail].concat().as_bytes());
    }
}

// A number of bytes, from the file's current position.
fn a_part_of_the_file_is_transmitted() {
    let (client, server) = Socket::pair(AF_INET);
    let file = File::open(b"0123456789");
    let part = |bytes| transmit_file_part(&client, client.raw(), file.raw(), bytes, None, 0);
    assert_eq!(part(3), Ok(()));
    assert_eq!(part(0), Ok(()), "the rest");
    client.shutdown(SD_SEND).expect("it is connected");
    assert_eq!(drain(&server), b"0123456789");
}

// The stream ends behind the file.
fn a_transmission_may_end_the_stream() {
    let (client, server) = Socket::pair(AF_INET);
    let file = File::open(b"all");
    let ended = transmit_file(&client, client.raw(), file.raw(), None, TF_DISCONNECT);
    assert_eq!(ended, Ok(()));
    assert_eq!(drain(&server), b"all");
    assert_eq!(client.send(b"x", 0), Err(Errno::SHUTDOWN));
}

fn files_are_transmitted_on_connections_only() {
    for s in [Socket::tcp(AF_INET), Socket::udp(AF_INET)] {
        transmits_nothing(&s, Errno::NOTCONN);
    }
}

fn a_listener_transmits_no_files() {
    transmits_nothing(&Socket::listener(AF_INET), Errno::NOTCONN);
}

fn datagram_sockets_with_a_peer_transmit_no_files() {
    let (peer, s) = (Socket::bound_udp(AF_INET), Socket::udp(AF_INET));
    let to = peer.name().expect("it is bound");
    s.connect(to).expect("UDP connects");
    transmits_nothing(&s, Errno::INVAL);
}

fn transmits_nothing(s: &Socket, error: Errno) {
    let by = Socket::tcp(AF_INET);
    let file = File::open(b"file");
    for file in [0, file.raw()] {
        let refused = transmit_file(&by, s.raw(), file, None, 0);
        assert_eq!(refused, Err(error));
    }
}

fn no_socket_transmits_nothing() {
    let by = Socket::tcp(AF_INET);
    let refused = transmit_file(&by, INVALID_SOCKET, 0, None, 0);
    assert_eq!(refused, Err(Errno::NOTSOCK));
}

fn a_socket_is_reused_only_when_it_is_disconnected() {
    let (client, server) = Socket::pair(AF_INET);
    let refused = transmit_file(&client, client.raw(), 0, None, TF_REUSE_SOCKET);
    assert_eq!(refused, Err(Errno::INVAL));
    assert_eq!(client.send(b"x", 0), Ok(1), "it is still connected");
    assert_eq!(server.recv(&mut [0], 0), Ok(1));
}

// A file that is sent without an OVERLAPPED waits behind what was posted before.
fn a_file_does_not_overtake_a_pending_send() {
    let (client, server) = Socket::pair(AF_INET);
    let large = vec![b'.'; 16 << 20];
    let send = Operation::send(&client, &large, Tell::Handle);
    assert!(send.pends());
    let file = File::open(b"file");
    let sender = std::thread::spawn(move || {
        let sent = transmit_file(&client, client.raw(), file.raw(), None, 0);
        client.shutdown(SD_SEND).expect("it is connected");
        (sent, client)
    });
    let all = drain(&server);
    assert!(all[..large.len()] == large && &all[large.len()..] == b"file");
    let (sent, client) = sender.join().expect("no panic");
    assert_eq!(sent, Ok(()));
    send.until_ended();
    assert_eq!(send.result(&client, false), Ok((16 << 20, 0)));
}

// In the order of the checks.
fn what_cannot_be_sent_is_refused_in_order() {
    let (client, _server) = Socket::pair(AF_INET);
    let send =
        |bytes, flags, around| transmit_file_nowhere(&client, 0x1234_5678, bytes, flags, around);
    assert_eq!(send(i32::MAX as u32, 0, (4, 0)), Err(Errno::INVAL));
    assert_eq!(send(0, 0x40, (4, 0)), Err(Errno::INVAL));
    assert_eq!(send(0, 0, (4, 0)), Err(Errno::FAULT));
    assert_eq!(send(0, 0, (0, 4)), Err(Errno::FAULT));
    assert_eq!(send(0, 0, (0, 0)), Err(Errno::INVALID_HANDLE));
    client.shutdown(SD_SEND).expect("it is connected");
    assert_eq!(send(0, 0x40, (4, 0)), Err(Errno::INVAL));
    assert_eq!(send(0, 0, (4, 0)), Err(Errno::SHUTDOWN));
}

// The flags for workers, and the size of sends, change nothing of what is sent.
fn hints_change_nothing() {
    let (client, server) = Socket::pair(AF_INET);
    let file = File::open(b"file");
    for flags in [TF_USE_SYSTEM_THREAD, TF_USE_KERNEL_APC, TF_WRITE_BEHIND] {
        let around = Some((&b"<"[..], &b">"[..]));
        assert_eq!(
            transmit_file(&client, client.raw(), file.raw(), around, flags),
            Ok(())
        );
    }
    client.shutdown(SD_SEND).expect("it is connected");
    assert_eq!(drain(&server), b"<file><><>");
}
