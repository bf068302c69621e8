//! What the two kinds of layers make of overlapped requests: an IFS layer passes the application's block down, a non-IFS layer ends a
//! request of its own and tells that upwards (client-dll.md 6.2, 6.3, 6.6).

use std::thread;
use ws2spi_abi::*;
use ws2spi_cli::installer::Handles;
use ws2spi_tests::layers::start_c;
use ws2spi_tests::overlapped::{Event, Operation, Tell};
use ws2spi_tests::port::{Port, set_modes};
use ws2spi_tests::{Socket, isolated, wait};

/// Two UDP sockets that are connected with each other.
fn datagrams() -> (Socket, Socket) {
    let (a, b) = (Socket::bound_udp(AF_INET), Socket::bound_udp(AF_INET));
    a.connect(b.name().expect("it is bound"))
        .expect("UDP connects");
    b.connect(a.name().expect("it is bound"))
        .expect("UDP connects");
    (a, b)
}

/// How a datagram that is cut ends a pending receive: `Internal` as whoever ended the application's own block left it.
fn internal_of_a_cut() -> usize {
    let (sender, receiver) = datagrams();
    let receive = Operation::receive(&receiver, &[2], 0, Tell::Handle);
    assert!(receive.pends());
    assert_eq!(sender.send(b"cut", 0), Ok(3));
    receive.until_ended();
    assert_eq!(receive.result(&receiver, false), Err(Errno::MSGSIZE));
    receive.internal()
}

// U194: the base provider ends the very block that the application gave, with a status of the system.
#[test]
fn below_an_ifs_layer_the_base_has_the_block_of_the_application() {
    isolated!();
    start_c("layer_ifs", Handles::System, &[AF_INET]);
    assert_eq!(
        internal_of_a_cut(),
        NtStatus::BUFFER_OVERFLOW.0 as usize,
        "the base provider writes a status"
    );
}

// U194: the base has another block; the application's is ended through WPUCompleteOverlappedRequest, with the layer's error.
#[test]
fn below_a_non_ifs_layer_the_base_has_another_block() {
    isolated!();
    start_c("layer_nonifs", Handles::Minted, &[AF_INET]);
    assert_eq!(internal_of_a_cut(), WSAEMSGSIZE as usize);
}

/// Whether an immediate success of a socket with a port, which skips packets then, queues one all the same.
fn success_is_queued() -> bool {
    let (client, server) = Socket::pair(AF_INET);
    let port = Port::with(&server, 5);
    set_modes(&server, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS as u8).expect("the mode of skipping");
    assert_eq!(client.send(b"data", 0), Ok(4));
    wait::until("the data", || server.available() == Ok(4));
    let receive = Operation::receive(&server, &[8], 0, Tell::Handle);
    assert_eq!(receive.returned, Ok(4));
    let packet = port.look();
    assert_eq!(port.look(), None);
    packet.is_some_and(|packet| packet.bytes == 4)
}

// U195: skipping is honoured when all layers pass the handles of the base on.
#[test]
fn an_ifs_layer_skips_packets_of_immediate_success() {
    isolated!();
    start_c("layer_ifs", Handles::System, &[AF_INET]);
    assert!(!success_is_queued());
}

// U195: a non-IFS layer still queues them.
#[test]
fn a_non_ifs_layer_queues_packets_of_immediate_success() {
    isolated!();
    start_c("layer_nonifs", Handles::Minted, &[AF_INET]);
    assert!(success_is_queued());
}

// U190, U191: waiting for the result returns when the layer has ended the request; the count and the error are those it stored.
#[test]
fn the_result_of_a_request_of_a_non_ifs_layer_can_be_waited_for() {
    isolated!();
    start_c("layer_nonifs", Handles::Minted, &[AF_INET]);
    let (sender, receiver) = datagrams();
    for (text, answer) in [("ab", Ok((2, 0))), ("cut", Err(Errno::MSGSIZE))] {
        for event in [None, Some(Event::new())] {
            let tell = event
                .as_ref()
                .map_or(Tell::Handle, |event| Tell::Event(event.raw()));
            let receive = Operation::receive(&receiver, &[2], 0, tell);
            assert!(receive.pends());
            assert_eq!(
                receive.result(&receiver, false),
                Err(Errno::IO_INCOMPLETE),
                "nothing has come"
            );
            thread::scope(|scope| {
                scope.spawn(|| assert_eq!(sender.send(text.as_bytes(), 0), Ok(text.len())));
                assert_eq!(receive.result(&receiver, true), answer);
            });
        }
    }
}
