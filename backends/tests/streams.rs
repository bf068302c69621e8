//! Data on connections and how these end, through the provider's table over the loopback.

mod world;

use std::thread;

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
