//! Urgent data: one byte per receive, beside the stream or in it.

use crate::extensions::poll;
use crate::overlapped::{Event, Operation, Tell};
use crate::readiness::until_ready;
use crate::receiving::{UNTOUCHED, receive};
use crate::{Socket, cases, wait};
use ws2spi_abi::*;

cases! {
    urgent_data_that_are_in_the_stream_are_not_to_be_had_beside_it: [P154], [Tcp];
    a_non_blocking_stream_does_not_wait_for_urgent_data: [P155], [Tcp];
    a_blocking_stream_does_not_wait_for_urgent_data_either: ["base-provider.md 2.7"], [Tcp];
    two_urgent_bytes_are_two_receives: [P156], [Tcp];
    peeking_leaves_the_urgent_byte: ["base-provider.md 2.7"], [Tcp];
    an_overlapped_receive_of_urgent_data_waits_for_them: ["base-provider.md 2.7"],
        [Tcp, Overlapped];
    receives_of_urgent_data_get_a_byte_each_in_their_order: [P156, P208], [Tcp, Overlapped];
    urgent_data_that_are_there_end_an_overlapped_receive_at_once: [P156, P209], [Tcp, Overlapped];
    the_flags_of_an_overlapped_receive_tell_of_urgent_data: ["base-provider.md 2.3"],
        [Tcp, Overlapped];
    the_end_of_the_stream_ends_a_receive_of_urgent_data: ["base-provider.md 4.4"],
        [Tcp, Overlapped];
    a_reset_ends_a_receive_of_urgent_data: [P213], [Tcp, Overlapped];
    a_receive_of_urgent_data_can_be_cancelled: [P228], [Tcp, Overlapped, SystemHandles];
    putting_urgent_data_in_the_stream_ends_receives_beside_it: ["base-provider.md 2.7"],
        [Tcp, Overlapped];
}

/// Two connected sockets, the second of which does not block.
fn non_blocking_pair() -> (Socket, Socket) {
    let (client, server) = Socket::pair(AF_INET);
    server.set_nonblocking(true).expect("a mode");
    (client, server)
}

/// Sends one urgent byte and waits until the peer has it.
fn deliver_urgent(from: &Socket, to: &Socket, byte: u8) {
    assert_eq!(from.send(&[byte], MSG_OOB as i32), Ok(1));
    wait::until("the urgent byte has arrived", || until_ready(to).except);
}

/// Takes one urgent byte.
fn urgent(s: &Socket) -> Result<u8, Errno> {
    let mut byte = [0; 4];
    let outcome = receive(s, &mut [&mut byte], MSG_OOB);
    outcome.result.map(|()| {
        assert_eq!(outcome.count, 1, "one byte per receive");
        byte[0]
    })
}

// Pending or not.
fn urgent_data_that_are_in_the_stream_are_not_to_be_had_beside_it() {
    let (client, server) = Socket::pair(AF_INET);
    server
        .set_option(SOL_SOCKET, SO_OOBINLINE, 1)
        .expect("a stream takes it");
    assert_eq!(urgent(&server), Err(Errno::INVAL));
    assert_eq!(client.send(b"!", MSG_OOB as i32), Ok(1));
    assert_eq!(server.recv(&mut [0], MSG_OOB as i32), Err(Errno::INVAL));
    let mut byte = [0];
    assert_eq!(server.recv(&mut byte, 0), Ok(1), "it is in the stream");
    assert_eq!(&byte, b"!");
    assert_eq!(urgent(&server), Err(Errno::INVAL));
}

// Whatever else there is.
fn a_non_blocking_stream_does_not_wait_for_urgent_data() {
    let (client, server) = non_blocking_pair();
    let outcome = receive(&server, &mut [&mut [0; 4]], MSG_OOB);
    assert_eq!(
        (outcome.result, outcome.count),
        (Err(Errno::WOULDBLOCK), UNTOUCHED)
    );
    assert_eq!(client.send(b"data", 0), Ok(4));
    wait::until("the data have arrived", || until_ready(&server).read);
    assert_eq!(urgent(&server), Err(Errno::WOULDBLOCK));
    deliver_urgent(&client, &server, b'!');
    assert_eq!(urgent(&server), Ok(b'!'));
    assert_eq!(urgent(&server), Err(Errno::WOULDBLOCK), "it was the only");
    let mut data = [0; 8];
    assert_eq!(server.recv(&mut data, 0), Ok(4));
    assert_eq!(&data[..4], b"data");
}

// It never waits.
fn a_blocking_stream_does_not_wait_for_urgent_data_either() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(urgent(&server), Err(Errno::WOULDBLOCK));
    assert_eq!(client.send(b"data", 0), Ok(4));
    wait::until("the data have arrived", || until_ready(&server).read);
    assert_eq!(urgent(&server), Err(Errno::WOULDBLOCK));
}

// Whatever the call was that saw the first one. See base/urgent.rs: two that arrive with no call in between are one to the
// system.
fn two_urgent_bytes_are_two_receives() {
    type Look = (&'static str, fn(&Socket) -> bool);
    let looks: [Look; 4] = [
        ("select", |s| until_ready(s).except),
        ("WSAPoll", |s| {
            let mut fds = [WSAPOLLFD {
                fd: s.raw(),
                events: POLLRDBAND,
                revents: 0,
            }];
            poll(&mut fds, 0) == Ok(1) && fds[0].revents == POLLRDBAND
        }),
        ("SIOCATMARK", |s| {
            s.ioctl(SIOCATMARK, &[], 4) == Ok(vec![0; 4])
        }),
        ("MSG_PEEK", |s| {
            s.recv(&mut [0], (MSG_OOB | MSG_PEEK) as i32) == Ok(1)
        }),
    ];
    for (name, look) in looks {
        let (client, server) = non_blocking_pair();
        assert_eq!(client.send(b"1", MSG_OOB as i32), Ok(1));
        wait::until(name, || look(&server));
        assert_eq!(client.send(b"23", MSG_OOB as i32), Ok(2));
        wait::until("the rest has arrived", || server.available() == Ok(1));
        assert_eq!(urgent(&server), Ok(b'1'), "{name}");
        assert_eq!(urgent(&server), Ok(b'3'), "{name}");
        assert_eq!(urgent(&server), Err(Errno::WOULDBLOCK), "{name}");
        let mut data = [0; 4];
        assert_eq!(server.recv(&mut data, 0), Ok(1), "{name}");
        assert_eq!(data[0], b'2', "{name}");
    }
}

// Looking at an urgent byte leaves it.
fn peeking_leaves_the_urgent_byte() {
    let (client, server) = non_blocking_pair();
    deliver_urgent(&client, &server, b'!');
    for _ in 0..2 {
        let mut byte = [0; 4];
        let outcome = receive(&server, &mut [&mut byte], MSG_OOB | MSG_PEEK);
        assert_eq!((outcome.result, outcome.count), (Ok(()), 1));
        assert_eq!(byte[0], b'!');
    }
    assert_eq!(urgent(&server), Ok(b'!'));
    assert_eq!(urgent(&server), Err(Errno::WOULDBLOCK));
}

/// An overlapped receive of urgent data.
fn receive_urgent(s: &Socket, event: &Event) -> Operation {
    Operation::receive(s, &[4], MSG_OOB, Tell::Event(event.raw()))
}

/// How many bytes an operation moved.
fn count(of: &Operation, s: &Socket) -> Result<u32, Errno> {
    of.result(s, false).map(|(bytes, _)| bytes)
}

// WSARecv: an operation with an OVERLAPPED that cannot end at once is pending. Neither queue waits behind the other, and no other call
// takes the byte.
fn an_overlapped_receive_of_urgent_data_waits_for_them() {
    let (client, server) = non_blocking_pair();
    let [beside, within] = [(); 2].map(|()| Event::new());
    let waiting = receive_urgent(&server, &beside);
    assert!(waiting.pends());
    let data = Operation::receive(&server, &[8], 0, Tell::Event(within.raw()));
    assert!(data.pends());
    assert_eq!(urgent(&server), Err(Errno::WOULDBLOCK));
    assert_eq!(client.send(b"data", 0), Ok(4));
    within.wait();
    assert_eq!(data.result(&server, false), Ok((4, 0)));
    assert!(!beside.is_set());
    let data = Operation::receive(&server, &[8], 0, Tell::Event(within.raw()));
    assert!(data.pends());
    assert_eq!(client.send(b"!", MSG_OOB as i32), Ok(1));
    beside.wait();
    assert_eq!(count(&waiting, &server), Ok(1));
    assert_eq!(waiting.data(0)[0], b'!');
    assert_eq!(client.send(b"more", 0), Ok(4));
    within.wait();
    assert_eq!(data.result(&server, false), Ok((4, 0)));
    assert_eq!(&data.data(0)[..4], b"more");
}

fn receives_of_urgent_data_get_a_byte_each_in_their_order() {
    let (client, server) = Socket::pair(AF_INET);
    let events = [(); 3].map(|()| Event::new());
    let waiting = events
        .each_ref()
        .map(|event| receive_urgent(&server, event));
    for (at, byte) in (*b"123").into_iter().enumerate() {
        assert_eq!(client.send(&[byte], MSG_OOB as i32), Ok(1));
        events[at].wait();
        assert_eq!(count(&waiting[at], &server), Ok(1));
        assert_eq!(waiting[at].data(0)[0], byte);
        assert!(events[at + 1..].iter().all(|event| !event.is_set()));
    }
}

fn urgent_data_that_are_there_end_an_overlapped_receive_at_once() {
    let (client, server) = Socket::pair(AF_INET);
    deliver_urgent(&client, &server, b'!');
    let event = Event::new();
    let done = receive_urgent(&server, &event);
    event.wait();
    assert_eq!(count(&done, &server), Ok(1));
    assert_eq!(done.data(0)[0], b'!');
}

// By the status of the operation.
fn the_flags_of_an_overlapped_receive_tell_of_urgent_data() {
    let (client, server) = Socket::pair(AF_INET);
    let event = Event::new();
    let waiting = receive_urgent(&server, &event);
    assert_eq!(client.send(b"!", MSG_OOB as i32), Ok(1));
    event.wait();
    assert_eq!(waiting.result(&server, false), Ok((1, MSG_OOB)));
}

// Also one that is begun when the end is there.
fn the_end_of_the_stream_ends_a_receive_of_urgent_data() {
    let (client, server) = Socket::pair(AF_INET);
    let event = Event::new();
    let waiting = receive_urgent(&server, &event);
    assert!(waiting.pends());
    client.shutdown(SD_SEND).expect("it is connected");
    // Systems that tell the end by hanging up wait for the other end too.
    server.shutdown(SD_SEND).expect("it is connected");
    event.wait();
    assert_eq!(waiting.result(&server, false), Ok((0, 0)));
    let late = receive_urgent(&server, &event);
    event.wait();
    assert_eq!(late.result(&server, false), Ok((0, 0)));
}

fn a_reset_ends_a_receive_of_urgent_data() {
    let (client, server) = Socket::pair(AF_INET);
    let event = Event::new();
    let waiting = receive_urgent(&server, &event);
    assert!(waiting.pends());
    client
        .set_option_bytes(SOL_SOCKET, SO_LINGER, &[1, 0, 0, 0])
        .expect("a stream lingers");
    drop(client);
    event.wait();
    assert_eq!(waiting.result(&server, false), Err(Errno::CONNRESET));
}

fn a_receive_of_urgent_data_can_be_cancelled() {
    let (client, server) = Socket::pair(AF_INET);
    let events = [(); 2].map(|()| Event::new());
    let [first, second] = events
        .each_ref()
        .map(|event| receive_urgent(&server, event));
    assert_eq!(first.cancel(&server), Ok(()));
    events[0].wait();
    assert_eq!(first.result(&server, false), Err(Errno::OPERATION_ABORTED));
    assert_eq!(client.send(b"!", MSG_OOB as i32), Ok(1));
    events[1].wait();
    assert_eq!(count(&second, &server), Ok(1));
}

fn putting_urgent_data_in_the_stream_ends_receives_beside_it() {
    let (_client, server) = Socket::pair(AF_INET);
    let event = Event::new();
    let waiting = receive_urgent(&server, &event);
    assert!(waiting.pends());
    server
        .set_option(SOL_SOCKET, SO_OOBINLINE, 1)
        .expect("a stream takes it");
    event.wait();
    assert_eq!(waiting.result(&server, false), Err(Errno::INVAL));
}
