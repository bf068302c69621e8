//! Making sockets: what the three numbers, an entry and the thread's open type come to.

use crate::socket::{self, checked_socket};
use crate::{Socket, cases, winsock};
use std::ptr;
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

cases! {
    a_stream_without_a_protocol_is_tcp_and_a_datagram_udp: [P6], [Tcp, Udp, Ipv6];
    tcp_without_a_type_is_a_stream_and_udp_a_datagram: [P7], [Tcp, Udp];
    a_family_alone_is_a_tcp_stream: [P8], [Tcp];
    a_protocol_of_another_type_is_not_supported: [P9], [Tcp, Udp];
    an_unknown_type_is_not_supported: [P10], [];
    an_unknown_protocol_is_not_supported: [P11], [Tcp];
    an_unknown_family_is_not_supported: [P12], [Tcp];
    an_unknown_family_wins_over_an_unknown_protocol: [P12], [];
    an_unknown_type_wins_over_an_unknown_family: [P13], [Tcp];
    three_zeroes_are_invalid: [P14], [];
    a_type_alone_is_invalid: [P15], [Tcp, Udp];
    a_protocol_alone_makes_a_socket: [P16], [Tcp, Udp];
    explicit_numbers_override_the_protocol_info: [P17], [Tcp, Udp];
    an_info_without_a_family_is_not_supported: [P18], [Tcp];
    the_open_type_belongs_to_the_thread: [P21, U164], [];
    a_socket_made_under_a_synchronous_open_type_is_not_overlapped: [P22, U153], [Tcp, Overlapped];
}

/// A number that is no family, type or protocol.
const BAD: i32 = 0xdead;

/// Family, type and protocol of a new socket by `SO_PROTOCOL_INFOW`.
fn made(family: i32, kind: i32, protocol: i32) -> Result<(i32, i32, i32), Errno> {
    Ok(numbers(&Socket::new(family, kind, protocol)?))
}

fn numbers(socket: &Socket) -> (i32, i32, i32) {
    let info = protocol_info(socket);
    (info.iAddressFamily, info.iSocketType, info.iProtocol)
}

fn protocol_info(socket: &Socket) -> WSAPROTOCOL_INFOW {
    let bytes = socket
        .option_bytes(
            SOL_SOCKET,
            SO_PROTOCOL_INFOW,
            size_of::<WSAPROTOCOL_INFOW>() as i32,
        )
        .expect("every socket has an entry");
    WSAPROTOCOL_INFOW::decode(&bytes).expect("the option is a whole structure")
}

fn wsa_socket(
    (family, kind, protocol): (i32, i32, i32),
    info: Option<&WSAPROTOCOL_INFOW>,
) -> Result<Socket, Errno> {
    let info = info.map_or(ptr::null(), ptr::from_ref);
    // SAFETY: the info is NULL or lives for the call.
    checked_socket(unsafe { winsock::WSASocketW(family, kind, protocol, info, 0, 1) })
}

// A type alone means its usual protocol.
fn a_stream_without_a_protocol_is_tcp_and_a_datagram_udp() {
    for family in [AF_INET, AF_INET6] {
        assert_eq!(
            made(family, SOCK_STREAM, 0),
            Ok((family, SOCK_STREAM, IPPROTO_TCP))
        );
        assert_eq!(
            made(family, SOCK_DGRAM, 0),
            Ok((family, SOCK_DGRAM, IPPROTO_UDP))
        );
    }
}

// A protocol alone means its type.
fn tcp_without_a_type_is_a_stream_and_udp_a_datagram() {
    assert_eq!(
        made(AF_INET, 0, IPPROTO_TCP),
        Ok((AF_INET, SOCK_STREAM, IPPROTO_TCP))
    );
    assert_eq!(
        made(AF_INET, 0, IPPROTO_UDP),
        Ok((AF_INET, SOCK_DGRAM, IPPROTO_UDP))
    );
}

// A family alone means TCP.
fn a_family_alone_is_a_tcp_stream() {
    assert_eq!(made(AF_INET, 0, 0), Ok((AF_INET, SOCK_STREAM, IPPROTO_TCP)));
}

// A type and another type's protocol.
fn a_protocol_of_another_type_is_not_supported() {
    assert_eq!(
        made(AF_INET, SOCK_STREAM, IPPROTO_UDP),
        Err(Errno::PROTONOSUPPORT)
    );
    assert_eq!(
        made(AF_INET, SOCK_DGRAM, IPPROTO_TCP),
        Err(Errno::PROTONOSUPPORT)
    );
}

// With and without a valid protocol.
fn an_unknown_type_is_not_supported() {
    assert_eq!(made(AF_INET, BAD, 0), Err(Errno::SOCKTNOSUPPORT));
    assert_eq!(made(AF_INET, BAD, BAD), Err(Errno::SOCKTNOSUPPORT));
}

// With and without a type.
fn an_unknown_protocol_is_not_supported() {
    assert_eq!(made(AF_INET, 0, BAD), Err(Errno::PROTONOSUPPORT));
    assert_eq!(made(AF_INET, SOCK_STREAM, BAD), Err(Errno::PROTONOSUPPORT));
}

// The family is what is wrong.
fn an_unknown_family_is_not_supported() {
    assert_eq!(made(BAD, SOCK_STREAM, IPPROTO_TCP), Err(Errno::AFNOSUPPORT));
}

// The family is looked at first.
fn an_unknown_family_wins_over_an_unknown_protocol() {
    assert_eq!(made(BAD, SOCK_STREAM, BAD), Err(Errno::AFNOSUPPORT));
}

// The type is looked at first.
fn an_unknown_type_wins_over_an_unknown_family() {
    assert_eq!(made(BAD, BAD, IPPROTO_TCP), Err(Errno::SOCKTNOSUPPORT));
    assert_eq!(made(BAD, BAD, 0), Err(Errno::SOCKTNOSUPPORT));
}

// Nothing at all.
fn three_zeroes_are_invalid() {
    assert_eq!(made(0, 0, 0), Err(Errno::INVAL));
}

// Neither family nor protocol.
fn a_type_alone_is_invalid() {
    assert_eq!(made(AF_UNSPEC, SOCK_STREAM, 0), Err(Errno::INVAL));
    assert_eq!(made(AF_UNSPEC, SOCK_DGRAM, 0), Err(Errno::INVAL));
    assert_eq!(made(AF_UNSPEC, BAD, 0), Err(Errno::INVAL));
}

// The family comes from the protocol.
fn a_protocol_alone_makes_a_socket() {
    assert_eq!(
        made(AF_UNSPEC, 0, IPPROTO_TCP),
        Ok((AF_INET, SOCK_STREAM, IPPROTO_TCP))
    );
    assert_eq!(
        made(AF_UNSPEC, 0, IPPROTO_UDP),
        Ok((AF_INET, SOCK_DGRAM, IPPROTO_UDP))
    );
}

// What the caller says wins over the entry, in each place.
fn explicit_numbers_override_the_protocol_info() {
    let udp = protocol_info(&Socket::udp(AF_INET));
    let from_info = (FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO);
    let plain = wsa_socket(from_info, Some(&udp)).expect("the info describes a socket");
    assert_eq!(plain.option(SOL_SOCKET, SO_TYPE), Ok(SOCK_DGRAM as u32));

    let stream = wsa_socket((0, SOCK_STREAM, IPPROTO_TCP), Some(&udp))
        .expect("type and protocol fit together");
    assert_eq!(stream.option(SOL_SOCKET, SO_TYPE), Ok(SOCK_STREAM as u32));
    stream
        .bind(socket::loopback(AF_INET))
        .expect("the family is the info's");
    stream.listen(1).expect("it is a stream");
}

// An info without a family.
fn an_info_without_a_family_is_not_supported() {
    let mut info = protocol_info(&Socket::tcp(AF_INET));
    info.iAddressFamily = -1;
    let from_info = (FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO);
    assert_eq!(wsa_socket(from_info, Some(&info)), Err(Errno::AFNOSUPPORT));
}

// Per thread, and no socket is needed to say it.
fn the_open_type_belongs_to_the_thread() {
    let open_type = || {
        let (mut value, mut len) = (0xffu32, 4);
        // SAFETY: value and length are live locals.
        let result = unsafe {
            winsock::getsockopt(
                INVALID_SOCKET,
                SOL_SOCKET,
                SO_OPENTYPE,
                (&raw mut value).cast(),
                &raw mut len,
            )
        };
        assert_eq!((result, len), (0, 4));
        value
    };
    set_open_type(SO_SYNCHRONOUS_ALERT as u32);
    assert_eq!(open_type(), SO_SYNCHRONOUS_ALERT as u32);
    let elsewhere = std::thread::spawn(open_type);
    assert_eq!(elsewhere.join().expect("it asks only"), 0);
    set_open_type(0);
    assert_eq!(open_type(), 0);
    // Four bytes at least.
    let value = 0u32.to_ne_bytes();
    let (none, level) = (INVALID_SOCKET, SOL_SOCKET);
    // SAFETY: a live local.
    let short = unsafe { winsock::setsockopt(none, level, SO_OPENTYPE, value.as_ptr(), 3) };
    assert_eq!(socket::checked(short), Err(Errno::FAULT));
}

fn set_open_type(value: u32) {
    // SAFETY: the value is a live local.
    let result = unsafe {
        winsock::setsockopt(
            INVALID_SOCKET,
            SOL_SOCKET,
            SO_OPENTYPE,
            (&raw const value).cast(),
            4,
        )
    };
    assert_eq!(result, 0);
}

// A socket that is not overlapped blocks for an OVERLAPPED, also when it is non-blocking.
fn a_socket_made_under_a_synchronous_open_type_is_not_overlapped() {
    set_open_type(SO_SYNCHRONOUS_NONALERT as u32);
    let client = Socket::tcp(AF_INET);
    set_open_type(0);
    let listener = Socket::listener(AF_INET);
    client
        .connect(listener.name().expect("a listener has a name"))
        .expect("loopback connects");
    let (server, _) = listener.accept().expect("the connection is there");
    client.set_nonblocking(true).expect("FIONBIO");
    client
        .set_option(SOL_SOCKET, SO_RCVTIMEO, 20)
        .expect("a time limit");
    assert_eq!(
        receive_overlapped(&client, &mut [0; 4]),
        Err(Errno::TIMEDOUT)
    );
    server.send(b"data", 0).expect("the stream takes data");
    client
        .set_option(SOL_SOCKET, SO_RCVTIMEO, 0)
        .expect("no time limit");
    let mut room = [0; 4];
    assert_eq!(receive_overlapped(&client, &mut room), Ok(4));
    assert_eq!(&room, b"data");
}

/// `WSARecv` with an OVERLAPPED.
fn receive_overlapped(s: &Socket, room: &mut [u8]) -> Result<u32, Errno> {
    let mut overlapped = OVERLAPPED::EMPTY;
    let (mut count, mut flags) = (0, 0);
    let buffer = WSABUF {
        len: room.len() as u32,
        buf: room.as_mut_ptr(),
    };
    // SAFETY: everything lives for the call, which does not pend: the assertions fail otherwise.
    let result = unsafe {
        winsock::WSARecv(
            s.raw(),
            &raw const buffer,
            1,
            &raw mut count,
            &raw mut flags,
            &raw mut overlapped,
            RawCallback::NULL,
        )
    };
    socket::checked(result).map(|_| count)
}
