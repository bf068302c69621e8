//! Urgent data: one byte per receive, beside the stream or in it.

use crate::extensions::poll;
use crate::readiness::until_ready;
use crate::receiving::{UNTOUCHED, receive};
use crate::{Socket, cases, wait};
use ws2spi_abi::*;

cases! {
    urgent_data_that_are_in_the_stream_are_not_to_be_had_beside_it: [P154], [Tcp];
    a_stream_without_urgent_data_does_not_wait_for_any: [P155], [Tcp];
    two_urgent_bytes_are_two_receives: [P156], [Tcp];
    peeking_leaves_the_urgent_byte: [P156, P136], [Tcp];
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

// It never waits, whatever else there is.
fn a_stream_without_urgent_data_does_not_wait_for_any() {
    let (client, server) = Socket::pair(AF_INET);
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
        let (client, server) = Socket::pair(AF_INET);
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
    let (client, server) = Socket::pair(AF_INET);
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
