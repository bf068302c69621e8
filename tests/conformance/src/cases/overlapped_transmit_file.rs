//! TransmitFile as an overlapped operation.

use crate::extended::Room;
use crate::overlapped::{Event, Operation, PENDING, Tell, socket_with};
use crate::port::Port;
use crate::transmissions::Sent;
use crate::transmitted::File;
use crate::{Socket, cases};
use std::thread;
use ws2spi_abi::*;

cases! {
    the_count_is_that_of_all_three_parts: [P200], [Tcp, Overlapped, Extensions];
    nothing_at_all_pends_and_ends: [P199, P200], [Tcp, Overlapped, Extensions];
    it_begins_at_the_offset_of_the_block: [P202], [Tcp, Overlapped, Extensions];
    an_offset_behind_the_file_is_invalid: ["sdk TransmitFile, WSAEINVAL"],
        [Tcp, Overlapped, Extensions];
    a_file_keeps_its_place_among_the_sends: ["base-provider.md 4.3, 4.6"],
        [Tcp, Overlapped, CompletionPorts, Extensions];
    plain_sends_wait_behind_a_file: ["base-provider.md 4.3"], [Tcp, Overlapped, Extensions];
    a_file_goes_on_after_both_handles_are_closed: ["base-provider.md 4.5"],
        [Tcp, Overlapped, Extensions];
    a_file_that_is_cancelled_sends_no_more: ["sdk CancelIoEx"], [Tcp, Overlapped, Extensions, SystemHandles];
    a_reset_ends_a_file: ["sdk TransmitFile, WSAECONNRESET"], [Tcp, Overlapped, Extensions];
    the_stream_ends_behind_the_file: ["sdk TransmitFile, TF_DISCONNECT"],
        [Tcp, Overlapped, Extensions];
    a_socket_that_sent_a_file_accepts_again: ["sdk TransmitFile, TF_REUSE_SOCKET"],
        [Tcp, Overlapped, Extensions];
    a_file_that_is_written_behind_ends_at_once: ["sdk TransmitFile, TF_WRITE_BEHIND"],
        [Tcp, Overlapped, CompletionPorts, Extensions];
    a_socket_that_is_not_overlapped_sends_the_file_now: [P207], [Tcp, Overlapped, Extensions];
    what_is_refused_without_a_connection_is_not_told: [P201, P210],
        [Tcp, Udp, Overlapped, CompletionPorts, Extensions];
    what_is_refused_of_a_connection_is_not_told: [P203],
        [Tcp, Overlapped, CompletionPorts, Extensions];
}

/// More than the buffers of a connection take.
const LARGE: usize = 16 << 20;

fn pattern(size: usize) -> Vec<u8> {
    (0..size as u32).map(|n| (n % 251) as u8).collect()
}

/// Reads so many bytes on a thread of its own.
fn read_all(s: Socket, size: usize) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut data = vec![0; size];
        s.recv_exact(&mut data);
        data
    })
}

fn received(s: &Socket, size: usize) -> Vec<u8> {
    let mut data = vec![0; size];
    s.recv_exact(&mut data);
    data
}

fn of(file: &File) -> Sent<'static> {
    Sent {
        file: file.raw(),
        ..Sent::default()
    }
}

// It pends, and the count is that of head, file and tail.
fn the_count_is_that_of_all_three_parts() {
    let (client, server) = Socket::pair(AF_INET);
    let (file, event) = (File::open(b"file"), Event::new());
    let what = Sent {
        head: b"the head ",
        tail: b" the tail",
        ..of(&file)
    };
    let send = Operation::transmit_file(&client, what, Tell::Event(event.raw()));
    assert!(send.pends());
    assert_eq!(received(&server, 22), b"the head file the tail");
    event.wait();
    assert_eq!(send.result(&client, false), Ok((22, 0)));
}

fn nothing_at_all_pends_and_ends() {
    let (client, _server) = Socket::pair(AF_INET);
    let send = Operation::transmit_file(&client, Sent::default(), Tell::Handle);
    assert!(send.pends());
    send.until_ended();
    assert_eq!(send.result(&client, false), Ok((0, 0)));
}

// And a number of bytes ends it.
fn it_begins_at_the_offset_of_the_block() {
    let (client, server) = Socket::pair(AF_INET);
    let file = File::open(b"0123456789");
    for (offset, bytes, expected) in [
        (3, 0, &b"3456789"[..]),
        (0, 4, b"0123"),
        (8, 100, b"89"),
        (10, 0, b""),
    ] {
        let what = Sent {
            offset,
            bytes,
            ..of(&file)
        };
        let send = Operation::transmit_file(&client, what, Tell::Handle);
        assert!(send.pends());
        assert_eq!(received(&server, expected.len()), expected);
        send.until_ended();
        // The flags stand in the block where the offset stood: what becomes of them is nowhere said.
        let sent = send.result(&client, false).map(|(count, _)| count);
        assert_eq!(sent, Ok(expected.len() as u32));
    }
}

// "is not within the file".
fn an_offset_behind_the_file_is_invalid() {
    let (client, _server) = Socket::pair(AF_INET);
    let file = File::open(b"0123456789");
    for offset in [11, 1 << 32] {
        let what = Sent {
            offset,
            ..of(&file)
        };
        let send = Operation::transmit_file(&client, what, Tell::Handle);
        assert_eq!(send.returned, Err(Errno::INVAL));
    }
}

// What was posted before goes before, and what was posted behind waits.
fn a_file_keeps_its_place_among_the_sends() {
    let (client, server) = Socket::pair(AF_INET);
    let port = Port::with(&client, 3);
    let (data, file) = (pattern(LARGE), File::open(&pattern(LARGE)));
    let operations = [
        Operation::send(&client, &data, Tell::Handle),
        Operation::transmit_file(&client, of(&file), Tell::Handle),
        Operation::send(&client, b"behind", Tell::Handle),
    ];
    assert!(operations.iter().all(Operation::pends));
    let reader = read_all(server, 2 * LARGE + 6);
    for (operation, size) in operations.iter().zip([LARGE, LARGE, 6]) {
        let packet = port.take();
        assert_eq!(
            (packet.key, packet.block, packet.bytes, packet.error),
            (3, operation.block(), size as u32, None)
        );
    }
    let got = reader.join().expect("the reader does not panic");
    assert!(got[..LARGE] == data && got[LARGE..2 * LARGE] == data);
    assert_eq!(&got[2 * LARGE..], b"behind");
}

// A plain send neither overtakes nor comes in between.
fn plain_sends_wait_behind_a_file() {
    let (client, server) = Socket::pair(AF_INET);
    let (data, file) = (pattern(LARGE), File::open(&pattern(LARGE)));
    let send = Operation::transmit_file(&client, of(&file), Tell::Handle);
    assert!(send.pends());
    client.set_nonblocking(true).expect("a mode");
    assert_eq!(client.send(b"!", 0), Err(Errno::WOULDBLOCK));
    client.set_nonblocking(false).expect("a mode");
    let reader = read_all(server, LARGE + 1);
    assert_eq!(client.send(b"!", 0), Ok(1));
    send.until_ended();
    assert_eq!(send.result(&client, false), Ok((LARGE as u32, 0)));
    let got = reader.join().expect("the reader does not panic");
    assert!(got[..LARGE] == data && got[LARGE] == b'!');
}

// Neither the socket nor the file has to stay open.
fn a_file_goes_on_after_both_handles_are_closed() {
    let (client, server) = Socket::pair(AF_INET);
    let (data, file) = (pattern(LARGE), File::open(&pattern(LARGE)));
    let send = Operation::transmit_file(&client, of(&file), Tell::Handle);
    assert!(send.pends());
    drop(file);
    client.close().expect("it closes");
    assert!(received(&server, LARGE) == data);
    assert_eq!(server.recv(&mut [0], 0), Ok(0));
    send.until_ended();
    assert_eq!(
        (send.status(), send.internal_high()),
        (NtStatus::SUCCESS, LARGE)
    );
}

// What was sent stays sent, and the connection goes on.
fn a_file_that_is_cancelled_sends_no_more() {
    let (client, server) = Socket::pair(AF_INET);
    let file = File::open(&pattern(LARGE));
    let send = Operation::transmit_file(&client, of(&file), Tell::Handle);
    assert!(send.pends());
    assert_eq!(send.cancel(&client), Ok(()));
    assert_eq!(send.result(&client, true), Err(Errno::OPERATION_ABORTED));
    client.shutdown(SD_SEND).expect("it is connected");
    let (mut room, mut all) = (vec![0; 1 << 16], 0);
    loop {
        match server.recv(&mut room, 0).expect("the stream goes on") {
            0 => break,
            got => all += got,
        }
    }
    assert!(all < LARGE);
}

fn a_reset_ends_a_file() {
    let (client, server) = Socket::pair(AF_INET);
    let file = File::open(&pattern(LARGE));
    let send = Operation::transmit_file(&client, of(&file), Tell::Handle);
    assert!(send.pends());
    server.close().expect("it closes");
    send.until_ended();
    assert_eq!(send.result(&client, false), Err(Errno::CONNRESET));
}

// Behind everything.
fn the_stream_ends_behind_the_file() {
    let (client, server) = Socket::pair(AF_INET);
    let (data, file) = (pattern(LARGE), File::open(&pattern(LARGE)));
    let what = Sent {
        flags: TF_DISCONNECT,
        ..of(&file)
    };
    let send = Operation::transmit_file(&client, what, Tell::Handle);
    assert!(send.pends());
    assert!(received(&server, LARGE) == data);
    assert_eq!(server.recv(&mut [0], 0), Ok(0));
    send.until_ended();
    assert_eq!(send.result(&client, false), Ok((LARGE as u32, 0)));
    assert_eq!(client.send(b"x", 0), Err(Errno::SHUTDOWN));
}

// "the socket handle can be passed to" AcceptEx.
fn a_socket_that_sent_a_file_accepts_again() {
    let (listener, s) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let file = File::open(b"file");
    for _ in 0..2 {
        let accept = Operation::accept(&listener, &s, Room::with(0), Tell::Handle);
        assert!(accept.pends());
        let client = Socket::tcp(AF_INET);
        let name = listener.name().expect("it is bound");
        client.connect(name).expect("somebody listens");
        accept.until_ended();
        let what = Sent {
            flags: TF_DISCONNECT | TF_REUSE_SOCKET,
            ..of(&file)
        };
        let send = Operation::transmit_file(&s, what, Tell::Handle);
        assert!(send.pends());
        assert_eq!(received(&client, 4), b"file");
        assert_eq!(client.recv(&mut [0], 0), Ok(0));
        assert_eq!(send.internal(), PENDING);
        drop(client);
        send.until_ended();
        assert_eq!(
            (send.status(), send.internal_high()),
            (NtStatus::SUCCESS, 4)
        );
    }
}

// "immediately, without pending"; P209: told all the same.
fn a_file_that_is_written_behind_ends_at_once() {
    let (client, server) = Socket::pair(AF_INET);
    let (port, file) = (Port::with(&client, 7), File::open(b"file"));
    let what = Sent {
        flags: TF_WRITE_BEHIND,
        ..of(&file)
    };
    let send = Operation::transmit_file(&client, what, Tell::Handle);
    assert_eq!(send.returned, Ok(0), "TRUE");
    assert_eq!(received(&server, 4), b"file");
    let packet = port.take();
    assert_eq!(
        (packet.key, packet.block, packet.bytes, packet.error),
        (7, send.block(), 4, None)
    );
}

// On a socket that is not for overlapped use the call waits; P202: the offset counts.
fn a_socket_that_is_not_overlapped_sends_the_file_now() {
    let listener = Socket::listener(AF_INET);
    let client = socket_with(AF_INET, SOCK_STREAM, 0);
    let name = listener.name().expect("it is bound");
    client.connect(name).expect("somebody listens");
    let (server, _) = listener.accept().expect("somebody came");
    let file = File::open(b"0123456789");
    let what = Sent {
        offset: 6,
        ..of(&file)
    };
    let send = Operation::transmit_file(&client, what, Tell::Handle);
    assert_eq!(send.returned, Ok(0), "TRUE");
    assert_eq!(received(&server, 4), b"6789");
}

// What is refused queues no packet.
fn what_is_refused_without_a_connection_is_not_told() {
    for s in [Socket::tcp(AF_INET), Socket::bound_udp(AF_INET)] {
        let port = Port::with(&s, 2);
        let send = Operation::transmit_file(&s, Sent::default(), Tell::Handle);
        assert_eq!(send.returned, Err(Errno::NOTCONN));
        assert_eq!(port.look(), None);
    }
}

fn what_is_refused_of_a_connection_is_not_told() {
    let (client, _server) = Socket::pair(AF_INET);
    let fresh = Socket::tcp(AF_INET);
    let port = Port::with(&client, 1);
    let with = |flags, bytes, file| Sent {
        flags,
        bytes,
        file,
        ..Sent::default()
    };
    for (what, error) in [
        (with(TF_REUSE_SOCKET, 0, 0), Errno::INVAL),
        (with(0x40, 0, 0), Errno::INVAL),
        (with(0, i32::MAX as u32, 0), Errno::INVAL),
        (with(0, 0, 0x1234_5678), Errno::INVALID_HANDLE),
        (with(0, 0, fresh.raw()), Errno::INVALID_HANDLE),
    ] {
        let send = Operation::transmit_file(&client, what, Tell::Handle);
        assert_eq!(send.returned, Err(error), "{what:?}");
    }
    assert_eq!(port.look(), None);
}
