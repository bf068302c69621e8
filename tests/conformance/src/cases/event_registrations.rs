//! `WSAEventSelect`, `WSAAsyncSelect`, `WSAEnumNetworkEvents`: what they refuse, what they replace, who shares.

use crate::notices::{self, MESSAGE, Notices, WAYS, Way};
use crate::{Socket, cases, socket, wait, winsock};
use ws2spi_abi::*;

cases! {
    a_registered_socket_does_not_block: [P239], [Tcp, NetworkEvents, Windows];
    an_empty_mask_makes_a_socket_non_blocking_too: [P239], [Tcp, NetworkEvents];
    events_without_an_event_object_are_invalid: [P240], [Udp, NetworkEvents];
    unknown_events_and_windows_are_invalid: ["base-provider.md 1.3, 1.11"],
        [Tcp, Udp, NetworkEvents, Windows];
    fetching_resets_the_event_that_is_given: [P241, P242], [Tcp, NetworkEvents];
    fetching_to_nowhere_is_a_fault: ["base-provider.md 1.10"], [Tcp, NetworkEvents];
    without_a_registration_there_are_no_events: ["base-provider.md 1.10"], [Tcp, NetworkEvents];
    fetching_leaves_what_is_outside_the_mask: [P243], [Tcp, NetworkEvents];
    one_registration_replaces_the_other: [P276], [Tcp, NetworkEvents, Windows];
    messages_carry_the_socket_and_the_event: [P277], [Tcp, NetworkEvents, Windows];
}

fn event_select(s: &Socket, event: WSAEVENT, events: i32) -> Result<i32, Errno> {
    // SAFETY: no pointers.
    socket::checked(unsafe { winsock::WSAEventSelect(s.raw(), event, events.into()) })
}

fn async_select(s: &Socket, window: HWND, events: i32) -> Result<i32, Errno> {
    // SAFETY: no pointers.
    socket::checked(unsafe { winsock::WSAAsyncSelect(s.raw(), window, MESSAGE, events.into()) })
}

// A registration needs it; without one it is the caller's choice again.
fn a_registered_socket_does_not_block() {
    for way in WAYS {
        let notices = Notices::by(way);
        let (_client, server) = Socket::pair(AF_INET);
        notices.select(&server, FD_READ);
        assert_eq!(server.recv(&mut [0], 0), Err(Errno::WOULDBLOCK));
        assert_eq!(server.set_nonblocking(true), Ok(()));
        assert_eq!(server.set_nonblocking(false), Err(Errno::INVAL));
        notices.select(&server, 0);
        assert_eq!(server.recv(&mut [0], 0), Err(Errno::WOULDBLOCK));
        assert_eq!(server.set_nonblocking(false), Ok(()));
    }
}

// Base-provider.md 1.11.
fn an_empty_mask_makes_a_socket_non_blocking_too() {
    let (_client, server) = Socket::pair(AF_INET);
    assert_eq!(event_select(&server, 0, 0), Ok(0));
    assert_eq!(server.recv(&mut [0], 0), Err(Errno::WOULDBLOCK));
    assert_eq!(server.set_nonblocking(false), Ok(()));
}

// An empty mask needs none.
fn events_without_an_event_object_are_invalid() {
    let s = Socket::udp(AF_INET);
    assert_eq!(event_select(&s, 0, FD_READ), Err(Errno::INVAL));
    assert_eq!(event_select(&s, 0, 0), Ok(0));
}

// Bits that mean nothing, windows that are none.
fn unknown_events_and_windows_are_invalid() {
    let (by_event, by_message) = (Notices::by(Way::Event), Notices::by(Way::Message));
    let s = Socket::udp(AF_INET);
    for events in [0x400, -1] {
        assert_eq!(
            event_select(&s, by_event.handle(), events),
            Err(Errno::INVAL)
        );
        assert_eq!(
            async_select(&s, by_message.handle(), events),
            Err(Errno::INVAL)
        );
    }
    for no_window in [0, by_event.handle(), s.raw()] {
        assert_eq!(async_select(&s, no_window, FD_READ), Err(Errno::INVAL));
    }
    assert_eq!(event_select(&s, by_event.handle(), FD_ALL_EVENTS), Ok(0));
    assert_eq!(async_select(&s, by_message.handle(), FD_ALL_EVENTS), Ok(0));
}

// The event is reset by the fetch that names it.
fn fetching_resets_the_event_that_is_given() {
    let notices = Notices::by(Way::Event);
    let (client, server) = Socket::pair(AF_INET);
    notices.select(&server, FD_READ);
    assert_eq!(client.send(b"x", 0), Ok(1));
    wait::until("the event is set", || notices.is_set());
    assert_eq!(notices::enumerate(&server, 0), [(FD_READ, 0)]);
    assert!(notices.is_set());
    assert_eq!(notices.fetch(&server), []);
    assert!(!notices.is_set());
}

// Nothing is cleared.
fn fetching_to_nowhere_is_a_fault() {
    let notices = Notices::by(Way::Event);
    let (_client, server) = Socket::pair(AF_INET);
    notices.select(&server, FD_WRITE);
    // SAFETY: NULL is what is tested.
    let value = unsafe {
        winsock::WSAEnumNetworkEvents(server.raw(), notices.handle(), std::ptr::null_mut())
    };
    assert_eq!(socket::checked(value), Err(Errno::FAULT));
    notices.expect(&server, &[FD_WRITE]);
}

// A socket that nobody asked about has none.
fn without_a_registration_there_are_no_events() {
    let (_client, server) = Socket::pair(AF_INET);
    assert_eq!(notices::enumerate(&server, 0), []);
}

fn fetching_leaves_what_is_outside_the_mask() {
    let notices = Notices::by(Way::Event);
    let (client, server) = Socket::pair(AF_INET);
    notices.select(&server, FD_READ | FD_WRITE);
    assert_eq!(client.send(b"x", 0), Ok(1));
    notices.settle();
    notices.select(&server, FD_WRITE);
    assert_eq!(notices.fetch(&server), [(FD_WRITE, 0)]);
    notices.select(&server, FD_READ);
    notices.expect(&server, &[FD_READ]);
}

// Each hears nothing once the other has taken over.
fn one_registration_replaces_the_other() {
    let (by_event, by_message) = (Notices::by(Way::Event), Notices::by(Way::Message));
    let (client, server) = Socket::pair(AF_INET);
    by_event.select(&server, FD_READ);
    by_message.select(&server, FD_READ);
    assert_eq!(client.send(b"x", 0), Ok(1));
    by_message.expect(&server, &[FD_READ]);
    assert!(!by_event.is_set());
    assert_eq!(server.recv(&mut [0], 0), Ok(1));
    by_event.select(&server, FD_READ);
    assert_eq!(client.send(b"x", 0), Ok(1));
    by_event.expect(&server, &[FD_READ]);
    assert_eq!(by_message.next_message(), None);
}

// The number that the application selected with, and the mask's last word.
fn messages_carry_the_socket_and_the_event() {
    let notices = Notices::by(Way::Message);
    let (client, server) = Socket::pair(AF_INET);
    notices.select(&server, FD_READ);
    assert_eq!(client.send(b"x", 0), Ok(1));
    wait::until("a message comes", || {
        notices.next_message() == Some((server.raw(), FD_READ as isize))
    });
}
