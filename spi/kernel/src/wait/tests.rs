//! Tests of waits.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use super::*;
use crate::event::Event;
use crate::event::Reset;
use crate::event::create;
use crate::event::set;
use crate::thread::Apc;
use crate::thread::current;

fn event(reset: Reset) -> (Arc<Event>, Arc<dyn Object>) {
    let event = Arc::new(Event::new(reset, false));
    (event.clone(), event)
}

fn until_waited_for(object: &Arc<dyn Object>) {
    while object.signal().unwrap().waiters() == 0 {
        thread::yield_now();
    }
}

/// SetEvent: a manual-reset event releases all waiters, even if it is reset at once.
#[test]
fn a_pulse_releases_everybody_who_waits() {
    let (event, object) = event(Reset::Manual);
    let released = Arc::new(AtomicUsize::new(0));
    let waiters: Vec<_> = (0..8)
        .map(|_| {
            let (object, released) = (object.clone(), released.clone());
            thread::spawn(move || {
                assert_eq!(
                    for_object(&object, Timeout::Infinite, Alert::Plain),
                    Waited::Signaled(0)
                );
                released.fetch_add(1, SeqCst);
            })
        })
        .collect();
    while object.signal().unwrap().waiters() < 8 {
        thread::yield_now();
    }
    event.set();
    event.reset();
    waiters
        .into_iter()
        .for_each(|waiter| waiter.join().unwrap());
    assert_eq!(released.load(SeqCst), 8);
    assert!(!event.is_set());
}

/// SetEvent: each set of an auto-reset event releases one waiter, in the order in which they came.
#[test]
fn each_set_of_an_auto_event_releases_the_next_waiter() {
    let (event, object) = event(Reset::Auto);
    let (send, receive) = mpsc::channel();
    let waiters: Vec<_> = (0..4)
        .map(|me| {
            let (waiter, send) = (object.clone(), send.clone());
            let spawned = thread::spawn(move || {
                for_object(&waiter, Timeout::Infinite, Alert::Plain);
                send.send(me).unwrap();
            });
            while object.signal().unwrap().waiters() <= me {
                thread::yield_now();
            }
            spawned
        })
        .collect();
    event.set();
    assert_eq!(receive.recv().unwrap(), 0);
    event.set();
    assert_eq!(receive.recv().unwrap(), 1);
    event.set();
    event.set();
    let rest: HashSet<usize> = [receive.recv().unwrap(), receive.recv().unwrap()].into();
    assert_eq!(rest, HashSet::from([2, 3]));
    assert!(!event.is_set());
    waiters
        .into_iter()
        .for_each(|waiter| waiter.join().unwrap());
}

/// WaitForMultipleObjects: the lowest place among those that are signalled.
#[test]
fn any_reports_the_lowest_place() {
    let raws: Vec<usize> = (0..4)
        .map(|place| create(Reset::Auto, place > 1).unwrap().raw())
        .collect();
    let any = || many(&raws, WaitFor::Any, Timeout::ZERO, Alert::Plain).unwrap();
    assert_eq!(
        [any(), any(), any()],
        [Waited::Signaled(2), Waited::Signaled(3), Waited::TimedOut]
    );
    raws.into_iter()
        .for_each(|raw| handles::close(raw).unwrap());
}

/// WaitForMultipleObjects: a wait for any takes only the object that it reports.
#[test]
fn any_acquires_one_object() {
    let raws: Vec<usize> = (0..2)
        .map(|_| create(Reset::Auto, false).unwrap().raw())
        .collect();
    let objects: Vec<_> = raws.iter().map(|&raw| waitable(raw).unwrap()).collect();
    let list = raws.clone();
    let waiter = thread::spawn(move || many(&list, WaitFor::Any, Timeout::Infinite, Alert::Plain));
    until_waited_for(&objects[1]);
    set(raws[1]).unwrap();
    set(raws[0]).unwrap();
    assert_eq!(waiter.join().unwrap(), Ok(Waited::Signaled(1)));
    assert_eq!(
        one(raws[0], Timeout::ZERO, Alert::Plain),
        Ok(Waited::Signaled(0))
    );
    raws.into_iter()
        .for_each(|raw| handles::close(raw).unwrap());
}

/// WaitForMultipleObjects, bWaitAll: nothing is acquired before all are signalled.
#[test]
fn all_acquires_nothing_until_all_are_signalled() {
    let raws: Vec<usize> = (0..3)
        .map(|place| create(Reset::Auto, place != 1).unwrap().raw())
        .collect();
    let all = |timeout| many(&raws, WaitFor::All, timeout, Alert::Plain);
    assert_eq!(all(Timeout::ZERO), Ok(Waited::TimedOut));
    assert_eq!(
        all(Timeout::After(Duration::from_millis(1))),
        Ok(Waited::TimedOut)
    );
    set(raws[1]).unwrap();
    assert_eq!(all(Timeout::ZERO), Ok(Waited::Signaled(0)));
    assert_eq!(all(Timeout::ZERO), Ok(Waited::TimedOut));
    for &raw in &raws {
        assert_eq!(one(raw, Timeout::ZERO, Alert::Plain), Ok(Waited::TimedOut));
        handles::close(raw).unwrap();
    }
}

/// WaitForMultipleObjects, bWaitAll: the signal that completes the set grants the wait, even if it
/// is taken back at once, and what comes after it is not swallowed.
#[test]
fn all_is_granted_by_the_signal_that_completes_it() {
    let raws: Vec<usize> = (0..3)
        .map(|_| create(Reset::Auto, false).unwrap().raw())
        .collect();
    let last = waitable(raws[2]).unwrap();
    let list = raws.clone();
    let waiter = thread::spawn(move || many(&list, WaitFor::All, Timeout::Infinite, Alert::Plain));
    until_waited_for(&last);
    raws.iter().for_each(|&raw| set(raw).unwrap());
    raws.iter()
        .for_each(|&raw| crate::event::reset(raw).unwrap());
    raws.iter().for_each(|&raw| set(raw).unwrap());
    assert_eq!(waiter.join().unwrap(), Ok(Waited::Signaled(0)));
    for raw in raws {
        assert_eq!(
            one(raw, Timeout::ZERO, Alert::Plain),
            Ok(Waited::Signaled(0))
        );
        handles::close(raw).unwrap();
    }
}

/// "Why does WaitForMultipleObjects return ERROR_INVALID_PARAMETER" (The Old New Thing,
/// 2011-02-25): duplicates are refused in a wait for all, also through different handles.
#[test]
fn the_same_object_twice_is_refused_in_a_wait_for_all() {
    let raw = create(Reset::Manual, true).unwrap().raw();
    let duplicate = handles::duplicate(raw).unwrap().raw();
    let wait = |list: &[usize], what| many(list, what, Timeout::ZERO, Alert::Plain);
    assert_eq!(
        wait(&[raw, raw], WaitFor::All),
        Err(Errno::INVALID_PARAMETER)
    );
    assert_eq!(
        wait(&[raw, duplicate], WaitFor::All),
        Err(Errno::INVALID_PARAMETER)
    );
    assert_eq!(wait(&[raw, raw], WaitFor::Any), Ok(Waited::Signaled(0)));
    crate::event::reset(raw).unwrap();
    assert_eq!(wait(&[raw, duplicate], WaitFor::Any), Ok(Waited::TimedOut));
    handles::close(raw).unwrap();
    handles::close(duplicate).unwrap();
}

/// WSAWaitForMultipleEvents: 1 to 64 objects.
#[test]
fn a_wait_takes_one_to_sixty_four_objects() {
    let raws: Vec<usize> = (0..65)
        .map(|_| create(Reset::Manual, true).unwrap().raw())
        .collect();
    for what in [WaitFor::Any, WaitFor::All] {
        let wait = |list: &[usize]| many(list, what, Timeout::ZERO, Alert::Plain);
        assert_eq!(wait(&[]), Err(Errno::INVALID_PARAMETER));
        assert_eq!(wait(&raws), Err(Errno::INVALID_PARAMETER));
        assert_eq!(wait(&raws[..64]), Ok(Waited::Signaled(0)));
    }
    raws.into_iter()
        .for_each(|raw| handles::close(raw).unwrap());
}

/// WaitForMultipleObjects: a stale handle anywhere is WSA_INVALID_HANDLE, and nothing is acquired.
#[test]
fn a_stale_handle_fails_the_wait() {
    let good = create(Reset::Auto, true).unwrap().raw();
    let stale = create(Reset::Auto, true).unwrap().raw();
    handles::close(stale).unwrap();
    for what in [WaitFor::Any, WaitFor::All] {
        let result = many(&[good, stale], what, Timeout::ZERO, Alert::Plain);
        assert_eq!(result, Err(Errno::INVALID_HANDLE));
    }
    assert_eq!(
        one(stale, Timeout::ZERO, Alert::Plain),
        Err(Errno::INVALID_HANDLE)
    );
    assert_eq!(
        one(good, Timeout::ZERO, Alert::Plain),
        Ok(Waited::Signaled(0))
    );
    handles::close(good).unwrap();
}

/// The wait functions return no earlier than the time-out interval.
#[test]
fn a_wait_lasts_as_long_as_its_timeout() {
    let (_event, object) = event(Reset::Manual);
    let timeout = Timeout::After(Duration::from_millis(20));
    let start = Instant::now();
    assert_eq!(for_object(&object, timeout, Alert::Plain), Waited::TimedOut);
    assert_eq!(sleep(timeout, Alert::Plain), Waited::TimedOut);
    assert!(start.elapsed() >= Duration::from_millis(40));
}

/// client-dll.md 1.3: closing an event while somebody waits for it does not disturb the wait.
#[test]
fn a_wait_outlives_the_handle() {
    let raw = create(Reset::Manual, false).unwrap().raw();
    let event = crate::event::from_handle(raw).unwrap();
    let object = waitable(raw).unwrap();
    let waiter = thread::spawn(move || one(raw, Timeout::Infinite, Alert::Plain));
    until_waited_for(&object);
    handles::close(raw).unwrap();
    event.set();
    assert_eq!(waiter.join().unwrap(), Ok(Waited::Signaled(0)));
}

/// U79: APCs do not run in a non-alertable wait, but in the following alertable one.
#[test]
fn a_plain_wait_leaves_apcs_alone() {
    let ran = Arc::new(AtomicUsize::new(0));
    let counter = ran.clone();
    current()
        .queue_apc(Apc::new(move || _ = counter.fetch_add(1, SeqCst)))
        .unwrap();
    assert_eq!(
        sleep(Timeout::After(Duration::from_millis(1)), Alert::Plain),
        Waited::TimedOut
    );
    assert_eq!(ran.load(SeqCst), 0);
    assert_eq!(sleep(Timeout::Infinite, Alert::Alertable), Waited::Apc);
    assert_eq!(ran.load(SeqCst), 1);
    assert_eq!(sleep(Timeout::ZERO, Alert::Alertable), Waited::TimedOut);
}

/// WaitForSingleObjectEx: an object that is signalled already wins; the APC stays queued.
#[test]
fn a_signalled_object_wins_over_a_queued_apc() {
    let ran = Arc::new(AtomicUsize::new(0));
    let counter = ran.clone();
    let raws: Vec<usize> = (0..2)
        .map(|_| create(Reset::Manual, true).unwrap().raw())
        .collect();
    current()
        .queue_apc(Apc::new(move || _ = counter.fetch_add(1, SeqCst)))
        .unwrap();
    assert_eq!(
        one(raws[0], Timeout::Infinite, Alert::Alertable),
        Ok(Waited::Signaled(0))
    );
    let all = many(&raws, WaitFor::All, Timeout::Infinite, Alert::Alertable);
    assert_eq!(all, Ok(Waited::Signaled(0)));
    assert_eq!(ran.load(SeqCst), 0);
    crate::event::reset(raws[1]).unwrap();
    let all = many(&raws, WaitFor::All, Timeout::ZERO, Alert::Alertable);
    assert_eq!((all, ran.load(SeqCst)), (Ok(Waited::Apc), 1));
    raws.into_iter()
        .for_each(|raw| handles::close(raw).unwrap());
}

/// U83: an APC that another thread queues wakes a thread that waits alertably, in every kind of
/// wait.
#[test]
fn an_apc_wakes_an_alertable_wait() {
    let raws: Vec<usize> = (0..2)
        .map(|_| create(Reset::Manual, false).unwrap().raw())
        .collect();
    for kind in 0..4 {
        let object = waitable(raws[0]).unwrap();
        let list = raws.clone();
        let (send, receive) = mpsc::channel();
        let waiter = thread::spawn(move || {
            send.send(current()).unwrap();
            match kind {
                0 => one(list[0], Timeout::Infinite, Alert::Alertable),
                1 => many(&list, WaitFor::Any, Timeout::Infinite, Alert::Alertable),
                2 => many(&list, WaitFor::All, Timeout::Infinite, Alert::Alertable),
                _ => Ok(sleep(Timeout::Infinite, Alert::Alertable)),
            }
        });
        let target = receive.recv().unwrap();
        if kind < 3 {
            until_waited_for(&object);
        }
        let (ran, runs) = mpsc::channel();
        target
            .queue_apc(Apc::new(move || ran.send(current().id()).unwrap()))
            .unwrap();
        assert_eq!(waiter.join().unwrap(), Ok(Waited::Apc));
        assert_eq!(runs.try_recv(), Ok(target.id()));
        assert!(
            object.signal().unwrap().waiters() == 0,
            "nothing stays on the list"
        );
    }
    raws.into_iter()
        .for_each(|raw| handles::close(raw).unwrap());
}

/// WaitForSingleObject on a thread handle: signalled when the thread has exited.
#[test]
fn a_thread_is_signalled_by_its_exit() {
    let (send, receive) = mpsc::channel();
    let (go, wait_for_go) = mpsc::channel::<()>();
    let spawned = thread::spawn(move || {
        send.send(crate::thread::open_current().unwrap().raw())
            .unwrap();
        let _ = wait_for_go.recv();
    });
    let raw = receive.recv().unwrap();
    assert_eq!(one(raw, Timeout::ZERO, Alert::Plain), Ok(Waited::TimedOut));
    drop(go);
    assert_eq!(
        one(raw, Timeout::Infinite, Alert::Plain),
        Ok(Waited::Signaled(0))
    );
    spawned.join().unwrap();
    handles::close(raw).unwrap();
    let this = one(CURRENT_THREAD, Timeout::ZERO, Alert::Plain);
    assert_eq!(this, Ok(Waited::TimedOut));
}

/// Many threads, many events: no set is lost and none counts twice.
#[test]
fn every_set_of_an_auto_event_satisfies_exactly_one_wait() {
    const ROUNDS: usize = 20_000;
    let (there, there_object) = event(Reset::Auto);
    let (back, back_object) = event(Reset::Auto);
    let echo = thread::spawn(move || {
        for _ in 0..ROUNDS {
            for_object(&there_object, Timeout::Infinite, Alert::Plain);
            back.set();
        }
    });
    for _ in 0..ROUNDS {
        there.set();
        let waited = for_object(
            &back_object,
            Timeout::After(Duration::from_secs(60)),
            Alert::Plain,
        );
        assert_eq!(waited, Waited::Signaled(0));
    }
    echo.join().unwrap();
}

/// Waits for all of overlapping sets, from several threads, neither hang nor take half a set.
#[test]
fn overlapping_waits_for_all_make_progress() {
    const ROUNDS: usize = 2_000;
    let tokens: Vec<usize> = (0..3)
        .map(|_| create(Reset::Auto, true).unwrap().raw())
        .collect();
    let inside = Arc::new([const { AtomicUsize::new(0) }; 3]);
    let threads: Vec<_> = (0..3)
        .map(|me| {
            let pair = [tokens[me], tokens[(me + 1) % 3]];
            let inside = inside.clone();
            thread::spawn(move || {
                for _ in 0..ROUNDS {
                    let timeout = Timeout::After(Duration::from_secs(60));
                    let all = many(&pair, WaitFor::All, timeout, Alert::Plain);
                    assert_eq!(all, Ok(Waited::Signaled(0)));
                    for token in [me, (me + 1) % 3] {
                        assert_eq!(inside[token].fetch_add(1, SeqCst), 0);
                    }
                    for token in [me, (me + 1) % 3] {
                        inside[token].fetch_sub(1, SeqCst);
                    }
                    pair.iter().for_each(|&raw| set(raw).unwrap());
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    tokens
        .into_iter()
        .for_each(|raw| handles::close(raw).unwrap());
}
