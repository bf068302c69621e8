//! Urgent data of a stream.

use super::*;
use crate::net::SocketOption;

fn send_urgent(socket: &Socket, data: &[u8]) {
    let data = [IoSlice::new(data)];
    socket
        .send(&data, SendFlags::OUT_OF_BAND, None, &Control::NONE)
        .unwrap();
}

both_families! {
    // base-provider.md 2.7: the urgent byte is moved out as soon as it shows.
    fn an_urgent_byte_is_announced_and_taken(family) {
        let (client, server) = pair(family);
        send_urgent(&client, b"!");
        let ready = await_ready(&server, Interest::PRIORITY);
        assert!(ready.contains(Readiness::PRIORITY), "{ready:?}");
        assert_eq!(server.take_urgent(), Ok(Some(b'!')));
    }
}

// 2.7: once taken, it is neither there nor announced.
#[test]
fn an_urgent_byte_is_taken_once() {
    let (client, server) = pair(Family::Inet);
    send_urgent(&client, b"!");
    await_ready(&server, Interest::PRIORITY);
    server.take_urgent().unwrap();
    assert_eq!(server.take_urgent(), Ok(None));
    assert!(
        !server
            .readiness(Interest::PRIORITY)
            .contains(Readiness::PRIORITY)
    );
}

// P156: several urgent bytes, each taken when it shows.
#[test]
fn urgent_bytes_one_after_the_other_are_all_taken() {
    let (client, server) = pair(Family::Inet);
    for byte in *b"abc" {
        send_urgent(&client, &[byte]);
        await_ready(&server, Interest::PRIORITY);
        assert_eq!(server.take_urgent(), Ok(Some(byte)));
    }
}

// 8.4, 16: nothing urgent is EINVAL on Linux.
#[test]
fn no_urgent_byte_is_none() {
    let (_client, server) = pair(Family::Inet);
    assert_eq!(server.take_urgent(), Ok(None));
}

// P155: no urgent data.
#[test]
fn recv_of_no_urgent_byte_would_block() {
    let (_client, server) = pair(Family::Inet);
    let mut room = [0; 1];
    let result = server.recv(&mut [IoSliceMut::new(&mut room)], RecvFlags::OUT_OF_BAND);
    assert_eq!(result.err(), Some(Errno::WOULDBLOCK));
}

// 2.7: the urgent byte is not among the others.
#[test]
fn the_stream_goes_on_without_the_urgent_byte() {
    let (client, server) = pair(Family::Inet);
    send(&client, b"ab").unwrap();
    send_urgent(&client, b"!");
    send(&client, b"cd").unwrap();
    await_ready(&server, Interest::PRIORITY);
    assert_eq!(server.take_urgent(), Ok(Some(b'!')));
    assert_eq!(recv_all(&server, 4), b"abcd");
}

// P325: FIONREAD excludes urgent bytes, also when nothing stands before one.
#[test]
fn available_excludes_the_urgent_byte() {
    let (client, server) = pair(Family::Inet);
    send(&client, b"ab").unwrap();
    send_urgent(&client, b"!");
    await_ready(&server, Interest::PRIORITY);
    assert_eq!(server.available(), Ok(2));
    recv_all(&server, 2);
    assert_eq!(server.available(), Ok(0));
}

// 2.7: bytes behind the mark count as soon as the mark is reached.
#[test]
fn available_counts_what_follows_a_taken_urgent_byte() {
    let (client, server) = pair(Family::Inet);
    send_urgent(&client, b"!");
    await_ready(&server, Interest::PRIORITY);
    server.take_urgent().unwrap();
    send(&client, b"abc").unwrap();
    await_ready(&server, Interest::READ);
    assert_eq!(server.available(), Ok(3));
}

// 2.7, SIOCATMARK as Unix means it: base inverts.
#[test]
fn the_mark_is_where_the_urgent_byte_stood() {
    let (client, server) = pair(Family::Inet);
    send(&client, b"ab").unwrap();
    send_urgent(&client, b"!");
    await_ready(&server, Interest::PRIORITY);
    assert_eq!(server.at_mark(), Ok(false));
    recv_all(&server, 2);
    assert_eq!(server.at_mark(), Ok(true));
}

// 2.7: SO_OOBINLINE leaves the byte in the stream.
#[test]
fn an_urgent_byte_stays_in_line_when_asked() {
    let (client, server) = pair(Family::Inet);
    server.set_option(SocketOption::OutOfBandInline, 1).unwrap();
    send_urgent(&client, b"!");
    assert_eq!(recv_all(&server, 1), b"!");
}
