//! Who wants to hear of changes, and the eye on a store that other processes change.
//!
//! A change made through a `Catalog` of this process is told at once. For a catalog that is shared,
//! a thread asks the store from time to time while somebody waits, and only then. Telling means
//! asking each listener to look; it compares what it saw last with what there is now, so that being
//! told too often does no harm. Nobody is told with a lock held.
//!
//! A file is looked at each time: the operating systems' own file notifications differ and miss what
//! comes over a network file system.
//!
//! Relies on `store`; used by `Catalog` and `Notice`.

use std::io;
use std::sync::Arc;
use std::sync::Weak;
use std::thread;
use std::time::Duration;

use parking_lot::Condvar;
use parking_lot::Mutex;

use super::store::Store;

/// How soon a change that another process made is noticed.
const INTERVAL: Duration = Duration::from_millis(250);

/// Somebody who wants to hear of changes.
pub(super) trait Listener: Send + Sync {
    /// Something may have changed. Called on the thread that changed it or on the watching thread.
    fn look(&self);
}

/// The listeners of one catalog.
pub(super) struct Watch {
    store: Arc<dyn Store>,
    state: Mutex<State>,
    idle: Condvar,
}

#[derive(Default)]
struct State {
    listeners: Vec<Weak<dyn Listener>>,
    waiting: usize,
    looking: bool,
}

impl Watch {
    /// Nobody listens yet to changes of what is in `store`.
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            state: Mutex::default(),
            idle: Condvar::new(),
        }
    }

    /// Tells `listener` of changes as long as it lives.
    pub(super) fn listen(&self, listener: Weak<dyn Listener>) {
        let mut state = self.state.lock();
        state.listeners.retain(|known| known.strong_count() > 0);
        state.listeners.push(listener);
    }

    /// Has every listener look.
    pub(super) fn tell(&self) {
        let listeners: Vec<Arc<dyn Listener>> = self
            .state
            .lock()
            .listeners
            .iter()
            .filter_map(Weak::upgrade)
            .collect();
        for listener in listeners {
            listener.look();
        }
    }

    /// Somebody waits for changes that other processes make: from now until the returned value is
    /// dropped the listeners look from time to time.
    ///
    /// # Errors
    /// That of the system when it has no thread left.
    pub(super) fn wait_for_others(self: &Arc<Self>) -> io::Result<Waiting> {
        let mut state = self.state.lock();
        if !state.looking {
            let watch = Arc::clone(self);
            let name = "ws2spi catalog".to_owned();
            thread::Builder::new()
                .name(name)
                .spawn(move || watch.keep_looking())?;
            state.looking = true;
        }
        state.waiting += 1;
        Ok(Waiting(Arc::clone(self)))
    }

    fn keep_looking(&self) {
        loop {
            {
                let mut state = self.state.lock();
                if state.waiting > 0 {
                    self.idle.wait_for(&mut state, INTERVAL);
                }
                if state.waiting == 0 {
                    state.looking = false;
                    return;
                }
            }
            if self.store.may_have_changed() {
                self.tell();
            }
        }
    }
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

/// Somebody waits for changes that other processes make, while this lives.
#[derive(Debug)]
pub(super) struct Waiting(Arc<Watch>);

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.waiting -= 1;
        if state.waiting == 0 {
            self.0.idle.notify_all();
        }
    }
}
