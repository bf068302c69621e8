//! bind: the order of its checks, and which addresses are this host's.

use crate::socket::{checked, loopback};
use crate::{Socket, cases, host, ports, winsock};
use std::net::{SocketAddr, SocketAddrV6};
use std::ptr;
use ws2spi_abi::args::Address;
use ws2spi_abi::*;

cases! {
    a_null_name_is_a_fault: [P31], [Tcp];
    a_short_name_is_a_fault: [P32], [Tcp, Ipv6];
    the_length_is_looked_at_before_the_family: ["base-provider.md 1.4"], [Tcp, Ipv6];
    a_name_may_be_longer_than_its_structure: [P32], [Udp];
    the_old_ipv6_structure_is_a_fault: [P33], [Tcp, Ipv6];
    an_unknown_family_is_not_supported: [P34], [Tcp, Ipv6];
    the_family_of_another_socket_is_not_supported: ["base-provider.md 1.4"], [Tcp, Ipv6];
    an_address_of_another_host_is_not_available: [P35], [Tcp, Ipv6];
    a_second_bind_is_invalid: [P36], [Tcp, Udp, Ipv6];
    an_address_that_is_taken_is_in_use: [P37], [Tcp, Udp, Ipv6];
    an_address_is_free_after_its_owner_has_closed: [P37], [Udp];
    a_wrong_scope_id_is_not_available: [P38], [Tcp, Ipv6];
    a_link_local_address_of_nobody_is_not_available: ["Microsoft, bind, WSAEADDRNOTAVAIL"],
        [Tcp, Ipv6];
    scope_id_zero_on_a_link_local_address_succeeds: [P38], [Tcp, Ipv6, LinkLocalAddress];
}

/// bind with these bytes as the name.
fn bind_bytes(socket: &Socket, name: &[u8], len: i32) -> Result<(), Errno> {
    assert!(len as usize <= name.len());
    // SAFETY: the bytes live for the call and are at least `len`.
    checked(unsafe { winsock::bind(socket.raw(), name.as_ptr().cast(), len) }).map(drop)
}

/// The bytes of a name with room behind them.
fn padded(name: SocketAddr) -> [u8; 128] {
    let mut bytes = [0; 128];
    let name = Address::from_ip(name);
    bytes[..name.as_bytes().len()].copy_from_slice(name.as_bytes());
    bytes
}

// Whatever the length.
fn a_null_name_is_a_fault() {
    let socket = Socket::tcp(AF_INET);
    for len in [0, 16] {
        // SAFETY: NULL is what is tested.
        let result = unsafe { winsock::bind(socket.raw(), ptr::null(), len) };
        assert_eq!(checked(result), Err(Errno::FAULT));
    }
}

// One byte less than the family's structure.
fn a_short_name_is_a_fault() {
    for (family, size) in [(AF_INET, 16), (AF_INET6, 28)] {
        let socket = Socket::tcp(family);
        let name = padded(loopback(family));
        for len in [0, 1, size - 1] {
            assert_eq!(bind_bytes(&socket, &name, len), Err(Errno::FAULT), "{len}");
        }
        assert_eq!(bind_bytes(&socket, &name, size), Ok(()));
    }
}

// A short name of a family that there is not.
fn the_length_is_looked_at_before_the_family() {
    for (family, size) in [(AF_INET, 16), (AF_INET6, 28)] {
        let mut foreign = padded(loopback(family));
        foreign[..2].copy_from_slice(&0xfffeu16.to_ne_bytes());
        let refused = bind_bytes(&Socket::tcp(family), &foreign, size - 1);
        assert_eq!(refused, Err(Errno::FAULT));
    }
}

// Base-provider.md 1.4: a larger length is accepted.
fn a_name_may_be_longer_than_its_structure() {
    let socket = Socket::udp(AF_INET);
    assert_eq!(bind_bytes(&socket, &padded(loopback(AF_INET)), 128), Ok(()));
}

// The structure without a scope.
fn the_old_ipv6_structure_is_a_fault() {
    let socket = Socket::tcp(AF_INET6);
    assert_eq!(
        bind_bytes(&socket, &padded(loopback(AF_INET6)), 24),
        Err(Errno::FAULT)
    );
}

/// Binds a socket of one family to a name that says that it is of another.
fn bind_of(socket: i32, name: i32) -> Result<(), Errno> {
    let mut bytes = padded(loopback(socket));
    bytes[..2].copy_from_slice(&(name as u16).to_ne_bytes());
    bind_bytes(&Socket::tcp(socket), &bytes, 28)
}

// Whatever the socket is for.
fn an_unknown_family_is_not_supported() {
    for family in [AF_INET, AF_INET6] {
        assert_eq!(bind_of(family, 0xfffe), Err(Errno::AFNOSUPPORT));
    }
}

// A family that exists, and none.
fn the_family_of_another_socket_is_not_supported() {
    for (socket, name) in [
        (AF_INET, AF_INET6),
        (AF_INET6, AF_INET),
        (AF_INET, AF_UNSPEC),
    ] {
        assert_eq!(bind_of(socket, name), Err(Errno::AFNOSUPPORT), "{name}");
    }
}

// An address for documentation is nobody's; the socket stays unbound.
fn an_address_of_another_host_is_not_available() {
    for (family, foreign) in [(AF_INET, "192.0.2.0:0"), (AF_INET6, "[2001:db8::1]:0")] {
        let socket = Socket::tcp(family);
        let foreign = foreign.parse().expect("an address");
        assert_eq!(socket.bind(foreign), Err(Errno::ADDRNOTAVAIL));
        assert_eq!(socket.name(), Err(Errno::INVAL));
        assert_eq!(socket.bind(loopback(family)), Ok(()));
    }
}

// Also when the first was implied.
fn a_second_bind_is_invalid() {
    for family in [AF_INET, AF_INET6] {
        let socket = Socket::tcp(family);
        socket.bind(loopback(family)).expect("loopback is free");
        assert_eq!(socket.bind(loopback(family)), Err(Errno::INVAL));

        let receiver = Socket::bound_udp(family);
        let sender = Socket::udp(family);
        sender
            .send_to(b"x", receiver.name().expect("it is bound"))
            .expect("a datagram can be sent");
        assert_eq!(sender.bind(loopback(family)), Err(Errno::INVAL));
    }
}

// TCP and UDP, each among its own.
fn an_address_that_is_taken_is_in_use() {
    for family in [AF_INET, AF_INET6] {
        let first = Socket::listener(family);
        let name = first.name().expect("a listener has a name");
        let second = Socket::tcp(family);
        assert_eq!(second.bind(name), Err(Errno::ADDRINUSE));
        assert_eq!(second.name(), Err(Errno::INVAL));

        let first = Socket::bound_udp(family);
        let name = first.name().expect("it is bound");
        assert_eq!(Socket::udp(family).bind(name), Err(Errno::ADDRINUSE));
    }
}

// The name is free again once its owner has gone.
fn an_address_is_free_after_its_owner_has_closed() {
    let name = SocketAddr::from(([127, 0, 0, 1], ports::free()));
    let first = Socket::udp(AF_INET);
    first.bind(name).expect("the port is free");
    first.close().expect("a socket can be closed");
    assert_eq!(Socket::udp(AF_INET).bind(name), Ok(()));
}

/// A link-local address that is not one of this host, with this scope.
fn somewhere(scope: u32) -> SocketAddr {
    let ip = "fe80::1234:5678:9abc:def0".parse().expect("an address");
    SocketAddr::V6(SocketAddrV6::new(ip, 0, 0, scope))
}

// A zone that is none.
fn a_wrong_scope_id_is_not_available() {
    let bound = Socket::tcp(AF_INET6).bind(somewhere(0xabcd_ef00));
    assert_eq!(bound, Err(Errno::ADDRNOTAVAIL));
}

// Without a zone.
fn a_link_local_address_of_nobody_is_not_available() {
    let bound = Socket::tcp(AF_INET6).bind(somewhere(0));
    assert_eq!(bound, Err(Errno::ADDRNOTAVAIL));
}

// The zone of a link-local address of this host may be left out.
fn scope_id_zero_on_a_link_local_address_succeeds() {
    let (ip, scope) = host::link_local().expect("this host has a link-local address");
    for scope in [0, scope] {
        let name = SocketAddr::V6(SocketAddrV6::new(ip, 0, 0, scope));
        assert_eq!(Socket::tcp(AF_INET6).bind(name), Ok(()), "scope {scope}");
    }
    let wrong = SocketAddr::V6(SocketAddrV6::new(ip, 0, 0, scope + 100));
    assert_eq!(Socket::tcp(AF_INET6).bind(wrong), Err(Errno::ADDRNOTAVAIL));
}
