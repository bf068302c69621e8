//! A peer that never reads: who sends to it waits, or is told, and the runtime keeps no more than it says.

use std::time::{Duration, Instant};
use ws2spi_abi::*;
use ws2spi_tests::port::Port;
use ws2spi_tests::socket::checked;
use ws2spi_tests::{Configuration, Socket, allocated, blocked, isolated, wait, winsock};

/// More than a system keeps for a connection.
const MUCH: usize = 64 << 20;

/// What is kept beside the data themselves: README, "Limits".
const BESIDE: isize = 16 << 10;

/// What the runtime keeps for one overlapped operation that waits, at most: README, "Limits".
const OPERATION: isize = 256;

// base-provider.md 2.4, SO_SNDTIMEO: a blocking send waits that long, and no longer; nothing is copied.
#[test]
fn a_blocking_send_honours_its_time_limit() {
    isolated!();
    Configuration::Bare.start();
    let (client, _silent) = Socket::pair(AF_INET);
    let limit = Duration::from_millis(300);
    client
        .set_option(SOL_SOCKET, SO_SNDTIMEO, limit.as_millis() as u32)
        .expect("every socket has a time limit");
    let data = vec![1; MUCH];
    let before = allocated::bytes();
    let begun = Instant::now();
    assert_eq!(client.send(&data, 0), Err(Errno::TIMEDOUT));
    let waited = begun.elapsed();
    assert!(
        waited >= limit && waited < limit + wait::PATIENCE / 3,
        "{waited:?}"
    );
    assert!(allocated::bytes() - before < BESIDE);
}

// P171: without a limit it waits until somebody reads.
#[test]
fn a_blocking_send_waits_for_its_reader() {
    isolated!();
    Configuration::Bare.start();
    let (client, server) = Socket::pair(AF_INET);
    let data = vec![1; MUCH];
    let before = allocated::bytes();
    let sender = blocked::spawn(move || client.send(&data, 0));
    // A thread is among it.
    assert!(allocated::bytes() - before < 1 << 20);
    let mut room = vec![0; MUCH];
    server.recv_exact(&mut room);
    assert_eq!(blocked::finish("the send to end", sender), Ok(MUCH));
    assert!(room.iter().all(|byte| *byte == 1));
}

// P166, P167: the backlog is one call's rest. With small calls it is small, however many there are.
#[test]
fn non_blocking_sends_leave_no_more_than_one_call_behind() {
    isolated!();
    Configuration::Bare.start();
    const CALL: usize = 64 << 10;
    let (client, server) = Socket::pair(AF_INET);
    client.set_nonblocking(true).expect("every socket can");
    let data: Vec<u8> = (0..CALL).map(|at| (at / 3) as u8).collect();
    // The worker and what it needs are not the backlog.
    let mut sent = 0;
    let before = allocated::bytes();
    let error = loop {
        match client.send(&data, 0) {
            Ok(bytes) => sent += bytes,
            Err(error) => break error,
        }
        assert!(sent < MUCH, "there is an end");
    };
    assert_eq!((error, sent % CALL), (Errno::WOULDBLOCK, 0));
    for _ in 0..1000 {
        assert_eq!(client.send(&data, 0), Err(Errno::WOULDBLOCK));
    }
    let kept = allocated::bytes() - before;
    assert!(kept <= CALL as isize + WORKER, "{kept}");
    let mut room = vec![0; CALL];
    let baseline = allocated::bytes();
    for _ in 0..sent / CALL {
        server.recv_exact(&mut room);
        assert!(room == data);
    }
    wait::until("the backlog to go", || {
        allocated::bytes() <= baseline && client.send(b"x", 0) == Ok(1)
    });
}

/// What the worker and its poller take, once in a process: README, "Limits".
const WORKER: isize = 64 << 10;

// P166, P167: one large call is taken whole, and is the only one.
#[test]
fn one_large_non_blocking_send_is_kept_once() {
    isolated!();
    Configuration::Bare.start();
    let (client, server) = Socket::pair(AF_INET);
    client.set_nonblocking(true).expect("every socket can");
    let data = vec![3; MUCH];
    let before = allocated::bytes();
    assert_eq!(client.send(&data, 0), Ok(MUCH));
    let kept = allocated::bytes() - before;
    assert!(kept <= MUCH as isize + WORKER, "{kept}");
    for _ in 0..1000 {
        assert_eq!(client.send(&data, 0), Err(Errno::WOULDBLOCK));
    }
    let still = allocated::bytes() - before;
    assert!(still <= MUCH as isize + WORKER, "{still}");
    // Closing it by force throws everything away at once.
    client
        .set_option_bytes(SOL_SOCKET, SO_LINGER, &[1, 0, 0, 0])
        .expect("a stream lingers");
    drop(client);
    wait::until("the backlog to go", || allocated::bytes() - before < WORKER);
    drop(server);
}

// P208, base-provider.md 4.2: overlapped sends pend, as many as are made, and keep nothing but themselves.
#[test]
fn overlapped_sends_to_a_peer_that_never_reads_pend_and_copy_nothing() {
    isolated!();
    Configuration::Bare.start();
    const CALL: usize = 64 << 10;
    const COUNT: usize = 4000;
    let (client, server) = Socket::pair(AF_INET);
    let port = Port::with(&client, 1);
    let mut data: Vec<u8> = (0..CALL).map(|at| (at / 3) as u8).collect();
    let mut blocks = vec![OVERLAPPED::EMPTY; COUNT];
    let part = WSABUF {
        len: CALL as u32,
        buf: data.as_mut_ptr(),
    };
    let mut pending = 0;
    let before = allocated::bytes();
    for block in &mut blocks {
        let (parts, routine) = (&raw const part, RawCallback::NULL);
        let mut count = 0;
        // SAFETY: data and blocks live until the test is over, when all have ended.
        let sent = checked(unsafe {
            winsock::WSASend(client.raw(), parts, 1, &raw mut count, 0, block, routine)
        });
        match sent {
            Ok(_) => assert_eq!(pending, 0, "none overtakes another"),
            Err(Errno::IO_PENDING) => pending += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(pending > COUNT / 2, "{pending} of {COUNT}");
    let kept = allocated::bytes() - before;
    assert!(
        kept <= COUNT as isize * OPERATION + WORKER,
        "{kept} for {COUNT}"
    );
    let mut room = vec![0; CALL];
    for block in &blocks {
        server.recv_exact(&mut room);
        assert!(room == data);
        let packet = port.take();
        let expected = ((&raw const *block).addr(), CALL as u32, None);
        assert_eq!((packet.block, packet.bytes, packet.error), expected);
    }
    assert_eq!(port.look(), None);
}
