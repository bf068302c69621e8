//! Overlapped sends: what is done at once, what waits, and that nothing is lost or mixed up.

use crate::overlapped::{Operation, PENDING, Tell};
use crate::port::Port;
use crate::{Socket, cases, wait};
use std::thread;
use ws2spi_abi::*;

cases! {
    a_send_that_fits_is_done_at_once: [P166], [Tcp, Overlapped];
    sends_that_do_not_fit_end_in_order_with_their_full_length: ["base-provider.md 4.3, 4.6"],
        [Tcp, Overlapped, CompletionPorts];
    a_plain_send_does_not_overtake_a_pending_one: ["base-provider.md 4.3"], [Tcp, Overlapped];
    without_a_buffer_a_send_pends_until_the_peer_has_it: [P172], [Tcp, Overlapped];
    without_a_buffer_even_a_short_send_pends: ["base-provider.md 4.6"], [Tcp, Overlapped];
    the_end_of_the_stream_waits_behind_pending_sends: ["base-provider.md 1.28, 4.6"],
        [Tcp, Overlapped];
    a_pending_send_goes_on_after_the_close: ["base-provider.md 4.5"], [Tcp, Overlapped];
    a_reset_ends_pending_sends: [P232], [Tcp, Overlapped];
    a_datagram_is_sent_at_once_and_too_long_a_one_is_refused: ["base-provider.md 1.26"],
        [Udp, Overlapped];
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

// Base-provider.md 4.6 (P166)
fn a_send_that_fits_is_done_at_once() {
    let (client, server) = Socket::pair(AF_INET);
    let send = Operation::send(&client, b"data", Tell::Handle);
    assert_eq!((send.returned, send.status()), (Ok(4), NtStatus::SUCCESS));
    let mut room = [0; 4];
    server.recv_exact(&mut room);
    assert_eq!(&room, b"data");
}

// What does not fit waits, whole and in order.
fn sends_that_do_not_fit_end_in_order_with_their_full_length() {
    let (client, server) = Socket::pair(AF_INET);
    let port = Port::with(&client, 3);
    let data = pattern(LARGE);
    let sends = [&data[..], b"the next"].map(|data| Operation::send(&client, data, Tell::Handle));
    assert!(sends.iter().all(Operation::pends));
    let reader = read_all(server, LARGE + 8);
    for (send, size) in sends.iter().zip([LARGE as u32, 8]) {
        let packet = port.take();
        assert_eq!((packet.block, packet.bytes), (send.block(), size));
    }
    let got = reader.join().expect("the reader does not panic");
    assert!(got[..LARGE] == data && &got[LARGE..] == b"the next");
}

// A plain send neither overtakes nor comes in between.
fn a_plain_send_does_not_overtake_a_pending_one() {
    let (client, server) = Socket::pair(AF_INET);
    let data = pattern(LARGE);
    let send = Operation::send(&client, &data, Tell::Handle);
    assert!(send.pends());
    client.set_nonblocking(true).expect("a mode");
    assert_eq!(client.send(b"!", 0), Err(Errno::WOULDBLOCK));
    client.set_nonblocking(false).expect("a mode");
    let reader = read_all(server, LARGE + 1);
    assert_eq!(client.send(b"!", 0), Ok(1));
    // A layer that tells it by itself may do so a little later.
    send.until_ended();
    assert_eq!(
        (send.status(), send.internal_high()),
        (NtStatus::SUCCESS, LARGE)
    );
    let got = reader.join().expect("the reader does not panic");
    assert!(got[..LARGE] == data && got[LARGE] == b'!');
}

fn without_a_buffer_a_send_pends_until_the_peer_has_it() {
    pends_without_a_buffer(&pattern(LARGE));
}

// There is nowhere to put it.
fn without_a_buffer_even_a_short_send_pends() {
    pends_without_a_buffer(&pattern(16));
}

fn pends_without_a_buffer(data: &[u8]) {
    let (client, server) = Socket::pair(AF_INET);
    client
        .set_option(SOL_SOCKET, SO_SNDBUF, 0)
        .expect("an option");
    let send = Operation::send(&client, data, Tell::Handle);
    assert!(send.pends());
    let mut got = vec![0; data.len()];
    server.recv_exact(&mut got);
    send.until_ended();
    assert_eq!(
        (send.status(), send.internal_high()),
        (NtStatus::SUCCESS, data.len())
    );
    assert!(got == data);
}

// The end of the stream goes behind what was sent before.
fn the_end_of_the_stream_waits_behind_pending_sends() {
    let (client, server) = Socket::pair(AF_INET);
    let data = pattern(LARGE);
    let send = Operation::send(&client, &data, Tell::Handle);
    client.shutdown(SD_SEND).expect("it is connected");
    assert_eq!(send.internal(), PENDING);
    let mut got = vec![0; LARGE];
    server.recv_exact(&mut got);
    assert!(got == data);
    assert_eq!(server.recv(&mut [0], 0), Ok(0));
    assert_eq!(send.result(&client, true), Ok((LARGE as u32, 0)));
}

// Base-provider.md 4.5: a close does not stop what was sent.
fn a_pending_send_goes_on_after_the_close() {
    let (client, server) = Socket::pair(AF_INET);
    let data = pattern(LARGE);
    let send = Operation::send(&client, &data, Tell::Handle);
    client.close().expect("it closes");
    let mut got = vec![0; LARGE];
    server.recv_exact(&mut got);
    assert!(got == data);
    send.until_ended();
    assert_eq!(
        (send.status(), send.internal_high()),
        (NtStatus::SUCCESS, LARGE)
    );
}

// Base-provider.md 2.3 (P232): a peer that resets the connection ends what waits.
fn a_reset_ends_pending_sends() {
    let (client, server) = Socket::pair(AF_INET);
    let data = pattern(LARGE);
    let sends = [(); 2].map(|()| Operation::send(&client, &data, Tell::Handle));
    server.close().expect("it closes");
    for send in &sends {
        send.until_ended();
        assert_eq!(send.result(&client, false), Err(Errno::CONNRESET));
    }
    wait::until("the socket knows", || {
        client.send(b"x", 0) == Err(Errno::CONNRESET)
    });
}

// Datagrams, too.
fn a_datagram_is_sent_at_once_and_too_long_a_one_is_refused() {
    let (a, b) = (Socket::udp(AF_INET), Socket::bound_udp(AF_INET));
    let to = b.name().expect("it is bound");
    let send = Operation::send_to(&a, b"overlapped", to, Tell::Handle);
    assert_eq!(send.returned, Ok(10));
    let mut room = [0; 16];
    assert_eq!(b.recv_from(&mut room).map(|got| got.0), Ok(10));
    let long = Operation::send_to(&a, &[0; 65508], to, Tell::Handle);
    assert_eq!(long.returned, Err(Errno::MSGSIZE));
}
