//! Network events of data: FD_READ, FD_OOB, and FD_WRITE after a send that would block.

use crate::notices::{Notices, WAYS, Way};
use crate::overlapped::{Operation, Tell};
use crate::receiving::receive_length;
use crate::{Socket, cases, readiness, wait};
use ws2spi_abi::*;

cases! {
    data_are_told_once: [P259, P260], [Tcp, NetworkEvents, Windows];
    more_data_are_recorded_without_a_receive: [P256], [Tcp, NetworkEvents];
    more_data_are_not_posted_before_a_receive: [P257], [Tcp, NetworkEvents, Windows];
    a_receive_that_leaves_data_tells_of_them: [P258], [Tcp, NetworkEvents, Windows];
    a_receive_with_a_bad_length_re_enables_messages: [P134], [Tcp, NetworkEvents, Windows];
    data_that_were_received_already_are_no_event: [P261], [Tcp, NetworkEvents, Windows];
    data_between_two_selections_are_told_by_the_second: [P243, P256], [Tcp, NetworkEvents, Windows];
    datagrams_are_told_as_data_are: [P257, P258], [Tcp, Udp, NetworkEvents, Windows];
    more_datagrams_are_recorded_without_a_receive: [P256], [Tcp, Udp, NetworkEvents];
    a_pending_receive_takes_the_event_with_the_data: [P262],
        [Tcp, Overlapped, NetworkEvents, Windows];
    data_that_a_pending_receive_leaves_are_told: [P262], [Tcp, Overlapped, NetworkEvents, Windows];
    select_neither_takes_nor_repeats_events: [P278], [Tcp, NetworkEvents, Windows];
    an_urgent_byte_is_told_out_of_band: [P266], [Tcp, NetworkEvents, Windows];
    another_urgent_byte_is_told_as_more_data_are: [P266], [Tcp, NetworkEvents, Windows];
    an_urgent_byte_in_line_is_data: [P267], [Tcp, NetworkEvents, Windows];
    a_send_neither_takes_nor_tells_room: [P264], [Tcp, NetworkEvents, Windows];
    room_is_told_after_a_send_that_would_block: [P265], [Tcp, NetworkEvents, Windows];
    data_that_a_pending_receive_takes_are_not_told: [P262],
        [Tcp, Overlapped, NetworkEvents, Windows];
}

const MASK: i32 = FD_ACCEPT | FD_CLOSE | FD_CONNECT | FD_OOB | FD_READ;

fn send(from: &Socket, data: &[u8]) {
    assert_eq!(from.send(data, 0), Ok(data.len()));
}

/// A connection, and one who is told of the server's data.
fn told(way: Way) -> (Socket, Socket, Notices) {
    let notices = Notices::by(way);
    let (client, server) = Socket::pair(AF_INET);
    notices.select(&server, MASK);
    notices.expect_nothing(&server);
    (client, server, notices)
}

fn data_are_told_once() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        send(&client, b"data");
        notices.expect(&server, &[FD_READ]);
        notices.expect_nothing(&server);
        for events in [MASK, 0, MASK] {
            notices.select(&server, events);
            if way == Way::Message && events != 0 {
                notices.expect(&server, &[FD_READ]);
            }
            notices.expect_nothing(&server);
        }
    }
}

fn more_data_are_recorded_without_a_receive() {
    let (client, server, notices) = told(Way::Event);
    for _ in 0..3 {
        send(&client, b"data");
        notices.expect(&server, &[FD_READ]);
        notices.expect_nothing(&server);
    }
}

fn more_data_are_not_posted_before_a_receive() {
    let (client, server, notices) = told(Way::Message);
    send(&client, b"data");
    notices.expect(&server, &[FD_READ]);
    send(&client, b"data");
    notices.expect_nothing(&server);
    assert_eq!(server.recv(&mut [0; 8], 0), Ok(8));
    notices.expect_nothing(&server);
    send(&client, b"data");
    notices.expect(&server, &[FD_READ]);
}

// Byte by byte, until nothing is left.
fn a_receive_that_leaves_data_tells_of_them() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        send(&client, b"data");
        notices.expect(&server, &[FD_READ]);
        for _ in 0..3 {
            assert_eq!(server.recv(&mut [0], 0), Ok(1));
            notices.expect(&server, &[FD_READ]);
            notices.expect_nothing(&server);
        }
        assert_eq!(server.recv(&mut [0], 0), Ok(1));
        notices.expect_nothing(&server);
    }
}

// A receive that fails re-enables messages; what was recorded is not recorded again by it.
fn a_receive_with_a_bad_length_re_enables_messages() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        send(&client, b"data");
        notices.expect(&server, &[FD_READ]);
        let refused = receive_length(&server, Some(&mut [0; 4]), -1);
        assert_eq!(refused, Err(Errno::FAULT));
        if way == Way::Message {
            notices.expect(&server, &[FD_READ]);
        }
        notices.expect_nothing(&server);
    }
}

// Before selecting, or before fetching.
fn data_that_were_received_already_are_no_event() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        notices.select(&server, 0);
        send(&client, b"data");
        wait::until("the data arrive", || server.available() == Ok(4));
        assert_eq!(server.recv(&mut [0; 4], 0), Ok(4));
        notices.select(&server, MASK);
        notices.expect_nothing(&server);
    }
    let (client, server, notices) = told(Way::Event);
    send(&client, b"data");
    wait::until("the event is set", || notices.is_set());
    notices.settle();
    assert_eq!(server.recv(&mut [0; 4], 0), Ok(4));
    assert_eq!(notices.fetch(&server), []);
}

// Data that came while nobody asked are told when somebody does.
fn data_between_two_selections_are_told_by_the_second() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        notices.select(&server, 0);
        send(&client, b"data");
        notices.settle();
        if way == Way::Event {
            assert_eq!(notices.fetch(&server), [], "outside the mask");
        }
        notices.select(&server, MASK);
        notices.expect(&server, &[FD_READ]);
        notices.select(&server, 0);
        send(&client, b"more");
        wait::until("the data arrive", || server.available() == Ok(8));
        notices.select(&server, MASK);
        notices.expect(&server, &[FD_READ]);
        notices.expect_nothing(&server);
    }
}

// The same for datagrams; one that is too long for the buffer is received all the same.
fn datagrams_are_told_as_data_are() {
    for way in WAYS {
        let notices = Notices::by(way);
        let (from, to) = (Socket::udp(AF_INET), Socket::bound_udp(AF_INET));
        let name = to.name().expect("it is bound");
        notices.select(&to, FD_READ);
        assert_eq!(from.send_to(b"one", name), Ok(3));
        notices.expect(&to, &[FD_READ]);
        notices.expect_nothing(&to);
        assert_eq!(from.send_to(b"two", name), Ok(3));
        wait::until("the second arrives", || {
            notices.settle();
            readiness::until_ready(&to).read
        });
        if way == Way::Event {
            let _ = notices.fetch(&to);
        }
        assert_eq!(to.recv(&mut [0; 2], 0), Err(Errno::MSGSIZE));
        notices.expect(&to, &[FD_READ]);
        assert_eq!(to.recv(&mut [0; 8], 0), Ok(3));
        notices.expect_nothing(&to);
    }
}

// One event for each.
fn more_datagrams_are_recorded_without_a_receive() {
    let notices = Notices::by(Way::Event);
    let (from, to) = (Socket::udp(AF_INET), Socket::bound_udp(AF_INET));
    let name = to.name().expect("it is bound");
    notices.select(&to, FD_READ);
    for _ in 0..3 {
        assert_eq!(from.send_to(b"data", name), Ok(4));
        notices.expect(&to, &[FD_READ]);
        notices.expect_nothing(&to);
    }
}

// What a pending receive takes is no event; what comes afterwards is.
fn a_pending_receive_takes_the_event_with_the_data() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        let receive = Operation::receive(&server, &[1], 0, Tell::Handle);
        assert!(receive.pends());
        send(&client, b"a");
        receive.until_ended();
        assert_eq!(receive.result(&server, false), Ok((1, 0)));
        notices.expect_nothing(&server);
        send(&client, b"b");
        notices.expect(&server, &[FD_READ]);
    }
}

// And what it leaves is told.
fn data_that_a_pending_receive_leaves_are_told() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        let receive = Operation::receive(&server, &[1], 0, Tell::Handle);
        send(&client, b"ab");
        receive.until_ended();
        notices.expect(&server, &[FD_READ]);
        notices.expect_nothing(&server);
    }
}

fn select_neither_takes_nor_repeats_events() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        send(&client, b"data");
        assert!(readiness::until_ready(&server).read);
        notices.expect(&server, &[FD_READ]);
        assert!(readiness::until_ready(&server).read);
        notices.expect_nothing(&server);
    }
}

fn an_urgent_byte_is_told_out_of_band() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        assert_eq!(client.send(b"a", MSG_OOB as i32), Ok(1));
        notices.expect(&server, &[FD_OOB]);
        notices.expect_nothing(&server);
        notices.select(&server, MASK);
        if way == Way::Message {
            notices.expect(&server, &[FD_OOB]);
        }
        notices.expect_nothing(&server);
        assert_eq!(server.recv(&mut [0], MSG_OOB as i32), Ok(1));
        notices.expect_nothing(&server);
        assert_eq!(client.send(b"b", MSG_OOB as i32), Ok(1));
        notices.expect(&server, &[FD_OOB]);
    }
}

// A second byte is an event, and a message only after a receive.
fn another_urgent_byte_is_told_as_more_data_are() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        for first in [true, false] {
            assert_eq!(client.send(b"a", MSG_OOB as i32), Ok(1));
            if first || way == Way::Event {
                notices.expect(&server, &[FD_OOB]);
            }
            notices.expect_nothing(&server);
        }
        assert_eq!(server.recv(&mut [0], MSG_OOB as i32), Ok(1));
        notices.expect(&server, &[FD_OOB]);
        assert_eq!(server.recv(&mut [0], MSG_OOB as i32), Ok(1));
        notices.expect_nothing(&server);
    }
}

fn an_urgent_byte_in_line_is_data() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        server
            .set_option(SOL_SOCKET, SO_OOBINLINE, 1)
            .expect("a stream has the option");
        assert_eq!(client.send(b"a", MSG_OOB as i32), Ok(1));
        notices.expect(&server, &[FD_READ]);
        assert_eq!(server.recv(&mut [0; 4], 0), Ok(1));
        notices.expect_nothing(&server);
    }
}

// Nor does it take away what was recorded.
fn a_send_neither_takes_nor_tells_room() {
    for way in WAYS {
        let notices = Notices::by(way);
        let (_client, server) = Socket::pair(AF_INET);
        notices.select(&server, MASK | FD_WRITE);
        send(&server, b"data");
        notices.expect(&server, &[FD_WRITE]);
        send(&server, b"data");
        notices.expect_nothing(&server);
    }
}

// Once, and not before there is room.
fn room_is_told_after_a_send_that_would_block() {
    for way in WAYS {
        let notices = Notices::by(way);
        let (client, server) = Socket::pair(AF_INET);
        notices.select(&server, MASK | FD_WRITE);
        notices.expect(&server, &[FD_WRITE]);
        let chunk = vec![0; 1 << 20];
        let refused = loop {
            match server.send(&chunk, 0) {
                // How much at a time is another matter (P166).
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(refused, Errno::WOULDBLOCK);
        notices.expect_nothing(&server);
        client.set_nonblocking(true).expect("any socket may be");
        let mut room = vec![0; 1 << 20];
        // The data that are not with the network yet follow when there is room.
        wait::until("everything is received and told", || {
            while client.recv(&mut room, 0).is_ok() {}
            match way {
                Way::Event => notices.is_set(),
                Way::Message => notices.next_message() == Some((server.raw(), FD_WRITE as isize)),
            }
        });
        if way == Way::Event {
            assert_eq!(notices.fetch(&server), [(FD_WRITE, 0)]);
        }
        notices.expect_nothing(&server);
        send(&server, b"data");
        notices.expect_nothing(&server);
    }
}

fn data_that_a_pending_receive_takes_are_not_told() {
    for way in WAYS {
        let (client, server, notices) = told(way);
        let receive = Operation::receive(&server, &[4], 0, Tell::Handle);
        send(&client, b"data");
        receive.until_ended();
        notices.expect_nothing(&server);
        send(&client, b"more");
        notices.expect(&server, &[FD_READ]);
    }
}
