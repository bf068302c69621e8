//! Tests of what setters leave for the holder of a signal's lock.

use super::*;
use crate::thread::current;

/// U24: what a signal handler does that interrupted somebody in the middle of a change: it
/// returns at once, and its calls count in their order.
#[test]
fn a_setter_never_waits_for_the_lock() {
    type Step = fn(&Signal);
    let orders: [(&[Step], bool); 6] = [
        (&[Signal::set], true),
        (&[Signal::set, Signal::reset], false),
        (&[Signal::reset, Signal::set], true),
        (&[Signal::set, Signal::set, Signal::reset], false),
        (&[Signal::set, Signal::reset, Signal::set], true),
        (&[Signal::reset], false),
    ];
    for rule in [Rule::Manual, Rule::Auto] {
        for before in [0, 1] {
            for (steps, after) in orders {
                let signal = Signal::new(rule, before);
                let locked = signal.lock();
                steps.iter().for_each(|step| step(&signal));
                assert_eq!(
                    signal.is_set(),
                    before == 1,
                    "nothing happens under the lock"
                );
                drop(locked);
                assert_eq!(signal.is_set(), after, "{rule:?} {before}");
            }
        }
    }
}

/// Grants what a list of waiters gets from the steps that were noted under the lock.
fn granted(rule: Rule, waiters: usize, steps: &[fn(&Signal)]) -> (usize, bool) {
    let signal = Signal::new(rule, 0);
    // Threads that wait, as far as a signal can tell.
    let threads: Vec<Arc<Thread>> = (0..waiters)
        .map(|_| {
            std::thread::spawn(current)
                .join()
                .unwrap_or_else(|_| current())
        })
        .collect();
    for thread in &threads {
        thread.wait_state().begin(crate::wait::Alert::Plain);
        assert!(matches!(
            signal.acquire_or_enlist(thread, 0),
            Enlisted::Waiting
        ));
    }
    let locked = signal.lock();
    steps.iter().for_each(|step| step(&signal));
    drop(locked);
    let granted = threads
        .iter()
        .filter(|thread| thread.wait_state().ending().is_some());
    (granted.count(), signal.is_set())
}

/// U24 with SetEvent: sets and resets that were noted release as many as if they had come
/// alone.
#[test]
fn noted_steps_release_as_many_waiters() {
    let (set, reset) = (Signal::set as fn(&Signal), Signal::reset as fn(&Signal));
    assert_eq!(granted(Rule::Manual, 3, &[set, reset]), (3, false));
    assert_eq!(granted(Rule::Manual, 3, &[reset]), (0, false));
    assert_eq!(granted(Rule::Auto, 3, &[set]), (1, false));
    assert_eq!(granted(Rule::Auto, 3, &[set, reset, set]), (2, false));
    assert_eq!(granted(Rule::Auto, 1, &[set, set]), (1, true));
    assert_eq!(granted(Rule::Auto, 1, &[set, set, reset]), (1, false));
    assert_eq!(granted(Rule::Auto, 2, &[set, set, reset]), (2, false));
}
