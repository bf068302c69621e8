//! Who may bind a name that somebody else has: SO_REUSEADDR, SO_EXCLUSIVEADDRUSE, and neither.

use crate::{Socket, cases, ports, wait};
use std::net::{IpAddr, SocketAddr};
use ws2spi_abi::*;

cases! {
    reuse_of_a_plain_sockets_address_is_refused: [P52], [Tcp, Ipv6];
    two_sockets_that_reuse_bind_and_listen: [P53], [Tcp, Ipv6];
    connections_go_to_the_listener_that_was_bound_first_until_it_closes: [P54], [Tcp, Ipv6];
    a_specific_listener_gets_its_connections_beside_a_wildcard_one: [P55], [Tcp, Ipv6];
    a_wildcard_listener_takes_over_when_the_specific_one_closes: [P55], [Tcp, Ipv6];
    two_wildcard_binds_on_one_port_are_in_use: [P56], [Tcp, Udp, Ipv6];
    reuse_and_exclusive_use_exclude_each_other_until_cleared: [P57], [Tcp, Ipv6];
    an_exclusive_wildcard_blocks_loopback: [P58], [Tcp, Ipv6];
    an_exclusive_loopback_does_not_block_the_wildcard: [P59], [Tcp, Ipv6];
    loopback_blocks_an_exclusive_wildcard: [P60], [Tcp, Ipv6];
    the_wildcards_of_both_families_coexist: [P61], [Tcp, Ipv6];
    the_listeners_of_both_families_coexist: ["base-provider.md 2.4"], [Tcp, Ipv6];
    an_exclusive_dual_stack_wildcard_blocks_the_ipv4_wildcard: [P62], [Tcp, Ipv6];
    a_mapped_address_conflicts_with_the_address_itself: [P63], [Tcp, Ipv6];
    the_listed_pairs_end_as_listed: [P58, P59, P60, P61, P62, P63], [Tcp, Ipv6];
    the_second_bind_ends_by_the_table_of_classes:
        ["win32 Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE, the table"], [Tcp, Udp];
    a_port_in_time_wait_can_be_bound_at_once: [P67], [Tcp, Ipv6];
}

/// What a socket says about sharing, before it binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Plain,
    Reuse,
    Exclusive,
}
use Class::{Exclusive, Plain, Reuse};

/// A socket of a class; one of IPv6 carries IPv4 too.
fn socket(kind: i32, ip: IpAddr, class: Class) -> Socket {
    let family = if ip.is_ipv4() { AF_INET } else { AF_INET6 };
    let socket = Socket::new(family, kind, 0).expect("a socket");
    if family == AF_INET6 {
        socket
            .set_option(IPPROTO_IPV6, IPV6_V6ONLY, 0)
            .expect("an unbound socket can carry both families");
    }
    let option = match class {
        Plain => return socket,
        Reuse => SO_REUSEADDR,
        Exclusive => SO_EXCLUSIVEADDRUSE,
    };
    socket
        .set_option(SOL_SOCKET, option, 1)
        .expect("an unbound socket has a choice");
    socket
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// Binds sockets to one free port; the answer of the last, whose predecessors must succeed.
fn bind_both(kind: i32, first: (&str, Class), second: (&str, Class)) -> Result<(), Errno> {
    let port = ports::free();
    let place = |(text, class): (&str, Class)| (socket(kind, ip(text), class), ip(text));
    let (one, at) = place(first);
    one.bind(SocketAddr::new(at, port))
        .expect("the port is free");
    let (two, at) = place(second);
    two.bind(SocketAddr::new(at, port))
}

/// A listener of a class on an address and port.
fn listener(text: &str, class: Class, port: u16) -> Socket {
    let listener = socket(SOCK_STREAM, ip(text), class);
    listener
        .bind(SocketAddr::new(ip(text), port))
        .expect("the name can be shared");
    listener.listen(16).expect("a bound socket listens");
    listener
}

/// Connects to an address; which of the listeners gets the connection.
fn taker(to: SocketAddr, listeners: &[&Socket]) -> usize {
    let client = Socket::tcp(if to.is_ipv4() { AF_INET } else { AF_INET6 });
    client.connect(to).expect("somebody listens");
    let name = client.name().expect("a connected socket has a name");
    // The end of the handshake may reach the listener after connect has returned.
    wait::until_some("somebody has the connection", || {
        listeners.iter().position(|listener| {
            listener.set_nonblocking(true).expect("FIONBIO");
            match listener.accept() {
                Ok((_server, from)) => {
                    let from = from.to_ip().expect("an IP address");
                    assert_eq!(from.port(), name.port());
                    true
                }
                Err(error) => {
                    assert_eq!(error, Errno::WOULDBLOCK);
                    false
                }
            }
        })
    })
}

// The first did not allow it.
fn reuse_of_a_plain_sockets_address_is_refused() {
    for address in ["127.0.0.1", "0.0.0.0", "::1", "::"] {
        assert_eq!(
            bind_both(SOCK_STREAM, (address, Plain), (address, Reuse)),
            Err(Errno::ACCES),
            "{address}"
        );
    }
}

// With the same address, and both listen.
fn two_sockets_that_reuse_bind_and_listen() {
    for address in ["127.0.0.1", "0.0.0.0", "::1", "::"] {
        let port = ports::free();
        let first = socket(SOCK_STREAM, ip(address), Reuse);
        let second = socket(SOCK_STREAM, ip(address), Reuse);
        for socket in [&first, &second] {
            assert_eq!(socket.bind(SocketAddr::new(ip(address), port)), Ok(()));
        }
        assert_eq!((first.listen(1), second.listen(1)), (Ok(()), Ok(())));
    }
}

// Bound first, not listening first.
fn connections_go_to_the_listener_that_was_bound_first_until_it_closes() {
    for address in ["127.0.0.1", "::1"] {
        let port = ports::free();
        let to = SocketAddr::new(ip(address), port);
        let first = listener(address, Reuse, port);
        let second = listener(address, Reuse, port);
        for _ in 0..8 {
            assert_eq!(taker(to, &[&second, &first]), 1);
        }
        first.close().expect("a listener can be closed");
        for _ in 0..8 {
            assert_eq!(taker(to, &[&second]), 0);
        }
    }
}

// In either order; other local addresses are the wildcard's.
fn a_specific_listener_gets_its_connections_beside_a_wildcard_one() {
    for wildcard_first in [true, false] {
        let port = ports::free();
        let [specific, wildcard] = if wildcard_first {
            let wildcard = listener("0.0.0.0", Plain, port);
            [listener("127.0.0.1", Plain, port), wildcard]
        } else {
            let specific = listener("127.0.0.1", Plain, port);
            [specific, listener("0.0.0.0", Plain, port)]
        };
        let both = [&specific, &wildcard];
        let to = |text| SocketAddr::new(ip(text), port);
        assert_eq!(taker(to("127.0.0.1"), &both), 0);
        assert_eq!(taker(to("127.0.0.2"), &both), 1);
    }
}

// The wildcard gets everything when the specific one has gone.
fn a_wildcard_listener_takes_over_when_the_specific_one_closes() {
    let port = ports::free();
    let wildcard = listener("0.0.0.0", Plain, port);
    let specific = listener("127.0.0.1", Plain, port);
    let to = SocketAddr::new(ip("127.0.0.1"), port);
    assert_eq!(taker(to, &[&wildcard, &specific]), 1);
    specific.close().expect("a listener can be closed");
    assert_eq!(taker(to, &[&wildcard]), 0);
}

// Both families.
fn two_wildcard_binds_on_one_port_are_in_use() {
    for kind in [SOCK_STREAM, SOCK_DGRAM] {
        for any in ["0.0.0.0", "::"] {
            assert_eq!(
                bind_both(kind, (any, Plain), (any, Plain)),
                Err(Errno::ADDRINUSE)
            );
        }
    }
}

// In both orders.
fn reuse_and_exclusive_use_exclude_each_other_until_cleared() {
    for (one, other) in [
        (SO_REUSEADDR, SO_EXCLUSIVEADDRUSE),
        (SO_EXCLUSIVEADDRUSE, SO_REUSEADDR),
    ] {
        let socket = Socket::tcp(AF_INET);
        let set = |option, value| socket.set_option(SOL_SOCKET, option, value);
        assert_eq!(set(one, 1), Ok(()));
        assert_eq!(set(other, 1), Err(Errno::INVAL));
        assert_eq!(socket.option(SOL_SOCKET, other), Ok(0));
        assert_eq!(set(one, 0), Ok(()));
        assert_eq!(set(other, 1), Ok(()));
        assert_eq!(socket.option(SOL_SOCKET, other), Ok(1));
    }
}

// And what the second asks for makes no difference.
fn an_exclusive_wildcard_blocks_loopback() {
    for second in [Plain, Exclusive] {
        assert_eq!(
            bind_both(SOCK_STREAM, ("0.0.0.0", Exclusive), ("127.0.0.1", second)),
            Err(Errno::ACCES)
        );
    }
    assert_eq!(
        bind_both(SOCK_STREAM, ("::", Exclusive), ("127.0.0.1", Plain)),
        Err(Errno::ACCES)
    );
}

// The wildcard comes later.
fn an_exclusive_loopback_does_not_block_the_wildcard() {
    assert_eq!(
        bind_both(SOCK_STREAM, ("127.0.0.1", Exclusive), ("0.0.0.0", Plain)),
        Ok(())
    );
}

// Also for the wildcard of both families.
fn loopback_blocks_an_exclusive_wildcard() {
    for wildcard in ["0.0.0.0", "::"] {
        assert_eq!(
            bind_both(SOCK_STREAM, ("127.0.0.1", Plain), (wildcard, Exclusive)),
            Err(Errno::ADDRINUSE),
            "{wildcard}"
        );
    }
}

// One of them is for both families.
fn the_wildcards_of_both_families_coexist() {
    assert_eq!(
        bind_both(SOCK_STREAM, ("::", Plain), ("0.0.0.0", Plain)),
        Ok(())
    );
}

// In the other order, and IPv4 connections go to the IPv4 listener.
fn the_listeners_of_both_families_coexist() {
    let port = ports::free();
    let v4 = listener("0.0.0.0", Plain, port);
    let dual = listener("::", Plain, port);
    let to = |text| SocketAddr::new(ip(text), port);
    assert_eq!(taker(to("127.0.0.1"), &[&dual, &v4]), 1);
    assert_eq!(taker(to("::1"), &[&dual, &v4]), 0);
}

// The exclusive one is first.
fn an_exclusive_dual_stack_wildcard_blocks_the_ipv4_wildcard() {
    assert_eq!(
        bind_both(SOCK_STREAM, ("::", Exclusive), ("0.0.0.0", Plain)),
        Err(Errno::ACCES)
    );
}

// One address in two families.
fn a_mapped_address_conflicts_with_the_address_itself() {
    let (mapped, plain) = (("::ffff:127.0.0.1", Plain), ("127.0.0.1", Plain));
    assert_eq!(bind_both(SOCK_STREAM, mapped, plain), Err(Errno::ADDRINUSE));
    assert_eq!(bind_both(SOCK_STREAM, plain, mapped), Err(Errno::ADDRINUSE));
}

// The rest of the list in sock.c:test_reuseaddr (base-provider.md 2.4), first and second socket.
fn the_listed_pairs_end_as_listed() {
    const IN_USE: Result<(), Errno> = Err(Errno::ADDRINUSE);
    let rows = [
        (("0.0.0.0", Plain), ("127.0.0.1", Exclusive), Ok(())),
        (("::1", Plain), ("0.0.0.0", Exclusive), Ok(())),
        (("::1", Exclusive), ("127.0.0.1", Exclusive), Ok(())),
        (("::ffff:127.0.0.1", Plain), ("0.0.0.0", Exclusive), IN_USE),
        (("::", Plain), ("0.0.0.0", Exclusive), Ok(())),
        (("0.0.0.0", Plain), ("0.0.0.0", Exclusive), IN_USE),
        (("::ffff:0.0.0.0", Plain), ("0.0.0.0", Plain), IN_USE),
        (("127.0.0.1", Exclusive), ("127.0.0.1", Plain), IN_USE),
        (("127.0.0.1", Plain), ("127.0.0.1", Exclusive), IN_USE),
    ];
    for (first, second, expected) in rows {
        assert_eq!(
            bind_both(SOCK_STREAM, first, second),
            expected,
            "{first:?} then {second:?}"
        );
    }
}

// The table of "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE".
fn the_second_bind_ends_by_the_table_of_classes() {
    const OK: Result<(), Errno> = Ok(());
    const USE: Result<(), Errno> = Err(Errno::ADDRINUSE);
    const ACC: Result<(), Errno> = Err(Errno::ACCES);
    const W: &str = "0.0.0.0";
    const S: &str = "127.0.0.1";
    let columns = [
        (W, Plain),
        (S, Plain),
        (W, Reuse),
        (S, Reuse),
        (W, Exclusive),
        (S, Exclusive),
    ];
    let rows = [
        [USE, OK, ACC, OK, USE, OK],
        [OK, USE, OK, ACC, USE, USE],
        [USE, OK, OK, OK, USE, OK],
        [OK, USE, OK, OK, USE, USE],
        [USE, ACC, ACC, ACC, USE, ACC],
        [OK, USE, OK, ACC, USE, USE],
    ];
    for kind in [SOCK_STREAM, SOCK_DGRAM] {
        for (first, row) in columns.into_iter().zip(rows) {
            for (second, expected) in columns.into_iter().zip(row) {
                assert_eq!(
                    bind_both(kind, first, second),
                    expected,
                    "type {kind}: {first:?} then {second:?}"
                );
            }
        }
    }
}

// The server closes first, so its name is in TIME_WAIT.
fn a_port_in_time_wait_can_be_bound_at_once() {
    for address in ["127.0.0.1", "::1"] {
        let port = ports::free();
        let to = SocketAddr::new(ip(address), port);
        let first = listener(address, Plain, port);
        let client = socket(SOCK_STREAM, ip(address), Plain);
        client.connect(to).expect("somebody listens");
        let (server, _) = first.accept().expect("the connection is there");
        server.close().expect("a connection can be closed");
        first.close().expect("a listener can be closed");
        assert_eq!(client.recv(&mut [0], 0), Ok(0));
        client.close().expect("a connection can be closed");

        let second = listener(address, Plain, port);
        assert_eq!(taker(to, &[&second]), 0);
    }
}
