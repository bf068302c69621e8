//! Receives against arrivals, cancellation and alertable waits.

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::provider::Transfer;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::file::CancelScope;
use ws2spi_kernel::wait;
use ws2spi_kernel::wait::Alert;

use super::explore;
use super::explore_often;
use super::post::Post;
use super::post::Tell;

/// P204: whatever arrives while a receive is being posted, or before or after, ends it.
#[test]
fn an_arrival_always_ends_a_receive() {
    explore(|world| {
        let world = world.on_port();
        let posts = [Post::new(), Post::new()];
        let posting = posts.clone();
        let poster = world.spawn(move |socket, _| {
            for post in &posting {
                let _ = post.receive(socket, 1, Tell::Port).unwrap();
            }
        });
        let network = world.spawn(|_, net| {
            net.arrive(&[1]);
            net.arrive(&[2]);
        });
        // P208: in the order of posting, with the data in their order.
        for (post, byte) in posts.iter().zip([1, 2]) {
            let packet = world.packet();
            assert_eq!(packet.overlapped, post.address());
            assert_eq!(post.end(), Some((NtStatus::SUCCESS, 1)));
            assert_eq!(post.received(), [byte]);
        }
        poster.join().unwrap();
        network.join().unwrap();
        assert!(world.is_silent());
        world.socket.close();
        world.rest();
    });
}

/// P204: what arrives while a receive finds nothing, and the network is watched already, ends it.
#[test]
fn an_arrival_ends_the_receive_that_is_being_posted() {
    explore_often(|world| {
        let world = world.on_port();
        let posts = [Post::new(), Post::new()];
        let first = posts[0].receive(&world.socket, 1, Tell::Port);
        assert_eq!(first, Ok(Transfer::Pending));
        world.net.arrive(&[1]);
        assert_eq!(world.packet().overlapped, posts[0].address());
        let network = world.spawn(|_, net| net.arrive(&[2]));
        let _ = posts[1].receive(&world.socket, 1, Tell::Port).unwrap();
        assert_eq!(world.packet().overlapped, posts[1].address());
        assert_eq!(posts[1].received(), [2]);
        network.join().unwrap();
        world.socket.close();
        world.rest();
    });
}

/// P204: also when the receive before it left room, so that the next is not tried.
#[test]
fn an_arrival_ends_a_receive_that_is_not_tried() {
    explore_often(|world| {
        let world = world.on_port();
        let watched = Post::new();
        let first = watched.receive(&world.socket, 4, Tell::Port);
        assert_eq!(first, Ok(Transfer::Pending));
        world.net.arrive(&[1]);
        assert_eq!(world.packet().overlapped, watched.address());
        world.net.arrive(&[2]);
        let network = world.spawn(|_, net| net.arrive(&[3]));
        let mut bytes = Vec::from(watched.received());
        while bytes.len() < 3 {
            let post = Post::new();
            let _ = post.receive(&world.socket, 4, Tell::Port).unwrap();
            assert_eq!(world.packet().overlapped, post.address());
            bytes.extend(post.received());
        }
        assert_eq!(bytes, [1, 2, 3]);
        network.join().unwrap();
        world.socket.close();
        world.rest();
    });
}

/// P228, "exactly once": each receive ends by its data or by the cancel, which says how many it took; no data are lost.
#[test]
fn a_cancel_and_an_arrival_share_the_receives() {
    explore(|world| {
        let world = world.on_port();
        let posts = [Post::new(), Post::new()];
        for post in &posts {
            assert_eq!(
                post.receive(&world.socket, 1, Tell::Port),
                Ok(Transfer::Pending)
            );
        }
        let second = posts[1].address();
        let one =
            world.spawn(move |socket, _| socket.cancel_io(CancelScope::Everybody, Some(second)));
        let all = world.spawn(|socket, _| socket.cancel_io(CancelScope::Everybody, None));
        let network = world.spawn(|_, net| net.arrive(&[1, 2]));
        let mut ended: Vec<_> = posts.iter().map(|_| world.packet().overlapped).collect();
        network.join().unwrap();
        let cancelled = one.join().unwrap() + all.join().unwrap();
        ended.sort_unstable();
        let mut expected = posts.each_ref().map(|post| post.address());
        expected.sort_unstable();
        assert_eq!(ended, expected, "each once");
        assert!(world.is_silent());
        let mut bytes: Vec<u8> = Vec::new();
        let mut aborted = 0;
        for post in &posts {
            match post.end().unwrap() {
                (NtStatus::SUCCESS, 1) => bytes.extend(post.received()),
                (NtStatus::CANCELLED, 0) => aborted += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(aborted, cancelled);
        assert!([1, 2].starts_with(&bytes), "overtaken: {bytes:?}");
        world.socket.close();
        world.rest();
    });
}

/// P222, P238: the routine of a receive runs once, on the thread that posted it, in an alertable wait, whoever ended it.
#[test]
fn a_routine_runs_once_whoever_ended_its_receive() {
    explore(|world| {
        let post = Post::new();
        let mine = post.clone();
        let poster = world.spawn(
            move |socket, _| match mine.receive(socket, 1, Tell::Routine) {
                Ok(_) => {
                    assert_eq!(mine.calls(), 0, "not before a wait");
                    let waited = wait::sleep(Timeout::Infinite, Alert::Alertable);
                    assert_eq!(waited, wait::Waited::Apc);
                    true
                }
                Err(Errno::CONNABORTED) => false,
                Err(error) => panic!("{error}"),
            },
        );
        let network = world.spawn(|_, net| net.arrive(&[1]));
        let cancel = world.spawn(|socket, _| socket.cancel_io(CancelScope::Everybody, None));
        let close = world.spawn(|socket, _| socket.close());
        let began = poster.join().unwrap();
        network.join().unwrap();
        cancel.join().unwrap();
        close.join().unwrap();
        assert_eq!(post.calls(), usize::from(began));
        world.rest();
    });
}
