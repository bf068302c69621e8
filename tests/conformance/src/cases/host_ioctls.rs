//! Ioctls about the host: its routes, its addresses, its interfaces.

use crate::controls::{Answer, control};
use crate::{Socket, cases};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use ws2spi_abi::args::Address;
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

cases! {
    there_is_a_route_to_the_loopback: [P333], [Tcp, Udp];
    the_route_to_the_loopback_is_the_loopback: ["base-provider.md 2.8"], [Udp, Ipv6];
    there_is_no_route_to_any: [P333], [Udp];
    a_route_needs_an_address_of_a_family: [P333], [Udp];
    a_route_needs_a_whole_address: ["Wine's sock.c:test_sioRoutingInterfaceQuery"], [Udp];
    a_route_without_room_is_a_fault: ["Wine's sock.c:test_sioRoutingInterfaceQuery"], [Udp];
    a_route_without_room_says_how_much_it_needs:
        ["Wine's sock.c:test_sioRoutingInterfaceQuery"], [Udp];
    the_address_list_is_in_one_buffer: [P334], [Udp];
    the_address_list_is_of_the_family: ["Microsoft, Winsock IOCTLs, SIO_ADDRESS_LIST_QUERY"],
        [Udp, Ipv6];
    the_loopback_is_no_address_of_the_list: ["base-provider.md 2.8"], [Udp, Ipv6];
    the_address_list_says_how_much_room_it_needs: [P334], [Udp];
    an_address_list_in_a_byte_is_invalid: [P334], [Udp];
    a_change_of_addresses_is_not_waited_for_when_non_blocking: [P335], [Udp];
    the_interface_list_has_the_loopback: [P336], [Udp];
    an_interface_list_without_room_is_a_fault: [P336], [Udp];
}

fn bytes(address: &str) -> Vec<u8> {
    let address: SocketAddr = address.parse().expect("an address");
    Address::from_ip(address).as_bytes().to_vec()
}

/// The answer to "by which address do packets leave to this one", and the address.
fn route(s: &Socket, to: Option<&[u8]>, room: usize) -> (Answer, Option<SocketAddr>) {
    let mut out = vec![0xaa; room];
    let answer = control(s, SIO_ROUTING_INTERFACE_QUERY, to, Some(&mut out));
    let found = answer.result.is_ok().then(|| {
        let name = &out[..answer.returned as usize];
        Address::from_bytes(name).to_ip().expect("an IP address")
    });
    (answer, found)
}

// By an address of the family; the port is nobody's.
fn there_is_a_route_to_the_loopback() {
    for socket in [Socket::udp(AF_INET), Socket::tcp(AF_INET)] {
        for to in ["127.0.0.1:0", "127.0.0.1:80"] {
            let (answer, found) = route(&socket, Some(&bytes(to)), 16);
            assert_eq!((answer.result, answer.returned), (Ok(()), 16), "{to}");
            assert!(found.is_some_and(|found| found.is_ipv4()));
        }
    }
}

// On the way to the loopback it is the loopback, on both families.
fn the_route_to_the_loopback_is_the_loopback() {
    for (family, to, size) in [(AF_INET, "127.0.0.1:0", 16), (AF_INET6, "[::1]:0", 28)] {
        let (answer, found) = route(&Socket::udp(family), Some(&bytes(to)), 28);
        assert_eq!((answer.result, answer.returned), (Ok(()), size), "{to}");
        let to: SocketAddr = to.parse().expect("an address");
        assert_eq!(found.map(|found| found.ip()), Some(to.ip()));
    }
}

fn there_is_no_route_to_any() {
    let (answer, _) = route(&Socket::udp(AF_INET), Some(&bytes("0.0.0.0:0")), 16);
    assert_eq!(answer.result, Err(Errno::INVAL));
}

fn a_route_needs_an_address_of_a_family() {
    let s = Socket::udp(AF_INET);
    let mut no_family = bytes("127.0.0.1:0");
    no_family[..2].copy_from_slice(&[0, 0]);
    let (answer, _) = route(&s, Some(&no_family), 16);
    assert_eq!(answer.result, Err(Errno::AFNOSUPPORT));
}

// 2.8: an input that is short is invalid.
fn a_route_needs_a_whole_address() {
    let s = Socket::udp(AF_INET);
    let to = bytes("127.0.0.1:0");
    for short in [None, Some(&to[..0]), Some(&to[..15])] {
        assert_eq!(
            route(&s, short, 16).0.result,
            Err(Errno::INVAL),
            "{short:?}"
        );
    }
}

/// The answers to who has too little room, or none.
fn without_room() -> [Answer; 2] {
    let to = bytes("127.0.0.1:0");
    [0, 15].map(|room| route(&Socket::udp(AF_INET), Some(&to), room).0)
}

fn a_route_without_room_is_a_fault() {
    for answer in without_room() {
        assert_eq!(answer.result, Err(Errno::FAULT));
    }
}

fn a_route_without_room_says_how_much_it_needs() {
    for answer in without_room() {
        assert_eq!(answer.returned, 16);
    }
}

/// The addresses in a SOCKET_ADDRESS_LIST that was written into `out`.
fn listed(out: &[u8]) -> Vec<IpAddr> {
    let count = i32::decode(out).expect("a count") as usize;
    let entries = out[8..]
        .chunks_exact(size_of::<SOCKET_ADDRESS>())
        .take(count);
    let found: Vec<IpAddr> = entries
        .map(|entry| {
            let entry = SOCKET_ADDRESS::decode(entry).expect("an entry");
            let at = entry.lpSockaddr.addr() - out.as_ptr().addr();
            let name = &out[at..at + entry.iSockaddrLength as usize];
            let name = Address::from_bytes(name).to_ip().expect("an IP address");
            assert_eq!(name.port(), 0);
            name.ip()
        })
        .collect();
    assert_eq!(found.len(), count);
    found
}

/// The list of a family.
fn address_list(family: i32) -> Vec<IpAddr> {
    let s = Socket::udp(family);
    let mut out = vec![0; 4096];
    let answer = control(&s, SIO_ADDRESS_LIST_QUERY, None, Some(&mut out));
    assert_eq!(answer.result, Ok(()));
    assert!(answer.returned >= 8);
    listed(&out[..answer.returned as usize])
}

// Every pointer of the list points into the same buffer.
fn the_address_list_is_in_one_buffer() {
    assert!(address_list(AF_INET).iter().all(IpAddr::is_ipv4));
}

// Of either.
fn the_address_list_is_of_the_family() {
    for family in [AF_INET, AF_INET6] {
        for address in address_list(family) {
            assert_eq!(address.is_ipv4(), family == AF_INET, "{address}");
        }
    }
}

// Nor is the address that stands for any; both can be bound.
fn the_loopback_is_no_address_of_the_list() {
    for family in [AF_INET, AF_INET6] {
        for address in address_list(family) {
            assert!(!address.is_loopback() && !address.is_unspecified());
        }
    }
}

// What it needs comes back with the failure, and that much is enough.
fn the_address_list_says_how_much_room_it_needs() {
    let s = Socket::udp(AF_INET);
    let mut room = vec![0; 4096];
    let needed = control(&s, SIO_ADDRESS_LIST_QUERY, None, Some(&mut room)).returned;
    let mut none = control(&s, SIO_ADDRESS_LIST_QUERY, None, None);
    assert_eq!((none.result, none.returned), (Err(Errno::FAULT), needed));
    if needed > 8 {
        none = control(&s, SIO_ADDRESS_LIST_QUERY, None, Some(&mut room[..8]));
        assert_eq!((none.result, none.returned), (Err(Errno::FAULT), needed));
    }
    let exact = &mut room[..needed as usize];
    let answer = control(&s, SIO_ADDRESS_LIST_QUERY, None, Some(exact));
    assert_eq!((answer.result, answer.returned), (Ok(()), needed));
}

// Less than the head of the list is no buffer at all.
fn an_address_list_in_a_byte_is_invalid() {
    let s = Socket::udp(AF_INET);
    for room in [1, 7] {
        let answer = control(&s, SIO_ADDRESS_LIST_QUERY, None, Some(&mut vec![0; room]));
        let expected = Answer {
            result: Err(Errno::INVAL),
            returned: 0,
        };
        assert_eq!(answer, expected, "{room}");
    }
}

// The plain form on a non-blocking socket.
fn a_change_of_addresses_is_not_waited_for_when_non_blocking() {
    let s = Socket::udp(AF_INET);
    s.set_nonblocking(true).expect("any socket takes the mode");
    let answer = control(&s, SIO_ADDRESS_LIST_CHANGE, None, None);
    assert_eq!(answer.result, Err(Errno::WOULDBLOCK));
}

fn the_interface_list_has_the_loopback() {
    let s = Socket::udp(AF_INET);
    let mut out = vec![0; 16384];
    let answer = control(&s, SIO_GET_INTERFACE_LIST, None, Some(&mut out));
    assert_eq!(answer.result, Ok(()));
    assert_eq!(answer.returned % 76, 0);
    let entries = out[..answer.returned as usize].chunks_exact(76);
    let loopback = entries
        .filter(|entry| {
            let address = Address::from_bytes(&entry[4..20]).to_ip();
            address.is_some_and(|address| address.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST))
        })
        .map(|entry| {
            let flags = u32::decode(entry).expect("flags");
            let mask = Address::from_bytes(&entry[52..68]).to_ip().expect("a mask");
            (flags & (IFF_UP | IFF_LOOPBACK), mask.ip())
        })
        .next();
    let mask = IpAddr::from([255, 0, 0, 0]);
    assert_eq!(loopback, Some((IFF_UP | IFF_LOOPBACK, mask)));
}

// The size of the failure is 0.
fn an_interface_list_without_room_is_a_fault() {
    let s = Socket::udp(AF_INET);
    for mut room in [None, Some(vec![0; 1]), Some(vec![0; 75])] {
        let answer = control(&s, SIO_GET_INTERFACE_LIST, None, room.as_deref_mut());
        let expected = Answer {
            result: Err(Errno::FAULT),
            returned: 0,
        };
        assert_eq!(answer, expected, "{room:?}");
    }
}
