//! Events: the system's.

use ws2spi_abi::Errno;

use crate::handles;
use crate::handles::Handle;
use crate::handles::Kind;
use crate::handles::Object;
use crate::nt;
use crate::signal::Signal;
use crate::system;

/// How an event is reset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reset {
    /// By a call: a set event releases everybody who waits.
    Manual,
    /// By the wait that it satisfies: a set event releases one waiter.
    Auto,
}

/// An event that has no handle in anybody's hands.
#[derive(Debug)]
pub struct Event {
    signal: Signal,
}

impl Event {
    /// An event. When the system has none left it never is signalled, and a wait for it ends at once as
    /// if its time were over.
    #[must_use]
    pub fn new(reset: Reset, signalled: bool) -> Self {
        Self {
            signal: Signal::event(reset == Reset::Manual, signalled),
        }
    }

    /// Signals it. Never blocks; any thread.
    pub fn set(&self) {
        self.signal.set();
    }

    /// Makes it nonsignalled. Never blocks; any thread.
    pub fn reset(&self) {
        self.signal.reset();
    }
}

impl Object for Event {
    fn kind(&self) -> Kind {
        Kind::Event
    }

    fn signal(&self) -> Option<&Signal> {
        Some(&self.signal)
    }
}

/// Creates an event and opens a handle to it.
///
/// # Errors
/// `WSA_NOT_ENOUGH_MEMORY` when there are no more handles.
#[doc(alias = "CreateEvent")]
#[doc(alias = "WPUCreateEvent")]
pub fn create(reset: Reset, signalled: bool) -> Result<Handle, Errno> {
    let made = system::create_event(reset == Reset::Manual, signalled);
    let event = made.map_err(|_| Errno::NOT_ENOUGH_MEMORY)?;
    // A handle that the system gave is one.
    Handle::from_raw(event.into_raw()).ok_or(Errno::NOT_ENOUGH_MEMORY)
}

/// Signals an event. Never blocks; any thread.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not an event's.
#[doc(alias = "SetEvent")]
#[doc(alias = "WPUSetEvent")]
pub fn set(raw: usize) -> Result<(), Errno> {
    done(system::set_event(raw))
}

/// Makes an event nonsignalled. Never blocks; any thread.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not an event's.
#[doc(alias = "ResetEvent")]
#[doc(alias = "WPUResetEvent")]
pub fn reset(raw: usize) -> Result<(), Errno> {
    done(system::reset_event(raw))
}

/// Closes an event, and nothing else.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not an event's.
#[doc(alias = "WPUCloseEvent")]
#[doc(alias = "WSACloseEvent")]
pub fn close(raw: usize) -> Result<(), Errno> {
    done(nt::is_event(raw))?;
    handles::close(raw)
}

fn done(it_was_one: bool) -> Result<(), Errno> {
    it_was_one.then_some(()).ok_or(Errno::INVALID_HANDLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timeout;
    use crate::wait;
    use crate::wait::Alert;
    use crate::wait::Waited;

    fn look(raw: usize) -> Waited {
        wait::one(raw, Timeout::ZERO, Alert::Plain).unwrap()
    }

    /// U18, U19: set stays until reset.
    #[test]
    fn a_manual_event_stays_set_until_it_is_reset() {
        let event = create(Reset::Manual, false).unwrap().raw();
        assert_eq!(look(event), Waited::TimedOut);
        set(event).unwrap();
        assert_eq!(
            (look(event), look(event)),
            (Waited::Signaled(0), Waited::Signaled(0))
        );
        reset(event).unwrap();
        assert_eq!(look(event), Waited::TimedOut);
        close(event).unwrap();
    }

    /// U20: WPUSetEvent and WPUResetEvent on garbage give error 6.
    #[test]
    fn garbage_is_no_event() {
        let garbage = 0x00f0_1230;
        assert_eq!(set(garbage), Err(Errno::INVALID_HANDLE));
        assert_eq!(reset(garbage), Err(Errno::INVALID_HANDLE));
        assert_eq!(close(garbage), Err(Errno::INVALID_HANDLE));
    }
}
