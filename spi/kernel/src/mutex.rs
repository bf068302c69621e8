//! Mutexes: owned by a thread, which may acquire them again, and abandoned when it exits.

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
use crate::thread;
use crate::thread::Thread;

/// A mutex. Signalled while nobody owns it; a wait makes the waiting thread its owner.
#[derive(Debug)]
pub struct Mutex {
    signal: Signal,
    naming: Naming,
    /// Its state, if other processes may have it; then the signal is not used.
    shared: Option<Box<Shared>>,
}

/// Who owns a new mutex.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InitialOwner {
    /// Nobody.
    Nobody,
    /// The thread that creates it.
    Creator,
}

impl Mutex {
    /// Frees the mutex of a thread that exits.
    pub(crate) fn abandon(&self, thread: &Thread) {
        match &self.shared {
            Some(shared) => shared.abandon(thread.id()),
            None => self.signal.abandon(thread),
        }
    }
}

impl Object for Mutex {
    fn kind(&self) -> Kind {
        Kind::Mutex
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

impl Named for Mutex {
    fn naming(&self) -> &Naming {
        &self.naming
    }

    fn from_shared(shared: Shared) -> Option<Self> {
        (shared.sort() == Some(Sort::Mutex)).then(|| Self {
            signal: Signal::new(Rule::Mutex, 1),
            naming: Naming::new(),
            shared: Some(Box::new(shared)),
        })
    }
}

/// Creates a mutex and opens a handle to it.
///
/// # Errors
/// `WSA_NOT_ENOUGH_MEMORY` when there are no more handles.
#[doc(alias = "CreateMutex")]
pub fn create(owner: InitialOwner) -> Result<Handle, Errno> {
    create_named(owner, None).map(Created::handle)
}

/// Creates a mutex with a name, or opens the one that has it: then nobody becomes its owner.
///
/// # Errors
/// [`names::create`]'s.
#[doc(alias = "CreateMutex")]
pub fn create_named(owner: InitialOwner, name: Option<Name>) -> Result<Created, Errno> {
    let mutex = Arc::new(Mutex {
        signal: Signal::new(Rule::Mutex, 1),
        naming: Naming::new(),
        shared: None,
    });
    let thread = thread::current();
    let mut initial = Initial::new(Sort::Mutex, 0);
    if owner == InitialOwner::Creator {
        // Before anybody can find it by its name.
        mutex.signal.own(&thread);
        initial.owner = thread.id();
    }
    let created = names::create(name, mutex, Some(initial))?;
    if owner == InitialOwner::Creator
        && let Created::New(handle) = created
    {
        // Whichever it is: with a name it may be one whose state is shared.
        let made = handles::pin(handle.raw()).and_then(|pinned| pinned.object().cloned());
        if let Some(mutex) = made.and_then(<dyn Object>::downcast) {
            thread.acquired(mutex);
        }
    }
    Ok(created)
}

/// Gives up one acquisition of a mutex; the last one releases a waiter.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not a mutex's; `ERROR_NOT_OWNER` when the
/// calling thread does not own it.
#[doc(alias = "ReleaseMutex")]
pub fn release(raw: usize) -> Result<(), Errno> {
    let pinned = handles::pin(raw).ok_or(Errno::INVALID_HANDLE)?;
    let mutex = pinned.object_as::<Mutex>().ok_or(Errno::INVALID_HANDLE)?;
    let thread = thread::current();
    let left = match &mutex.shared {
        Some(shared) => shared.release_owned(thread.id()),
        None => mutex.signal.release_owned(&thread),
    };
    let left = left.ok_or(Errno::NOT_OWNER)?;
    if left == 0 {
        thread.released(mutex);
    }
    Ok(())
}

#[cfg(all(test, not(ws2spi_shuttle)))]
mod tests {
    use super::*;
    use crate::clock::Timeout;
    use crate::wait;
    use crate::wait::Alert;
    use crate::wait::WaitFor;
    use crate::wait::Waited;

    fn take(raw: usize) -> Waited {
        wait::one(raw, Timeout::ZERO, Alert::Plain).unwrap()
    }

    fn elsewhere<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
        std::thread::spawn(f).join().unwrap()
    }

    /// CreateMutex: the owner may wait again; it must release as often.
    #[test]
    fn the_owner_acquires_again() {
        let raw = create(InitialOwner::Creator).unwrap().raw();
        assert_eq!(
            (take(raw), take(raw)),
            (Waited::Signaled(0), Waited::Signaled(0))
        );
        for _ in 0..2 {
            release(raw).unwrap();
            assert_eq!(elsewhere(move || take(raw)), Waited::TimedOut);
        }
        release(raw).unwrap();
        assert_eq!(
            elsewhere(move || (take(raw), release(raw))),
            (Waited::Signaled(0), Ok(()))
        );
        handles::close(raw).unwrap();
    }

    /// ReleaseMutex: only the owner may, ERROR_NOT_OWNER.
    #[test]
    fn only_the_owner_releases() {
        let raw = create(InitialOwner::Nobody).unwrap().raw();
        assert_eq!(release(raw), Err(Errno::NOT_OWNER));
        assert_eq!(take(raw), Waited::Signaled(0));
        assert_eq!(elsewhere(move || release(raw)), Err(Errno::NOT_OWNER));
        assert_eq!(
            (release(raw), release(raw)),
            (Ok(()), Err(Errno::NOT_OWNER))
        );
        handles::close(raw).unwrap();
        assert_eq!(release(raw), Err(Errno::INVALID_HANDLE));
    }

    /// WaitForSingleObject, WAIT_ABANDONED: reported once, to the next owner.
    #[test]
    fn a_mutex_of_an_exited_thread_is_abandoned() {
        let raw = create(InitialOwner::Nobody).unwrap().raw();
        assert_eq!(
            elsewhere(move || (take(raw), take(raw)).0),
            Waited::Signaled(0)
        );
        assert_eq!(
            (take(raw), take(raw)),
            (Waited::Abandoned(0), Waited::Signaled(0))
        );
        release(raw).unwrap();
        release(raw).unwrap();
        assert_eq!(
            elsewhere(move || (take(raw), release(raw))),
            (Waited::Signaled(0), Ok(()))
        );
        assert_eq!(take(raw), Waited::Signaled(0));
        release(raw).unwrap();
        handles::close(raw).unwrap();
    }

    /// WaitForMultipleObjects, WAIT_ABANDONED_0: the place among the objects; for all, 0.
    #[test]
    fn waits_for_several_report_abandonment() {
        let event = crate::event::create(crate::event::Reset::Manual, false)
            .unwrap()
            .raw();
        let raw = create(InitialOwner::Nobody).unwrap().raw();
        elsewhere(move || take(raw));
        let any = wait::many(&[event, raw], WaitFor::Any, Timeout::ZERO, Alert::Plain);
        assert_eq!(any, Ok(Waited::Abandoned(1)));
        release(raw).unwrap();
        elsewhere(move || take(raw));
        crate::event::set(event).unwrap();
        let all = wait::many(&[event, raw], WaitFor::All, Timeout::ZERO, Alert::Plain);
        assert_eq!(all, Ok(Waited::Abandoned(0)));
        release(raw).unwrap();
        handles::close(raw).unwrap();
        handles::close(event).unwrap();
    }
}
