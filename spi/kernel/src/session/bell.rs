//! The bell of the session: who changes a shared object rings it, and all who wait for one look again.
//!
//! It is a counter in a page that all processes map. One thread of each process waits for it to change, as long as threads of that process
//! wait for shared objects, and sets the event of each of them.

#[cfg_attr(target_os = "linux", path = "bell/futex.rs")]
#[cfg_attr(not(target_os = "linux"), path = "bell/nap.rs")]
mod sleep;

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::AcqRel;
use std::sync::atomic::Ordering::Acquire;
use std::thread::Builder;

use ws2spi_abi::Errno;

use super::memory::Mapped;
use super::place;
use crate::event::Event;
use crate::event::Reset;
use crate::sync::ProcessMutex;

struct Listeners {
    events: Vec<Arc<Event>>,
    /// Whether the thread is there.
    served: bool,
}

static LISTENERS: ProcessMutex<Listeners> = ProcessMutex::new(Listeners {
    events: Vec::new(),
    served: false,
});

static BELL: OnceLock<Option<Mapped<AtomicU32>>> = OnceLock::new();

/// Has the bell be there for [`ring`]. `false`: there can be none.
pub(super) fn hang() -> bool {
    let bell = BELL.get_or_init(|| Mapped::new(&place::bell().ok()?));
    bell.is_some()
}

fn bell() -> Option<&'static AtomicU32> {
    BELL.get().and_then(Option::as_ref).map(Mapped::get)
}

/// Tells all who wait that something has changed. Never blocks; signal handlers included.
pub(super) fn ring() {
    if let Some(bell) = bell() {
        // Pairs with the Acquire of `serve`: who hears it sees what was changed.
        bell.fetch_add(1, AcqRel);
        sleep::wake(bell);
    }
}

/// One who listens, until it is dropped.
pub(crate) struct Listener(Arc<Event>);

impl Listener {
    /// Begins to listen.
    ///
    /// # Errors
    /// `WSA_NOT_ENOUGH_MEMORY` when there can be no thread for it.
    pub(crate) fn new() -> Result<Self, Errno> {
        let heard = Arc::new(Event::new(Reset::Manual, false));
        let mut listeners = LISTENERS.lock();
        if !listeners.served {
            Builder::new()
                .name("ws2spi bell".into())
                .spawn(serve)
                .map_err(|_| Errno::NOT_ENOUGH_MEMORY)?;
            listeners.served = true;
        }
        listeners.events.push(Arc::clone(&heard));
        Ok(Self(heard))
    }

    /// What is set when the bell has rung.
    pub(crate) fn heard(&self) -> &Arc<Event> {
        &self.0
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut listeners = LISTENERS.lock();
        listeners
            .events
            .retain(|event| !Arc::ptr_eq(event, &self.0));
        let alone = listeners.events.is_empty();
        drop(listeners);
        // The thread ends when it looks; nobody waits for that.
        if alone {
            ring();
        }
    }
}

/// How many listen; what tests wait for.
#[cfg(test)]
pub(crate) fn listeners() -> usize {
    LISTENERS.lock().events.len()
}

fn serve() {
    while let Some(bell) = bell() {
        let seen = bell.load(Acquire);
        let mut listeners = LISTENERS.lock();
        if listeners.events.is_empty() {
            listeners.served = false;
            return;
        }
        for event in &listeners.events {
            event.set();
        }
        drop(listeners);
        sleep::until_changed(bell, seen);
    }
}
