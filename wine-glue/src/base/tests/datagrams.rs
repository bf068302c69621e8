//! Datagrams: names with every message, truncation, groups.

use super::*;

impl World {
    fn send_to(&self, s: SOCKET, data: &[u8], to: &SOCKADDR_IN) -> Outcome<u32> {
        let (buffer, mut sent) = (buffer_of(data), 0);
        let to = ptr::from_ref(to).cast();
        // SAFETY: one live buffer, an address of 16 bytes.
        let answer = unsafe {
            let (ov, routine, thread) = (ptr::null_mut(), RawCallback::NULL, ptr::null_mut());
            self.procs.send_to(
                s,
                &raw const buffer,
                1,
                &raw mut sent,
                0,
                to,
                16,
                ov,
                routine,
                thread,
            )
        };
        judged(answer).map(|_| sent)
    }

    /// The outcome, the count, the flags and the sender; `room` is said for the sender.
    fn receive_from(
        &self,
        s: SOCKET,
        into: &mut [u8],
        room: i32,
    ) -> (Outcome<i32>, u32, u32, SOCKADDR_IN) {
        let (buffer, mut got, mut flags) = (buffer_of(into), 0, 0);
        let (mut from, mut length) = (SOCKADDR_IN::default(), room);
        // SAFETY: one live buffer, which is written; at least as much room as is said.
        let answer = unsafe {
            let (ov, routine, thread) = (ptr::null_mut(), RawCallback::NULL, ptr::null_mut());
            let (name, length) = ((&raw mut from).cast(), &raw mut length);
            let (got, flags) = (&raw mut got, &raw mut flags);
            self.procs.recv_from(
                s,
                &raw const buffer,
                1,
                got,
                flags,
                name,
                length,
                ov,
                routine,
                thread,
            )
        };
        (judged(answer), got, flags, from)
    }
}

/// P 1.22, 1.26: a message arrives with its sender's name.
#[test]
fn a_message_has_a_sender() {
    let world = World::start();
    let ((one, own), (two, name)) = (world.datagrams(), world.datagrams());
    assert_eq!(world.send_to(one, b"hello", &name), Ok(5));
    let mut got = [0; 8];
    let (done, count, _, from) = world.receive_from(two, &mut got, 16);
    assert_eq!((done, count, from.sin_port), (Ok(0), 5, own.sin_port));
}

/// P 1.22: a short room for the sender is a fault, and the message stays.
#[test]
fn a_short_room_for_the_sender_takes_no_message() {
    let world = World::start();
    let ((one, _), (two, name)) = (world.datagrams(), world.datagrams());
    world.send_to(one, b"hello", &name).unwrap();
    let mut got = [0; 8];
    assert_eq!(world.receive_from(two, &mut got, 4).0, Err(WSAEFAULT));
    assert_eq!(world.receive_from(two, &mut got, 16).1, 5);
}

/// P 1.20, 2.7: what is too long is cut, and said so with the count.
#[test]
fn a_message_that_is_too_long_is_cut() {
    let world = World::start();
    let ((one, _), (two, name)) = (world.datagrams(), world.datagrams());
    world.send_to(one, b"hello", &name).unwrap();
    let mut got = [0; 3];
    let (done, count, flags, _) = world.receive_from(two, &mut got, 16);
    assert_eq!((done, count, flags), (Err(WSAEMSGSIZE), 3, MSG_PARTIAL));
    assert_eq!(&got, b"hel");
}

/// P 1.26: addresses are looked at, and a peer may be connected.
#[test]
fn datagrams_have_peers() {
    let world = World::start();
    let ((one, _), (two, name)) = (world.datagrams(), world.datagrams());
    let mut other = name;
    other.sin_family = AF_INET6 as u16;
    assert_eq!(world.send_to(one, b"x", &other), Err(WSAEAFNOSUPPORT));
    assert_eq!(world.send(one, b"x"), Err(WSAENOTCONN));
    world.connect(one, &name).unwrap();
    assert_eq!(world.send(one, b"x"), Ok(1));
    let mut got = [0; 8];
    assert_eq!(world.receive(two, &mut got), Ok(1));
    // No family dissolves the connection.
    world.connect(one, &SOCKADDR_IN::default()).unwrap();
    assert_eq!(world.peer_name(one).err(), Some(WSAENOTCONN));
}

/// P 1.18: a leaf joins its group and is itself; what is no leaf does not.
#[test]
fn a_leaf_joins_a_group() {
    let world = World::start();
    let leaf = WSA_FLAG_OVERLAPPED | WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_MULTIPOINT_D_LEAF;
    let s = world
        .socket_with(&entry(AF_INET, SOCK_DGRAM), leaf)
        .unwrap();
    let group = std::net::SocketAddrV4::new([239, 1, 2, 3].into(), 9);
    let join = |s, name: SOCKADDR_IN, flags| {
        let name = (&raw const name).cast();
        let (no, into, qos) = (ptr::null(), ptr::null_mut(), ptr::null());
        // SAFETY: 16 bytes; the rest may be null.
        judged(unsafe {
            world
                .procs
                .join_leaf(s, name, 16, no, into, qos, qos, flags)
        })
    };
    assert_eq!(join(s, loopback(9), JL_BOTH), Err(WSAEINVAL));
    assert_eq!(join(s, group.into(), 9), Err(WSAEINVAL));
    assert_eq!(join(s, group.into(), JL_SENDER_ONLY), Ok(s));
    // Without a route for groups Wine says so; joining twice shows that the first was done.
    if join(s, group.into(), JL_RECEIVER_ONLY) == Ok(s) {
        assert!(join(s, group.into(), JL_RECEIVER_ONLY).is_err());
    }
    let (plain, _) = world.datagrams();
    assert_eq!(join(plain, group.into(), JL_BOTH), Err(WSAEINVAL));
}
