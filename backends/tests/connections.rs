//! Names, listeners and how connections come about, through the provider's table over the loopback.

mod world;

use std::thread;

use world::v4;
use world::world;
use ws2spi_abi::*;

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
