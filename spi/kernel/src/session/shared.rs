//! The shared state of one object, and what may be done with it: taking what a wait takes, and giving it.

use std::fmt;
use std::fs::File;
use std::io;
use std::sync::atomic::Ordering::AcqRel;
use std::sync::atomic::Ordering::Acquire;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::Ordering::Release;

use super::Initial;
use super::Sort;
use super::bell;
use super::memory::Mapped;
use super::memory::State;
use super::place::Claim;
use crate::signal::Acquired;
use crate::sync::ProcessMutex;

/// What tells files of this layout.
const VERSION: u32 = 0x7773_0001;
/// Nobody's, and that of a thread that exited without releasing it.
const FREE: u64 = 0;
const ABANDONED: u64 = u64::MAX;

/// A share in an object that other processes may have.
pub struct Shared {
    state: Mapped<State>,
    /// Until the last handle is closed.
    claim: ProcessMutex<Option<Claim>>,
}

/// What a wait has seen when it began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen(u32);

impl Shared {
    /// Writes the state of a new object into its file.
    ///
    /// # Errors
    /// The system has no memory for it.
    pub(super) fn begin(file: &File, initial: &Initial) -> io::Result<()> {
        let state = Mapped::<State>::new(file).ok_or(io::ErrorKind::OutOfMemory)?;
        let state = state.get();
        state.sort.store(initial.sort as u32, Relaxed);
        state.value.store(initial.value, Relaxed);
        state.maximum.store(initial.maximum, Relaxed);
        state.length.store(initial.length, Relaxed);
        if initial.owner != 0 {
            state.owner.store(owner_of(initial.owner), Relaxed);
            state.depth.store(1, Relaxed);
        }
        state.version.store(VERSION, Release);
        Ok(())
    }

    /// Joins those who have it. `None`: it is of another version, or the system has no memory.
    pub(super) fn join(claim: Claim) -> Option<Self> {
        if !bell::hang() {
            return None;
        }
        let state: Mapped<State> = Mapped::new(&claim.file)?;
        let known = state.get().version.load(Acquire) == VERSION;
        let claim = ProcessMutex::new(Some(claim));
        let shared = Self { state, claim };
        (known && shared.sort().is_some()).then_some(shared)
    }

    /// What it is.
    #[must_use]
    pub fn sort(&self) -> Option<Sort> {
        let sorts = [
            Sort::ManualEvent,
            Sort::AutoEvent,
            Sort::Semaphore,
            Sort::Mutex,
            Sort::Mapping,
        ];
        let sort = self.state.get().sort.load(Relaxed);
        sorts.into_iter().find(|known| *known as u32 == sort)
    }

    /// The state of an event, the count of a semaphore; what the maker of a mapping wanted known.
    #[must_use]
    pub fn value(&self) -> u32 {
        self.state.get().value.load(Acquire)
    }

    /// The greatest count of a semaphore.
    pub(crate) fn maximum(&self) -> u32 {
        self.state.get().maximum.load(Relaxed)
    }

    /// The length of a mapping.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.state.get().length.load(Relaxed)
    }

    /// The memory of a mapping; as long as there are handles.
    ///
    /// # Errors
    /// The system's.
    pub fn memory(&self) -> io::Result<File> {
        match &*self.claim.lock() {
            Some(claim) => claim.memory(),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// The last handle of this process was closed.
    pub fn release(&self) {
        // It waits for the folder, with no lock held.
        let claim = self.claim.lock().take();
        drop(claim);
    }

    /// Signals an event. Never blocks; signal handlers included.
    pub(crate) fn set(&self) {
        let state = self.state.get();
        // Who began to wait before sees it even if a reset follows at once.
        state.sets.fetch_add(1, AcqRel);
        state.value.store(1, Release);
        bell::ring();
    }

    /// Makes an event nonsignalled. Never blocks; signal handlers included.
    pub(crate) fn reset(&self) {
        self.state.get().value.store(0, Release);
    }

    /// Adds to a semaphore's count; the count before. `None`: it would exceed the maximum.
    pub(crate) fn release_count(&self, count: u32) -> Option<u32> {
        let maximum = self.maximum();
        let add = |before: u32| before.checked_add(count).filter(|after| *after <= maximum);
        let before = self.state.get().value.fetch_update(AcqRel, Acquire, add);
        bell::ring();
        before.ok()
    }

    /// Gives up one acquisition of a mutex. `None`: the thread does not own it; otherwise how many are left.
    pub(crate) fn release_owned(&self, thread: u32) -> Option<u32> {
        let state = self.state.get();
        if state.owner.load(Acquire) != owner_of(thread) {
            return None;
        }
        let left = state.depth.load(Relaxed).saturating_sub(1);
        state.depth.store(left, Relaxed);
        if left == 0 {
            state.owner.store(FREE, Release);
            bell::ring();
        }
        Some(left)
    }

    /// Frees a mutex whose owner exits.
    pub(crate) fn abandon(&self, thread: u32) {
        let owner = &self.state.get().owner;
        let left = owner.compare_exchange(owner_of(thread), ABANDONED, AcqRel, Relaxed);
        if left.is_ok() {
            bell::ring();
        }
    }

    /// What a wait looks at first.
    pub(crate) fn seen(&self) -> Seen {
        Seen(self.state.get().sets.load(Acquire))
    }

    /// Acquires it for a thread that has waited since then, if that can be done now.
    pub(crate) fn try_take(&self, thread: u32, since: Seen) -> Option<Acquired> {
        let state = self.state.get();
        match self.sort()? {
            Sort::ManualEvent => {
                let set = state.value.load(Acquire) != 0;
                let was_set = state.sets.load(Acquire) != since.0;
                (set || was_set).then_some(Acquired::Plain)
            }
            Sort::AutoEvent | Sort::Semaphore => {
                let take = |value: u32| value.checked_sub(1);
                let taken = state.value.fetch_update(AcqRel, Acquire, take);
                taken.ok().map(|_| Acquired::Plain)
            }
            Sort::Mutex => self.try_own(thread),
            Sort::Mapping => None,
        }
    }

    fn try_own(&self, thread: u32) -> Option<Acquired> {
        let state = self.state.get();
        let (owner, own) = (state.owner.load(Acquire), owner_of(thread));
        if owner == own {
            let depth = state.depth.load(Relaxed).checked_add(1)?;
            state.depth.store(depth, Relaxed);
            return Some(Acquired::Plain);
        }
        if owner != FREE && owner != ABANDONED && is_alive(owner) {
            return None;
        }
        let taken = state.owner.compare_exchange(owner, own, AcqRel, Relaxed);
        taken.ok()?;
        state.depth.store(1, Relaxed);
        Some(if owner == FREE {
            Acquired::Plain
        } else {
            Acquired::Abandoned
        })
    }

    /// Gives back what a wait took that did not come to be.
    pub(crate) fn give_back(&self, thread: u32) {
        match self.sort() {
            Some(Sort::AutoEvent) => {
                self.state.get().value.store(1, Release);
                bell::ring();
            }
            Some(Sort::Semaphore) => {
                self.release_count(1);
            }
            Some(Sort::Mutex) => {
                self.release_owned(thread);
            }
            Some(Sort::ManualEvent | Sort::Mapping) | None => {}
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("sort", &self.sort())
            .field("value", &self.value())
            .finish_non_exhaustive()
    }
}

/// A thread of this process, in a word that all processes read.
fn owner_of(thread: u32) -> u64 {
    u64::from(std::process::id()) << 32 | u64::from(thread)
}

/// Whether the process of an owner exists. Its threads tell of themselves when they exit.
///
/// DIFFERS: a process that has the number of one that died is taken for that one.
fn is_alive(owner: u64) -> bool {
    let process = (owner >> 32) as i32;
    // SAFETY: no pointers; the signal 0 is none.
    let found = unsafe { libc::kill(process, 0) } == 0;
    found || io::Error::last_os_error().raw_os_error() != Some(libc::ESRCH)
}
