//! Network events of listeners, and what accepted sockets inherit.

use ws2spi_abi::*;
use ws2spi_tests::notices::{Notices, WAYS, Way};
use ws2spi_tests::{Socket, case};

const MASK: i32 = FD_CONNECT | FD_READ | FD_OOB | FD_ACCEPT;

/// A client that has connected to `listener`.
fn visitor(listener: &Socket) -> Socket {
    let client = Socket::tcp(AF_INET);
    let name = listener.name().expect("a listener has a name");
    client.connect(name).expect("somebody listens");
    client
}

// P259, P260: one arrival is told once; who selects messages again is told again, who selects events is not.
#[test]
fn a_connection_is_told_once() {
    case!();
    for way in WAYS {
        let notices = Notices::by(way);
        let listener = Socket::listener(AF_INET);
        notices.select(&listener, MASK);
        notices.expect_nothing(&listener);
        let _client = visitor(&listener);
        notices.expect(&listener, &[FD_ACCEPT]);
        notices.expect_nothing(&listener);
        for events in [MASK, 0, MASK] {
            notices.select(&listener, events);
            if way == Way::Message && events != 0 {
                notices.expect(&listener, &[FD_ACCEPT]);
            }
            notices.expect_nothing(&listener);
        }
    }
}

// P253
#[test]
fn another_connection_is_recorded_without_an_accept() {
    case!();
    let notices = Notices::by(Way::Event);
    let listener = Socket::listener(AF_INET);
    notices.select(&listener, FD_ACCEPT);
    let _first = visitor(&listener);
    notices.expect(&listener, &[FD_ACCEPT]);
    let _second = visitor(&listener);
    notices.expect(&listener, &[FD_ACCEPT]);
    notices.expect_nothing(&listener);
}

// P254
#[test]
fn another_connection_is_not_posted_before_an_accept() {
    case!();
    let notices = Notices::by(Way::Message);
    let listener = Socket::listener(AF_INET);
    notices.select(&listener, FD_ACCEPT);
    let _first = visitor(&listener);
    notices.expect(&listener, &[FD_ACCEPT]);
    let _second = visitor(&listener);
    notices.expect_nothing(&listener);
    let _server = listener.accept().expect("somebody waits");
    notices.expect(&listener, &[FD_ACCEPT]);
}

// P255: and one that leaves nobody tells nothing, until somebody comes again.
#[test]
fn an_accept_that_leaves_another_connection_tells_of_it() {
    case!();
    for way in WAYS {
        let notices = Notices::by(way);
        let listener = Socket::listener(AF_INET);
        let (_first, _second) = (visitor(&listener), visitor(&listener));
        notices.select(&listener, FD_ACCEPT);
        notices.expect(&listener, &[FD_ACCEPT]);
        drop(listener.accept().expect("the first waits"));
        notices.expect(&listener, &[FD_ACCEPT]);
        drop(listener.accept().expect("the second waits"));
        notices.expect_nothing(&listener);
        let _third = visitor(&listener);
        notices.expect(&listener, &[FD_ACCEPT]);
    }
}

// P243, P275: what happened outside the mask is told when the mask lets it.
#[test]
fn a_connection_that_came_while_it_was_not_asked_for_is_told_later() {
    case!();
    for way in WAYS {
        let notices = Notices::by(way);
        let listener = Socket::listener(AF_INET);
        notices.select(&listener, MASK & !FD_ACCEPT);
        let _client = visitor(&listener);
        notices.expect_nothing(&listener);
        notices.select(&listener, MASK);
        notices.expect(&listener, &[FD_ACCEPT]);
    }
}

// P253, P259: new ones are, also when the last was fetched and the listener is not watched.
#[test]
fn a_connection_between_two_selections_is_told_by_the_second() {
    case!();
    let notices = Notices::by(Way::Event);
    let listener = Socket::listener(AF_INET);
    let _first = visitor(&listener);
    notices.select(&listener, FD_ACCEPT);
    notices.expect(&listener, &[FD_ACCEPT]);
    notices.select(&listener, 0);
    notices.settle();
    let _second = visitor(&listener);
    notices.settle();
    notices.select(&listener, FD_ACCEPT);
    notices.expect(&listener, &[FD_ACCEPT]);
}

// P261: the same for connections.
#[test]
fn a_connection_that_was_accepted_before_selecting_is_no_event() {
    case!();
    for way in WAYS {
        let notices = Notices::by(way);
        let listener = Socket::listener(AF_INET);
        notices.select(&listener, FD_READ);
        let _client = visitor(&listener);
        let _server = listener.accept().expect("somebody waits");
        notices.select(&listener, FD_ACCEPT);
        notices.expect_nothing(&listener);
    }
}

// P275: the event stays set, and is set again when the bit comes back.
#[test]
fn narrowing_and_widening_the_mask_keeps_what_was_not_fetched() {
    case!();
    let notices = Notices::by(Way::Event);
    let listener = Socket::listener(AF_INET);
    notices.select(&listener, MASK);
    let _client = visitor(&listener);
    ws2spi_tests::wait::until("the event is set", || notices.is_set());
    notices.select(&listener, MASK & !FD_ACCEPT);
    assert!(notices.is_set());
    notices.reset();
    notices.select(&listener, MASK & !FD_ACCEPT);
    assert!(!notices.is_set());
    notices.select(&listener, MASK);
    assert!(notices.is_set());
    notices.expect(&listener, &[FD_ACCEPT]);
}

// P101, P103, P247: the registration too; FD_WRITE at once, with its own number in the message.
#[test]
fn an_accepted_socket_inherits_the_registration() {
    case!();
    for way in WAYS {
        let notices = Notices::by(way);
        let listener = Socket::listener(AF_INET);
        let client = visitor(&listener);
        notices.select(&listener, MASK | FD_WRITE);
        notices.expect(&listener, &[FD_ACCEPT]);
        let (server, _) = listener.accept().expect("somebody waits");
        notices.expect(&server, &[FD_WRITE]);
        notices.expect_nothing(&server);
        assert_eq!(server.recv(&mut [0], 0), Err(Errno::WOULDBLOCK));
        assert_eq!(client.send(b"x", 0), Ok(1));
        notices.expect(&server, &[FD_READ]);
        assert_eq!(server.set_nonblocking(false), Err(Errno::INVAL));
    }
}
