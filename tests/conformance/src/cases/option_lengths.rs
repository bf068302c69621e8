//! The lengths of option values: how many bytes each option takes and gives (base-provider.md 2.5, the table of classes).

use crate::values::{self, UNTOUCHED};
use crate::{Socket, cases};
use ws2spi_abi::*;

cases! {
    reading_into_no_room_is_a_fault: [P309], [Tcp, Udp, Ipv6];
    reading_without_a_place_is_a_fault: ["base-provider.md 1.15"], [Tcp, Udp, Ipv6];
    setting_from_a_bogus_pointer_is_a_fault: ["base-provider.md 1.27"], [Tcp, Udp, Ipv6];
    an_empty_boolean_of_the_socket_level_is_taken: [P308], [Tcp, Udp, Ipv6];
    an_empty_boolean_is_false: ["base-provider.md 2.5"], [Tcp, Udp, Ipv6];
    an_empty_value_of_another_option_is_a_fault: [P308], [Tcp, Udp, Ipv6];
    booleans_have_any_length: ["base-provider.md 2.5, class A"], [Tcp, Udp, Ipv6];
    booleans_are_read_as_0_or_1: ["base-provider.md 2.5"], [Tcp, Udp, Ipv6];
    sizes_have_four_bytes: ["base-provider.md 2.5, class B"], [Tcp, Udp, Ipv6];
    numbers_have_four_bytes: ["base-provider.md 2.5, class C"], [Tcp, Udp, Ipv6];
    the_pending_error_is_read_into_four_bytes: ["base-provider.md 2.5, class C"], [Tcp, Udp];
    the_pending_error_is_set_by_four_bytes: ["sdk setsockopt, WSAEFAULT"], [Tcp, Udp];
    booleans_of_one_byte_say_a_length_of_1: [P312], [Tcp, Udp, Ipv6];
    booleans_of_one_byte_are_set_by_their_first_byte: [P307], [Tcp];
    strict_options_have_four_bytes: ["base-provider.md 2.5, class E"], [Udp, Ipv6];
    keep_alive_times_have_four_bytes: ["base-provider.md 2.5, class E"], [Tcp, KeepAliveTimes];
    keep_alive_times_have_a_value_and_a_place: [P308, P309], [Tcp, KeepAliveTimes];
    short_numbers_have_any_length_but_0: ["base-provider.md 2.5, class F"], [Udp, Ipv6];
    short_numbers_of_streams_have_any_length_but_0: ["base-provider.md 2.5, class F"], [Tcp];
}

/// A TCP socket and the options of a class that it has, then a UDP socket and its options.
fn sockets<'n>(stream: &'n [(i32, i32)], datagram: &'n [(i32, i32)]) -> Vec<(Socket, (i32, i32))> {
    let stream = stream.iter().map(|name| (Socket::tcp(AF_INET), *name));
    let family = |level| {
        if level == IPPROTO_IPV6 {
            AF_INET6
        } else {
            AF_INET
        }
    };
    let datagram = datagram
        .iter()
        .map(|name| (Socket::udp(family(name.0)), *name));
    stream.chain(datagram).collect()
}

/// Class A: truth values of any length.
fn booleans() -> Vec<(Socket, (i32, i32))> {
    sockets(
        &[
            (SOL_SOCKET, SO_DONTLINGER),
            (SOL_SOCKET, SO_OOBINLINE),
            (SOL_SOCKET, SO_REUSEADDR),
            (SOL_SOCKET, SO_EXCLUSIVEADDRUSE),
        ],
        &[(SOL_SOCKET, SO_BROADCAST)],
    )
}

/// Class B: four bytes, nothing else.
fn sizes() -> Vec<(Socket, (i32, i32))> {
    sockets(
        &[
            (SOL_SOCKET, SO_LINGER),
            (SOL_SOCKET, SO_RCVBUF),
            (SOL_SOCKET, SO_SNDBUF),
        ],
        &[(SOL_SOCKET, SO_RCVBUF)],
    )
}

/// Class C: four bytes, nothing else, and nothing is written before the failure.
fn numbers() -> Vec<(Socket, (i32, i32))> {
    let all = [(SOL_SOCKET, SO_RCVTIMEO), (SOL_SOCKET, SO_SNDTIMEO)];
    sockets(&all, &all)
}

/// The pending error, which is a number too.
fn errors() -> Vec<(Socket, (i32, i32))> {
    let error = [(SOL_SOCKET, SO_ERROR)];
    sockets(&error, &error)
}

/// Class D: truth values of one byte.
fn bytes() -> Vec<(Socket, (i32, i32))> {
    sockets(
        &[
            (SOL_SOCKET, SO_KEEPALIVE),
            (SOL_SOCKET, SO_DONTROUTE),
            (IPPROTO_TCP, TCP_NODELAY),
        ],
        &[(SOL_SOCKET, SO_DONTROUTE), (IPPROTO_IPV6, IPV6_V6ONLY)],
    )
}

/// Class E: four bytes, and a length of 0 with the failure.
fn strict() -> Vec<(Socket, (i32, i32))> {
    sockets(
        &[],
        &[
            (IPPROTO_IP, IP_PKTINFO),
            (IPPROTO_IP, IP_RECVTOS),
            (IPPROTO_IP, IP_RECVTTL),
            (IPPROTO_IPV6, IPV6_HOPLIMIT),
            (IPPROTO_IPV6, IPV6_PKTINFO),
            (IPPROTO_IPV6, IPV6_RECVTCLASS),
        ],
    )
}

/// Of class E too, where there are such options.
fn keep_alive_times() -> Vec<(Socket, (i32, i32))> {
    sockets(
        &[
            (IPPROTO_TCP, TCP_KEEPALIVE),
            (IPPROTO_TCP, TCP_KEEPCNT),
            (IPPROTO_TCP, TCP_KEEPINTVL),
        ],
        &[],
    )
}

/// Class F: numbers of any length but 0.
fn short_numbers() -> Vec<(Socket, (i32, i32))> {
    sockets(
        &[],
        &[
            (IPPROTO_IP, IP_MULTICAST_LOOP),
            (IPPROTO_IP, IP_MULTICAST_TTL),
            (IPPROTO_IP, IP_TOS),
            (IPPROTO_IP, IP_TTL),
            (IPPROTO_IPV6, IPV6_DONTFRAG),
            (IPPROTO_IPV6, IPV6_MULTICAST_HOPS),
            (IPPROTO_IPV6, IPV6_MULTICAST_LOOP),
            (IPPROTO_IPV6, IPV6_UNICAST_HOPS),
        ],
    )
}

/// Of class F too, on streams.
fn short_numbers_of_streams() -> Vec<(Socket, (i32, i32))> {
    sockets(&[(IPPROTO_IP, IP_TOS), (IPPROTO_IP, IP_TTL)], &[])
}

fn all() -> Vec<(Socket, (i32, i32))> {
    let classes = [
        booleans(),
        sizes(),
        numbers(),
        errors(),
        bytes(),
        strict(),
        short_numbers(),
        short_numbers_of_streams(),
    ];
    classes.into_iter().flatten().collect()
}

// For every option, and before anything is written.
fn reading_into_no_room_is_a_fault() {
    for (s, (level, name)) in all() {
        for len in [0, -1] {
            let got = values::get(&s, level, name, len);
            assert_eq!(got.result, Err(Errno::FAULT), "{level:#x} {name:#x} {len}");
        }
    }
}

fn reading_without_a_place_is_a_fault() {
    for (s, (level, name)) in all() {
        let nowhere = values::get_nowhere(&s, level, name, 4).0;
        assert_eq!(nowhere, Err(Errno::FAULT), "{level:#x} {name:#x}");
        let lengthless = values::get_without_length(&s, level, name);
        assert_eq!(lengthless, Err(Errno::FAULT), "{level:#x} {name:#x}");
    }
}

// NULL, and numbers that were passed by mistake.
fn setting_from_a_bogus_pointer_is_a_fault() {
    for (s, (level, name)) in all() {
        for address in [0, 1, 0xfff] {
            let set = values::set_at(&s, level, name, address, 4);
            assert_eq!(set, Err(Errno::FAULT), "{level:#x} {name:#x} {address}");
        }
    }
}

// Those of class A.
fn an_empty_boolean_of_the_socket_level_is_taken() {
    for (s, (level, name)) in booleans() {
        let empty = values::set(&s, level, name, [1, 0, 0, 0], 0);
        assert_eq!(empty, Ok(()), "{name:#x}");
    }
}

// Whatever stood there.
fn an_empty_boolean_is_false() {
    for (s, (level, name)) in booleans() {
        assert_eq!(s.set_option(level, name, 1), Ok(()), "{name:#x}");
        assert_eq!(s.option(level, name), Ok(1), "{name:#x}");
        let empty = values::set(&s, level, name, [1, 0, 0, 0], 0);
        assert_eq!(empty, Ok(()), "{name:#x}");
        assert_eq!(s.option(level, name), Ok(0), "{name:#x}");
    }
}

// Every other option needs a value, truth values of one byte too.
fn an_empty_value_of_another_option_is_a_fault() {
    let others = sizes()
        .into_iter()
        .chain(numbers())
        .chain(strict())
        .chain(short_numbers())
        .chain(short_numbers_of_streams())
        .chain(bytes());
    for (s, (level, name)) in others {
        let empty = values::set(&s, level, name, [1, 0, 0, 0], 0);
        assert_eq!(empty, Err(Errno::FAULT), "{level:#x} {name:#x}");
    }
}

// The length is 1 below four bytes, 4 from there on.
fn booleans_have_any_length() {
    for (s, (level, name)) in booleans() {
        for len in 1..=5 {
            assert_eq!(values::set(&s, level, name, [0; 4], len), Ok(()));
            assert_eq!(values::set(&s, level, name, [1, 0, 0, 0], len), Ok(()));
            let got = values::get(&s, level, name, len);
            let expected_len = if len < 4 { 1 } else { 4 };
            assert_eq!((got.result, got.len), (Ok(()), expected_len), "{name:#x}");
            assert_eq!(got.bytes[0], 1, "{name:#x}");
            assert!(got.bytes[1..len.min(4) as usize].iter().all(|b| *b == 0));
        }
    }
}

// Truth values are 0 or 1 when they are read.
fn booleans_are_read_as_0_or_1() {
    for (s, (level, name)) in booleans() {
        for value in [[2, 0, 0, 0], [0, 1, 0, 0]] {
            assert_eq!(values::set(&s, level, name, value, 4), Ok(()));
            assert_eq!(s.option(level, name), Ok(1), "{name:#x} {value:?}");
        }
    }
}

// A short read fails and leaves zeroes.
fn sizes_have_four_bytes() {
    for (s, (level, name)) in sizes() {
        for len in 1..4 {
            let set = values::set(&s, level, name, [1; 4], len);
            assert_eq!(set, Err(Errno::FAULT), "{name:#x}");
            let got = values::get(&s, level, name, len);
            assert_eq!(got.result, Err(Errno::FAULT), "{name:#x}");
            assert!(got.bytes.iter().all(|byte| *byte == 0), "{name:#x}");
        }
        let got = values::get(&s, level, name, 5);
        assert_eq!((got.result, got.len), (Ok(()), 4), "{name:#x}");
    }
}

fn numbers_have_four_bytes() {
    are_set_by_four_bytes(&numbers());
    are_read_into_four_bytes(numbers());
}

fn the_pending_error_is_read_into_four_bytes() {
    are_read_into_four_bytes(errors());
}

fn the_pending_error_is_set_by_four_bytes() {
    are_set_by_four_bytes(&errors());
}

fn are_set_by_four_bytes(options: &[(Socket, (i32, i32))]) {
    for (s, (level, name)) in options {
        for len in 1..4 {
            let set = values::set(s, *level, *name, [1; 4], len);
            assert_eq!(set, Err(Errno::FAULT), "{name:#x}");
        }
    }
}

fn are_read_into_four_bytes(options: Vec<(Socket, (i32, i32))>) {
    for (s, (level, name)) in options {
        for len in 1..4 {
            let got = values::get(&s, level, name, len);
            assert_eq!(got.result, Err(Errno::FAULT), "{name:#x}");
        }
        let got = values::get(&s, level, name, 5);
        assert_eq!((got.result, got.len), (Ok(()), 4), "{name:#x}");
    }
}

// Whatever the room, the length that comes back is 1.
fn booleans_of_one_byte_say_a_length_of_1() {
    for (s, (level, name)) in bytes() {
        assert_eq!(values::set(&s, level, name, [1, 0, 0, 0], 1), Ok(()));
        for len in 1..=5 {
            let got = values::get(&s, level, name, len);
            assert_eq!((got.result, got.len), (Ok(()), 1), "{name:#x}");
            assert_eq!(got.bytes[0], 1, "{name:#x}");
        }
    }
}

// The first byte alone counts.
fn booleans_of_one_byte_are_set_by_their_first_byte() {
    let (s, level, name) = (Socket::tcp(AF_INET), IPPROTO_TCP, TCP_NODELAY);
    for len in 1..=4 {
        assert_eq!(values::set(&s, level, name, [1, 0, 0, 0], len), Ok(()));
        assert_eq!(s.option(level, name), Ok(1));
        assert_eq!(values::set(&s, level, name, [0, 1, 0, 0], len), Ok(()));
        assert_eq!(s.option(level, name), Ok(0), "0x100 is FALSE");
    }
}

fn strict_options_have_four_bytes() {
    have_four_bytes_or_none(strict());
}

fn keep_alive_times_have_four_bytes() {
    have_four_bytes_or_none(keep_alive_times());
}

// Empty values, no room and no place, as of every other option.
fn keep_alive_times_have_a_value_and_a_place() {
    let fault = Err(Errno::FAULT);
    for (s, (level, name)) in keep_alive_times() {
        assert_eq!(values::set(&s, level, name, [1, 0, 0, 0], 0), fault);
        for address in [0, 1, 0xfff] {
            assert_eq!(values::set_at(&s, level, name, address, 4), fault);
        }
        for len in [0, -1] {
            assert_eq!(values::get(&s, level, name, len).result, fault);
        }
        assert_eq!(values::get_nowhere(&s, level, name, 4).0, fault);
        assert_eq!(values::get_without_length(&s, level, name), fault);
    }
}

// A short read says a length of 0.
fn have_four_bytes_or_none(options: Vec<(Socket, (i32, i32))>) {
    for (s, (level, name)) in options {
        for len in 1..4 {
            let set = values::set(&s, level, name, [1, 0, 0, 0], len);
            assert_eq!(set, Err(Errno::FAULT), "{level} {name}");
            let got = values::get(&s, level, name, len);
            assert_eq!((got.result, got.len), (Err(Errno::FAULT), 0));
            assert!(got.bytes.iter().all(|byte| *byte == UNTOUCHED));
        }
        assert_eq!(values::set(&s, level, name, [1, 0, 0, 0], 4), Ok(()));
        let got = values::get(&s, level, name, 4);
        assert_eq!((got.result, got.len), (Ok(()), 4), "{level} {name}");
        assert_eq!(got.bytes, [1, 0, 0, 0], "{level} {name}");
    }
}

fn short_numbers_have_any_length_but_0() {
    have_any_length_but_0(short_numbers(), 1);
}

// Not 1: the two low bits of a stream's IP_TOS are the system's on Linux (ip(7)), also below another implementation.
fn short_numbers_of_streams_have_any_length_but_0() {
    have_any_length_but_0(short_numbers_of_streams(), 4);
}

// So many bytes as there are.
fn have_any_length_but_0(options: Vec<(Socket, (i32, i32))>, value: u8) {
    for (s, (level, name)) in options {
        for len in 1..=4 {
            let set = values::set(&s, level, name, [value, 0, 0, 0], len);
            assert_eq!(set, Ok(()), "{level} {name}");
            let got = values::get(&s, level, name, len);
            let expected_len = if len < 4 { 1 } else { 4 };
            assert_eq!((got.result, got.len), (Ok(()), expected_len));
            assert_eq!(got.bytes[0], value, "{level} {name}");
        }
    }
}
