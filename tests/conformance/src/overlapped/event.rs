//! Events of the program: what an operation sets at its end.

use crate::winsock;
use ws2spi_abi::*;

/// A manual-reset event, closed when dropped.
#[derive(Debug)]
pub struct Event(HANDLE);

impl Event {
    /// An event that is not set.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "it makes a kernel object")]
    pub fn new() -> Self {
        // SAFETY: no arguments.
        let event = unsafe { winsock::WSACreateEvent() };
        assert_ne!(event, 0, "an event");
        Self(event)
    }

    /// Its handle.
    #[must_use]
    pub fn raw(&self) -> HANDLE {
        self.0
    }

    /// Whether it is set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        is_signalled(self.0)
    }

    /// Sets it.
    pub fn set(&self) {
        // SAFETY: no pointers.
        unsafe { winsock::WSASetEvent(self.0) };
    }

    /// Waits until it is set.
    ///
    /// # Panics
    /// When it is not.
    pub fn wait(&self) {
        crate::wait::until("the event to be set", || self.is_set());
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: no pointers.
        unsafe { winsock::WSACloseEvent(self.0) };
    }
}

/// Whether a handle is signalled.
#[must_use]
pub fn is_signalled(handle: HANDLE) -> bool {
    // SAFETY: no pointers.
    unsafe { winsock::WaitForSingleObject(handle, 0) == WAIT_OBJECT_0 }
}
