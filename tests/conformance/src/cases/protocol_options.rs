//! The options of TCP, IP and IPV6.

use crate::{Socket, cases};
use ws2spi_abi::*;

cases! {
    numbers_of_more_than_one_byte_are_invalid: [P313], [Tcp, Udp, Ipv6];
    the_header_is_the_applications_on_raw_sockets_only: [P316], [Tcp, Udp];
    streams_do_not_fragment_and_datagrams_do: [P317], [Tcp, Udp];
    the_mtu_is_that_of_a_connection: [P320], [Tcp, Ipv6];
    memberships_cannot_be_read: [P321], [Tcp, Udp, Ipv6];
    streams_have_no_options_of_datagrams: ["base-provider.md 2.5, 'Wrong-type access'"],
        [Tcp, Ipv6];
    streams_tell_neither_arrival_nor_congestion: ["base-provider.md 2.5, 'Wrong-type access'"],
        [Tcp];
    keep_alive_times_are_those_of_windows: ["base-provider.md 2.5, IPPROTO_TCP"],
        [Tcp, KeepAliveTimes];
    a_keep_alive_count_has_one_byte: ["base-provider.md 2.5, IPPROTO_TCP"], [Tcp, KeepAliveTimes];
    small_sends_are_delayed_at_first: ["base-provider.md 2.5, IPPROTO_TCP"], [Tcp];
}

// And the others of its kind (2.5).
fn numbers_of_more_than_one_byte_are_invalid() {
    let (tcp, udp, udp6) = (
        Socket::tcp(AF_INET),
        Socket::udp(AF_INET),
        Socket::udp(AF_INET6),
    );
    for (s, level, name) in [
        (&tcp, IPPROTO_IP, IP_TTL),
        (&udp, IPPROTO_IP, IP_TTL),
        (&tcp, IPPROTO_IP, IP_TOS),
        (&udp, IPPROTO_IP, IP_MULTICAST_TTL),
        (&udp6, IPPROTO_IPV6, IPV6_UNICAST_HOPS),
        (&udp6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS),
    ] {
        let before = s.option(level, name).expect("it can be read");
        assert_eq!(
            s.set_option(level, name, 0x100),
            Err(Errno::INVAL),
            "{level} {name}"
        );
        assert_eq!(s.option(level, name), Ok(before), "{level} {name}");
    }
}

fn the_header_is_the_applications_on_raw_sockets_only() {
    for s in [Socket::tcp(AF_INET), Socket::udp(AF_INET)] {
        assert_eq!(s.option(IPPROTO_IP, IP_HDRINCL), Err(Errno::INVAL));
        assert_eq!(s.set_option(IPPROTO_IP, IP_HDRINCL, 1), Err(Errno::INVAL));
    }
}

fn streams_do_not_fragment_and_datagrams_do() {
    let stream = Socket::tcp(AF_INET);
    let datagram = Socket::udp(AF_INET);
    assert_eq!(stream.option(IPPROTO_IP, IP_DONTFRAGMENT), Ok(1));
    assert_eq!(datagram.option(IPPROTO_IP, IP_DONTFRAGMENT), Ok(0));
    for value in [1, 0] {
        assert_eq!(
            datagram.set_option(IPPROTO_IP, IP_DONTFRAGMENT, value),
            Ok(())
        );
        assert_eq!(datagram.option(IPPROTO_IP, IP_DONTFRAGMENT), Ok(value));
    }
}

// Without a peer there is no path.
fn the_mtu_is_that_of_a_connection() {
    for (family, level, name) in [
        (AF_INET, IPPROTO_IP, IP_MTU),
        (AF_INET6, IPPROTO_IPV6, IPV6_MTU),
    ] {
        assert_eq!(Socket::tcp(family).option(level, name), Err(Errno::NOTCONN));
        let (client, _server) = Socket::pair(family);
        let mtu = client.option(level, name).expect("a connection has a path");
        assert!(mtu >= 1280, "{mtu}");
    }
}

// There may be many of them.
fn memberships_cannot_be_read() {
    for s in [Socket::udp(AF_INET), Socket::tcp(AF_INET)] {
        for name in [
            IP_ADD_MEMBERSHIP,
            IP_DROP_MEMBERSHIP,
            IP_ADD_SOURCE_MEMBERSHIP,
            IP_DROP_SOURCE_MEMBERSHIP,
            IP_BLOCK_SOURCE,
            IP_UNBLOCK_SOURCE,
        ] {
            let read = s.option(IPPROTO_IP, name);
            assert_eq!(read, Err(Errno::NOPROTOOPT), "{name}");
        }
    }
    for s in [Socket::udp(AF_INET6), Socket::tcp(AF_INET6)] {
        for name in [IPV6_ADD_MEMBERSHIP, IPV6_DROP_MEMBERSHIP] {
            let read = s.option(IPPROTO_IPV6, name);
            assert_eq!(read, Err(Errno::NOPROTOOPT), "{name}");
        }
    }
}

// What is about single packets.
fn streams_have_no_options_of_datagrams() {
    let s = Socket::tcp(AF_INET);
    for name in [
        IP_MULTICAST_IF,
        IP_MULTICAST_TTL,
        IP_MULTICAST_LOOP,
        IP_PKTINFO,
        IP_RECVTTL,
        IP_RECVTOS,
    ] {
        let read = s.option(IPPROTO_IP, name);
        assert_eq!(read, Err(Errno::INVAL), "{name}");
    }
    let s = Socket::tcp(AF_INET6);
    for name in [
        IPV6_MULTICAST_HOPS,
        IPV6_MULTICAST_LOOP,
        IPV6_PKTINFO,
        IPV6_HOPLIMIT,
        IPV6_RECVTCLASS,
    ] {
        let read = s.option(IPPROTO_IPV6, name);
        assert_eq!(read, Err(Errno::INVAL), "{name}");
    }
}

// Of datagrams too.
fn streams_tell_neither_arrival_nor_congestion() {
    let s = Socket::tcp(AF_INET);
    for name in [IP_ORIGINAL_ARRIVAL_IF, IP_ECN] {
        let read = s.option(IPPROTO_IP, name);
        assert_eq!(read, Err(Errno::INVAL), "{name}");
    }
}

// Windows' defaults, not those of the system below.
fn keep_alive_times_are_those_of_windows() {
    let s = Socket::tcp(AF_INET);
    assert_eq!(s.option(IPPROTO_TCP, TCP_KEEPALIVE), Ok(7200));
    assert_eq!(s.option(IPPROTO_TCP, TCP_KEEPINTVL), Ok(1));
    assert_eq!(s.set_option(IPPROTO_TCP, TCP_KEEPALIVE, 60), Ok(()));
    assert_eq!(s.option(IPPROTO_TCP, TCP_KEEPALIVE), Ok(60));
}

fn a_keep_alive_count_has_one_byte() {
    let s = Socket::tcp(AF_INET);
    let before = s.option(IPPROTO_TCP, TCP_KEEPCNT);
    assert_eq!(
        s.set_option(IPPROTO_TCP, TCP_KEEPCNT, 0x100),
        Err(Errno::INVAL)
    );
    assert_eq!(s.option(IPPROTO_TCP, TCP_KEEPCNT), before);
}

// Nagle's algorithm.
fn small_sends_are_delayed_at_first() {
    assert_eq!(Socket::tcp(AF_INET).option(IPPROTO_TCP, TCP_NODELAY), Ok(0));
}
