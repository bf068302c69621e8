//! Datagrams through the provider's table, over the loopback.

mod world;

use std::ptr;
use std::thread;

use world::v4;
use world::world;
use ws2spi_abi::args::Address;
use ws2spi_abi::*;

#[test]
fn a_datagram_arrives_with_its_sender() {
    // P43, P126-P128, P150, P164
    let w = world();
    let (server, address) = w.bound_udp();
    let client = w.udp();
    assert_eq!(w.recv(client, &mut [0]), Err(Errno::INVAL));
    assert_eq!(w.send(client, b"x"), Err(Errno::NOTCONN));
    assert_eq!(w.send_to(client, b"hello", address), Ok(5));
    assert_eq!(w.peer_name(client), Err(Errno::NOTCONN));
    let port = w.sock_name(client).unwrap().port();
    let mut data = [0; 16];
    assert_eq!(w.recv_from(server, &mut data, 15).0, Err(Errno::FAULT));
    let (answer, bytes, flags, from) = w.recv_from(server, &mut data, 128);
    assert_eq!((answer, bytes, flags, from), (Ok(()), 5, 0, Some(v4(port))));
    assert_eq!(w.send_to(client, b"", address), Ok(0));
    assert_eq!(w.recv(server, &mut data), Ok(0));
    w.close(client).unwrap();
    w.close(server).unwrap();
}

#[test]
fn a_datagram_that_is_too_long_is_cut_and_the_rest_is_lost() {
    // P146, P148, P149
    let w = world();
    let (server, address) = w.bound_udp();
    let client = w.udp();
    w.send_to(client, b"0123456789", address).unwrap();
    w.send_to(client, b"next", address).unwrap();
    let mut data = [0; 4];
    let (answer, bytes, flags, from) = w.recv_from(server, &mut data, 16);
    assert_eq!(
        (answer, bytes, flags),
        (Err(Errno::MSGSIZE), 4, MSG_PARTIAL)
    );
    assert_eq!((&data, from.is_some()), (b"0123", true));
    assert_eq!((w.recv(server, &mut data), &data), (Ok(4), b"next"));
    w.close(client).unwrap();
    w.close(server).unwrap();
}

#[test]
fn a_closed_port_is_reported_by_the_next_receive_unless_that_is_switched_off() {
    // P151, P152, P178
    let w = world();
    let (gone, address) = w.bound_udp();
    w.close(gone).unwrap();
    let (client, _) = w.bound_udp();
    w.set_number(client, SOL_SOCKET, SO_RCVTIMEO, 5000).unwrap();
    assert_eq!(w.send_to(client, b"x", address), Ok(1));
    w.await_readable(client);
    assert_eq!(w.recv(client, &mut [0]), Err(Errno::CONNRESET));
    w.ioctl(client, SIO_UDP_CONNRESET, &[0; 4], &mut [])
        .unwrap();
    assert_eq!(
        w.ioctl(client, SIO_UDP_CONNRESET, &[0; 3], &mut []),
        Err(Errno::FAULT)
    );
    w.set_number(client, SOL_SOCKET, SO_RCVTIMEO, 30).unwrap();
    assert_eq!(w.send_to(client, b"x", address), Ok(1));
    assert_eq!(w.recv(client, &mut [0]), Err(Errno::TIMEDOUT));
    assert_eq!(w.select([&[client], &[], &[]], Some(0)).0, Ok(0));
    w.connect(client, address).unwrap();
    for _ in 0..5 {
        assert_eq!(w.send(client, b"x"), Ok(1));
    }
    w.close(client).unwrap();
}

#[test]
fn connecting_drops_what_others_have_sent() {
    // P88
    let w = world();
    let (server, address) = w.bound_udp();
    let (friend, friendly) = w.bound_udp();
    let stranger = w.udp();
    w.send_to(stranger, b"stranger", address).unwrap();
    w.send_to(friend, b"friend", address).unwrap();
    assert_eq!(w.connect(server, friendly), Ok(()));
    w.await_readable(server);
    let mut data = [0; 16];
    assert_eq!(w.recv(server, &mut data), Ok(6));
    assert_eq!(&data[..6], b"friend");
    w.non_blocking(server, true);
    assert_eq!(w.recv(server, &mut data), Err(Errno::WOULDBLOCK));
    for s in [server, friend, stranger] {
        w.close(s).unwrap();
    }
}

#[test]
fn a_port_survives_the_loss_of_the_peer() {
    // P84, P85, P87
    let w = world();
    let (one, first) = w.bound_udp();
    let (two, second) = w.bound_udp();
    let client = w.udp();
    assert_eq!(w.connect(client, first), Ok(()));
    let port = w.sock_name(client).unwrap().port();
    assert_eq!(w.peer_name(client), Ok(first));
    assert_eq!(w.connect(client, second), Ok(()));
    assert_eq!(w.peer_name(client), Ok(second));
    assert_eq!(w.send(client, b"two"), Ok(3));
    assert_eq!(w.recv(two, &mut [0; 8]), Ok(3));
    assert_eq!(
        w.connect_raw(client, &Address::from_bytes(&[0; 16])),
        Ok(())
    );
    assert_eq!(w.peer_name(client), Err(Errno::NOTCONN));
    assert_eq!(w.send(client, b"x"), Err(Errno::NOTCONN));
    assert_eq!(w.sock_name(client).unwrap().port(), port);
    w.send_to(one, b"still here", v4(port)).unwrap();
    assert_eq!(w.recv(client, &mut [0; 16]), Ok(10));
    for s in [one, two, client] {
        w.close(s).unwrap();
    }
}

#[test]
fn broadcasts_need_the_option_in_sendto_only() {
    // P86, P175
    let w = world();
    let (s, _) = (w.udp(), ());
    let all = ([255, 255, 255, 255], 9).into();
    assert_eq!(w.send_to(s, b"x", all), Err(Errno::ACCES));
    // P86 needs a route for broadcasts, which the loopback alone does not give.
    match w.connect(s, all) {
        Ok(()) => assert_eq!(w.send_to(s, b"x", all), Err(Errno::ACCES)),
        Err(error) => assert_eq!(error, Errno::NETUNREACH),
    }
    w.close(s).unwrap();
}

#[test]
fn destinations_are_checked() {
    // P177, P184, P26 of 1.26
    let w = world();
    let s = w.udp();
    assert_eq!(w.send_to(s, b"x", v4(0)), Ok(1));
    assert_eq!(
        w.send_to(s, b"x", ([0, 0, 0, 0], 9).into()),
        Err(Errno::ADDRNOTAVAIL)
    );
    assert_eq!(
        w.send_to(s, b"x", "[::1]:9".parse().unwrap()),
        Err(Errno::AFNOSUPPORT)
    );
    assert_eq!(w.send_to(s, &vec![0; 65508], v4(9)), Err(Errno::MSGSIZE));
    w.close(s).unwrap();
}

#[test]
fn a_send_without_a_count_fails_and_binds() {
    // P179
    let w = world();
    let s = w.udp();
    let name = Address::from_ip(v4(9));
    let buffer = world::buffer(b"x");
    // SAFETY: live locals; the missing count is what is tested.
    let call = unsafe {
        w.procs().send_to(
            s,
            &buffer,
            1,
            ptr::null_mut(),
            0,
            name.as_bytes().as_ptr().cast(),
            16,
            ptr::null_mut(),
            RawCallback::NULL,
            ptr::null_mut(),
        )
    };
    assert_eq!(call.unwrap_err().errno, WSAEFAULT);
    assert_ne!(w.sock_name(s).unwrap().port(), 0);
    w.close(s).unwrap();
}

#[test]
fn shutdown_marks_a_datagram_socket() {
    // P165, P186
    let w = world();
    let s = w.udp();
    assert_eq!(w.shutdown(s, SD_BOTH), Ok(()));
    assert_eq!(w.send_to(s, b"x", v4(9)), Err(Errno::SHUTDOWN));
    assert_eq!(w.recv(s, &mut [0]), Err(Errno::SHUTDOWN));
    w.close(s).unwrap();
}

#[test]
fn datagram_sockets_refuse_what_is_for_streams() {
    // P139, P157
    let w = world();
    let (s, _) = w.bound_udp();
    assert_eq!(w.recv_flags(s, &mut [0], MSG_OOB), Err(Errno::OPNOTSUPP));
    assert_eq!(
        w.recv_flags(s, &mut [0], MSG_WAITALL),
        Err(Errno::OPNOTSUPP)
    );
    w.close(s).unwrap();
}

#[test]
fn ten_thousand_datagrams_arrive_in_order() {
    // 1.22: one datagram per receive, as sent.
    let w = world();
    let (server, address) = w.bound_udp();
    let (client, back) = w.bound_udp();
    w.connect(server, back).unwrap();
    let echo = thread::spawn(move || {
        let mut data = [0; 64];
        for _ in 0..10_000 {
            let bytes = w.recv(server, &mut data).unwrap();
            assert_eq!(w.send(server, &data[..bytes]), Ok(bytes));
        }
        w.close(server).unwrap();
    });
    w.connect(client, address).unwrap();
    for number in 0..10_000u32 {
        let mut data = [0; 64];
        assert_eq!(w.send(client, &number.to_ne_bytes()), Ok(4));
        assert_eq!(w.recv(client, &mut data), Ok(4));
        assert_eq!(data[..4], number.to_ne_bytes());
    }
    echo.join().unwrap();
    w.close(client).unwrap();
}

fn message(data: &mut [u8], parts: &mut WSABUF, control: &mut [u8]) -> WSAMSG {
    *parts = world::buffer(data);
    WSAMSG {
        lpBuffers: parts,
        dwBufferCount: 1,
        Control: world::buffer(control),
        ..WSAMSG::EMPTY
    }
}

#[test]
fn packet_info_comes_with_a_datagram_and_a_short_buffer_is_told() {
    // P158-P161
    use ws2spi_abi::types::Plain;
    let w = world();
    let (server, address) = w.bound_udp();
    // SAFETY: the type of WSARecvMsg.
    let receive: LPFN_WSARECVMSG = unsafe { w.extension(server, WSAID_WSARECVMSG) };
    let call = |message: *mut WSAMSG, got: &mut u32| {
        // SAFETY: the message is a live local or NULL, which is tested.
        unsafe { receive(server, message, got, ptr::null_mut(), RawCallback::NULL) }
    };
    let mut got = 0;
    assert_eq!(call(ptr::null_mut(), &mut got), -1);
    assert_eq!(ws2spi_kernel::last_error::last_error(), WSAEFAULT);
    for option in [IP_PKTINFO, IP_RECVTTL, IP_RECVTOS] {
        w.set_number(server, IPPROTO_IP, option, 1).unwrap();
    }
    let client = w.udp();
    for _ in 0..2 {
        w.send_to(client, b"ping", address).unwrap();
    }
    let (mut data, mut control, mut parts) = ([0; 16], [0; 256], WSABUF::EMPTY);
    let mut full = message(&mut data, &mut parts, &mut control);
    assert_eq!(call(&mut full, &mut got), 0);
    assert_eq!((got, full.dwFlags), (4, 0));
    let mut rest = &control[..full.Control.len as usize];
    let mut seen = Vec::new();
    while let Some(header) = CMSGHDR::decode(rest) {
        let value = &rest[16..header.cmsg_len];
        match header.cmsg_type {
            IP_PKTINFO => {
                let info = IN_PKTINFO::decode(value).unwrap();
                assert_eq!(
                    (&value[..4], info.ipi_ifindex != 0),
                    (&[127, 0, 0, 1][..], true)
                );
            }
            _ => assert_eq!(value.len(), 4),
        }
        seen.push(header.cmsg_type);
        rest = rest
            .get(header.cmsg_len.next_multiple_of(8)..)
            .unwrap_or_default();
    }
    assert_eq!(seen, [IP_PKTINFO, IP_TTL, IP_TOS]);
    let mut short = [0; 4];
    let mut cut = message(&mut data, &mut parts, &mut short);
    assert_eq!(call(&mut cut, &mut got), -1);
    assert_eq!(ws2spi_kernel::last_error::last_error(), WSAEMSGSIZE);
    assert_eq!((got, cut.dwFlags & MSG_CTRUNC), (4, MSG_CTRUNC));
    w.close(client).unwrap();
    w.close(server).unwrap();
}

#[test]
fn wsasendmsg_checks_and_binds() {
    // P180-P183
    let w = world();
    let (tcp, udp) = (w.tcp(), w.udp());
    // SAFETY: the type of WSASendMsg.
    let send: LPFN_WSASENDMSG = unsafe { w.extension(udp, WSAID_WSASENDMSG) };
    let (mut data, mut parts, mut sent) = (*b"ping", WSABUF::EMPTY, 0);
    let (server, address) = w.bound_udp();
    let name = Address::from_ip(address);
    let mut full = message(&mut data, &mut parts, &mut []);
    full.name = name.as_bytes().as_ptr().cast_mut().cast();
    full.namelen = 16;
    let call = |s, message: *mut WSAMSG, sent: *mut u32| {
        // SAFETY: live locals, or NULL where that is tested.
        let result = unsafe { send(s, message, 0, sent, ptr::null_mut(), RawCallback::NULL) };
        (result, ws2spi_kernel::last_error::last_error())
    };
    assert_eq!(call(tcp, &mut full, &mut sent), (-1, WSAEINVAL));
    assert_eq!(call(udp, ptr::null_mut(), &mut sent), (-1, WSAEFAULT));
    assert_eq!(w.sock_name(udp), Err(Errno::INVAL));
    assert_eq!(call(udp, &mut full, ptr::null_mut()), (-1, WSAEFAULT));
    assert_ne!(w.sock_name(udp).unwrap().port(), 0);
    assert_eq!(call(udp, &mut full, &mut sent).0, 0);
    assert_eq!(sent, 4);
    assert!(w.sock_name(udp).unwrap().ip().is_unspecified());
    assert_eq!(w.recv(server, &mut [0; 8]), Ok(4));
    for s in [tcp, udp, server] {
        w.close(s).unwrap();
    }
}
