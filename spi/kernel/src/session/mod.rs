//! Objects that processes share: what is behind a name, for all processes of a user.
//!
//! A named event, semaphore, mutex or mapping of memory has a file in the folder of the session
//! ([`place`]), which the processes that have handles to it map ([`memory`]). Its state is a few atomic
//! words there; whoever changes one rings a [`bell`], at which all who wait, in all processes, look
//! again. A process that dies leaves nothing locked: its claims are locks on files, which the system
//! takes back, and a mutex whose owner is gone is abandoned.
//!
//! [`names`](crate::names) creates and opens them, `wait/shared.rs` waits for them.
//!
//! DIFFERS: nobody is handed anything: who looks first takes it, so that waiters of several processes are
//! not served in their order, and two sets of an auto-reset event before anybody has looked are one.

#![allow(unsafe_code)] // Memory that is mapped, and the system's calls for that.

pub(crate) mod bell;
mod memory;
mod place;
mod shared;

pub(crate) use shared::Seen;
pub use shared::Shared;

use place::Making;

use ws2spi_abi::Errno;

/// What kind of object a name stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Sort {
    /// A manual-reset event.
    ManualEvent = 1,
    /// An auto-reset event.
    AutoEvent = 2,
    /// A semaphore.
    Semaphore = 3,
    /// A mutex.
    Mutex = 4,
    /// A mapping of memory.
    Mapping = 5,
}

/// What a new object begins with.
#[derive(Clone, Copy, Debug)]
pub struct Initial {
    /// What it is.
    pub sort: Sort,
    /// Whether an event is set, or the count of a semaphore; the protection of a mapping, for who makes it to know.
    pub value: u32,
    /// The greatest count of a semaphore.
    pub maximum: u32,
    /// The thread that owns a mutex; 0 for nobody.
    pub owner: u32,
    /// The length of a mapping.
    pub length: u64,
}

impl Initial {
    /// An object of that kind with that value.
    #[must_use]
    pub const fn new(sort: Sort, value: u32) -> Self {
        Self {
            sort,
            value,
            maximum: 0,
            owner: 0,
            length: 0,
        }
    }
}

/// What came of creating an object.
pub(crate) enum Joined {
    /// It is new.
    New(Shared),
    /// A process has it.
    Existing(Shared),
}

/// Makes the object of a name, or joins those who have it. `None`: nothing can be shared here.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the name belongs to an object of another kind.
pub(crate) fn create(name: &str, initial: &Initial) -> Result<Option<Joined>, Errno> {
    let making = Making {
        memory: initial.length,
        state: &|file| Shared::begin(file, initial),
    };
    let Ok(Some((claim, new))) = place::enter(name, Some(&making)) else {
        return Ok(None);
    };
    match Shared::join(claim) {
        Some(shared) if new => Ok(Some(Joined::New(shared))),
        Some(shared) => Ok(Some(Joined::Existing(shared))),
        None if new => Ok(None),
        // Another version of this crate made it.
        None => Err(Errno::INVALID_HANDLE),
    }
}

/// Joins those who have the object of a name. `None`: nobody has it.
pub(crate) fn open(name: &str) -> Option<Shared> {
    let (claim, _) = place::enter(name, None).ok().flatten()?;
    Shared::join(claim)
}

#[cfg(all(test, not(ws2spi_shuttle)))]
mod tests;
