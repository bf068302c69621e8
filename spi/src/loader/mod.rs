//! Loading providers: from a catalog entry to a started [`Instance`].
//!
//! A [`Loader`] belongs to one run of the process, from its first `WSAStartup` to its last `WSACleanup`. It keeps one instance per
//! ProviderId (U101): a load in progress makes other threads wait for its outcome, and no lock is held while module initialisers
//! and `WSPStartup` run, because layers enumerate the catalog, load modules and create threads there. A failure is not kept: the
//! next use tries again (U99).
//!
//! Relies on `catalog` for entries and on [`module`] for modules. Dispatch, the association table and `process` call it.

mod instance;
mod library;
pub mod linked;
pub mod module;
pub mod path;
mod startup;
#[cfg(test)]
mod tests;

pub use instance::Instance;
pub use linked::link;
pub use startup::UpcallTables;

use crate::catalog::Entry;
use crate::trace;
use instance::complain;
use parking_lot::{Condvar, Mutex};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::thread::{self, ThreadId};
use ws2spi_abi::{Errno, GUID};

/// The providers of one run of the process.
pub struct Loader {
    upcalls: UpcallTables,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    slots: HashMap<GUID, Slot>,
    /// In the order of their start.
    started: Vec<Arc<Instance>>,
    /// Which provider's load a thread waits for.
    waiting: HashMap<ThreadId, GUID>,
    closed: bool,
}

impl State {
    /// Whether a thread is `other`, or waits, directly or not, for a load by `other`.
    fn waits_for(&self, mut thread: ThreadId, other: ThreadId) -> bool {
        loop {
            if thread == other {
                return true;
            }
            let provider = self.waiting.get(&thread);
            match provider.and_then(|provider| self.slots.get(provider)) {
                Some(Slot::Loading { by, .. }) => thread = *by,
                _ => return false,
            }
        }
    }
}

enum Slot {
    Loading {
        by: ThreadId,
        outcome: Arc<OnceLock<Outcome>>,
    },
    Ready(Arc<Instance>),
}

type Outcome = Result<Arc<Instance>, Errno>;

enum Entered<'a> {
    /// It has started.
    Ready(Arc<Instance>),
    /// The caller is the first and loads it.
    First(Pending<'a>),
    /// Waiting for it would never end.
    Circular,
}

/// A load in progress. Dropping it tells the threads that wait for it, also when the load panicked.
struct Pending<'a> {
    loader: &'a Loader,
    provider: GUID,
    outcome: Arc<OnceLock<Outcome>>,
    result: Outcome,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        // Waiters look at the outcome under the lock, so that this notification cannot be missed.
        let mut state = self.loader.state.lock();
        if matches!(state.slots.get(&self.provider), Some(Slot::Loading { outcome, .. }) if Arc::ptr_eq(outcome, &self.outcome))
        {
            state.slots.remove(&self.provider);
        }
        let result = std::mem::replace(&mut self.result, Err(Errno::PROVIDERFAILEDINIT));
        // Nobody else sets it.
        let _ = self.outcome.set(result);
        drop(state);
        self.loader.changed.notify_all();
    }
}

impl Loader {
    /// A loader that has loaded nothing. Every provider will get these upcall tables.
    #[must_use]
    pub fn new(upcalls: UpcallTables) -> Self {
        Self {
            upcalls,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// The instance of an entry's provider, started if need be. `lpProtocolInfo` of its `WSPStartup` is the entry's (U104).
    ///
    /// Blocks while the provider's module is loaded and started, on whatever thread that happens.
    ///
    /// # Errors
    /// Those of client-dll.md 3.6: `WSAEPROVIDERFAILEDINIT` when the module or its `WSPStartup` is missing or fails,
    /// `WSAEINVALIDPROVIDER`, `WSAEINVALIDPROCTABLE`; `WSANOTINITIALISED` after [`close`](Self::close). A `WSPStartup` that needs its own
    /// provider, directly or through another one, gets `WSAEPROVIDERFAILEDINIT` instead of waiting for itself.
    pub fn instance(&self, entry: &Entry) -> Result<Arc<Instance>, Errno> {
        match self.enter(entry)? {
            Entered::Ready(instance) => Ok(instance),
            Entered::First(mut pending) => {
                let result = self.settle(entry.provider(), self.load(entry));
                pending.result = result.clone();
                result
            }
            Entered::Circular => {
                let what = "needs itself, directly or through another provider, to start";
                complain(entry.path(), what.to_owned());
                Err(Errno::PROVIDERFAILEDINIT)
            }
        }
    }

    /// Finds the provider's instance, waits for another thread's load of it, or begins one.
    fn enter(&self, entry: &Entry) -> Result<Entered<'_>, Errno> {
        let (me, provider) = (thread::current().id(), entry.provider());
        let mut state = self.state.lock();
        if state.closed {
            return Err(Errno::NOTINITIALISED);
        }
        let (by, outcome) = match state.slots.get(&provider) {
            Some(Slot::Ready(instance)) => return Ok(Entered::Ready(Arc::clone(instance))),
            Some(Slot::Loading { by, outcome }) => (*by, Arc::clone(outcome)),
            None => {
                let outcome = Arc::new(OnceLock::new());
                let slot = Slot::Loading {
                    by: me,
                    outcome: Arc::clone(&outcome),
                };
                state.slots.insert(provider, slot);
                let result = Err(Errno::PROVIDERFAILEDINIT);
                return Ok(Entered::First(Pending {
                    loader: self,
                    provider,
                    outcome,
                    result,
                }));
            }
        };
        if state.waits_for(by, me) {
            return Ok(Entered::Circular);
        }
        state.waiting.insert(me, provider);
        while outcome.get().is_none() {
            self.changed.wait(&mut state);
        }
        state.waiting.remove(&me);
        drop(state);
        let result = outcome
            .get()
            .cloned()
            .unwrap_or(Err(Errno::PROVIDERFAILEDINIT));
        result.map(Entered::Ready)
    }

    /// The instance of a provider that has started already.
    #[must_use]
    pub fn started(&self, provider: GUID) -> Option<Arc<Instance>> {
        match self.state.lock().slots.get(&provider) {
            Some(Slot::Ready(instance)) => Some(Arc::clone(instance)),
            _ => None,
        }
    }

    /// Ends the loader: takes out all instances, in the order of their start, and refuses further loads.
    pub fn close(&self) -> Vec<Arc<Instance>> {
        let mut state = self.state.lock();
        state.closed = true;
        state
            .slots
            .retain(|_, slot| matches!(slot, Slot::Loading { .. }));
        std::mem::take(&mut state.started)
    }

    /// Stores the result of a load. An instance that came too late, after [`close`](Self::close), is ended again.
    fn settle(&self, provider: GUID, result: Result<Instance, Errno>) -> Outcome {
        let mut state = self.state.lock();
        state.slots.remove(&provider);
        match result {
            Ok(instance) if state.closed => {
                drop(state);
                drop(instance);
                Err(Errno::NOTINITIALISED)
            }
            Ok(instance) => {
                let instance = Arc::new(instance);
                state
                    .slots
                    .insert(provider, Slot::Ready(Arc::clone(&instance)));
                state.started.push(Arc::clone(&instance));
                Ok(instance)
            }
            Err(error) => Err(error),
        }
    }

    /// Loads the module and starts the provider; no lock is held.
    fn load(&self, entry: &Entry) -> Result<Instance, Errno> {
        let module = module::load(entry.path()).map_err(|error| {
            complain(entry.path(), format!("cannot be loaded: {error}"));
            Errno::PROVIDERFAILEDINIT
        })?;
        let Some(startup) = module.startup() else {
            complain(entry.path(), "the module does not export it".to_owned());
            return Err(Errno::PROVIDERFAILEDINIT);
        };
        let startup = trace::interposed(&module.path(), startup);
        Instance::start(module, startup, entry.path(), entry.info(), &self.upcalls)
    }
}

impl std::fmt::Debug for Loader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loader").finish_non_exhaustive()
    }
}
