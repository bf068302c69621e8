//! Options: values are Windows', numbers are the system's.

use super::*;
use crate::net::SocketOption;
use crate::net::SocketOption::*;

/// Sets and reads back.
fn expect_round_trip(socket: &Socket, rows: &[(SocketOption, i32)]) {
    for (option, value) in rows {
        assert_eq!(
            socket.set_option(*option, *value),
            Ok(()),
            "set {option:?} {value}"
        );
        assert_eq!(socket.option(*option), Ok(*value), "read {option:?}");
    }
}

both_families! {
    // base-provider.md 2.5, SOL_SOCKET and IPPROTO_TCP.
    fn options_of_a_stream_read_back(family) {
        expect_round_trip(
            &stream(family),
            &[
                (KeepAlive, 1),
                (KeepAlive, 0),
                (OutOfBandInline, 1),
                (NoDelay, 1),
                (NoDelay, 0),
                (KeepIdle, 7200),
                (KeepInterval, 1),
                (KeepCount, 10),
                (RetransmitTimeout, 21),
                (FastOpen, 1),
                (SharePort, 1),
                (SharePort, 0),
            ],
        );
    }
}

// 2.5: booleans normalise to 1.
#[test]
fn booleans_are_0_or_1() {
    let socket = stream(Family::Inet);
    socket.set_option(NoDelay, 0x100).unwrap();
    assert_eq!(socket.option(NoDelay), Ok(1));
}

// 2.5, IPPROTO_IP.
#[test]
fn options_of_an_ipv4_datagram_socket_read_back() {
    expect_round_trip(
        &datagram(Family::Inet).0,
        &[
            (IpTypeOfService, 0x48),
            (IpTimeToLive, 255),
            (IpTimeToLive, 1),
            (IpMulticastTimeToLive, 0),
            (IpMulticastTimeToLive, 255),
            (IpMulticastLoop, 0),
            (IpMulticastLoop, 1),
            (IpDontFragment, 1),
            (IpDontFragment, 0),
            (IpPacketInfo, 1),
            (IpReceiveTimeToLive, 1),
            (IpReceiveTypeOfService, 1),
            (SharePort, 1),
        ],
    );
}

// 2.5, IPPROTO_IPV6.
#[test]
fn options_of_an_ipv6_datagram_socket_read_back() {
    expect_round_trip(
        &datagram(Family::Inet6).0,
        &[
            (Ipv6UnicastHops, 1),
            (Ipv6UnicastHops, 255),
            (Ipv6MulticastHops, 5),
            (Ipv6MulticastLoop, 0),
            (Ipv6DontFragment, 1),
            (Ipv6PacketInfo, 1),
            (Ipv6ReceiveHopLimit, 1),
            (Ipv6ReceiveTrafficClass, 1),
            (Ipv6TrafficClass, 0x48),
        ],
    );
}

// 2.5, V6ONLY: default 1, may be cleared before bind.
#[test]
fn an_ipv6_socket_is_ipv6_only_until_told_otherwise() {
    let socket = stream(Family::Inet6);
    assert_eq!(socket.option(Ipv6Only), Ok(1));
    expect_round_trip(&socket, &[(Ipv6Only, 0)]);
}

// P65: after bind a set fails.
#[test]
fn ipv6_only_is_too_late_after_bind() {
    let (socket, _) = datagram(Family::Inet6);
    assert_eq!(socket.set_option(Ipv6Only, 0), Err(Errno::INVAL));
}

// P66: IPv4 arrives as mapped addresses.
#[test]
fn a_dual_stack_socket_hears_ipv4() {
    let socket = System.socket(Family::Inet6, Kind::Datagram, 0).unwrap();
    socket.set_option(Ipv6Only, 0).unwrap();
    socket.bind(&Endpoint::unspecified(Family::Inet6)).unwrap();
    let port = socket.local_name().unwrap().port();
    let (sender, _) = datagram(Family::Inet);
    send_to(&sender, b"x", &loopback(Family::Inet, port)).unwrap();
    let from = recv_ready(&socket, &mut [0; 4]).unwrap().from.unwrap();
    let mapped = Ipv4Addr::LOCALHOST.to_ipv6_mapped();
    assert_eq!(from.ip(), Some(mapped.into()));
}

// P317: default 0 on datagram sockets.
#[test]
fn datagrams_may_be_fragmented_at_first() {
    assert_eq!(datagram(Family::Inet).0.option(IpDontFragment), Ok(0));
}

// 2.5, SO_SNDBUF, SO_RCVBUF: any size is taken; what the system makes of it is its own.
#[test]
fn a_buffer_of_no_bytes_is_taken() {
    let socket = stream(Family::Inet);
    for option in [SendBuffer, ReceiveBuffer] {
        assert_eq!(socket.set_option(option, 0), Ok(()));
        assert!(socket.option(option).unwrap() > 0);
        assert_eq!(socket.set_option(option, 65_536), Ok(()));
        assert!(socket.option(option).unwrap() >= 65_536);
    }
}

// P53: two sockets that both say so bind one name, and both listen.
#[test]
fn a_shared_name_has_two_listeners() {
    let first = stream(Family::Inet);
    first.set_option(SharePort, 1).unwrap();
    first.bind(&loopback(Family::Inet, 0)).unwrap();
    let second = stream(Family::Inet);
    second.set_option(SharePort, 1).unwrap();
    assert_eq!(second.bind(&first.local_name().unwrap()), Ok(()));
    assert_eq!((first.listen(1), second.listen(1)), (Ok(()), Ok(())));
}

// 2.4: datagram sockets too.
#[test]
fn a_shared_name_has_two_datagram_sockets() {
    let first = System.socket(Family::Inet, Kind::Datagram, 0).unwrap();
    first.set_option(SharePort, 1).unwrap();
    first.bind(&loopback(Family::Inet, 0)).unwrap();
    let name = first.local_name().unwrap();
    let second = System.socket(Family::Inet, Kind::Datagram, 0).unwrap();
    assert_eq!(second.bind(&name), Err(Errno::ADDRINUSE));
    second.set_option(SharePort, 1).unwrap();
    assert_eq!(second.bind(&name), Ok(()));
}

// 2.5, IP_MTU: read only; unconnected -> ENOTCONN.
#[test]
fn the_path_mtu_needs_a_peer_and_is_not_set() {
    let (socket, name) = datagram(Family::Inet);
    let expected = match socket.option(IpMtu) {
        // Not every system has the option.
        Err(Errno::NOPROTOOPT) => return,
        other => other,
    };
    assert_eq!(expected, Err(Errno::NOTCONN));
    socket.connect(&name).unwrap();
    assert!(socket.option(IpMtu).unwrap() > 1000);
    assert_eq!(socket.set_option(IpMtu, 1500), Err(Errno::INVAL));
}

// 2.5, IP_OPTIONS.
#[test]
fn header_options_read_back() {
    let (socket, _) = datagram(Family::Inet);
    // RFC 791: two times "no operation", "end", and padding.
    let options = [1, 1, 0, 0];
    socket.set_header_options(&options).unwrap();
    let mut room = [9; 40];
    let length = socket.header_options(&mut room).unwrap();
    assert_eq!(&room[..length], &options);
    socket.set_header_options(&[]).unwrap();
    assert_eq!(socket.header_options(&mut room), Ok(0));
}

// 2.2: ENOPROTOOPT, and not a number of another option.
#[test]
fn an_option_of_the_wrong_kind_of_socket_is_refused() {
    let (socket, _) = datagram(Family::Inet);
    assert!(socket.set_option(NoDelay, 1).is_err());
}
