//! Semaphores: a count that waits take from and releases add to.

use std::sync::Arc;

use ws2spi_abi::Errno;

use crate::handles;
use crate::handles::Handle;
use crate::handles::HandleCount;
use crate::handles::Kind;
use crate::handles::Object;
use crate::names;
use crate::names::Created;
use crate::names::Name;
use crate::names::Named;
use crate::names::Naming;
use crate::session::Initial;
use crate::session::Shared;
use crate::session::Sort;
use crate::signal::Rule;
use crate::signal::Signal;

/// A semaphore.
#[derive(Debug)]
pub struct Semaphore {
    signal: Signal,
    naming: Naming,
    maximum: u32,
    /// Its state, if other processes may have it; then the signal is not used.
    shared: Option<Box<Shared>>,
}

impl Object for Semaphore {
    fn kind(&self) -> Kind {
        Kind::Semaphore
    }

    fn signal(&self) -> Option<&Signal> {
        Some(&self.signal)
    }

    fn shared(&self) -> Option<&Shared> {
        self.shared.as_deref()
    }

    fn handles(&self) -> Option<&HandleCount> {
        Some(self.naming.handles())
    }

    fn last_closed(&self) {
        names::last_closed(self);
    }
}

impl Named for Semaphore {
    fn naming(&self) -> &Naming {
        &self.naming
    }

    fn from_shared(shared: Shared) -> Option<Self> {
        (shared.sort() == Some(Sort::Semaphore)).then(|| Self {
            signal: Signal::new(Rule::Semaphore, 0),
            naming: Naming::new(),
            maximum: shared.maximum(),
            shared: Some(Box::new(shared)),
        })
    }
}

/// Creates a semaphore and opens a handle to it.
///
/// # Errors
/// `ERROR_INVALID_PARAMETER` when a count is negative, the maximum is 0 or the initial count is
/// above it; `WSA_NOT_ENOUGH_MEMORY` when there are no more handles.
#[doc(alias = "CreateSemaphore")]
pub fn create(initial: i32, maximum: i32) -> Result<Handle, Errno> {
    create_named(initial, maximum, None).map(Created::handle)
}

/// Creates a semaphore with a name, or opens the one that has it: then the counts are only looked at.
///
/// # Errors
/// As [`create`], then [`names::create`]'s.
#[doc(alias = "CreateSemaphore")]
pub fn create_named(initial: i32, maximum: i32, name: Option<Name>) -> Result<Created, Errno> {
    let (Ok(count), Ok(maximum)) = (u32::try_from(initial), u32::try_from(maximum)) else {
        return Err(Errno::INVALID_PARAMETER);
    };
    if maximum == 0 || count > maximum {
        return Err(Errno::INVALID_PARAMETER);
    }
    let semaphore = Semaphore {
        signal: Signal::new(Rule::Semaphore, count),
        naming: Naming::new(),
        maximum,
        shared: None,
    };
    let initial = Initial {
        maximum,
        ..Initial::new(Sort::Semaphore, count)
    };
    names::create(name, Arc::new(semaphore), Some(initial))
}

/// Adds to the count of a semaphore and releases as many waiters; returns the count before.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not a semaphore's; `ERROR_INVALID_PARAMETER`
/// when `count` is not positive; `ERROR_TOO_MANY_POSTS` when it would exceed the maximum: the count
/// is unchanged then.
#[doc(alias = "ReleaseSemaphore")]
pub fn release(raw: usize, count: i32) -> Result<i32, Errno> {
    let count = u32::try_from(count).ok().filter(|&count| count > 0);
    let count = count.ok_or(Errno::INVALID_PARAMETER)?;
    let pinned = handles::pin(raw).ok_or(Errno::INVALID_HANDLE)?;
    let semaphore = pinned
        .object_as::<Semaphore>()
        .ok_or(Errno::INVALID_HANDLE)?;
    let before = match &semaphore.shared {
        Some(shared) => shared.release_count(count),
        None => semaphore.signal.release_count(count, semaphore.maximum),
    };
    before
        .map(|before| before as i32)
        .ok_or(Errno::TOO_MANY_POSTS)
}

#[cfg(all(test, not(ws2spi_shuttle)))]
mod tests {
    use super::*;
    use crate::clock::Timeout;
    use crate::wait;
    use crate::wait::Alert;
    use crate::wait::Waited;

    fn take(raw: usize) -> Waited {
        wait::one(raw, Timeout::ZERO, Alert::Plain).unwrap()
    }

    /// ReleaseSemaphore: each wait takes one of the count, a release reports the count before.
    #[test]
    fn waits_take_from_the_count() {
        let raw = create(2, 3).unwrap().raw();
        assert_eq!(
            (take(raw), take(raw)),
            (Waited::Signaled(0), Waited::Signaled(0))
        );
        assert_eq!(take(raw), Waited::TimedOut);
        assert_eq!((release(raw, 2), release(raw, 1)), (Ok(0), Ok(2)));
        handles::close(raw).unwrap();
    }

    /// ReleaseSemaphore: above the maximum it fails and the count is unchanged.
    #[test]
    fn the_count_stays_within_the_maximum() {
        let raw = create(1, 2).unwrap().raw();
        assert_eq!(release(raw, 2), Err(Errno::TOO_MANY_POSTS));
        assert_eq!(release(raw, i32::MAX), Err(Errno::TOO_MANY_POSTS));
        assert_eq!(
            (release(raw, 1), release(raw, 1)),
            (Ok(1), Err(Errno::TOO_MANY_POSTS))
        );
        handles::close(raw).unwrap();
    }

    /// CreateSemaphore and ReleaseSemaphore: counts outside the contract.
    #[test]
    fn bad_counts_are_invalid_parameters() {
        for (initial, maximum) in [(-1, 1), (0, 0), (2, 1), (0, -1), (i32::MIN, i32::MIN)] {
            assert_eq!(create(initial, maximum), Err(Errno::INVALID_PARAMETER));
        }
        let raw = create(0, i32::MAX).unwrap().raw();
        assert_eq!(release(raw, 0), Err(Errno::INVALID_PARAMETER));
        assert_eq!(release(raw, -1), Err(Errno::INVALID_PARAMETER));
        handles::close(raw).unwrap();
        assert_eq!(release(raw, 1), Err(Errno::INVALID_HANDLE));
    }
}
