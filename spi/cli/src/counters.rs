//! Counting calls: how often each WSP function and upcall of each provider was called, how it
//! failed, and how long it took.
//!
//! [`Counters`] is the hook that the client DLL tells of every call ([`ws2spi::trace`]). It is on
//! the path of all traffic, so each thread counts into a tally of its own, whose lock nobody else
//! takes until the tallies are added up, or somebody asks where the threads are.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;
use ws2spi::trace::{Call, Direction, Hook};

/// What was counted of one function at one level.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Count {
    /// How many calls have ended.
    pub calls: u64,
    /// How many of them failed, by error code.
    pub errors: BTreeMap<i32, u64>,
    /// How long they took together, calls they made in turn included.
    pub duration: Duration,
}

impl Count {
    /// How many calls failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.errors.values().sum()
    }

    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.duration += other.duration;
        for (code, count) in &other.errors {
            *self.errors.entry(*code).or_default() += count;
        }
    }
}

/// What was counted at one level: one provider's module.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Level {
    /// Calls into the provider, by the function's C name.
    pub procedures: BTreeMap<&'static str, Count>,
    /// Upcalls that the provider made, by the function's C name.
    pub upcalls: BTreeMap<&'static str, Count>,
}

impl Level {
    /// Adds the calls of another count of the same level.
    pub fn add(&mut self, other: &Self) {
        for (name, count) in &other.procedures {
            self.procedures.entry(name).or_default().add(count);
        }
        for (name, count) in &other.upcalls {
            self.upcalls.entry(name).or_default().add(count);
        }
    }
}

/// The levels by the path of their module.
pub type Levels = BTreeMap<String, Level>;

/// Counts calls, on all threads.
#[derive(Debug)]
pub struct Counters {
    /// What no other counters have, not even later ones in the same place.
    number: u64,
    tallies: Mutex<Vec<Arc<Tally>>>,
}

impl Default for Counters {
    fn default() -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        Self {
            number: MADE.fetch_add(1, Ordering::Relaxed),
            tallies: Mutex::default(),
        }
    }
}

/// What one thread has counted, and which calls it is inside.
#[derive(Debug)]
struct Tally {
    thread: ThreadId,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    levels: Levels,
    /// The calls that have begun and not ended, the outermost first.
    inside: Vec<Inside>,
}

/// A call that has not ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inside {
    /// The path of the module that was called, or that made the upcall.
    pub module: &'static str,
    /// The C name.
    pub function: &'static str,
}

impl Counters {
    /// What has been counted so far, on all threads together.
    #[must_use]
    pub fn levels(&self) -> Levels {
        let tallies = lock(&self.tallies).clone();
        let mut sum = Levels::new();
        for tally in tallies {
            for (module, level) in &lock(&tally.counts).levels {
                sum.entry(module.clone()).or_default().add(level);
            }
        }
        sum
    }

    /// The innermost call that each thread is inside of.
    #[must_use]
    pub fn inside(&self) -> Vec<(ThreadId, Inside)> {
        let tallies = lock(&self.tallies).clone();
        let innermost = tallies.iter().filter_map(|tally| {
            let last = lock(&tally.counts).inside.last().copied();
            last.map(|inside| (tally.thread, inside))
        });
        innermost.collect()
    }

    /// The calling thread's tally.
    fn tally(&self) -> Arc<Tally> {
        thread_local! {
            static TALLY: RefCell<Option<(u64, Arc<Tally>)>> = const { RefCell::new(None) };
        }
        let owner = self.number;
        let known = TALLY.try_with(|slot| match &*slot.borrow() {
            Some((of, tally)) if *of == owner => Some(Arc::clone(tally)),
            _ => None,
        });
        if let Ok(Some(tally)) = known {
            return tally;
        }
        let tally = Arc::new(Tally {
            thread: thread::current().id(),
            counts: Mutex::default(),
        });
        lock(&self.tallies).push(Arc::clone(&tally));
        // A thread that is ending has no slot any more: its last calls get a tally each.
        let _ = TALLY.try_with(|slot| *slot.borrow_mut() = Some((owner, Arc::clone(&tally))));
        tally
    }
}

impl Hook for Counters {
    fn begun(&self, module: &'static str, function: &'static str) {
        let tally = self.tally();
        lock(&tally.counts).inside.push(Inside { module, function });
    }

    fn finished(&self, call: &Call<'_>) {
        let tally = self.tally();
        let mut counts = lock(&tally.counts);
        // One that had begun before the hook was set is not there.
        if counts
            .inside
            .last()
            .is_some_and(|inside| inside.function == call.function)
        {
            counts.inside.pop();
        }
        let levels = &mut counts.levels;
        if !levels.contains_key(call.module) {
            levels.insert(call.module.to_owned(), Level::default());
        }
        let Some(level) = levels.get_mut(call.module) else {
            return;
        };
        let functions = match call.direction {
            Direction::Procedure => &mut level.procedures,
            Direction::Upcall => &mut level.upcalls,
        };
        let count = functions.entry(call.function).or_default();
        count.calls += 1;
        count.duration += call.duration;
        if let Some(code) = call.error {
            *count.errors.entry(code).or_default() += 1;
        }
    }
}

/// What is guarded here stays whole when a thread panics.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    fn call<'a>(module: &'a str, function: &'static str, error: Option<i32>) -> Call<'a> {
        Call {
            module,
            entry: 1001,
            function,
            direction: if function.starts_with("WSP") {
                Direction::Procedure
            } else {
                Direction::Upcall
            },
            error,
            duration: Duration::from_micros(2),
        }
    }

    #[test]
    fn calls_of_all_threads_are_added_up_by_module_function_and_error() {
        let counters = Counters::default();
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    counters.finished(&call("a.so", "WSPSend", None));
                    counters.finished(&call("a.so", "WSPSend", Some(10035)));
                    counters.finished(&call("a.so", "WPUCreateEvent", None));
                    counters.finished(&call("b.so", "WSPSend", None));
                });
            }
        });
        let levels = counters.levels();
        let send = &levels["a.so"].procedures["WSPSend"];
        assert_eq!((send.calls, send.failed()), (6, 3));
        assert_eq!(send.errors, BTreeMap::from([(10035, 3)]));
        assert_eq!(send.duration, Duration::from_micros(12));
        assert_eq!(levels["a.so"].upcalls["WPUCreateEvent"].calls, 3);
        assert_eq!(levels["b.so"].procedures["WSPSend"].calls, 3);
    }

    #[test]
    fn the_innermost_unfinished_call_of_a_thread_is_known() {
        let counters = Counters::default();
        counters.begun("a.so", "WSPSend");
        counters.begun("b.so", "WSPSend");
        let here = thread::current().id();
        let inside = |module| {
            vec![(
                here,
                Inside {
                    module,
                    function: "WSPSend",
                },
            )]
        };
        assert_eq!(counters.inside(), inside("b.so"));
        counters.finished(&call("b.so", "WSPSend", None));
        assert_eq!(counters.inside(), inside("a.so"));
        counters.finished(&call("a.so", "WSPSend", None));
        assert_eq!(counters.inside(), []);
    }

    // The allocator gives the place of the former ones to the next at once.
    #[test]
    fn counters_in_the_place_of_others_count_from_zero() {
        for _ in 0..8 {
            let counters = Box::new(Counters::default());
            counters.finished(&call("a.so", "WSPSend", None));
            assert_eq!(counters.levels()["a.so"].procedures["WSPSend"].calls, 1);
        }
    }

    #[test]
    fn two_counters_on_one_thread_do_not_mix() {
        let (one, other) = (Counters::default(), Counters::default());
        one.finished(&call("a.so", "WSPSend", None));
        other.finished(&call("a.so", "WSPRecv", None));
        one.finished(&call("a.so", "WSPSend", None));
        let calls = one.levels()["a.so"].procedures["WSPSend"].calls;
        assert_eq!(calls, 2);
        assert!(!one.levels()["a.so"].procedures.contains_key("WSPRecv"));
    }
}
