//! `WSAPoll` on sockets of the pipe and of the system's protocols together: each provider polls its own (client-dll.md 5.9).

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use ws2spi_abi::*;
use ws2spi_tests::census::Census;
use ws2spi_tests::extensions::poll;
use ws2spi_tests::{Socket, apc, isolated, pipe, processor, wait};

/// How long a poll that must find something waits.
const PATIENCE: i32 = wait::PATIENCE.as_millis() as i32;

/// Two connected sockets of each provider.
struct Mixed {
    pipe: (Socket, Socket),
    tcp: (Socket, Socket),
}

impl Mixed {
    fn start() -> Self {
        pipe::start();
        Self {
            pipe: pipe::pair("polled"),
            tcp: Socket::pair(AF_INET),
        }
    }

    /// The ends that are polled, in both orders, each with its peer.
    fn orders(&self) -> [[&(Socket, Socket); 2]; 2] {
        [[&self.pipe, &self.tcp], [&self.tcp, &self.pipe]]
    }
}

fn asked(s: &Socket, events: i16) -> WSAPOLLFD {
    WSAPOLLFD {
        fd: s.raw(),
        events,
        // What stands there before is overwritten.
        revents: 0x7f,
    }
}

fn said(fds: &[WSAPOLLFD]) -> Vec<i16> {
    fds.iter().map(|fd| fd.revents).collect()
}

// client-dll.md 5.9: every socket is reported, whichever provider it is of and wherever it stands.
#[test]
fn each_provider_polls_its_own_sockets() {
    isolated!();
    let mixed = Mixed::start();
    for [first, second] in mixed.orders() {
        let mut fds = [asked(&first.0, POLLWRNORM), asked(&second.0, POLLRDNORM)];
        assert_eq!(poll(&mut fds, 0), Ok(1));
        assert_eq!(said(&fds), [POLLWRNORM, 0]);
        let mut fds = [asked(&first.0, POLLRDNORM), asked(&second.0, POLLWRNORM)];
        assert_eq!(poll(&mut fds, 0), Ok(1));
        assert_eq!(said(&fds), [0, POLLWRNORM]);
        let mut fds = [first, second, first].map(|pair| asked(&pair.0, POLLWRNORM));
        assert_eq!(poll(&mut fds, PATIENCE), Ok(3));
        assert_eq!(said(&fds), [POLLWRNORM; 3]);
    }
}

// P295: among sockets of several providers, too.
#[test]
fn what_is_no_socket_is_said_and_not_counted() {
    isolated!();
    let mixed = Mixed::start();
    let stale = Socket::udp(AF_INET).raw();
    for bad in [stale, INVALID_SOCKET, 0] {
        let bad = WSAPOLLFD {
            fd: bad,
            events: POLLIN,
            revents: 0,
        };
        let [pipe, tcp] = [&mixed.pipe.0, &mixed.tcp.0].map(|s| asked(s, POLLWRNORM));
        let mut fds = [bad, pipe, bad, tcp, bad];
        assert_eq!(poll(&mut fds, 0), Ok(2));
        let expected = [POLLNVAL, POLLWRNORM, POLLNVAL, POLLWRNORM, POLLNVAL];
        assert_eq!(said(&fds), expected, "{:#x}", bad.fd);
    }
}

// 5.2: the wait ends with what comes to a socket of either provider; an APC runs when it has begun, and no sooner.
#[test]
fn what_comes_to_any_socket_ends_the_wait() {
    isolated!();
    let mixed = Mixed::start();
    for [first, second] in mixed.orders() {
        for timeout in [PATIENCE, -1] {
            let ran = Rc::new(Cell::new(0));
            for _ in 0..2 {
                let seen = ran.clone();
                apc::queue(move || seen.set(seen.get() + 1));
            }
            let sender = second.1.raw();
            apc::queue(move || {
                let sender = std::mem::ManuallyDrop::new(Socket::from_raw(sender));
                assert_eq!(sender.send(b"x", 0), Ok(1));
            });
            let mut fds = [asked(&first.0, POLLRDNORM), asked(&second.0, POLLRDNORM)];
            assert_eq!(poll(&mut fds, timeout), Ok(1));
            assert_eq!((said(&fds), ran.get()), (vec![0, POLLRDNORM], 2));
            assert_eq!(second.0.recv(&mut [0; 4], 0), Ok(1));
        }
    }
}

// 5.2: from another thread, while this one waits in no provider.
#[test]
fn another_thread_ends_the_wait() {
    isolated!();
    let mixed = Mixed::start();
    for [first, second] in mixed.orders() {
        std::thread::scope(|threads| {
            let (begun, waits) = std::sync::mpsc::channel();
            apc::queue(move || begun.send(()).expect("the sender waits for it"));
            threads.spawn(move || {
                waits.recv().expect("the wait begins");
                assert_eq!(first.1.send(b"x", 0), Ok(1));
            });
            let mut fds = [asked(&first.0, POLLRDNORM), asked(&second.0, POLLRDNORM)];
            assert_eq!(poll(&mut fds, PATIENCE), Ok(1));
            assert_eq!(said(&fds), [POLLRDNORM, 0]);
        });
        assert_eq!(first.0.recv(&mut [0; 4], 0), Ok(1));
    }
}

// 5.2: the time limit; and nothing is left over: no handle, no descriptor, no thread's.
#[test]
fn the_wait_ends_when_its_time_is_over() {
    isolated!();
    let mixed = Mixed::start();
    let poll_for = |timeout| {
        let started = Instant::now();
        let mut fds = [&mixed.pipe.0, &mixed.tcp.0].map(|s| asked(s, POLLRDNORM));
        assert_eq!(poll(&mut fds, timeout), Ok(0));
        assert_eq!(said(&fds), [0, 0]);
        assert!(started.elapsed() >= Duration::from_millis(timeout as u64));
    };
    poll_for(1);
    let before = Census::take();
    for timeout in [0, 60, 1, 7] {
        poll_for(timeout);
    }
    before.expect_no_more();
}

// design.md 4: no busy waiting: two seconds of waiting take next to no time of the processor.
#[test]
fn the_wait_is_not_busy() {
    isolated!();
    let mixed = Mixed::start();
    let mut fds = [&mixed.pipe.0, &mixed.tcp.0].map(|s| asked(s, POLLRDNORM));
    let before = processor::time();
    assert_eq!(poll(&mut fds, 2000), Ok(0));
    let used = processor::time() - before;
    assert!(used < Duration::from_millis(100), "{used:?}");
}

// P301: a socket that is closed during the wait is counted; what the pipe says of it is a select's answer: readable.
#[test]
fn a_socket_that_is_closed_during_the_wait_is_counted() {
    isolated!();
    let Mixed { pipe, tcp } = Mixed::start();
    let mut fds = [&pipe.0, &tcp.0].map(|s| asked(s, POLLRDNORM));
    let doomed = tcp.0;
    apc::queue(move || drop(doomed));
    assert_eq!(poll(&mut fds, PATIENCE), Ok(1));
    assert_eq!(said(&fds), [0, POLLNVAL]);

    let tcp = Socket::pair(AF_INET);
    let mut fds = [&pipe.0, &tcp.0].map(|s| asked(s, POLLRDNORM));
    let doomed = pipe.0;
    apc::queue(move || drop(doomed));
    assert_eq!(poll(&mut fds, PATIENCE), Ok(1));
    assert_eq!(fds[1].revents, 0);
    assert_ne!(fds[0].revents, 0);
}
