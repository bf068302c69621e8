//! UDP: datagrams, their names and what travels beside them, reports.

use std::net::IpAddr;

use super::*;
use crate::net::PacketInfo;
use crate::net::SocketOption;

both_families! {
    // base-provider.md 1.22: a datagram comes with the name of its sender.
    fn a_datagram_comes_with_its_sender(family) {
        let (a, a_name) = datagram(family);
        let (b, b_name) = datagram(family);
        assert_eq!(send_to(&a, b"hello", &b_name), Ok(5));
        let mut room = [0; 16];
        let received = recv_ready(&b, &mut room).unwrap();
        assert_eq!((&room[..received.bytes], received.from), (&b"hello"[..], Some(a_name)));
        assert!(!received.truncated);
    }
}

both_families! {
    // P146, P148: the buffers are filled, the rest is discarded.
    fn a_long_datagram_is_truncated(family) {
        let (a, _) = datagram(family);
        let (b, b_name) = datagram(family);
        send_to(&a, b"too long", &b_name).unwrap();
        send_to(&a, b"next", &b_name).unwrap();
        let mut room = [0; 3];
        let received = recv_ready(&b, &mut room).unwrap();
        assert_eq!((&room, received.bytes, received.truncated), (b"too", 3, true));
        assert!(received.from.is_some());
        let mut room = [0; 16];
        let received = recv_ready(&b, &mut room).unwrap();
        assert_eq!(&room[..received.bytes], b"next");
    }
}

// 2.7: with MSG_PEEK the datagram stays whole.
#[test]
fn a_long_datagram_that_is_peeked_at_stays() {
    let (a, _) = datagram(Family::Inet);
    let (b, b_name) = datagram(Family::Inet);
    send_to(&a, b"too long", &b_name).unwrap();
    await_ready(&b, Interest::READ);
    let mut room = [0; 3];
    let peeked = b
        .recv(&mut [IoSliceMut::new(&mut room)], RecvFlags::PEEK)
        .unwrap();
    assert!(peeked.truncated);
    let mut room = [0; 16];
    assert_eq!(recv(&b, &mut room).unwrap().bytes, 8);
}

// P150: a datagram without data is a datagram.
#[test]
fn an_empty_datagram_arrives() {
    let (a, _) = datagram(Family::Inet);
    let (b, b_name) = datagram(Family::Inet);
    assert_eq!(send_to(&a, b"", &b_name), Ok(0));
    let received = recv_ready(&b, &mut [0; 4]).unwrap();
    assert_eq!((received.bytes, received.truncated), (0, false));
}

both_families! {
    // P184: larger than the protocol allows.
    fn a_datagram_that_is_too_long_is_refused(family) {
        let (a, a_name) = datagram(family);
        assert_eq!(send_to(&a, &[0; 65_536], &a_name), Err(Errno::MSGSIZE));
    }
}

// 2.6: the largest there is, in slices that the kernel does not take at once.
#[test]
fn the_largest_datagram_in_very_many_slices_arrives() {
    let (a, _) = datagram(Family::Inet);
    let (b, b_name) = datagram(Family::Inet);
    let data: Vec<u8> = (0..65_507u32).map(|byte| byte as u8).collect();
    let slices: Vec<IoSlice<'_>> = data.chunks(17).map(IoSlice::new).collect();
    let sent = a.send(&slices, SendFlags::NONE, Some(&b_name), &Control::NONE);
    assert_eq!(sent, Ok(65_507));
    await_ready(&b, Interest::READ);
    let mut room = vec![0; 65_507];
    let mut slices: Vec<IoSliceMut<'_>> = room.chunks_mut(13).map(IoSliceMut::new).collect();
    let received = b.recv(&mut slices, RecvFlags::NONE).unwrap();
    assert_eq!((received.bytes, received.truncated), (65_507, false));
    assert!(room == data);
}

// 2.2: EDESTADDRREQ.
#[test]
fn send_without_a_peer_needs_a_destination() {
    let (a, _) = datagram(Family::Inet);
    assert_eq!(send(&a, b"x"), Err(Errno::DESTADDRREQ));
}

both_families! {
    // P177; 8.4, 19: a datagram to port 0 goes nowhere and succeeds; the socket is bound by it.
    fn a_datagram_to_port_0_is_taken(family) {
        let socket = System.socket(family, Kind::Datagram, 0).unwrap();
        assert_eq!(send_to(&socket, b"four", &loopback(family, 0)), Ok(4));
        assert_ne!(socket.local_name().unwrap().port(), 0);
    }
}

both_families! {
    // P84, P87: Windows keeps the port when the association is dissolved, also one the system chose.
    fn disconnect_keeps_the_port(family) {
        let (_b, b_name) = datagram(family);
        let socket = System.socket(family, Kind::Datagram, 0).unwrap();
        assert_eq!(socket.connect(&b_name), Ok(Connecting::Done));
        let port = socket.local_name().unwrap().port();
        socket.disconnect().unwrap();
        assert_eq!(socket.local_name().unwrap().port(), port);
        assert_eq!(socket.peer_name(), Err(Errno::NOTCONN));
    }
}

// 2.6: a stream has no association to dissolve.
#[test]
fn disconnect_of_a_stream_is_not_supported() {
    assert_eq!(stream(Family::Inet).disconnect(), Err(Errno::OPNOTSUPP));
}

// P86: the kernel's broadcast option is on; who may broadcast is decided above.
#[test]
fn connect_to_broadcast_needs_no_option() {
    let socket = System.socket(Family::Inet, Kind::Datagram, 0).unwrap();
    let everybody = SocketAddr::from((Ipv4Addr::new(127, 255, 255, 255), 9));
    assert_eq!(socket.connect(&everybody.into()), Ok(Connecting::Done));
}

both_families! {
    // P151: ICMP port unreachable is CONNRESET of the next receive, once.
    fn a_report_fails_one_receive(family) {
        let (socket, _) = datagram(family);
        let (_nobody, name) = deserted(family, Kind::Datagram);
        socket.connect(&name).unwrap();
        send(&socket, b"x").unwrap();
        let ready = await_ready(&socket, Interest::READ);
        assert!(ready.contains(Readiness::ERROR), "{ready:?}");
        assert_eq!(recv(&socket, &mut [0; 4]).err(), Some(Errno::CONNRESET));
        assert_eq!(recv(&socket, &mut [0; 4]).err(), Some(Errno::WOULDBLOCK));
    }
}

both_families! {
    // P178: a send does not fail by a report, and the report is not lost by it.
    fn a_report_does_not_fail_a_send(family) {
        let (socket, _) = datagram(family);
        let (_nobody, name) = deserted(family, Kind::Datagram);
        socket.connect(&name).unwrap();
        send(&socket, b"first").unwrap();
        await_ready(&socket, Interest::READ);
        assert_eq!(send(&socket, b"second"), Ok(6));
        assert_eq!(recv(&socket, &mut [0; 4]).err(), Some(Errno::CONNRESET));
    }
}

// 2.6: nor is it lost by asking for the error, which is the report's and not the socket's.
#[test]
fn a_report_is_not_an_error_of_the_socket() {
    let (socket, _) = datagram(Family::Inet);
    let (_nobody, name) = deserted(Family::Inet, Kind::Datagram);
    socket.connect(&name).unwrap();
    send(&socket, b"x").unwrap();
    await_ready(&socket, Interest::READ);
    assert_eq!(socket.take_error(), None);
    assert_eq!(recv(&socket, &mut [0; 4]).err(), Some(Errno::CONNRESET));
}

// 2.6: take_report takes what a receive would have failed with.
#[test]
fn a_report_is_taken_without_a_receive() {
    let (socket, _) = datagram(Family::Inet);
    let (_nobody, name) = deserted(Family::Inet, Kind::Datagram);
    socket.connect(&name).unwrap();
    send(&socket, b"x").unwrap();
    await_ready(&socket, Interest::READ);
    assert_eq!(
        socket.take_report(),
        Some(crate::net::Report::PortUnreachable)
    );
    assert_eq!(socket.take_report(), None);
    assert_eq!(recv(&socket, &mut [0; 4]).err(), Some(Errno::WOULDBLOCK));
}

// A datagram that waits behind a report is received after it.
#[test]
fn a_datagram_behind_a_report_is_received() {
    let (socket, name) = datagram(Family::Inet);
    let (other, other_name) = deserted(Family::Inet, Kind::Datagram);
    socket.connect(&other_name).unwrap();
    send(&socket, b"x").unwrap();
    await_ready(&socket, Interest::NONE);
    other.disconnect().unwrap();
    send_to(&other, b"back", &name).unwrap();
    assert_eq!(recv(&socket, &mut [0; 4]).err(), Some(Errno::CONNRESET));
    assert_eq!(recv_ready(&socket, &mut [0; 4]).unwrap().bytes, 4);
}

both_families! {
    // 2.8: FIONREAD is the first datagram's on Linux.
    fn available_is_the_first_datagram(family) {
        let (a, _) = datagram(family);
        let (b, b_name) = datagram(family);
        send_to(&a, b"123", &b_name).unwrap();
        send_to(&a, b"12345", &b_name).unwrap();
        await_ready(&b, Interest::READ);
        assert_eq!(b.available(), Ok(3));
    }
}

both_families! {
    // P160, P162: IP_PKTINFO, IPV6_PKTINFO.
    fn packet_information_says_where_a_datagram_was_sent(family) {
        let (socket, name) = datagram(family);
        let option = match family {
            Family::Inet => SocketOption::IpPacketInfo,
            _ => SocketOption::Ipv6PacketInfo,
        };
        socket.set_option(option, 1).unwrap();
        send_to(&socket, b"x", &name).unwrap();
        let packet = recv_ready(&socket, &mut [0; 4]).unwrap().control.packet.unwrap();
        assert_eq!(packet.address, name.ip().unwrap());
        assert_ne!(packet.interface, 0);
    }
}

both_families! {
    // P161, P162: IP_TTL, IPV6_HOPLIMIT; IP_TOS, IPV6_TCLASS.
    fn header_fields_come_when_asked_for(family) {
        let (socket, name) = datagram(family);
        use SocketOption::*;
        let (ttl, class, set_ttl, set_class) = match family {
            Family::Inet => {
                (IpReceiveTimeToLive, IpReceiveTypeOfService, IpTimeToLive, IpTypeOfService)
            }
            _ => (
                Ipv6ReceiveHopLimit,
                Ipv6ReceiveTrafficClass,
                Ipv6UnicastHops,
                Ipv6TrafficClass,
            ),
        };
        for (option, value) in [(ttl, 1), (class, 1), (set_ttl, 33), (set_class, 0x48)] {
            socket.set_option(option, value).unwrap();
        }
        send_to(&socket, b"x", &name).unwrap();
        let control = recv_ready(&socket, &mut [0; 4]).unwrap().control;
        assert_eq!((control.time_to_live, control.traffic_class), (Some(33), Some(0x48)));
    }
}

// 6.4: nothing comes unasked.
#[test]
fn nothing_comes_beside_a_datagram_unasked() {
    let (socket, name) = datagram(Family::Inet);
    send_to(&socket, b"x", &name).unwrap();
    assert_eq!(
        recv_ready(&socket, &mut [0; 4]).unwrap().control,
        Control::NONE
    );
}

both_families! {
    // 6.4: WSASendMsg with IP_PKTINFO chooses the source.
    fn the_source_of_a_datagram_can_be_chosen(family) {
        let sender = System.socket(family, Kind::Datagram, 0).unwrap();
        sender.bind(&Endpoint::unspecified(family)).unwrap();
        let (receiver, name) = datagram(family);
        // All of 127.0.0.0/8 is this host; of IPv6 only one address is.
        let source: IpAddr = match family {
            Family::Inet => Ipv4Addr::new(127, 0, 0, 2).into(),
            _ => Ipv6Addr::LOCALHOST.into(),
        };
        let control = Control {
            packet: Some(PacketInfo { address: source, interface: 0 }),
            ..Control::NONE
        };
        let data = [IoSlice::new(b"x")];
        sender.send(&data, SendFlags::NONE, Some(&name), &control).unwrap();
        let from = recv_ready(&receiver, &mut [0; 4]).unwrap().from.unwrap();
        assert_eq!(from.ip(), Some(source));
    }
}

// 8.4, 21: an IPv6 socket carries IPv6 only, so IPv4 has the port to itself.
#[test]
fn both_families_can_have_one_port() {
    let six = System.socket(Family::Inet6, Kind::Datagram, 0).unwrap();
    six.bind(&Endpoint::unspecified(Family::Inet6)).unwrap();
    let port = six.local_name().unwrap().port();
    let four = System.socket(Family::Inet, Kind::Datagram, 0).unwrap();
    assert_eq!(
        four.bind(&Endpoint::unspecified(Family::Inet).with_port(port)),
        Ok(())
    );
}

// P157: urgent data are for streams; the error is told, not waited for.
#[test]
fn urgent_data_of_a_datagram_socket_are_not_supported() {
    let (socket, _) = datagram(Family::Inet);
    let mut room = [0; 1];
    let result = socket.recv(&mut [IoSliceMut::new(&mut room)], RecvFlags::OUT_OF_BAND);
    assert!(
        matches!(result.err(), Some(Errno::OPNOTSUPP | Errno::WOULDBLOCK)),
        "{result:?}"
    );
}
