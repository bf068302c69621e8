//! Sends against room, cancellation and the end of the stream.

use ws2spi_abi::NtStatus;
use ws2spi_abi::SD_SEND;
use ws2spi_abi::provider::Transfer;
use ws2spi_kernel::file::CancelScope;

use super::explore;
use super::explore_often;
use super::post::Post;
use super::post::Tell;

/// P207, P169: room that comes at any moment lets sends go on, in order, and the end of the stream follows them.
#[test]
fn sends_go_out_in_order_before_the_end() {
    explore(|world| {
        let world = world.on_port();
        let posts = [Post::new(), Post::new()];
        let posting = posts.clone();
        let poster = world.spawn(move |socket, _| {
            for (post, data) in posting.iter().zip([[1, 2], [3, 4]]) {
                let _ = post.send(socket, &data, Tell::Port).unwrap();
            }
            socket.shutdown(SD_SEND).unwrap();
        });
        let network = world.spawn(|_, net| {
            for _ in 0..4 {
                net.make_room(1);
            }
        });
        for post in &posts {
            assert_eq!(world.packet().overlapped, post.address());
            assert_eq!(post.end(), Some((NtStatus::SUCCESS, 2)));
        }
        poster.join().unwrap();
        network.join().unwrap();
        assert!(world.is_silent());
        world.socket.close();
        world.rest();
        let wire = world.net.wire();
        assert_eq!(wire.sent, [1, 2, 3, 4]);
        // The close says so again.
        assert!(!wire.ends.is_empty() && wire.ends.iter().all(|behind| *behind == 4));
    });
}

/// P207: room that comes while a send finds none, and the network is watched already, lets it go on.
#[test]
fn room_always_lets_a_send_go_on() {
    explore_often(|world| {
        let world = world.on_port();
        let posts = [Post::new(), Post::new()];
        let first = posts[0].send(&world.socket, &[1], Tell::Port);
        assert_eq!(first, Ok(Transfer::Pending));
        world.net.make_room(1);
        assert_eq!(world.packet().overlapped, posts[0].address());
        let network = world.spawn(|_, net| net.make_room(1));
        let _ = posts[1].send(&world.socket, &[2], Tell::Port).unwrap();
        assert_eq!(world.packet().overlapped, posts[1].address());
        network.join().unwrap();
        world.socket.close();
        world.rest();
        assert_eq!(world.net.wire().sent, [1, 2]);
    });
}

/// P228, P232: a send that is cancelled ends once; what another thread sends meanwhile goes out whole.
#[test]
fn a_cancelled_send_ends_once() {
    explore(|world| {
        let world = world.on_port();
        let posts = [Post::new(), Post::new()];
        for (post, data) in posts.iter().zip([[1, 2], [3, 4]]) {
            assert_eq!(
                post.send(&world.socket, &data, Tell::Port),
                Ok(Transfer::Pending)
            );
        }
        let first = posts[0].address();
        let cancel =
            world.spawn(move |socket, _| socket.cancel_io(CancelScope::Everybody, Some(first)));
        let network = world.spawn(|_, net| {
            net.make_room(2);
            net.make_room(2);
        });
        let told: Vec<_> = posts.iter().map(|_| world.packet().overlapped).collect();
        network.join().unwrap();
        let cancelled = cancel.join().unwrap();
        assert_eq!(
            told.iter().filter(|block| **block == first).count(),
            1,
            "each once"
        );
        assert!(world.is_silent());
        let status = posts[0].end().unwrap().0;
        assert_eq!(status == NtStatus::CANCELLED, cancelled == 1, "{status:?}");
        assert_eq!(posts[1].end(), Some((NtStatus::SUCCESS, 2)));
        world.socket.close();
        world.rest();
        let wire = world.net.wire();
        assert!(wire.sent.ends_with(&[3, 4]), "{:?}", wire.sent);
        assert_eq!(wire.ends, [wire.sent.len()]);
    });
}
