//! What goes on behind calls that have returned: data that a non-blocking send took, and the end of
//! the stream behind them.

mod world;

use std::thread;

use world::World;
use world::world;
use ws2spi_abi::*;

const MUCH: usize = 50 << 20;
const SOME: usize = 8 << 20;

/// Bytes that tell where they belong.
fn data(size: usize, seed: usize) -> Vec<u8> {
    (0..size).map(|at| (at / 7 + seed) as u8).collect()
}

/// A connection whose first end does not block and has sent `data`, all of it taken.
fn sent(w: &World, data: &[u8]) -> (SOCKET, SOCKET) {
    let (client, server) = w.pair();
    w.non_blocking(client, true);
    assert_eq!(w.send(client, data), Ok(data.len()));
    (client, server)
}

/// Everything up to the end of the stream.
fn read_all(w: &World, s: SOCKET) -> Answer {
    let (mut got, mut chunk) = (Vec::new(), vec![0; 1 << 20]);
    loop {
        match w.recv(s, &mut chunk)? {
            0 => return Ok(got),
            bytes => got.extend_from_slice(&chunk[..bytes]),
        }
    }
}

type Answer = world::Answer<Vec<u8>>;

#[test]
fn what_a_non_blocking_send_took_arrives_whole_after_closesocket() {
    // P166, P169
    let w = world();
    let data = data(MUCH, 0);
    let (client, server) = sent(&w, &data);
    w.close(client).unwrap();
    let got = read_all(&w, server).unwrap();
    assert!(got == data, "{} of {} bytes", got.len(), data.len());
    w.close(server).unwrap();
}

#[test]
fn several_connections_are_served_at_the_same_time() {
    // P166, P169
    let w = world();
    let ends: Vec<_> = (0..12)
        .map(|seed| {
            let (client, server) = sent(&w, &data(SOME, seed));
            w.close(client).unwrap();
            server
        })
        .collect();
    let readers: Vec<_> = ends
        .into_iter()
        .map(|server| {
            thread::spawn(move || {
                let got = read_all(&w, server).unwrap();
                w.close(server).unwrap();
                got
            })
        })
        .collect();
    for (seed, reader) in readers.into_iter().enumerate() {
        assert!(reader.join().unwrap() == data(SOME, seed), "{seed}");
    }
}

#[test]
fn a_peer_that_never_reads_keeps_nobody_waiting() {
    // P166, P167
    let w = world();
    let (stuck, silent) = sent(&w, &data(SOME, 1));
    let (client, server) = sent(&w, &data(SOME, 2));
    w.close(client).unwrap();
    assert!(read_all(&w, server).unwrap() == data(SOME, 2));
    assert_eq!(w.send(stuck, b"more"), Err(Errno::WOULDBLOCK));
    for s in [server, stuck, silent] {
        w.close(s).unwrap();
    }
}

#[test]
fn the_end_of_the_stream_goes_out_behind_the_data() {
    // P169: shutdown returns at once; the way back stays open.
    let w = world();
    let data = data(SOME, 3);
    let (client, server) = sent(&w, &data);
    assert_eq!(w.shutdown(client, SD_SEND), Ok(()));
    assert_eq!(w.send(client, b"x"), Err(Errno::SHUTDOWN));
    assert!(read_all(&w, server).unwrap() == data);
    w.send(server, b"thanks").unwrap();
    w.await_readable(client);
    assert_eq!(w.recv(client, &mut [0; 16]), Ok(6));
    for s in [client, server] {
        w.close(s).unwrap();
    }
}

#[test]
fn a_hard_close_throws_away_what_waits_and_resets_at_once() {
    // P198: also when the peer reads nothing.
    let w = world();
    let (client, server) = sent(&w, &data(MUCH, 4));
    w.set_option(client, SOL_SOCKET, SO_LINGER, &[1, 0, 0, 0])
        .unwrap();
    w.close(client).unwrap();
    // The reset arrives although nobody reads: a send finds it.
    w.non_blocking(server, true);
    let answer = loop {
        match w.send(server, b"x") {
            Ok(_) => thread::yield_now(),
            Err(error) => break error,
        }
    };
    assert_eq!(answer, Errno::CONNRESET);
    w.close(server).unwrap();
}

#[test]
fn room_that_the_worker_made_is_announced_to_select() {
    // P167: what would block is writable again once nothing waits.
    let w = world();
    let (client, server) = sent(&w, &data(SOME, 5));
    assert_eq!(w.select([&[], &[client], &[]], Some(0)).0, Ok(0));
    let reader = thread::spawn(move || {
        let mut chunk = vec![0; SOME];
        w.recv_flags(server, &mut chunk, MSG_WAITALL).unwrap().0
    });
    let (answer, left) = w.select([&[], &[client], &[]], Some(10_000));
    assert_eq!((answer, left[1].as_slice()), (Ok(1), [client].as_slice()));
    assert_eq!(reader.join().unwrap(), SOME);
    for s in [client, server] {
        w.close(s).unwrap();
    }
}
