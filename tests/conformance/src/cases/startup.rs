//! WSAStartup and WSACleanup.

use crate::overlapped::{Event, Operation, Tell, routine_calls};
use crate::socket::{checked, checked_socket};
use crate::{Socket, apc, cases, subject, winsock};
use std::ptr;
use ws2spi_abi::*;

cases! {
    there_are_no_sockets_before_startup: [P1, U122], [Tcp], alone;
    the_last_cleanup_closes_every_socket: [P2, U121], [Tcp, Udp, Overlapped], alone;
    between_the_last_cleanup_and_a_start_nothing_is_initialised: [U121], [Tcp, Udp], alone;
    a_cleanup_that_is_not_the_last_closes_nothing: [P2, U110, U120], [Tcp], alone;
    one_cleanup_too_many_is_not_initialised: [P3, U119], [], alone;
    the_last_cleanup_aborts_what_is_pending_and_tells_nobody: [U112], [Tcp, Overlapped], alone;
}

fn cleanup() -> Result<(), Errno> {
    // SAFETY: no arguments.
    checked(unsafe { winsock::WSACleanup() }).map(drop)
}

// By both functions.
fn there_are_no_sockets_before_startup() {
    assert_eq!(
        Socket::new(AF_INET, SOCK_STREAM, IPPROTO_TCP),
        Err(Errno::NOTINITIALISED)
    );
    // SAFETY: no info.
    let s = unsafe { winsock::WSASocketW(AF_INET, SOCK_STREAM, 0, ptr::null(), 0, 0) };
    assert_eq!(checked_socket(s), Err(Errno::NOTINITIALISED));
    // Whatever else is wrong with the arguments.
    assert_eq!(Socket::new(-7, -7, -7), Err(Errno::NOTINITIALISED));
    subject::start();
    assert!(Socket::new(AF_INET, SOCK_STREAM, IPPROTO_TCP).is_ok());
}

// Connected, listening, datagrams and duplicates.
fn the_last_cleanup_closes_every_socket() {
    subject::start();
    let (client, server) = Socket::pair(AF_INET);
    let listener = Socket::listener(AF_INET);
    let datagrams = Socket::bound_udp(AF_INET);
    let duplicate = duplicate(&client);
    cleanup().expect("there is a start to match");
    subject::startup();
    for socket in [&client, &server, &listener, &datagrams, &duplicate] {
        assert_eq!(socket.name(), Err(Errno::NOTSOCK));
        assert_eq!(socket.recv(&mut [0], 0), Err(Errno::NOTSOCK));
        // SAFETY: no pointers.
        let closed = checked(unsafe { winsock::closesocket(socket.raw()) });
        assert_eq!(closed, Err(Errno::NOTSOCK));
    }
    let _pair = Socket::pair(AF_INET);
}

// Of sockets of the last time, too.
fn between_the_last_cleanup_and_a_start_nothing_is_initialised() {
    subject::start();
    let (client, server) = Socket::pair(AF_INET);
    let datagrams = Socket::bound_udp(AF_INET);
    cleanup().expect("there is a start to match");
    for socket in [&client, &server, &datagrams] {
        assert_eq!(socket.name(), Err(Errno::NOTINITIALISED));
    }
    subject::startup();
}

// A start that has no cleanup yet keeps them.
fn a_cleanup_that_is_not_the_last_closes_nothing() {
    subject::start();
    subject::startup();
    let (client, server) = Socket::pair(AF_INET);
    cleanup().expect("there is a start to match");
    assert_eq!(client.send(b"x", 0), Ok(1));
    assert_eq!(server.recv(&mut [0], 0), Ok(1));
}

fn duplicate(socket: &Socket) -> Socket {
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    // SAFETY: the info is a live local.
    let told = checked(unsafe {
        winsock::WSADuplicateSocketW(socket.raw(), std::process::id(), &raw mut info)
    });
    told.expect("a socket can be duplicated");
    // SAFETY: the info lives for the call.
    let s = unsafe { winsock::WSASocketW(-1, -1, -1, &raw const info, 0, WSA_FLAG_OVERLAPPED) };
    checked_socket(s).expect("the info makes a socket")
}

// Before the first start, and after the last match.
fn one_cleanup_too_many_is_not_initialised() {
    assert_eq!(cleanup(), Err(Errno::NOTINITIALISED));
    subject::start();
    subject::startup();
    assert_eq!((cleanup(), cleanup()), (Ok(()), Ok(())));
    assert_eq!(cleanup(), Err(Errno::NOTINITIALISED));
    subject::startup();
    assert_eq!(cleanup(), Ok(()));
}

fn the_last_cleanup_aborts_what_is_pending_and_tells_nobody() {
    subject::startup();
    let (_client, server) = Socket::pair(AF_INET);
    let event = Event::new();
    let receives = [Tell::Event(event.raw()), Tell::Routine(0)]
        .map(|tell| Operation::receive(&server, &[4], 0, tell));
    assert_eq!(cleanup(), Ok(()));
    apc::run_queued();
    for receive in &receives {
        assert_eq!(receive.status(), NtStatus::CANCELLED);
    }
    assert_eq!((event.is_set(), routine_calls()), (false, vec![]));
}
