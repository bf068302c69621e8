//! Connecting, accepting, sending and receiving on streams.

use super::*;

/// P 1.20, 1.24: bytes arrive in order, and the end is 0 bytes.
#[test]
fn a_stream_carries_bytes_and_its_end() {
    let world = World::start();
    let (client, server) = world.pair();
    assert_eq!(world.send(client, b"hello"), Ok(5));
    let mut got = [0; 8];
    assert_eq!(
        world.receive_flags(server, &mut got, MSG_PEEK).unwrap().0,
        5
    );
    assert_eq!(world.receive(server, &mut got), Ok(5));
    assert_eq!(&got[..5], b"hello");
    world.shut_down(client, SD_SEND).unwrap();
    assert_eq!(world.receive(server, &mut got), Ok(0));
    assert_eq!(world.send(client, b"x"), Err(WSAESHUTDOWN));
}

/// P 1.13, 1.14: names, and that their state comes before the caller's pointers.
#[test]
fn names_are_told() {
    let world = World::start();
    let s = world.socket(AF_INET, SOCK_STREAM);
    let (no, none) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: null is refused.
    let own = unsafe { world.procs.get_sock_name(s, no, none) };
    assert_eq!(judged(own), Err(WSAEINVAL));
    // SAFETY: as above.
    let peer = unsafe { world.procs.get_peer_name(s, no, none) };
    assert_eq!(judged(peer), Err(WSAENOTCONN));
    let (client, server) = world.pair();
    let (one, two) = (
        world.own_name(client).unwrap(),
        world.peer_name(server).unwrap(),
    );
    assert_eq!(one.sin_port, two.sin_port);
    // SAFETY: as above.
    let peer = unsafe { world.procs.get_peer_name(server, no, none) };
    assert_eq!(judged(peer), Err(WSAEFAULT));
}

/// P 1.4, 1.8, 1.19: the first checks of addresses and states.
#[test]
fn bad_names_are_refused() {
    let world = World::start();
    let s = world.socket(AF_INET, SOCK_STREAM);
    // SAFETY: null is refused.
    assert_eq!(
        judged(unsafe { world.procs.bind(s, ptr::null(), 16) }),
        Err(WSAEFAULT)
    );
    let mut name = loopback(0);
    let short = (&raw const name).cast();
    // SAFETY: shorter than it is.
    assert_eq!(
        judged(unsafe { world.procs.bind(s, short, 8) }),
        Err(WSAEFAULT)
    );
    name.sin_family = AF_INET6 as u16;
    assert_eq!(world.bind(s, &name), Err(WSAEAFNOSUPPORT));
    assert_eq!(world.connect(s, &name), Err(WSAEAFNOSUPPORT));
    assert_eq!(world.listen(s), Err(WSAEINVAL));
    let (d, _) = world.datagrams();
    assert_eq!(world.listen(d), Err(WSAEOPNOTSUPP));
    assert_eq!(world.bind(d, &loopback(0)), Err(WSAEINVAL));
    assert_eq!(world.accept(s), Err(WSAEINVAL));
}

/// P 1.8: nobody listens.
#[test]
fn a_connection_is_refused() {
    let world = World::start();
    let (listener, name) = world.listener();
    world.close(listener).unwrap();
    let s = world.socket(AF_INET, SOCK_STREAM);
    assert_eq!(world.connect(s, &name), Err(WSAECONNREFUSED));
    let fresh = world.socket(AF_INET, SOCK_STREAM);
    let mut got = [0; 8];
    assert_eq!(world.receive(fresh, &mut got), Err(WSAENOTCONN));
}

/// P 1.20: the caller's pointers.
#[test]
fn null_pointers_are_a_fault() {
    let world = World::start();
    let (client, _server) = world.pair();
    let none = ptr::null_mut();
    let (ov, routine, thread) = (ptr::null_mut(), RawCallback::NULL, ptr::null_mut());
    let mut byte = [0; 1];
    let buffer = buffer_of(&mut byte);
    let (mut count, mut flags) = (0, 0);
    let one = &raw const buffer;
    let p = &world.procs;
    // SAFETY: null is refused.
    let refused = unsafe {
        [
            judged(p.recv(client, one, 1, &raw mut count, none, ov, routine, thread)),
            judged(p.recv(client, one, 1, none, &raw mut flags, ov, routine, thread)),
            judged(p.recv(
                client,
                ptr::null(),
                1,
                &raw mut count,
                &raw mut flags,
                ov,
                routine,
                thread,
            )),
            judged(p.send(
                client,
                ptr::null(),
                1,
                &raw mut count,
                0,
                ov,
                routine,
                thread,
            )),
            judged(p.send(client, one, 1, none, 0, ov, routine, thread)),
        ]
    };
    assert_eq!(refused, [Err(WSAEFAULT); 5]);
    // SAFETY: as above.
    let empty = unsafe {
        p.recv(
            client,
            one,
            0,
            &raw mut count,
            &raw mut flags,
            ov,
            routine,
            thread,
        )
    };
    assert_eq!(judged(empty), Err(WSAEINVAL));
}

/// P 1.20, 1.1: a socket that does not block says so.
#[test]
fn what_would_block_says_so() {
    let world = World::start();
    let (client, server) = world.pair();
    world.set_nonblocking(client, true);
    let mut got = [0; 8];
    assert_eq!(world.receive(client, &mut got), Err(WSAEWOULDBLOCK));
    world.send(server, b"now").unwrap();
    world.await_readable(client);
    assert_eq!(world.receive(client, &mut got), Ok(3));
    let (listener, name) = world.listener();
    world.set_nonblocking(listener, true);
    assert_eq!(world.accept(listener), Err(WSAEWOULDBLOCK));
    let late = world.socket(AF_INET, SOCK_STREAM);
    world.set_nonblocking(late, true);
    assert_eq!(world.connect(late, &name), Err(WSAEWOULDBLOCK));
    world.await_readable(listener);
    assert!(world.accept(listener).is_ok());
}

/// P 1.1: the room for the peer's name is looked at before a connection is taken.
#[test]
fn a_short_room_for_the_peer_takes_no_connection() {
    let world = World::start();
    let (listener, name) = world.listener();
    let client = world.socket(AF_INET, SOCK_STREAM);
    world.connect(client, &name).unwrap();
    let (mut peer, mut length) = (SOCKADDR_IN::default(), 3);
    let into = (&raw mut peer).cast();
    // SAFETY: more room than is said.
    let short = unsafe {
        world
            .procs
            .accept(listener, into, &raw mut length, RawCallback::NULL, 0)
    };
    assert_eq!((judged(short), length), (Err(WSAEFAULT), 3));
    length = 16;
    // SAFETY: room as is said.
    let taken = unsafe {
        world
            .procs
            .accept(listener, into, &raw mut length, RawCallback::NULL, 0)
    };
    assert!(judged(taken).is_ok());
    assert_eq!(peer.sin_port, world.own_name(client).unwrap().sin_port);
}

/// What the condition function saw and is to answer.
struct Asked {
    answer: i32,
    caller: Vec<u8>,
    callee: Vec<u8>,
}

unsafe extern "system" fn condition(
    caller: *mut WSABUF,
    caller_data: *mut WSABUF,
    _sqos: *mut QOS,
    _gqos: *mut QOS,
    callee: *mut WSABUF,
    callee_data: *mut WSABUF,
    group: *mut GROUP,
    data: usize,
) -> i32 {
    // SAFETY: the test's own, alive during the call.
    let asked = unsafe { &mut *(data as *mut Asked) };
    let bytes = |of: *mut WSABUF| {
        // SAFETY: the provider's.
        let of = unsafe { of.read() };
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts(of.buf, of.len as usize) }.to_vec()
    };
    asked.caller = bytes(caller);
    asked.callee = bytes(callee);
    // SAFETY: the provider's.
    let lengths = unsafe { (*caller_data).len + (*callee_data).len + *group };
    assert_eq!(lengths, 0);
    asked.answer
}

/// P 6.1: the condition function sees both names, and each answer has its outcome.
#[test]
fn a_condition_decides() {
    let world = World::start();
    let (listener, name) = world.listener();
    let ask = |answer| {
        let mut asked = Asked {
            answer,
            caller: Vec::new(),
            callee: Vec::new(),
        };
        let function = RawCallback::from_raw(condition as *const () as usize);
        let accepted = world.accept_if(listener, function, &raw mut asked as usize);
        (accepted, asked)
    };
    for (answer, error) in [
        (CF_DEFER, WSATRY_AGAIN),
        (CF_REJECT, WSAECONNREFUSED),
        (77, WSAEINVAL),
    ] {
        let client = world.socket(AF_INET, SOCK_STREAM);
        world.connect(client, &name).unwrap();
        let (accepted, asked) = ask(answer);
        assert_eq!(accepted, Err(error));
        let own = world.own_name(client).unwrap();
        assert_eq!(asked.caller[2..4], own.sin_port.to_ne_bytes());
        assert_eq!(asked.callee[2..4], name.sin_port.to_ne_bytes());
        if answer == CF_DEFER {
            let (accepted, again) = ask(CF_ACCEPT);
            assert_eq!(again.caller, asked.caller);
            assert_eq!(
                world.peer_name(accepted.unwrap()).unwrap().sin_port,
                own.sin_port
            );
        }
    }
}

/// P 1.21, 1.25: disconnecting is shutting down; TCP has no data for it.
#[test]
fn disconnecting_is_shutting_down() {
    let world = World::start();
    let (client, server) = world.pair();
    let byte = [0; 1];
    let data = buffer_of(&byte);
    // SAFETY: a live buffer.
    let with_data = unsafe { world.procs.send_disconnect(client, &raw const data) };
    assert_eq!(judged(with_data), Err(WSAENOPROTOOPT));
    // SAFETY: as above.
    let with_data = unsafe { world.procs.recv_disconnect(server, &raw const data) };
    assert_eq!(judged(with_data), Err(WSAENOPROTOOPT));
    // SAFETY: null is none.
    let sent = unsafe { world.procs.send_disconnect(client, ptr::null()) };
    assert_eq!(judged(sent), Ok(0));
    let mut got = [0; 8];
    assert_eq!(world.receive(server, &mut got), Ok(0));
    // SAFETY: null is none.
    let ended = unsafe { world.procs.recv_disconnect(server, ptr::null()) };
    assert_eq!(judged(ended), Ok(0));
    assert_eq!(world.receive(server, &mut got), Err(WSAESHUTDOWN));
}

/// P section 0: over IPv6 the same.
#[test]
fn a_stream_over_ipv6() {
    let world = World::start();
    let listener = world.socket(AF_INET6, SOCK_STREAM);
    let mut name = [0u8; 28];
    name[..2].copy_from_slice(&(AF_INET6 as u16).to_ne_bytes());
    name[23] = 1;
    // SAFETY: 28 bytes.
    let bound = unsafe { world.procs.bind(listener, name.as_ptr().cast(), 28) };
    if judged(bound) == Err(WSAEADDRNOTAVAIL) {
        // A machine without IPv6.
        return;
    }
    world.listen(listener).unwrap();
    let mut length = 28;
    let into = name.as_mut_ptr().cast();
    // SAFETY: room as is said.
    judged(unsafe { world.procs.get_sock_name(listener, into, &raw mut length) }).unwrap();
    let client = world.socket(AF_INET6, SOCK_STREAM);
    let (no, callee, qos) = (ptr::null(), ptr::null_mut(), ptr::null());
    let to = name.as_ptr().cast();
    // SAFETY: 28 bytes; the rest may be null.
    judged(unsafe { world.procs.connect(client, to, 28, no, callee, qos, qos) }).unwrap();
    let mut asked = Asked {
        answer: CF_ACCEPT,
        caller: Vec::new(),
        callee: Vec::new(),
    };
    let function = RawCallback::from_raw(condition as *const () as usize);
    let server = world
        .accept_if(listener, function, &raw mut asked as usize)
        .unwrap();
    assert_eq!((asked.caller.len(), asked.callee), (28, name.to_vec()));
    world.send(server, b"six").unwrap();
    let mut got = [0; 8];
    assert_eq!(world.receive(client, &mut got), Ok(3));
}
