//! SO_LINGER: how a close treats what was not delivered.

use crate::sending::{linger, reset};
use crate::{Socket, cases};
use std::thread;
use std::time::Instant;
use ws2spi_abi::*;

cases! {
    a_non_blocking_close_that_would_linger_is_refused: [P197, U167], [Tcp];
    a_non_blocking_close_with_nothing_unsent_does_not_linger: [P197], [Tcp];
    a_close_without_lingering_time_resets: [P198], [Tcp, Ipv6];
    an_abortive_close_loses_what_was_not_sent: [P198], [Tcp];
    a_blocking_close_lingers_until_everything_is_delivered: ["base-provider.md 1.7, linger table"],
        [Tcp];
    a_blocking_close_lingers_for_its_time_at_most: ["base-provider.md 1.7, linger table"], [Tcp] within 20;
}

/// More than the buffers of two sockets hold.
const LARGE: usize = 20 << 20;

/// A non-blocking sender whose data nobody has received yet, its peer, and how much was sent: as much as it takes, which is another
/// matter (P166).
fn undelivered() -> (Socket, Socket, usize) {
    let (client, server) = Socket::pair(AF_INET);
    client.set_nonblocking(true).expect("any socket takes it");
    let data = vec![7; LARGE];
    let mut sent = 0;
    loop {
        match client.send(&data, 0) {
            Ok(taken) => sent += taken,
            Err(error) => {
                assert_eq!(error, Errno::WOULDBLOCK);
                return (client, server, sent);
            }
        }
    }
}

/// Receives until the end; how much came.
fn drain(s: &Socket) -> Result<usize, Errno> {
    let mut room = vec![0; 1 << 18];
    let mut total = 0;
    loop {
        match s.recv(&mut room, 0)? {
            0 => return Ok(total),
            got => total += got,
        }
    }
}

// The handle stays, and so do the data.
fn a_non_blocking_close_that_would_linger_is_refused() {
    let (client, server, sent) = undelivered();
    linger(&client, 10);
    let refused = client.close();
    let Err((client, Errno::WOULDBLOCK)) = refused else {
        panic!("the close was not refused: {refused:?}");
    };
    assert_eq!(client.peer(), server.name(), "it is still a connection");
    assert_eq!(client.option(SOL_SOCKET, SO_DONTLINGER), Ok(0));
    assert_eq!(client.shutdown(SD_SEND), Ok(()));
    assert_eq!(drain(&server), Ok(sent));
}

// Once nothing is left it closes.
fn a_non_blocking_close_with_nothing_unsent_does_not_linger() {
    let (client, server) = Socket::pair(AF_INET);
    client.set_nonblocking(true).expect("any socket takes it");
    linger(&client, 10);
    assert_eq!(client.close().err(), None);
    assert_eq!(drain(&server), Ok(0));
}

// The connection ends with a reset, not with its end.
fn a_close_without_lingering_time_resets() {
    for family in [AF_INET, AF_INET6] {
        let (client, server) = Socket::pair(family);
        reset(client);
        assert_eq!(server.recv(&mut [0], 0), Err(Errno::CONNRESET));
    }
}

// Also when data wait to be sent; the call does not wait.
fn an_abortive_close_loses_what_was_not_sent() {
    let (client, server, _) = undelivered();
    reset(client);
    assert_eq!(drain(&server), Err(Errno::CONNRESET));
}

// A blocking close waits until everything is delivered.
fn a_blocking_close_lingers_until_everything_is_delivered() {
    let (client, server, sent) = undelivered();
    client.set_nonblocking(false).expect("any socket takes it");
    linger(&client, 60);
    let receiver = thread::spawn(move || drain(&server));
    assert_eq!(client.close().err(), None);
    assert_eq!(receiver.join().expect("no panic"), Ok(sent));
}

// At most for its time, then the connection is reset.
fn a_blocking_close_lingers_for_its_time_at_most() {
    let (client, server, _) = undelivered();
    client.set_nonblocking(false).expect("any socket takes it");
    linger(&client, 1);
    let started = Instant::now();
    assert_eq!(client.close().err(), None);
    assert!(started.elapsed().as_millis() >= 900, "it waited");
    assert_eq!(drain(&server), Err(Errno::CONNRESET));
}
