//! Duplicates in another process: two real processes, one socket (base-provider.md 7).

use crate::partner::{self, Partner};
use crate::socket::checked;
use crate::{Socket, cases, wait, winsock};
use ws2spi_abi::*;

cases! {
    a_stream_goes_on_in_another_process: [P26, U174], [Tcp, Ipv6, SecondProcess], alone;
    the_source_may_be_closed_first: [P27], [Tcp, SecondProcess], alone;
    closing_the_duplicate_leaves_the_source_working: [P27], [Tcp, SecondProcess], alone;
    the_info_works_once: [P29, U174], [Tcp, SecondProcess], alone;
    the_info_works_in_the_process_it_is_for: ["base-provider.md 7"], [Tcp, SecondProcess], alone;
    an_info_that_nobody_made_is_invalid: ["base-provider.md 7"], [Tcp, SecondProcess], alone;
    the_duplicate_has_the_state_of_its_source: ["base-provider.md 7"], [Udp, SecondProcess], alone;
    a_listener_takes_connections_in_another_process: ["base-provider.md 7"],
        [Tcp, SecondProcess], alone;
    a_process_that_has_ended_is_invalid: ["base-provider.md 7"], [Tcp, SecondProcess], alone;
    a_duplicate_for_another_process_needs_a_place_for_the_info: [P25], [Tcp, SecondProcess], alone;
    what_a_duplicate_sends_comes_behind_what_was_sent_before: ["base-provider.md 7"],
        [Tcp, SecondProcess], alone;
    a_duplicate_outlives_an_abortive_close: ["base-provider.md 7"], [Tcp, SecondProcess], alone;
    an_abortive_close_resets_with_the_last_duplicate: ["base-provider.md 7"],
        [Tcp, SecondProcess], alone;
}

fn duplicate_for(partner: &Partner, socket: &Socket) -> Result<WSAPROTOCOL_INFOW, Errno> {
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    let place = &raw mut info;
    // SAFETY: the info is a live local.
    checked(unsafe { winsock::WSADuplicateSocketW(socket.raw(), partner.id(), place) })?;
    Ok(info)
}

fn info_for(partner: &Partner, socket: &Socket) -> WSAPROTOCOL_INFOW {
    duplicate_for(partner, socket).expect("a socket can be duplicated for a process that lives")
}

// Both processes have the stream: data flow both ways, through either end.
fn a_stream_goes_on_in_another_process() {
    let mut partner = Partner::beside_this();
    for family in [AF_INET, AF_INET6] {
        let (client, server) = Socket::pair(family);
        let twin = partner.make(&info_for(&partner, &server));
        let twin = twin.expect("the info makes a socket");
        assert_eq!(client.send(b"for either", 0), Ok(10));
        assert_eq!(partner.receive(twin, 4).as_deref(), Ok(&b"for "[..]));
        let mut rest = [0; 6];
        server.recv_exact(&mut rest);
        assert_eq!(&rest, b"either");
        assert_eq!(partner.send(twin, b"from there"), Ok(10));
        let mut room = [0; 10];
        client.recv_exact(&mut room);
        assert_eq!(&room, b"from there");
        assert_eq!(server.send(b"from here", 0), Ok(9));
        let mut room = [0; 9];
        client.recv_exact(&mut room);
        assert_eq!(&room, b"from here");
    }
}

// The source may be closed before the other process makes its socket, and after; the connection goes on.
fn the_source_may_be_closed_first() {
    let mut partner = Partner::beside_this();
    for before in [true, false] {
        let (client, server) = Socket::pair(AF_INET);
        let info = info_for(&partner, &server);
        let mut server = Some(server);
        if before {
            server = None;
        }
        let twin = partner.make(&info).expect("the info makes a socket");
        drop(server);
        assert_eq!(client.send(b"still there", 0), Ok(11));
        assert_eq!(
            partner.receive(twin, 20).as_deref(),
            Ok(&b"still there"[..])
        );
        assert_eq!(partner.send(twin, b"yes"), Ok(3));
        let mut room = [0; 3];
        client.recv_exact(&mut room);
        assert_eq!(partner.close(twin), Ok(()));
        assert_eq!(client.recv(&mut room, 0), Ok(0), "the stream ends now");
    }
}

// Nor does the other process end the connection by closing its duplicate.
fn closing_the_duplicate_leaves_the_source_working() {
    let mut partner = Partner::beside_this();
    let (client, server) = Socket::pair(AF_INET);
    let twin = partner.make(&info_for(&partner, &server));
    assert_eq!(
        partner.close(twin.expect("the info makes a socket")),
        Ok(())
    );
    assert_eq!(client.send(b"x", 0), Ok(1));
    assert_eq!(server.recv(&mut [0], 0), Ok(1));
    assert_eq!(server.send(b"y", 0), Ok(1));
    assert_eq!(client.recv(&mut [0], 0), Ok(1));
    server.close().expect("the last one");
    assert_eq!(client.recv(&mut [0], 0), Ok(0), "the stream ends now");
}

// The info works once.
fn the_info_works_once() {
    let mut partner = Partner::beside_this();
    let socket = Socket::tcp(AF_INET);
    let info = info_for(&partner, &socket);
    assert!(partner.make(&info).is_ok());
    assert_eq!(partner.make(&info), Err(Errno::INVAL));
}

// Only in the process that was named.
fn the_info_works_in_the_process_it_is_for() {
    let (mut partner, mut third) = (Partner::beside_this(), Partner::beside_this());
    let socket = Socket::tcp(AF_INET);
    let info = info_for(&partner, &socket);
    assert_eq!(partner::make(&info).map(drop), Err(Errno::INVAL));
    assert_eq!(third.make(&info), Err(Errno::INVAL));
    assert!(partner.make(&info).is_ok(), "nothing was used up");
}

// A token of nobody.
fn an_info_that_nobody_made_is_invalid() {
    let mut partner = Partner::beside_this();
    let socket = Socket::tcp(AF_INET);
    let mut info = info_for(&partner, &socket);
    info.dwProviderReserved ^= 0x55;
    assert_eq!(partner.make(&info), Err(Errno::INVAL));
}

// The state goes along: mode, time limits, options.
fn the_duplicate_has_the_state_of_its_source() {
    let mut partner = Partner::beside_this();
    let socket = Socket::bound_udp(AF_INET);
    socket.set_nonblocking(true).expect("any socket takes it");
    for (option, value) in [(SO_RCVTIMEO, 1234), (SO_BROADCAST, 1), (SO_SNDBUF, 30_000)] {
        assert_eq!(socket.set_option(SOL_SOCKET, option, value), Ok(()));
    }
    let twin = partner.make(&info_for(&partner, &socket));
    let twin = twin.expect("the info makes a socket");
    assert_eq!(partner.receive(twin, 1), Err(Errno::WOULDBLOCK));
    for (option, value) in [(SO_RCVTIMEO, 1234), (SO_BROADCAST, 1), (SO_SNDBUF, 30_000)] {
        assert_eq!(partner.option(twin, SOL_SOCKET, option), Ok(value));
    }
    let sender = Socket::udp(AF_INET);
    let to = socket.name().expect("it is bound");
    assert_eq!(sender.send_to(b"to the name", to), Ok(11));
    let received = wait::until_some("the datagram", || partner.receive(twin, 20).ok());
    assert_eq!(received, b"to the name");
}

// A listener: either process may accept.
fn a_listener_takes_connections_in_another_process() {
    let mut partner = Partner::beside_this();
    let listener = Socket::listener(AF_INET);
    let twin = partner.make(&info_for(&partner, &listener));
    let twin = twin.expect("the info makes a socket");
    assert_eq!(partner.option(twin, SOL_SOCKET, SO_ACCEPTCONN), Ok(1));
    let to = listener.name().expect("it has one");
    drop(listener);
    let client = Socket::tcp(AF_INET);
    assert_eq!(client.connect(to), Ok(()));
    let accepted = partner.accept(twin).expect("the connection is there");
    assert_eq!(partner.send(accepted, b"hello"), Ok(5));
    let mut room = [0; 5];
    client.recv_exact(&mut room);
    assert_eq!(partner.close(accepted), Ok(()));
    assert_eq!(client.recv(&mut room, 0), Ok(0));
}

// A process that has ended is none.
fn a_process_that_has_ended_is_invalid() {
    let partner = Partner::beside_this();
    let id = partner.id();
    drop(partner);
    let socket = Socket::tcp(AF_INET);
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    // SAFETY: the info is a live local.
    let duplicated = unsafe { winsock::WSADuplicateSocketW(socket.raw(), id, &raw mut info) };
    assert_eq!(checked(duplicated), Err(Errno::INVAL));
}

// Also for another process the process is looked at before the info.
fn a_duplicate_for_another_process_needs_a_place_for_the_info() {
    let partner = Partner::beside_this();
    let socket = Socket::tcp(AF_INET);
    let nowhere = std::ptr::null_mut();
    // SAFETY: NULL is allowed.
    let duplicated = unsafe { winsock::WSADuplicateSocketW(socket.raw(), partner.id(), nowhere) };
    assert_eq!(checked(duplicated), Err(Errno::FAULT));
}

// DIFFERS (base/duplicate.rs): as long as this process has data to send, a socket of ours is not duplicated for another one:
// WSAEINPROGRESS. On Windows they wait with the socket, not with the process.
fn what_a_duplicate_sends_comes_behind_what_was_sent_before() {
    let mut partner = Partner::beside_this();
    let (client, server) = Socket::pair(AF_INET);
    client.set_nonblocking(true).expect("any socket takes it");
    // More than the buffers of two sockets hold.
    let mut rest = vec![7; 20 << 20];
    let taken = client.send(&rest, 0).expect("a socket takes something");
    rest.truncate(taken);
    let early = match duplicate_for(&partner, &client) {
        Ok(info) => Some(info),
        Err(error) => {
            assert_eq!(error, Errno::INPROGRESS);
            None
        }
    };
    server.recv_exact(&mut rest);
    assert!(rest.iter().all(|byte| *byte == 7));
    let late = || wait::until_some("the data are out", || duplicate_for(&partner, &client).ok());
    let info = early.unwrap_or_else(late);
    let twin = partner.make(&info).expect("the info makes a socket");
    assert_eq!(partner.send(twin, b"behind them"), Ok(11));
    let mut room = [0; 11];
    server.recv_exact(&mut room);
    assert_eq!(&room, b"behind them");
}

/// A stream whose server was closed with a linger time of nothing, while the other process had it still: its client, and the
/// other process's handle.
fn closed_abortively(partner: &mut Partner) -> (Socket, u32) {
    let (client, server) = Socket::pair(AF_INET);
    let linger = [1u16.to_ne_bytes(), 0u16.to_ne_bytes()].concat();
    let set = server.set_option_bytes(SOL_SOCKET, SO_LINGER, &linger);
    assert_eq!(set, Ok(()));
    let twin = partner.make(&info_for(partner, &server));
    let twin = twin.expect("the info makes a socket");
    drop(server);
    (client, twin)
}

// The stream goes on.
fn a_duplicate_outlives_an_abortive_close() {
    let mut partner = Partner::beside_this();
    let (client, twin) = closed_abortively(&mut partner);
    assert_eq!(partner.send(twin, b"x"), Ok(1));
    assert_eq!(client.recv(&mut [0], 0), Ok(1));
    assert_eq!(client.send(b"y", 0), Ok(1));
    assert_eq!(partner.receive(twin, 1).as_deref(), Ok(&b"y"[..]));
}

// It is reset when the last one has it closed.
fn an_abortive_close_resets_with_the_last_duplicate() {
    let mut partner = Partner::beside_this();
    let (client, twin) = closed_abortively(&mut partner);
    assert_eq!(partner.close(twin), Ok(()));
    assert_eq!(client.recv(&mut [0], 0), Err(Errno::CONNRESET));
}
