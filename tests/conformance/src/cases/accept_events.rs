//! Network events of listeners, and what accepted sockets inherit.

use crate::notices::{Notices, WAYS, Way};
use crate::{Socket, cases};
use ws2spi_abi::*;

cases! {
    a_connection_is_told_once: [P259, P260], [Tcp, NetworkEvents, Windows];
    another_connection_is_recorded_without_an_accept: [P253], [Tcp, NetworkEvents];
    another_connection_is_not_posted_before_an_accept: [P254], [Tcp, NetworkEvents, Windows];
    an_accept_that_leaves_another_connection_tells_of_it: [P255], [Tcp, NetworkEvents, Windows];
    a_connection_that_came_while_it_was_not_asked_for_is_told_later: [P243, P275],
        [Tcp, NetworkEvents, Windows];
    a_connection_between_two_selections_is_told_by_the_second: [P253, P259], [Tcp, NetworkEvents];
    a_connection_that_was_accepted_before_selecting_is_no_event: [P261],
        [Tcp, NetworkEvents, Windows];
    narrowing_and_widening_the_mask_keeps_what_was_not_fetched: [P275], [Tcp, NetworkEvents];
    an_accepted_socket_inherits_the_registration: [P101, P103, P247], [Tcp, NetworkEvents, Windows];
}

const MASK: i32 = FD_CONNECT | FD_READ | FD_OOB | FD_ACCEPT;

/// A client that has connected to `listener`.
fn visitor(listener: &Socket) -> Socket {
    let client = Socket::tcp(AF_INET);
    let name = listener.name().expect("a listener has a name");
    client.connect(name).expect("somebody listens");
    client
}

// One arrival is told once; who selects messages again is told again, who selects events is not.
fn a_connection_is_told_once() {
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

fn another_connection_is_recorded_without_an_accept() {
    let notices = Notices::by(Way::Event);
    let listener = Socket::listener(AF_INET);
    notices.select(&listener, FD_ACCEPT);
    let _first = visitor(&listener);
    notices.expect(&listener, &[FD_ACCEPT]);
    let _second = visitor(&listener);
    notices.expect(&listener, &[FD_ACCEPT]);
    notices.expect_nothing(&listener);
}

fn another_connection_is_not_posted_before_an_accept() {
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

// And one that leaves nobody tells nothing, until somebody comes again.
fn an_accept_that_leaves_another_connection_tells_of_it() {
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

// What happened outside the mask is told when the mask lets it.
fn a_connection_that_came_while_it_was_not_asked_for_is_told_later() {
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

// New ones are, also when the last was fetched and the listener is not watched.
fn a_connection_between_two_selections_is_told_by_the_second() {
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

// The same for connections.
fn a_connection_that_was_accepted_before_selecting_is_no_event() {
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

// The event stays set, and is set again when the bit comes back.
fn narrowing_and_widening_the_mask_keeps_what_was_not_fetched() {
    let notices = Notices::by(Way::Event);
    let listener = Socket::listener(AF_INET);
    notices.select(&listener, MASK);
    let _client = visitor(&listener);
    crate::wait::until("the event is set", || notices.is_set());
    notices.select(&listener, MASK & !FD_ACCEPT);
    assert!(notices.is_set());
    notices.reset();
    notices.select(&listener, MASK & !FD_ACCEPT);
    assert!(!notices.is_set());
    notices.select(&listener, MASK);
    assert!(notices.is_set());
    notices.expect(&listener, &[FD_ACCEPT]);
}

// The registration too; FD_WRITE at once, with its own number in the message.
fn an_accepted_socket_inherits_the_registration() {
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
