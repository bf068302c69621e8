//! Pollers: what is told, when it is told again, and what other threads do to one that waits.
//!
//! The same rules hold over epoll, kqueue and poll(2): base-provider.md 8.2.

use std::sync::Barrier;
use std::sync::mpsc;
use std::thread;

use super::*;
use crate::net::Direction;
use crate::net::Poller;
use crate::net::Ready;
use crate::net::Registrar;
use crate::net::Token;

/// A poller and what a test does with it.
struct World {
    poller: Box<dyn Poller>,
    registrar: Arc<dyn Registrar>,
    ready: Vec<Ready>,
}

impl World {
    fn new() -> Self {
        let poller = System.poller().unwrap();
        Self {
            registrar: poller.registrar(),
            poller,
            ready: Vec::new(),
        }
    }

    fn register(&self, slot: u32, socket: &Socket, interest: Interest) {
        self.registrar
            .register(token(slot), socket.clone(), interest)
            .unwrap();
    }

    /// Waits until `slot` is told all of `wanted`, passing over what else is told.
    fn await_told(&mut self, slot: u32, wanted: Readiness) {
        loop {
            match self.poller.wait(&mut self.ready, deadline()).unwrap() {
                Woken::Ready(_) => {}
                other => panic!("{other:?} instead of {wanted:?} for {slot}"),
            }
            if self
                .ready
                .iter()
                .any(|told| told.token == token(slot) && told.ready.contains(wanted))
            {
                return;
            }
        }
    }

    /// What a look without waiting tells.
    fn look(&mut self) -> &[Ready] {
        self.poller
            .wait(&mut self.ready, Some(Duration::ZERO))
            .unwrap();
        &self.ready
    }
}

fn token(slot: u32) -> Token {
    Token {
        slot,
        generation: 7,
    }
}

fn await_data(socket: &Socket, count: usize) {
    await_that("the data arrive", || socket.available() == Ok(count));
}

// 8.2: the first registration reports the current state, so registering late is safe.
#[test]
fn what_holds_already_is_told_at_once() {
    let (client, server) = pair(Family::Inet);
    send(&client, b"x").unwrap();
    await_data(&server, 1);
    let mut w = World::new();
    w.register(1, &server, Interest::READ);
    w.await_told(1, Readiness::READABLE);
}

// 8.2: what comes true while the poller waits is told.
#[test]
fn data_that_arrive_end_a_wait() {
    let (client, server) = pair(Family::Inet);
    let mut w = World::new();
    w.register(1, &server, Interest::READ);
    let waiter = thread::spawn(move || w.await_told(1, Readiness::READABLE));
    send(&client, b"x").unwrap();
    waiter.join().unwrap();
}

// 8.2: edges: what is left behind is not told again, and costs no processor time.
#[test]
fn what_is_left_behind_is_not_told_again() {
    let (client, server) = pair(Family::Inet);
    send(&client, b"ab").unwrap();
    await_data(&server, 2);
    let mut w = World::new();
    w.register(1, &server, Interest::READ);
    w.await_told(1, Readiness::READABLE);
    assert_eq!(recv(&server, &mut [0]).unwrap().bytes, 1);
    assert_eq!(w.look(), []);
}

// 8.2: `change` sees level conditions: after a partial read it tells the rest.
#[test]
fn what_is_left_behind_is_told_when_asked_anew() {
    let (client, server) = pair(Family::Inet);
    send(&client, b"ab").unwrap();
    await_data(&server, 2);
    let mut w = World::new();
    w.register(1, &server, Interest::READ);
    w.await_told(1, Readiness::READABLE);
    assert_eq!(recv(&server, &mut [0]).unwrap().bytes, 1);
    w.registrar.change(token(1), Interest::READ).unwrap();
    w.await_told(1, Readiness::READABLE);
}

// 8.2: drain to WOULDBLOCK, and the next data are told.
#[test]
fn after_draining_new_data_are_told() {
    let (client, server) = pair(Family::Inet);
    let mut w = World::new();
    w.register(1, &server, Interest::READ);
    for round in 0..3 {
        send(&client, &[round]).unwrap();
        w.await_told(1, Readiness::READABLE);
        while recv(&server, &mut [0]) != Err(Errno::WOULDBLOCK) {}
        w.registrar.drained(token(1)).unwrap();
    }
    assert_eq!(w.look(), []);
}

// 8.2: the same for room to send.
#[test]
fn after_filling_new_room_is_told() {
    let (client, server) = pair(Family::Inet);
    let mut w = World::new();
    w.register(1, &client, Interest::WRITE);
    w.await_told(1, Readiness::WRITABLE);
    let chunk = vec![1; 1 << 16];
    let mut sent = 0;
    while let Ok(bytes) = send(&client, &chunk) {
        sent += bytes;
    }
    w.registrar.drained(token(1)).unwrap();
    let reader = thread::spawn(move || recv_all(&server, sent).len());
    w.await_told(1, Readiness::WRITABLE);
    assert_eq!(reader.join().unwrap(), sent);
}

// The interest can be another one.
#[test]
fn a_changed_interest_is_what_is_told() {
    let (client, server) = pair(Family::Inet);
    let mut w = World::new();
    w.register(1, &server, Interest::READ);
    assert_eq!(w.look(), []);
    w.registrar.change(token(1), Interest::WRITE).unwrap();
    w.await_told(1, Readiness::WRITABLE);
    w.registrar.change(token(1), Interest::READ).unwrap();
    assert_eq!(w.look(), []);
    send(&client, b"x").unwrap();
    w.await_told(1, Readiness::READABLE);
}

// No interest is no event, until there is one again.
#[test]
fn without_interest_nothing_is_told() {
    let (client, server) = pair(Family::Inet);
    let mut w = World::new();
    w.register(1, &server, Interest::NONE);
    send(&client, b"x").unwrap();
    await_data(&server, 1);
    assert_eq!(w.look(), []);
    w.registrar.change(token(1), Interest::READ).unwrap();
    w.await_told(1, Readiness::READABLE);
    w.registrar.change(token(1), Interest::NONE).unwrap();
    drop(client);
    await_that("the end arrives", || {
        server
            .readiness(Interest::READ)
            .contains(Readiness::READABLE)
    });
    assert_eq!(w.look(), []);
}

// 8.2: a reset is told to whoever waits for data, again whenever it is asked.
#[test]
fn a_reset_is_told_and_told_again_when_asked_anew() {
    let (client, server) = pair(Family::Inet);
    let mut w = World::new();
    w.register(1, &server, Interest::READ);
    client.abort_on_close().unwrap();
    drop(client);
    w.await_told(1, Readiness::READABLE);
    w.registrar.change(token(1), Interest::READ).unwrap();
    w.await_told(1, Readiness::READABLE);
}

// 8.3: the end of the stream shows.
#[test]
fn the_end_of_a_stream_is_told() {
    let (client, server) = pair(Family::Inet);
    let mut w = World::new();
    w.register(1, &server, Interest::END);
    client.shutdown(Direction::Send).unwrap();
    w.await_told(1, Readiness::READ_CLOSED);
}

// 8.2: urgent data, where the system tells them and where the socket must be asked.
#[test]
fn urgent_data_are_told_to_whoever_asked() {
    let (client, server) = pair(Family::Inet);
    let mut w = World::new();
    w.register(1, &server, Interest::PRIORITY);
    client
        .send(
            &[IoSlice::new(b"!")],
            SendFlags::OUT_OF_BAND,
            None,
            &Control::NONE,
        )
        .unwrap();
    w.await_told(1, Readiness::PRIORITY);
}

// A listener and an attempt to connect are told as data and room are.
#[test]
fn a_connection_is_told_to_both_ends() {
    let (listener, name) = listener(Family::Inet);
    let mut w = World::new();
    w.register(1, &listener, Interest::READ);
    let client = stream(Family::Inet);
    client.connect(&name).unwrap();
    w.register(2, &client, Interest::WRITE);
    w.await_told(2, Readiness::WRITABLE);
    w.registrar.change(token(1), Interest::READ).unwrap();
    w.await_told(1, Readiness::READABLE);
    assert_eq!(client.take_error(), None);
    listener.accept().unwrap();
}

// 8.4, 3: a socket that started over is watched again once it is changed.
#[test]
fn a_renewed_socket_is_watched_when_it_is_changed() {
    let (_guard, nobody) = deserted(Family::Inet, Kind::Stream);
    let (server, name) = listener(Family::Inet);
    let client = stream(Family::Inet);
    // A system may refuse at once.
    let _ = client.connect(&nobody);
    let mut w = World::new();
    w.register(1, &client, Interest::WRITE);
    w.await_told(1, Readiness::WRITABLE);
    client.renew().unwrap();
    client.connect(&name).unwrap();
    w.registrar.change(token(1), Interest::WRITE).unwrap();
    w.await_told(1, Readiness::WRITABLE);
    assert_eq!(client.take_error(), None);
    await_ready(&server, Interest::READ);
}

// 8.2: what was removed is silent, and its descriptor is closed afterwards, not before.
#[test]
fn a_removed_socket_is_let_go_and_silent() {
    let (client, server) = pair(Family::Inet);
    let gone = Arc::downgrade(&server);
    let mut w = World::new();
    w.register(1, &server, Interest::READ);
    drop(server);
    assert!(gone.upgrade().is_some());
    send(&client, b"x").unwrap();
    w.registrar.remove(token(1));
    assert_eq!((gone.upgrade().is_none(), w.look()), (true, &[][..]));
}

// 8.2: a slot, and a descriptor, can be used again at once.
#[test]
fn a_slot_is_used_again_by_another_generation() {
    let mut w = World::new();
    for generation in 0..100 {
        let (client, server) = pair(Family::Inet);
        let token = Token {
            slot: 1,
            generation,
        };
        w.registrar
            .register(token, server.clone(), Interest::READ)
            .unwrap();
        send(&client, b"x").unwrap();
        assert_eq!(
            w.poller.wait(&mut w.ready, deadline()),
            Ok(Woken::Ready(1)),
            "{generation}"
        );
        assert_eq!(w.ready[0].token, token);
        w.registrar.remove(token);
    }
}

// A token says which registration is meant: nobody changes or removes another's.
#[test]
fn a_token_of_another_generation_means_nothing() {
    let (socket, _) = datagram(Family::Inet);
    let mut w = World::new();
    let stale = Token {
        generation: 6,
        ..token(1)
    };
    assert_eq!(
        w.registrar.change(token(1), Interest::READ),
        Err(Errno::NOTSOCK)
    );
    w.register(1, &socket, Interest::WRITE);
    assert_eq!(
        w.registrar.change(stale, Interest::READ),
        Err(Errno::NOTSOCK)
    );
    assert_eq!(w.registrar.drained(stale), Err(Errno::NOTSOCK));
    w.registrar.remove(stale);
    w.await_told(1, Readiness::WRITABLE);
}

// A slot has one registration at a time, and what it has is not disturbed.
#[test]
fn a_slot_that_is_taken_is_refused() {
    let (first, second) = (datagram(Family::Inet).0, datagram(Family::Inet).0);
    let mut w = World::new();
    w.register(1, &first, Interest::WRITE);
    let again = Token {
        generation: 8,
        ..token(1)
    };
    assert_eq!(
        w.registrar.register(again, second, Interest::WRITE),
        Err(Errno::INVAL)
    );
    w.await_told(1, Readiness::WRITABLE);
}

// More sockets are ready than one wait takes: the next waits tell the others.
#[test]
fn every_socket_that_is_ready_is_told() {
    const COUNT: usize = 300;
    let sockets: Vec<Socket> = (0..COUNT).map(|_| datagram(Family::Inet).0).collect();
    let mut w = World::new();
    for (slot, socket) in (0..).zip(&sockets) {
        w.register(slot, socket, Interest::WRITE);
    }
    let mut told = vec![false; COUNT];
    while told.iter().any(|told| !told) {
        assert!(matches!(
            w.poller.wait(&mut w.ready, deadline()),
            Ok(Woken::Ready(1..))
        ));
        for ready in &w.ready {
            told[ready.token.slot as usize] = true;
        }
    }
}

// What another thread registers is told by the wait that goes on.
#[test]
fn a_socket_registered_during_a_wait_is_told() {
    let (client, server) = pair(Family::Inet);
    send(&client, b"x").unwrap();
    await_data(&server, 1);
    let mut w = World::new();
    let registrar = w.registrar.clone();
    let waiter = thread::spawn(move || w.await_told(1, Readiness::READABLE));
    registrar
        .register(token(1), server, Interest::READ)
        .unwrap();
    waiter.join().unwrap();
}

// The waker ends a wait, and a wake-up before it is not lost; many are one.
#[test]
fn a_wake_up_ends_one_wait() {
    let mut w = World::new();
    let waker = w.poller.waker();
    for _ in 0..3 {
        waker.wake();
    }
    assert_eq!(w.poller.wait(&mut w.ready, deadline()), Ok(Woken::Waker));
    assert_eq!(
        w.poller.wait(&mut w.ready, Some(Duration::ZERO)),
        Ok(Woken::TimedOut)
    );
    let waiter = thread::spawn(move || w.poller.wait(&mut w.ready, deadline()));
    waker.wake();
    assert_eq!(waiter.join().unwrap(), Ok(Woken::Waker));
    // It outlives the poller.
    waker.wake();
}

// Readiness wins; the wake-up ends the next wait.
#[test]
fn a_wake_up_that_did_not_win_is_kept() {
    let (socket, _) = datagram(Family::Inet);
    let mut w = World::new();
    w.register(1, &socket, Interest::WRITE);
    w.poller.waker().wake();
    assert_eq!(w.poller.wait(&mut w.ready, deadline()), Ok(Woken::Ready(1)));
    assert_eq!(w.poller.wait(&mut w.ready, deadline()), Ok(Woken::Waker));
    assert_eq!(w.ready, []);
}

// No wake-up is lost, however it falls into a change of the set by another thread.
#[test]
fn no_wake_up_is_lost_in_a_change() {
    const ROUNDS: usize = 2000;
    let (socket, _) = datagram(Family::Inet);
    let mut w = World::new();
    w.register(1, &socket, Interest::READ);
    let (waker, registrar) = (w.poller.waker(), w.registrar.clone());
    let (acknowledge, acknowledged) = mpsc::channel();
    let waiter = thread::spawn(move || {
        for round in 0..ROUNDS {
            let end = deadline();
            let woken = w.poller.wait(&mut w.ready, end);
            let late = Some(System.now()) >= end;
            assert_eq!((woken, late), (Ok(Woken::Waker), false), "round {round}");
            acknowledge.send(()).unwrap();
        }
    });
    let start = Arc::new(Barrier::new(2));
    let changer = thread::spawn({
        let start = start.clone();
        move || {
            for _ in 0..ROUNDS {
                start.wait();
                registrar.change(token(1), Interest::READ).unwrap();
            }
        }
    });
    for _ in 0..ROUNDS {
        start.wait();
        waker.wake();
        // A waiter that has given up lets the rounds go by.
        let _ = acknowledged.recv();
    }
    changer.join().unwrap();
    waiter.join().unwrap();
}

// A wait ends at its deadline, and not before.
#[test]
fn the_deadline_ends_a_wait() {
    let (_client, server) = pair(Family::Inet);
    let mut w = World::new();
    w.register(1, &server, Interest::READ);
    let end = System.now() + Duration::from_millis(20);
    assert_eq!(w.poller.wait(&mut w.ready, Some(end)), Ok(Woken::TimedOut));
    assert!(System.now() >= end);
}

// 2.2: EINTR never surfaces.
#[test]
fn a_signal_does_not_end_a_wait() {
    extern "C" fn ignore(_signal: libc::c_int) {}
    // SAFETY: a handler that does nothing; no other test uses this signal.
    unsafe { libc::signal(libc::SIGUSR1, ignore as *const () as libc::sighandler_t) };
    let mut w = World::new();
    let waker = w.poller.waker();
    let (send_thread, threads) = mpsc::channel();
    let waiter = thread::spawn(move || {
        // SAFETY: takes nothing.
        send_thread.send(unsafe { libc::pthread_self() }).unwrap();
        w.poller.wait(&mut w.ready, deadline())
    });
    let id = threads.recv().unwrap();
    for _ in 0..100 {
        // SAFETY: the thread lives: it is joined below.
        assert_eq!(unsafe { libc::pthread_kill(id, libc::SIGUSR1) }, 0);
    }
    assert!(!waiter.is_finished());
    waker.wake();
    assert_eq!(waiter.join().unwrap(), Ok(Woken::Waker));
}
