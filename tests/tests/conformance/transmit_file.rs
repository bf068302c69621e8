//! TransmitFile without an OVERLAPPED.

use ws2spi_abi::*;
use ws2spi_tests::extensions::{transmit_file, transmit_file_part};
use ws2spi_tests::memory_file::MemoryFile;
use ws2spi_tests::{Socket, case};

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

// P199
#[test]
fn nothing_at_all_is_transmitted() {
    case!();
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(transmit_file(&client, client.raw(), 0, None, 0), Ok(()));
    let empty = Some((&[][..], &[][..]));
    assert_eq!(transmit_file(&client, client.raw(), 0, empty, 0), Ok(()));
    client.shutdown(SD_SEND).expect("it is connected");
    assert_eq!(drain(&server), b"");
}

// P200: without an OVERLAPPED there is no count to be told; what arrives is all three.
#[test]
fn the_head_comes_before_the_file_and_the_tail_behind_it() {
    case!();
    for family in [AF_INET, AF_INET6] {
        let (client, server) = Socket::pair(family);
        let contents: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
        let file = MemoryFile::open(contents.clone());
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

// P200: each of the three may be missing.
#[test]
fn any_part_may_be_missing() {
    case!();
    for (head, contents, tail) in [
        ("head", "", ""),
        ("", "", "tail"),
        ("head", "", "tail"),
        ("", "file", ""),
        ("head", "file", ""),
        ("", "file", "tail"),
    ] {
        let (client, server) = Socket::pair(AF_INET);
        let file = MemoryFile::open(contents.into());
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

// 6.4: a number of bytes, from the file's current position.
#[test]
fn a_part_of_the_file_is_transmitted() {
    case!();
    let (client, server) = Socket::pair(AF_INET);
    let file = MemoryFile::open(b"0123456789".to_vec());
    let part = |bytes| transmit_file_part(&client, client.raw(), file.raw(), bytes, None, 0);
    assert_eq!(part(3), Ok(()));
    assert_eq!(part(0), Ok(()), "the rest");
    client.shutdown(SD_SEND).expect("it is connected");
    assert_eq!(drain(&server), b"0123456789");
}

// 6.4, TF_DISCONNECT: the stream ends behind the file.
#[test]
fn a_transmission_may_end_the_stream() {
    case!();
    let (client, server) = Socket::pair(AF_INET);
    let file = MemoryFile::open(b"all".to_vec());
    let ended = transmit_file(&client, client.raw(), file.raw(), None, TF_DISCONNECT);
    assert_eq!(ended, Ok(()));
    assert_eq!(drain(&server), b"all");
    assert_eq!(client.send(b"x", 0), Err(Errno::SHUTDOWN));
}

// P201
#[test]
fn files_are_transmitted_on_connections_only() {
    case!();
    let peer = Socket::bound_udp(AF_INET);
    let datagram = Socket::udp(AF_INET);
    let to = peer.name().expect("it is bound");
    datagram.connect(to).expect("UDP connects");
    let by = Socket::tcp(AF_INET);
    let file = MemoryFile::open(b"file".to_vec());
    for s in [
        &Socket::tcp(AF_INET),
        &Socket::listener(AF_INET),
        &Socket::udp(AF_INET),
        &datagram,
    ] {
        for file in [0, file.raw()] {
            let refused = transmit_file(&by, s.raw(), file, None, 0);
            assert_eq!(refused, Err(Errno::NOTCONN));
        }
    }
}

// 6.4
#[test]
fn no_socket_transmits_nothing() {
    case!();
    let by = Socket::tcp(AF_INET);
    let refused = transmit_file(&by, INVALID_SOCKET, 0, None, 0);
    assert_eq!(refused, Err(Errno::NOTSOCK));
}

// P203
#[test]
fn a_socket_is_reused_only_when_it_is_disconnected() {
    case!();
    let (client, server) = Socket::pair(AF_INET);
    let refused = transmit_file(&client, client.raw(), 0, None, TF_REUSE_SOCKET);
    assert_eq!(refused, Err(Errno::INVAL));
    assert_eq!(client.send(b"x", 0), Ok(1), "it is still connected");
    assert_eq!(server.recv(&mut [0], 0), Ok(1));
}
