//! What does one network event cost beside many sockets that are registered and idle? One byte is sent, its event waited for and
//! fetched, and the byte received, beside 10 and beside 10,000 others, in turns. Bound: the cost does not depend on their number; said
//! here as a ratio of medians.
//!
//! `cargo bench -p ws2spi-tests --bench events`; 10,000 descriptors must be allowed.

use std::time::{Duration, Instant};
use ws2spi_abi::*;
use ws2spi_tests::{Socket, configuration, winsock};

const TURNS: usize = 7;
const EVENTS: usize = 2_000;
const FEW: usize = 10;
const MANY: usize = 10_000;

/// Registers a socket for FD_READ with an event.
fn register(s: &Socket, event: WSAEVENT) {
    // SAFETY: no pointers.
    let value = unsafe { winsock::WSAEventSelect(s.raw(), event, FD_READ.into()) };
    assert_eq!(value, 0, "the event can be selected");
}

/// The median time of one event beside `others`.
fn beside(others: usize) -> Duration {
    // SAFETY: no arguments.
    let [own, shared] = [(); 2].map(|()| unsafe { winsock::WSACreateEvent() });
    let idle: Vec<Socket> = (0..others)
        .map(|_| {
            let s = Socket::bound_udp(AF_INET);
            register(&s, shared);
            s
        })
        .collect();
    let (from, to) = (Socket::udp(AF_INET), Socket::bound_udp(AF_INET));
    let name = to.name().expect("it is bound");
    register(&to, own);
    let mut times: Vec<Duration> = (0..EVENTS)
        .map(|_| one_event(&from, &to, name, own))
        .collect();
    times.sort_unstable();
    drop(idle);
    for event in [own, shared] {
        // SAFETY: no pointers.
        assert_eq!(unsafe { winsock::WSACloseEvent(event) }, TRUE);
    }
    times[EVENTS / 2]
}

fn one_event(from: &Socket, to: &Socket, name: std::net::SocketAddr, event: WSAEVENT) -> Duration {
    let mut events = WSANETWORKEVENTS::EMPTY;
    let started = Instant::now();
    assert_eq!(from.send_to(b"x", name), Ok(1));
    // SAFETY: no pointers.
    let waited = unsafe { winsock::WaitForSingleObject(event, INFINITE) };
    assert_eq!(waited, WAIT_OBJECT_0);
    // SAFETY: a live local.
    let value = unsafe { winsock::WSAEnumNetworkEvents(to.raw(), event, &raw mut events) };
    assert_eq!((value, events.lNetworkEvents), (0, FD_READ));
    assert_eq!(to.recv(&mut [0], 0), Ok(1));
    started.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn main() {
    configuration::startup();
    let mut turns: [Vec<Duration>; 2] = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        for (times, others) in turns.iter_mut().zip([FEW, MANY]) {
            times.push(beside(others));
        }
    }
    let [few, many] = turns.map(median);
    println!("one event beside {FEW} idle sockets: {few:?}");
    println!("one event beside {MANY} idle sockets: {many:?}");
    println!(
        "ratio: {:.2} (bound: independent of their number)",
        many.as_secs_f64() / few.as_secs_f64()
    );
}
