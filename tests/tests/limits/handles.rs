//! A process without handles: WSAENOBUFS, and nothing is lost.

use ws2spi_abi::*;
use ws2spi_kernel::handles;
use ws2spi_tests::extended::Room;
use ws2spi_tests::overlapped::{Operation, Tell};
use ws2spi_tests::port::Port;
use ws2spi_tests::shortage::NoHandles;
use ws2spi_tests::socket::last_error;
use ws2spi_tests::{Configuration, Socket, census::Census, isolated, winsock};

// U58: nor is a descriptor of the system left over.
#[test]
fn without_a_handle_there_is_no_object_and_nothing_is_left_over() {
    isolated!();
    Configuration::Bare.start();
    let (client, server) = Socket::pair(AF_INET);
    let census = Census::take();
    let shortage = NoHandles::begin();
    for (family, kind) in [
        (AF_INET, SOCK_STREAM),
        (AF_INET6, SOCK_DGRAM),
        (AF_UNIX, SOCK_STREAM),
    ] {
        assert_eq!(Socket::new(family, kind, 0).err(), Some(Errno::NOBUFS));
    }
    // SAFETY: no arguments.
    assert_eq!(unsafe { winsock::WSACreateEvent() }, 0);
    assert_eq!(last_error(), Errno::NOT_ENOUGH_MEMORY);
    // SAFETY: no pointers.
    let port = unsafe { winsock::CreateIoCompletionPort(INVALID_HANDLE_VALUE, 0, 0, 0) };
    assert_eq!(port, 0);
    // What there is goes on.
    assert_eq!(client.send(b"word", 0), Ok(4));
    server.recv_exact(&mut [0; 4]);
    drop(shortage);
    census.expect_no_more();
    drop(Socket::udp(AF_INET));
}

// base-provider.md 1.1: the connection is the next accept's.
#[test]
fn a_connection_without_a_handle_stays_for_the_next_accept() {
    isolated!();
    Configuration::Bare.start();
    let listener = Socket::listener(AF_INET);
    let name = listener.name().expect("it is bound");
    let clients = [(); 2].map(|()| {
        let client = Socket::tcp(AF_INET);
        client.connect(name).expect("loopback connects");
        client
    });
    let shortage = NoHandles::begin();
    for _ in 0..3 {
        assert_eq!(listener.accept().err(), Some(Errno::NOBUFS));
    }
    drop(shortage);
    for client in clients {
        let (server, from) = listener.accept().expect("both are still there");
        assert_eq!(from.to_ip(), client.name().ok());
        assert_eq!(server.send(b"word", 0), Ok(4));
        client.recv_exact(&mut [0; 4]);
    }
}

// base-provider.md 4: operations are no handles.
#[test]
fn operations_go_on_without_handles() {
    isolated!();
    Configuration::Bare.start();
    let (client, server) = Socket::pair(AF_INET);
    let (listener, acceptor) = (Socket::listener(AF_INET), Socket::tcp(AF_INET));
    let port = Port::with(&server, 1);
    port.associate(&listener, 2).expect("it has no port yet");
    let late = Socket::tcp(AF_INET);
    let shortage = NoHandles::begin();
    let receive = Operation::receive(&server, &[8], 0, Tell::Handle);
    let accept = Operation::accept(&listener, &acceptor, Room::with(0), Tell::Handle);
    assert!(receive.pends() && accept.pends());
    assert_eq!(client.send(b"word", 0), Ok(4));
    assert_eq!(port.take().block, receive.block());
    late.connect(listener.name().expect("it is bound"))
        .expect("loopback connects");
    assert_eq!(port.take().block, accept.block());
    drop(shortage);
}

// The table itself is full: 1,048,576 handles, less those of the runtime. Whoever gives one back can have another.
#[test]
fn a_million_handles_are_the_most() {
    isolated!();
    Configuration::Bare.start();
    const MOST: usize = 1 << 20;
    let mut events = Vec::with_capacity(MOST);
    let error = loop {
        // SAFETY: no pointers.
        let event = unsafe { winsock::WSACreateEvent() };
        if event == 0 {
            break last_error();
        }
        events.push(event);
        assert!(events.len() <= MOST, "the table has an end");
    };
    assert_eq!(error, Errno::NOT_ENOUGH_MEMORY);
    assert!(
        handles::open_handles() > MOST - 256 * 64,
        "few are kept back"
    );
    assert_eq!(
        Socket::new(AF_INET, SOCK_DGRAM, 0).err(),
        Some(Errno::NOBUFS)
    );
    for event in events {
        // SAFETY: no pointers.
        assert_eq!(unsafe { winsock::CloseHandle(event) }, TRUE);
    }
    drop(Socket::udp(AF_INET));
}
