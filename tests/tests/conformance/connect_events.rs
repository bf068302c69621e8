//! Network events of connecting, and the first FD_WRITE.

use ws2spi_abi::*;
use ws2spi_tests::notices::{Notices, WAYS, Way};
use ws2spi_tests::socket::loopback;
use ws2spi_tests::{Socket, case};

const MASK: i32 = FD_ACCEPT | FD_CLOSE | FD_CONNECT | FD_OOB | FD_READ | FD_WRITE;

fn name(of: &Socket) -> std::net::SocketAddr {
    of.name().expect("it has a name")
}

// P244, P245: together for an event, one after the other for a window; once.
#[test]
fn a_connection_is_connect_and_write() {
    case!();
    for way in WAYS {
        let notices = Notices::by(way);
        let (listener, client) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
        notices.select(&client, MASK);
        notices.expect_nothing(&client);
        assert_eq!(client.connect(name(&listener)), Err(Errno::WOULDBLOCK));
        notices.expect(&client, &[FD_CONNECT, FD_WRITE]);
        notices.expect_nothing(&client);
        for events in [0, MASK] {
            notices.select(&client, events);
        }
        if way == Way::Message {
            notices.expect(&client, &[FD_WRITE]);
        }
        notices.expect_nothing(&client);
    }
}

// P246: an event tells of both (3.3, "first FD_WRITE").
#[test]
fn selecting_on_a_connected_client_tells_a_window_of_its_room_only() {
    case!();
    for way in WAYS {
        let notices = Notices::by(way);
        let (client, _server) = Socket::pair(AF_INET);
        assert_eq!(client.send(b"data", 0), Ok(4));
        notices.select(&client, MASK);
        match way {
            Way::Event => notices.expect(&client, &[FD_CONNECT, FD_WRITE]),
            Way::Message => notices.expect(&client, &[FD_WRITE]),
        }
        notices.expect_nothing(&client);
    }
}

// P247
#[test]
fn selecting_on_an_accepted_socket_tells_of_its_room_only() {
    case!();
    for way in WAYS {
        let notices = Notices::by(way);
        let (_client, server) = Socket::pair(AF_INET);
        notices.select(&server, MASK);
        notices.expect(&server, &[FD_WRITE]);
        notices.expect_nothing(&server);
    }
}

// P248: for an event; a window hears of its room again.
#[test]
fn a_connection_that_was_made_outside_the_mask_is_told_later() {
    case!();
    for way in WAYS {
        let notices = Notices::by(way);
        let (listener, client) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
        notices.select(&client, MASK & !FD_CONNECT);
        assert_eq!(client.connect(name(&listener)), Err(Errno::WOULDBLOCK));
        notices.expect(&client, &[FD_WRITE]);
        notices.select(&client, MASK);
        match way {
            Way::Event => notices.expect(&client, &[FD_CONNECT]),
            Way::Message => notices.expect(&client, &[FD_WRITE]),
        }
        notices.expect_nothing(&client);
    }
}

// P249: and the next attempt is told of as well.
#[test]
fn a_failed_attempt_is_told_once_with_its_error() {
    case!();
    for way in WAYS {
        let notices = Notices::by(way);
        let nobody = name(&Socket::bound_udp(AF_INET));
        let client = Socket::tcp(AF_INET);
        notices.select(&client, MASK);
        for _ in 0..2 {
            assert_eq!(client.connect(nobody), Err(Errno::WOULDBLOCK));
            notices.expect_errors(&client, &[(FD_CONNECT, WSAECONNREFUSED)]);
            notices.expect_nothing(&client);
        }
        let listener = Socket::listener(AF_INET);
        assert_eq!(client.connect(name(&listener)), Err(Errno::WOULDBLOCK));
        notices.expect(&client, &[FD_CONNECT, FD_WRITE]);
    }
}

// P249: an attempt that failed before anybody asked.
#[test]
fn selecting_after_a_failed_attempt_tells_of_it() {
    case!();
    for way in WAYS {
        let notices = Notices::by(way);
        let nobody = name(&Socket::bound_udp(AF_INET));
        let client = Socket::tcp(AF_INET);
        client.set_nonblocking(true).expect("any socket may be");
        assert_eq!(client.connect(nobody), Err(Errno::WOULDBLOCK));
        assert!(ws2spi_tests::readiness::until_ready(&client).except);
        notices.select(&client, MASK);
        notices.expect_errors(&client, &[(FD_CONNECT, WSAECONNREFUSED)]);
    }
}

// P250: whatever the system says of it.
#[test]
fn an_unconnected_stream_tells_nothing() {
    case!();
    for way in WAYS {
        let notices = Notices::by(way);
        let s = Socket::tcp(AF_INET);
        notices.select(&s, MASK);
        notices.expect_nothing(&s);
        s.bind(loopback(AF_INET)).expect("any port");
        notices.expect_nothing(&s);
    }
}

// P251: a window hears of it without a name too.
#[test]
fn a_datagram_socket_is_writable_once_it_has_a_name() {
    case!();
    for way in WAYS {
        let notices = Notices::by(way);
        let s = Socket::udp(AF_INET);
        notices.select(&s, MASK);
        if way == Way::Message {
            notices.expect(&s, &[FD_WRITE]);
        }
        notices.expect_nothing(&s);
        s.bind(loopback(AF_INET)).expect("any port");
        if way == Way::Event {
            notices.expect(&s, &[FD_WRITE]);
        }
        notices.expect_nothing(&s);
        assert_eq!(s.send_to(b"x", name(&s)), Ok(1));
        notices.expect(&s, &[FD_READ]);
        notices.expect_nothing(&s);
    }
}

// P251: a send gives it one.
#[test]
fn a_datagram_socket_that_sends_is_writable() {
    case!();
    let notices = Notices::by(Way::Event);
    let (s, peer) = (Socket::udp(AF_INET), Socket::bound_udp(AF_INET));
    notices.select(&s, MASK);
    assert_eq!(s.send_to(b"x", name(&peer)), Ok(1));
    notices.expect(&s, &[FD_WRITE]);
}

// P252
#[test]
fn a_datagram_socket_that_gets_a_peer_is_connected_and_writable() {
    case!();
    for way in WAYS {
        let notices = Notices::by(way);
        let (s, peer) = (Socket::udp(AF_INET), Socket::bound_udp(AF_INET));
        notices.select(&s, MASK);
        if way == Way::Message {
            notices.expect(&s, &[FD_WRITE]);
        }
        s.connect(name(&peer))
            .expect("a datagram socket connects at once");
        match way {
            Way::Event => notices.expect(&s, &[FD_CONNECT, FD_WRITE]),
            Way::Message => notices.expect(&s, &[FD_WRITE]),
        }
        notices.expect_nothing(&s);
    }
}
