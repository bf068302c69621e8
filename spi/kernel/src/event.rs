//! Events: manual-reset and auto-reset.
//!
//! `set` and `reset` are safe in a signal handler, as the documentation of WPUSetEvent asks: they
//! neither block nor allocate nor free (see `signal`).

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

/// How an event is reset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reset {
    /// By a call: a set event releases everybody who waits.
    Manual,
    /// By the wait that it satisfies: a set event releases one waiter.
    Auto,
}

/// An event.
#[derive(Debug)]
pub struct Event {
    signal: Signal,
    naming: Naming,
    /// Its state, if other processes may have it; then the signal is not used.
    shared: Option<Box<Shared>>,
}

impl Event {
    /// An event without a handle.
    #[must_use]
    pub const fn new(reset: Reset, signalled: bool) -> Self {
        let rule = match reset {
            Reset::Manual => Rule::Manual,
            Reset::Auto => Rule::Auto,
        };
        Self {
            signal: Signal::new(rule, signalled as u32),
            naming: Naming::new(),
            shared: None,
        }
    }

    /// Signals it. Never blocks; any thread, signal handlers included.
    pub fn set(&self) {
        match &self.shared {
            Some(shared) => shared.set(),
            None => self.signal.set(),
        }
    }

    /// Makes it nonsignalled. Never blocks; any thread, signal handlers included.
    pub fn reset(&self) {
        match &self.shared {
            Some(shared) => shared.reset(),
            None => self.signal.reset(),
        }
    }

    /// Whether a wait would succeed now; a snapshot.
    #[must_use]
    pub fn is_set(&self) -> bool {
        match &self.shared {
            Some(shared) => shared.value() != 0,
            None => self.signal.is_set(),
        }
    }
}

impl Object for Event {
    fn kind(&self) -> Kind {
        Kind::Event
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

impl Named for Event {
    fn naming(&self) -> &Naming {
        &self.naming
    }

    fn from_shared(shared: Shared) -> Option<Self> {
        let reset = match shared.sort()? {
            Sort::ManualEvent => Reset::Manual,
            Sort::AutoEvent => Reset::Auto,
            _ => return None,
        };
        Some(Self {
            shared: Some(Box::new(shared)),
            ..Self::new(reset, false)
        })
    }
}

/// Creates an event and opens a handle to it.
///
/// # Errors
/// `WSA_NOT_ENOUGH_MEMORY` when there are no more handles.
#[doc(alias = "CreateEvent")]
#[doc(alias = "WPUCreateEvent")]
pub fn create(reset: Reset, signalled: bool) -> Result<Handle, Errno> {
    let event = Arc::new(Event::new(reset, signalled));
    handles::insert(event).map_err(|_| Errno::NOT_ENOUGH_MEMORY)
}

/// Creates an event with a name, or opens the one that has it.
///
/// # Errors
/// [`names::create`]'s.
#[doc(alias = "CreateEvent")]
pub fn create_named(reset: Reset, signalled: bool, name: Option<Name>) -> Result<Created, Errno> {
    let sort = match reset {
        Reset::Manual => Sort::ManualEvent,
        Reset::Auto => Sort::AutoEvent,
    };
    let initial = Initial::new(sort, u32::from(signalled));
    names::create(name, Arc::new(Event::new(reset, signalled)), Some(initial))
}

/// The event of a handle.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not an event's.
pub fn from_handle(raw: usize) -> Result<Arc<Event>, Errno> {
    let object = handles::pin(raw).and_then(|pinned| pinned.object().cloned());
    object
        .and_then(<dyn Object>::downcast)
        .ok_or(Errno::INVALID_HANDLE)
}

/// Signals an event. Never blocks; any thread, signal handlers included.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not an event's.
#[doc(alias = "SetEvent")]
#[doc(alias = "WPUSetEvent")]
pub fn set(raw: usize) -> Result<(), Errno> {
    with(raw, Event::set)
}

/// Makes an event nonsignalled. Never blocks; any thread, signal handlers included.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not an event's.
#[doc(alias = "ResetEvent")]
#[doc(alias = "WPUResetEvent")]
pub fn reset(raw: usize) -> Result<(), Errno> {
    with(raw, Event::reset)
}

/// Closes an event, and nothing else.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not an event's.
#[doc(alias = "WPUCloseEvent")]
#[doc(alias = "WSACloseEvent")]
pub fn close(raw: usize) -> Result<(), Errno> {
    let pinned = handles::pin(raw).ok_or(Errno::INVALID_HANDLE)?;
    pinned.object_as::<Event>().ok_or(Errno::INVALID_HANDLE)?;
    handles::close(raw)
}

fn with(raw: usize, act: fn(&Event)) -> Result<(), Errno> {
    let found = handles::pin_in_signal(raw, |object| object.downcast_ref::<Event>().map(act));
    found.flatten().ok_or(Errno::INVALID_HANDLE)
}

#[cfg(all(test, not(ws2spi_shuttle)))]
mod tests {
    use super::*;
    use crate::clock::Timeout;
    use crate::semaphore;
    use crate::wait;
    use crate::wait::Alert;
    use crate::wait::Waited;

    fn look(raw: usize) -> Waited {
        wait::one(raw, Timeout::ZERO, Alert::Plain).unwrap()
    }

    /// U16: WPUCreateEvent gives a manual-reset event, initially nonsignalled.
    #[test]
    fn a_new_event_is_as_asked_for() {
        for reset in [Reset::Manual, Reset::Auto] {
            let unset = create(reset, false).unwrap().raw();
            let set = create(reset, true).unwrap().raw();
            assert_eq!(
                (look(unset), look(set)),
                (Waited::TimedOut, Waited::Signaled(0))
            );
            close(unset).unwrap();
            close(set).unwrap();
        }
    }

    /// U18: after WPUSetEvent a zero-timeout wait succeeds twice in a row.
    #[test]
    fn a_manual_event_stays_set() {
        let event = create(Reset::Manual, false).unwrap().raw();
        set(event).unwrap();
        assert_eq!(
            (look(event), look(event)),
            (Waited::Signaled(0), Waited::Signaled(0))
        );
        close(event).unwrap();
    }

    /// SetEvent, "Remarks": an auto-reset event goes back to nonsignalled with the wait it ends,
    /// and setting it twice is setting it once.
    #[test]
    fn an_auto_event_satisfies_one_wait() {
        let event = create(Reset::Auto, false).unwrap().raw();
        set(event).unwrap();
        set(event).unwrap();
        assert_eq!(
            (look(event), look(event)),
            (Waited::Signaled(0), Waited::TimedOut)
        );
        close(event).unwrap();
    }

    /// U19: WPUResetEvent makes a zero-timeout wait time out; a second reset still succeeds.
    #[test]
    fn a_reset_event_is_not_signalled() {
        for kind in [Reset::Manual, Reset::Auto] {
            let event = create(kind, true).unwrap().raw();
            assert_eq!((reset(event), reset(event)), (Ok(()), Ok(())));
            assert_eq!(look(event), Waited::TimedOut);
            close(event).unwrap();
        }
    }

    /// U20: WPUSetEvent, WPUResetEvent and WPUCloseEvent on garbage give error 6.
    #[test]
    fn garbage_is_no_event() {
        let semaphore = semaphore::create(1, 1).unwrap().raw();
        for garbage in [0, 1, 0x1234, semaphore, usize::MAX, thread_handle()] {
            let results = [set(garbage), reset(garbage), close(garbage)];
            assert_eq!(results, [Err(Errno::INVALID_HANDLE); 3], "{garbage:#x}");
        }
        crate::handles::close(semaphore).unwrap();
    }

    fn thread_handle() -> usize {
        crate::thread::CURRENT_THREAD
    }

    /// U21: WPUCloseEvent twice: success, then WSA_INVALID_HANDLE.
    #[test]
    fn an_event_is_closed_once() {
        let event = create(Reset::Manual, false).unwrap().raw();
        assert_eq!(
            (close(event), close(event)),
            (Ok(()), Err(Errno::INVALID_HANDLE))
        );
        assert_eq!(set(event), Err(Errno::INVALID_HANDLE));
    }

    /// client-dll.md 1.3: an in-flight signal is delivered to the object, not to its number.
    #[test]
    fn the_object_outlives_its_handle() {
        let raw = create(Reset::Manual, false).unwrap().raw();
        let event = from_handle(raw).unwrap();
        close(raw).unwrap();
        event.set();
        assert!(event.is_set());
    }
}
