//! getsockname and getpeername.

use crate::socket::{checked, loopback};
use crate::{Socket, cases, winsock};
use std::ptr;
use ws2spi_abi::*;

cases! {
    an_unbound_socket_has_no_name: [P39], [Tcp, Udp, Ipv6];
    a_short_length_is_a_fault_and_stays: [P40], [Tcp, Ipv6];
    a_null_buffer_or_length_is_a_fault: ["Microsoft, getsockname, WSAEFAULT"], [Tcp];
    the_rest_of_an_ipv4_name_is_zero: [P41], [Tcp];
    the_peer_is_looked_for_before_the_pointers: [P42], [Tcp];
    sendto_gives_no_peer_and_connect_does: [P43], [Udp, Ipv6];
    the_peer_is_known_after_shutdown: [P44], [Tcp];
    sending_a_datagram_gives_a_name: [P39], [Udp];
}

type NameFn = unsafe extern "system" fn(SOCKET, *mut SOCKADDR, *mut i32) -> i32;

/// Calls getsockname or getpeername with a buffer and a length; the length afterwards.
fn ask(function: NameFn, s: SOCKET, room: &mut [u8], len: i32) -> (Result<(), Errno>, i32) {
    assert!(len <= room.len() as i32);
    let mut stored = len;
    // SAFETY: the buffer has at least `len` bytes, and the length is a live local.
    let result = unsafe { function(s, room.as_mut_ptr().cast(), &raw mut stored) };
    (checked(result).map(drop), stored)
}

// Nothing is written.
fn an_unbound_socket_has_no_name() {
    for socket in [
        Socket::tcp(AF_INET),
        Socket::udp(AF_INET),
        Socket::tcp(AF_INET6),
    ] {
        let mut room = [0xcc; 64];
        assert_eq!(
            ask(winsock::getsockname, socket.raw(), &mut room, 64),
            (Err(Errno::INVAL), 64)
        );
        assert_eq!(room, [0xcc; 64]);
    }
}

// One byte less than the structure.
fn a_short_length_is_a_fault_and_stays() {
    for (family, size) in [(AF_INET, 16), (AF_INET6, 28)] {
        let socket = Socket::listener(family);
        let mut room = [0xcc; 64];
        for len in [0, size - 1] {
            assert_eq!(
                ask(winsock::getsockname, socket.raw(), &mut room, len),
                (Err(Errno::FAULT), len)
            );
        }
        assert_eq!(room, [0xcc; 64]);
        assert_eq!(
            ask(winsock::getsockname, socket.raw(), &mut room, 64),
            (Ok(()), size),
            "a longer one is reduced"
        );
        assert_eq!(room[size as usize..], [0xcc; 64][size as usize..]);
    }
}

// NULL for either.
fn a_null_buffer_or_length_is_a_fault() {
    let socket = Socket::listener(AF_INET);
    let mut room = [0u8; 16];
    let mut len = 16;
    // SAFETY: NULL is what is tested.
    let result = unsafe { winsock::getsockname(socket.raw(), ptr::null_mut(), &raw mut len) };
    assert_eq!((checked(result), len), (Err(Errno::FAULT), 16));
    // SAFETY: NULL is what is tested.
    let result =
        unsafe { winsock::getsockname(socket.raw(), room.as_mut_ptr().cast(), ptr::null_mut()) };
    assert_eq!(checked(result), Err(Errno::FAULT));
}

// The eight bytes behind the address.
fn the_rest_of_an_ipv4_name_is_zero() {
    let (client, _server) = Socket::pair(AF_INET);
    for function in [
        winsock::getsockname as NameFn,
        winsock::getpeername as NameFn,
    ] {
        let mut room = [0xcc; 16];
        assert_eq!(ask(function, client.raw(), &mut room, 16), (Ok(()), 16));
        assert_eq!(room[..2], (AF_INET as u16).to_ne_bytes());
        assert_eq!(room[4..8], [127, 0, 0, 1]);
        assert_eq!(room[8..], [0; 8]);
    }
}

// NOTSOCK, then NOTCONN, then FAULT.
fn the_peer_is_looked_for_before_the_pointers() {
    let ask_nothing = |s| {
        // SAFETY: NULL is what is tested.
        checked(unsafe { winsock::getpeername(s, ptr::null_mut(), ptr::null_mut()) })
    };
    assert_eq!(ask_nothing(INVALID_SOCKET), Err(Errno::NOTSOCK));
    assert_eq!(ask_nothing(Socket::tcp(AF_INET).raw()), Err(Errno::NOTCONN));
    assert_eq!(
        ask_nothing(Socket::listener(AF_INET).raw()),
        Err(Errno::NOTCONN)
    );
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(ask_nothing(client.raw()), Err(Errno::FAULT));
    let mut room = [0xcc; 16];
    assert_eq!(
        ask(winsock::getpeername, server.raw(), &mut room, 15),
        (Err(Errno::FAULT), 15)
    );
    assert_eq!(client.peer(), server.name());
    assert_eq!(server.peer(), client.name());
}

// A datagram socket has a peer by connect only.
fn sendto_gives_no_peer_and_connect_does() {
    for family in [AF_INET, AF_INET6] {
        let receiver = Socket::bound_udp(family);
        let to = receiver.name().expect("it is bound");
        let sender = Socket::udp(family);
        sender.send_to(b"x", to).expect("a datagram can be sent");
        assert_eq!(sender.peer(), Err(Errno::NOTCONN));
        sender.connect(to).expect("a peer can be chosen");
        assert_eq!(sender.peer(), Ok(to));
    }
}

// On both ends, and after the peer's end of the stream was read.
fn the_peer_is_known_after_shutdown() {
    let (client, server) = Socket::pair(AF_INET);
    let (client_name, server_name) = (client.name(), server.name());
    client
        .shutdown(SD_BOTH)
        .expect("a connection can be shut down");
    assert_eq!(client.peer(), server_name);
    assert_eq!(server.recv(&mut [0], 0), Ok(0));
    assert_eq!(server.peer(), client_name);
    server
        .shutdown(SD_SEND)
        .expect("a connection can be shut down");
    assert_eq!((client.peer(), server.peer()), (server_name, client_name));
}

// Base-provider.md 1.14: sending binds to the wildcard and a port.
fn sending_a_datagram_gives_a_name() {
    let receiver = Socket::bound_udp(AF_INET);
    let sender = Socket::udp(AF_INET);
    sender
        .send_to(b"x", receiver.name().expect("it is bound"))
        .expect("a datagram can be sent");
    let name = sender.name().expect("it was bound");
    assert!(name.ip().is_unspecified() && name.port() != 0, "{name}");
    assert_ne!(name, loopback(AF_INET));
}
