//! What a wait waits for: the signalled state of an object, with those who wait for it.
//!
//! Events, semaphores, mutexes, threads and file objects each have a [`Signal`]. Signalling *hands
//! over*: a waiting thread is granted its wait by whoever signals, before that call returns, so a
//! set followed by a reset releases those who waited, and two sets of an auto-reset event release
//! two of them, as on Windows. Waiters are served in the order in which they came.
//!
//! The state is one word: value, a lock bit, and what signallers left for the holder of the lock.
//!
//! - Nobody waits: set, reset and a successful wait are one exchange each.
//! - The lock bit guards the list of waiters for a few instructions. **A setter never waits for
//!   it**: it leaves its set or reset in the word, in order, and whoever holds the lock carries it
//!   out when unlocking. So setters may interrupt anybody, themselves included (a signal handler),
//!   and they neither allocate nor free: a waiter removes its own entries.
//! - A wait for all of several objects is granted by whoever holds one of their locks and gets the
//!   others at once; if one of these is taken, its holder is left a note to look again.
//!
//! Lock order: waiters that need several lock bits take them in the order of addresses; setters
//! only try. The list's mutex is only taken with the lock bit held and is therefore never waited
//! for.

mod line;
#[cfg(all(test, not(ws2spi_shuttle)))]
mod tests;

use std::fmt;
use std::sync::Arc;

use crate::handles::Object;
use crate::sync::AtomicU32;
use crate::sync::AtomicU64;
use crate::sync::Mutex;
use crate::sync::MutexGuard;
use crate::sync::Ordering::AcqRel;
use crate::sync::Ordering::Acquire;
use crate::sync::Ordering::Relaxed;
use crate::sync::spin_loop;
use crate::sync::yield_now;
use crate::thread::Thread;
use crate::wait::MAXIMUM_OBJECTS;
use line::Line;
use line::Waiter;
use line::Wants;

/// The signalled state of an object, and its waiters.
pub struct Signal {
    word: AtomicU64,
    rule: Rule,
    waiters: Mutex<Line>,
    /// Who owns it, for [`Rule::Mutex`]; 0 for nobody. Written with the lock bit held.
    owner: AtomicU32,
    /// How often the owner acquired it.
    depth: AtomicU32,
}

/// What a satisfied wait does to the state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rule {
    /// Nothing: it stays signalled until it is reset.
    Manual,
    /// One wait takes it.
    Auto,
    /// One wait takes one of the count.
    Semaphore,
    /// The waiter becomes the owner.
    Mutex,
}

/// What a successful acquisition came with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Acquired {
    /// Nothing special.
    Plain,
    /// A mutex whose owner exited without releasing it.
    Abandoned,
}

/// What came of looking at one object of a wait for any.
pub(crate) enum Enlisted {
    /// It is signalled and was acquired.
    Acquired(Acquired),
    /// It is not; the thread is on its list now.
    Waiting,
    /// Another object of the same wait was granted meanwhile.
    Granted,
}

/// A signal with its lock bit held. Dropping it carries out what setters left meanwhile.
pub(crate) struct Locked<'s> {
    signal: &'s Signal,
    waiters: Option<MutexGuard<'s, Line>>,
}

impl Signal {
    /// A signal that stays signalled until it is reset, as a file object's.
    #[must_use]
    pub const fn manual(signalled: bool) -> Self {
        Self::new(Rule::Manual, signalled as u32)
    }

    pub(crate) const fn new(rule: Rule, value: u32) -> Self {
        Self {
            word: AtomicU64::new((value as u64) << VALUE_SHIFT),
            rule,
            waiters: Mutex::new(Line::new()),
            owner: AtomicU32::new(0),
            depth: AtomicU32::new(0),
        }
    }

    /// Signals: a manual-reset signal releases all waiters and stays signalled, an auto-reset one
    /// releases one waiter or stays signalled until a wait takes it.
    ///
    /// Any thread, signal handlers included. Never blocks, allocates or frees.
    pub fn set(&self) {
        self.change(
            |word| add_set(word & !RESET_LAST),
            |locked| locked.apply_set(),
            1,
        );
    }

    /// Makes it nonsignalled. Any thread, signal handlers included.
    pub fn reset(&self) {
        self.change(|word| word | RESET_LAST, |locked| locked.set_value(0), 0);
    }

    /// The three ways of a setter: leave a note to the lock's holder, serve the waiters under the
    /// lock, or exchange the value when nobody waits.
    fn change(&self, note: fn(u64) -> u64, serve: fn(&mut Locked<'_>), value: u32) {
        let mut word = self.word.load(Relaxed);
        loop {
            let next = if word & LOCKED != 0 {
                note(word)
            } else if word & WAITERS != 0 {
                word | LOCKED
            } else {
                u64::from(value) << VALUE_SHIFT
            };
            match self.word.compare_exchange_weak(word, next, AcqRel, Relaxed) {
                Ok(_) if word & (LOCKED | WAITERS) == WAITERS => {
                    return serve(&mut self.locked());
                }
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
    }

    /// Whether a wait would succeed now; a snapshot.
    #[must_use]
    pub fn is_set(&self) -> bool {
        value_of(self.word.load(Acquire)) != 0
    }

    /// How many wait; what tests wait for before they signal.
    #[cfg(test)]
    pub(crate) fn waiters(&self) -> usize {
        self.lock().waiters().get().len()
    }

    /// Acquires it for the thread if that needs no waiting.
    pub(crate) fn try_acquire(&self, thread: &Thread) -> Option<Acquired> {
        let mut word = self.word.load(Acquire);
        while word & LOCKED == 0 && self.rule != Rule::Mutex {
            let value = value_of(word);
            let next = match self.rule {
                _ if value == 0 => return None,
                Rule::Manual => return Some(Acquired::Plain),
                _ => word - (1 << VALUE_SHIFT),
            };
            match self
                .word
                .compare_exchange_weak(word, next, Acquire, Acquire)
            {
                Ok(_) => return Some(Acquired::Plain),
                Err(now) => word = now,
            }
        }
        let mut locked = self.lock();
        locked.acquirable(thread).then(|| locked.acquire(thread))
    }

    /// Acquires it for the thread, or puts the thread, which has begun a wait, on the list.
    pub(crate) fn acquire_or_enlist(&self, thread: &Arc<Thread>, place: u32) -> Enlisted {
        let mut locked = self.lock();
        if !locked.acquirable(thread) {
            locked.waiters().push(Waiter {
                thread: Arc::clone(thread),
                wants: Wants::This(place),
            });
            return Enlisted::Waiting;
        }
        if !thread.wait_state().end() {
            return Enlisted::Granted;
        }
        Enlisted::Acquired(locked.acquire(thread))
    }

    /// Takes the thread off the list.
    pub(crate) fn delist(&self, thread: &Arc<Thread>) {
        self.lock().waiters().remove(thread);
    }

    /// Adds to the count of a semaphore; returns the count before. `None`: it would exceed `limit`.
    pub(crate) fn release_count(&self, count: u32, limit: u32) -> Option<u32> {
        let mut locked = self.lock();
        let before = locked.value();
        let after = before.checked_add(count).filter(|&after| after <= limit)?;
        locked.set_value(after);
        locked.serve();
        Some(before)
    }

    /// Gives up one acquisition of a mutex. `None`: the thread is not its owner; otherwise how many
    /// acquisitions are left.
    pub(crate) fn release_owned(&self, thread: &Thread) -> Option<u32> {
        let mut locked = self.lock();
        if self.owner.load(Relaxed) != thread.id() {
            return None;
        }
        let left = self.depth.load(Relaxed).saturating_sub(1);
        self.depth.store(left, Relaxed);
        if left == 0 {
            locked.free_owned(FREE);
        }
        Some(left)
    }

    /// Gives back what the thread acquired for a wait that did not come to be.
    pub(crate) fn give_back(&self, thread: &Thread) {
        match self.rule {
            Rule::Manual => {}
            Rule::Auto => self.set(),
            Rule::Semaphore => drop(self.release_count(1, u32::MAX)),
            Rule::Mutex => drop(self.release_owned(thread)),
        }
    }

    /// Frees a mutex whose owner exits.
    pub(crate) fn abandon(&self, thread: &Thread) {
        let mut locked = self.lock();
        if self.owner.load(Relaxed) == thread.id() {
            self.depth.store(0, Relaxed);
            locked.free_owned(ABANDONED);
        }
    }

    /// Makes the thread the owner of a new mutex.
    pub(crate) fn own(&self, thread: &Thread) {
        self.lock().acquire(thread);
    }

    fn lock(&self) -> Locked<'_> {
        let mut spins = 0;
        loop {
            let word = self.word.load(Relaxed);
            let free = word & LOCKED == 0;
            if free
                && self
                    .word
                    .compare_exchange_weak(word, word | LOCKED, Acquire, Relaxed)
                    .is_ok()
            {
                return self.locked();
            }
            spins += 1;
            if spins < SPINS {
                spin_loop()
            } else {
                yield_now()
            }
        }
    }

    /// Takes the lock bit, or leaves its holder the note to look at waits for all again.
    ///
    /// The caller holds the lock bit of `other`. Two who hold one each and want the other's leave each
    /// other notes, and would do so for ever in step: so one of them is more patient, and finds the
    /// lock bit free when the other has looked again without a new note.
    fn lock_or_note(&self, other: &Self) -> Option<Locked<'_>> {
        let is_first = std::ptr::from_ref(other).addr() < std::ptr::from_ref(self).addr();
        let patience = if is_first { PATIENCE * SPINS } else { SPINS };
        let mut spins = 0;
        let mut word = self.word.load(Relaxed);
        loop {
            let next = if word & LOCKED == 0 {
                word | LOCKED
            } else if spins < patience {
                spins += 1;
                spin_loop();
                word = self.word.load(Relaxed);
                continue;
            } else {
                word | LOOK_AGAIN
            };
            match self.word.compare_exchange_weak(word, next, AcqRel, Relaxed) {
                Ok(_) => return (word & LOCKED == 0).then(|| self.locked()),
                Err(now) => word = now,
            }
        }
    }

    /// The lock bit was taken by the caller.
    fn locked(&self) -> Locked<'_> {
        Locked {
            signal: self,
            waiters: Some(self.waiters.lock()),
        }
    }
}

/// Acquires all objects for the thread, or puts the thread, which has begun a wait, on all lists.
/// `None`: it waits. The objects have signals, and no two are the same.
pub(crate) fn acquire_all_or_enlist(
    thread: &Arc<Thread>,
    objects: &Arc<[Arc<dyn Object>]>,
) -> Option<Acquired> {
    let mut signals: Vec<&Signal> = objects
        .iter()
        .filter_map(|object| object.signal())
        .collect();
    signals.sort_by_key(|signal| std::ptr::from_ref::<Signal>(signal).addr());
    let mut locked: Vec<Locked<'_>> = signals.iter().map(|signal| signal.lock()).collect();
    if locked.iter().all(|signal| signal.acquirable(thread)) {
        // An APC may have ended the wait already.
        let ended = thread.wait_state().end();
        return ended.then(|| acquire_each(locked.iter_mut(), thread));
    }
    for signal in &mut locked {
        let wants = Wants::All(Arc::clone(objects));
        signal.waiters().push(Waiter {
            thread: Arc::clone(thread),
            wants,
        });
    }
    None
}

fn acquire_each<'l, 's: 'l>(
    signals: impl Iterator<Item = &'l mut Locked<'s>>,
    thread: &Thread,
) -> Acquired {
    signals.fold(Acquired::Plain, |so_far, signal| {
        match signal.acquire(thread) {
            Acquired::Abandoned => Acquired::Abandoned,
            Acquired::Plain => so_far,
        }
    })
}

impl Locked<'_> {
    fn waiters(&mut self) -> &mut Line {
        self.waiters
            .get_or_insert_with(|| self.signal.waiters.lock())
    }

    fn value(&self) -> u32 {
        value_of(self.signal.word.load(Relaxed))
    }

    fn set_value(&mut self, value: u32) {
        let mut word = self.signal.word.load(Relaxed);
        loop {
            let next = word & !VALUE | u64::from(value) << VALUE_SHIFT;
            match self
                .signal
                .word
                .compare_exchange_weak(word, next, Relaxed, Relaxed)
            {
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
    }

    fn acquirable(&self, thread: &Thread) -> bool {
        let owned = self.signal.rule == Rule::Mutex
            && self.signal.owner.load(Relaxed) == thread.id()
            && self.signal.depth.load(Relaxed) < u32::MAX;
        owned || self.value() != 0
    }

    fn acquire(&mut self, thread: &Thread) -> Acquired {
        let value = self.value();
        match self.signal.rule {
            Rule::Manual => {}
            Rule::Auto | Rule::Semaphore => self.set_value(value.saturating_sub(1)),
            Rule::Mutex => {
                self.set_value(0);
                self.signal.owner.store(thread.id(), Relaxed);
                self.signal.depth.fetch_add(1, Relaxed);
                if value == ABANDONED {
                    return Acquired::Abandoned;
                }
            }
        }
        Acquired::Plain
    }

    fn free_owned(&mut self, value: u32) {
        self.signal.owner.store(0, Relaxed);
        self.set_value(value);
        self.serve();
    }

    fn apply_set(&mut self) {
        self.set_value(1);
        self.serve();
    }

    /// Carries out the sets and resets of a word, as if each had come at its time: none of them
    /// could have met another list of waiters.
    fn apply_noted(&mut self, word: u64) {
        let mut taken = 0;
        let sets = word & SETS;
        while taken < sets {
            taken += SET;
            self.apply_set();
            if self.value() != 0 {
                // Nobody took this one: the rest finds it signalled.
                break;
            }
        }
        if word & RESET_LAST != 0 {
            self.set_value(0);
        }
        if word & LOOK_AGAIN != 0 {
            self.serve();
        }
    }

    /// Grants waits, first come first served, as long as the state allows.
    fn serve(&mut self) {
        let waiters = self
            .waiters
            .take()
            .unwrap_or_else(|| self.signal.waiters.lock());
        for waiter in waiters.get() {
            if !self.acquirable(&waiter.thread) {
                // A mutex is also acquirable for its owner, who may be further down the list only
                // if it waits for it on another thread: it cannot.
                break;
            }
            match &waiter.wants {
                Wants::This(place) => self.grant(&waiter.thread, *place),
                Wants::All(objects) => self.grant_all(&waiter.thread, objects),
            }
        }
        self.waiters = Some(waiters);
    }

    fn grant(&mut self, thread: &Thread, place: u32) {
        let abandoned = self.signal.rule == Rule::Mutex && self.value() == ABANDONED;
        let acquired = if abandoned {
            Acquired::Abandoned
        } else {
            Acquired::Plain
        };
        if thread.wait_state().grant(place, acquired) {
            self.acquire(thread);
            thread.unpark();
        }
    }

    fn grant_all(&mut self, thread: &Thread, objects: &[Arc<dyn Object>]) {
        let mut others: [Option<Locked<'_>>; MAXIMUM_OBJECTS] = [const { None }; MAXIMUM_OBJECTS];
        let this = self.signal;
        let signals = objects.iter().filter_map(|object| object.signal());
        for (place, other) in others
            .iter_mut()
            .zip(signals.filter(|&s| !std::ptr::eq(s, this)))
        {
            let Some(locked) = other.lock_or_note(this) else {
                return;
            };
            if !locked.acquirable(thread) {
                return;
            }
            *place = Some(locked);
        }
        let abandoned = others
            .iter()
            .flatten()
            .chain([&*self])
            .any(|signal| signal.signal.rule == Rule::Mutex && signal.value() == ABANDONED);
        let acquired = if abandoned {
            Acquired::Abandoned
        } else {
            Acquired::Plain
        };
        if thread.wait_state().grant(0, acquired) {
            self.acquire(thread);
            acquire_each(others.iter_mut().flatten(), thread);
            thread.unpark();
        }
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        let mut word = self.signal.word.load(Acquire);
        loop {
            let noted = word & (SETS | RESET_LAST | LOOK_AGAIN);
            let next = if noted != 0 {
                word & !noted
            } else {
                let empty = self.waiters().get().is_empty();
                // The list's mutex goes first: it is only held together with the lock bit.
                self.waiters = None;
                word & VALUE | if empty { 0 } else { WAITERS }
            };
            // Release pairs with the Acquire of whoever locks or acquires next.
            match self
                .signal
                .word
                .compare_exchange_weak(word, next, AcqRel, Acquire)
            {
                Ok(_) if noted == 0 => return,
                Ok(_) => {
                    self.apply_noted(noted);
                    word = self.signal.word.load(Acquire);
                }
                Err(now) => word = now,
            }
        }
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.word.load(Relaxed);
        f.debug_struct("Signal")
            .field("rule", &self.rule)
            .field("value", &value_of(word))
            .field("waiters", &(word & WAITERS != 0))
            .finish_non_exhaustive()
    }
}

const fn value_of(word: u64) -> u32 {
    (word >> VALUE_SHIFT) as u32
}

/// The word with one more set noted.
const fn add_set(word: u64) -> u64 {
    if word & SETS == SETS {
        word
    } else {
        word + SET
    }
}

/// A free mutex, in its value.
const FREE: u32 = 1;
/// A mutex whose owner exited.
const ABANDONED: u32 = 2;

const LOCKED: u64 = 1;
/// The list is not empty. Only true while not locked.
const WAITERS: u64 = 1 << 1;
/// Noted: look at the waits for all again.
const LOOK_AGAIN: u64 = 1 << 2;
/// Noted: after the noted sets, or without any, came a reset.
const RESET_LAST: u64 = 1 << 3;
const SET: u64 = 1 << 4;
/// Noted: the number of sets.
const SETS: u64 = 0xff_ffff << 4;
const VALUE_SHIFT: u32 = 32;
const VALUE: u64 = 0xffff_ffff << VALUE_SHIFT;
/// How often to look before giving the processor away.
const SPINS: u32 = if cfg!(ws2spi_shuttle) { 8 } else { 100 };
/// So many times as often looks the more patient of two who want each other's lock bit.
const PATIENCE: u32 = 16;
