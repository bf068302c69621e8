//! Streams connect: what each state says to it, and what a failed attempt leaves behind.

use crate::readiness::{Ready, select, until_ready};
use crate::sending::reset;
use crate::socket::{checked, loopback};
use crate::unanswered::Unanswered;
use crate::{Socket, cases, winsock};
use std::net::SocketAddr;
use std::ptr;
use std::time::{Duration, Instant};
use ws2spi_abi::args::Address;
use ws2spi_abi::*;

cases! {
    a_listening_socket_cannot_connect: [P68], [Tcp];
    a_nonblocking_connect_would_always_block: [P69], [Tcp, Ipv6];
    a_second_connect_finds_the_first_one_going_on: [P70], [Tcp];
    a_connecting_socket_cannot_send_or_receive: [P72], [Tcp];
    a_connecting_socket_has_a_name: [P73], [Tcp, Ipv6];
    a_connecting_socket_has_a_peer_name: [P74], [Tcp, Ipv6];
    a_connected_socket_cannot_connect: [P75], [Tcp];
    a_socket_cannot_connect_after_shutdown: [P76], [Tcp];
    a_refused_connect_leaves_the_socket_not_writable: [P77], [Tcp, Ipv6];
    a_socket_that_was_refused_is_not_connected: ["Microsoft, send, WSAENOTCONN"], [Tcp, Ipv6];
    connect_can_be_retried_after_it_was_refused: [P78], [Tcp, Ipv6];
    a_failed_nonblocking_connect_stays_an_exception: [P79], [Tcp];
    the_error_of_a_failed_connect_stays: [P80], [Tcp];
    another_attempt_keeps_the_error_of_a_failed_connect: [P78, P80], [Tcp];
    a_synchronously_failed_connect_leaves_no_error: [P81], [Tcp];
    a_successful_connect_clears_the_error: [P78, P82], [Tcp];
    a_connection_that_is_reset_at_once_was_made: [P82], [Tcp];
    a_connection_that_was_reset_is_a_connection_still: ["base-provider.md 1.8"], [Tcp];
    the_connect_time_counts_from_the_connection: [P83], [Tcp, Udp];
    a_stream_cannot_connect_to_any_address_or_port: [P89], [Tcp, Ipv6];
    tcp_carries_no_data_with_connect: [P90], [Tcp];
    an_unanswered_connect_times_out: [P91], [Tcp];
}

/// A socket that has a name at which nobody listens yet.
fn closed(family: i32) -> (Socket, SocketAddr) {
    let socket = Socket::tcp(family);
    socket.bind(loopback(family)).expect("loopback is free");
    let name = socket.name().expect("it is bound");
    (socket, name)
}

fn nonblocking(family: i32) -> Socket {
    let socket = Socket::tcp(family);
    socket.set_nonblocking(true).expect("FIONBIO");
    socket
}

/// A socket whose attempt to connect goes on, and to whom.
fn connecting(family: i32) -> (Socket, Unanswered) {
    let nobody = Unanswered::new(family);
    let socket = nonblocking(family);
    assert_eq!(socket.connect(nobody.name()), Err(Errno::WOULDBLOCK));
    (socket, nobody)
}

/// A socket whose attempt was refused after connect had returned.
fn refused_later(family: i32) -> Socket {
    let (_closed, name) = closed(family);
    let socket = nonblocking(family);
    assert_eq!(socket.connect(name), Err(Errno::WOULDBLOCK));
    assert!(until_ready(&socket).except);
    socket
}

fn so_error(socket: &Socket) -> u32 {
    socket
        .option(SOL_SOCKET, SO_ERROR)
        .expect("every socket has an error")
}

// Whoever is meant.
fn a_listening_socket_cannot_connect() {
    let (one, other) = (Socket::listener(AF_INET), Socket::listener(AF_INET));
    let name = other.name().expect("it is bound");
    assert_eq!(one.connect(name), Err(Errno::INVAL));
    one.set_nonblocking(true).expect("FIONBIO");
    assert_eq!(one.connect(name), Err(Errno::INVAL));
}

// On both families, and although it succeeds at once.
fn a_nonblocking_connect_would_always_block() {
    for family in [AF_INET, AF_INET6] {
        for _ in 0..8 {
            let listener = Socket::listener(family);
            let client = nonblocking(family);
            assert_eq!(
                client.connect(listener.name().expect("it is bound")),
                Err(Errno::WOULDBLOCK)
            );
            assert_eq!(until_ready(&client), Ready::WRITE);
            assert_eq!(client.peer(), listener.name());
        }
    }
}

// And the attempt goes on.
fn a_second_connect_finds_the_first_one_going_on() {
    let (socket, nobody) = connecting(AF_INET);
    for _ in 0..2 {
        assert_eq!(socket.connect(nobody.name()), Err(Errno::ALREADY));
    }
    assert_eq!(select(&socket, 0), Ok(Ready::NOTHING));
}

// Neither direction.
fn a_connecting_socket_cannot_send_or_receive() {
    let (socket, _nobody) = connecting(AF_INET);
    assert_eq!(socket.send(b"x", 0), Err(Errno::NOTCONN));
    assert_eq!(socket.recv(&mut [0], 0), Err(Errno::NOTCONN));
}

// Connect bound it.
fn a_connecting_socket_has_a_name() {
    for family in [AF_INET, AF_INET6] {
        let (socket, _nobody) = connecting(family);
        let name = socket.name().expect("connect binds");
        assert_ne!(name.port(), 0);
        assert_eq!(socket.bind(loopback(family)), Err(Errno::INVAL));
    }
}

// During connect; ConnectEx comes with asynchronous I/O.
fn a_connecting_socket_has_a_peer_name() {
    for family in [AF_INET, AF_INET6] {
        let (socket, nobody) = connecting(family);
        assert_eq!(socket.peer(), Ok(nobody.name()));
    }
}

// Both ends, and to whomever.
fn a_connected_socket_cannot_connect() {
    let listener = Socket::listener(AF_INET);
    let (client, server) = Socket::pair(AF_INET);
    for socket in [client, server] {
        let peer = socket.peer();
        for to in [listener.name(), peer] {
            assert_eq!(
                socket.connect(to.expect("it has a name")),
                Err(Errno::ISCONN)
            );
        }
        assert_eq!(socket.peer(), peer);
    }
}

// Also when the peer has gone.
fn a_socket_cannot_connect_after_shutdown() {
    let listener = Socket::listener(AF_INET);
    let to = listener.name().expect("it is bound");
    let (client, server) = Socket::pair(AF_INET);
    client
        .shutdown(SD_BOTH)
        .expect("a connection can be shut down");
    assert_eq!(client.connect(to), Err(Errno::ISCONN));
    server.close().expect("a connection can be closed");
    assert_eq!(client.connect(to), Err(Errno::ISCONN));
}

// The call tells, select does not.
fn a_refused_connect_leaves_the_socket_not_writable() {
    for family in [AF_INET, AF_INET6] {
        let (_closed, name) = closed(family);
        let socket = Socket::tcp(family);
        assert_eq!(socket.connect(name), Err(Errno::CONNREFUSED));
        let ready = select(&socket, 0).expect("a socket can be selected");
        assert!(!ready.write && !ready.read, "{ready:?}");
    }
}

// As little as one that never tried.
fn a_socket_that_was_refused_is_not_connected() {
    for family in [AF_INET, AF_INET6] {
        let (_closed, name) = closed(family);
        let socket = Socket::tcp(family);
        assert_eq!(socket.connect(name), Err(Errno::CONNREFUSED));
        assert_eq!(socket.peer(), Err(Errno::NOTCONN));
        assert_eq!(socket.send(b"x", 0), Err(Errno::NOTCONN));
    }
}

// As often as it takes, in both modes.
fn connect_can_be_retried_after_it_was_refused() {
    for family in [AF_INET, AF_INET6] {
        let (listener, name) = closed(family);
        let blocking = Socket::tcp(family);
        let later = nonblocking(family);
        for _ in 0..3 {
            assert_eq!(blocking.connect(name), Err(Errno::CONNREFUSED));
            assert_eq!(later.connect(name), Err(Errno::WOULDBLOCK));
            assert_eq!(until_ready(&later), Ready::EXCEPT);
        }
        listener.listen(2).expect("a bound socket listens");
        assert_eq!(blocking.connect(name), Ok(()));
        assert_eq!(later.connect(name), Err(Errno::WOULDBLOCK));
        assert_eq!(until_ready(&later), Ready::WRITE);
        for _ in 0..2 {
            let (server, _) = listener.accept().expect("the connection is there");
            server.send(b"x", 0).expect("it is connected");
        }
        for socket in [blocking, later] {
            socket.set_nonblocking(false).expect("FIONBIO");
            assert_eq!(socket.recv(&mut [0], 0), Ok(1));
        }
    }
}

// However often select is asked.
fn a_failed_nonblocking_connect_stays_an_exception() {
    let socket = refused_later(AF_INET);
    for _ in 0..3 {
        assert_eq!(select(&socket, 0), Ok(Ready::EXCEPT));
    }
}

// Reading does not clear it.
fn the_error_of_a_failed_connect_stays() {
    let socket = refused_later(AF_INET);
    let refused = Errno::CONNREFUSED.code() as u32;
    assert_eq!([so_error(&socket), so_error(&socket)], [refused; 2]);
}

// While it goes on.
fn another_attempt_keeps_the_error_of_a_failed_connect() {
    let socket = refused_later(AF_INET);
    let nobody = Unanswered::new(AF_INET);
    assert_eq!(socket.connect(nobody.name()), Err(Errno::WOULDBLOCK));
    assert_eq!(so_error(&socket), Errno::CONNREFUSED.code() as u32);
}

// The call has told it.
fn a_synchronously_failed_connect_leaves_no_error() {
    let (_closed, name) = closed(AF_INET);
    let socket = Socket::tcp(AF_INET);
    assert_eq!(socket.connect(name), Err(Errno::CONNREFUSED));
    assert_eq!(so_error(&socket), 0);
}

// Of the attempt before.
fn a_successful_connect_clears_the_error() {
    let socket = refused_later(AF_INET);
    assert_ne!(so_error(&socket), 0);
    let listener = Socket::listener(AF_INET);
    let name = listener.name().expect("it is bound");
    assert_eq!(socket.connect(name), Err(Errno::WOULDBLOCK));
    assert_eq!(until_ready(&socket), Ready::WRITE);
    assert_eq!(so_error(&socket), 0);
}

/// A client whose connection was reset before it looked, and to whom it was.
fn reset_at_once() -> (Socket, SocketAddr) {
    let listener = Socket::listener(AF_INET);
    let name = listener.name().expect("it is bound");
    let client = nonblocking(AF_INET);
    assert_eq!(client.connect(name), Err(Errno::WOULDBLOCK));
    let (server, _) = listener.accept().expect("the connection is there");
    reset(server);
    (client, name)
}

// And then the connection was reset: that is the next call's to tell (P144).
fn a_connection_that_is_reset_at_once_was_made() {
    let (client, _) = reset_at_once();
    let ready = until_ready(&client);
    assert!(ready.write && !ready.except, "{ready:?}");
    assert_eq!(so_error(&client), 0);
}

// It has its peer, and does not connect again.
fn a_connection_that_was_reset_is_a_connection_still() {
    let (client, name) = reset_at_once();
    assert!(until_ready(&client).write);
    assert_eq!(client.peer(), Ok(name));
    assert!(client.recv(&mut [0], 0).is_err(), "it was reset");
    assert_eq!(client.connect(name), Err(Errno::ISCONN));
}

// Seconds since the connection, on both ends.
fn the_connect_time_counts_from_the_connection() {
    let connect_time = |socket: &Socket| socket.option(SOL_SOCKET, SO_CONNECT_TIME);
    assert_eq!(connect_time(&Socket::tcp(AF_INET)), Ok(u32::MAX));
    assert_eq!(connect_time(&Socket::listener(AF_INET)), Ok(u32::MAX));
    let datagrams = Socket::bound_udp(AF_INET);
    assert_eq!(connect_time(&datagrams), Ok(u32::MAX));
    datagrams
        .connect(datagrams.name().expect("it is bound"))
        .expect("a peer can be chosen");
    assert_eq!(connect_time(&datagrams), Ok(u32::MAX));

    let started = Instant::now();
    let (client, server) = Socket::pair(AF_INET);
    for socket in [client, server] {
        let seconds = connect_time(&socket).expect("it is connected");
        assert!(
            u64::from(seconds) <= started.elapsed().as_secs(),
            "{seconds}"
        );
    }
}

// Nobody is there; nor is anybody at port 0.
fn a_stream_cannot_connect_to_any_address_or_port() {
    for (family, names) in [
        (AF_INET, ["0.0.0.0:80", "127.0.0.1:0"]),
        (AF_INET6, ["[::]:80", "[::1]:0"]),
    ] {
        for name in names {
            let socket = Socket::tcp(family);
            let name = name.parse().expect("an address");
            assert_eq!(socket.connect(name), Err(Errno::ADDRNOTAVAIL), "{name}");
            assert_eq!(socket.name(), Err(Errno::INVAL), "it was not bound");
        }
    }
}

// A buffer without bytes is none.
fn tcp_carries_no_data_with_connect() {
    let listener = Socket::listener(AF_INET);
    let name = Address::from_ip(listener.name().expect("it is bound"));
    let connect_with = |socket: &Socket, data: &mut [u8]| {
        let caller = WSABUF {
            len: data.len() as u32,
            buf: data.as_mut_ptr(),
        };
        // SAFETY: name and data live for the call.
        checked(unsafe {
            winsock::WSAConnect(
                socket.raw(),
                name.as_bytes().as_ptr().cast(),
                16,
                &raw const caller,
                ptr::null_mut(),
                ptr::null(),
                ptr::null(),
            )
        })
    };
    let socket = Socket::tcp(AF_INET);
    assert_eq!(
        connect_with(&socket, &mut [b'x']),
        Err(Errno::PROTONOSUPPORT)
    );
    assert_eq!(socket.peer(), Err(Errno::NOTCONN));
    assert_eq!(connect_with(&socket, &mut []), Ok(0));
}

// After the three attempts that Windows makes, 21 seconds.
fn an_unanswered_connect_times_out() {
    let nobody = Unanswered::new(AF_INET);
    let socket = Socket::tcp(AF_INET);
    let started = Instant::now();
    assert_eq!(socket.connect(nobody.name()), Err(Errno::TIMEDOUT));
    let took = started.elapsed();
    assert!(
        (Duration::from_secs(15)..Duration::from_secs(28)).contains(&took),
        "{took:?}"
    );
    assert_eq!(socket.peer(), Err(Errno::NOTCONN));
}
