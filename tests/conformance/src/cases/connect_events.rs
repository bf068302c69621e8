//! Network events of connecting, and the first FD_WRITE.

use crate::notices::{Notices, WAYS, Way};
use crate::socket::loopback;
use crate::{Socket, cases};
use std::net::SocketAddr;
use ws2spi_abi::*;

cases! {
    a_connection_is_connect_and_write: [P244, P245], [Tcp, NetworkEvents, Windows];
    selecting_on_a_connected_client_tells_a_window_of_its_room_only: [P246],
        [Tcp, NetworkEvents, Windows];
    selecting_on_an_accepted_socket_tells_of_its_room_only: [P247], [Tcp, NetworkEvents, Windows];
    a_connection_that_was_made_outside_the_mask_is_told_later: [P248],
        [Tcp, NetworkEvents, Windows];
    a_failed_attempt_is_told_once_with_its_error: [P249], [Tcp, Udp, NetworkEvents, Windows];
    the_attempts_after_a_failed_one_are_told_as_well: [P78, P249],
        [Tcp, Udp, NetworkEvents, Windows];
    selecting_after_a_failed_attempt_tells_an_event_of_it: [P249], [Tcp, Udp, NetworkEvents];
    selecting_after_a_failed_attempt_tells_a_window_of_it: ["base-provider.md 3"],
        [Tcp, Udp, NetworkEvents, Windows];
    an_unconnected_stream_tells_nothing: [P250], [Tcp, NetworkEvents, Windows];
    a_datagram_socket_with_a_name_is_writable: [P251], [Tcp, Udp, NetworkEvents, Windows];
    a_datagram_socket_without_a_name_is_not_writable_yet: [P251],
        [Tcp, Udp, NetworkEvents, Windows];
    a_datagram_socket_that_sends_is_writable: [P251], [Tcp, Udp, NetworkEvents];
    a_datagram_socket_that_gets_a_peer_is_connected_and_writable: [P252],
        [Tcp, Udp, NetworkEvents, Windows];
}

const MASK: i32 = FD_ACCEPT | FD_CLOSE | FD_CONNECT | FD_OOB | FD_READ | FD_WRITE;

fn name(of: &Socket) -> std::net::SocketAddr {
    of.name().expect("it has a name")
}

// Together for an event, one after the other for a window; once.
fn a_connection_is_connect_and_write() {
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

// An event tells of both (3.3, "first FD_WRITE").
fn selecting_on_a_connected_client_tells_a_window_of_its_room_only() {
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

fn selecting_on_an_accepted_socket_tells_of_its_room_only() {
    for way in WAYS {
        let notices = Notices::by(way);
        let (_client, server) = Socket::pair(AF_INET);
        notices.select(&server, MASK);
        notices.expect(&server, &[FD_WRITE]);
        notices.expect_nothing(&server);
    }
}

// For an event; a window hears of its room again.
fn a_connection_that_was_made_outside_the_mask_is_told_later() {
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

/// A socket whose attempt is refused, while `notices` is told of it; where nobody is, for another attempt.
fn refused(notices: &Notices) -> (Socket, SocketAddr) {
    let nobody = name(&Socket::bound_udp(AF_INET));
    let client = Socket::tcp(AF_INET);
    notices.select(&client, MASK);
    assert_eq!(client.connect(nobody), Err(Errno::WOULDBLOCK));
    notices.expect_errors(&client, &[(FD_CONNECT, WSAECONNREFUSED)]);
    notices.expect_nothing(&client);
    (client, nobody)
}

fn a_failed_attempt_is_told_once_with_its_error() {
    for way in WAYS {
        let notices = Notices::by(way);
        let (client, _) = refused(&notices);
        notices.expect_nothing(&client);
    }
}

// One that fails and one that succeeds.
fn the_attempts_after_a_failed_one_are_told_as_well() {
    for way in WAYS {
        let notices = Notices::by(way);
        let (client, nobody) = refused(&notices);
        assert_eq!(client.connect(nobody), Err(Errno::WOULDBLOCK));
        notices.expect_errors(&client, &[(FD_CONNECT, WSAECONNREFUSED)]);
        notices.expect_nothing(&client);
        let listener = Socket::listener(AF_INET);
        assert_eq!(client.connect(name(&listener)), Err(Errno::WOULDBLOCK));
        notices.expect(&client, &[FD_CONNECT, FD_WRITE]);
    }
}

/// An attempt that failed before anybody asked.
fn refused_before_selecting(way: Way) {
    let notices = Notices::by(way);
    let nobody = name(&Socket::bound_udp(AF_INET));
    let client = Socket::tcp(AF_INET);
    client.set_nonblocking(true).expect("any socket may be");
    assert_eq!(client.connect(nobody), Err(Errno::WOULDBLOCK));
    assert!(crate::readiness::until_ready(&client).except);
    notices.select(&client, MASK);
    notices.expect_errors(&client, &[(FD_CONNECT, WSAECONNREFUSED)]);
}

fn selecting_after_a_failed_attempt_tells_an_event_of_it() {
    refused_before_selecting(Way::Event);
}

fn selecting_after_a_failed_attempt_tells_a_window_of_it() {
    refused_before_selecting(Way::Message);
}

// Whatever the system says of it.
fn an_unconnected_stream_tells_nothing() {
    for way in WAYS {
        let notices = Notices::by(way);
        let s = Socket::tcp(AF_INET);
        notices.select(&s, MASK);
        notices.expect_nothing(&s);
        s.bind(loopback(AF_INET)).expect("any port");
        notices.expect_nothing(&s);
    }
}

// A window hears of it without a name too.
fn a_datagram_socket_without_a_name_is_not_writable_yet() {
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
    }
}

// Once, and sending does not take it away.
fn a_datagram_socket_with_a_name_is_writable() {
    for way in WAYS {
        let notices = Notices::by(way);
        let s = Socket::bound_udp(AF_INET);
        notices.select(&s, MASK);
        notices.expect(&s, &[FD_WRITE]);
        notices.expect_nothing(&s);
        assert_eq!(s.send_to(b"x", name(&s)), Ok(1));
        notices.expect(&s, &[FD_READ]);
        notices.expect_nothing(&s);
    }
}

// A send gives it one.
fn a_datagram_socket_that_sends_is_writable() {
    let notices = Notices::by(Way::Event);
    let (s, peer) = (Socket::udp(AF_INET), Socket::bound_udp(AF_INET));
    notices.select(&s, MASK);
    assert_eq!(s.send_to(b"x", name(&peer)), Ok(1));
    notices.expect(&s, &[FD_WRITE]);
}

fn a_datagram_socket_that_gets_a_peer_is_connected_and_writable() {
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
