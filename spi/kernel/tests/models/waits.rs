//! Waits for one object and for all of several, against those who signal.

use std::sync::Arc;

use shuttle::thread;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::event::Reset;
use ws2spi_kernel::handles::Object;
use ws2spi_kernel::wait;
use ws2spi_kernel::wait::Alert;
use ws2spi_kernel::wait::WaitFor;
use ws2spi_kernel::wait::Waited;

use super::event;
use super::explore;
use super::wait_for;

fn wait_for_all(objects: Vec<Arc<dyn Object>>) -> Waited {
    wait::for_objects(objects, WaitFor::All, Timeout::Infinite, Alert::Plain).unwrap()
}

/// Each set of an auto-reset event satisfies one wait: two sets, two waiters, nobody sleeps on.
#[test]
fn no_set_of_an_auto_event_is_lost() {
    explore(|| {
        let (there, waited_for) = event(Reset::Auto);
        let waiters: Vec<_> = (0..2)
            .map(|_| {
                let object = waited_for.clone();
                thread::spawn(move || {
                    assert_eq!(wait_for(&object, Alert::Plain), Waited::Signaled(0));
                })
            })
            .collect();
        // The second set comes when the first was taken; else it would be one with the first.
        there.set();
        while there.is_set() {
            thread::yield_now();
        }
        there.set();
        waiters
            .into_iter()
            .for_each(|waiter| waiter.join().unwrap());
        assert!(!there.is_set());
    });
}

/// Sets from several threads meet waiters that come and go: a manual event releases everybody.
#[test]
fn a_manual_event_releases_everybody() {
    explore(|| {
        let (event, object) = event(Reset::Manual);
        let waiters: Vec<_> = (0..2)
            .map(|_| {
                let object = object.clone();
                thread::spawn(move || wait_for(&object, Alert::Plain))
            })
            .collect();
        let setters: Vec<_> = (0..2)
            .map(|_| {
                let event = event.clone();
                thread::spawn(move || event.set())
            })
            .collect();
        setters
            .into_iter()
            .for_each(|setter| setter.join().unwrap());
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), Waited::Signaled(0));
        }
    });
}

/// A wait for all against sets of its objects in both orders: granted once, both taken.
#[test]
fn a_wait_for_all_takes_both() {
    explore(|| {
        let (first, first_object) = event(Reset::Auto);
        let (second, second_object) = event(Reset::Auto);
        let both = vec![first_object, second_object];
        let waiter = thread::spawn(move || wait_for_all(both));
        let setter = {
            let second = second.clone();
            thread::spawn(move || second.set())
        };
        first.set();
        setter.join().unwrap();
        assert_eq!(waiter.join().unwrap(), Waited::Signaled(0));
        assert!(!first.is_set() && !second.is_set());
    });
}

/// Two waits for all that share an object, against sets: whoever gets it gets its other one too.
#[test]
fn overlapping_waits_for_all_do_not_deadlock() {
    explore(|| {
        let events = [(); 3].map(|()| event(Reset::Auto));
        let waiters: Vec<_> = [[0, 1], [1, 2]]
            .map(|pair| {
                let both = pair.map(|place| events[place].1.clone()).to_vec();
                let shared = events[1].0.clone();
                thread::spawn(move || {
                    let waited = wait_for_all(both);
                    shared.set();
                    waited
                })
            })
            .into();
        let setter = {
            let event = events[2].0.clone();
            thread::spawn(move || event.set())
        };
        events[0].0.set();
        events[1].0.set();
        setter.join().unwrap();
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), Waited::Signaled(0));
        }
        assert!(!events[0].0.is_set() && !events[2].0.is_set());
    });
}
