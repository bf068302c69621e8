//! TCP: connections, data, ends and resets.

use super::*;
use crate::net::Direction;

both_families! {
    // base-provider.md 8.4, 10: the peer's name is the one accept gave.
    fn accept_gives_the_name_of_the_peer(family) {
        let (listener, name) = listener(family);
        let client = stream(family);
        client.connect(&name).unwrap();
        await_ready(&listener, Interest::READ);
        let (accepted, peer) = listener.accept().unwrap();
        assert_eq!(peer, client.local_name().unwrap());
        assert_eq!(accepted.peer_name(), Ok(peer));
        assert_eq!(accepted.local_name(), Ok(name));
    }
}

both_families! {
    // base-provider.md 1.1: the queue is empty.
    fn accept_without_a_connection_would_block(family) {
        let (listener, _) = listener(family);
        assert_eq!(listener.accept().err(), Some(Errno::WOULDBLOCK));
    }
}

both_families! {
    // base-provider.md 8.4, 10: a connection that died in the queue keeps the name it came with.
    fn a_connection_that_was_reset_in_the_queue_is_accepted_with_its_name(family) {
        let (listener, name) = listener(family);
        let client = stream(family);
        client.connect(&name).unwrap();
        await_ready(&client, Interest::WRITE);
        let client_name = client.local_name().unwrap();
        client.abort_on_close().unwrap();
        drop(client);
        await_ready(&listener, Interest::READ);
        // The BSDs drop such a connection.
        match listener.accept() {
            Ok((_, peer)) => assert_eq!(peer, client_name),
            Err(error) => assert_eq!(error, Errno::WOULDBLOCK),
        }
    }
}

// P92: EINVAL, accept on a socket that does not listen.
#[test]
fn accept_on_a_socket_that_does_not_listen_is_invalid() {
    assert_eq!(stream(Family::Inet).accept().err(), Some(Errno::INVAL));
}

both_families! {
    // P135: slices are sent and filled in order.
    fn slices_arrive_in_order(family) {
        let (client, server) = pair(family);
        let data = [IoSlice::new(b"one "), IoSlice::new(b""), IoSlice::new(b"two")];
        assert_eq!(client.send(&data, SendFlags::NONE, None, &Control::NONE), Ok(7));
        await_ready(&server, Interest::READ);
        let (mut first, mut second) = ([0; 2], [0; 16]);
        let mut room = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
        assert_eq!(server.recv(&mut room, RecvFlags::NONE).unwrap().bytes, 7);
        assert_eq!((&first, &second[..5]), (b"on", &b"e two"[..]));
    }
}

// More slices than the kernel takes are a partial transfer, not an error.
#[test]
fn very_many_slices_are_sent_in_part() {
    let (client, server) = pair(Family::Inet);
    let data = vec![IoSlice::new(b"x"); 3000];
    let mut sent = 0;
    while sent < data.len() {
        sent += client
            .send(&data[sent..], SendFlags::NONE, None, &Control::NONE)
            .unwrap();
    }
    assert_eq!(recv_all(&server, 3000), vec![b'x'; 3000]);
}

both_families! {
    // base-provider.md 2.2: EAGAIN.
    fn recv_without_data_would_block(family) {
        let (client, _server) = pair(family);
        assert_eq!(recv(&client, &mut [0; 1]).err(), Some(Errno::WOULDBLOCK));
    }
}

both_families! {
    // base-provider.md 8.4, 17: with no room, a receive says whether there is something.
    fn recv_without_room_waits_for_data(family) {
        let (client, server) = pair(family);
        assert_eq!(recv(&server, &mut []).err(), Some(Errno::WOULDBLOCK));
        send(&client, b"x").unwrap();
        await_ready(&server, Interest::READ);
        assert_eq!(recv(&server, &mut []).unwrap().bytes, 0);
        assert_eq!(recv_all(&server, 1), b"x");
    }
}

both_families! {
    // P136: MSG_PEEK repeats the same data.
    fn peek_leaves_the_data(family) {
        let (client, server) = pair(family);
        send(&client, b"abc").unwrap();
        await_ready(&server, Interest::READ);
        for _ in 0..2 {
            let mut room = [0; 8];
            let peeked = server.recv(&mut [IoSliceMut::new(&mut room)], RecvFlags::PEEK).unwrap();
            assert_eq!(&room[..peeked.bytes], b"abc");
        }
        assert_eq!(recv_all(&server, 3), b"abc");
    }
}

both_families! {
    // base-provider.md 8.4, 14: a send that does not fit is partial, then it would block.
    fn a_send_that_does_not_fit_is_partial(family) {
        let (client, server) = pair(family);
        let data = vec![7; 50 << 20];
        let sent = send(&client, &data).unwrap();
        assert!(sent > 0 && sent < data.len(), "{sent}");
        await_that("the buffers are full", || {
            send(&client, &data) == Err(Errno::WOULDBLOCK)
        });
        assert!(!client.readiness(Interest::WRITE).contains(Readiness::WRITABLE));
        drop(server);
    }
}

both_families! {
    // P142, P189: after the FIN a receive gives the data, and then their end every time.
    fn shutdown_is_the_end_of_the_peers_stream(family) {
        let (client, server) = pair(family);
        send(&client, b"last").unwrap();
        client.shutdown(Direction::Send).unwrap();
        assert_eq!(recv_all(&server, 4), b"last");
        for _ in 0..2 {
            assert_eq!(recv_ready(&server, &mut [0; 1]).unwrap().bytes, 0);
        }
    }
}

// 2.2: EPIPE; base-provider.md 8.4, 9: and no signal, which would end the test.
#[test]
fn send_after_shutdown_fails_without_a_signal() {
    let (client, _server) = pair(Family::Inet);
    client.shutdown(Direction::Send).unwrap();
    assert_eq!(send(&client, b"x"), Err(Errno::SHUTDOWN));
}

both_families! {
    // P198: {1, 0} sends RST; 8.4, 4: which a receive is told once.
    fn an_abort_is_a_reset_for_the_peer(family) {
        let (client, server) = pair(family);
        client.abort_on_close().unwrap();
        drop(client);
        assert_eq!(recv_ready(&server, &mut [0; 1]).err(), Some(Errno::CONNRESET));
        assert_eq!(recv(&server, &mut [0; 1]).unwrap().bytes, 0);
    }
}

both_families! {
    // 8.4, 4: or once by the latched error.
    fn take_error_takes_the_reset(family) {
        let (client, server) = pair(family);
        client.abort_on_close().unwrap();
        drop(client);
        let ready = await_ready(&server, Interest::READ);
        assert!(ready.contains(Readiness::ERROR | Readiness::HANG_UP), "{ready:?}");
        assert_eq!(server.take_error(), Some(Errno::CONNRESET));
        assert_eq!(server.take_error(), None);
    }
}

both_families! {
    // P77: nobody listens.
    fn connect_to_nobody_is_refused(family) {
        let client = stream(family);
        let (_nobody, name) = deserted(family, Kind::Stream);
        let error = match client.connect(&name) {
            Ok(_) => {
                await_ready(&client, Interest::WRITE);
                client.take_error()
            }
            Err(error) => Some(error),
        };
        assert_eq!(error, Some(Errno::CONNREFUSED));
    }
}

// P75: EISCONN.
#[test]
fn a_second_connect_is_told_so() {
    let (listener, name) = listener(Family::Inet);
    let (client, _server) = connect(&listener, &name);
    // 8.4, 2: on Linux the first call after the connection still answers success.
    let _ = client.connect(&name);
    assert_eq!(client.connect(&name), Err(Errno::ISCONN));
}

both_families! {
    // 8.4, 23: no TIME_WAIT obstacle.
    fn a_name_in_time_wait_can_be_bound(family) {
        let (listener, name) = listener(family);
        let (client, server) = connect(&listener, &name);
        // Who closes first waits.
        drop(server);
        assert_eq!(recv_ready(&client, &mut [0; 1]).unwrap().bytes, 0);
        drop(client);
        drop(listener);
        let again = stream(family);
        assert_eq!(again.bind(&name), Ok(()));
        assert_eq!(again.listen(1), Ok(()));
    }
}

// P37: the kernel refuses what nobody said may be shared.
#[test]
fn a_name_with_a_listener_is_in_use() {
    let (_listener, name) = listener(Family::Inet);
    assert_eq!(stream(Family::Inet).bind(&name), Err(Errno::ADDRINUSE));
}

// P35: EADDRNOTAVAIL; the address is one of TEST-NET-3.
#[test]
fn a_foreign_name_is_not_available() {
    let foreign = SocketAddr::from((Ipv4Addr::new(203, 0, 113, 1), 0));
    assert_eq!(
        stream(Family::Inet).bind(&foreign.into()),
        Err(Errno::ADDRNOTAVAIL)
    );
}

// P36: EINVAL, bind of a bound socket.
#[test]
fn a_second_bind_is_invalid() {
    let (listener, _) = listener(Family::Inet);
    assert_eq!(listener.bind(&loopback(Family::Inet, 0)), Err(Errno::INVAL));
}

both_families! {
    // 8.4, 33: a fresh socket has no name.
    fn a_fresh_socket_has_an_unspecified_name(family) {
        let socket = stream(family);
        assert_eq!(socket.local_name(), Ok(Endpoint::unspecified(family)));
        assert_eq!(socket.peer_name(), Err(Errno::NOTCONN));
    }
}

both_families! {
    // base-provider.md 2.8: FIONREAD counts what can be received.
    fn available_counts_the_bytes(family) {
        let (client, server) = pair(family);
        assert_eq!(server.available(), Ok(0));
        send(&client, b"12345").unwrap();
        await_ready(&server, Interest::READ);
        assert_eq!(server.available(), Ok(5));
    }
}

// P324: FIONREAD on a listener.
#[test]
fn a_listener_has_no_bytes_available() {
    assert_eq!(listener(Family::Inet).0.available(), Ok(0));
}

both_families! {
    // 8.4, 13: SIOCOUTQ is 0 once everything is acknowledged.
    fn unsent_falls_to_zero(family) {
        let (client, server) = pair(family);
        send(&client, &[0; 1000]).unwrap();
        recv_all(&server, 1000);
        await_that("acknowledged", || client.unsent() == Ok(0));
    }
}

// 8.4, 13: what the peer does not read stays unsent.
#[test]
fn unsent_counts_what_the_peer_has_no_room_for() {
    let (client, _server) = pair(Family::Inet);
    while send(&client, &[0; 65_536]).is_ok() {}
    assert!(client.unsent().unwrap() > 0);
}

// 8.3: IN|RDHUP while data are unread.
#[test]
fn an_end_behind_data_is_announced() {
    let (client, server) = pair(Family::Inet);
    send(&client, b"x").unwrap();
    client.shutdown(Direction::Send).unwrap();
    await_that("the end is announced", || {
        let ready = server.readiness(Interest::READ);
        // Not every system has POLLRDHUP.
        super::super::sys::POLL_READ_CLOSED == 0
            || ready.contains(Readiness::READABLE | Readiness::READ_CLOSED)
    });
    assert_eq!(recv_all(&server, 1), b"x");
}

// 5.2: a wait for the end alone is not ended by data, where the system can tell them apart.
#[test]
fn the_end_is_waited_for_without_the_data() {
    let (client, server) = pair(Family::Inet);
    send(&client, b"x").unwrap();
    await_that("the data arrives", || {
        server
            .readiness(Interest::READ)
            .contains(Readiness::READABLE)
    });
    let early = server.readiness(Interest::END);
    assert!(early.is_none() || super::super::sys::POLL_READ_CLOSED == 0);
    client.shutdown(Direction::Send).unwrap();
    await_that("the end is announced", || {
        !server.readiness(Interest::END).is_none()
    });
}

// 2.1: sockets of one family do not take names of another.
#[test]
fn a_name_of_another_family_is_refused() {
    let socket = stream(Family::Inet6);
    assert!(socket.bind(&loopback(Family::Inet, 0)).is_err());
}

// 8.4, 12: what accept gives is as non-blocking as the listener, on every system.
#[test]
fn an_accepted_socket_does_not_block() {
    let (_client, server) = pair(Family::Inet);
    assert_eq!(recv(&server, &mut [0; 1]).err(), Some(Errno::WOULDBLOCK));
}

both_families! {
    // base-provider.md 8.4, 3: a socket whose attempt failed is as new, under the same number.
    fn a_renewed_socket_connects_after_a_failure(family) {
        let (closed, name) = listener(family);
        drop(closed);
        let client = stream(family);
        let number = client.descriptor();
        client.connect(&name).ok();
        await_ready(&client, Interest::WRITE);
        client.renew().unwrap();
        assert_eq!(client.descriptor(), number);
        assert_eq!(client.local_name().unwrap().port(), 0);
        let (open, name) = listener(family);
        client.connect(&name).unwrap();
        await_ready(&open, Interest::READ);
        assert!(open.accept().is_ok());
    }
}

both_families! {
    // A receive that may wait has a moment; one that may not returns at once on the same socket.
    fn a_receive_waits_for_a_moment_only(family) {
        let (client, server) = pair(family);
        let mut byte = [0];
        let mut room = [IoSliceMut::new(&mut byte)];
        for _ in 0..2 {
            assert_eq!(server.recv_soon(&mut room, RecvFlags::NONE).err(), Some(Errno::WOULDBLOCK));
            assert_eq!(server.recv(&mut room, RecvFlags::NONE).err(), Some(Errno::WOULDBLOCK));
        }
        assert_eq!(client.send_soon(&[IoSlice::new(b"x")], SendFlags::NONE), Ok(1));
        await_ready(&server, Interest::READ);
        assert_eq!(server.recv_soon(&mut room, RecvFlags::NONE).unwrap().bytes, 1);
    }
}
