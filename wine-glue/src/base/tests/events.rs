//! Network events, messages, select.

use super::*;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::event;
use ws2spi_kernel::wait;

fn new_event() -> WSAEVENT {
    event::create(event::Reset::Manual, false).unwrap().raw()
}

impl World {
    fn event_select(&self, s: SOCKET, event: WSAEVENT, mask: i32) -> Outcome<i32> {
        // SAFETY: no pointers.
        judged(unsafe { self.procs.event_select(s, event, mask) })
    }

    fn network_events(&self, s: SOCKET, event: WSAEVENT) -> Outcome<WSANETWORKEVENTS> {
        let mut events = WSANETWORKEVENTS::EMPTY;
        // SAFETY: a live local.
        judged(unsafe { self.procs.enum_network_events(s, event, &raw mut events) })?;
        Ok(events)
    }
}

fn await_event(event: WSAEVENT) {
    let alert = wait::Alert::Plain;
    wait::one(event, Timeout::Infinite, alert).unwrap();
}

/// P 1.10, 1.11: an event is signalled for what arrives, told once, and the event is reset.
#[test]
fn an_event_tells_of_data() {
    let world = World::start();
    let (client, server) = world.pair();
    let event = new_event();
    world
        .event_select(client, event, FD_READ | FD_CLOSE)
        .unwrap();
    assert_eq!(
        world.network_events(client, event).unwrap().lNetworkEvents,
        0
    );
    world.send(server, b"x").unwrap();
    await_event(event);
    assert_eq!(
        world.network_events(client, event).unwrap().lNetworkEvents,
        FD_READ
    );
    let mut got = [0; 8];
    assert_eq!(world.receive(client, &mut got), Ok(1));
    // The registration made the socket non-blocking.
    assert_eq!(world.receive(client, &mut got), Err(WSAEWOULDBLOCK));
    world.send(server, b"y").unwrap();
    await_event(event);
    assert_eq!(
        world.network_events(client, event).unwrap().lNetworkEvents,
        FD_READ
    );
    // Wine tells of the end when everything has been received.
    assert_eq!(world.receive(client, &mut got), Ok(1));
    world.close(server).unwrap();
    await_event(event);
    assert_eq!(
        world.network_events(client, event).unwrap().lNetworkEvents,
        FD_CLOSE
    );
    event::close(event).unwrap();
}

/// P 1.3, 1.10, 1.11: what is refused.
#[test]
fn bad_registrations_are_refused() {
    let world = World::start();
    let s = world.socket(AF_INET, SOCK_STREAM);
    assert_eq!(world.event_select(s, 0, FD_READ), Err(WSAEINVAL));
    assert_eq!(world.event_select(s, new_event(), 1 << 20), Err(WSAEINVAL));
    // SAFETY: no pointers.
    let no_window = unsafe { world.procs.async_select(s, 0xdead, 1, FD_READ) };
    assert_eq!(judged(no_window), Err(WSAEINVAL));
    // SAFETY: as above.
    let cancelled = unsafe { world.procs.async_select(s, 0, 0, 0) };
    assert_eq!(judged(cancelled), Ok(0));
    // SAFETY: null is refused.
    let nowhere = unsafe { world.procs.enum_network_events(s, 0, ptr::null_mut()) };
    assert_eq!(judged(nowhere), Err(WSAEFAULT));
}

/// P 5.1: the sets come back with what is ready; the time is kept; nothing to ask is refused.
#[test]
fn select_tells_what_is_ready() {
    let world = World::start();
    let (client, server) = world.pair();
    let none = ptr::null_mut();
    let now = TIMEVAL {
        tv_sec: 0,
        tv_usec: 0,
    };
    let (mut read, mut write) = (set_of(client), set_of(client));
    // SAFETY: live sets and a live time.
    let ready = unsafe {
        world
            .procs
            .select(0, &raw mut read, &raw mut write, none, &raw const now)
    };
    assert_eq!(
        (judged(ready), read.fd_count, write.fd_count),
        (Ok(1), 0, 1)
    );
    world.send(server, b"x").unwrap();
    world.await_readable(client);
    // SAFETY: all may be null.
    let nothing = unsafe { world.procs.select(0, none, none, none, &raw const now) };
    assert_eq!(judged(nothing), Err(WSAEINVAL));
    let mut bad = set_of(0x7_0000);
    // SAFETY: a live set.
    let stale = unsafe {
        world
            .procs
            .select(0, &raw mut bad, none, none, &raw const now)
    };
    assert_eq!(judged(stale), Err(WSAENOTSOCK));
}
