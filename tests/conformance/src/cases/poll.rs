//! `WSAPoll`: what may be asked, what is said, what is counted.

use crate::extensions::{poll, poll_nothing};
use crate::sending::reset;
use crate::socket::loopback;
use crate::{Socket, apc, blocked, cases, wait};
use std::cell::Cell;
use std::rc::Rc;
use ws2spi_abi::*;

cases! {
    nothing_to_poll_is_invalid_or_a_fault: [P293], [];
    errors_and_hang_ups_cannot_be_asked_for: [P294], [Udp];
    what_is_no_socket_is_said_and_not_counted: [P295], [Tcp, Udp];
    no_socket_at_all_is_no_socket: [P296], [Udp];
    a_poll_ends_when_its_time_is_over: ["base-provider.md 5.2"], [Udp] within 20;
    data_and_room_are_said_when_asked_for: ["base-provider.md 5.2"], [Tcp];
    the_end_of_a_stream_is_a_hang_up: [P297], [Tcp] within 20;
    a_wait_for_nothing_ends_with_a_hang_up: [P297], [Tcp] within 20;
    a_reset_is_an_error_and_a_hang_up: [P298], [Tcp];
    a_failed_connect_is_an_error_and_a_hang_up: [P299], [Tcp];
    a_stream_that_never_connected_has_nothing_to_say: ["base-provider.md 5.2"], [Tcp];
    urgent_data_are_of_another_band: [P300], [Tcp];
    urgent_data_inline_are_data: [P300], [Tcp];
    shutting_the_receiving_half_changes_nothing: ["base-provider.md 5.2"], [Tcp];
    a_socket_that_is_closed_during_the_wait_is_counted: [P301], [Tcp] within 20;
    a_poll_is_alertable: ["base-provider.md 5.2"], [Tcp] within 20;
    many_sockets_are_polled_at_once: ["base-provider.md 5.2"], [Udp];
}

/// Everything that may be asked for.
const ALL: i16 = POLLRDNORM | POLLRDBAND | POLLWRNORM;

fn asked(fd: SOCKET, events: i16) -> WSAPOLLFD {
    WSAPOLLFD {
        fd,
        events,
        // What stands there before is overwritten.
        revents: 0x7f,
    }
}

/// Polls one socket: the count and what is said of it.
fn poll_one(s: &Socket, events: i16, timeout: i32) -> (Result<i32, Errno>, i16) {
    let mut fds = [asked(s.raw(), events)];
    let result = poll(&mut fds, timeout);
    (result, fds[0].revents)
}

/// What is said of a socket now.
fn now(s: &Socket, events: i16) -> i16 {
    let (result, said) = poll_one(s, events, 0);
    assert_eq!(result, Ok(i32::from(said != 0)));
    said
}

// The count before the pointer.
fn nothing_to_poll_is_invalid_or_a_fault() {
    assert_eq!(poll(&mut [], 0), Err(Errno::INVAL));
    assert_eq!(poll_nothing(0), Err(Errno::INVAL));
    assert_eq!(poll_nothing(1), Err(Errno::FAULT));
}

// They come by themselves.
fn errors_and_hang_ups_cannot_be_asked_for() {
    let s = Socket::udp(AF_INET);
    for events in [POLLERR, POLLHUP, POLLNVAL, POLLPRI, POLLWRBAND, 0x1000, -1] {
        assert_eq!(poll_one(&s, events, 0).0, Err(Errno::INVAL), "{events:#x}");
        let with = events | POLLWRNORM;
        assert_eq!(poll_one(&s, with, 0).0, Err(Errno::INVAL), "{with:#x}");
    }
    assert_eq!(poll_one(&s, 0, 0), (Ok(0), 0), "nothing may be asked for");
}

// Said, not counted, wherever it stands.
fn what_is_no_socket_is_said_and_not_counted() {
    let (ready, quiet) = (Socket::udp(AF_INET), Socket::tcp(AF_INET));
    let stale = Socket::udp(AF_INET).raw();
    for bad in [stale, INVALID_SOCKET, 0] {
        let mut fds = [asked(bad, ALL), asked(ready.raw(), ALL), asked(bad, ALL)];
        assert_eq!(poll(&mut fds, 0), Ok(1));
        let said = fds.map(|fd| fd.revents);
        assert_eq!(said, [POLLNVAL, POLLWRNORM, POLLNVAL], "{bad:#x}");

        let mut fds = [asked(quiet.raw(), ALL), asked(bad, ALL)];
        assert_eq!(poll(&mut fds, 0), Ok(0));
        assert_eq!(fds.map(|fd| fd.revents), [0, POLLNVAL], "{bad:#x}");
    }
}

// At once, whatever the time.
fn no_socket_at_all_is_no_socket() {
    let stale = Socket::udp(AF_INET).raw();
    for timeout in [0, wait::patience_in_milliseconds(), -1] {
        let mut fds = [asked(stale, ALL), asked(INVALID_SOCKET, ALL)];
        assert_eq!(poll(&mut fds, timeout), Err(Errno::NOTSOCK));
        assert_eq!(fds.map(|fd| fd.revents), [POLLNVAL; 2]);
    }
}

// The time limit, in milliseconds.
fn a_poll_ends_when_its_time_is_over() {
    let s = Socket::bound_udp(AF_INET);
    let started = std::time::Instant::now();
    assert_eq!(poll_one(&s, POLLRDNORM, 60), (Ok(0), 0));
    assert!(started.elapsed().as_millis() >= 60);
}

// Only what was asked for is said of data and room.
fn data_and_room_are_said_when_asked_for() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(now(&server, ALL), POLLWRNORM);
    assert_eq!(client.send(b"x", 0), Ok(1));
    let read = poll_one(&server, POLLIN, wait::patience_in_milliseconds());
    assert_eq!(read, (Ok(1), POLLRDNORM));
    assert_eq!(now(&server, ALL), POLLRDNORM | POLLWRNORM);
    assert_eq!(now(&server, POLLWRNORM), POLLWRNORM);
    assert_eq!(now(&server, 0), 0);
}

// The hang-up comes unasked; readable it is only while data remain.
fn the_end_of_a_stream_is_a_hang_up() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(client.send(b"x", 0), Ok(1));
    assert_eq!(client.shutdown(SD_SEND), Ok(()));
    let hung_up = || now(&server, 0) == POLLHUP;
    wait::until("the end arrives", hung_up);
    assert_eq!(now(&server, POLLRDNORM), POLLHUP | POLLRDNORM);
    assert_eq!(server.recv(&mut [0; 4], 0), Ok(1));
    assert_eq!(now(&server, POLLRDNORM), POLLHUP);
    assert_eq!(now(&server, ALL), POLLHUP | POLLWRNORM);
    assert_eq!(server.recv(&mut [0; 4], 0), Ok(0));
    assert_eq!(now(&server, POLLRDNORM), POLLHUP, "it stays");
}

// A wait ends with it, though nothing was asked for.
fn a_wait_for_nothing_ends_with_a_hang_up() {
    let (client, server) = Socket::pair(AF_INET);
    let waiter = blocked::spawn(move || poll_one(&server, 0, wait::patience_in_milliseconds()));
    client.close().expect("it closes");
    let polled = blocked::finish("the poll ends", waiter);
    assert_eq!(polled, (Ok(1), POLLHUP));
}

// Before and after a receive, whatever that says of it.
fn a_reset_is_an_error_and_a_hang_up() {
    let (client, server) = Socket::pair(AF_INET);
    reset(client);
    let expected = POLLERR | POLLHUP | POLLWRNORM;
    wait::until("the reset arrives", || now(&server, ALL) == expected);
    assert_eq!(now(&server, 0), POLLERR | POLLHUP);
    let _ = server.recv(&mut [0], 0);
    assert_eq!(now(&server, ALL), expected);
}

// As since Windows 10 2004.
fn a_failed_connect_is_an_error_and_a_hang_up() {
    // It has the port for itself, and does not listen.
    let silent = Socket::tcp(AF_INET);
    silent.bind(loopback(AF_INET)).expect("loopback is free");
    let closed = silent.name().expect("it has a name");
    let s = Socket::tcp(AF_INET);
    s.set_nonblocking(true).expect("any socket takes it");
    assert_eq!(s.connect(closed), Err(Errno::WOULDBLOCK));
    let expected = POLLWRNORM | POLLHUP | POLLERR;
    assert_eq!(
        poll_one(&s, POLLWRNORM, wait::patience_in_milliseconds()),
        (Ok(1), expected)
    );
    assert_eq!(now(&s, ALL), expected, "it stays");
    assert_eq!(now(&s, 0), POLLHUP | POLLERR);
}

// A stream that never connected has nothing to say.
fn a_stream_that_never_connected_has_nothing_to_say() {
    assert_eq!(now(&Socket::tcp(AF_INET), ALL), 0);
    assert_eq!(now(&Socket::listener(AF_INET), ALL), 0);
}

fn urgent_data_are_of_another_band() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(client.send(b"!", MSG_OOB as i32), Ok(1));
    let urgent = poll_one(&server, POLLRDBAND, wait::patience_in_milliseconds());
    assert_eq!(urgent, (Ok(1), POLLRDBAND));
    assert_eq!(now(&server, ALL), POLLRDBAND | POLLWRNORM);
    assert_eq!(now(&server, POLLRDNORM), 0);
}

fn urgent_data_inline_are_data() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(server.set_option(SOL_SOCKET, SO_OOBINLINE, 1), Ok(()));
    assert_eq!(client.send(b"!", MSG_OOB as i32), Ok(1));
    let data = poll_one(&server, POLLIN, wait::patience_in_milliseconds());
    assert_eq!(data, (Ok(1), POLLRDNORM));
}

fn shutting_the_receiving_half_changes_nothing() {
    let (_client, server) = Socket::pair(AF_INET);
    assert_eq!(server.shutdown(SD_RECEIVE), Ok(()));
    assert_eq!(now(&server, ALL), POLLWRNORM);
}

// Said and counted: it was a socket when the call began.
fn a_socket_that_is_closed_during_the_wait_is_counted() {
    let (_client, server) = Socket::pair(AF_INET);
    let fd = asked(server.raw(), POLLRDNORM);
    let waiter = blocked::spawn(move || {
        let mut fds = [fd];
        let count = poll(&mut fds, wait::patience_in_milliseconds());
        (count, fds[0].revents)
    });
    server.close().expect("it closes");
    let polled = blocked::finish("the poll ends", waiter);
    assert_eq!(polled, (Ok(1), POLLNVAL));
}

// APCs run, and the wait goes on.
fn a_poll_is_alertable() {
    let (client, server) = Socket::pair(AF_INET);
    let ran = Rc::new(Cell::new(0));
    for _ in 0..2 {
        let seen = ran.clone();
        apc::queue(move || seen.set(seen.get() + 1));
    }
    let sender = client.raw();
    apc::queue(move || {
        let sender = std::mem::ManuallyDrop::new(Socket::from_raw(sender));
        assert_eq!(sender.send(b"x", 0), Ok(1));
    });
    let read = poll_one(&server, POLLRDNORM, wait::patience_in_milliseconds());
    assert_eq!((read, ran.get()), ((Ok(1), POLLRDNORM), 2));
    drop(client);
}

// As many as there are, of all kinds.
fn many_sockets_are_polled_at_once() {
    let sockets: Vec<Socket> = (0..100).map(|_| Socket::bound_udp(AF_INET)).collect();
    let to = |at: usize| sockets[at].name().expect("it is bound");
    for at in [7, 99] {
        assert_eq!(sockets[0].send_to(b"x", to(at)), Ok(1));
    }
    wait::until("both arrive", || {
        let mut fds: Vec<WSAPOLLFD> = sockets.iter().map(|s| asked(s.raw(), POLLIN)).collect();
        let count = poll(&mut fds, wait::patience_in_milliseconds());
        let said: Vec<usize> = (0..100).filter(|at| fds[*at].revents != 0).collect();
        assert_eq!(count, Ok(said.len() as i32));
        said == [7, 99]
    });
}
