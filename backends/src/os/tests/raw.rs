//! Raw sockets, which only a privileged process has.

use super::*;
use crate::net::SocketOption;

/// RFC 3692: a protocol number for experiments.
const PROTOCOL: i32 = 253;

/// A raw socket, or `None` when the process may not have one, which must be what the error says.
fn raw(family: Family) -> Option<Socket> {
    match System.socket(family, Kind::Raw, PROTOCOL) {
        Ok(socket) => Some(socket),
        Err(error) => {
            assert_eq!(error, Errno::ACCES);
            None
        }
    }
}

// P19, P153: ACCES without the privilege; with it, IPv4 comes with its header.
#[test]
fn a_raw_ipv4_packet_comes_with_its_header() {
    let (Some(sender), Some(receiver)) = (raw(Family::Inet), raw(Family::Inet)) else {
        return;
    };
    receiver.bind(&loopback(Family::Inet, 0)).unwrap();
    send_to(&sender, b"raw", &loopback(Family::Inet, 0)).unwrap();
    let mut room = [0; 64];
    let received = recv_ready(&receiver, &mut room).unwrap();
    assert_eq!(received.bytes, 23);
    assert_eq!(
        (room[0] >> 4, i32::from(room[9]), &room[20..23]),
        (4, PROTOCOL, &b"raw"[..])
    );
}

// An IPv6 packet comes without.
#[test]
fn a_raw_ipv6_packet_comes_without_a_header() {
    let (Some(sender), Some(receiver)) = (raw(Family::Inet6), raw(Family::Inet6)) else {
        return;
    };
    receiver.bind(&loopback(Family::Inet6, 0)).unwrap();
    send_to(&sender, b"raw", &loopback(Family::Inet6, 0)).unwrap();
    let mut room = [0; 64];
    let received = recv_ready(&receiver, &mut room).unwrap();
    assert_eq!(&room[..received.bytes], b"raw");
}

// 2.5: IP_HDRINCL.
#[test]
fn the_header_can_be_included() {
    let Some(socket) = raw(Family::Inet) else {
        return;
    };
    assert_eq!(socket.option(SocketOption::IpHeaderIncluded), Ok(0));
    socket
        .set_option(SocketOption::IpHeaderIncluded, 1)
        .unwrap();
    assert_eq!(socket.option(SocketOption::IpHeaderIncluded), Ok(1));
}
