//! `Exchange`: what the threads of one leg share: the counts, the sockets, and the first failure.
//!
//! Each thread works for it as a [`Worker`]. The first failure ends the leg: it is recorded, and all sockets are closed, so that threads that
//! are blocked in calls come back. What those then report is a consequence and is dropped. The lock
//! guards the lists only; no Winsock call is made under it.

use super::end::End;
use super::worker::Worker;
use super::{Amount, Leg, Outcome, Plan, Style, Transport, Unsupported};
use crate::Socket;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, Scope};
use std::time::{Duration, Instant};
use ws2spi_abi::Errno;

/// The shared state of one leg.
pub(super) struct Exchange<'a> {
    pub(super) plan: Plan,
    pub(super) style: Style,
    pub(super) leg: Leg,
    progress: &'a (dyn Fn(u64) + Sync),
    /// When no more is sent; `None` when there is so much to send.
    deadline: Option<Instant>,
    /// What each connection sends: bytes or datagrams, `u64::MAX` while its client decides.
    totals: Vec<AtomicU64>,
    stopped: AtomicBool,
    /// Whether a call of the style's own has succeeded.
    works: AtomicBool,
    bytes: AtomicU64,
    datagrams: AtomicU64,
    operations: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sockets: Vec<Arc<Socket>>,
    failure: Option<String>,
    unsupported: Option<Unsupported>,
}

/// The leg has failed; the thread is to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stopped;

impl<'a> Exchange<'a> {
    pub(super) fn new(
        plan: Plan,
        style: Style,
        leg: Leg,
        progress: &'a (dyn Fn(u64) + Sync),
    ) -> Self {
        let deadline = match plan.amount {
            Amount::Time(time) => Some(Instant::now() + time),
            Amount::Counts { .. } => None,
        };
        let totals = (0..plan.connections).map(|index| plan.share(leg, index));
        Self {
            plan,
            style,
            leg,
            progress,
            deadline,
            totals: totals.map(AtomicU64::new).collect(),
            stopped: AtomicBool::new(false),
            works: AtomicBool::new(false),
            bytes: AtomicU64::new(0),
            datagrams: AtomicU64::new(0),
            operations: AtomicU64::new(0),
            state: Mutex::default(),
        }
    }

    /// Starts a thread of the leg. A panic in it is a failure of the leg.
    pub(super) fn spawn<'scope, 'env>(
        &'scope self,
        scope: &'scope Scope<'scope, 'env>,
        part: String,
        work: impl FnOnce(&Worker<'_>) -> Result<(), Stopped> + Send + 'scope,
    ) {
        let thread = Builder::new().name(self.name(&part));
        let body = move || {
            let worker = Worker::enter(self, &part);
            // The shared state is whole after a panic: its lock guards plain lists.
            if catch_unwind(AssertUnwindSafe(|| work(&worker))).is_err() {
                let _ = self.fail(format!("{} panicked", worker.name()));
            }
        };
        if let Err(error) = thread.spawn_scoped(scope, body) {
            let _ = self.fail(format!("{}: no thread can be started: {error}", self.leg));
        }
    }

    /// How messages name a part of this leg: `TCP over IPv4, select, client 3`.
    pub(super) fn name(&self, part: &str) -> String {
        format!("{}, {}, {part}", self.leg, self.style)
    }

    /// A call of the style's own has succeeded.
    pub(super) fn style_works(&self) {
        if !self.works.load(Ordering::Relaxed) {
            self.works.store(true, Ordering::Relaxed);
        }
    }

    /// A call of the style's own has failed. When it is the first and answers `WSAEOPNOTSUPP`, the
    /// chain does not have the style, unless something else has gone wrong already.
    pub(super) fn style_failed(&self, function: &'static str, error: Errno) {
        if error != Errno::OPNOTSUPP || self.works.load(Ordering::Relaxed) {
            return;
        }
        let mut state = self.state();
        if state.failure.is_none() {
            state.unsupported = Some(Unsupported { function, error });
        }
    }

    /// Counts a call that moved data, or ended a stream.
    pub(super) fn count_operation(&self) {
        self.operations.fetch_add(1, Ordering::Relaxed);
    }

    /// A send of `len` bytes may report 1 to all of them over TCP, and all of them over UDP.
    pub(super) fn check_sent(&self, who: &str, sent: usize, len: usize) -> Result<(), Stopped> {
        let least = match self.leg.transport {
            Transport::Tcp => 1,
            Transport::Udp => len,
        };
        if (least..=len).contains(&sent) {
            return Ok(());
        }
        Err(self.fail(format!("{who}: a send of {len} bytes reports {sent}")))
    }

    /// What an end says is not as it was sent is a failure of the leg.
    pub(super) fn judge(
        &self,
        end: &mut dyn End,
        judge: impl FnOnce(&mut dyn End) -> Result<(), String>,
    ) -> Result<(), Stopped> {
        judge(end).map_err(|what| self.fail(format!("{}: {what}", self.name(end.name()))))
    }

    /// That nothing came for an end within the leg's patience is a failure of the leg.
    pub(super) fn out_of_patience(&self, end: &dyn End, patience: Duration) -> Stopped {
        let (who, awaited) = (self.name(end.name()), end.awaited());
        let ms = patience.as_millis();
        self.fail(format!("{who}: {awaited} did not come within {ms} ms"))
    }

    /// Keeps a socket, so that a failure can close it.
    pub(super) fn keep(&self, socket: Socket) -> Result<Arc<Socket>, Stopped> {
        let socket = Arc::new(socket);
        let mut state = self.state();
        if state.failure.is_some() {
            // Dropped, and so closed, without the lock.
            drop(state);
            return Err(Stopped);
        }
        state.sockets.push(Arc::clone(&socket));
        Ok(socket)
    }

    /// Gives a kept socket back to who uses it, to be closed.
    pub(super) fn give_up(&self, socket: Arc<Socket>) -> Result<Socket, Stopped> {
        self.state()
            .sockets
            .retain(|other| !Arc::ptr_eq(other, &socket));
        // A failure elsewhere is closing it.
        Arc::try_unwrap(socket).map_err(|_shared| Stopped)
    }

    /// Records a failure, if it is the first, and ends the leg.
    pub(super) fn fail(&self, what: String) -> Stopped {
        let sockets = {
            let mut state = self.state();
            if state.failure.is_some() {
                return Stopped;
            }
            state.failure = Some(what);
            self.stopped.store(true, Ordering::Release);
            std::mem::take(&mut state.sockets)
        };
        for socket in sockets {
            // It may be closed already, or its provider may refuse: the watchdog sees to that.
            let _ = socket.close_under_way();
        }
        Stopped
    }

    /// Whether the leg has failed.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Whether no more is to be sent because the time is over.
    pub(super) fn is_time_up(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// How much a connection sends: bytes or datagrams; `u64::MAX` while that is open.
    pub(super) fn total(&self, index: u32) -> u64 {
        let total = self.totals.get(index as usize);
        // Pairs with `set_total`: who has seen the end of the stream sees the total.
        total.map_or(0, |total| total.load(Ordering::Acquire))
    }

    /// Decides how much a connection sends.
    pub(super) fn set_total(&self, index: u32, total: u64) {
        if let Some(slot) = self.totals.get(index as usize) {
            slot.store(total, Ordering::Release);
        }
    }

    /// Counts bytes that came back unchanged.
    pub(super) fn verified_bytes(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        (self.progress)(bytes);
    }

    /// Counts a datagram of so many bytes that came back unchanged.
    pub(super) fn verified_datagram(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.datagrams.fetch_add(1, Ordering::Relaxed);
        (self.progress)(1);
    }

    /// The result, once all threads have ended.
    pub(super) fn outcome(self, elapsed: Duration) -> Outcome {
        let state = self
            .state
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        Outcome {
            style: self.style,
            leg: self.leg,
            connections: self.plan.connections,
            bytes: self.bytes.into_inner(),
            datagrams: self.datagrams.into_inner(),
            operations: self.operations.into_inner(),
            elapsed,
            failure: state.failure,
            unsupported: state.unsupported,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
