//! `Exchange`: what the threads of one leg share: the counts, the sockets, and the first failure.
//!
//! The first failure ends the leg: it is recorded, and all sockets are closed, so that threads that
//! are blocked in calls come back. What those then report is a consequence and is dropped. The lock
//! guards the lists only; no Winsock call is made under it.

use super::{Leg, Outcome, Plan};
use crate::Socket;
use crate::place::Thread;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, Scope};
use std::time::Duration;
use ws2spi_abi::Errno;

/// The shared state of one leg.
pub(super) struct Exchange<'a> {
    pub(super) plan: Plan,
    pub(super) leg: Leg,
    progress: &'a (dyn Fn(u64) + Sync),
    bytes: AtomicU64,
    datagrams: AtomicU64,
    operations: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sockets: Vec<Arc<Socket>>,
    failure: Option<String>,
}

/// The leg has failed; the thread is to end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopped;

impl<'a> Exchange<'a> {
    pub(super) fn new(plan: Plan, leg: Leg, progress: &'a (dyn Fn(u64) + Sync)) -> Self {
        Self {
            plan,
            leg,
            progress,
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
        let name = format!("{}, {name}", self.leg);
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

    /// Makes a call of the Winsock API; its error is a failure of the leg.
    pub(super) fn call<T>(
        &self,
        thread: &Thread,
        function: &'static str,
        call: impl FnOnce() -> Result<T, Errno>,
    ) -> Result<T, Stopped> {
        thread.call(function, call).map_err(|error| {
            self.fail(format!("{}: {function} failed with {error}", thread.name()))
        })
    }

    /// [`call`](Self::call) for a call that moves data: it counts as an operation.
    pub(super) fn transfer<T>(
        &self,
        thread: &Thread,
        function: &'static str,
        call: impl FnOnce() -> Result<T, Errno>,
    ) -> Result<T, Stopped> {
        self.operations.fetch_add(1, Ordering::Relaxed);
        self.call(thread, function, call)
    }

    /// Makes a socket and keeps it, so that a failure elsewhere can close it.
    pub(super) fn open(
        &self,
        thread: &Thread,
        function: &'static str,
        open: impl FnOnce() -> Result<Socket, Errno>,
    ) -> Result<Arc<Socket>, Stopped> {
        let socket = Arc::new(self.call(thread, function, open)?);
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
            std::mem::take(&mut state.sockets)
        };
        for socket in sockets {
            // It may be closed already, or its provider may refuse: the watchdog sees to that.
            let _ = socket.close_under_way();
        }
        Stopped
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
            leg: self.leg,
            connections: self.plan.connections,
            bytes: self.bytes.into_inner(),
            datagrams: self.datagrams.into_inner(),
            operations: self.operations.into_inner(),
            elapsed,
            failure: state.failure,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
