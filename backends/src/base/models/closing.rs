//! The close of the last handle, and the last WSPCleanup, against everything else.

use ws2spi_abi::Errno;
use ws2spi_abi::LINGER;
use ws2spi_abi::NtStatus;
use ws2spi_abi::provider::Transfer;
use ws2spi_kernel::file::CancelScope;

use super::explore;
use super::post::Post;
use super::post::Tell;

/// P225: a receive that is posted while the socket is closed is refused, or ends once: by the data or by the close.
#[test]
fn a_close_ends_each_receive_once() {
    explore(|world| {
        let world = world.on_port();
        let posts = [Post::new(), Post::new()];
        assert_eq!(
            posts[0].receive(&world.socket, 1, Tell::Port),
            Ok(Transfer::Pending)
        );
        let late = posts[1].clone();
        let poster = world.spawn(move |socket, _| late.receive(socket, 1, Tell::Port));
        let network = world.spawn(|_, net| net.arrive(&[1]));
        let cancel = world.spawn(|socket, _| socket.cancel_io(CancelScope::Everybody, None));
        let close = world.spawn(|socket, _| socket.close());
        let began = match poster.join().unwrap() {
            Ok(_) => 2,
            Err(Errno::CONNABORTED) => 1,
            Err(error) => panic!("{error}"),
        };
        network.join().unwrap();
        cancel.join().unwrap();
        close.join().unwrap();
        let mut told: Vec<_> = (0..began).map(|_| world.packet().overlapped).collect();
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), began, "each once");
        assert!(world.is_silent());
        for post in &posts[..began] {
            let end = post.end().unwrap();
            let aborted = [NtStatus::CONNECTION_ABORTED, NtStatus::CANCELLED];
            assert!(
                end == (NtStatus::SUCCESS, 1) || aborted.contains(&end.0),
                "{end:?}"
            );
        }
        world.rest();
    });
}

/// P225: nobody else comes by: the close itself ends what waits.
#[test]
fn a_close_alone_ends_each_receive() {
    explore(|world| {
        let world = world.on_port();
        let posts = [Post::new(), Post::new()];
        let late = posts[1].clone();
        assert_eq!(
            posts[0].receive(&world.socket, 1, Tell::Port),
            Ok(Transfer::Pending)
        );
        let poster = world.spawn(move |socket, _| late.receive(socket, 1, Tell::Port));
        world.socket.close();
        let began = 1 + usize::from(poster.join().unwrap() == Ok(Transfer::Pending));
        for _ in 0..began {
            world.packet();
        }
        assert!(world.is_silent());
        for post in &posts[..began] {
            assert_eq!(post.end(), Some((NtStatus::CONNECTION_ABORTED, 0)));
        }
        world.rest();
    });
}

/// P225: the first receive of a socket, whether the close comes before, after or in between.
#[test]
fn a_close_ends_the_first_receive() {
    explore(|world| {
        let world = world.on_port();
        let post = Post::new();
        let mine = post.clone();
        let poster = world.spawn(move |socket, _| mine.receive(socket, 1, Tell::Port));
        world.socket.close();
        if poster.join().unwrap() == Ok(Transfer::Pending) {
            assert_eq!(world.packet().overlapped, post.address());
            assert_eq!(post.end(), Some((NtStatus::CONNECTION_ABORTED, 0)));
        }
        assert!(world.is_silent());
        world.rest();
    });
}

/// P227: the first send of a socket that is reset.
#[test]
fn a_reset_ends_the_first_send() {
    explore(|world| {
        let world = world.on_port();
        world.socket.control.lock().options.linger = LINGER {
            l_onoff: 1,
            l_linger: 0,
        };
        let post = Post::new();
        let mine = post.clone();
        let poster = world.spawn(move |socket, _| mine.send(socket, &[1], Tell::Port));
        world.socket.close();
        if poster.join().unwrap() == Ok(Transfer::Pending) {
            assert_eq!(world.packet().overlapped, post.address());
            assert_eq!(post.end(), Some((NtStatus::CONNECTION_ABORTED, 0)));
        }
        assert!(world.is_silent());
        world.rest();
        assert!(world.net.wire().is_reset);
    });
}

/// U112: the first requests of a socket that the last cleanup takes away.
#[test]
fn a_cleanup_ends_the_first_requests() {
    explore(|world| {
        let world = world.on_port();
        let posts = [Post::new(), Post::new()];
        let mine = posts.clone();
        let receiver = world.spawn(move |socket, _| mine[0].receive(socket, 1, Tell::Port));
        let mine = posts.clone();
        let sender = world.spawn(move |socket, _| mine[1].send(socket, &[1], Tell::Port));
        world.socket.cancel();
        world.socket.close();
        for (post, poster) in posts.iter().zip([receiver, sender]) {
            if poster.join().unwrap() == Ok(Transfer::Pending) {
                assert_eq!(post.end(), Some((NtStatus::CANCELLED, 0)));
            }
        }
        assert!(world.is_silent());
        world.rest();
    });
}

/// P226, P169: sends go on behind a close, and the end of the stream follows them.
#[test]
fn a_send_goes_on_behind_a_close() {
    explore(|world| {
        let world = world.on_port();
        let post = Post::new();
        assert_eq!(
            post.send(&world.socket, &[1, 2], Tell::Port),
            Ok(Transfer::Pending)
        );
        let close = world.spawn(|socket, _| socket.close());
        let network = world.spawn(|_, net| {
            net.make_room(1);
            net.make_room(1);
        });
        assert_eq!(world.packet().overlapped, post.address());
        assert_eq!(post.end(), Some((NtStatus::SUCCESS, 2)));
        close.join().unwrap();
        network.join().unwrap();
        assert!(world.is_silent());
        world.rest();
        let wire = world.net.wire();
        assert_eq!((&wire.sent[..], &wire.ends[..]), (&[1, 2][..], &[2][..]));
    });
}

/// U112, base-provider.md 1.6: the last cleanup ends what goes on and tells nobody; what ended before was told.
#[test]
fn a_cleanup_ends_each_request_and_tells_nobody() {
    explore(|world| {
        let world = world.on_port();
        let posts = [Post::new(), Post::new()];
        assert_eq!(
            posts[0].receive(&world.socket, 1, Tell::Port),
            Ok(Transfer::Pending)
        );
        assert_eq!(
            posts[1].send(&world.socket, &[1, 2], Tell::Port),
            Ok(Transfer::Pending)
        );
        let network = world.spawn(|_, net| {
            net.arrive(&[1]);
            net.make_room(2);
        });
        let cleanup = world.spawn(|socket, _| {
            socket.cancel();
            socket.close();
        });
        network.join().unwrap();
        cleanup.join().unwrap();
        world.rest();
        let ended = posts.iter().map(|post| post.end().expect("it has ended").0);
        let succeeded = ended.filter(|status| *status == NtStatus::SUCCESS).count();
        for _ in 0..succeeded {
            world.packet();
        }
        assert!(world.is_silent());
        assert!(world.net.wire().is_reset);
    });
}
