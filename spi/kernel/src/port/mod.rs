//! I/O completion ports: queues of packets, and the threads that serve them.
//!
//! Packets leave in the order in which they came. Threads that block on a port are released last
//! in, first out, and only while fewer threads than the port's concurrency value are busy with its
//! packets (`concurrency`).
//!
//! A thread that would block may work for the network meanwhile (`drive`), so that packets are
//! queued by who takes them.
//!
//! Lock order: the port's lock is a leaf. Threads are woken and packets dropped after it was given
//! up.

mod concurrency;
mod drive;
mod helm;
mod packet;
#[cfg(all(test, not(ws2spi_shuttle)))]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;

use ws2spi_abi::Errno;

use crate::clock::Timeout;
use crate::deadline::Deadline;
use crate::handles;
use crate::handles::Handle;
use crate::handles::HandleCount;
use crate::handles::Kind;
use crate::handles::Object;
use crate::signal::Acquired;
use crate::sync::Mutex;
use crate::thread;
use crate::thread::Ending;
use crate::thread::Thread;
use crate::wait;
use crate::wait::Alert;

pub(crate) use concurrency::Busy;
use concurrency::Load;
pub use drive::Driver;
pub use drive::PortWait;
pub use drive::released;
pub use helm::Held;
pub use helm::Helm;
pub use packet::Packet;

/// A completion port.
pub struct Port {
    handles: HandleCount,
    state: Mutex<State>,
    /// That of the first file that brought one.
    driver: OnceLock<Arc<dyn Driver>>,
}

struct State {
    packets: VecDeque<Packet>,
    /// Threads that block on the port; the last one is released first.
    waiters: Vec<Arc<Thread>>,
    /// Threads that were released and have not looked yet: each will look once.
    released: usize,
    load: Load,
    closed: bool,
}

/// A thread that was released by a packet; dropping this lets it go on.
///
/// Whoever ends operations in an order holds a lock meanwhile, and gives it up before it wakes
/// somebody who is going to take it.
#[derive(Debug, Default)]
pub struct WakeUp(Option<Arc<Thread>>);

impl Drop for WakeUp {
    fn drop(&mut self) {
        unpark(self.0.take());
    }
}

/// What came of looking for packets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Got<T> {
    /// There were some.
    Packets(T),
    /// The time was over.
    #[doc(alias = "WAIT_TIMEOUT")]
    TimedOut,
    /// APCs ran.
    #[doc(alias = "WAIT_IO_COMPLETION")]
    Apc,
}

impl Port {
    /// A port without a handle. `concurrency`: how many threads may be busy with its packets at a
    /// time; 0 is as many as there are processors.
    #[must_use]
    pub fn new(concurrency: u32) -> Self {
        let state = State {
            packets: VecDeque::new(),
            waiters: Vec::new(),
            released: 0,
            load: Load::new(concurrency),
            closed: false,
        };
        Self {
            handles: HandleCount::new(),
            state: Mutex::new(state),
            driver: OnceLock::new(),
        }
    }

    /// Queues a packet. Without effect on a port whose last handle was closed. Never blocks.
    pub fn post(&self, packet: Packet) {
        drop(self.post_quietly(packet));
    }

    /// [`Port::post`], but a thread that the packet releases goes on only when the wake-up is dropped.
    pub(crate) fn post_quietly(&self, packet: Packet) -> WakeUp {
        let mut state = self.state.lock();
        if state.closed {
            return WakeUp(None);
        }
        state.packets.push_back(packet);
        WakeUp(state.release_one())
    }

    /// Takes packets, at least one, at most as many as `into` holds.
    ///
    /// # Errors
    /// `ERROR_ABANDONED_WAIT_0` when the port is closed.
    pub fn take(
        self: &Arc<Self>,
        into: &mut [Packet],
        timeout: Timeout,
        alert: Alert,
    ) -> Result<Got<usize>, Errno> {
        let thread = thread::current();
        let mut was_busy = thread.busy().come_back(self);
        let deadline = timeout.deadline();
        let mut state = self.state.lock();
        loop {
            if std::mem::take(&mut was_busy) {
                state.load.end();
            }
            if state.closed {
                return Err(Errno::ABANDONED_WAIT_0);
            }
            let held_back = !state.packets.is_empty();
            if held_back && state.load.admits() {
                let taken = state.take(into);
                // What is left is held back from now on, and wants a thread that keeps watch.
                let watcher = if state.load.is_full() {
                    state.release_one()
                } else {
                    None
                };
                drop(state);
                unpark(watcher);
                thread.busy().enter(self);
                return Ok(Got::Packets(taken));
            }
            let last_look = deadline.left().is_some_and(|left| left.is_zero());
            if last_look && (alert == Alert::Plain || !thread.has_apcs()) {
                let watcher = state.release_one();
                drop(state);
                unpark(watcher);
                return Ok(Got::TimedOut);
            }
            let watch = if held_back { state.load.watch() } else { None };
            thread.wait_state().begin(alert);
            state.waiters.push(Arc::clone(&thread));
            drop(state);
            let until = watch.map_or(deadline, |watch| watch.min(deadline));
            let ending = wait::block_after(&thread, until, alert, || self.drive(&thread, until));
            state = self.state.lock();
            state.leave(&thread, watch.is_some(), ending);
            if ending == Some(Ending::Alerted) {
                let other = state.release_one();
                drop(state);
                unpark(other);
                wait::run_apcs(&thread);
                return Ok(Got::Apc);
            }
        }
    }

    /// Lets a thread that has begun a wait here work for others.
    fn drive(&self, thread: &Arc<Thread>, until: Deadline) {
        if let Some(driver) = self.driver.get() {
            driver.drive(&PortWait::new(thread, until));
        }
    }

    /// Has threads that wait here from now on drive, unless they do already.
    pub fn bring(&self, driver: Arc<dyn Driver>) {
        // One is enough: other networks have threads of their own.
        let _ = self.driver.set(driver);
    }

    /// A thread that was busy with packets of this port blocks, exits or comes back for more.
    fn idle(&self) {
        let woken = {
            let mut state = self.state.lock();
            state.load.end();
            state.release_one()
        };
        unpark(woken);
    }

    /// A thread that was busy with packets of this port goes on.
    fn resumed(&self) {
        self.state.lock().load.begin();
    }
}

impl State {
    /// Takes packets for a thread that is busy with them from now on.
    fn take(&mut self, into: &mut [Packet]) -> usize {
        let count = into.len().min(self.packets.len());
        for (place, packet) in into.iter_mut().zip(self.packets.drain(..count)) {
            *place = packet;
        }
        self.load.begin();
        count
    }

    /// Ends a thread's blocking, however it ended.
    fn leave(&mut self, thread: &Arc<Thread>, watched: bool, ending: Option<Ending>) {
        match ending {
            Some(Ending::Granted(..)) => self.released = self.released.saturating_sub(1),
            _ => self.waiters.retain(|waiter| !Arc::ptr_eq(waiter, thread)),
        }
        if watched {
            self.load.end_watch();
        }
    }

    /// Ends the wait of the thread that came last, if there are packets that want one more than
    /// those that are on their way.
    fn release_one(&mut self) -> Option<Arc<Thread>> {
        if self.packets.len() <= self.released || !self.load.wants_a_thread() {
            return None;
        }
        while let Some(thread) = self.waiters.pop() {
            if thread.wait_state().grant(0, Acquired::Plain) {
                self.released += 1;
                return Some(thread);
            }
        }
        None
    }
}

impl Object for Port {
    fn kind(&self) -> Kind {
        Kind::Port
    }

    fn handles(&self) -> Option<&HandleCount> {
        Some(&self.handles)
    }

    fn last_closed(&self) {
        let (packets, waiters) = {
            let mut state = self.state.lock();
            state.closed = true;
            (
                std::mem::take(&mut state.packets),
                std::mem::take(&mut state.waiters),
            )
        };
        drop(packets);
        for thread in waiters {
            if thread.wait_state().grant(0, Acquired::Plain) {
                thread.rouse();
            }
        }
    }
}

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.lock();
        f.debug_struct("Port")
            .field("packets", &state.packets.len())
            .field("waiters", &state.waiters.len())
            .field("load", &state.load)
            .field("closed", &state.closed)
            .finish_non_exhaustive()
    }
}

fn unpark(woken: Option<Arc<Thread>>) {
    if let Some(thread) = woken {
        drive::note_release();
        thread.rouse();
    }
}

/// Creates a port and opens a handle to it. `concurrency` as in [`Port::new`].
///
/// # Errors
/// `WSA_NOT_ENOUGH_MEMORY` when there are no more handles.
#[doc(alias = "CreateIoCompletionPort")]
pub fn create(concurrency: u32) -> Result<Handle, Errno> {
    handles::insert(Arc::new(Port::new(concurrency))).map_err(|_| Errno::NOT_ENOUGH_MEMORY)
}

/// The port of a handle.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not a port's.
pub fn from_handle(raw: usize) -> Result<Arc<Port>, Errno> {
    let object = handles::pin(raw).and_then(|pinned| pinned.object().cloned());
    object
        .and_then(<dyn Object>::downcast)
        .ok_or(Errno::INVALID_HANDLE)
}

/// Associates a file with a port, for the lifetime of the file: completions of its operations are
/// queued there with `key`.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when a handle is stale, `port` is not a port's or `file` not a file's;
/// `ERROR_INVALID_PARAMETER` when the file is associated already or is not for overlapped I/O.
#[doc(alias = "CreateIoCompletionPort")]
pub fn associate(file: usize, port: usize, key: usize) -> Result<(), Errno> {
    let port = from_handle(port)?;
    let pinned = handles::pin(file).ok_or(Errno::INVALID_HANDLE)?;
    let object = pinned
        .object_or_placeholder()
        .ok_or(Errno::INVALID_HANDLE)?;
    let file = object.as_file().ok_or(Errno::INVALID_HANDLE)?;
    file.state().associate(Arc::clone(&port), key)?;
    if let Some(driver) = file.driver() {
        port.bring(driver);
    }
    Ok(())
}

/// Queues a packet of one's own.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not a port's.
#[doc(alias = "PostQueuedCompletionStatus")]
pub fn post(raw: usize, packet: Packet) -> Result<(), Errno> {
    from_handle(raw)?.post(packet);
    Ok(())
}

/// Takes one packet.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the handle is stale or not a port's; `ERROR_ABANDONED_WAIT_0` when it
/// is closed during the wait.
#[doc(alias = "GetQueuedCompletionStatus")]
pub fn get(raw: usize, timeout: Timeout) -> Result<Got<Packet>, Errno> {
    let mut packet = [Packet::default()];
    let got = from_handle(raw)?.take(&mut packet, timeout, Alert::Plain)?;
    Ok(match got {
        Got::Packets(_) => Got::Packets(packet[0]),
        Got::TimedOut => Got::TimedOut,
        Got::Apc => Got::Apc,
    })
}

/// Takes packets, at least one, at most as many as `into` holds; returns how many.
///
/// # Errors
/// `ERROR_INVALID_PARAMETER` when `into` is empty; otherwise as [`get`].
#[doc(alias = "GetQueuedCompletionStatusEx")]
pub fn get_many(
    raw: usize,
    into: &mut [Packet],
    timeout: Timeout,
    alert: Alert,
) -> Result<Got<usize>, Errno> {
    if into.is_empty() {
        return Err(Errno::INVALID_PARAMETER);
    }
    from_handle(raw)?.take(into, timeout, alert)
}
