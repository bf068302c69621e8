//! Ioctls about the socket itself: bytes that wait, marks, handles, keep-alive, extension functions.

use crate::controls::{Answer, UNTOUCHED, control, control_overlapped, control_without_count};
use crate::socket::loopback;
use crate::{Socket, cases, extensions, wait};
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

cases! {
    every_ioctl_needs_a_place_for_the_count: [P323], [Tcp];
    the_blocking_mode_is_a_dword: ["base-provider.md 2.8, FIONBIO"], [Udp];
    nothing_waits_in_a_socket_without_a_connection: [P324], [Tcp, Ipv6, Overlapped];
    counts_need_four_bytes_of_room: ["base-provider.md 2.8, FIONREAD and SIOCATMARK"], [Tcp];
    bytes_that_wait_are_counted: ["base-provider.md 2.8, FIONREAD"], [Tcp];
    urgent_bytes_are_not_counted_and_clear_the_mark: [P325], [Tcp];
    an_urgent_byte_is_counted_once_it_is_inline: [P325], [Tcp];
    an_urgent_byte_that_arrives_inline_leaves_the_mark: [P325], [Tcp];
    unknown_ioctls_are_not_supported: [P327], [Tcp, Udp];
    an_unknown_extension_function_is_invalid: [P328], [Tcp, Overlapped];
    extension_functions_are_found_by_their_identity: ["base-provider.md 2.8"], [Tcp];
    an_extension_function_needs_room: ["Microsoft, WSAIoctl, WSAEFAULT"], [Tcp];
    keep_alive_values_have_twelve_bytes: [P329], [Tcp];
    keep_alive_values_are_those_of_the_options: ["base-provider.md 2.8"], [Tcp];
    the_ideal_backlog_is_that_of_a_connection: [P330], [Tcp, Udp];
    the_base_handle_is_the_socket_of_the_base_provider: [P331], [Tcp];
    handles_need_room_for_a_socket: ["base-provider.md 2.8, SIO_BSP_HANDLE and its kin"], [Tcp];
    circular_queueing_is_taken_on_datagram_sockets: [P332], [Udp];
    the_poll_handle_is_not_given_overlapped: [P337], [Tcp, Overlapped];
    registered_io_is_refused_cleanly: [P338], [Tcp];
    ioctls_of_no_socket_are_no_socket: ["Microsoft, WSAIoctl, WSAENOTSOCK"], [Extensions];
    the_socket_of_an_ioctl_is_looked_at_first: ["base-provider.md 0.3"], [];
}

/// An answer of so many bytes.
const fn done(returned: u32) -> Answer {
    Answer {
        result: Ok(()),
        returned,
    }
}

/// The DWORD that an ioctl gives.
fn number(s: &Socket, code: u32) -> Result<u32, Errno> {
    let mut value = [0xaa; 4];
    let answer = control(s, code, None, Some(&mut value));
    answer.result.map(|()| {
        assert_eq!(answer.returned, 4);
        u32::from_ne_bytes(value)
    })
}

fn at_mark(s: &Socket) -> u32 {
    number(s, SIOCATMARK).expect("a stream has marks")
}

// For every code, also with an OVERLAPPED, before anything else is looked at.
fn every_ioctl_needs_a_place_for_the_count() {
    let s = Socket::tcp(AF_INET);
    for code in [
        FIONBIO,
        FIONREAD,
        SIOCATMARK,
        SIO_GET_EXTENSION_FUNCTION_POINTER,
        SIO_BASE_HANDLE,
        SIO_KEEPALIVE_VALS,
        SIO_ADDRESS_LIST_QUERY,
        SIO_GET_INTERFACE_LIST,
        SIO_ROUTING_INTERFACE_QUERY,
        SIO_IDEAL_SEND_BACKLOG_QUERY,
        0x1234,
    ] {
        let mut room = [0; 64];
        let result = control_without_count(&s, code, Some(&[0; 16]), Some(&mut room));
        assert_eq!(result, Err(Errno::FAULT), "{code:#x}");
    }
}

// Four bytes go in, nothing comes out.
fn the_blocking_mode_is_a_dword() {
    let s = Socket::bound_udp(AF_INET);
    for short in [None, Some(&[1][..]), Some(&[1, 0, 0][..])] {
        let answer = control(&s, FIONBIO, short, None);
        assert_eq!(answer.result, Err(Errno::FAULT), "{short:?}");
    }
    assert_eq!(
        control(&s, FIONBIO, Some(&[1, 0, 0, 0]), Some(&mut [0; 4])),
        done(0)
    );
    assert_eq!(s.recv(&mut [0; 8], 0), Err(Errno::WOULDBLOCK));
}

fn nothing_waits_in_a_socket_without_a_connection() {
    for family in [AF_INET, AF_INET6] {
        let (fresh, listener) = (Socket::tcp(family), Socket::listener(family));
        for s in [&fresh, &listener] {
            assert_eq!(number(s, FIONREAD), Ok(0));
            assert_eq!(at_mark(s), 1);
        }
    }
}

// Four bytes of room.
fn counts_need_four_bytes_of_room() {
    let s = Socket::tcp(AF_INET);
    for code in [FIONREAD, SIOCATMARK] {
        for room in [None, Some(&mut [0][..]), Some(&mut [0; 3][..])] {
            let answer = control(&s, code, None, room);
            assert_eq!(answer.result, Err(Errno::FAULT), "{code:#x}");
        }
    }
}

fn bytes_that_wait_are_counted() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(number(&server, FIONREAD), Ok(0));
    assert_eq!(client.send(b"hello", 0), Ok(5));
    wait::until("the data arrives", || number(&server, FIONREAD) == Ok(5));
    assert_eq!(server.recv(&mut [0; 2], 0), Ok(2));
    assert_eq!(number(&server, FIONREAD), Ok(3));
    assert_eq!(server.available(), Ok(3), "ioctlsocket says the same");
}

// Urgent bytes wait beside the stream; the mark is FALSE while one does.
fn urgent_bytes_are_not_counted_and_clear_the_mark() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(at_mark(&server), 1);
    assert_eq!(client.send(b"A", MSG_OOB as i32), Ok(1));
    wait::until("the urgent byte arrives", || at_mark(&server) == 0);
    assert_eq!(number(&server, FIONREAD), Ok(0));
    assert_eq!(client.send(b"data", 0), Ok(4));
    wait::until("the data arrives", || number(&server, FIONREAD) == Ok(4));
    assert_eq!(at_mark(&server), 0);

    let mut byte = [0];
    assert_eq!(server.recv(&mut byte, MSG_OOB as i32), Ok(1));
    assert_eq!(&byte, b"A");
    assert_eq!(at_mark(&server), 1);
    assert_eq!(number(&server, FIONREAD), Ok(4));
}

// 2.7: SO_OOBINLINE that comes later exposes the byte in the stream; the mark stays FALSE until it is read.
fn an_urgent_byte_is_counted_once_it_is_inline() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(client.send(b"A", MSG_OOB as i32), Ok(1));
    wait::until("the urgent byte arrives", || at_mark(&server) == 0);
    assert_eq!(server.set_option(SOL_SOCKET, SO_OOBINLINE, 1), Ok(()));
    assert_eq!(number(&server, FIONREAD), Ok(1));
    assert_eq!(at_mark(&server), 0);
    let mut byte = [0; 2];
    assert_eq!(server.recv(&mut byte, 0), Ok(1));
    assert_eq!(byte[0], b'A');
    assert_eq!((number(&server, FIONREAD), at_mark(&server)), (Ok(0), 1));
}

// 2.7: an urgent byte that comes when SO_OOBINLINE is on is data like any other.
fn an_urgent_byte_that_arrives_inline_leaves_the_mark() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(server.set_option(SOL_SOCKET, SO_OOBINLINE, 1), Ok(()));
    assert_eq!(client.send(b"A", MSG_OOB as i32), Ok(1));
    wait::until("the byte arrives", || number(&server, FIONREAD) == Ok(1));
    assert_eq!(at_mark(&server), 1);
}

// Without an OVERLAPPED, and the count is written.
fn unknown_ioctls_are_not_supported() {
    for s in [Socket::tcp(AF_INET), Socket::udp(AF_INET)] {
        for code in [0x1234_5678, SIO_FLUSH, 0x667e, IOC_WS2 | 0x7f] {
            let mut room = [0xaa; 8];
            let answer = control(&s, code, Some(&[0; 8]), Some(&mut room));
            let expected = Answer {
                result: Err(Errno::OPNOTSUPP),
                returned: 0,
            };
            assert_eq!(answer, expected, "{code:#x}");
            assert_eq!(room, [0xaa; 8]);
        }
    }
}

/// A GUID that no function has.
const NOBODY: GUID = GUID::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);

fn bytes_of(id: GUID) -> [u8; 16] {
    let mut bytes = [0; 16];
    id.encode(&mut bytes).expect("a GUID has 16 bytes");
    bytes
}

// With and without an OVERLAPPED: it fails within the call, so there is no completion.
fn an_unknown_extension_function_is_invalid() {
    let s = Socket::tcp(AF_INET);
    let code = SIO_GET_EXTENSION_FUNCTION_POINTER;
    let id = bytes_of(NOBODY);
    let mut room = [0xaa; 8];
    let answer = control(&s, code, Some(&id), Some(&mut room));
    assert_eq!(answer.result, Err(Errno::INVAL));
    assert_eq!(room, [0xaa; 8]);
    let answer = control_overlapped(&s, code, Some(&id), Some(&mut room));
    assert_eq!(answer.result, Err(Errno::INVAL));
}

// 16 bytes go in, a pointer comes out.
fn extension_functions_are_found_by_their_identity() {
    let s = Socket::tcp(AF_INET);
    let code = SIO_GET_EXTENSION_FUNCTION_POINTER;
    let id = bytes_of(WSAID_TRANSMITFILE);
    let mut room = [0; 8];
    assert_eq!(control(&s, code, Some(&id), Some(&mut room)), done(8));
    assert_ne!(room, [0; 8]);
}

// As much as a pointer needs, and an identity.
fn an_extension_function_needs_room() {
    let s = Socket::tcp(AF_INET);
    let id = bytes_of(WSAID_TRANSMITFILE);
    for (input, output) in [(&id[..15], 8), (&id[..], 7), (&[][..], 8)] {
        let mut room = vec![0; output];
        let code = SIO_GET_EXTENSION_FUNCTION_POINTER;
        let answer = control(&s, code, Some(input), Some(&mut room));
        assert_eq!(answer.result, Err(Errno::FAULT));
    }
}

/// Half a minute of silence, then a packet every second.
fn keep_alive_values() -> [u8; 12] {
    let values = tcp_keepalive {
        onoff: 1,
        keepalivetime: 30_000,
        keepaliveinterval: 1_000,
    };
    let mut bytes = [0; 12];
    values.encode(&mut bytes).expect("three numbers");
    bytes
}

fn keep_alive_values_have_twelve_bytes() {
    let s = Socket::tcp(AF_INET);
    let bytes = keep_alive_values();
    for short in [None, Some(&bytes[..0]), Some(&bytes[..11])] {
        let answer = control(&s, SIO_KEEPALIVE_VALS, short, None);
        assert_eq!(answer.result, Err(Errno::FAULT), "{short:?}");
    }
    assert_eq!(control(&s, SIO_KEEPALIVE_VALS, Some(&bytes), None), done(0));
}

// Set by either, read by the option.
fn keep_alive_values_are_those_of_the_options() {
    let s = Socket::tcp(AF_INET);
    let bytes = keep_alive_values();
    assert_eq!(control(&s, SIO_KEEPALIVE_VALS, Some(&bytes), None), done(0));
    assert_eq!(s.option(SOL_SOCKET, SO_KEEPALIVE), Ok(1));
    assert_eq!(s.option(IPPROTO_TCP, TCP_KEEPALIVE), Ok(30));
}

fn the_ideal_backlog_is_that_of_a_connection() {
    let code = SIO_IDEAL_SEND_BACKLOG_QUERY;
    assert_eq!(number(&Socket::tcp(AF_INET), code), Err(Errno::NOTCONN));
    let bound = Socket::tcp(AF_INET);
    bound
        .bind(loopback(AF_INET))
        .expect("loopback can be bound");
    assert_eq!(number(&bound, code), Err(Errno::NOTCONN));
    assert_eq!(number(&Socket::udp(AF_INET), code), Err(Errno::OPNOTSUPP));
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(number(&client, code), Ok(0x10000));
    assert_eq!(number(&server, code), Ok(0x10000));
}

/// The socket that an ioctl of the SIO_BSP_HANDLE family gives.
fn handle(s: &Socket, code: u32) -> SOCKET {
    let mut room = [0; 8];
    assert_eq!(
        control(s, code, None, Some(&mut room)),
        done(8),
        "{code:#x}"
    );
    SOCKET::from_ne_bytes(room)
}

// The base's socket. It is the application's own unless a layer gives sockets numbers of its own; what it names is the same
// connection in any case.
fn the_base_handle_is_the_socket_of_the_base_provider() {
    let (client, server) = Socket::pair(AF_INET);
    let base = handle(&client, SIO_BASE_HANDLE);
    let entry = client.entry().expect("every socket has an entry");
    let is_own = entry.dwServiceFlags1 & XP1_IFS_HANDLES != 0;
    assert_eq!(base == client.raw(), is_own);
    // The application's socket closes it; this is another name only.
    let base = std::mem::ManuallyDrop::new(Socket::from_raw(base));
    assert_eq!(base.name(), client.name());
    assert_eq!(base.send(b"through the base", 0), Ok(16));
    let mut room = [0; 16];
    server.recv_exact(&mut room);
    assert_eq!(&room, b"through the base");
    assert_eq!(handle(&base, SIO_BASE_HANDLE), base.raw());
}

// Room for a socket.
fn handles_need_room_for_a_socket() {
    let s = Socket::tcp(AF_INET);
    for code in [
        SIO_BASE_HANDLE,
        SIO_BSP_HANDLE,
        SIO_BSP_HANDLE_SELECT,
        SIO_BSP_HANDLE_POLL,
    ] {
        let _ = handle(&s, code);
        let answer = control(&s, code, None, Some(&mut [0; 7]));
        assert_eq!(answer.result, Err(Errno::FAULT), "{code:#x}");
    }
}

fn circular_queueing_is_taken_on_datagram_sockets() {
    let s = Socket::udp(AF_INET);
    assert_eq!(
        control(&s, SIO_ENABLE_CIRCULAR_QUEUEING, None, None),
        done(0)
    );
}

// The one code of the family that refuses an OVERLAPPED so.
fn the_poll_handle_is_not_given_overlapped() {
    let s = Socket::tcp(AF_INET);
    let mut room = [0xaa; 8];
    let answer = control_overlapped(&s, SIO_BSP_HANDLE_POLL, None, Some(&mut room));
    assert_eq!(answer.result, Err(Errno::FAULT));
    assert_eq!(room, [0xaa; 8]);
}

/// What names the table of registered I/O (mswsock.h, WSAID_MULTIPLE_RIO).
const REGISTERED_IO: GUID = GUID::from_u128(0x8509_e081_96dd_4005_b165_9e2e_e8c7_9e3f);

// There is no registered I/O: a clean failure, and the table is as it was.
fn registered_io_is_refused_cleanly() {
    let s = Socket::tcp(AF_INET);
    let mut table = [0xaa; 104];
    let answer = control(
        &s,
        SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER,
        Some(&bytes_of(REGISTERED_IO)),
        Some(&mut table),
    );
    assert!(
        [Err(Errno::INVAL), Err(Errno::OPNOTSUPP)].contains(&answer.result),
        "{answer:?}"
    );
    assert!([0, UNTOUCHED].contains(&answer.returned), "{answer:?}");
    assert_eq!(table, [0xaa; 104]);
    assert_eq!(s.bind(loopback(AF_INET)), Ok(()), "the socket is as it was");
}

// Before the code, and before there is a place for anything.
fn the_socket_of_an_ioctl_is_looked_at_first() {
    let gone = Socket::from_raw(INVALID_SOCKET);
    for code in [FIONREAD, SIO_BASE_HANDLE, 0x1234_5678] {
        assert_eq!(
            control_without_count(&gone, code, None, None),
            Err(Errno::NOTSOCK)
        );
    }
}

// Whatever is asked.
fn ioctls_of_no_socket_are_no_socket() {
    let gone = Socket::from_raw(INVALID_SOCKET);
    for code in [FIONREAD, SIOCATMARK, SIO_BASE_HANDLE] {
        let answer = control(&gone, code, None, Some(&mut [0; 8]));
        assert_eq!(answer.result, Err(Errno::NOTSOCK), "{code:#x}");
    }
    assert_eq!(
        extensions::find(&gone, WSAID_TRANSMITFILE),
        Err(Errno::NOTSOCK)
    );
}
