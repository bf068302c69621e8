//! Overlapped receives: what pends, in which order it ends, and how that is told.

use crate::overlapped::{
    Event, Operation, PENDING, Tell, UNTOUCHED, await_routine, cancel_all, deepest_nesting,
    is_signalled, routine_calls, socket_with, wait_in_routine,
};
use crate::port::Port;
use crate::sending::reset;
use crate::{Socket, apc, blocked, cases, wait};
use std::cell::Cell;
use std::rc::Rc;
use std::thread;
use ws2spi_abi::*;

cases! {
    an_overlapped_receive_pends_whatever_the_mode: [P204], [Tcp, Overlapped];
    a_pending_receive_says_so_in_its_block_alone: [P205], [Tcp, Overlapped];
    without_an_event_the_socket_is_signalled: [P206], [Tcp, Overlapped];
    a_socket_that_is_not_overlapped_waits_instead: [P207], [Tcp, Overlapped];
    two_receives_end_in_the_order_of_posting: [P208], [Tcp, Overlapped, CompletionPorts];
    a_plain_receive_does_not_overtake_a_pending_one: [P208], [Tcp, Overlapped];
    a_receive_of_nothing_waits_for_data_and_leaves_them: [P131, P132], [Tcp, Overlapped];
    a_receive_that_waits_for_all_pends_until_it_is_full: [P137], [Tcp, Overlapped];
    the_end_of_the_stream_ends_a_receive_that_waits_for_all: [P137], [Tcp, Overlapped];
    the_time_limit_of_receives_is_none_of_its_business: [P141], [Tcp, Overlapped];
    a_datagram_that_is_cut_ends_with_a_warning: [P146, P147, P149], [Udp, Overlapped, SystemHandles];
    each_datagram_receive_gets_one_with_its_sender: [P208], [Udp, Overlapped];
    shutting_the_receiving_side_leaves_a_pending_receive_alone: [P190], [Tcp, Overlapped];
    a_routine_is_called_in_an_alertable_wait_and_the_event_is_not_looked_at: [P224, U185, U193],
        [Tcp, Overlapped];
    a_receive_that_succeeds_at_once_calls_its_routine_too: [P224], [Tcp, Overlapped];
    a_routine_on_a_socket_with_a_port_is_invalid: [P223], [Tcp, Overlapped, CompletionPorts, SystemHandles];
    a_receive_that_fails_at_once_tells_nobody: [P210, U187], [Tcp, Overlapped, CompletionPorts];
    the_result_of_what_goes_on_is_incomplete: [P231, U189, U190], [Tcp, Overlapped];
    a_reset_ends_a_pending_receive_and_is_no_error_of_the_socket: [P232, P213, P236, U191],
        [Tcp, Overlapped, SystemHandles];
    a_receive_after_a_reset_fails_at_once: [P144], [Tcp, Overlapped];
    a_file_read_may_be_overlapped: ["client-dll.md 3"], [Tcp, Overlapped];
    the_routines_of_one_socket_do_not_nest: [P238, U193], [Tcp, Overlapped];
    waiting_for_a_result_runs_no_routines: [P235], [Tcp, Overlapped];
    a_handle_that_was_duplicated_behind_our_back_has_no_results: [P234], [Tcp, Overlapped, SystemHandles];
    the_descriptors_may_go_when_the_call_has_returned: [P237, U188], [Tcp, Overlapped];
}

fn send(s: &Socket, data: &[u8]) {
    assert_eq!(s.send(data, 0), Ok(data.len()));
}

/// A sender and a receiver, connected with each other, of datagrams.
fn datagrams() -> (Socket, Socket) {
    let (a, b) = (Socket::bound_udp(AF_INET), Socket::bound_udp(AF_INET));
    a.connect(b.name().expect("it is bound"))
        .expect("UDP connects");
    b.connect(a.name().expect("it is bound"))
        .expect("UDP connects");
    (a, b)
}

fn an_overlapped_receive_pends_whatever_the_mode() {
    for non_blocking in [false, true] {
        let (client, server) = Socket::pair(AF_INET);
        server.set_nonblocking(non_blocking).expect("a mode");
        let receive = Operation::receive(&server, &[4], 0, Tell::Handle);
        assert_eq!(receive.returned, Err(Errno::IO_PENDING));
        send(&client, b"data");
        receive.until_ended();
        if non_blocking {
            assert_eq!(server.recv(&mut [0; 4], 0), Err(Errno::WOULDBLOCK));
        }
        assert_eq!(
            (receive.status(), receive.data(0)),
            (NtStatus::SUCCESS, &b"data"[..])
        );
    }
}

fn a_pending_receive_says_so_in_its_block_alone() {
    let (client, server) = Socket::pair(AF_INET);
    let receive = Operation::receive(&server, &[4], 0, Tell::Handle);
    assert_eq!(
        (receive.internal(), receive.internal_high()),
        (PENDING, UNTOUCHED)
    );
    send(&client, b"abc");
    receive.until_ended();
    assert_eq!((receive.internal(), receive.internal_high()), (0, 3));
}

fn without_an_event_the_socket_is_signalled() {
    let (client, server) = Socket::pair(AF_INET);
    let receive = Operation::receive(&server, &[4], 0, Tell::Handle);
    assert!(!is_signalled(server.raw()));
    send(&client, b"x");
    wait::until("the socket is signalled", || is_signalled(server.raw()));
    assert_eq!(receive.result(&server, false), Ok((1, 0)));
}

fn a_socket_that_is_not_overlapped_waits_instead() {
    let (listener, s) = (
        Socket::listener(AF_INET),
        socket_with(AF_INET, SOCK_STREAM, 0),
    );
    s.connect(listener.name().expect("it is bound"))
        .expect("somebody listens");
    let (peer, _) = listener.accept().expect("somebody came");
    s.set_nonblocking(true).expect("a mode");
    let reader = blocked::spawn(move || {
        let receive = Operation::receive(&s, &[4], 0, Tell::Handle);
        receive.returned
    });
    assert!(!reader.is_finished(), "it waits");
    send(&peer, b"data");
    assert_eq!(blocked::finish("the receive", reader), Ok(4));
}

fn two_receives_end_in_the_order_of_posting() {
    let (client, server) = Socket::pair(AF_INET);
    let port = Port::with(&server, 7);
    let receives = [(); 2].map(|()| Operation::receive(&server, &[16], 0, Tell::Handle));
    assert!(receives.iter().all(Operation::pends));
    let data: Vec<u8> = (0..32).collect();
    send(&client, &data);
    for (receive, part) in receives.iter().zip(data.chunks(16)) {
        let packet = port.take();
        assert_eq!((packet.block, packet.bytes), (receive.block(), 16));
        assert_eq!(receive.data(0), part);
    }
}

// Base-provider.md 4.3 (P208): neither does a plain receive come in between.
fn a_plain_receive_does_not_overtake_a_pending_one() {
    let (client, server) = Socket::pair(AF_INET);
    let receive = Operation::receive(&server, &[4], 0, Tell::Handle);
    let reader = blocked::spawn(move || {
        let mut room = [0; 4];
        let got = server.recv(&mut room, 0);
        (got, room, server)
    });
    send(&client, b"onceback");
    let (got, room, _server) = blocked::finish("the plain receive", reader);
    receive.until_ended();
    assert_eq!(
        (receive.data(0), got, &room),
        (&b"once"[..], Ok(4), b"back")
    );
}

fn a_receive_of_nothing_waits_for_data_and_leaves_them() {
    let (client, server) = Socket::pair(AF_INET);
    let receive = Operation::receive(&server, &[0], 0, Tell::Handle);
    assert!(receive.pends());
    send(&client, b"data");
    receive.until_ended();
    assert_eq!(
        (receive.status(), receive.internal_high()),
        (NtStatus::SUCCESS, 0)
    );
    let again = Operation::receive(&server, &[0], 0, Tell::Handle);
    assert_eq!(again.returned, Ok(0));
    let mut room = [0; 8];
    assert_eq!(
        (server.recv(&mut room, 0), &room[..4]),
        (Ok(4), &b"data"[..])
    );
}

fn a_receive_that_waits_for_all_pends_until_it_is_full() {
    let (client, server) = Socket::pair(AF_INET);
    let receive = Operation::receive(&server, &[3, 5], MSG_WAITALL, Tell::Handle);
    send(&client, b"ab");
    let peek = Operation::receive(&server, &[1], MSG_PEEK, Tell::Handle);
    assert!(
        receive.pends() && peek.pends(),
        "the second waits behind the first"
    );
    send(&client, b"cdefgh");
    receive.until_ended();
    assert_eq!(
        (receive.internal_high(), receive.data(0), receive.data(1)),
        (8, &b"abc"[..], &b"defgh"[..])
    );
    send(&client, b"x");
    peek.until_ended();
    assert_eq!(
        (peek.data(0), server.recv(&mut [0; 4], 0)),
        (&b"x"[..], Ok(1))
    );
}

// The end of the stream leaves what has come.
fn the_end_of_the_stream_ends_a_receive_that_waits_for_all() {
    let (client, server) = Socket::pair(AF_INET);
    let receive = Operation::receive(&server, &[8], MSG_WAITALL, Tell::Handle);
    send(&client, b"abc");
    client.shutdown(SD_SEND).expect("it is connected");
    receive.until_ended();
    assert_eq!(
        (receive.status(), receive.internal_high()),
        (NtStatus::SUCCESS, 3)
    );
}

fn the_time_limit_of_receives_is_none_of_its_business() {
    let (client, server) = Socket::pair(AF_INET);
    server
        .set_option(SOL_SOCKET, SO_RCVTIMEO, 20)
        .expect("an option");
    let receive = Operation::receive(&server, &[4], 0, Tell::Handle);
    // A receive behind it does time out, and later than the first would have.
    assert_eq!(server.recv(&mut [0; 4], 0), Err(Errno::TIMEDOUT));
    assert_eq!(receive.internal(), PENDING);
    send(&client, b"late");
    receive.until_ended();
    assert_eq!(receive.data(0), b"late");
}

fn a_datagram_that_is_cut_ends_with_a_warning() {
    let (sender, receiver) = datagrams();
    let pending = Operation::receive(&receiver, &[2, 1], 0, Tell::Handle);
    assert!(pending.pends());
    send(&sender, b"cut off");
    pending.until_ended();
    assert_eq!(
        (pending.status(), pending.internal_high()),
        (NtStatus::BUFFER_OVERFLOW, 3)
    );
    assert_eq!((pending.data(0), pending.data(1)), (&b"cu"[..], &b"t"[..]));
    assert_eq!(pending.result(&receiver, false), Err(Errno::MSGSIZE));
    send(&sender, b"once more");
    receiver
        .recv(&mut [0], MSG_PEEK as i32)
        .expect_err("it is cut");
    let at_once = Operation::receive(&receiver, &[4], 0, Tell::Handle);
    assert_eq!(at_once.returned, Err(Errno::MSGSIZE));
    assert_eq!(
        (at_once.status(), at_once.internal_high()),
        (NtStatus::BUFFER_OVERFLOW, 4)
    );
}

// Base-provider.md 4.3 (P208): one datagram each, with its sender.
fn each_datagram_receive_gets_one_with_its_sender() {
    let receiver = Socket::bound_udp(AF_INET);
    let senders = [(); 2].map(|()| Socket::bound_udp(AF_INET));
    let receives = [(); 2].map(|()| Operation::receive_from(&receiver, &[16], Tell::Handle));
    for (sender, receive) in senders.iter().zip(&receives) {
        let to = receiver.name().expect("it is bound");
        assert_eq!(sender.send_to(b"who", to), Ok(3));
        receive.until_ended();
        assert_eq!(
            (receive.internal_high(), receive.sender()),
            (3, sender.name().ok())
        );
    }
}

fn shutting_the_receiving_side_leaves_a_pending_receive_alone() {
    let (client, server) = Socket::pair(AF_INET);
    let receive = Operation::receive(&server, &[4], 0, Tell::Handle);
    server.shutdown(SD_RECEIVE).expect("it is connected");
    assert_eq!(server.recv(&mut [0; 4], 0), Err(Errno::SHUTDOWN));
    assert_eq!(receive.internal(), PENDING);
    send(&client, b"data");
    receive.until_ended();
    assert_eq!(
        (receive.status(), receive.data(0)),
        (NtStatus::SUCCESS, &b"data"[..])
    );
}

fn a_routine_is_called_in_an_alertable_wait_and_the_event_is_not_looked_at() {
    let (client, server) = Socket::pair(AF_INET);
    let event = Event::new();
    let receive = Operation::receive(&server, &[4], 0, Tell::Routine(event.raw()));
    send(&client, b"data");
    receive.until_ended();
    assert_eq!(routine_calls(), []);
    let calls = await_routine();
    assert_eq!(calls.len(), 1);
    assert_eq!(
        (calls[0].error, calls[0].bytes, calls[0].block),
        (0, 4, receive.block())
    );
    assert!(!event.is_set());
}

// Also when it succeeds within the call.
fn a_receive_that_succeeds_at_once_calls_its_routine_too() {
    let (client, server) = Socket::pair(AF_INET);
    send(&client, b"data");
    assert_eq!(server.recv(&mut [0], MSG_PEEK as i32), Ok(1));
    let receive = Operation::receive(&server, &[4], 0, Tell::Routine(0));
    assert_eq!(receive.returned, Ok(4));
    assert_eq!(routine_calls(), []);
    assert_eq!(await_routine()[0].bytes, 4);
}

fn a_routine_on_a_socket_with_a_port_is_invalid() {
    let (_client, server) = Socket::pair(AF_INET);
    let port = Port::with(&server, 1);
    let receive = Operation::receive(&server, &[4], 0, Tell::Routine(0));
    assert_eq!((receive.returned, port.look()), (Err(Errno::INVAL), None));
}

fn a_receive_that_fails_at_once_tells_nobody() {
    let s = Socket::tcp(AF_INET);
    let port = Port::with(&s, 1);
    let event = Event::new();
    let receive = Operation::receive(&s, &[4], 0, Tell::Event(event.raw()));
    assert_eq!(receive.returned, Err(Errno::NOTCONN));
    assert_eq!((port.look(), event.is_set()), (None, false));
}

fn the_result_of_what_goes_on_is_incomplete() {
    let (client, server) = Socket::pair(AF_INET);
    let receive = Operation::receive(&server, &[4], 0, Tell::Handle);
    assert_eq!(receive.result(&server, false), Err(Errno::IO_INCOMPLETE));
    send(&client, b"x");
    assert_eq!(receive.result(&server, true), Ok((1, 0)));
}

/// A socket whose connection was reset, and the receive that was pending then.
fn reset_under_a_receive() -> (Socket, Operation) {
    let (client, server) = Socket::pair(AF_INET);
    let receive = Operation::receive(&server, &[4], 0, Tell::Handle);
    reset(client);
    receive.until_ended();
    (server, receive)
}

fn a_reset_ends_a_pending_receive_and_is_no_error_of_the_socket() {
    let (server, receive) = reset_under_a_receive();
    assert_eq!(
        (receive.status(), receive.internal_high()),
        (NtStatus::CONNECTION_RESET, 0)
    );
    assert_eq!(receive.result(&server, false), Err(Errno::CONNRESET));
    assert_eq!(server.option(SOL_SOCKET, SO_ERROR), Ok(0));
}

fn a_receive_after_a_reset_fails_at_once() {
    let (server, _) = reset_under_a_receive();
    let later = Operation::receive(&server, &[4], 0, Tell::Handle);
    assert_eq!(later.returned, Err(Errno::CONNRESET));
}

// ReadFile is a receive, also an overlapped one.
fn a_file_read_may_be_overlapped() {
    let (client, server) = Socket::pair(AF_INET);
    let event = Event::new();
    let read = Operation::read_file(&server, 8, Tell::Event(event.raw()));
    assert!(read.pends());
    let write = Operation::write_file(&client, b"as a file", Tell::Handle);
    assert_eq!(write.returned, Ok(9));
    event.wait();
    assert_eq!((read.internal_high(), read.data(0)), (8, &b"as a fil"[..]));
}

fn the_routines_of_one_socket_do_not_nest() {
    let (client, server) = Socket::pair(AF_INET);
    wait_in_routine();
    let receives = [(); 3].map(|()| Operation::receive(&server, &[1], 0, Tell::Routine(0)));
    send(&client, b"abc");
    receives.iter().for_each(Operation::until_ended);
    let calls = await_routine();
    let order: Vec<_> = calls.iter().map(|call| call.block).collect();
    assert_eq!(order, receives.each_ref().map(Operation::block));
    assert_eq!(deepest_nesting(), 1);
}

fn waiting_for_a_result_runs_no_routines() {
    let (client, server) = Socket::pair(AF_INET);
    let ran = Rc::new(Cell::new(false));
    let mark = ran.clone();
    apc::queue(move || mark.set(true));
    let receive = Operation::receive(&server, &[4], 0, Tell::Handle);
    let sender = thread::spawn(move || {
        send(&client, b"data");
        client
    });
    assert_eq!(receive.result(&server, true), Ok((4, 0)));
    assert!(!ran.get());
    apc::run_queued();
    assert!(ran.get());
    drop(sender.join().expect("no panic"));
}

fn a_handle_that_was_duplicated_behind_our_back_has_no_results() {
    let (_client, server) = Socket::pair(AF_INET);
    let receive = Operation::receive(&server, &[4], 0, Tell::Handle);
    assert_eq!(receive.result_through_copy(&server), Err(Errno::NOTSOCK));
    assert_eq!(cancel_all(&server), Ok(()));
}

// They are of the call, however many there are.
fn the_descriptors_may_go_when_the_call_has_returned() {
    let (client, server) = Socket::pair(AF_INET);
    let receive = Operation::receive(&server, &[1; 20], MSG_WAITALL, Tell::Handle);
    assert!(receive.pends());
    let data: Vec<u8> = (0..20).collect();
    send(&client, &data);
    receive.until_ended();
    let got: Vec<u8> = (0..20).map(|at| receive.data(at)[0]).collect();
    assert_eq!(got, data);
}
