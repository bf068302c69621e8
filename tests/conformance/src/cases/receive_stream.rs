//! Receiving on streams: states, parameters, flags, ends.

use crate::readiness::until_ready;
use crate::receiving::{Outcome, UNTOUCHED, receive, receive_from, receive_length};
use crate::sending::reset;
use crate::{Socket, apc, cases, wait, winsock};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use ws2spi_abi::*;

cases! {
    a_stream_without_a_peer_does_not_receive: [P124], [Tcp, Ipv6];
    a_listener_does_not_receive: [P125], [Tcp];
    a_stream_does_not_tell_the_sender: [P129], [Tcp];
    a_receive_needs_a_buffer: [P130], [Tcp] within 20;
    a_receive_of_nothing_returns_at_once_when_there_are_data: [P132], [Tcp];
    a_receive_to_nowhere_of_nothing_succeeds: [P133], [Tcp];
    a_negative_length_is_a_fault: [P134], [Tcp];
    buffers_are_filled_in_order: [P135], [Tcp];
    peeking_leaves_the_data: [P136], [Tcp];
    a_non_blocking_receive_does_not_wait_for_all: [P138], [Tcp];
    waiting_for_all_fills_the_buffers: ["sdk WSARecv, MSG_WAITALL"], [Tcp];
    a_receive_gives_up_after_its_time: [P140], [Tcp] within 20;
    the_end_of_a_stream_is_told_every_time: [P142], [Tcp];
    a_receiving_half_that_is_shut_does_not_receive: [P143], [Tcp];
    a_reset_is_told_every_time: [P144], [Tcp];
    a_stream_that_sent_to_a_closed_peer_is_aborted: [P145], [Tcp];
    a_receive_that_need_not_wait_runs_no_apc: [P163], [Tcp];
    a_receive_that_has_to_wait_runs_apcs: [P163], [Tcp] within 20;
    an_apc_of_another_thread_interrupts_a_waiting_receive: [P163], [Tcp] within 20;
    an_apc_runs_at_once_in_a_receive_that_has_just_begun: [P163], [Tcp] within 20;
}

const fn failed(error: Errno, flags: u32) -> Outcome {
    Outcome {
        result: Err(error),
        count: UNTOUCHED,
        flags,
    }
}

const fn got(count: u32) -> Outcome {
    Outcome {
        result: Ok(()),
        count,
        flags: 0,
    }
}

/// Sends everything and waits until it can be received.
fn deliver(from: &Socket, to: &Socket, data: &[u8]) {
    assert_eq!(from.send(data, 0), Ok(data.len()));
    wait::until("the data have arrived", || {
        to.available() == Ok(data.len() as u32)
    });
}

// On both families, by both functions.
fn a_stream_without_a_peer_does_not_receive() {
    for family in [AF_INET, AF_INET6] {
        let s = Socket::tcp(family);
        assert_eq!(s.recv(&mut [0; 4], 0), Err(Errno::NOTCONN));
        assert_eq!(
            receive(&s, &mut [&mut [0; 4]], 0),
            failed(Errno::NOTCONN, 0)
        );
        let (outcome, len) = receive_from(&s, &mut [&mut [0; 4]], 0, &mut [0; 28]);
        assert_eq!((outcome, len), (failed(Errno::NOTCONN, 0), 28));
    }
}

fn a_listener_does_not_receive() {
    let s = Socket::listener(AF_INET);
    assert_eq!(s.recv(&mut [0; 4], 0), Err(Errno::NOTCONN));
    assert_eq!(
        receive(&s, &mut [&mut [0; 4]], 0),
        failed(Errno::NOTCONN, 0)
    );
}

fn a_stream_does_not_tell_the_sender() {
    let (client, server) = Socket::pair(AF_INET);
    for room in [0, 3, 16, 28] {
        assert_eq!(client.send(b"data", 0), Ok(4));
        let mut data = [0; 4];
        let mut from = vec![0xcc; room];
        let (outcome, len) = receive_from(&server, &mut [&mut data], 0, &mut from);
        assert_eq!((outcome, len), (got(4), room as i32));
        assert_eq!((&data, from), (b"data", vec![0xcc; room]));
    }
}

// Whether there are data or not.
fn a_receive_needs_a_buffer() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(receive(&server, &mut [], 0), failed(Errno::INVAL, 0));
    deliver(&client, &server, b"data");
    assert_eq!(receive(&server, &mut [], 0), failed(Errno::INVAL, 0));
    assert_eq!(server.available(), Ok(4));
}

fn a_receive_of_nothing_returns_at_once_when_there_are_data() {
    let (client, server) = Socket::pair(AF_INET);
    deliver(&client, &server, b"data");
    assert_eq!(receive(&server, &mut [&mut []], 0), got(0));
    assert_eq!(server.recv(&mut [], 0), Ok(0));
    let mut room = [0; 8];
    assert_eq!(server.recv(&mut room, 0), Ok(4), "the data are still there");
    assert_eq!(&room[..4], b"data");
}

fn a_receive_to_nowhere_of_nothing_succeeds() {
    let (client, server) = Socket::pair(AF_INET);
    deliver(&client, &server, b"data");
    assert_eq!(receive_length(&server, None, 0), Ok(0));
    assert_eq!(server.available(), Ok(4));
}

// The socket stays as readable as it was, and the data stay.
fn a_negative_length_is_a_fault() {
    let (client, server) = Socket::pair(AF_INET);
    deliver(&client, &server, b"data");
    let mut room = [0; 4];
    assert_eq!(
        receive_length(&server, Some(&mut room), -1),
        Err(Errno::FAULT)
    );
    assert!(until_ready(&server).read);
    assert_eq!(server.recv(&mut room, 0), Ok(4));
    assert_eq!(&room, b"data");
}

// What does not fit into one goes into the next; an empty one is passed over; the rest is not touched.
fn buffers_are_filled_in_order() {
    let (client, server) = Socket::pair(AF_INET);
    deliver(&client, &server, b"scattered data");
    let (mut first, mut second, mut third, mut last) = ([0; 3], [0; 6], [7; 8], [7; 2]);
    let buffers: &mut [&mut [u8]] = &mut [&mut first, &mut [], &mut second, &mut third, &mut last];
    assert_eq!(receive(&server, buffers, 0), got(14));
    assert_eq!((&first, &second), (b"sca", b"ttered"));
    assert_eq!((&third, &last), (b" data\x07\x07\x07", &[7; 2]));
}

// Until somebody takes them.
fn peeking_leaves_the_data() {
    let (client, server) = Socket::pair(AF_INET);
    deliver(&client, &server, b"data");
    for _ in 0..3 {
        let mut room = [0; 8];
        assert_eq!(server.recv(&mut room, MSG_PEEK as i32), Ok(4));
        assert_eq!(&room, b"data\0\0\0\0");
    }
    let mut room = [0; 8];
    assert_eq!(server.recv(&mut room[..2], 0), Ok(2));
    assert_eq!(server.recv(&mut room[2..4], MSG_PEEK as i32), Ok(2));
    assert_eq!(&room[..4], b"data");
    assert_eq!(server.recv(&mut room, 0), Ok(2));
}

// Even when everything is there.
fn a_non_blocking_receive_does_not_wait_for_all() {
    let (client, server) = Socket::pair(AF_INET);
    deliver(&client, &server, b"data");
    server.set_nonblocking(true).expect("any socket takes it");
    assert_eq!(
        server.recv(&mut [0; 4], MSG_WAITALL as i32),
        Err(Errno::OPNOTSUPP)
    );
    assert_eq!(server.recv(&mut [0; 4], 0), Ok(4));
}

// A blocking receive takes what comes until the buffers are full.
fn waiting_for_all_fills_the_buffers() {
    let (client, server) = Socket::pair(AF_INET);
    deliver(&client, &server, b"one ");
    let receiver = thread::spawn(move || {
        let mut room = [0; 8];
        let got = server.recv(&mut room, MSG_WAITALL as i32);
        (got, room, server)
    });

    assert_eq!(client.send(b"two and more", 0), Ok(12));
    let (got, room, server) =
        wait::within_patience("the receive is full", || receiver.join().expect("no panic"));
    assert_eq!((got, &room), (Ok(8), b"one two "));
    let mut rest = [0; 8];
    server.recv_exact(&mut rest);
    assert_eq!(&rest, b"and more");
}

fn a_receive_gives_up_after_its_time() {
    let (_client, server) = Socket::pair(AF_INET);
    server
        .set_option(SOL_SOCKET, SO_RCVTIMEO, 20)
        .expect("any socket takes it");
    assert_eq!(
        receive(&server, &mut [&mut [0; 4]], 0),
        failed(Errno::TIMEDOUT, 0)
    );
    assert_eq!(server.recv(&mut [0; 4], 0), Err(Errno::TIMEDOUT));
}

// After the data, as often as it is asked for.
fn the_end_of_a_stream_is_told_every_time() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(client.send(b"last", 0), Ok(4));
    client.shutdown(SD_SEND).expect("it is connected");
    server.recv_exact(&mut [0; 4]);
    for _ in 0..3 {
        assert_eq!(receive(&server, &mut [&mut [0; 4]], 0), got(0));
        assert_eq!(server.recv(&mut [0; 4], 0), Ok(0));
    }
}

// Also when data are there.
fn a_receiving_half_that_is_shut_does_not_receive() {
    for how in [SD_RECEIVE, SD_BOTH] {
        let (client, server) = Socket::pair(AF_INET);
        deliver(&client, &server, b"data");
        server.shutdown(how).expect("it is connected");
        assert_eq!(server.recv(&mut [0; 4], 0), Err(Errno::SHUTDOWN));
        assert_eq!(
            receive(&server, &mut [&mut [0; 4]], 0),
            failed(Errno::SHUTDOWN, 0)
        );
    }
}

fn a_reset_is_told_every_time() {
    let (client, server) = Socket::pair(AF_INET);
    reset(client);
    for _ in 0..3 {
        assert_eq!(server.recv(&mut [0; 4], 0), Err(Errno::CONNRESET));
        assert_eq!(
            receive(&server, &mut [&mut [0; 4]], 0),
            failed(Errno::CONNRESET, 0)
        );
    }
}

// The peer's end was seen, then what was sent to it was refused.
fn a_stream_that_sent_to_a_closed_peer_is_aborted() {
    let (client, server) = Socket::pair(AF_INET);
    client.close().expect("a default close does not wait");
    assert_eq!(server.recv(&mut [0; 4], 0), Ok(0));
    assert_eq!(server.send(b"to nobody", 0), Ok(9));
    wait::until("the refusal has arrived", || {
        server.recv(&mut [0; 4], 0) != Ok(0)
    });
    for _ in 0..3 {
        assert_eq!(server.recv(&mut [0; 4], 0), Err(Errno::CONNABORTED));
    }
}

/// A flag that an APC sets, queued to the calling thread.
fn queued() -> Rc<Cell<bool>> {
    let ran = Rc::new(Cell::new(false));
    let set = Rc::clone(&ran);
    apc::queue(move || set.set(true));
    ran
}

// Data that are there leave the APC where it is.
fn a_receive_that_need_not_wait_runs_no_apc() {
    let (client, server) = Socket::pair(AF_INET);
    deliver(&client, &server, b"data");
    let ran = queued();
    assert_eq!(receive(&server, &mut [&mut [0; 4]], 0), got(4));
    assert!(!ran.get());
    // SAFETY: no pointers.
    assert_eq!(unsafe { winsock::SleepEx(0, TRUE) }, WAIT_IO_COMPLETION);
    assert!(ran.get());
}

// The receive goes on waiting after it, for what the APC itself sends.
fn a_receive_that_has_to_wait_runs_apcs() {
    let (client, server) = Socket::pair(AF_INET);
    apc::queue(move || {
        assert_eq!(client.send(b"from the APC", 0), Ok(12));
        drop(client);
    });
    let mut room = [0; 16];
    assert_eq!(receive(&server, &mut [&mut room], 0), got(12));
    assert_eq!(&room[..12], b"from the APC");
}

// Queued by another thread, when the receive waits already or is about to.
fn an_apc_of_another_thread_interrupts_a_waiting_receive() {
    let (client, server) = Socket::pair(AF_INET);
    let thread = apc::own_thread();
    let other = thread::spawn(move || {
        apc::queue_to(&thread, move || {
            assert_eq!(client.send(b"answer", 0), Ok(6));
            drop(client);
        });
    });
    let mut room = [0; 6];
    assert_eq!(receive(&server, &mut [&mut room], 0), got(6));
    assert_eq!(&room, b"answer");
    other.join().expect("the APC was queued");
}

// Also while the thread has hardly begun to wait. On a busy machine any single one may be late.
fn an_apc_runs_at_once_in_a_receive_that_has_just_begun() {
    const ROUNDS: u8 = 50;
    let (client, server) = Socket::pair(AF_INET);
    let (send_own, own) = mpsc::channel();
    let (send_back, back) = mpsc::channel();
    let receiver = thread::spawn(move || {
        send_own.send(apc::own_thread()).expect("somebody waits");
        for round in 0..ROUNDS {
            let mut byte = [0];
            assert_eq!(server.recv(&mut byte, 0), Ok(1));
            assert_eq!(byte, [round]);
            send_back.send(()).expect("somebody waits");
        }
    });
    let own = own.recv().expect("the thread has a handle");
    let mut soon = 0;
    for round in 0..ROUNDS {
        let (send_ran, ran) = mpsc::channel();
        let begun = Instant::now();
        apc::queue_to(&own, move || send_ran.send(()).expect("somebody waits"));
        ran.recv().expect("a receive waits alertably");
        soon += u32::from(begun.elapsed() < Duration::from_millis(2));
        assert_eq!(client.send(&[round], 0), Ok(1));
        back.recv().expect("the byte arrives");
    }
    receiver.join().expect("the receives go well");
    assert!(soon > 10, "{soon} of {ROUNDS} at once");
}
