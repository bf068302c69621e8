//! What a wait waits for: an event of the system's, or a file object's own state.

use std::fmt;

use parking_lot::Mutex;

use crate::nt::Listening;
use crate::nt::create_nameless_pipe;
use crate::system;
use crate::system::Owned;
use ws2spi_abi::Errno;

/// Something that can be waited for and is set or reset by a call.
pub struct Signal(What);

enum What {
    /// `None`: the system had no event left.
    Event(Option<Owned>),
    File(File),
}

/// A file object whose own state is set and reset: a pipe without a name and without another end.
struct File {
    /// `None`: the system had none left.
    pipe: Option<Owned>,
    /// While there is one the file is not signalled.
    listening: Mutex<Option<Listening>>,
}

impl Signal {
    /// That of a new event.
    pub(crate) fn event(manual: bool, signalled: bool) -> Self {
        Self(What::Event(system::create_event(manual, signalled).ok()))
    }

    /// That of a new file object, not signalled.
    pub(crate) fn file() -> Self {
        let file = File {
            pipe: create_nameless_pipe().ok(),
            listening: Mutex::new(None),
        };
        file.reset();
        Self(What::File(file))
    }

    /// Signals it.
    pub fn set(&self) {
        match &self.0 {
            What::Event(event) => {
                event.as_ref().map(|event| system::set_event(event.raw()));
            }
            What::File(file) => file.set(),
        }
    }

    /// Makes it nonsignalled.
    pub fn reset(&self) {
        match &self.0 {
            What::Event(event) => {
                event.as_ref().map(|event| system::reset_event(event.raw()));
            }
            What::File(file) => file.reset(),
        }
    }

    /// The handle to wait for; `None` when the system had none left.
    pub(crate) fn raw(&self) -> Option<usize> {
        let handle = match &self.0 {
            What::Event(event) => event.as_ref(),
            What::File(file) => file.pipe.as_ref(),
        };
        handle.map(Owned::raw)
    }

    /// A second handle to what is waited for, for an application.
    ///
    /// # Errors
    /// `WSAENOBUFS` when there are no more handles.
    pub(crate) fn open(&self) -> Result<Owned, Errno> {
        let raw = self.raw().ok_or(Errno::NOBUFS)?;
        Owned::duplicate_of(raw).map_err(|_| Errno::NOBUFS)
    }
}

impl File {
    fn set(&self) {
        let listening = self.listening.lock().take();
        drop(listening);
    }

    fn reset(&self) {
        let mut listening = self.listening.lock();
        if listening.is_none()
            && let Some(pipe) = &self.pipe
        {
            // Without handles left it stays signalled: a wait ends early rather than never.
            let own = Owned::duplicate_of(pipe.raw());
            *listening = own.and_then(Listening::begin).ok();
        }
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signal").field(&self.raw()).finish()
    }
}
