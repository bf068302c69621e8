//! Connections through the provider's table, over the loopback.

mod world;

use std::thread;

use world::v4;
use world::world;
use ws2spi_abi::*;

#[test]
fn data_travel_both_ways_and_the_end_is_read_again_and_again() {
    // P142, P189
    let w = world();
    let (client, server) = w.pair();
    assert_eq!(w.send(client, b"hello"), Ok(5));
    let mut data = [0; 16];
    assert_eq!(w.recv(server, &mut data), Ok(5));
    assert_eq!(&data[..5], b"hello");
    assert_eq!(w.shutdown(client, SD_SEND), Ok(()));
    assert_eq!(w.recv(server, &mut data), Ok(0));
    assert_eq!(w.recv(server, &mut data), Ok(0));
    assert_eq!(w.send(server, b"back"), Ok(4));
    assert_eq!(w.recv(client, &mut data), Ok(4));
    assert_eq!(w.close(client), Ok(()));
    assert_eq!(w.close(client), Err(Errno::NOTSOCK));
    assert_eq!(w.close(server), Ok(()));
}

#[test]
fn closing_the_listener_wakes_a_blocked_accept() {
    // P96
    let w = world();
    let (listener, _) = w.listener();
    let blocked = thread::spawn(move || w.accept(listener));
    while w.close(listener).is_err() {
        thread::yield_now();
    }
    assert!(blocked.join().unwrap().is_err());
}

#[test]
fn a_refused_connect_leaves_a_socket_that_can_try_again() {
    // P77, P78
    let w = world();
    let (listener, address) = w.listener();
    w.close(listener).unwrap();
    let client = w.tcp();
    assert_eq!(w.connect(client, address), Err(Errno::CONNREFUSED));
    let (listener, address) = w.listener();
    assert_eq!(w.connect(client, address), Ok(()));
    let server = w.accept(listener).unwrap();
    assert_eq!(w.peer_name(client), Ok(address));
    assert_eq!(w.sock_name(client), w.peer_name(server));
    for s in [client, server, listener] {
        w.close(s).unwrap();
    }
}

#[test]
fn listeners_on_the_wildcard_and_on_an_address_coexist_and_the_specific_one_is_served() {
    // P55
    let w = world();
    let (specific, address) = w.listener();
    let wildcard = w.tcp();
    assert_eq!(
        w.bind(wildcard, ([0, 0, 0, 0], address.port()).into()),
        Ok(())
    );
    assert_eq!(w.listen(wildcard, 5), Ok(()));
    let client = w.tcp();
    w.connect(client, address).unwrap();
    let server = w.accept(specific).unwrap();
    for s in [client, server, specific, wildcard] {
        w.close(s).unwrap();
    }
}

#[test]
fn a_name_that_another_socket_holds_cannot_be_bound() {
    // P37
    let w = world();
    let (listener, address) = w.listener();
    let second = w.tcp();
    assert_eq!(w.bind(second, address), Err(Errno::ADDRINUSE));
    assert_eq!(w.bind(second, v4(0)), Ok(()));
    w.close(second).unwrap();
    w.close(listener).unwrap();
}

#[test]
fn bind_checks_in_windows_order() {
    // P31-P36
    use ws2spi_abi::args::Address;
    let w = world();
    let s = w.tcp();
    // SAFETY: a NULL name is what is tested.
    let null = unsafe { w.procs().bind(s, std::ptr::null(), 16) };
    assert_eq!(null.unwrap_err().errno, WSAEFAULT);
    let name = Address::from_ip(v4(0));
    for length in [0, 1, 15] {
        let short = Address::from_bytes(&name.as_bytes()[..length]);
        assert_eq!(w.bind_raw(s, &short), Err(Errno::FAULT), "{length}");
    }
    let mut odd = name.as_bytes().to_vec();
    odd[0] = 0xad;
    assert_eq!(
        w.bind_raw(s, &Address::from_bytes(&odd)),
        Err(Errno::AFNOSUPPORT)
    );
    assert_eq!(
        w.bind(s, ([192, 0, 2, 0], 0).into()),
        Err(Errno::ADDRNOTAVAIL)
    );
    assert_eq!(w.sock_name(s), Err(Errno::INVAL));
    assert_eq!(w.bind(s, v4(0)), Ok(()));
    assert_eq!(w.bind(s, v4(0)), Err(Errno::INVAL));
    let s6 = w.socket(AF_INET6, SOCK_STREAM, 0).unwrap();
    let old = Address::from_ip("[::1]:0".parse().unwrap());
    assert_eq!(
        w.bind_raw(s6, &Address::from_bytes(&old.as_bytes()[..24])),
        Err(Errno::FAULT)
    );
    w.close(s6).unwrap();
    w.close(s).unwrap();
}

#[test]
fn two_sockets_that_share_a_name_listen_one_after_the_other() {
    // P53, P54
    let w = world();
    let (first, second) = (w.tcp(), w.tcp());
    for s in [first, second] {
        w.set_number(s, SOL_SOCKET, SO_REUSEADDR, 1).unwrap();
    }
    w.bind(first, v4(0)).unwrap();
    let address = w.sock_name(first).unwrap();
    assert_eq!(w.bind(second, address), Ok(()));
    assert_eq!((w.listen(first, 5), w.listen(second, 5)), (Ok(()), Ok(())));
    w.non_blocking(second, true);
    for _ in 0..4 {
        let client = w.tcp();
        w.connect(client, address).unwrap();
        let server = w.accept(first).unwrap();
        assert_eq!(w.accept(second), Err(Errno::WOULDBLOCK));
        w.close(client).unwrap();
        w.close(server).unwrap();
    }
    w.close(first).unwrap();
    w.non_blocking(second, false);
    let client = w.tcp();
    assert_eq!(w.connect(client, address), Ok(()));
    let server = w.accept(second).unwrap();
    for s in [client, server, second] {
        w.close(s).unwrap();
    }
}

#[test]
fn a_wildcard_that_is_exclusive_keeps_the_loopback_from_others() {
    // P58, P59
    let w = world();
    let (wildcard, loopback) = (w.tcp(), w.tcp());
    w.set_number(wildcard, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1)
        .unwrap();
    w.bind(wildcard, ([0, 0, 0, 0], 0).into()).unwrap();
    let port = w.sock_name(wildcard).unwrap().port();
    assert_eq!(w.bind(loopback, v4(port)), Err(Errno::ACCES));
    w.close(wildcard).unwrap();
    w.set_number(loopback, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1)
        .unwrap();
    w.bind(loopback, v4(port)).unwrap();
    let wildcard = w.tcp();
    assert_eq!(w.bind(wildcard, ([0, 0, 0, 0], port).into()), Ok(()));
    w.close(wildcard).unwrap();
    w.close(loopback).unwrap();
}

#[test]
fn a_port_whose_connections_are_in_time_wait_can_be_bound() {
    // P67
    let w = world();
    let (listener, address) = w.listener();
    let client = w.tcp();
    w.connect(client, address).unwrap();
    let server = w.accept(listener).unwrap();
    // The server's side closes first and keeps the port in TIME_WAIT.
    w.close(server).unwrap();
    let mut data = [0; 1];
    assert_eq!(w.recv(client, &mut data), Ok(0));
    w.close(client).unwrap();
    w.close(listener).unwrap();
    let again = w.tcp();
    assert_eq!(
        (w.bind(again, address), w.listen(again, 1)),
        (Ok(()), Ok(()))
    );
    w.close(again).unwrap();
}

#[test]
fn listen_wants_a_bound_stream_without_a_peer() {
    // P45-P48, P51
    let w = world();
    let s = w.tcp();
    for backlog in [0, 5, -2] {
        assert_eq!(w.listen(s, backlog), Err(Errno::INVAL));
    }
    let u = w.udp();
    assert_eq!(w.listen(u, 5), Err(Errno::OPNOTSUPP));
    w.bind(s, v4(0)).unwrap();
    assert_eq!(w.number(s, SOL_SOCKET, SO_ACCEPTCONN), Ok(0));
    assert_eq!((w.listen(s, 0), w.listen(s, 10)), (Ok(()), Ok(())));
    assert_eq!(w.number(s, SOL_SOCKET, SO_ACCEPTCONN), Ok(1));
    let (client, server) = w.pair();
    assert_eq!(w.listen(client, 5), Err(Errno::ISCONN));
    for s in [s, u, client, server] {
        w.close(s).unwrap();
    }
}

#[test]
fn a_non_blocking_connect_always_would_block_and_select_tells_how_it_ended() {
    // P69, P73, P79-P82
    let w = world();
    let (listener, address) = w.listener();
    let client = w.tcp();
    w.non_blocking(client, true);
    assert_eq!(w.connect(client, address), Err(Errno::WOULDBLOCK));
    assert!(w.sock_name(client).is_ok());
    let (answer, left) = w.select([&[], &[client], &[client]], Some(10_000));
    assert_eq!((answer, left), (Ok(1), [vec![], vec![client], vec![]]));
    assert_eq!(w.connect(client, address), Err(Errno::ISCONN));
    assert_eq!(w.number(client, SOL_SOCKET, SO_ERROR), Ok(0));
    w.close(client).unwrap();
    w.close(listener).unwrap();

    let client = w.tcp();
    w.non_blocking(client, true);
    assert_eq!(w.connect(client, address), Err(Errno::WOULDBLOCK));
    for _ in 0..2 {
        let (answer, left) = w.select([&[client], &[client], &[client]], Some(10_000));
        assert_eq!((answer, left), (Ok(1), [vec![], vec![], vec![client]]));
    }
    for _ in 0..2 {
        assert_eq!(w.number(client, SOL_SOCKET, SO_ERROR), Ok(WSAECONNREFUSED));
    }
    assert_eq!(w.send(client, b"x"), Err(Errno::NOTCONN));
    // P50: it can listen, or try again.
    let (listener, address) = w.listener();
    w.non_blocking(client, false);
    assert_eq!(w.connect(client, address), Ok(()));
    assert_eq!(w.number(client, SOL_SOCKET, SO_ERROR), Ok(0));
    w.close(client).unwrap();
    w.close(listener).unwrap();
}

#[test]
fn a_socket_whose_connect_failed_can_listen() {
    // P50, P81
    let w = world();
    let (listener, address) = w.listener();
    w.close(listener).unwrap();
    let s = w.tcp();
    assert_eq!(w.connect(s, address), Err(Errno::CONNREFUSED));
    assert_eq!(w.number(s, SOL_SOCKET, SO_ERROR), Ok(0));
    assert_eq!(w.listen(s, 5), Ok(()));
    w.close(s).unwrap();
}

#[test]
fn connect_refuses_by_state_and_address() {
    // P68, P75, P76, P89, P90
    let w = world();
    let (listener, address) = w.listener();
    assert_eq!(w.connect(listener, address), Err(Errno::INVAL));
    let client = w.tcp();
    assert_eq!(
        w.connect(client, ([0, 0, 0, 0], address.port()).into()),
        Err(Errno::ADDRNOTAVAIL)
    );
    assert_eq!(w.connect(client, v4(0)), Err(Errno::ADDRNOTAVAIL));
    w.connect(client, address).unwrap();
    assert_eq!(w.connect(client, address), Err(Errno::ISCONN));
    w.shutdown(client, SD_BOTH).unwrap();
    assert_eq!(w.connect(client, address), Err(Errno::ISCONN));
    w.close(client).unwrap();
    w.close(listener).unwrap();
}

#[test]
fn a_dual_stack_listener_sees_mapped_peers() {
    // P61, P64-P66
    let w = world();
    let s = w.socket(AF_INET6, SOCK_STREAM, 0).unwrap();
    let mut on = [9; 4];
    assert_eq!(w.option(s, IPPROTO_IPV6, IPV6_V6ONLY, &mut on), (Ok(()), 1));
    assert_eq!(on[0], 1);
    w.set_number(s, IPPROTO_IPV6, IPV6_V6ONLY, 0).unwrap();
    w.bind(s, "[::]:0".parse().unwrap()).unwrap();
    assert_eq!(
        w.set_number(s, IPPROTO_IPV6, IPV6_V6ONLY, 1),
        Err(Errno::INVAL)
    );
    w.listen(s, 5).unwrap();
    let port = w.sock_name(s).unwrap().port();
    let client = w.tcp();
    w.connect(client, v4(port)).unwrap();
    let server = w.accept(s).unwrap();
    let peer = w.peer_name(server).unwrap();
    assert_eq!(peer.ip().to_string(), "::ffff:127.0.0.1");
    assert_eq!(peer.port(), w.sock_name(client).unwrap().port());
    let v4_too = w.tcp();
    assert_eq!(w.bind(v4_too, ([0, 0, 0, 0], port).into()), Ok(()));
    for s in [s, client, server, v4_too] {
        w.close(s).unwrap();
    }
}

extern "system" fn decide(
    caller: *mut WSABUF,
    _: *mut WSABUF,
    _: *mut QOS,
    _: *mut QOS,
    callee: *mut WSABUF,
    _: *mut WSABUF,
    _: *mut u32,
    decision: usize,
) -> i32 {
    for id in [caller, callee] {
        // SAFETY: the provider passes both identities.
        let id = unsafe { id.read() };
        assert_eq!(id.len, 16);
    }
    decision as i32
}

#[test]
fn the_condition_function_accepts_defers_or_rejects() {
    // P97-P100
    let w = world();
    let (listener, address) = w.listener();
    let condition = RawCallback::from_raw(decide as *const () as usize);
    let client = w.tcp();
    w.connect(client, address).unwrap();
    assert_eq!(w.accept_with(listener, condition, 2), Err(Errno::TRY_AGAIN));
    assert_eq!(w.accept_with(listener, condition, 77), Err(Errno::INVAL));
    let server = w.accept_with(listener, condition, 0).unwrap();
    assert_eq!(w.peer_name(server), w.sock_name(client));
    w.close(client).unwrap();
    w.close(server).unwrap();
    let client = w.tcp();
    w.connect(client, address).unwrap();
    assert_eq!(
        w.accept_with(listener, condition, 1),
        Err(Errno::CONNREFUSED)
    );
    w.await_readable(client);
    assert_eq!(w.recv(client, &mut [0]), Err(Errno::CONNRESET));
    w.close(client).unwrap();
    w.close(listener).unwrap();
}

#[test]
fn accepted_sockets_inherit_options_and_mode() {
    // P101, P102
    let w = world();
    let (listener, address) = w.listener();
    let options = [
        (SOL_SOCKET, SO_KEEPALIVE, 1),
        (SOL_SOCKET, SO_OOBINLINE, 1),
        (SOL_SOCKET, SO_SNDBUF, 0x4321),
        (SOL_SOCKET, SO_RCVBUF, 0x5432),
        (SOL_SOCKET, SO_SNDTIMEO, 999),
        (SOL_SOCKET, SO_RCVTIMEO, 888),
        (IPPROTO_TCP, TCP_NODELAY, 1),
    ];
    for (level, name, value) in options {
        w.set_number(listener, level, name, value).unwrap();
    }
    w.set_option(listener, SOL_SOCKET, SO_LINGER, &[1, 0, 7, 0])
        .unwrap();
    let client = w.tcp();
    w.connect(client, address).unwrap();
    w.non_blocking(listener, true);
    w.await_readable(listener);
    let server = w.accept(listener).unwrap();
    for (level, name, value) in options {
        assert_eq!(w.number(server, level, name), Ok(value), "option {name:#x}");
    }
    let mut linger = [0; 4];
    assert_eq!(
        w.option(server, SOL_SOCKET, SO_LINGER, &mut linger).0,
        Ok(())
    );
    assert_eq!(linger, [1, 0, 7, 0]);
    assert_eq!(w.recv(server, &mut [0]), Err(Errno::WOULDBLOCK));
    for s in [listener, client, server] {
        w.close(s).unwrap();
    }
}

#[test]
fn an_address_that_does_not_fit_is_a_fault_and_one_without_a_length_is_left_alone() {
    // P93, P94
    let w = world();
    let (listener, address) = w.listener();
    let client = w.tcp();
    w.connect(client, address).unwrap();
    let (mut name, mut length) = ([7u8; 16], 0);
    let pointer = name.as_mut_ptr().cast();
    // SAFETY: live locals; a length of 0 is what is tested.
    let short = unsafe {
        w.procs()
            .accept(listener, pointer, &mut length, RawCallback::NULL, 0)
    };
    assert_eq!((short.unwrap_err().errno, length), (WSAEFAULT, 0));
    let null = std::ptr::null_mut();
    // SAFETY: a live local; a missing length is what is tested.
    let server = unsafe {
        w.procs()
            .accept(listener, pointer, null, RawCallback::NULL, 0)
    };
    assert_eq!(name, [7; 16]);
    for s in [server.unwrap(), client, listener] {
        w.close(s).unwrap();
    }
}

#[test]
fn a_reset_is_told_every_time() {
    // P144, P198, P236, P292
    let w = world();
    let (_, server) = w.reset_pair();
    let (answer, left) = w.select([&[server], &[server], &[server]], Some(0));
    assert_eq!(
        (answer, left),
        (Ok(2), [vec![server], vec![server], vec![]])
    );
    for _ in 0..3 {
        assert_eq!(w.recv(server, &mut [0; 4]), Err(Errno::CONNRESET));
    }
    assert_eq!(w.send(server, b"x"), Err(Errno::CONNRESET));
    assert_eq!(w.number(server, SOL_SOCKET, SO_ERROR), Ok(0));
    w.close(server).unwrap();
}

#[test]
fn data_sent_to_a_closed_peer_abort_the_connection() {
    // P145
    let w = world();
    let (client, server) = w.pair();
    w.close(client).unwrap();
    assert_eq!(w.recv(server, &mut [0; 4]), Ok(0));
    assert_eq!(w.send(server, b"test"), Ok(4));
    while w.recv(server, &mut [0; 4]) == Ok(0) {
        thread::yield_now();
    }
    assert_eq!(w.recv(server, &mut [0; 4]), Err(Errno::CONNABORTED));
    assert_eq!(w.recv(server, &mut [0; 4]), Err(Errno::CONNABORTED));
    w.close(server).unwrap();
}

#[test]
fn shutdown_checks_direction_and_connection_and_may_be_repeated() {
    // P44, P143, P165, P185, P187, P188
    let w = world();
    let s = w.tcp();
    assert_eq!(w.shutdown(s, SD_BOTH), Err(Errno::NOTCONN));
    let (client, server) = w.pair();
    assert_eq!(w.shutdown(client, 3), Err(Errno::INVAL));
    for how in [SD_SEND, SD_SEND, SD_RECEIVE, SD_BOTH] {
        assert_eq!(w.shutdown(client, how), Ok(()));
    }
    assert_eq!(w.send(client, b"x"), Err(Errno::SHUTDOWN));
    assert_eq!(w.recv(client, &mut [0]), Err(Errno::SHUTDOWN));
    assert!(w.peer_name(client).is_ok());
    for s in [s, client, server] {
        w.close(s).unwrap();
    }
}

#[test]
fn a_non_blocking_send_takes_everything_or_nothing_and_what_it_took_arrives() {
    // P166, P167, P169
    const SIZE: usize = 50 << 20;
    let w = world();
    let (client, server) = w.pair();
    w.non_blocking(client, true);
    let data: Vec<u8> = (0..SIZE).map(|at| (at / 7) as u8).collect();
    assert_eq!(w.send(client, &data), Ok(SIZE));
    assert_eq!(w.send(client, b"more"), Err(Errno::WOULDBLOCK));
    assert_eq!(w.select([&[], &[client], &[]], Some(0)).0, Ok(0));
    assert_eq!(w.close(client), Ok(()));
    let mut got = Vec::with_capacity(SIZE);
    let mut chunk = vec![0; 1 << 20];
    loop {
        match w.recv(server, &mut chunk).unwrap() {
            0 => break,
            bytes => got.extend_from_slice(&chunk[..bytes]),
        }
    }
    assert!(got == data, "{} of {} bytes", got.len(), data.len());
    w.close(server).unwrap();
}

#[test]
fn a_blocking_send_returns_when_all_is_sent() {
    // P171
    const SIZE: usize = 8 << 20;
    let w = world();
    let (client, server) = w.pair();
    let sender = thread::spawn(move || {
        let sent = w.send(client, &vec![5; SIZE]);
        w.close(client).unwrap();
        sent
    });
    let (mut total, mut chunk) = (0, vec![0; 64 << 10]);
    loop {
        match w.recv_flags(server, &mut chunk, MSG_WAITALL).unwrap().0 {
            0 => break,
            bytes => total += bytes,
        }
    }
    assert_eq!((total, sender.join().unwrap()), (SIZE, Ok(SIZE)));
    w.close(server).unwrap();
}

#[test]
fn blocking_sends_of_several_threads_do_not_mix() {
    // 1.24: a blocking send returns only when everything is queued, as one piece.
    const SIZE: usize = 3 << 20;
    let w = world();
    let (client, server) = w.pair();
    let senders: Vec<_> = (1..=3u8)
        .map(|mark| thread::spawn(move || w.send(client, &vec![mark; SIZE])))
        .collect();
    let (mut got, mut chunk) = (Vec::new(), vec![0; 256 << 10]);
    while got.len() < 3 * SIZE {
        let bytes = w.recv(server, &mut chunk).unwrap();
        got.extend_from_slice(&chunk[..bytes]);
    }
    for sender in senders {
        assert_eq!(sender.join().unwrap(), Ok(SIZE));
    }
    for piece in got.chunks(SIZE) {
        assert!(piece.iter().all(|byte| *byte == piece[0]));
    }
    w.close(client).unwrap();
    w.close(server).unwrap();
}

#[test]
fn a_receive_that_takes_too_long_times_out_and_leaves_the_count() {
    // P140
    let w = world();
    let (client, server) = w.pair();
    w.set_number(server, SOL_SOCKET, SO_RCVTIMEO, 20).unwrap();
    let before = std::time::Instant::now();
    assert_eq!(w.recv(server, &mut [0; 4]), Err(Errno::TIMEDOUT));
    assert!(before.elapsed().as_millis() >= 20);
    w.close(client).unwrap();
    w.close(server).unwrap();
}

#[test]
fn urgent_bytes_are_received_one_by_one_beside_the_stream() {
    // P154, P155, P156, P288, P324, P325
    let w = world();
    let (client, server) = w.pair();
    let number = |code| {
        let mut value = [0; 4];
        assert_eq!(w.ioctl(server, code, &[], &mut value), Ok(4));
        u32::from_ne_bytes(value)
    };
    let mut byte = [0];
    assert_eq!(
        w.recv_flags(server, &mut byte, MSG_OOB),
        Err(Errno::WOULDBLOCK)
    );
    assert_eq!((number(FIONREAD), number(SIOCATMARK)), (0, 1));
    w.send_flags(client, b"a", MSG_OOB).unwrap();
    let (answer, left) = w.select([&[server], &[], &[server]], Some(10_000));
    assert_eq!((answer, left), (Ok(1), [vec![], vec![], vec![server]]));
    assert_eq!((number(FIONREAD), number(SIOCATMARK)), (0, 0));
    w.send_flags(client, b"b", MSG_OOB).unwrap();
    w.send(client, b"xy").unwrap();
    w.await_readable(server);
    assert_eq!(number(FIONREAD), 2);
    for expected in [b'a', b'b'] {
        assert_eq!(w.recv_flags(server, &mut byte, MSG_OOB), Ok((1, MSG_OOB)));
        assert_eq!(byte[0], expected);
    }
    assert_eq!(
        w.recv_flags(server, &mut byte, MSG_OOB),
        Err(Errno::WOULDBLOCK)
    );
    assert_eq!((number(FIONREAD), number(SIOCATMARK)), (2, 1));
    let mut data = [0; 4];
    assert_eq!(w.recv(server, &mut data), Ok(2));
    w.set_number(server, SOL_SOCKET, SO_OOBINLINE, 1).unwrap();
    assert_eq!(w.recv_flags(server, &mut byte, MSG_OOB), Err(Errno::INVAL));
    w.close(client).unwrap();
    w.close(server).unwrap();
}

#[test]
fn an_urgent_byte_is_read_in_line_once_that_is_switched_on() {
    // P325: base-provider.md 2.7.
    let w = world();
    let (client, server) = w.pair();
    w.send_flags(client, b"u", MSG_OOB).unwrap();
    assert_eq!(w.select([&[], &[], &[server]], Some(10_000)).0, Ok(1));
    w.set_number(server, SOL_SOCKET, SO_OOBINLINE, 1).unwrap();
    let mut value = [0; 4];
    w.ioctl(server, FIONREAD, &[], &mut value).unwrap();
    assert_eq!(u32::from_ne_bytes(value), 1);
    w.ioctl(server, SIOCATMARK, &[], &mut value).unwrap();
    assert_eq!(u32::from_ne_bytes(value), 0);
    let mut data = [0; 4];
    assert_eq!((w.recv(server, &mut data), data[0]), (Ok(1), b'u'));
    w.close(client).unwrap();
    w.close(server).unwrap();
}

#[test]
fn receives_check_parameters_before_the_state() {
    // P124, P125, P130, P132-P134, P138
    let w = world();
    let (client, server) = w.pair();
    let (mut got, mut flags) = (0, 0);
    // SAFETY: no buffers and no OVERLAPPED.
    let none = unsafe {
        let (null, thread) = (std::ptr::null_mut(), std::ptr::null_mut());
        let buffer = world::buffer(&[]);
        w.procs().recv(
            server,
            &buffer,
            0,
            &mut got,
            &mut flags,
            null,
            RawCallback::NULL,
            thread,
        )
    };
    assert_eq!(none.unwrap_err().errno, WSAEINVAL);
    let s = w.tcp();
    assert_eq!(w.recv(s, &mut [0]), Err(Errno::NOTCONN));
    let (listener, _) = w.listener();
    assert_eq!(w.recv(listener, &mut [0]), Err(Errno::NOTCONN));
    w.send(client, b"data").unwrap();
    w.await_readable(server);
    assert_eq!(w.recv(server, &mut []), Ok(0));
    let mut data = [0; 4];
    assert_eq!(w.recv_flags(server, &mut data, MSG_PEEK), Ok((4, 0)));
    w.non_blocking(server, true);
    assert_eq!(
        w.recv_flags(server, &mut data, MSG_WAITALL),
        Err(Errno::OPNOTSUPP)
    );
    assert_eq!(w.recv(server, &mut data), Ok(4));
    assert_eq!(w.recv(server, &mut data), Err(Errno::WOULDBLOCK));
    for s in [s, listener, client, server] {
        w.close(s).unwrap();
    }
}

#[test]
fn a_duplicate_shares_the_socket_and_its_token_works_once() {
    // P23-P27, P29
    let w = world();
    let (client, server) = w.pair();
    assert_eq!(w.duplicate(4, 0), Err(Errno::NOTSOCK));
    assert_eq!(w.duplicate(client, 0), Err(Errno::INVAL));
    // SAFETY: a NULL info is what is tested.
    let null = unsafe {
        w.procs()
            .duplicate_socket(client, std::process::id(), std::ptr::null_mut())
    };
    assert_eq!(null.unwrap_err().errno, WSAEFAULT);
    let info = w.duplicate(client, std::process::id()).unwrap();
    let twin = w.socket_with(-1, -1, -1, Some(&info), 0).unwrap();
    assert_ne!(twin, client);
    assert_eq!(w.socket_with(-1, -1, -1, Some(&info), 0), Err(Errno::INVAL));
    assert_eq!(w.close(client), Ok(()));
    assert_eq!(w.send(twin, b"twin"), Ok(4));
    let mut data = [0; 8];
    assert_eq!(w.recv(server, &mut data), Ok(4));
    w.close(twin).unwrap();
    assert_eq!(w.recv(server, &mut data), Ok(0));
    w.close(server).unwrap();
}

#[test]
fn a_non_blocking_socket_that_lingers_is_not_closed_before_its_data_are_delivered() {
    // P197
    let w = world();
    let (client, server) = w.pair();
    w.set_option(client, SOL_SOCKET, SO_LINGER, &[1, 0, 30, 0])
        .unwrap();
    w.non_blocking(client, true);
    let data = vec![1; 20 << 20];
    w.send(client, &data).unwrap();
    assert_eq!(w.close(client), Err(Errno::WOULDBLOCK));
    let reader = thread::spawn(move || {
        let (mut total, mut chunk) = (0, vec![0; 1 << 20]);
        while let Ok(bytes @ 1..) = w.recv(server, &mut chunk) {
            total += bytes;
        }
        w.close(server).unwrap();
        total
    });
    w.non_blocking(client, false);
    assert_eq!(w.close(client), Ok(()));
    assert_eq!(reader.join().unwrap(), data.len());
}

#[test]
fn closing_wakes_a_blocked_receive() {
    // base-provider.md 1.7
    let w = world();
    let (client, server) = w.pair();
    let blocked = thread::spawn(move || w.recv(client, &mut [0; 4]));
    while w.select([&[], &[client], &[]], Some(0)).0 != Ok(1) {}
    w.close(client).unwrap();
    let answer = blocked.join().unwrap();
    assert!(
        matches!(answer, Err(Errno::CONNABORTED | Errno::NOTSOCK)),
        "{answer:?}"
    );
    w.close(server).unwrap();
}

#[test]
fn a_paused_listener_resets_who_comes() {
    // P123
    let w = world();
    let (listener, address) = w.listener();
    w.set_number(listener, SOL_SOCKET, SO_PAUSE_ACCEPT, 1)
        .unwrap();
    let client = w.tcp();
    if w.connect(client, address).is_ok() {
        w.await_readable(client);
        assert_eq!(w.recv(client, &mut [0]), Err(Errno::CONNRESET));
    }
    w.set_number(listener, SOL_SOCKET, SO_PAUSE_ACCEPT, 0)
        .unwrap();
    let client = w.tcp();
    assert_eq!(w.connect(client, address), Ok(()));
    let server = w.accept(listener).unwrap();
    for s in [client, server, listener] {
        w.close(s).unwrap();
    }
}
