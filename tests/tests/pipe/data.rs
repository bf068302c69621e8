//! Moving bytes through the pipe: blocking and not, with time limits, and when the other end goes away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use ws2spi_abi::*;
use ws2spi_tests::census::Census;
use ws2spi_tests::hostile::cleanup;
use ws2spi_tests::readiness::{self, Ready};
use ws2spi_tests::{isolated, pipe, socket, wait, winsock};

fn run(body: fn()) {
    let before = Census::take();
    pipe::start();
    wait::within_patience("the test", body);
    cleanup();
    before.expect_no_more();
}

/// A thread in a blocking call, which has begun when this returns as far as one can see from outside.
fn blocked<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> thread::JoinHandle<T> {
    let begins = Arc::new(AtomicBool::new(false));
    let about_to = Arc::clone(&begins);
    let thread = thread::spawn(move || {
        about_to.store(true, Ordering::Release);
        call()
    });
    wait::until("the call begins", || begins.load(Ordering::Acquire));
    thread
}

// More than the pipe holds goes through when both ends block: each waits for the other.
#[test]
fn a_large_stream_goes_through() {
    isolated!();
    run(|| {
        let (client, server) = pipe::pair("stream");
        let sent: Vec<u8> = (0..1_000_000u32).map(|n| (n % 251) as u8).collect();
        let expected = sent.clone();
        let sender = thread::spawn(move || {
            assert_eq!(client.send(&sent, 0), Ok(sent.len()));
            client
        });
        let mut got = vec![0; expected.len()];
        server.recv_exact(&mut got);
        assert!(got == expected);
        drop(sender.join().expect("the sender ends"));
        assert_eq!(server.recv(&mut got, 0), Ok(0));
    });
}

#[test]
fn a_nonblocking_socket_does_not_wait() {
    isolated!();
    run(|| {
        let (client, server) = pipe::pair("at once");
        server.set_nonblocking(true).expect("FIONBIO is known");
        assert_eq!(server.recv(&mut [0], 0), Err(Errno::WOULDBLOCK));
        let filled = std::iter::repeat_with(|| server.send(&[7; 40_000], 0));
        let (taken, end): (usize, _) = {
            let mut taken = 0;
            let mut end = None;
            for answer in filled {
                match answer {
                    Ok(count) => taken += count,
                    Err(error) => {
                        end = Some(error);
                        break;
                    }
                }
            }
            (taken, end)
        };
        assert_eq!((taken, end), (65_536, Some(Errno::WOULDBLOCK)));
        assert_eq!(client.available(), Ok(65_536));
        assert_eq!(readiness::select(&server, 0), Ok(Ready::NOTHING));
        let mut room = vec![0; 65_536];
        client.recv_exact(&mut room);
        assert_eq!(readiness::select(&server, 0), Ok(Ready::WRITE));
    });
}

#[test]
fn a_receive_gives_up_after_its_time() {
    isolated!();
    run(|| {
        let (client, _server) = pipe::pair("late");
        client
            .set_option(SOL_SOCKET, SO_RCVTIMEO, 20)
            .expect("the option is known");
        assert_eq!(client.recv(&mut [0], 0), Err(Errno::TIMEDOUT));
    });
}

// U38: closing a handle on thread B while A blocks in WSPRecv: A's call returns through the pinned provider.
#[test]
fn closing_ends_a_blocked_receive() {
    isolated!();
    run(|| {
        let (client, _server) = pipe::pair("closing");
        let client = Arc::new(client);
        let other = Arc::clone(&client);
        let receiver = blocked(move || other.recv(&mut [0], 0));
        assert_eq!(client.close_under_way(), Ok(()));
        let answer = receiver.join().expect("no panic");
        // Before or after the receive has looked its socket up.
        assert!(
            [Err(Errno::CONNABORTED), Err(Errno::NOTSOCK)].contains(&answer),
            "{answer:?}"
        );
    });
}

// U168: closesocket wakes a blocked accept, which fails, and a select, which counts the socket as ready.
#[test]
fn closing_ends_a_blocked_accept_and_a_select() {
    isolated!();
    run(|| {
        let listener = Arc::new(pipe::listener("closed door"));
        let (accepting, selecting) = (Arc::clone(&listener), Arc::clone(&listener));
        let acceptor = blocked(move || accepting.accept().map(drop));
        let selector = blocked(move || readiness::select(&selecting, 30_000));
        assert_eq!(listener.close_under_way(), Ok(()));
        let accepted = acceptor.join().expect("no panic");
        assert!(
            [Err(Errno::INTR), Err(Errno::NOTSOCK)].contains(&accepted),
            "{accepted:?}"
        );
        let selected = selector.join().expect("no panic");
        assert!(
            [Ok(Ready::READ), Err(Errno::NOTSOCK)].contains(&selected),
            "{selected:?}"
        );
    });
}

// client-dll.md 3.7: the last WSACleanup ends blocked calls; nothing hangs.
#[test]
fn the_last_cleanup_ends_blocked_calls() {
    isolated!();
    let before = Census::take();
    pipe::start();
    let (client, server) = wait::within_patience("a pair", || pipe::pair("the end"));
    let receiver = blocked(move || {
        let answer = client.recv(&mut [0], 0);
        (client.into_raw(), answer)
    });
    // What the receiver waits for is an event of the upcalls: it is inside once that one is there.
    wait::until("the receive waits", || {
        ws2spi_cli::runtime::kinds_of_handles().contains(&"1 event".to_owned())
    });
    cleanup();
    let (_, answer) = wait::within_patience("the receive ends", move || {
        receiver.join().expect("no panic")
    });
    assert_eq!(answer, Err(Errno::CONNABORTED));
    drop(server);
    before.expect_no_more();
}

#[test]
fn the_end_of_a_stream_and_a_reset_differ() {
    isolated!();
    run(|| {
        let (client, server) = pipe::pair("end");
        server.send(b"last", 0).expect("a connection carries");
        drop(server);
        let mut got = [0; 8];
        assert_eq!(client.recv(&mut got, 0), Ok(4));
        assert_eq!(client.recv(&mut got, 0), Ok(0));
        assert_eq!(client.send(b"nobody", 0), Err(Errno::CONNRESET));
        let (client, server) = pipe::pair("reset");
        client.send(b"unread", 0).expect("a connection carries");
        drop(server);
        assert_eq!(client.recv(&mut got, 0), Err(Errno::CONNRESET));
    });
}

#[test]
fn a_peek_leaves_the_bytes() {
    isolated!();
    run(|| {
        let (client, server) = pipe::pair("peek");
        client.send(b"twice", 0).expect("a connection carries");
        let mut got = [0; 8];
        assert_eq!(server.recv(&mut got, MSG_PEEK as i32), Ok(5));
        assert_eq!(server.recv(&mut got, 0), Ok(5));
        assert_eq!(&got[..5], b"twice");
    });
}

// client-dll.md 1.6: ReadFile and WriteFile on a minted handle are routed to the provider's WSPRecv and WSPSend.
#[test]
fn files_functions_reach_the_provider() {
    isolated!();
    run(|| {
        let (client, server) = pipe::pair("file");
        let (mut written, mut read) = (0, 0);
        let no = std::ptr::null_mut();
        // SAFETY: bytes and count are live locals.
        let wrote = unsafe {
            winsock::WriteFile(client.raw(), b"as a file".as_ptr(), 9, &raw mut written, no)
        };
        assert_eq!((wrote, written), (TRUE, 9), "{}", socket::last_code());
        let mut got = [0u8; 16];
        // SAFETY: as above.
        let done =
            unsafe { winsock::ReadFile(server.raw(), got.as_mut_ptr(), 16, &raw mut read, no) };
        assert_eq!((done, read), (TRUE, 9), "{}", socket::last_code());
        assert_eq!(&got[..9], b"as a file");
    });
}

// client-dll.md 5.9: WSAPoll of a provider without a poll function is asked through its WSPSelect.
#[test]
fn polling_goes_through_select() {
    isolated!();
    run(|| {
        let (client, server) = pipe::pair("poll");
        let mut fds = [POLLRDNORM, POLLWRNORM].map(|events| WSAPOLLFD {
            fd: client.raw(),
            events,
            revents: 0,
        });
        // SAFETY: the array is a live local.
        let poll = |fds: &mut [WSAPOLLFD], timeout| unsafe {
            winsock::WSAPoll(fds.as_mut_ptr(), fds.len() as u32, timeout)
        };
        assert_eq!(poll(&mut fds[..1], 1), 0);
        assert_eq!((poll(&mut fds, -1), fds[1].revents), (1, POLLWRNORM));
        let mut readable = [fds[0]];
        let poller = blocked(move || (poll(&mut readable, -1), readable[0].revents));
        server.send(b"now", 0).expect("a connection carries");
        assert_eq!(poller.join().expect("no panic"), (1, POLLRDNORM));
    });
}
