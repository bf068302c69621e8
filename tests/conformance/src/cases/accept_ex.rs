//! AcceptEx: connections into sockets that exist already.

use crate::accepting::accept_if;
use crate::extended::{NAME, Room};
use crate::notices::{Notices, Way};
use crate::overlapped::{Operation, PENDING, Tell, cancel_all, cancel_own};
use crate::port::{Packet, Port, set_modes};
use crate::{Socket, cases};
use std::net::SocketAddr;
use ws2spi_abi::*;

cases! {
    both_handles_have_to_be_sockets: [P104], [Tcp, Overlapped, Extensions];
    there_has_to_be_room_for_the_peer_and_a_block: [P106, P108], [Tcp, Overlapped, Extensions];
    a_call_without_a_buffer_is_a_fault: [P106], [Tcp, Overlapped, Extensions];
    what_cannot_be_accepted_into_is_refused: [P105, P109], [Tcp, Udp, Overlapped, Extensions];
    a_socket_that_is_being_accepted_into_does_nothing_else: [P110, P115],
        [Tcp, Overlapped, Extensions, SystemHandles];
    without_room_for_data_it_ends_with_the_connection: [P112, P118, P120],
        [Tcp, Overlapped, CompletionPorts, Extensions];
    before_the_context_is_updated_the_acceptor_has_no_peer: [P121], [Tcp, Overlapped, Extensions];
    without_room_for_the_local_name_it_is_left_out: [P107], [Tcp, Overlapped, Extensions];
    too_little_room_for_a_name_fails_with_the_connection: [P111],
        [Tcp, Overlapped, CompletionPorts, Extensions, SystemHandles];
    too_little_room_for_a_name_leaves_the_connection_alone: [P111],
        [Tcp, Overlapped, CompletionPorts, Extensions, SystemHandles];
    with_room_for_data_it_ends_with_the_first_of_them: [P113],
        [Tcp, Overlapped, CompletionPorts, Extensions];
    a_client_that_leaves_without_data_ends_it_with_none: [P114], [Tcp, Overlapped, Extensions];
    several_are_served_in_order_and_before_accept: [P118], [Tcp, Overlapped, Extensions];
    closing_either_side_aborts_it_once: [P116], [Tcp, Overlapped, CompletionPorts, Extensions];
    cancelling_on_the_acceptor_does_nothing: [P117], [Tcp, Overlapped, Extensions, SystemHandles];
    there_is_nothing_to_cancel_on_the_acceptor: [P117, P228],
        [Tcp, Overlapped, Extensions, SystemHandles];
    the_context_brings_the_properties_of_the_listener: ["sdk AcceptEx, Remarks"],
        [Tcp, Overlapped, Extensions];
    a_connection_that_it_takes_is_no_event: [P263], [Tcp, Overlapped, NetworkEvents, Extensions];
    a_deferred_connection_comes_before_new_ones: [P119], [Tcp, Overlapped, Extensions];
}

fn name(s: &Socket) -> SocketAddr {
    s.name().expect("it is bound")
}

fn connect_to(listener: &Socket) -> Socket {
    let client = Socket::tcp(AF_INET);
    client.connect(name(listener)).expect("somebody listens");
    client
}

fn accept(listener: &Socket, acceptor: &Socket, data: usize) -> Operation {
    let accept = Operation::accept(listener, acceptor, Room::with(data), Tell::Handle);
    assert!(accept.pends(), "{:?}", accept.returned);
    accept
}

fn update(s: &Socket, listener: &Socket) -> Result<(), Errno> {
    let value = listener.raw().to_ne_bytes();
    s.set_option_bytes(SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, &value)
}

fn both_handles_have_to_be_sockets() {
    let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    for [l, a] in [
        [INVALID_SOCKET, acceptor.raw()],
        [listener.raw(), INVALID_SOCKET],
    ] {
        let call = Operation::accept_raw(&listener, l, a, Room::with(0), Tell::Handle);
        assert_eq!(call.returned, Err(Errno::NOTSOCK));
    }
}

fn there_has_to_be_room_for_the_peer_and_a_block() {
    let (listener, fresh) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let room = Room {
        remote: 0,
        ..Room::with(0)
    };
    let call = Operation::accept(&listener, &fresh, room, Tell::Handle);
    assert_eq!(call.returned, Err(Errno::FAULT));
    let call = Operation::accept_without(&listener, &fresh, false);
    assert_eq!(call.returned, Err(Errno::INVALID_PARAMETER));
}

fn a_call_without_a_buffer_is_a_fault() {
    let (listener, fresh) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let call = Operation::accept_without(&listener, &fresh, true);
    assert_eq!(call.returned, Err(Errno::FAULT));
}

fn what_cannot_be_accepted_into_is_refused() {
    let (listener, fresh) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let refused = |listener: &Socket, acceptor: &Socket| {
        Operation::accept(listener, acceptor, Room::with(0), Tell::Handle).returned
    };
    assert_eq!(refused(&fresh, &fresh), Err(Errno::INVAL));
    let bound = Socket::tcp(AF_INET);
    bound
        .bind("127.0.0.1:0".parse().expect("an address"))
        .expect("a port");
    let (connected, _peer) = Socket::pair(AF_INET);
    for acceptor in [&Socket::udp(AF_INET), &bound, &connected] {
        assert_eq!(refused(&listener, acceptor), Err(Errno::INVAL));
    }
}

fn a_socket_that_is_being_accepted_into_does_nothing_else() {
    let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let first = accept(&listener, &acceptor, 0);
    let second = Operation::accept(&listener, &acceptor, Room::with(0), Tell::Handle);
    assert_eq!(second.returned, Err(Errno::INVAL));
    assert_eq!(acceptor.connect(name(&listener)), Err(Errno::INVAL));
    let connect = Operation::connect(&acceptor, name(&listener), b"", Tell::Handle);
    assert_eq!(connect.returned, Err(Errno::INVAL));
    assert_eq!(cancel_all(&listener), Ok(()));
    assert_eq!(first.status(), NtStatus::CANCELLED);
    let again = accept(&listener, &acceptor, 0);
    let _client = connect_to(&listener);
    again.until_ended();
    assert_eq!(again.status(), NtStatus::SUCCESS);
}

// Base-provider.md 6.2: the names.
fn without_room_for_data_it_ends_with_the_connection() {
    for non_blocking in [false, true] {
        let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
        listener.set_nonblocking(non_blocking).expect("a mode");
        let port = Port::with(&listener, 77);
        set_modes(&listener, 1).expect("a mode");
        let accept = accept(&listener, &acceptor, 0);
        let client = connect_to(&listener);
        let packet = Packet {
            key: 77,
            block: accept.block(),
            bytes: 0,
            error: None,
        };
        assert_eq!(port.take(), packet);
        let names = accept.accepted_names(&listener, Room::with(0));
        assert_eq!(names, [Some(name(&listener)), Some(name(&client))]);
        assert_eq!(update(&acceptor, &listener), Ok(()));
        assert_eq!(acceptor.peer().ok(), client.name().ok());
        assert_eq!(client.send(b"data", 0), Ok(4));
        let mut room = [0; 4];
        acceptor.recv_exact(&mut room);
        assert_eq!((&room, acceptor.send(b"back", 0)), (b"data", Ok(4)));
        client.recv_exact(&mut room);
        assert_eq!(&room, b"back");
    }
}

fn before_the_context_is_updated_the_acceptor_has_no_peer() {
    let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let accept = accept(&listener, &acceptor, 0);
    let client = connect_to(&listener);
    accept.until_ended();
    assert_eq!(acceptor.peer(), Err(Errno::NOTCONN));
    assert_eq!(update(&acceptor, &listener), Ok(()));
    assert_eq!(acceptor.peer().ok(), client.name().ok());
}

fn without_room_for_the_local_name_it_is_left_out() {
    let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let room = Room {
        data: 0,
        local: 0,
        remote: NAME,
    };
    let accept = Operation::accept(&listener, &acceptor, room, Tell::Handle);
    let client = connect_to(&listener);
    accept.until_ended();
    let names = accept.accepted_names(&listener, room);
    assert_eq!(names, [None, Some(name(&client))]);
}

/// A listener with a connection that an AcceptEx with three bytes for the local name has met, and whose it is.
fn met_with_too_little_room() -> (Socket, Socket) {
    let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let port = Port::with(&listener, 1);
    let room = Room {
        data: 0,
        local: 3,
        remote: NAME,
    };
    let short = Operation::accept(&listener, &acceptor, room, Tell::Handle);
    assert!(short.pends());
    let client = connect_to(&listener);
    assert_eq!(port.take().error, Some(Errno::INSUFFICIENT_BUFFER));
    assert_eq!(short.status(), NtStatus::BUFFER_TOO_SMALL);
    (listener, client)
}

fn too_little_room_for_a_name_fails_with_the_connection() {
    let _ = met_with_too_little_room();
}

fn too_little_room_for_a_name_leaves_the_connection_alone() {
    let (listener, client) = met_with_too_little_room();
    listener.set_nonblocking(true).expect("a mode");
    let (accepted, _) = listener.accept().expect("the connection is there");
    assert_eq!(accepted.peer().ok(), client.name().ok());
}

fn with_room_for_data_it_ends_with_the_first_of_them() {
    let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let port = Port::with(&listener, 5);
    let accept = accept(&listener, &acceptor, 64);
    let client = connect_to(&listener);
    // A later connection does not end it.
    let other = connect_to(&listener);
    assert_eq!((port.look(), accept.internal()), (None, PENDING));
    assert_eq!(client.send(b"x", 0), Ok(1));
    let packet = port.take();
    assert_eq!(
        (packet.key, packet.block, packet.bytes),
        (5, accept.block(), 1)
    );
    assert_eq!(accept.data(0)[0], b'x');
    let names = accept.accepted_names(&listener, Room::with(64));
    assert_eq!(names, [Some(name(&listener)), Some(name(&client))]);
    drop(other);
}

fn a_client_that_leaves_without_data_ends_it_with_none() {
    let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let accept = accept(&listener, &acceptor, 64);
    drop(connect_to(&listener));
    accept.until_ended();
    assert_eq!(
        (accept.status(), accept.internal_high()),
        (NtStatus::SUCCESS, 0)
    );
}

// Base-provider.md 6.2 (P118): several wait in order; who is there already is taken at once.
fn several_are_served_in_order_and_before_accept() {
    let listener = Socket::listener(AF_INET);
    let acceptors = [(); 2].map(|()| Socket::tcp(AF_INET));
    let accepts = acceptors
        .each_ref()
        .map(|acceptor| accept(&listener, acceptor, 0));
    listener.set_nonblocking(true).expect("a mode");
    for (operation, acceptor) in accepts.iter().zip(&acceptors) {
        assert_eq!(listener.accept().err(), Some(Errno::WOULDBLOCK));
        let client = connect_to(&listener);
        operation.until_ended();
        update(acceptor, &listener).expect("it is connected");
        assert_eq!(acceptor.peer().ok(), client.name().ok());
    }
    let client = connect_to(&listener);
    let late = Socket::tcp(AF_INET);
    let operation = accept(&listener, &late, 0);
    operation.until_ended();
    update(&late, &listener).expect("it is connected");
    assert_eq!(late.peer().ok(), client.name().ok());
}

fn closing_either_side_aborts_it_once() {
    for close_listener in [true, false] {
        for connected in [false, true] {
            let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
            let port = Port::with(&listener, 3);
            let accept = accept(&listener, &acceptor, 16);
            let client = connected.then(|| connect_to(&listener));
            let (closed, kept) = if close_listener {
                (listener, acceptor)
            } else {
                (acceptor, listener)
            };
            closed.close().expect("it closes");
            let packet = port.take();
            assert_eq!(
                (packet.block, packet.error),
                (accept.block(), Some(Errno::OPERATION_ABORTED))
            );
            assert_eq!(port.look(), None);
            drop((kept, client));
        }
    }
}

fn cancelling_on_the_acceptor_does_nothing() {
    let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let accept = accept(&listener, &acceptor, 0);
    assert_eq!(cancel_own(&acceptor), Ok(()));
    assert_eq!(accept.internal(), PENDING);
    assert_eq!(cancel_own(&listener), Ok(()));
    accept.until_ended();
    assert_eq!(accept.status(), NtStatus::CANCELLED);
}

// For CancelIoEx: what pends is the listener's.
fn there_is_nothing_to_cancel_on_the_acceptor() {
    let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let accept = accept(&listener, &acceptor, 0);
    assert_eq!(cancel_all(&acceptor), Err(Errno::NOT_FOUND));
    assert_eq!(accept.internal(), PENDING);
    assert_eq!(cancel_all(&listener), Ok(()));
    accept.until_ended();
}

// Base-provider.md 6.2: the options are the listener's afterwards.
fn the_context_brings_the_properties_of_the_listener() {
    let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    listener
        .set_option(SOL_SOCKET, SO_RCVTIMEO, 4321)
        .expect("an option");
    listener
        .set_option(SOL_SOCKET, SO_KEEPALIVE, 1)
        .expect("an option");
    let accept = accept(&listener, &acceptor, 0);
    let _client = connect_to(&listener);
    accept.until_ended();
    assert_eq!(acceptor.option(SOL_SOCKET, SO_RCVTIMEO), Ok(0));
    update(&acceptor, &listener).expect("it is connected");
    assert_eq!(acceptor.option(SOL_SOCKET, SO_RCVTIMEO), Ok(4321));
    assert_eq!(
        acceptor.option_bytes(SOL_SOCKET, SO_KEEPALIVE, 4),
        Ok(vec![1])
    );
}

fn a_connection_that_it_takes_is_no_event() {
    let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let notices = Notices::by(Way::Event);
    notices.select(&listener, FD_ACCEPT);
    let accept = accept(&listener, &acceptor, 0);
    let _first = connect_to(&listener);
    accept.until_ended();
    notices.expect_nothing(&listener);
    let _second = connect_to(&listener);
    notices.expect(&listener, &[FD_ACCEPT]);
}

fn a_deferred_connection_comes_before_new_ones() {
    let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let first = connect_to(&listener);
    let deferred = accept_if(&listener, |_| CF_DEFER);
    assert_eq!(deferred.err(), Some(Errno::TRY_AGAIN));
    let _second = connect_to(&listener);
    let accept = accept(&listener, &acceptor, 0);
    accept.until_ended();
    let names = accept.accepted_names(&listener, Room::with(0));
    assert_eq!(names[1], Some(name(&first)));
}
