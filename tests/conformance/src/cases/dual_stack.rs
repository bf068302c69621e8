//! IPv6 sockets that carry IPv4 too, and the option that says so.

use crate::socket::loopback;
use crate::{Socket, cases, ports};
use std::net::SocketAddr;
use ws2spi_abi::*;

cases! {
    a_fresh_ipv6_socket_carries_ipv6_only: [P64], [Tcp, Udp, Ipv6];
    an_ipv6_listener_gets_no_ipv4_connections_by_default: [P64], [Tcp, Ipv6];
    v6only_can_be_set_before_bind: [P65], [Tcp, Udp, Ipv6];
    v6only_can_be_set_before_bind_on_ipv4_sockets_too: [P65], [Tcp, Udp, Ipv6];
    a_dual_stack_listener_sees_ipv4_peers_as_mapped_addresses: [P66], [Tcp, Ipv6];
    a_dual_stack_datagram_socket_sees_ipv4_senders_as_mapped_addresses: [P66], [Udp, Ipv6];
}

// Streams and datagrams.
fn a_fresh_ipv6_socket_carries_ipv6_only() {
    for socket in [Socket::tcp(AF_INET6), Socket::udp(AF_INET6)] {
        assert_eq!(socket.option(IPPROTO_IPV6, IPV6_V6ONLY), Ok(1));
    }
}

// So an IPv4 client finds nobody.
fn an_ipv6_listener_gets_no_ipv4_connections_by_default() {
    let port = ports::free();
    let listener = Socket::tcp(AF_INET6);
    let any = SocketAddr::from(([0u16; 8], port));
    listener.bind(any).expect("the port is free");
    listener.listen(1).expect("a bound socket listens");
    let client = Socket::tcp(AF_INET);
    assert_eq!(
        client.connect(SocketAddr::from(([127, 0, 0, 1], port))),
        Err(Errno::CONNREFUSED)
    );
}

/// The value is kept, and after bind it stays.
fn set_v6only_before_bind(family: i32) {
    for kind in [SOCK_STREAM, SOCK_DGRAM] {
        let socket = Socket::new(family, kind, 0).expect("a socket");
        assert_eq!(socket.option(IPPROTO_IPV6, IPV6_V6ONLY), Ok(1));
        assert_eq!(socket.set_option(IPPROTO_IPV6, IPV6_V6ONLY, 0), Ok(()));
        assert_eq!(socket.option(IPPROTO_IPV6, IPV6_V6ONLY), Ok(0));
        assert_eq!(socket.set_option(IPPROTO_IPV6, IPV6_V6ONLY, 1), Ok(()));
        assert_eq!(socket.option(IPPROTO_IPV6, IPV6_V6ONLY), Ok(1));
        socket.bind(loopback(family)).expect("loopback is free");
        assert_eq!(
            socket.set_option(IPPROTO_IPV6, IPV6_V6ONLY, 0),
            Err(Errno::INVAL)
        );
        assert_eq!(socket.option(IPPROTO_IPV6, IPV6_V6ONLY), Ok(1));
    }
}

fn v6only_can_be_set_before_bind() {
    set_v6only_before_bind(AF_INET6);
}

fn v6only_can_be_set_before_bind_on_ipv4_sockets_too() {
    set_v6only_before_bind(AF_INET);
}

// Accept and getpeername agree; an IPv6 peer keeps its own address.
fn a_dual_stack_listener_sees_ipv4_peers_as_mapped_addresses() {
    let port = ports::free();
    let listener = Socket::tcp(AF_INET6);
    listener
        .set_option(IPPROTO_IPV6, IPV6_V6ONLY, 0)
        .expect("an unbound socket can carry both families");
    listener
        .bind(SocketAddr::from(([0u16; 8], port)))
        .expect("the port is free");
    listener.listen(2).expect("a bound socket listens");

    let client = Socket::tcp(AF_INET);
    client
        .connect(SocketAddr::from(([127, 0, 0, 1], port)))
        .expect("the listener carries IPv4");
    let (server, from) = listener.accept().expect("the connection is there");
    let client_port = client.name().expect("it is connected").port();
    let mapped = SocketAddr::new("::ffff:127.0.0.1".parse().expect("an address"), client_port);
    assert_eq!(from.to_ip(), Some(mapped));
    assert_eq!(server.peer(), Ok(mapped));

    let client = Socket::tcp(AF_INET6);
    client
        .connect(SocketAddr::new("::1".parse().expect("an address"), port))
        .expect("the listener carries IPv6");
    let (_server, from) = listener.accept().expect("the connection is there");
    assert_eq!(from.to_ip(), client.name().ok());
}

// Datagrams from both families.
fn a_dual_stack_datagram_socket_sees_ipv4_senders_as_mapped_addresses() {
    let receiver = Socket::udp(AF_INET6);
    receiver
        .set_option(IPPROTO_IPV6, IPV6_V6ONLY, 0)
        .expect("an unbound socket can carry both families");
    let port = ports::free();
    receiver
        .bind(SocketAddr::from(([0u16; 8], port)))
        .expect("the port is free");
    let sender = Socket::bound_udp(AF_INET);
    sender
        .send_to(b"x", SocketAddr::from(([127, 0, 0, 1], port)))
        .expect("a datagram can be sent");
    let (len, from) = receiver.recv_from(&mut [0; 4]).expect("it arrives");
    let sender_port = sender.name().expect("it is bound").port();
    let mapped = SocketAddr::new("::ffff:127.0.0.1".parse().expect("an address"), sender_port);
    assert_eq!((len, from.to_ip()), (1, Some(mapped)));
    assert_eq!(receiver.send_to(b"back", mapped), Ok(4));
    let (len, from) = sender.recv_from(&mut [0; 8]).expect("it arrives");
    assert_eq!(
        (len, from.to_ip()),
        (4, Some(SocketAddr::from(([127, 0, 0, 1], port))))
    );
}
