//! Waits that objects take part in which other processes may have: see [`session`](crate::session).
//!
//! The waiting thread looks itself, each time the session's bell has rung: it takes what it finds, or sleeps until the next time, with its
//! own objects beside the bell.
//!
//! DIFFERS: a wait for all takes one after the other and gives back what it has when the next cannot be had, so others may find an object
//! taken for a moment.

use std::sync::Arc;
use std::time::Duration;

use super::Alert;
use super::Waited;
use super::settled;
use super::waited;
use crate::clock::Timeout;
use crate::deadline::Deadline;
use crate::handles::Object;
use crate::session::Seen;
use crate::session::Shared;
use crate::session::bell::Listener;
use crate::signal::Acquired;
use crate::thread;
use crate::thread::Thread;

/// How often is looked whether an owner is alive, and at objects of this process in a wait for all.
const PATIENCE: Duration = Duration::from_millis(20);

/// Whether the wait is one of these.
pub(super) fn is_among(objects: &[Arc<dyn Object>]) -> bool {
    objects.iter().any(|object| object.shared().is_some())
}

/// A wait that goes on.
struct Wait<'w> {
    thread: Arc<Thread>,
    objects: &'w [Arc<dyn Object>],
    /// What was seen of those that are shared.
    seen: Vec<Option<(&'w Shared, Seen)>>,
    deadline: Deadline,
    alert: Alert,
}

impl<'w> Wait<'w> {
    fn begin(objects: &'w [Arc<dyn Object>], timeout: Timeout, alert: Alert) -> Self {
        let seen = |object: &'w Arc<dyn Object>| {
            let shared = object.shared()?;
            Some((shared, shared.seen()))
        };
        Self {
            thread: thread::current(),
            objects,
            seen: objects.iter().map(seen).collect(),
            deadline: timeout.deadline(),
            alert,
        }
    }

    fn try_acquire(&self, place: usize) -> Option<Acquired> {
        match self.seen[place] {
            Some((shared, seen)) => shared.try_take(self.thread.id(), seen),
            None => self.objects[place].signal()?.try_acquire(&self.thread),
        }
    }

    fn give_back(&self, place: usize) {
        match self.seen[place] {
            Some((shared, _)) => shared.give_back(self.thread.id()),
            None => {
                if let Some(signal) = self.objects[place].signal() {
                    signal.give_back(&self.thread);
                }
            }
        }
    }

    fn settle(&self, place: usize, answer: usize, acquired: Acquired) -> Waited {
        settled(&self.thread, &self.objects[place], answer, acquired)
    }

    /// Sleeps until the bell rings, or one of `also` is acquired, at most so long.
    fn sleep(&self, listener: &Listener, also: &[usize], longest: Option<Duration>) -> Slept {
        let mut objects: Vec<Arc<dyn Object>> = also
            .iter()
            .map(|&place| Arc::clone(&self.objects[place]))
            .collect();
        objects.push(Arc::clone(listener.heard()) as Arc<dyn Object>);
        let left = match (self.deadline.left(), longest) {
            (Some(left), Some(longest)) => Some(left.min(longest)),
            (left, longest) => left.or(longest),
        };
        let left = left.map_or(Timeout::Infinite, Timeout::After);
        match super::for_any(&objects, left, self.alert) {
            Waited::Apc => Slept::Ended(Waited::Apc),
            Waited::Signaled(at) if at < also.len() => Slept::Ended(Waited::Signaled(also[at])),
            Waited::Abandoned(at) => Slept::Ended(Waited::Abandoned(also[at])),
            Waited::Signaled(_) => Slept::LookAgain,
            Waited::TimedOut if self.deadline.left().is_some_and(|left| left.is_zero()) => {
                Slept::Ended(Waited::TimedOut)
            }
            Waited::TimedOut => Slept::LookAgain,
        }
    }
}

/// How a sleep ended.
enum Slept {
    LookAgain,
    Ended(Waited),
}

/// As `wait`'s own. Without memory for a thread that listens, the time is over at once.
pub(super) fn for_any(objects: &[Arc<dyn Object>], timeout: Timeout, alert: Alert) -> Waited {
    let wait = Wait::begin(objects, timeout, alert);
    let look = || {
        let taken = |place| wait.try_acquire(place).map(|acquired| (place, acquired));
        (0..objects.len()).find_map(taken)
    };
    if let Some((place, acquired)) = look() {
        return wait.settle(place, place, acquired);
    }
    if wait.deadline == Deadline::Passed && alert == Alert::Plain {
        return Waited::TimedOut;
    }
    let Ok(listener) = Listener::new() else {
        return Waited::TimedOut;
    };
    let own: Vec<usize> = (0..objects.len())
        .filter(|place| wait.seen[*place].is_none())
        .collect();
    let owned = (objects.iter()).any(|object| object.kind() == crate::handles::Kind::Mutex);
    let longest = owned.then_some(PATIENCE);
    loop {
        // Before the look: what changes after it is heard.
        listener.heard().reset();
        if let Some((place, acquired)) = look() {
            return wait.settle(place, place, acquired);
        }
        if let Slept::Ended(ended) = wait.sleep(&listener, &own, longest) {
            return ended;
        }
    }
}

/// As `wait`'s own.
pub(super) fn for_all(objects: &[Arc<dyn Object>], timeout: Timeout, alert: Alert) -> Waited {
    let wait = Wait::begin(objects, timeout, alert);
    let Ok(listener) = Listener::new() else {
        return Waited::TimedOut;
    };
    loop {
        listener.heard().reset();
        let mut taken = Vec::with_capacity(objects.len());
        taken.extend((0..objects.len()).map_while(|place| wait.try_acquire(place)));
        if taken.len() == objects.len() {
            let abandoned = taken.contains(&Acquired::Abandoned);
            for (place, acquired) in taken.iter().enumerate() {
                wait.settle(place, 0, *acquired);
            }
            return waited(
                0,
                if abandoned {
                    Acquired::Abandoned
                } else {
                    Acquired::Plain
                },
            );
        }
        for place in (0..taken.len()).rev() {
            wait.give_back(place);
        }
        if let Slept::Ended(ended) = wait.sleep(&listener, &[], Some(PATIENCE)) {
            return ended;
        }
    }
}
