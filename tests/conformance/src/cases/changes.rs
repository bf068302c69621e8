//! `SIO_ADDRESS_LIST_CHANGE`, `SIO_ROUTING_INTERFACE_CHANGE` and their network events.

use crate::notices::{self, Notices, WAYS, Way};
use crate::overlapped::{Operation, Tell};
use crate::{Socket, cases, own_network, subject, wait};
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use ws2spi_abi::args::Address;
use ws2spi_abi::*;

cases! {
    a_wait_for_addresses_pends: [P335], [Tcp, Udp, Ipv6, Overlapped];
    a_wait_for_addresses_that_goes_on_has_no_result: ["Microsoft, WSAGetOverlappedResult"],
        [Udp, Overlapped, SystemHandles];
    closing_ends_the_waits_for_changes: ["base-provider.md 1.7"], [Udp, Overlapped, SystemHandles];
    a_wait_for_a_route_needs_a_destination:
        ["Microsoft, Winsock IOCTLs, SIO_ROUTING_INTERFACE_CHANGE"], [Udp];
    a_change_of_addresses_is_told_to_those_who_asked: [P279],
        [Tcp, Udp, Overlapped, NetworkEvents, Windows, OwnNetwork], alone;
    a_blocking_wait_for_addresses_ends_with_a_change: ["base-provider.md 1.17"],
        [Udp, OwnNetwork], alone;
    a_change_of_a_route_is_told_to_those_who_asked: [P279],
        [Tcp, Udp, Overlapped, NetworkEvents, OwnNetwork], alone;
}

fn non_blocking() -> Socket {
    let s = Socket::udp(AF_INET);
    s.set_nonblocking(true).expect("any socket takes the mode");
    s
}

/// The ioctl without an OVERLAPPED.
fn ask(s: &Socket) -> Result<Vec<u8>, Errno> {
    s.ioctl(SIO_ADDRESS_LIST_CHANGE, &[], 0)
}

/// The ioctl with one.
fn wait_for_addresses(s: &Socket) -> Operation {
    Operation::ioctl(s, SIO_ADDRESS_LIST_CHANGE, &[], 0, Tell::Handle)
}

// Also on a socket that does not block.
fn a_wait_for_addresses_pends() {
    for s in [Socket::udp(AF_INET), non_blocking(), Socket::tcp(AF_INET6)] {
        let waiting = wait_for_addresses(&s);
        assert!(waiting.pends());
        drop(s);
        waiting.until_ended();
    }
}

// Until it is cancelled.
fn a_wait_for_addresses_that_goes_on_has_no_result() {
    let s = Socket::udp(AF_INET);
    let waiting = wait_for_addresses(&s);
    assert!(waiting.pends());
    assert_eq!(waiting.result(&s, false), Err(Errno::IO_INCOMPLETE));
    waiting.cancel(&s).expect("it pends");
    waiting.until_ended();
    assert_eq!(waiting.result(&s, false), Err(Errno::OPERATION_ABORTED));
}

// Once, whoever else waits.
fn closing_ends_the_waits_for_changes() {
    let s = Socket::udp(AF_INET);
    let waits = [wait_for_addresses(&s), wait_for_addresses(&s)];
    drop(s);
    for waiting in waits {
        waiting.until_ended();
        assert_eq!(waiting.status(), NtStatus::CANCELLED);
    }
}

// The destination is looked at first.
fn a_wait_for_a_route_needs_a_destination() {
    let s = non_blocking();
    let bad = s.ioctl(SIO_ROUTING_INTERFACE_CHANGE, &[0; 4], 0);
    assert_eq!(bad, Err(Errno::INVAL));
    let to = Address::from_ip(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    let good = s.ioctl(SIO_ROUTING_INTERFACE_CHANGE, to.as_bytes(), 0);
    assert_eq!(good, Err(Errno::WOULDBLOCK));
}

// The socket that waits, the one that asked for the event, and not the one that only selected it.
fn a_change_of_addresses_is_told_to_those_who_asked() {
    own_network::enter();
    subject::start();
    own_network::set_address(Ipv4Addr::LOCALHOST);
    for (way, last) in WAYS.into_iter().zip(1..) {
        let told = Notices::by(way);
        let not_told = Notices::by(Way::Event);
        let (waits, asks, selects) = (Socket::udp(AF_INET), non_blocking(), non_blocking());
        let waiting = wait_for_addresses(&waits);
        assert_eq!(ask(&asks), Err(Errno::WOULDBLOCK));
        told.select(&asks, FD_ADDRESS_LIST_CHANGE);
        not_told.select(&selects, FD_ADDRESS_LIST_CHANGE);
        told.expect_nothing(&asks);
        own_network::set_address(Ipv4Addr::new(127, 1, 0, last));
        told.expect(&asks, &[FD_ADDRESS_LIST_CHANGE]);
        waiting.until_ended();
        assert_eq!(waiting.result(&waits, false), Ok((0, 0)));
        // The next one has to be asked for: it is told to another.
        let waiting = wait_for_addresses(&waits);
        own_network::set_address(Ipv4Addr::new(127, 2, 0, last));
        waiting.until_ended();
        told.expect_nothing(&asks);
        assert!(!not_told.is_set());
        assert_eq!(notices::enumerate(&selects, 0), []);
        assert_eq!(ask(&asks), Err(Errno::WOULDBLOCK));
        own_network::set_address(Ipv4Addr::new(127, 3, 0, last));
        told.expect(&asks, &[FD_ADDRESS_LIST_CHANGE]);
    }
}

// A blocking socket without an OVERLAPPED waits.
fn a_blocking_wait_for_addresses_ends_with_a_change() {
    own_network::enter();
    subject::start();
    own_network::set_address(Ipv4Addr::LOCALHOST);
    let waits = thread::spawn(|| ask(&Socket::udp(AF_INET)));
    let mut last = 0;
    wait::until("the change is told", || {
        last = last % 250 + 1;
        own_network::set_address(Ipv4Addr::new(127, 1, 0, last));
        waits.is_finished()
    });
    assert_eq!(waits.join().expect("no panic"), Ok(Vec::new()));
}

// For routes: the one that is asked about only.
fn a_change_of_a_route_is_told_to_those_who_asked() {
    own_network::enter();
    subject::start();
    own_network::set_address(Ipv4Addr::LOCALHOST);
    let told = Notices::by(Way::Event);
    let s = non_blocking();
    let to = Address::from_ip(SocketAddr::from(([10, 1, 2, 3], 0)));
    let asked = s.ioctl(SIO_ROUTING_INTERFACE_CHANGE, to.as_bytes(), 0);
    assert_eq!(asked, Err(Errno::WOULDBLOCK));
    told.select(&s, FD_ROUTING_INTERFACE_CHANGE | FD_ADDRESS_LIST_CHANGE);
    let waits = Socket::udp(AF_INET);
    let waiting = wait_for_addresses(&waits);
    own_network::set_address(Ipv4Addr::new(127, 1, 0, 1));
    waiting.until_ended();
    told.expect_nothing(&s);
    own_network::set_address(Ipv4Addr::new(10, 0, 0, 1));
    wait::until("the event is set", || told.is_set());
    assert_eq!(told.fetch(&s), [(FD_ROUTING_INTERFACE_CHANGE, 0)]);
}
