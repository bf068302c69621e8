//! Ten thousand sockets, each with an event of its own.

use std::time::Duration;
use ws2spi_abi::*;
use ws2spi_tests::overlapped::Event;
use ws2spi_tests::socket::checked;
use ws2spi_tests::{
    Configuration, Socket, allocated, descriptor_limit, isolated, processor, winsock,
};

const COUNT: usize = 10_000;

/// What a socket, its event and its registration take, in bytes: README, "Limits".
const EACH: isize = 1280;

/// Makes a socket that is told by an event of its own.
fn watched() -> (Socket, Event) {
    let (socket, event) = (Socket::bound_udp(AF_INET), Event::new());
    // SAFETY: no pointers.
    let done =
        checked(unsafe { winsock::WSAEventSelect(socket.raw(), event.raw(), FD_READ.into()) });
    assert_eq!(done, Ok(0));
    (socket, event)
}

fn events_of(s: &Socket, event: &Event) -> i32 {
    let mut events = WSANETWORKEVENTS::EMPTY;
    // SAFETY: a live local.
    let done = unsafe { winsock::WSAEnumNetworkEvents(s.raw(), event.raw(), &raw mut events) };
    assert_eq!(done, 0);
    events.lNetworkEvents
}

// P254, P258: each is told of its own datagram, in each round once; none is lost, none is told twice.
#[test]
fn ten_thousand_events_are_all_told() {
    isolated!();
    Configuration::Bare.start();
    descriptor_limit::demand(COUNT as u64 + 100);
    // What all share is there before.
    let (sender, first) = (Socket::udp(AF_INET), watched());
    let mut sockets = Vec::with_capacity(COUNT);
    let before = allocated::bytes();
    sockets.extend((0..COUNT).map(|_| watched()));
    let each = (allocated::bytes() - before) / COUNT as isize;
    println!("{each} bytes for each");
    assert!(each <= EACH, "{each} bytes for each");
    let names: Vec<_> = sockets
        .iter()
        .map(|(socket, _)| socket.name().expect("it is bound"))
        .collect();
    for round in 0u8..2 {
        for (at, name) in names.iter().enumerate() {
            let message = [&at.to_ne_bytes()[..], &[round]].concat();
            assert_eq!(sender.send_to(&message, *name), Ok(message.len()));
        }
        for (at, (socket, event)) in sockets.iter().enumerate() {
            event.wait();
            assert_eq!(events_of(socket, event), FD_READ, "{at} in round {round}");
            let mut room = [0; 16];
            assert_eq!(socket.recv(&mut room, 0), Ok(9));
            assert_eq!((&room[..8], room[8]), (&at.to_ne_bytes()[..], round));
        }
        let twice = sockets.iter().position(|(_, event)| event.is_set());
        assert_eq!(twice, None, "in round {round}");
    }
    assert!(!first.1.is_set());
    // Nobody looks at them while nothing happens: once what the last round left to be done is done.
    let used: Vec<_> = (0..5).map(|_| while_idle(&first.1)).collect();
    let is_idle = used.iter().any(|used| used.as_millis() < 60);
    assert!(is_idle, "{used:?} while idle");
}

/// The processor's time that the process uses while it waits for an event that nobody sets.
fn while_idle(event: &Event) -> Duration {
    let before = processor::time();
    // SAFETY: no pointers.
    let waited = unsafe { winsock::WaitForSingleObject(event.raw(), 300) };
    assert_eq!(waited, WAIT_TIMEOUT);
    processor::time() - before
}
