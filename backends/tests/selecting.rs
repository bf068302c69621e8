//! select, WSAPoll and what ends them.

mod world;

use std::thread;
use std::time::Instant;

use world::world;
use ws2spi_abi::*;

fn poll(requests: &mut [WSAPOLLFD], timeout: i32) -> (i32, i32) {
    let w = world();
    let s = w.udp();
    // SAFETY: the type of WSAPoll.
    let poll: LPFN_WSAPOLL = unsafe { w.extension(s, WSAID_WSAPOLL) };
    w.close(s).unwrap();
    // SAFETY: as many elements as it says.
    let result = unsafe { poll(requests.as_mut_ptr(), requests.len() as u32, timeout) };
    (result, ws2spi_kernel::last_error::last_error())
}

fn request(fd: SOCKET, events: i16) -> WSAPOLLFD {
    WSAPOLLFD {
        fd,
        events,
        revents: 0x5555,
    }
}

#[test]
fn empty_sets_and_closed_handles_are_refused_and_the_sets_stay() {
    // P280, P281
    let w = world();
    assert_eq!(w.select([&[], &[], &[]], Some(0)).0, Err(Errno::INVAL));
    let (gone, udp) = (w.tcp(), w.udp());
    w.close(gone).unwrap();
    let (answer, left) = w.select([&[udp], &[udp, gone], &[]], Some(0));
    assert_eq!(
        (answer, left),
        (Err(Errno::NOTSOCK), [vec![udp], vec![udp, gone], vec![]])
    );
    w.close(udp).unwrap();
}

#[test]
fn a_handle_counts_once_in_a_set_and_again_in_another() {
    // P282, P286, P287
    let w = world();
    let (udp, tcp) = (w.udp(), w.tcp());
    let (answer, left) = w.select([&[tcp, udp], &[udp, udp, tcp], &[tcp]], Some(0));
    assert_eq!((answer, left), (Ok(1), [vec![], vec![udp], vec![]]));
    let (client, server) = w.pair();
    w.send(client, b"x").unwrap();
    w.await_readable(server);
    let (answer, left) = w.select([&[server], &[server], &[]], Some(0));
    assert_eq!(
        (answer, left),
        (Ok(2), [vec![server], vec![server], vec![]])
    );
    for s in [udp, tcp, client, server] {
        w.close(s).unwrap();
    }
}

#[test]
fn the_same_set_may_be_passed_twice() {
    // P283
    let w = world();
    let udp = w.udp();
    let mut set = [1u64, udp as u64];
    let pointer = set.as_mut_ptr().cast();
    let time = TIMEVAL {
        tv_sec: 0,
        tv_usec: 0,
    };
    // SAFETY: a set of one, passed twice.
    let answer = unsafe {
        w.procs()
            .select(0, pointer, pointer, std::ptr::null_mut(), &time)
    };
    assert_eq!((answer, set), (Ok(1), [1, udp as u64]));
    // P285
    assert_eq!((time.tv_sec, time.tv_usec), (0, 0));
    w.close(udp).unwrap();
}

#[test]
fn two_hundred_sockets_are_selected_at_once() {
    // P284
    let w = world();
    let sockets: Vec<_> = (0..200).map(|_| w.udp()).collect();
    let (answer, left) = w.select([&[], &sockets, &[]], Some(0));
    assert_eq!((answer, left[1].len()), (Ok(200), 200));
    for s in sockets {
        w.close(s).unwrap();
    }
}

#[test]
fn a_select_without_news_times_out_with_empty_sets() {
    // 5.1
    let w = world();
    let (s, _) = w.bound_udp();
    let before = Instant::now();
    let (answer, left) = w.select([&[s], &[], &[s]], Some(30));
    assert_eq!((answer, left), (Ok(0), [vec![], vec![], vec![]]));
    assert!(before.elapsed().as_millis() >= 30);
    w.close(s).unwrap();
}

#[test]
fn a_socket_that_is_closed_ends_a_select() {
    // P289, P290
    let w = world();
    for (side, expected) in [(0, Ok(1)), (2, Err(Errno::NOTSOCK))] {
        let (client, server) = w.pair();
        let waiting = thread::spawn(move || {
            let mut sets: [&[SOCKET]; 3] = [&[], &[], &[]];
            let set = [server];
            sets[side] = &set;
            w.select(sets, None).0
        });
        // The other thread is in its wait, or about to look: both must end.
        thread::yield_now();
        w.close(server).unwrap();
        let answer = waiting.join().unwrap();
        // A select that came too late finds no socket at all.
        assert!(
            answer == expected || answer == Err(Errno::NOTSOCK),
            "{answer:?}"
        );
        w.close(client).unwrap();
    }
}

#[test]
fn poll_checks_its_arguments() {
    // P293-P296
    let w = world();
    assert_eq!(poll(&mut [], 0), (-1, WSAEINVAL));
    let s = w.udp();
    for events in [POLLERR, POLLHUP, POLLNVAL, POLLPRI, POLLWRBAND, 0x800] {
        assert_eq!(
            poll(&mut [request(s, events)], 0),
            (-1, WSAEINVAL),
            "{events:#x}"
        );
    }
    let mut bad = [request(0x1234_5678, POLLIN)];
    assert_eq!(poll(&mut bad, 0), (-1, WSAENOTSOCK));
    let mut some = [request(usize::MAX, POLLIN), request(s, POLLOUT)];
    assert_eq!(poll(&mut some, 0).0, 1);
    assert_eq!((some[0].revents, some[1].revents), (POLLNVAL, POLLWRNORM));
    w.close(s).unwrap();
}

#[test]
fn poll_says_end_reset_urgent_data_and_failure() {
    // P297-P300
    let w = world();
    let (client, server) = w.pair();
    w.send_flags(client, b"u", MSG_OOB).unwrap();
    let mut urgent = [request(server, POLLIN)];
    assert_eq!(
        (poll(&mut urgent, 10_000).0, urgent[0].revents),
        (1, POLLRDBAND)
    );
    w.send(client, b"x").unwrap();
    w.shutdown(client, SD_SEND).unwrap();
    w.recv_flags(server, &mut [0], MSG_OOB).unwrap();
    let mut both = [request(server, POLLRDNORM)];
    while poll(&mut both, 10_000).0 != 1 || both[0].revents != POLLRDNORM | POLLHUP {}
    w.recv(server, &mut [0]).unwrap();
    let mut end = [request(server, POLLRDNORM)];
    assert_eq!((poll(&mut end, 0).0, end[0].revents), (1, POLLHUP));
    w.close(client).unwrap();
    w.close(server).unwrap();

    let (_, server) = w.reset_pair();
    let mut broken = [request(server, POLLIN | POLLOUT)];
    assert_eq!(poll(&mut broken, 0).0, 1);
    assert_eq!(broken[0].revents, POLLERR | POLLHUP | POLLWRNORM);
    w.close(server).unwrap();

    let (listener, address) = w.listener();
    w.close(listener).unwrap();
    let client = w.tcp();
    w.non_blocking(client, true);
    w.connect(client, address).unwrap_err();
    let mut failed = [request(client, POLLOUT)];
    assert_eq!(poll(&mut failed, 10_000).0, 1);
    assert_eq!(failed[0].revents, POLLWRNORM | POLLHUP | POLLERR);
    w.close(client).unwrap();
}

#[test]
fn a_socket_that_is_closed_ends_a_poll() {
    // P301
    let w = world();
    let (client, server) = w.pair();
    let waiting = thread::spawn(move || {
        let mut requests = [request(server, POLLIN)];
        let (count, _) = poll(&mut requests, -1);
        (count, requests[0].revents)
    });
    thread::yield_now();
    w.close(server).unwrap();
    let (count, events) = waiting.join().unwrap();
    // One that came too late finds no socket.
    assert!(matches!(count, 1 | -1));
    assert_eq!(events, POLLNVAL);
    w.close(client).unwrap();
}
