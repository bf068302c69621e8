//! Completion ports, events and cancellation, as overlapped operations of sockets use them.

use crate::overlapped::{Event, Operation, PENDING, Tell, cancel_all, cancel_own, socket_with};
use crate::port::{Packet, Port, set_modes};
use crate::{Socket, cases, wait};
use std::thread;
use ws2spi_abi::*;

cases! {
    a_success_within_the_call_queues_a_packet_too: [P209, U186], [Tcp, Overlapped, CompletionPorts];
    skipping_on_success_leaves_out_the_packet_of_an_immediate_success_only: [P211],
        [Tcp, Overlapped, CompletionPorts, SystemHandles];
    the_low_bit_of_the_event_keeps_the_packet_away: [P212, U184],
        [Tcp, Overlapped, CompletionPorts];
    a_reset_is_a_packet_of_a_deleted_name: [P213], [Tcp, Overlapped, CompletionPorts, SystemHandles];
    the_end_of_the_stream_is_a_packet_of_no_bytes: [P214], [Tcp, Overlapped, CompletionPorts];
    connecting_and_shutting_queue_nothing: [P191, P215], [Tcp, CompletionPorts];
    closing_a_connection_aborts_its_receives_once_each: [P225, U192],
        [Tcp, Overlapped, CompletionPorts, SystemHandles];
    closing_with_nothing_pending_queues_nothing: [P226], [Tcp, CompletionPorts];
    closing_a_datagram_socket_cancels_its_receives: [P227], [Udp, Overlapped, CompletionPorts, SystemHandles];
    cancelling_ends_what_is_meant_and_finds_nothing_twice: [P228, P233], [Tcp, Overlapped, SystemHandles];
    a_cancelled_receive_keeps_what_has_come: ["base-provider.md 4.5"], [Tcp, Overlapped, SystemHandles];
    a_thread_cancels_its_own_operations_only: [P228], [Tcp, Overlapped, SystemHandles];
    a_thread_that_exits_cancels_what_it_began: [P229], [Tcp, Overlapped];
    with_a_port_and_no_event_an_operation_outlives_its_thread: [P230],
        [Tcp, Overlapped, CompletionPorts];
    an_event_and_a_port_are_both_told: [U180], [Tcp, Overlapped, CompletionPorts];
    a_socket_has_one_port_and_only_if_it_is_overlapped: ["SetFileCompletionNotificationModes and CreateIoCompletionPort"],
        [Tcp, Overlapped, CompletionPorts, SystemHandles];
}

fn send(s: &Socket, data: &[u8]) {
    assert_eq!(s.send(data, 0), Ok(data.len()));
}

/// Waits until there is something to receive.
fn until_readable(s: &Socket) {
    wait::until("data", || s.available().is_ok_and(|bytes| bytes > 0));
}

fn told(operation: &Operation, key: usize, bytes: u32, error: Option<Errno>) -> Packet {
    Packet {
        key,
        block: operation.block(),
        bytes,
        error,
    }
}

fn a_success_within_the_call_queues_a_packet_too() {
    let (client, server) = Socket::pair(AF_INET);
    let port = Port::with(&server, 5);
    send(&client, b"data");
    until_readable(&server);
    let receive = Operation::receive(&server, &[8], 0, Tell::Handle);
    assert_eq!(receive.returned, Ok(4));
    assert_eq!(port.look(), Some(told(&receive, 5, 4, None)));
    assert_eq!(port.look(), None);
}

fn skipping_on_success_leaves_out_the_packet_of_an_immediate_success_only() {
    let (client, server) = Socket::pair(AF_INET);
    let port = Port::with(&server, 5);
    set_modes(&server, 1).expect("the mode of skipping");
    let pending = Operation::receive(&server, &[8], 0, Tell::Handle);
    send(&client, b"data");
    assert_eq!(port.take(), told(&pending, 5, 4, None));
    send(&client, b"data");
    until_readable(&server);
    let at_once = Operation::receive(&server, &[8], 0, Tell::Handle);
    assert_eq!((at_once.returned, port.look()), (Ok(4), None));
}

fn the_low_bit_of_the_event_keeps_the_packet_away() {
    let (client, server) = Socket::pair(AF_INET);
    let (port, event) = (Port::with(&server, 5), Event::new());
    event.set();
    let receive = Operation::receive(&server, &[8], 0, Tell::Event(event.raw() | 1));
    assert!(receive.pends() && !event.is_set());
    send(&client, b"data");
    event.wait();
    assert_eq!((receive.internal_high(), port.look()), (4, None));
}

fn a_reset_is_a_packet_of_a_deleted_name() {
    let (client, server) = Socket::pair(AF_INET);
    let port = Port::with(&server, 9);
    let receive = Operation::receive(&server, &[8], 0, Tell::Handle);
    client
        .set_option_bytes(SOL_SOCKET, SO_LINGER, &[1, 0, 0, 0])
        .expect("an option");
    client.close().expect("it closes");
    assert_eq!(
        port.take(),
        told(&receive, 9, 0, Some(Errno::NETNAME_DELETED))
    );
}

fn the_end_of_the_stream_is_a_packet_of_no_bytes() {
    let (client, server) = Socket::pair(AF_INET);
    let port = Port::with(&server, 9);
    let receive = Operation::receive(&server, &[8], 0, Tell::Handle);
    client.shutdown(SD_SEND).expect("it is connected");
    assert_eq!(port.take(), told(&receive, 9, 0, None));
}

fn connecting_and_shutting_queue_nothing() {
    let listener = Socket::listener(AF_INET);
    let s = Socket::tcp(AF_INET);
    let port = Port::with(&s, 1);
    s.connect(listener.name().expect("it is bound"))
        .expect("somebody listens");
    s.shutdown(SD_BOTH).expect("it is connected");
    assert_eq!(port.look(), None);
}

fn closing_a_connection_aborts_its_receives_once_each() {
    let (_client, server) = Socket::pair(AF_INET);
    let port = Port::with(&server, 2);
    let receives = [(); 2].map(|()| Operation::receive(&server, &[8], 0, Tell::Handle));
    server.close().expect("it closes");
    for receive in &receives {
        assert_eq!(
            port.look(),
            Some(told(receive, 2, 0, Some(Errno::CONNECTION_ABORTED)))
        );
        assert_eq!(receive.status(), NtStatus::CONNECTION_ABORTED);
    }
    assert_eq!(port.look(), None);
}

fn closing_with_nothing_pending_queues_nothing() {
    let (_client, server) = Socket::pair(AF_INET);
    let port = Port::with(&server, 2);
    server.close().expect("it closes");
    assert_eq!(port.look(), None);
}

fn closing_a_datagram_socket_cancels_its_receives() {
    let s = Socket::bound_udp(AF_INET);
    let port = Port::with(&s, 2);
    let receive = Operation::receive(&s, &[8], 0, Tell::Handle);
    s.close().expect("it closes");
    assert_eq!(
        port.look(),
        Some(told(&receive, 2, 0, Some(Errno::OPERATION_ABORTED)))
    );
    assert_eq!(receive.status(), NtStatus::CANCELLED);
}

fn cancelling_ends_what_is_meant_and_finds_nothing_twice() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(cancel_all(&server), Err(Errno::NOT_FOUND));
    assert_eq!(cancel_own(&server), Ok(()));
    let receives = [(); 3].map(|()| Operation::receive(&server, &[4], 0, Tell::Handle));
    assert_eq!(receives[1].cancel(&server), Ok(()));
    assert_eq!(receives[1].cancel(&server), Err(Errno::NOT_FOUND));
    assert_eq!(receives[1].status(), NtStatus::CANCELLED);
    assert_eq!(
        receives[1].result(&server, false),
        Err(Errno::OPERATION_ABORTED)
    );
    send(&client, b"last");
    receives[0].until_ended();
    assert_eq!(
        (receives[0].data(0), receives[2].internal()),
        (&b"last"[..], PENDING)
    );
    assert_eq!(cancel_all(&server), Ok(()));
    assert_eq!(receives[2].status(), NtStatus::CANCELLED);
}

// What has come to a receive that is cancelled is not lost.
fn a_cancelled_receive_keeps_what_has_come() {
    let (client, server) = Socket::pair(AF_INET);
    let receive = Operation::receive(&server, &[8], MSG_WAITALL, Tell::Handle);
    send(&client, b"half");
    wait::until("the half is taken", || {
        server.available() == Ok(0) && {
            let probe = cancel_all(&server);
            probe == Ok(()) || receive.internal() != PENDING
        }
    });
    receive.until_ended();
    match receive.internal_high() {
        // It was cancelled before the data came: they are still there.
        0 => until_readable(&server),
        count => assert_eq!((receive.status(), count), (NtStatus::SUCCESS, 4)),
    }
}

// CancelIo is for the operations of the calling thread.
fn a_thread_cancels_its_own_operations_only() {
    let (_client, server) = Socket::pair(AF_INET);
    let mine = Operation::receive(&server, &[4], 0, Tell::Handle);
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            let theirs = Operation::receive(&server, &[4], 0, Tell::Handle);
            assert_eq!(cancel_own(&server), Ok(()));
            theirs.status()
        });
        assert_eq!(other.join().expect("no panic"), NtStatus::CANCELLED);
    });
    assert_eq!(mine.internal(), PENDING);
    assert_eq!(cancel_own(&server), Ok(()));
    assert_eq!(mine.status(), NtStatus::CANCELLED);
}

fn a_thread_that_exits_cancels_what_it_began() {
    let (_client, server) = Socket::pair(AF_INET);
    let mine = Operation::receive(&server, &[4], 0, Tell::Handle);
    let event = Event::new();
    let theirs = thread::scope(|scope| {
        scope
            .spawn(|| Operation::receive(&server, &[4], 0, Tell::Event(event.raw())))
            .join()
            .expect("no panic")
    });
    theirs.until_ended();
    assert_eq!(
        (theirs.status(), event.is_set()),
        (NtStatus::CANCELLED, true)
    );
    assert_eq!(mine.internal(), PENDING);
    assert_eq!(cancel_all(&server), Ok(()));
}

fn with_a_port_and_no_event_an_operation_outlives_its_thread() {
    let (client, server) = Socket::pair(AF_INET);
    let (port, event) = (Port::with(&server, 4), Event::new());
    let [survives, ends] = thread::scope(|scope| {
        let both = || {
            [Tell::Handle, Tell::Event(event.raw())]
                .map(|tell| Operation::receive(&server, &[4], 0, tell))
        };
        scope.spawn(both).join().expect("no panic")
    });
    assert_eq!(
        port.take(),
        told(&ends, 4, 0, Some(Errno::OPERATION_ABORTED))
    );
    assert_eq!(survives.internal(), PENDING);
    send(&client, b"data");
    assert_eq!(port.take(), told(&survives, 4, 4, None));
}

// Without a low bit the event is set and the packet is queued.
fn an_event_and_a_port_are_both_told() {
    let (client, server) = Socket::pair(AF_INET);
    let (port, event) = (Port::with(&server, 6), Event::new());
    let receive = Operation::receive(&server, &[4], 0, Tell::Event(event.raw()));
    send(&client, b"data");
    assert_eq!(port.take(), told(&receive, 6, 4, None));
    assert!(event.is_set());
}

// One association, overlapped files only.
fn a_socket_has_one_port_and_only_if_it_is_overlapped() {
    let s = Socket::tcp(AF_INET);
    let (first, second) = (Port::with(&s, 1), Port::new());
    assert_eq!(second.associate(&s, 2), Err(Errno::INVALID_PARAMETER));
    let plain = socket_with(AF_INET, SOCK_STREAM, 0);
    assert_eq!(second.associate(&plain, 2), Err(Errno::INVALID_PARAMETER));
    drop(first);
}
