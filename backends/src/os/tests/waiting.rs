//! Waiting: readiness, the waker, the deadline.

use std::sync::mpsc;
use std::thread;

use super::*;

const SOON: Duration = Duration::from_millis(20);

// A waiter is woken by readiness.
#[test]
fn readiness_ends_a_wait() {
    let (client, server) = pair(Family::Inet);
    let waiter = thread::spawn(move || await_ready(&server, Interest::READ));
    send(&client, b"x").unwrap();
    assert!(waiter.join().unwrap().contains(Readiness::READABLE));
}

// A waiter is woken by its waker, whether it waits already or is about to.
#[test]
fn the_waker_ends_a_wait() {
    let (send_waker, wakers) = mpsc::channel();
    let waiter = thread::spawn(move || {
        send_waker.send(System.waker().unwrap()).unwrap();
        System.wait(&mut [], deadline())
    });
    wakers.recv().unwrap().wake();
    assert_eq!(waiter.join().unwrap(), Ok(Woken::Waker));
}

// A wake-up before the wait is not lost.
#[test]
fn a_wake_up_before_the_wait_ends_it() {
    System.waker().unwrap().wake();
    assert_eq!(System.wait(&mut [], deadline()), Ok(Woken::Waker));
}

// Many wake-ups are one.
#[test]
fn a_wake_up_ends_one_wait() {
    for _ in 0..3 {
        System.waker().unwrap().wake();
    }
    assert_eq!(System.wait(&mut [], deadline()), Ok(Woken::Waker));
    assert_eq!(
        System.wait(&mut [], Some(System.now() + SOON)),
        Ok(Woken::TimedOut)
    );
}

// The waker is another thread's business only when it belongs to it.
#[test]
fn every_thread_has_its_own_waker() {
    thread::spawn(|| System.waker().unwrap().wake())
        .join()
        .unwrap();
    assert_eq!(
        System.wait(&mut [], Some(Duration::ZERO)),
        Ok(Woken::TimedOut)
    );
}

// No wake-up is lost, however it falls between polls.
#[test]
fn no_wake_up_is_lost() {
    const ROUNDS: usize = 2000;
    let (send_waker, wakers) = mpsc::channel();
    let (acknowledge, acknowledged) = mpsc::channel();
    let waiter = thread::spawn(move || {
        send_waker.send(System.waker().unwrap()).unwrap();
        for round in 0..ROUNDS {
            assert_eq!(
                System.wait(&mut [], deadline()),
                Ok(Woken::Waker),
                "round {round}"
            );
            acknowledge.send(()).unwrap();
        }
    });
    let waker = wakers.recv().unwrap();
    for _ in 0..ROUNDS {
        waker.wake();
        if acknowledged.recv().is_err() {
            break;
        }
    }
    waiter.join().unwrap();
}

// A waiter is woken by its deadline, and not before.
#[test]
fn the_deadline_ends_a_wait() {
    let (_client, server) = pair(Family::Inet);
    let end = System.now() + SOON;
    let mut watch = [Watch::new(&*server, Interest::READ)];
    assert_eq!(System.wait(&mut watch, Some(end)), Ok(Woken::TimedOut));
    assert!(System.now() >= end);
    assert_eq!(watch[0].ready, Readiness::NONE);
}

// A deadline that is over polls.
#[test]
fn a_deadline_in_the_past_still_tells_readiness() {
    let (client, _server) = pair(Family::Inet);
    let mut watch = [Watch::new(&*client, Interest::WRITE)];
    assert_eq!(
        System.wait(&mut watch, Some(Duration::ZERO)),
        Ok(Woken::Ready(1))
    );
    assert_eq!(watch[0].ready, Readiness::WRITABLE);
}

// Readiness wins; the wake-up ends the next wait.
#[test]
fn a_wake_up_that_did_not_win_is_kept() {
    let (client, _server) = pair(Family::Inet);
    System.waker().unwrap().wake();
    let mut watch = [Watch::new(&*client, Interest::WRITE)];
    assert_eq!(System.wait(&mut watch, deadline()), Ok(Woken::Ready(1)));
    assert_eq!(System.wait(&mut [], deadline()), Ok(Woken::Waker));
}

// 8.4, 25: more sockets than an fd_set has room for; only who is ready says so.
#[test]
fn many_sockets_can_be_watched() {
    let sockets: Vec<Socket> = (0..200).map(|_| datagram(Family::Inet).0).collect();
    let chosen = 137;
    let name = sockets[chosen].local_name().unwrap();
    send_to(&sockets[0], b"x", &name).unwrap();
    let mut watch: Vec<Watch<'_>> = sockets
        .iter()
        .map(|socket| Watch::new(&**socket, Interest::READ))
        .collect();
    assert_eq!(System.wait(&mut watch, deadline()), Ok(Woken::Ready(1)));
    let ready: Vec<usize> = (0..200).filter(|at| !watch[*at].ready.is_none()).collect();
    assert_eq!(ready, [chosen]);
}

// 2.2: EINTR never surfaces: a signal does not end a wait.
#[test]
fn a_signal_does_not_end_a_wait() {
    extern "C" fn ignore(_signal: libc::c_int) {}
    // SAFETY: a handler that does nothing; no other test uses this signal.
    unsafe { libc::signal(libc::SIGUSR2, ignore as *const () as libc::sighandler_t) };
    let (send_thread, threads) = mpsc::channel();
    let waiter = thread::spawn(move || {
        // SAFETY: takes nothing.
        let me = unsafe { libc::pthread_self() };
        send_thread.send((me, System.waker().unwrap())).unwrap();
        System.wait(&mut [], deadline())
    });
    let (id, waker) = threads.recv().unwrap();
    for _ in 0..100 {
        // SAFETY: the thread lives: it is joined below.
        assert_eq!(unsafe { libc::pthread_kill(id, libc::SIGUSR2) }, 0);
    }
    assert!(!waiter.is_finished());
    waker.wake();
    assert_eq!(waiter.join().unwrap(), Ok(Woken::Waker));
}

// Hang-up and errors are told unasked.
#[test]
fn a_reset_is_told_without_interest() {
    let (client, server) = pair(Family::Inet);
    client.abort_on_close().unwrap();
    drop(client);
    assert!(await_ready(&server, Interest::NONE).contains(Readiness::HANG_UP));
}

// The clock does not go back.
#[test]
fn the_clock_is_monotonic() {
    let before = System.now();
    assert!(System.now() >= before);
}
