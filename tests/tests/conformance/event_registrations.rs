//! `WSAEventSelect`, `WSAAsyncSelect`, `WSAEnumNetworkEvents`: what they refuse, what they replace, who shares.

use ws2spi_abi::*;
use ws2spi_tests::notices::{self, MESSAGE, Notices, WAYS, Way};
use ws2spi_tests::{Socket, case, socket, wait, winsock};

fn event_select(s: &Socket, event: WSAEVENT, events: i32) -> Result<i32, Errno> {
    // SAFETY: no pointers.
    socket::checked(unsafe { winsock::WSAEventSelect(s.raw(), event, events.into()) })
}

fn async_select(s: &Socket, window: HWND, events: i32) -> Result<i32, Errno> {
    // SAFETY: no pointers.
    socket::checked(unsafe { winsock::WSAAsyncSelect(s.raw(), window, MESSAGE, events.into()) })
}

// P239: a registration needs it; without one it is the caller's choice again.
#[test]
fn a_registered_socket_does_not_block() {
    case!();
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

// P239: base-provider.md 1.11.
#[test]
fn an_empty_mask_makes_a_socket_non_blocking_too() {
    case!();
    let (_client, server) = Socket::pair(AF_INET);
    assert_eq!(event_select(&server, 0, 0), Ok(0));
    assert_eq!(server.recv(&mut [0], 0), Err(Errno::WOULDBLOCK));
    assert_eq!(server.set_nonblocking(false), Ok(()));
}

// P240: an empty mask needs none.
#[test]
fn events_without_an_event_object_are_invalid() {
    case!();
    let s = Socket::udp(AF_INET);
    assert_eq!(event_select(&s, 0, FD_READ), Err(Errno::INVAL));
    assert_eq!(event_select(&s, 0, 0), Ok(0));
}

// 1.3, 1.11: bits that mean nothing, windows that are none.
#[test]
fn unknown_events_and_windows_are_invalid() {
    case!();
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

// P241, P242: the event is reset by the fetch that names it.
#[test]
fn fetching_resets_the_event_that_is_given() {
    case!();
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

// 1.10: nothing is cleared.
#[test]
fn fetching_to_nowhere_is_a_fault() {
    case!();
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

// 1.10: a socket that nobody asked about has none.
#[test]
fn without_a_registration_there_are_no_events() {
    case!();
    let (_client, server) = Socket::pair(AF_INET);
    assert_eq!(notices::enumerate(&server, 0), []);
}

// P243
#[test]
fn fetching_leaves_what_is_outside_the_mask() {
    case!();
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

// P276: each hears nothing once the other has taken over.
#[test]
fn one_registration_replaces_the_other() {
    case!();
    let (by_event, by_message) = (Notices::by(Way::Event), Notices::by(Way::Message));
    let (client, server) = Socket::pair(AF_INET);
    by_event.select(&server, FD_READ);
    by_message.select(&server, FD_READ);
    assert_eq!(client.send(b"x", 0), Ok(1));
    by_message.expect(&server, &[FD_READ]);
    assert!(!by_event.is_set());
    by_event.select(&server, FD_READ);
    by_event.expect(&server, &[FD_READ]);
    assert_eq!(server.recv(&mut [0], 0), Ok(1));
    assert_eq!(client.send(b"x", 0), Ok(1));
    by_event.expect(&server, &[FD_READ]);
    assert_eq!(by_message.next_message(), None);
}

// P277: the number that the application selected with, and the mask's last word.
#[test]
fn messages_carry_the_socket_and_the_event() {
    case!();
    let notices = Notices::by(Way::Message);
    let (client, server) = Socket::pair(AF_INET);
    notices.select(&server, FD_READ);
    assert_eq!(client.send(b"x", 0), Ok(1));
    wait::until("a message comes", || {
        notices.next_message() == Some((server.raw(), FD_READ as isize))
    });
}
