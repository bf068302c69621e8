//! `Exchange`: what the threads of one leg share: the counts, the sockets, and the first failure.
//!
//! The first failure ends the leg: it is recorded, and all sockets are closed, so that threads that
//! are blocked in calls come back. What those then report is a consequence and is dropped. The lock
//! guards the lists only; no Winsock call is made under it.

use super::end::{End, Outgoing};
use super::{Amount, Leg, Outcome, Plan, Style, Transport, Unsupported};
use crate::Socket;
use crate::place::Thread;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, Scope};
use std::time::{Duration, Instant};
use ws2spi_abi::{Errno, SD_SEND};

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
        name: String,
        work: impl FnOnce(&Thread) -> Result<(), Stopped> + Send + 'scope,
    ) {
        let name = self.name(&name);
        let thread_name = name.clone();
        let body = move || {
            let thread = Thread::enter(name);
            // The shared state is whole after a panic: its lock guards plain lists.
            if catch_unwind(AssertUnwindSafe(|| work(&thread))).is_err() {
                let _ = self.fail(format!("{} panicked", thread.name()));
            }
        };
        if let Err(error) = Builder::new().name(thread_name).spawn_scoped(scope, body) {
            let _ = self.fail(format!("{}: no thread can be started: {error}", self.leg));
        }
    }

    /// How messages name a part of this leg: `TCP over IPv4, select, client 3`.
    pub(super) fn name(&self, part: &str) -> String {
        format!("{}, {}, {part}", self.leg, self.style)
    }

    /// Makes a call of the Winsock API; its error is a failure of the leg.
    pub(super) fn call<T>(
        &self,
        thread: &Thread,
        function: &'static str,
        call: impl FnOnce() -> Result<T, Errno>,
    ) -> Result<T, Stopped> {
        thread
            .call(function, call)
            .map_err(|error| self.failed_call(thread, function, error))
    }

    /// [`call`](Self::call) for a call that may answer `not_now`: `None`.
    pub(super) fn attempt<T>(
        &self,
        thread: &Thread,
        function: &'static str,
        not_now: Option<Errno>,
        call: impl FnOnce() -> Result<T, Errno>,
    ) -> Result<Option<T>, Stopped> {
        match thread.call(function, call) {
            Ok(value) => Ok(Some(value)),
            Err(error) if Some(error) == not_now => Ok(None),
            Err(error) => Err(self.failed_call(thread, function, error)),
        }
    }

    /// [`call`](Self::call) for a call that belongs to the leg's style of I/O: when the first of
    /// them answers `WSAEOPNOTSUPP`, the chain does not have that style.
    pub(super) fn own_call<T>(
        &self,
        thread: &Thread,
        function: &'static str,
        call: impl FnOnce() -> Result<T, Errno>,
    ) -> Result<T, Stopped> {
        match thread.call(function, call) {
            Ok(value) => {
                if !self.works.load(Ordering::Relaxed) {
                    self.works.store(true, Ordering::Relaxed);
                }
                Ok(value)
            }
            Err(error) => {
                if error == Errno::OPNOTSUPP && !self.works.load(Ordering::Relaxed) {
                    self.refuse(Unsupported { function, error });
                }
                Err(self.failed_call(thread, function, error))
            }
        }
    }

    /// Notes that the chain does not have the style, unless something else has gone wrong already.
    fn refuse(&self, unsupported: Unsupported) {
        let mut state = self.state();
        if state.failure.is_none() {
            state.unsupported = Some(unsupported);
        }
    }

    /// Counts a call that moved data, or ended a stream.
    pub(super) fn count_operation(&self) {
        self.operations.fetch_add(1, Ordering::Relaxed);
    }

    /// That a call failed is a failure of the leg.
    fn failed_call(&self, thread: &Thread, function: &'static str, error: Errno) -> Stopped {
        self.fail(format!("{}: {function} failed with {error}", thread.name()))
    }

    /// Receives into `data`; `None` when there is nothing yet, which is `not_now`. What came was
    /// told to the end.
    pub(super) fn receive(
        &self,
        thread: &Thread,
        socket: &Socket,
        end: &mut dyn End,
        data: &mut Vec<u8>,
        not_now: Option<Errno>,
    ) -> Result<Option<usize>, Stopped> {
        let room = end.room();
        if data.len() < room {
            data.resize(room, 0);
        }
        let data = &mut data[..room];
        let received = if end.wants_sender() {
            self.attempt(thread, "recvfrom", not_now, || socket.recv_from(data))?
                .map(|(got, from)| (got, from.to_ip()))
        } else {
            self.attempt(thread, "recv", not_now, || socket.recv(data, 0))?
                .map(|got| (got, None))
        };
        let Some((got, from)) = received else {
            return Ok(None);
        };
        self.count_operation();
        self.judge(end, |end| end.received(&data[..got], from))?;
        Ok(Some(got))
    }

    /// Sends some of `data`, or the whole datagram; `None` when there is no room, which is
    /// `not_now`.
    pub(super) fn send(
        &self,
        thread: &Thread,
        socket: &Socket,
        outgoing: Outgoing,
        data: &[u8],
        not_now: Option<Errno>,
    ) -> Result<Option<usize>, Stopped> {
        let sent = match outgoing {
            Outgoing::Nothing => return Ok(Some(0)),
            Outgoing::Data => self.attempt(thread, "send", not_now, || socket.send(data, 0))?,
            Outgoing::DataTo(to) => {
                self.attempt(thread, "sendto", not_now, || socket.send_to(data, to))?
            }
            Outgoing::ShutDown => {
                self.call(thread, "shutdown", || socket.shutdown(SD_SEND))?;
                return Ok(Some(0));
            }
        };
        let Some(sent) = sent else { return Ok(None) };
        self.count_operation();
        self.check_sent(thread.name(), sent, data.len())?;
        Ok(Some(sent))
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

    /// Makes a socket and keeps it, so that a failure elsewhere can close it.
    pub(super) fn open(
        &self,
        thread: &Thread,
        function: &'static str,
        open: impl FnOnce() -> Result<Socket, Errno>,
    ) -> Result<Arc<Socket>, Stopped> {
        let socket = self.call(thread, function, open)?;
        self.keep(socket)
    }

    /// Keeps a socket that was accepted, as [`open`](Self::open) does.
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

    /// Closes a socket at the end of its use; that it cannot be closed is a failure.
    pub(super) fn close(&self, thread: &Thread, socket: Arc<Socket>) -> Result<(), Stopped> {
        self.state()
            .sockets
            .retain(|other| !Arc::ptr_eq(other, &socket));
        match Arc::try_unwrap(socket) {
            Ok(socket) => self.call(thread, "closesocket", || {
                socket.close().map_err(|(_socket, error)| error)
            }),
            // A failure elsewhere is closing it.
            Err(_shared) => Err(Stopped),
        }
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
