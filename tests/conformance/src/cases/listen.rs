//! listen: who may, and what it changes.

use crate::socket::loopback;
use crate::{Socket, cases};
use ws2spi_abi::*;

cases! {
    an_unbound_socket_cannot_listen: [P45], [Tcp, Ipv6];
    a_datagram_socket_cannot_listen: [P46], [Udp];
    listening_twice_and_with_backlog_zero_succeeds: [P47], [Tcp];
    listening_shows_in_acceptconn: [P48], [Tcp];
    acceptconn_cannot_be_set: [P49], [Tcp];
    a_socket_may_listen_after_a_failed_connect: [P50], [Tcp];
    a_bound_socket_may_listen_after_a_failed_connect: [P50], [Tcp];
    a_connected_socket_cannot_listen: [P51], [Tcp];
}

fn bound(family: i32) -> Socket {
    let socket = Socket::tcp(family);
    socket.bind(loopback(family)).expect("loopback is free");
    socket
}

// Whatever the backlog.
fn an_unbound_socket_cannot_listen() {
    for family in [AF_INET, AF_INET6] {
        let socket = Socket::tcp(family);
        for backlog in [0, 5, -2] {
            assert_eq!(socket.listen(backlog), Err(Errno::INVAL), "{backlog}");
        }
        assert_eq!(socket.name(), Err(Errno::INVAL), "it was not bound");
    }
}

// Bound or not.
fn a_datagram_socket_cannot_listen() {
    assert_eq!(Socket::udp(AF_INET).listen(5), Err(Errno::OPNOTSUPP));
    assert_eq!(Socket::bound_udp(AF_INET).listen(5), Err(Errno::OPNOTSUPP));
}

// And the queue still takes somebody.
fn listening_twice_and_with_backlog_zero_succeeds() {
    for backlogs in [[0, 0], [5, 0], [0, SOMAXCONN], [1, -200]] {
        let listener = bound(AF_INET);
        for backlog in backlogs {
            assert_eq!(listener.listen(backlog), Ok(()), "{backlogs:?}");
        }
        let client = Socket::tcp(AF_INET);
        client
            .connect(listener.name().expect("it is bound"))
            .expect("loopback connects");
        let (_server, from) = listener.accept().expect("the connection is there");
        assert_eq!(from.to_ip(), client.name().ok());
    }
}

// 0 before, 1 after.
fn listening_shows_in_acceptconn() {
    let socket = bound(AF_INET);
    assert_eq!(socket.option(SOL_SOCKET, SO_ACCEPTCONN), Ok(0));
    socket.listen(1).expect("a bound socket listens");
    assert_eq!(socket.option(SOL_SOCKET, SO_ACCEPTCONN), Ok(1));
}

// In every state.
fn acceptconn_cannot_be_set() {
    for socket in [Socket::tcp(AF_INET), Socket::listener(AF_INET)] {
        for value in [0, 1] {
            assert_eq!(
                socket.set_option(SOL_SOCKET, SO_ACCEPTCONN, value),
                Err(Errno::NOPROTOOPT)
            );
        }
    }
}

// The attempt bound the socket, and its name stays.
fn a_socket_may_listen_after_a_failed_connect() {
    let silent = bound(AF_INET);
    let closed = silent.name().expect("it is bound");
    let socket = Socket::tcp(AF_INET);
    assert_eq!(socket.connect(closed), Err(Errno::CONNREFUSED));
    socket.listen(1).expect("a failed attempt leaves a name");
    let port = socket.name().expect("it is bound").port();
    assert_ne!(port, 0);
    let client = Socket::tcp(AF_INET);
    client
        .connect(std::net::SocketAddr::from(([127, 0, 0, 1], port)))
        .expect("somebody listens there");
    assert!(socket.accept().is_ok());
}

// As Wine's test does it, bound before and non-blocking.
fn a_bound_socket_may_listen_after_a_failed_connect() {
    let silent = bound(AF_INET);
    let closed = silent.name().expect("it is bound");
    let socket = bound(AF_INET);
    let name = socket.name();
    socket.set_nonblocking(true).expect("FIONBIO");
    assert_eq!(socket.connect(closed), Err(Errno::WOULDBLOCK));
    let _ = crate::readiness::until_ready(&socket);
    assert_eq!(socket.listen(1), Ok(()));
    assert_eq!(socket.name(), name);
    let client = Socket::tcp(AF_INET);
    client
        .connect(name.expect("it was bound"))
        .expect("somebody listens there");
    let _ = crate::readiness::until_ready(&socket);
    assert!(socket.accept().is_ok());
}

// On both ends.
fn a_connected_socket_cannot_listen() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(client.listen(1), Err(Errno::ISCONN));
    assert_eq!(server.listen(1), Err(Errno::ISCONN));
    client
        .shutdown(SD_BOTH)
        .expect("a connection can be shut down");
    assert_eq!(client.listen(1), Err(Errno::ISCONN));
}
