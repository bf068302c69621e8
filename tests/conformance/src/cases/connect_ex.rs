//! ConnectEx and DisconnectEx with an OVERLAPPED.

use crate::extended::Room;
use crate::overlapped::{Operation, PENDING, Tell};
use crate::port::{Packet, Port, set_modes};
use crate::unanswered::Unanswered;
use crate::{Socket, cases, ports, wait};
use std::net::SocketAddr;
use ws2spi_abi::*;

cases! {
    it_pends_and_tells_even_what_is_skipped_on_success: [P216, P220],
        [Tcp, Overlapped, CompletionPorts, Extensions];
    before_the_context_is_updated_it_cannot_connect: [P221], [Tcp, Overlapped, Extensions];
    before_the_context_is_updated_it_has_no_peer: ["base-provider.md 6.3"],
        [Tcp, Overlapped, Extensions];
    what_cannot_be_connected_is_refused: [P217, P218, P222], [Tcp, Overlapped, Extensions];
    a_refusal_is_told_in_the_packet: [P219],
        [Tcp, Overlapped, CompletionPorts, Extensions, SystemHandles];
    another_attempt_may_follow_a_refusal: [P78, P219],
        [Tcp, Overlapped, CompletionPorts, Extensions, SystemHandles];
    while_it_goes_on_nothing_else_connects: [P71, P74], [Tcp, Overlapped, Extensions];
    while_it_goes_on_nothing_is_sent_or_received: [P72], [Tcp, Overlapped, Extensions];
    an_attempt_that_goes_on_can_be_cancelled: ["base-provider.md 4"],
        [Tcp, Overlapped, Extensions, SystemHandles];
    a_disconnect_pends_and_leaves_the_receiving_side_open: [P194, P196],
        [Tcp, Overlapped, Extensions];
    a_disconnect_is_told_in_a_packet: [P194],
        [Tcp, Overlapped, CompletionPorts, Extensions];
    a_socket_that_is_disconnected_for_reuse_connects_again:
        ["Microsoft, DisconnectEx, TF_REUSE_SOCKET"],
        [Tcp, Overlapped, CompletionPorts, Extensions];
    a_socket_that_is_disconnected_for_reuse_accepts_again: ["base-provider.md 6.3"],
        [Tcp, Overlapped, Extensions];
}

fn bound() -> Socket {
    let s = Socket::tcp(AF_INET);
    s.bind("127.0.0.1:0".parse().expect("an address"))
        .expect("a port");
    s
}

fn name(s: &Socket) -> SocketAddr {
    s.name().expect("it is bound")
}

fn packet(operation: &Operation, bytes: u32, error: Option<Errno>) -> Packet {
    Packet {
        key: 4,
        block: operation.block(),
        bytes,
        error,
    }
}

fn update(s: &Socket) -> Result<(), Errno> {
    s.set_option_bytes(SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, &[])
}

fn it_pends_and_tells_even_what_is_skipped_on_success() {
    for data in [&b""[..], b"first words"] {
        let (listener, s) = (Socket::listener(AF_INET), bound());
        let port = Port::with(&s, 4);
        set_modes(&s, 1).expect("a mode");
        let connect = Operation::connect(&s, name(&listener), data, Tell::Handle);
        assert!(connect.pends());
        assert_eq!(port.take(), packet(&connect, data.len() as u32, None));
        let (peer, _) = listener.accept().expect("somebody came");
        let mut room = vec![0; data.len()];
        peer.recv_exact(&mut room);
        assert_eq!(room, data);
        assert_eq!(s.send(b"more", 0), Ok(4));
        assert_eq!(update(&s), Ok(()));
        assert_eq!(s.peer(), Ok(name(&listener)));
        assert_eq!(s.connect(name(&listener)), Err(Errno::ISCONN));
    }
}

/// A socket that ConnectEx has connected, and to whom.
fn connected() -> (Socket, Socket) {
    let (listener, s) = (Socket::listener(AF_INET), bound());
    let connect = Operation::connect(&s, name(&listener), b"", Tell::Handle);
    assert!(connect.pends());
    connect.until_ended();
    assert_eq!(connect.status(), NtStatus::SUCCESS);
    (s, listener)
}

fn before_the_context_is_updated_it_cannot_connect() {
    let (s, listener) = connected();
    assert_eq!(s.connect(name(&listener)), Err(Errno::INVAL));
}

fn before_the_context_is_updated_it_has_no_peer() {
    let (s, listener) = connected();
    assert_eq!(s.peer(), Err(Errno::NOTCONN));
    assert_eq!(update(&s), Ok(()));
    assert_eq!(s.peer(), Ok(name(&listener)));
}

fn what_cannot_be_connected_is_refused() {
    let listener = Socket::listener(AF_INET);
    let refused = |s: &Socket| Operation::connect(s, name(&listener), b"", Tell::Handle).returned;
    assert_eq!(refused(&Socket::tcp(AF_INET)), Err(Errno::INVAL));
    assert_eq!(refused(&Socket::listener(AF_INET)), Err(Errno::INVAL));
    assert_eq!(refused(&Socket::pair(AF_INET).0), Err(Errno::ISCONN));
    let without = Operation::connect_without(&bound(), name(&listener));
    assert_eq!(without.returned, Err(Errno::INVALID_PARAMETER));
}

/// A socket with a port, whose attempt was refused.
fn refused() -> (Socket, Port) {
    let s = bound();
    let port = Port::with(&s, 4);
    let nobody = SocketAddr::from(([127, 0, 0, 1], ports::free()));
    let connect = Operation::connect(&s, nobody, b"x", Tell::Handle);
    assert!(connect.pends());
    assert_eq!(
        port.take(),
        packet(&connect, 0, Some(Errno::CONNECTION_REFUSED))
    );
    assert_eq!(connect.result(&s, false), Err(Errno::CONNREFUSED));
    (s, port)
}

fn a_refusal_is_told_in_the_packet() {
    let (_s, port) = refused();
    assert_eq!(port.look(), None);
}

fn another_attempt_may_follow_a_refusal() {
    let (s, port) = refused();
    let listener = Socket::listener(AF_INET);
    let again = Operation::connect(&s, name(&listener), b"", Tell::Handle);
    assert!(again.pends(), "{:?}", again.returned);
    assert_eq!(port.take(), packet(&again, 0, None));
}

/// A non-blocking socket whose attempt goes on.
fn going_on() -> (Socket, Operation, Unanswered) {
    let (s, full) = (bound(), Unanswered::new(AF_INET));
    s.set_nonblocking(true).expect("a mode");
    let connect = Operation::connect(&s, full.name(), b"", Tell::Handle);
    assert!(connect.pends());
    (s, connect, full)
}

fn while_it_goes_on_nothing_else_connects() {
    let (s, _connect, full) = going_on();
    assert_eq!(s.connect(full.name()), Err(Errno::INVAL));
    let second = Operation::connect(&s, full.name(), b"", Tell::Handle);
    assert_eq!(second.returned, Err(Errno::INVAL));
    assert_eq!(s.peer(), Err(Errno::NOTCONN));
}

fn while_it_goes_on_nothing_is_sent_or_received() {
    let (s, _connect, _full) = going_on();
    assert_eq!(s.recv(&mut [0], 0), Err(Errno::NOTCONN));
    assert_eq!(s.send(b"x", 0), Err(Errno::NOTCONN));
}

fn an_attempt_that_goes_on_can_be_cancelled() {
    let (s, connect, _full) = going_on();
    assert_eq!(connect.cancel(&s), Ok(()));
    connect.until_ended();
    assert_eq!(connect.status(), NtStatus::CANCELLED);
}

// Although it ends at once, and what ends within the call is skipped.
fn a_disconnect_is_told_in_a_packet() {
    let (client, _server) = Socket::pair(AF_INET);
    let port = Port::with(&client, 4);
    set_modes(&client, 1).expect("a mode");
    let disconnect = Operation::disconnect(&client, 0, Tell::Handle);
    assert!(disconnect.pends());
    assert_eq!(port.take(), packet(&disconnect, 0, None));
}

fn a_disconnect_pends_and_leaves_the_receiving_side_open() {
    let (client, server) = Socket::pair(AF_INET);
    let disconnect = Operation::disconnect(&client, 0, Tell::Handle);
    assert!(disconnect.pends());
    disconnect.until_ended();
    assert_eq!(disconnect.result(&client, false), Ok((0, 0)));
    assert_eq!(server.recv(&mut [0], 0), Ok(0));
    assert_eq!(server.send(b"x", 0), Ok(1));
    assert_eq!(client.recv(&mut [0], 0), Ok(1));
    assert_eq!(client.connect(name(&server)), Err(Errno::ISCONN));
}

// Base-provider.md 6.3 (P194): with both ends closed the socket is as good as new, its name kept.
fn a_socket_that_is_disconnected_for_reuse_connects_again() {
    let (listener, s) = (Socket::listener(AF_INET), bound());
    let port = Port::with(&s, 4);
    let before = name(&s);
    for _ in 0..2 {
        let connect = Operation::connect(&s, name(&listener), b"hello", Tell::Handle);
        assert_eq!(port.take(), packet(&connect, 5, None));
        let (peer, _) = listener.accept().expect("somebody came");
        peer.recv_exact(&mut [0; 5]);
        // Whoever closes first waits for late packets; it is not to be the socket of the name.
        drop(peer);
        wait::until("the peer's end", || {
            s.recv(&mut [0], MSG_PEEK as i32) == Ok(0)
        });
        let disconnect = Operation::disconnect(&s, DE_REUSE_SOCKET, Tell::Handle);
        assert!(disconnect.pends());
        assert_eq!(port.take(), packet(&disconnect, 0, None));
        assert_eq!(s.name(), Ok(before));
    }
}

// Also for AcceptEx.
fn a_socket_that_is_disconnected_for_reuse_accepts_again() {
    let (listener, s) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    for _ in 0..2 {
        let accept = Operation::accept(&listener, &s, Room::with(0), Tell::Handle);
        assert!(accept.pends());
        let client = Socket::tcp(AF_INET);
        client.connect(name(&listener)).expect("somebody listens");
        accept.until_ended();
        let disconnect = Operation::disconnect(&s, DE_REUSE_SOCKET, Tell::Handle);
        assert_eq!(disconnect.internal(), PENDING);
        drop(client);
        disconnect.until_ended();
        assert_eq!(disconnect.status(), NtStatus::SUCCESS);
    }
}
