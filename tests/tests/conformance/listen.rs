//! listen: who may, and what it changes.

use ws2spi_abi::*;
use ws2spi_tests::socket::loopback;
use ws2spi_tests::{Socket, case};

fn bound(family: i32) -> Socket {
    let socket = Socket::tcp(family);
    socket.bind(loopback(family)).expect("loopback is free");
    socket
}

// P45: whatever the backlog.
#[test]
fn an_unbound_socket_cannot_listen() {
    case!();
    for family in [AF_INET, AF_INET6] {
        let socket = Socket::tcp(family);
        for backlog in [0, 5, -2] {
            assert_eq!(socket.listen(backlog), Err(Errno::INVAL), "{backlog}");
        }
        assert_eq!(socket.name(), Err(Errno::INVAL), "it was not bound");
    }
}

// P46: bound or not.
#[test]
fn a_datagram_socket_cannot_listen() {
    case!();
    assert_eq!(Socket::udp(AF_INET).listen(5), Err(Errno::OPNOTSUPP));
    assert_eq!(Socket::bound_udp(AF_INET).listen(5), Err(Errno::OPNOTSUPP));
}

// P47: and the queue still takes somebody.
#[test]
fn listening_twice_and_with_backlog_zero_succeeds() {
    case!();
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

// P48: 0 before, 1 after.
#[test]
fn listening_shows_in_acceptconn() {
    case!();
    let socket = bound(AF_INET);
    assert_eq!(socket.option(SOL_SOCKET, SO_ACCEPTCONN), Ok(0));
    socket.listen(1).expect("a bound socket listens");
    assert_eq!(socket.option(SOL_SOCKET, SO_ACCEPTCONN), Ok(1));
}

// P49: in every state.
#[test]
fn acceptconn_cannot_be_set() {
    case!();
    for socket in [Socket::tcp(AF_INET), Socket::listener(AF_INET)] {
        for value in [0, 1] {
            assert_eq!(
                socket.set_option(SOL_SOCKET, SO_ACCEPTCONN, value),
                Err(Errno::NOPROTOOPT)
            );
        }
    }
}

// P50: the attempt bound the socket, and its name stays.
#[test]
fn a_socket_may_listen_after_a_failed_connect() {
    case!();
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

// P50: as Wine's test does it, bound before and non-blocking.
#[test]
fn a_bound_socket_may_listen_after_a_failed_connect() {
    case!();
    let silent = bound(AF_INET);
    let closed = silent.name().expect("it is bound");
    let socket = bound(AF_INET);
    let name = socket.name();
    socket.set_nonblocking(true).expect("FIONBIO");
    assert_eq!(socket.connect(closed), Err(Errno::WOULDBLOCK));
    let _ = ws2spi_tests::readiness::until_ready(&socket);
    assert_eq!(socket.listen(1), Ok(()));
    assert_eq!(socket.name(), name);
    let client = Socket::tcp(AF_INET);
    client
        .connect(name.expect("it was bound"))
        .expect("somebody listens there");
    let _ = ws2spi_tests::readiness::until_ready(&socket);
    assert!(socket.accept().is_ok());
}

// P51: on both ends.
#[test]
fn a_connected_socket_cannot_listen() {
    case!();
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(client.listen(1), Err(Errno::ISCONN));
    assert_eq!(server.listen(1), Err(Errno::ISCONN));
    client
        .shutdown(SD_BOTH)
        .expect("a connection can be shut down");
    assert_eq!(client.listen(1), Err(Errno::ISCONN));
}
