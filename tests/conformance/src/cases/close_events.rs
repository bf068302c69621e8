//! FD_CLOSE, and what is told of sockets that are closed here.

use crate::notices::{Notices, WAYS, Way};
use crate::sending::reset;
use crate::{Socket, cases};
use ws2spi_abi::*;

cases! {
    the_peers_end_is_told_once_without_an_error: [P268, P271], [Tcp, NetworkEvents, Windows];
    selecting_again_tells_a_window_of_the_end_again: [P259, P260], [Tcp, NetworkEvents, Windows];
    the_end_is_told_while_data_are_unread: [P269], [Tcp, NetworkEvents, Windows];
    a_reset_is_told_once_as_an_abort: [P270, P271], [Tcp, NetworkEvents, Windows];
    ones_own_shutdown_is_no_event: [P272], [Tcp, NetworkEvents, Windows];
    the_end_is_told_after_ones_own_shutdown: [P272], [Tcp, NetworkEvents, Windows];
    selecting_after_the_end_tells_of_it: [P273, P243], [Tcp, NetworkEvents, Windows];
    nothing_is_told_of_a_socket_that_was_closed: [P274], [Tcp, NetworkEvents, Windows];
}

const MASK: i32 = FD_ACCEPT | FD_CLOSE | FD_CONNECT | FD_OOB | FD_READ;

fn told(way: Way) -> (Socket, Socket, Notices) {
    let notices = Notices::by(way);
    let (client, server) = Socket::pair(AF_INET);
    notices.select(&server, MASK);
    (client, server, notices)
}

// Whichever way the peer ends; a later close adds nothing.
fn the_peers_end_is_told_once_without_an_error() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        client.shutdown(SD_SEND).expect("it is connected");
        notices.expect(&server, &[FD_CLOSE]);
        drop(client);
        notices.expect_nothing(&server);
        assert_eq!(server.recv(&mut [0; 4], 0), Ok(0));
        notices.expect_nothing(&server);
        let (client, server, notices) = told(way);
        drop(client);
        notices.expect(&server, &[FD_CLOSE]);
        notices.expect_nothing(&server);
    }
}

fn selecting_again_tells_a_window_of_the_end_again() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        drop(client);
        notices.expect(&server, &[FD_CLOSE]);
        for events in [MASK, 0, MASK] {
            notices.select(&server, events);
            if way == Way::Message && events != 0 {
                notices.expect(&server, &[FD_CLOSE]);
            }
            notices.expect_nothing(&server);
        }
    }
}

// The rest of the data are told as ever.
fn the_end_is_told_while_data_are_unread() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        assert_eq!(client.send(b"data", 0), Ok(4));
        notices.expect(&server, &[FD_READ]);
        drop(client);
        notices.expect(&server, &[FD_CLOSE]);
        assert_eq!(server.recv(&mut [0; 3], 0), Ok(3));
        notices.expect(&server, &[FD_READ]);
        assert_eq!(server.recv(&mut [0; 3], 0), Ok(1));
        notices.expect_nothing(&server);
    }
}

fn a_reset_is_told_once_as_an_abort() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        reset(client);
        notices.expect_errors(&server, &[(FD_CLOSE, WSAECONNABORTED)]);
        notices.expect_nothing(&server);
        assert_eq!(server.recv(&mut [0; 4], 0), Err(Errno::CONNRESET));
        notices.expect_nothing(&server);
    }
}

fn ones_own_shutdown_is_no_event() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        client.shutdown(SD_RECEIVE).expect("it is connected");
        server.shutdown(SD_BOTH).expect("it is connected");
        notices.expect_nothing(&server);
    }
}

fn the_end_is_told_after_ones_own_shutdown() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        server.shutdown(SD_BOTH).expect("it is connected");
        client.shutdown(SD_SEND).expect("it is connected");
        notices.expect(&server, &[FD_CLOSE]);
        notices.expect_nothing(&server);
    }
}

// Also when only a part of the mask was asked for meanwhile.
fn selecting_after_the_end_tells_of_it() {
    for way in WAYS {
        let notices = Notices::by(way);
        let (client, server) = Socket::pair(AF_INET);
        drop(client);
        assert_eq!(server.recv(&mut [0; 4], 0), Ok(0));
        notices.select(&server, MASK);
        notices.expect(&server, &[FD_CLOSE]);
        let (client, server) = Socket::pair(AF_INET);
        notices.select(&server, MASK & !FD_CLOSE);
        drop(client);
        notices.expect_nothing(&server);
        notices.select(&server, MASK);
        notices.expect(&server, &[FD_CLOSE]);
    }
}

// Although the peer goes on.
fn nothing_is_told_of_a_socket_that_was_closed() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        let (_other, still_open) = Socket::pair(AF_INET);
        drop(server);
        let _ = client.send(b"data", 0);
        drop(client);
        match way {
            Way::Event => {
                notices.settle();
                assert!(!notices.is_set());
            }
            Way::Message => notices.expect_nothing(&still_open),
        }
    }
}
