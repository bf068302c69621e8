//! Duplicates within the process: two handles, one socket.

use crate::notices::{Notices, WAYS};
use crate::overlapped::{Operation, PENDING, Tell, socket_with};
use crate::socket::{checked, checked_socket, loopback};
use crate::{Socket, cases, wait, winsock};
use std::ptr;
use ws2spi_abi::*;

cases! {
    a_bad_socket_is_reported_before_a_bad_process: [P23, U173], [];
    a_bad_process_is_invalid: [P24, U173], [Tcp];
    a_duplicate_needs_a_place_for_the_info: [P25, U173], [Tcp];
    data_for_a_socket_can_be_read_through_its_duplicate: [P26], [Tcp, Ipv6, Overlapped];
    a_duplicate_shares_the_state: [P26], [Udp, Overlapped];
    closing_one_duplicate_leaves_the_other_working: [P27], [Tcp, Overlapped];
    the_info_of_a_duplicate_works_once: [P29, U174], [Tcp, Overlapped];
    an_overlapped_receive_works_on_both_duplicates: ["base-provider.md 7"], [Tcp, Overlapped];
    the_duplicate_of_a_synchronous_socket_is_synchronous: ["base-provider.md 7"], [Udp, Overlapped];
    what_is_pending_ends_with_the_last_duplicate: [P28], [Tcp, Overlapped];
    duplicates_share_one_registration: [P30], [Tcp, NetworkEvents, Windows];
}

/// A number of no process: they are multiples of 4 on Windows and below 2^22 on Linux.
const NO_PROCESS: u32 = 0xdead_beef;

fn duplicate_into(s: SOCKET, process: u32, info: *mut WSAPROTOCOL_INFOW) -> Result<(), Errno> {
    // SAFETY: the info is NULL or a live local of the caller.
    checked(unsafe { winsock::WSADuplicateSocketW(s, process, info) }).map(drop)
}

fn info_of_duplicate(socket: &Socket) -> WSAPROTOCOL_INFOW {
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    duplicate_into(socket.raw(), std::process::id(), &raw mut info)
        .expect("a socket can be duplicated for its own process");
    info
}

fn socket_from(info: &WSAPROTOCOL_INFOW) -> Result<Socket, Errno> {
    // SAFETY: the info lives for the call.
    checked_socket(unsafe {
        winsock::WSASocketW(
            FROM_PROTOCOL_INFO,
            FROM_PROTOCOL_INFO,
            FROM_PROTOCOL_INFO,
            info,
            0,
            WSA_FLAG_OVERLAPPED,
        )
    })
}

fn duplicate(socket: &Socket) -> Socket {
    let duplicate = socket_from(&info_of_duplicate(socket)).expect("the info makes a socket");
    assert_ne!(duplicate.raw(), socket.raw());
    duplicate
}

// Before the process is looked at.
fn a_bad_socket_is_reported_before_a_bad_process() {
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    assert_eq!(
        duplicate_into(INVALID_SOCKET, NO_PROCESS, &raw mut info),
        Err(Errno::NOTSOCK)
    );
    assert_eq!(
        duplicate_into(INVALID_SOCKET, NO_PROCESS, ptr::null_mut()),
        Err(Errno::NOTSOCK)
    );
}

// Before the info is looked at.
fn a_bad_process_is_invalid() {
    let socket = Socket::tcp(AF_INET);
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    assert_eq!(
        duplicate_into(socket.raw(), NO_PROCESS, &raw mut info),
        Err(Errno::INVAL)
    );
    assert_eq!(
        duplicate_into(socket.raw(), 0, ptr::null_mut()),
        Err(Errno::INVAL)
    );
}

// The last check.
fn a_duplicate_needs_a_place_for_the_info() {
    let socket = Socket::tcp(AF_INET);
    assert_eq!(
        duplicate_into(socket.raw(), std::process::id(), ptr::null_mut()),
        Err(Errno::FAULT)
    );
}

// One queue.
fn data_for_a_socket_can_be_read_through_its_duplicate() {
    for family in [AF_INET, AF_INET6] {
        let (client, server) = Socket::pair(family);
        let second = duplicate(&server);
        client
            .send(b"for either", 0)
            .expect("the stream takes data");
        let mut room = [0; 10];
        second.recv_exact(&mut room);
        assert_eq!(&room, b"for either");
        assert_eq!(second.send(b"back", 0), Ok(4));
        let mut room = [0; 4];
        client.recv_exact(&mut room);
        assert_eq!(&room, b"back");
    }
}

// Names, options and mode are the socket's, not the handle's.
fn a_duplicate_shares_the_state() {
    let first = Socket::udp(AF_INET);
    let second = duplicate(&first);
    first
        .bind(crate::socket::loopback(AF_INET))
        .expect("loopback can be bound");
    assert_eq!(second.name(), first.name());
    first.set_nonblocking(true).expect("FIONBIO");
    assert_eq!(second.recv(&mut [0], 0), Err(Errno::WOULDBLOCK));
    second
        .set_option(SOL_SOCKET, SO_RCVTIMEO, 1234)
        .expect("a time limit");
    assert_eq!(first.option(SOL_SOCKET, SO_RCVTIMEO), Ok(1234));
}

// In both orders; the peer sees the end only after the last.
fn closing_one_duplicate_leaves_the_other_working() {
    for close_the_first in [true, false] {
        let (client, server) = Socket::pair(AF_INET);
        let second = duplicate(&server);
        let (closed, left) = if close_the_first {
            (server, second)
        } else {
            (second, server)
        };
        let stale = closed.raw();
        closed.close().expect("a handle can be closed");
        assert_eq!(
            duplicate_into(stale, std::process::id(), ptr::null_mut()),
            Err(Errno::NOTSOCK)
        );
        client.send(b"x", 0).expect("the connection lives");
        let mut byte = [0];
        assert_eq!(left.recv(&mut byte, 0), Ok(1));
        assert_eq!(left.send(b"y", 0), Ok(1));
        assert_eq!(client.recv(&mut byte, 0), Ok(1));
        left.close().expect("the last handle can be closed");
        assert_eq!(client.recv(&mut byte, 0), Ok(0), "the stream ends now");
    }
}

// The second use is refused.
fn the_info_of_a_duplicate_works_once() {
    let socket = Socket::tcp(AF_INET);
    let info = info_of_duplicate(&socket);
    let _second = socket_from(&info).expect("the info makes a socket");
    assert_eq!(socket_from(&info), Err(Errno::INVAL));
}

// Either may be used, overlapped too, whatever flags asked for the duplicate.
fn an_overlapped_receive_works_on_both_duplicates() {
    let (client, server) = Socket::pair(AF_INET);
    let twin = duplicate(&server);
    for socket in [&server, &twin, &server] {
        let receive = Operation::receive(socket, &[4], 0, Tell::Handle);
        assert!(receive.pends());
        assert_eq!(client.send(b"data", 0), Ok(4));
        receive.until_ended();
        assert_eq!(receive.result(socket, false), Ok((4, 0)));
        assert_eq!(receive.data(0), b"data");
    }
}

// And what is synchronous stays it.
fn the_duplicate_of_a_synchronous_socket_is_synchronous() {
    let sender = Socket::bound_udp(AF_INET);
    let first = socket_with(AF_INET, SOCK_DGRAM, 0);
    first.bind(loopback(AF_INET)).expect("any port");
    let twin = duplicate(&first);
    let name = twin.name().expect("it is bound");
    assert_eq!(sender.send_to(b"data", name), Ok(4));
    wait::until("the datagram", || twin.available() == Ok(4));
    // It ends within the call and leaves the block alone.
    let receive = Operation::receive(&twin, &[4], 0, Tell::Handle);
    assert_eq!((receive.returned, receive.data(0)), (Ok(4), &b"data"[..]));
}

// With what is another matter (P225).
fn what_is_pending_ends_with_the_last_duplicate() {
    let (_client, server) = Socket::pair(AF_INET);
    let twin = duplicate(&server);
    let receive = Operation::receive(&server, &[4], 0, Tell::Handle);
    server.close().expect("it closes");
    assert_eq!(receive.internal(), PENDING);
    twin.close().expect("it closes");
    receive.until_ended();
    assert_ne!(receive.status(), NtStatus::SUCCESS);
}

// The last caller wins, through whichever handle, and is the only one that hears.
fn duplicates_share_one_registration() {
    for way in WAYS {
        let (one, other) = (Notices::by(way), Notices::by(way));
        let (client, first) = Socket::pair(AF_INET);
        let second = duplicate(&first);
        one.select(&first, FD_READ);
        other.select(&second, FD_READ);
        assert_eq!(client.send(b"x", 0), Ok(1));
        other.expect(&second, &[FD_READ]);
        assert_eq!(first.recv(&mut [0], 0), Ok(1));
        one.expect_nothing(&first);
        one.select(&first, FD_READ);
        assert_eq!(client.send(b"x", 0), Ok(1));
        one.expect(&first, &[FD_READ]);
        assert_eq!(second.recv(&mut [0], 0), Ok(1));
        other.expect_nothing(&second);
        other.select(&second, 0);
        assert_eq!(client.send(b"x", 0), Ok(1));
        one.expect_nothing(&first);
    }
}
