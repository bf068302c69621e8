//! Datagram sockets choose a peer, another one, and none.

use crate::socket::loopback;
use crate::{Socket, cases, ports, wait};
use std::net::SocketAddr;
use ws2spi_abi::args::Address;
use ws2spi_abi::*;

cases! {
    connecting_to_no_family_dissolves_the_association: [P84], [Udp, Ipv6];
    after_dissolving_the_association_a_send_has_no_peer: [P84, P164], [Udp, Ipv6];
    connecting_to_the_zero_address_dissolves_the_association: [P84], [Udp];
    a_datagram_socket_can_change_its_peer: [P85], [Udp, Ipv6];
    a_datagram_socket_may_connect_to_broadcast_without_the_option: [P86], [Udp];
    a_datagram_socket_keeps_its_port_without_a_peer: [P87], [Udp, Ipv6];
    connecting_drops_the_datagrams_of_others: [P88], [Udp, Ipv6];
}

fn named(family: i32) -> (Socket, SocketAddr) {
    let socket = Socket::bound_udp(family);
    let name = socket.name().expect("it is bound");
    (socket, name)
}

/// connect to family 0: no peer.
fn dissolve(socket: &Socket) -> Result<(), Errno> {
    socket.connect_address(&Address::from_bytes(&[0; 28]))
}

/// The next datagram and its sender.
fn next(socket: &Socket) -> (Vec<u8>, Option<SocketAddr>) {
    let mut room = [0; 64];
    let (len, from) = socket.recv_from(&mut room).expect("a datagram comes");
    (room[..len].to_vec(), from.to_ip())
}

/// At a port that was asked for: whether another one stays without a peer is another matter (P87).
fn at_a_port(family: i32) -> Socket {
    let socket = Socket::udp(family);
    let name = SocketAddr::new(loopback(family).ip(), ports::free());
    socket.bind(name).expect("the port is free");
    socket
}

// And from then on everybody is heard again.
fn connecting_to_no_family_dissolves_the_association() {
    for family in [AF_INET, AF_INET6] {
        let socket = at_a_port(family);
        let name = socket.name().expect("it is bound");
        let (_peer, peer_name) = named(family);
        let (other, other_name) = named(family);
        assert_eq!(dissolve(&socket), Ok(()), "there was no peer");
        assert_eq!(socket.connect(peer_name), Ok(()));
        assert_eq!(socket.peer(), Ok(peer_name));
        assert_eq!(dissolve(&socket), Ok(()));
        assert_eq!(socket.peer(), Err(Errno::NOTCONN));
        other
            .send_to(b"heard", name)
            .expect("a datagram can be sent");
        assert_eq!(next(&socket), (b"heard".to_vec(), Some(other_name)));
    }
}

fn after_dissolving_the_association_a_send_has_no_peer() {
    for family in [AF_INET, AF_INET6] {
        let socket = at_a_port(family);
        let (_peer, peer_name) = named(family);
        socket.connect(peer_name).expect("a peer can be chosen");
        assert_eq!(socket.send(b"x", 0), Ok(1));
        assert_eq!(dissolve(&socket), Ok(()));
        assert_eq!(socket.send(b"x", 0), Err(Errno::NOTCONN));
    }
}

// Base-provider.md 1.8: so does the zero address.
fn connecting_to_the_zero_address_dissolves_the_association() {
    let (socket, _) = named(AF_INET);
    let (_peer, peer_name) = named(AF_INET);
    socket.connect(peer_name).expect("a peer can be chosen");
    assert_eq!(
        socket.connect("0.0.0.0:0".parse().expect("an address")),
        Ok(())
    );
    assert_eq!(socket.peer(), Err(Errno::NOTCONN));
}

// Data go to the new one, and come from it alone.
fn a_datagram_socket_can_change_its_peer() {
    for family in [AF_INET, AF_INET6] {
        let (socket, name) = named(family);
        let (first, first_name) = named(family);
        let (second, second_name) = named(family);
        assert_eq!(socket.connect(first_name), Ok(()));
        assert_eq!(socket.connect(second_name), Ok(()));
        assert_eq!(socket.peer(), Ok(second_name));
        assert_eq!(socket.send(b"there", 0), Ok(5));
        assert_eq!(next(&second), (b"there".to_vec(), Some(name)));
        first
            .send_to(b"unheard", name)
            .expect("a datagram can be sent");
        second
            .send_to(b"heard", name)
            .expect("a datagram can be sent");
        assert_eq!(next(&socket).0, b"heard");
    }
}

// Only the call that names the address needs the option. Bound to loopback, so that nothing leaves the host.
fn a_datagram_socket_may_connect_to_broadcast_without_the_option() {
    let receiver = Socket::udp(AF_INET);
    receiver
        .bind("0.0.0.0:0".parse().expect("an address"))
        .expect("a port is free");
    let port = receiver.name().expect("it is bound").port();
    let everybody = SocketAddr::from(([255, 255, 255, 255], port));
    let (sender, name) = named(AF_INET);
    assert_eq!(sender.connect(everybody), Ok(()));
    assert_eq!(sender.peer(), Ok(everybody));
    assert_eq!(sender.send(b"all", 0), Ok(3));
    assert_eq!(sender.send_to(b"all", everybody), Err(Errno::ACCES));
    assert_eq!(next(&receiver), (b"all".to_vec(), Some(name)));
    sender
        .set_option(SOL_SOCKET, SO_BROADCAST, 1)
        .expect("a datagram socket may broadcast");
    assert_eq!(sender.send_to(b"now", everybody), Ok(3));
}

// Named, or chosen by the system.
fn a_datagram_socket_keeps_its_port_without_a_peer() {
    for family in [AF_INET, AF_INET6] {
        let (peer, peer_name) = named(family);
        let chosen = Socket::udp(family);
        chosen.connect(peer_name).expect("a peer can be chosen");
        for socket in [chosen, Socket::bound_udp(family)] {
            socket.connect(peer_name).expect("a peer can be chosen");
            let port = socket.name().expect("it has a name").port();
            assert_ne!(port, 0);
            assert_eq!(dissolve(&socket), Ok(()));
            let name = socket.name().expect("it keeps its name");
            assert_eq!(name.port(), port);
            assert_eq!(socket.send_to(b"x", peer_name), Ok(1));
            let (_, from) = next(&peer);
            assert_eq!(from.expect("a sender").port(), port);
        }
    }
}

// Those that came before, from somebody else.
fn connecting_drops_the_datagrams_of_others() {
    for family in [AF_INET, AF_INET6] {
        let (socket, name) = named(family);
        let (peer, peer_name) = named(family);
        let (other, _) = named(family);
        other.send_to(b"other 1", name).expect("it can be sent");
        peer.send_to(b"peer 1", name).expect("it can be sent");
        other.send_to(b"other 2", name).expect("it can be sent");
        wait::until("the first datagram", || {
            socket.available().is_ok_and(|bytes| bytes > 0)
        });
        assert_eq!(socket.connect(peer_name), Ok(()));
        peer.send_to(b"peer 2", name).expect("it can be sent");
        assert_eq!(next(&socket).0, b"peer 1");
        assert_eq!(next(&socket).0, b"peer 2");
        socket.set_nonblocking(true).expect("FIONBIO");
        assert_eq!(socket.recv(&mut [0; 8], 0), Err(Errno::WOULDBLOCK));
    }
}
