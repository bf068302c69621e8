//! Start and stop of the process: counting `WSAStartup` and `WSACleanup`, the catalog snapshot of the first, the teardown of the last.
//!
//! Whether the process is started is one word that every API function loads first. What belongs to one run, from the first start to
//! the last clean-up, is a [`Run`]; the next first start makes a new one (U121, U134).
//!
//! Locks: `COUNT` orders starts and clean-ups and is held for bookkeeping only; `RUN` guards one pointer. The snapshot is read and
//! providers are ended without either.

use super::{fork, version};
use crate::association::{self, Associations};
use crate::catalog::{self, Snapshot};
use crate::loader::{Instance, Loader, UpcallTables};
use parking_lot::{Mutex, RwLock};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use ws2spi_abi::{Errno, HANDLE};
use ws2spi_kernel::handles;

/// What belongs to the process from its first `WSAStartup` to its last `WSACleanup`.
#[derive(Debug)]
pub struct Run {
    snapshot: Arc<Snapshot>,
    associations: Associations,
    threads: Mutex<HashSet<HANDLE>>,
    /// The providers that the last clean-up has ended: loaded as long as somebody has a share of the run.
    ended: Mutex<Vec<Arc<Instance>>>,
}

impl Run {
    /// The catalog as the first `WSAStartup` found it.
    #[must_use]
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// The associations that upcalls make, and the loader behind them.
    #[must_use]
    pub fn associations(&self) -> &Associations {
        &self.associations
    }

    /// The loader that starts this run's providers.
    #[must_use]
    pub fn loader(&self) -> &Arc<Loader> {
        self.associations.loader()
    }
}

/// 0 when not started; else the number of the run, shifted, and the legacy bit.
static WORD: AtomicU32 = AtomicU32::new(0);
static COUNT: Mutex<Count> = Mutex::new(Count {
    starts: 0,
    runs: 0,
    process: 0,
});
static RUN: RwLock<Option<Arc<Run>>> = RwLock::new(None);

struct Count {
    starts: u32,
    runs: u32,
    /// The process that counts: a child of fork has not started anything.
    process: u32,
}

impl Count {
    /// In a child of fork, forgets what the parent had started: it is the parent's to end.
    fn in_this_process(&mut self) -> &mut Self {
        let process = std::process::id();
        if self.process != process {
            if self.starts > 0 {
                std::mem::forget(RUN.write().take());
            }
            self.starts = 0;
            self.process = process;
        }
        self
    }
}

const LEGACY: u32 = 1;

/// The word that says whether the process is started. One load; the first thing every API function looks at.
#[inline]
pub(super) fn word() -> u32 {
    // Acquire pairs with the Release of `start`: who sees the word sees the run.
    WORD.load(Ordering::Acquire)
}

/// The number of the run in a word.
pub(super) fn epoch(word: u32) -> u32 {
    word >> 1
}

/// The number of the current run; `None` when not started. What a provider left behind in one run is nobody's in the next.
#[must_use]
pub fn run_number() -> Option<u32> {
    Some(word()).filter(|word| *word != 0).map(epoch)
}

/// Whether `WSAStartup` has been called more often than `WSACleanup`.
#[inline]
#[must_use]
pub fn is_started() -> bool {
    word() != 0
}

/// Whether the lowest version agreed on since the first start is below 2: blocking hooks exist then (U175).
#[inline]
#[must_use]
pub fn is_legacy() -> bool {
    word() & LEGACY != 0
}

/// Fails unless the process is started.
///
/// # Errors
/// `WSANOTINITIALISED`.
#[inline]
pub fn require_started() -> Result<(), Errno> {
    if is_started() {
        Ok(())
    } else {
        Err(Errno::NOTINITIALISED)
    }
}

/// The current run. Whoever has a share of it keeps its providers' modules loaded, also when the last clean-up ends it.
///
/// # Errors
/// `WSANOTINITIALISED`.
pub fn run() -> Result<Arc<Run>, Errno> {
    require_started()?;
    RUN.read()
        .as_ref()
        .map(Arc::clone)
        .ok_or(Errno::NOTINITIALISED)
}

/// Looks at the current run without taking a share of it: for short work that calls nobody.
///
/// # Errors
/// `WSANOTINITIALISED`.
pub fn with_run<R>(f: impl FnOnce(&Run) -> Result<R, Errno>) -> Result<R, Errno> {
    require_started()?;
    f(RUN.read().as_ref().ok_or(Errno::NOTINITIALISED)?)
}

/// Counts a start of an application that agreed on `agreed`. The first one takes the catalog's snapshot; it loads no provider (U100).
///
/// # Errors
/// `WSASYSNOTREADY`: the catalog cannot be read.
pub fn start(agreed: u16, upcalls: UpcallTables) -> Result<(), Errno> {
    let mut prepared = None;
    loop {
        {
            let mut count = COUNT.lock();
            let count = count.in_this_process();
            if count.starts > 0 || prepared.is_some() {
                if count.starts == 0 {
                    count.runs = (count.runs + 1) & (u32::MAX >> 1);
                    count.runs = count.runs.max(1);
                    *RUN.write() = prepared.take();
                    fork::watch(&WORD);
                }
                count.starts += 1;
                let legacy = if version::is_legacy(agreed) {
                    LEGACY
                } else {
                    0
                };
                let kept = WORD.load(Ordering::Relaxed) & LEGACY;
                // Release pairs with `word`.
                WORD.store(count.runs << 1 | kept | legacy, Ordering::Release);
                return Ok(());
            }
        }
        prepared = Some(Arc::new(prepare(upcalls)?));
    }
}

fn prepare(upcalls: UpcallTables) -> Result<Run, Errno> {
    let snapshot = catalog::process_snapshot().map_err(|_| Errno::SYSNOTREADY)?;
    let loader = Arc::new(Loader::new(upcalls));
    let associations = Associations::new(&snapshot, &loader);
    Ok(Run {
        snapshot,
        associations,
        threads: Mutex::default(),
        ended: Mutex::default(),
    })
}

/// Counts a clean-up; the last one ends the run: sockets become stale, each provider's `WSPCleanup` runs once, modules are unloaded
/// as soon as no call is inside them. Blocks as long as the providers do.
///
/// # Errors
/// `WSANOTINITIALISED`: more clean-ups than starts (U119).
pub fn stop() -> Result<(), Errno> {
    let ended = {
        let mut count = COUNT.lock();
        let count = count.in_this_process();
        count.starts = count.starts.checked_sub(1).ok_or(Errno::NOTINITIALISED)?;
        if count.starts > 0 {
            return Ok(());
        }
        WORD.store(0, Ordering::Release);
        RUN.write().take()
    };
    if let Some(run) = ended {
        tear_down(&run);
    }
    Ok(())
}

/// Ends a run. Handles are marked first, so that a process that starts again meanwhile finds them stale; providers clean up while
/// their handles still exist, without notifications (U112); what they left open is closed last (U121).
fn tear_down(run: &Run) {
    for handle in run.associations.handles() {
        if let Some(pin) = handles::pin(handle) {
            association::mark_closing(&pin);
        }
    }
    let instances = run.loader().close();
    for instance in instances.iter().rev() {
        instance.cleanup();
    }
    // A routine of one of them may be under way on another thread.
    *run.ended.lock() = instances;
    let threads = std::mem::take(&mut *run.threads.lock());
    for handle in run.associations.handles().into_iter().chain(threads) {
        // Whoever closed it meanwhile did what is asked for here.
        let _ = handles::close(handle);
    }
}

/// Records a thread identity that the run closes when it ends. `false` when there is no run.
pub(super) fn remember_thread(handle: HANDLE) -> bool {
    with_run(|run| Ok(run.threads.lock().insert(handle))).is_ok()
}

/// Takes a thread identity out of the run it was opened in; `true` when its handle is the caller's to close.
pub(super) fn forget_thread(identity_word: u32, handle: HANDLE) -> bool {
    if epoch(identity_word) != epoch(word()) {
        return false;
    }
    with_run(|run| Ok(run.threads.lock().remove(&handle))).unwrap_or(false)
}
