//! `select`: what is in the sets afterwards, what is counted, what ends the wait.

use crate::readiness::{self, Ready};
use crate::sending::reset;
use crate::sets::{Set, Time, select, select_and_time};
use crate::socket::loopback;
use crate::{Socket, apc, cases, wait};
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use ws2spi_abi::*;

cases! {
    nothing_to_select_is_invalid: [P280, U170], [];
    a_closed_handle_in_any_set_is_no_socket: [P281], [Udp];
    a_handle_that_stands_twice_in_a_set_counts_once: [P282], [Udp];
    a_handle_in_two_sets_counts_twice: ["base-provider.md 5.1"], [Tcp];
    the_same_set_may_stand_in_two_places: [P283], [Tcp];
    sets_may_have_more_than_64_entries: [P284], [Udp];
    the_time_is_not_changed: [P285], [Tcp, Udp];
    the_time_limit_leaves_empty_sets: ["base-provider.md 5.1"], [Udp] within 20;
    a_time_out_of_range_is_invalid: ["base-provider.md 5.1"], [Udp];
    a_stream_that_never_connected_is_ready_for_nothing: [P286], [Tcp, Ipv6];
    an_unbound_datagram_socket_is_writable: [P287], [Udp, Ipv6];
    data_connections_and_the_end_are_readable: ["base-provider.md 5.1, the table"], [Tcp];
    a_full_stream_is_not_writable: ["base-provider.md 5.1, the table"], [Tcp];
    urgent_data_are_exceptional: [P288], [Tcp];
    a_wait_for_exceptions_ends_with_urgent_data: [P288], [Tcp] within 20;
    urgent_data_are_readable_inline: [P288], [Tcp];
    a_socket_that_is_closed_during_the_wait_is_readable: [P289], [Tcp] within 20;
    a_socket_that_is_closed_during_a_wait_for_exceptions_is_no_socket: [P290], [Tcp] within 20;
    a_close_by_another_thread_ends_the_wait: [P289, U168], [Tcp] within 20;
    the_wait_is_alertable: [P291], [Tcp] within 20;
    a_select_that_does_not_wait_is_not_alertable: [P291], [Tcp, Udp];
    a_reset_connection_is_readable_and_writable: [P292], [Tcp];
}

/// What select says of a socket now.
fn now(s: &Socket) -> Ready {
    readiness::select(s, 0).expect("a socket can be selected")
}

// At once, whatever the time.
fn nothing_to_select_is_invalid() {
    let (a, b, c) = (Set::of(&[]), Set::of(&[]), Set::of(&[]));
    for time in [Time::None, Time::Patience, Time::Ever] {
        assert_eq!(select([None; 3], time), Err(Errno::INVAL));
        assert_eq!(select([Some(&a), None, None], time), Err(Errno::INVAL));
        let all = [Some(&a), Some(&b), Some(&c)];
        assert_eq!(select(all, time), Err(Errno::INVAL));
    }
}

fn a_closed_handle_in_any_set_is_no_socket() {
    let good = Socket::bound_udp(AF_INET);
    let stale = Socket::udp(AF_INET).raw();
    let bad = [stale, good.raw()];
    for at in 0..3 {
        for handles in [[stale, good.raw()], [good.raw(), stale]] {
            let sets = [0, 1, 2].map(|place| {
                if place == at {
                    Set::of_raw(&handles)
                } else {
                    Set::of(&[&good])
                }
            });
            let all = [0, 1, 2].map(|place| Some(&sets[place]));
            assert_eq!(select(all, Time::None), Err(Errno::NOTSOCK));
            assert_eq!(sets[at].handles(), handles, "the sets are as they were");
            assert_eq!(sets[(at + 1) % 3].handles(), [good.raw()]);
        }
        let alone = Set::of_raw(&bad[..1]);
        let mut only = [None; 3];
        only[at] = Some(&alone);
        assert_eq!(select(only, Time::Ever), Err(Errno::NOTSOCK));
        assert_eq!(alone.handles(), [stale]);
    }
}

fn a_handle_that_stands_twice_in_a_set_counts_once() {
    let (s, other) = (Socket::udp(AF_INET), Socket::udp(AF_INET));
    let set = Set::of(&[&s, &s, &other, &s]);
    assert_eq!(select([None, Some(&set), None], Time::None), Ok(2));
    assert_eq!(set.handles(), [s.raw(), other.raw()]);
}

// Each of two sets.
fn a_handle_in_two_sets_counts_twice() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(client.send(b"x", 0), Ok(1));
    wait::until("the data arrives", || server.available() == Ok(1));
    let (read, write) = (Set::of(&[&server]), Set::of(&[&server]));
    let both = [Some(&read), Some(&write), None];
    assert_eq!(select(both, Time::None), Ok(2));
    assert_eq!(read.handles(), [server.raw()]);
    assert_eq!(write.handles(), [server.raw()]);
}

// It gets what either place would have got.
fn the_same_set_may_stand_in_two_places() {
    let (_client, server) = Socket::pair(AF_INET);
    let quiet = Socket::tcp(AF_INET);
    for places in [[0, 1], [1, 2], [0, 2]] {
        let set = Set::of(&[&quiet, &server]);
        let mut sets = [None; 3];
        for place in places {
            sets[place] = Some(&set);
        }
        let writable = places.contains(&1);
        assert_eq!(select(sets, Time::None), Ok(i32::from(writable)));
        let expected = if writable { vec![server.raw()] } else { vec![] };
        assert_eq!(set.handles(), expected, "{places:?}");
    }
}

// A set is as large as its count says.
fn sets_may_have_more_than_64_entries() {
    let sockets: Vec<Socket> = (0..200).map(|_| Socket::bound_udp(AF_INET)).collect();
    let all: Vec<&Socket> = sockets.iter().collect();
    let write = Set::of(&all);
    assert_eq!(select([None, Some(&write), None], Time::None), Ok(200));
    let handles: Vec<SOCKET> = sockets.iter().map(Socket::raw).collect();
    assert_eq!(write.handles(), handles, "in the order of the set");

    let to = |at: usize| sockets[at].name().expect("it is bound");
    for at in [3, 150, 199] {
        assert_eq!(sockets[0].send_to(b"x", to(at)), Ok(1));
    }
    wait::until("all three arrive", || {
        let read = Set::of(&all);
        let ready = select([Some(&read), None, None], Time::Patience);
        read.handles() == [3, 150, 199].map(|at| handles[at]) && ready == Ok(3)
    });
}

// Neither when something is ready nor when the time is over.
fn the_time_is_not_changed() {
    let (ready, quiet) = (Socket::udp(AF_INET), Socket::tcp(AF_INET));
    let time = TIMEVAL {
        tv_sec: 0,
        tv_usec: 20_000,
    };
    let (result, after) = select_and_time([None, Some(&Set::of(&[&ready])), None], time);
    assert_eq!((result, after.tv_sec, after.tv_usec), (Ok(1), 0, 20_000));
    let (result, after) = select_and_time([None, Some(&Set::of(&[&quiet])), None], time);
    assert_eq!((result, after.tv_sec, after.tv_usec), (Ok(0), 0, 20_000));
}

// The sets are empty when the time is over, and it is not over too soon.
fn the_time_limit_leaves_empty_sets() {
    let s = Socket::bound_udp(AF_INET);
    let (read, except) = (Set::of(&[&s]), Set::of(&[&s]));
    let time = Time::Is(TIMEVAL {
        tv_sec: 0,
        tv_usec: 60_000,
    });
    let started = Instant::now();
    assert_eq!(select([Some(&read), None, Some(&except)], time), Ok(0));
    assert!(started.elapsed() >= Duration::from_millis(60));
    assert_eq!((read.handles(), except.handles()), (vec![], vec![]));
}

fn a_time_out_of_range_is_invalid() {
    let s = Socket::udp(AF_INET);
    for (tv_sec, tv_usec) in [(-1, 0), (0, -1), (0, 1_000_000)] {
        let set = Set::of(&[&s]);
        let time = Time::Is(TIMEVAL { tv_sec, tv_usec });
        assert_eq!(select([None, Some(&set), None], time), Err(Errno::INVAL));
        assert_eq!(set.handles(), [s.raw()]);
    }
}

// Whatever the system below says of it.
fn a_stream_that_never_connected_is_ready_for_nothing() {
    let bound = Socket::tcp(AF_INET);
    bound
        .bind(loopback(AF_INET))
        .expect("loopback can be bound");
    for s in [Socket::tcp(AF_INET), bound, Socket::tcp(AF_INET6)] {
        assert_eq!(now(&s), Ready::NOTHING);
    }
}

fn an_unbound_datagram_socket_is_writable() {
    for family in [AF_INET, AF_INET6] {
        assert_eq!(now(&Socket::udp(family)), Ready::WRITE);
    }
}

// What makes a socket readable.
fn data_connections_and_the_end_are_readable() {
    let listener = Socket::listener(AF_INET);
    assert_eq!(now(&listener), Ready::NOTHING);
    let client = Socket::tcp(AF_INET);
    let to = listener.name().expect("a listener has a name");
    client.connect(to).expect("loopback connects");
    assert_eq!(readiness::until_ready(&listener), Ready::READ);
    let (server, _) = listener.accept().expect("it is there");
    assert_eq!(now(&listener), Ready::NOTHING);

    assert_eq!(now(&server), Ready::WRITE);
    let both = Ready {
        read: true,
        ..Ready::WRITE
    };
    assert_eq!(client.send(b"x", 0), Ok(1));
    wait::until("the data arrives", || now(&server) == both);
    assert_eq!(server.recv(&mut [0], 0), Ok(1));
    assert_eq!(now(&server), Ready::WRITE);
    assert_eq!(client.shutdown(SD_SEND), Ok(()));
    wait::until("the end arrives", || now(&server) == both);
    assert_eq!(server.recv(&mut [0], 0), Ok(0));
    assert_eq!(now(&server), both, "the end stays");
}

// A stream without room is not writable.
fn a_full_stream_is_not_writable() {
    let (client, server) = Socket::pair(AF_INET);
    client.set_nonblocking(true).expect("any socket takes it");
    let (data, mut sent) = (vec![1; 1 << 20], 0);
    loop {
        match client.send(&data, 0) {
            Ok(more) => sent += more,
            Err(error) => break assert_eq!(error, Errno::WOULDBLOCK),
        }
    }
    assert_eq!(now(&client), Ready::NOTHING);
    server.recv_exact(&mut vec![0; sent]);
    wait::until("there is room again", || now(&client) == Ready::WRITE);
}

fn urgent_data_are_exceptional() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(client.send(b"!", MSG_OOB as i32), Ok(1));
    let expected = Ready {
        except: true,
        ..Ready::WRITE
    };
    wait::until("the byte arrives", || now(&server) == expected);
    assert_eq!(now(&server), expected, "it stays until it is received");
    assert_eq!(server.recv(&mut [0], MSG_OOB as i32), Ok(1));
    assert_eq!(now(&server), Ready::WRITE);
}

// A select that asks for nothing else waits for it, too.
fn a_wait_for_exceptions_ends_with_urgent_data() {
    let (client, server) = Socket::pair(AF_INET);
    apc::queue(move || {
        assert_eq!(client.send(b"!", MSG_OOB as i32), Ok(1));
        // The connection is not to end under the test.
        std::mem::forget(client);
    });
    let except = Set::of(&[&server]);
    assert_eq!(select([None, None, Some(&except)], Time::Patience), Ok(1));
    assert_eq!(except.handles(), [server.raw()]);
}

fn urgent_data_are_readable_inline() {
    let (client, server) = Socket::pair(AF_INET);
    assert_eq!(server.set_option(SOL_SOCKET, SO_OOBINLINE, 1), Ok(()));
    assert_eq!(client.send(b"!", MSG_OOB as i32), Ok(1));
    let expected = Ready {
        read: true,
        ..Ready::WRITE
    };
    wait::until("the byte arrives", || now(&server) == expected);
}

/// A connected stream that is ready for nothing but sending, its peer, and work for the wait that closes it.
fn closed_by_the_wait() -> (SOCKET, Socket) {
    let (client, server) = Socket::pair(AF_INET);
    let raw = server.raw();
    // An APC runs when the wait has begun, and no sooner.
    apc::queue(move || drop(server));
    (raw, client)
}

fn a_socket_that_is_closed_during_the_wait_is_readable() {
    let (raw, _client) = closed_by_the_wait();
    let read = Set::of_raw(&[raw]);
    assert_eq!(select([Some(&read), None, None], Time::Patience), Ok(1));
    assert_eq!(read.handles(), [raw]);
}

fn a_socket_that_is_closed_during_a_wait_for_exceptions_is_no_socket() {
    let (raw, _client) = closed_by_the_wait();
    let except = Set::of_raw(&[raw]);
    let result = select([None, None, Some(&except)], Time::Patience);
    assert_eq!(result, Err(Errno::NOTSOCK));
}

// By another thread, while this one waits.
fn a_close_by_another_thread_ends_the_wait() {
    let (client, server) = Socket::pair(AF_INET);
    let raw = server.raw();
    let (begun, waits) = std::sync::mpsc::channel();
    apc::queue(move || begun.send(()).expect("the closer waits for it"));
    let closer = std::thread::spawn(move || {
        waits.recv().expect("the wait begins");
        drop(server);
    });
    let read = Set::of_raw(&[raw]);
    assert_eq!(select([Some(&read), None, None], Time::Patience), Ok(1));
    closer.join().expect("no panic");
    drop(client);
}

// APCs run, and the wait goes on until something is ready.
fn the_wait_is_alertable() {
    let (client, server) = Socket::pair(AF_INET);
    let ran = Rc::new(Cell::new(0));
    let seen = ran.clone();
    apc::queue(move || seen.set(1));
    let (seen, sender) = (ran.clone(), client.raw());
    apc::queue(move || {
        seen.set(seen.get() + 1);
        let sender = std::mem::ManuallyDrop::new(Socket::from_raw(sender));
        assert_eq!(sender.send(b"x", 0), Ok(1));
    });
    let read = Set::of(&[&server]);
    assert_eq!(select([Some(&read), None, None], Time::Patience), Ok(1));
    assert_eq!(ran.get(), 2);
    drop(client);
}

// 5.1: only when it waits.
fn a_select_that_does_not_wait_is_not_alertable() {
    let ran = Rc::new(Cell::new(false));
    let seen = ran.clone();
    apc::queue(move || seen.set(true));
    let (ready, quiet) = (Socket::udp(AF_INET), Socket::tcp(AF_INET));
    let write = Set::of(&[&ready]);
    assert_eq!(select([None, Some(&write), None], Time::Patience), Ok(1));
    let none = Set::of(&[&quiet]);
    assert_eq!(select([None, Some(&none), None], Time::None), Ok(0));
    assert!(!ran.get());
    apc::run_queued();
    assert!(ran.get());
}

fn a_reset_connection_is_readable_and_writable() {
    let (client, server) = Socket::pair(AF_INET);
    reset(client);
    let expected = Ready {
        read: true,
        write: true,
        except: false,
    };
    wait::until("the reset arrives", || now(&server) == expected);
    let _ = server.recv(&mut [0], 0);
    assert_eq!(
        now(&server),
        expected,
        "it stays so, whatever a receive says"
    );
    assert_eq!(server.option(SOL_SOCKET, SO_ERROR), Ok(0));
}
