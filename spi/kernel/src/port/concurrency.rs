//! A port's concurrency value: how many threads may be busy with its packets.
//!
//! A thread is busy from the moment it takes packets until it comes back to a port, blocks in a
//! wait of ours, or exits ("I/O Completion Ports", "Threads and Concurrency"). While as many are
//! busy as the port allows, packets stay queued and waiting threads stay blocked. A thread that
//! resumes after blocking counts again, so more may be busy for a while, as on Windows.
//!
//! DIFFERS: Windows also notices when a busy thread blocks anywhere else in the kernel, and
//! releases another one for it. We cannot see that, and must not wait for a thread that perhaps
//! waits for the next packet. So packets are held back for [`GRACE`] at most; one of the waiting
//! threads keeps watch over them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Port;
use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::deadline::Deadline;
use crate::sync::Mutex;

/// How long packets are held back for threads that are busy. In a model nobody is rescued by it.
const GRACE: Duration = if cfg!(ws2spi_shuttle) {
    Duration::MAX
} else {
    Duration::from_millis(10)
};

/// The load of a port.
#[derive(Debug)]
pub(super) struct Load {
    limit: usize,
    busy: usize,
    /// How long packets are held back at most.
    pub(super) grace: Duration,
    /// Since when they are.
    held_since: Option<Duration>,
    /// Whether a thread keeps watch over them.
    watched: bool,
}

impl Load {
    pub(super) fn new(concurrency: u32) -> Self {
        let processors = || std::thread::available_parallelism().map_or(1, usize::from);
        let limit = if concurrency == 0 {
            processors()
        } else {
            concurrency as usize
        };
        Self {
            limit,
            busy: 0,
            grace: GRACE,
            held_since: None,
            watched: false,
        }
    }

    /// A thread begins to be busy.
    pub(super) fn begin(&mut self) {
        self.busy += 1;
    }

    /// A thread is busy no more.
    pub(super) fn end(&mut self) {
        self.busy = self.busy.saturating_sub(1);
    }

    /// Whether a thread may take packets, of which there are some. If not, they are held back from
    /// now on.
    pub(super) fn admits(&mut self) -> bool {
        if !self.is_full() {
            self.held_since = None;
            return true;
        }
        let now = SystemClock.now();
        let since = *self.held_since.get_or_insert(now);
        let over = now.saturating_sub(since) >= self.grace;
        if over {
            // What is left is held back anew.
            self.held_since = Some(now);
        }
        over
    }

    /// Whether as many threads are busy as may be.
    pub(super) fn is_full(&self) -> bool {
        self.busy >= self.limit
    }

    /// Whether packets, of which there are some, need a thread: to serve them, or to keep watch.
    pub(super) fn wants_a_thread(&mut self) -> bool {
        let serve = !self.is_full();
        if !serve {
            self.held_since.get_or_insert_with(|| SystemClock.now());
        }
        serve || !self.watched
    }

    /// Makes the caller keep watch, unless somebody does; returns until when to wait.
    pub(super) fn watch(&mut self) -> Option<Deadline> {
        let since = self.held_since.filter(|_| !self.watched)?;
        self.watched = true;
        Some(Deadline::At(since.saturating_add(self.grace)))
    }

    /// The thread that kept watch does so no more.
    pub(super) fn end_watch(&mut self) {
        self.watched = false;
    }
}

/// What a thread is busy with: the port that it took packets from last.
pub(crate) struct Busy(Mutex<Option<Serving>>);

struct Serving {
    port: Arc<Port>,
    /// It blocks, and does not count as busy.
    paused: bool,
}

impl Busy {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// The thread took packets from the port, which has counted it.
    pub(super) fn enter(&self, port: &Arc<Port>) {
        *self.0.lock() = Some(Serving {
            port: Arc::clone(port),
            paused: false,
        });
    }

    /// The thread is done with its packets. Returns whether it was busy with this port; that port
    /// still counts it then.
    pub(super) fn come_back(&self, port: &Arc<Port>) -> bool {
        let Some(serving) = self.0.lock().take() else {
            return false;
        };
        let counted = !serving.paused;
        if Arc::ptr_eq(&serving.port, port) {
            return counted;
        }
        if counted {
            serving.port.idle();
        }
        false
    }

    /// The thread exits.
    pub(crate) fn end(&self) {
        let serving = self.0.lock().take();
        if let Some(serving) = serving.filter(|serving| !serving.paused) {
            serving.port.idle();
        }
    }

    /// The thread blocks. Returns whether to [`resume`](Self::resume).
    pub(crate) fn pause(&self) -> bool {
        self.change(true, Port::idle)
    }

    /// The thread goes on.
    pub(crate) fn resume(&self) {
        self.change(false, Port::resumed);
    }

    fn change(&self, paused: bool, tell: fn(&Port)) -> bool {
        let port = {
            let mut serving = self.0.lock();
            let Some(serving) = serving.as_mut().filter(|serving| serving.paused != paused) else {
                return false;
            };
            serving.paused = paused;
            Arc::clone(&serving.port)
        };
        tell(&port);
        true
    }
}

impl fmt::Debug for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let serving = self.0.lock();
        let paused = serving.as_ref().map(|serving| serving.paused);
        f.debug_struct("Busy").field("paused", &paused).finish()
    }
}
