//! `WSARecvMsg` and `WSASendMsg` as overlapped operations.

use crate::overlapped::{
    Call, Event, Operation, PENDING, Tell, UNTOUCHED, await_routine, routine_calls, socket_with,
};
use crate::port::Port;
use crate::socket::loopback;
use crate::{Socket, cases, host};
use std::net::SocketAddr;
use ws2spi_abi::args::Address;
use ws2spi_abi::*;

cases! {
    a_message_that_comes_later_brings_all_that_is_beside_it: [P160, P204, P205],
        [Udp, Overlapped, Extensions];
    a_message_that_is_there_is_received_at_once_and_queues_a_packet: [P209, P160],
        [Udp, Overlapped, CompletionPorts, Extensions];
    messages_go_to_the_operations_in_order: [P208], [Udp, Overlapped, Extensions];
    a_message_that_is_cut_ends_with_a_warning: [P147, P232], [Udp, Overlapped, Extensions];
    a_message_that_is_cut_says_so: ["sdk WSAMSG, MSG_TRUNC"], [Udp, Overlapped, Extensions];
    a_message_that_is_there_and_does_not_fit_is_told_later: [P351],
        [Udp, Overlapped, CompletionPorts, Extensions];
    the_flags_of_a_message_that_is_cut_are_its_own: [P352], [Udp, Overlapped, Extensions];
    control_data_that_do_not_fit_are_cut_when_they_come: [P159], [Udp, Overlapped, Extensions];
    a_routine_is_told_of_a_message: [P224], [Udp, Overlapped, Extensions];
    a_message_may_be_cancelled: [P228], [Udp, Overlapped, Extensions, SystemHandles];
    closing_the_socket_cancels_a_message: [P227], [Udp, Overlapped, Extensions, SystemHandles];
    a_message_has_no_routine_on_a_socket_with_a_port: [P223],
        [Udp, Overlapped, CompletionPorts, Extensions, SystemHandles];
    a_socket_that_is_not_overlapped_receives_a_message_now: [P207], [Udp, Overlapped, Extensions];
    a_message_is_sent_and_told: [P183, P209], [Udp, Overlapped, CompletionPorts, Extensions];
    a_message_is_sent_from_the_address_that_is_beside_it: ["base-provider.md 6.4"],
        [Udp, Overlapped, Extensions];
    a_message_that_is_refused_queues_no_packet: [P180, P184, P210],
        [Tcp, Udp, Overlapped, CompletionPorts, Extensions];
}

fn name(s: &Socket) -> SocketAddr {
    s.name().expect("it is bound")
}

/// A sender, and a receiver that is told where its datagrams went.
fn pair() -> (Socket, Socket) {
    let (sender, receiver) = (Socket::bound_udp(AF_INET), Socket::bound_udp(AF_INET));
    receiver
        .set_option(IPPROTO_IP, IP_PKTINFO, 1)
        .expect("a datagram socket takes it");
    (sender, receiver)
}

fn packet_info() -> (i32, i32, Vec<u8>) {
    let mut info = vec![127, 0, 0, 1];
    info.extend(host::loopback_index().to_ne_bytes());
    (IPPROTO_IP, IP_PKTINFO, info)
}

/// Waits until the datagram is there, and leaves it there.
fn await_datagram(s: &Socket) {
    s.recv(&mut [0; 64], MSG_PEEK as i32)
        .expect("a datagram comes");
}

// The message is filled in when the operation ends, and not before.
fn a_message_that_comes_later_brings_all_that_is_beside_it() {
    let (sender, receiver) = pair();
    let event = Event::new();
    let receive = Operation::receive_message(&receiver, 16, 64, Tell::Event(event.raw()));
    assert!(receive.pends() && !event.is_set());
    assert_eq!(
        (receive.internal(), receive.internal_high()),
        (PENDING, UNTOUCHED)
    );
    assert_eq!(sender.send_to(b"message", name(&receiver)), Ok(7));
    event.wait();
    let message = receive.message(&receiver);
    assert_eq!(
        (message.result, message.count, message.flags),
        (Ok(()), 7, 0)
    );
    let from = Address::from_bytes(&message.from).to_ip();
    assert_eq!(from, Some(name(&sender)));
    assert_eq!(message.control, [packet_info()]);
    assert_eq!(&receive.data(0)[..7], b"message");
}

fn a_message_that_is_there_is_received_at_once_and_queues_a_packet() {
    let (sender, receiver) = pair();
    let port = Port::with(&receiver, 5);
    assert_eq!(sender.send_to(b"message", name(&receiver)), Ok(7));
    await_datagram(&receiver);
    let receive = Operation::receive_message(&receiver, 16, 64, Tell::Handle);
    assert_eq!(receive.returned, Ok(7));
    let message = receive.message(&receiver);
    assert_eq!(
        (message.result, &message.control),
        (Ok(()), &vec![packet_info()])
    );
    let packet = port.take();
    assert_eq!(
        (packet.key, packet.block, packet.bytes, packet.error),
        (5, receive.block(), 7, None)
    );
}

// One datagram each, in the order of posting.
fn messages_go_to_the_operations_in_order() {
    let (sender, receiver) = pair();
    let receives = [(); 3].map(|()| Operation::receive_message(&receiver, 16, 64, Tell::Handle));
    assert!(receives.iter().all(Operation::pends));
    for data in [b"one", b"two", b"six"] {
        assert_eq!(sender.send_to(data, name(&receiver)), Ok(3));
    }
    for (receive, data) in receives.iter().zip([b"one", b"two", b"six"]) {
        receive.until_ended();
        assert_eq!(receive.message(&receiver).result, Ok(()));
        assert_eq!(&receive.data(0)[..3], data);
    }
}

/// A receive of three bytes that has got a message of eight.
fn cut(sender: &Socket, receiver: &Socket, tell: Tell) -> Operation {
    let receive = Operation::receive_message(receiver, 3, 64, tell);
    assert!(receive.pends());
    assert_eq!(sender.send_to(b"too long", name(receiver)), Ok(8));
    receive.until_ended();
    receive
}

// The buffer is full.
fn a_message_that_is_cut_ends_with_a_warning() {
    let (sender, receiver) = pair();
    let receive = cut(&sender, &receiver, Tell::Handle);
    let message = receive.message(&receiver);
    assert_eq!((message.result, message.count), (Err(Errno::MSGSIZE), 3));
    assert_eq!(receive.data(0), b"too");
    assert_eq!(message.control, [packet_info()]);
}

// With the flag in the message.
fn a_message_that_is_cut_says_so() {
    let (sender, receiver) = pair();
    let receive = cut(&sender, &receiver, Tell::Handle);
    assert_eq!(receive.message(&receiver).flags, MSG_TRUNC);
}

// The call says that it pends, although it does not wait: for data and control data that do not fit.
fn a_message_that_is_there_and_does_not_fit_is_told_later() {
    let (sender, receiver) = pair();
    let port = Port::with(&receiver, 7);
    for (size, control, count) in [(3, 64, 3), (16, 1, 7)] {
        assert_eq!(sender.send_to(b"message", name(&receiver)), Ok(7));
        await_datagram(&receiver);
        let receive = Operation::receive_message(&receiver, size, control, Tell::Handle);
        assert_eq!(receive.returned, Err(Errno::IO_PENDING));
        let packet = port.take();
        assert_eq!((packet.key, packet.block), (7, receive.block()));
        assert_eq!(packet.bytes, count);
        assert_eq!(receive.result(&receiver, false), Err(Errno::MSGSIZE));
    }
    assert_eq!(port.look(), None);
}

// `WSAGetOverlappedResult` leaves those of its caller as they were, and a routine gets none.
fn the_flags_of_a_message_that_is_cut_are_its_own() {
    let (sender, receiver) = pair();
    let receive = cut(&sender, &receiver, Tell::Handle);
    assert_eq!(
        receive.result_over(&receiver, 0x5a5a),
        (Err(Errno::MSGSIZE), 3, 0x5a5a)
    );

    let receive = Operation::receive_message(&receiver, 3, 64, Tell::Routine(0));
    assert_eq!(sender.send_to(b"too long", name(&receiver)), Ok(8));
    let call = Call {
        error: Errno::MSGSIZE.code() as u32,
        bytes: 3,
        block: receive.block(),
        flags: 0,
    };
    assert_eq!(await_routine(), [call]);
}

// The data are complete, and gone; the control data are not there.
fn control_data_that_do_not_fit_are_cut_when_they_come() {
    let (sender, receiver) = pair();
    let receive = Operation::receive_message(&receiver, 16, 8, Tell::Handle);
    assert_eq!(sender.send_to(b"message", name(&receiver)), Ok(7));
    receive.until_ended();
    let message = receive.message(&receiver);
    assert_eq!(
        (message.result, message.count, message.flags),
        (Err(Errno::MSGSIZE), 7, MSG_CTRUNC)
    );
    assert_eq!(message.control, []);
    receiver.set_nonblocking(true).expect("a mode");
    assert_eq!(receiver.recv(&mut [0; 16], 0), Err(Errno::WOULDBLOCK));
}

// The routine gets the count, in an alertable wait of the thread that made the call.
fn a_routine_is_told_of_a_message() {
    let (sender, receiver) = pair();
    let event = Event::new();
    let receive = Operation::receive_message(&receiver, 16, 64, Tell::Routine(event.raw()));
    assert!(receive.pends());
    assert_eq!(sender.send_to(b"message", name(&receiver)), Ok(7));
    receive.until_ended();
    assert_eq!(routine_calls(), []);
    let calls = await_routine();
    assert_eq!(calls.len(), 1);
    assert_eq!(
        (calls[0].error, calls[0].bytes, calls[0].block),
        (0, 7, receive.block())
    );
    assert!(!event.is_set());
    assert_eq!(receive.message(&receiver).control, [packet_info()]);
}

// A message that is no longer waited for is left alone, and the datagram goes to the next.
fn a_message_may_be_cancelled() {
    let (sender, receiver) = pair();
    let receive = Operation::receive_message(&receiver, 16, 64, Tell::Handle);
    assert_eq!(receive.cancel(&receiver), Ok(()));
    receive.until_ended();
    assert_eq!(
        receive.result(&receiver, false),
        Err(Errno::OPERATION_ABORTED)
    );
    assert_eq!(sender.send_to(b"message", name(&receiver)), Ok(7));
    assert_eq!(receiver.recv(&mut [0; 16], 0), Ok(7));
    assert!(receive.data(0).iter().all(|byte| *byte == 0));
}

fn closing_the_socket_cancels_a_message() {
    let (_, receiver) = pair();
    let receive = Operation::receive_message(&receiver, 16, 64, Tell::Handle);
    receiver.close().expect("it closes");
    receive.until_ended();
    assert_eq!(
        (receive.status(), receive.internal_high()),
        (NtStatus::CANCELLED, 0)
    );
}

fn a_message_has_no_routine_on_a_socket_with_a_port() {
    let (_, receiver) = pair();
    let _port = Port::with(&receiver, 1);
    let receive = Operation::receive_message(&receiver, 16, 64, Tell::Routine(0));
    assert_eq!(receive.returned, Err(Errno::INVAL));
}

// On a socket that is not for overlapped use the OVERLAPPED is ignored.
fn a_socket_that_is_not_overlapped_receives_a_message_now() {
    let receiver = socket_with(AF_INET, SOCK_DGRAM, 0);
    receiver.bind(loopback(AF_INET)).expect("a free port");
    let sender = Socket::bound_udp(AF_INET);
    assert_eq!(sender.send_to(b"message", name(&receiver)), Ok(7));
    let receive = Operation::receive_message(&receiver, 16, 0, Tell::Handle);
    assert_eq!(receive.returned, Ok(7));
    let to = Some(name(&sender));
    let send = Operation::send_message(&receiver, b"answer", to, None, Tell::Handle);
    assert_eq!(send.returned, Ok(6));
}

// A message is sent at once, and told as any other operation.
fn a_message_is_sent_and_told() {
    let (sender, receiver) = (Socket::udp(AF_INET), Socket::bound_udp(AF_INET));
    let (event, to) = (Event::new(), Some(name(&receiver)));
    let send = Operation::send_message(&sender, b"message", to, None, Tell::Event(event.raw()));
    assert_eq!(send.returned, Ok(7));
    event.wait();
    assert_eq!(send.result(&sender, false), Ok((7, 0)));
    assert_eq!(receiver.recv(&mut [0; 16], 0), Ok(7));
    let send = Operation::send_message(&sender, b"again", to, None, Tell::Routine(0));
    assert_eq!(send.returned, Ok(5));
    let calls = await_routine();
    assert_eq!((calls.len(), calls[0].error, calls[0].bytes), (1, 0, 5));
    let port = Port::with(&sender, 9);
    let send = Operation::send_message(&sender, b"packet", to, None, Tell::Handle);
    let packet = port.take();
    assert_eq!(
        (packet.key, packet.block, packet.bytes),
        (9, send.block(), 6)
    );
}

// IP_PKTINFO chooses the address that a message comes from.
fn a_message_is_sent_from_the_address_that_is_beside_it() {
    let sender = Socket::udp(AF_INET);
    let any: SocketAddr = "0.0.0.0:0".parse().expect("an address");
    sender.bind(any).expect("any can be bound");
    let receiver = Socket::bound_udp(AF_INET);
    let info = [127, 0, 0, 1, 0, 0, 0, 0];
    let control = Some((IPPROTO_IP, IP_PKTINFO, &info[..]));
    let to = Some(name(&receiver));
    let send = Operation::send_message(&sender, b"message", to, control, Tell::Handle);
    assert_eq!(send.returned, Ok(7));
    let (count, from) = receiver.recv_from(&mut [0; 16]).expect("a datagram");
    let from = from.to_ip().expect("an address");
    assert_eq!((count, from.ip()), (7, [127, 0, 0, 1].into()));
}

// What is refused has no end.
fn a_message_that_is_refused_queues_no_packet() {
    let (client, _server) = Socket::pair(AF_INET);
    let sender = Socket::bound_udp(AF_INET);
    let port = Port::with(&client, 1);
    port.associate(&sender, 2).expect("it has no port yet");
    let on_stream = Operation::send_message(&client, b"x", None, None, Tell::Handle);
    assert_eq!(on_stream.returned, Err(Errno::INVAL));
    let long = vec![0; 65508];
    let to = Some(name(&sender));
    let too_long = Operation::send_message(&sender, &long, to, None, Tell::Handle);
    assert_eq!(too_long.returned, Err(Errno::MSGSIZE));
    let receive = Operation::receive_message(&client, 16, 0, Tell::Handle);
    assert_eq!(receive.returned, Err(Errno::INVAL));
    assert_eq!(port.look(), None);
}
