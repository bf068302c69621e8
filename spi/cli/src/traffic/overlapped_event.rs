//! Overlapped operations that end with an event: `WSAWaitForMultipleEvents` and
//! `WSAGetOverlappedResult`.

use super::event::{Event, wait};
use super::exchange::Stopped;
use super::operation::{Operation, Pending};
use super::overlapped::{Completions, Ended};
use super::worker::Worker;
use crate::Socket;
use crate::{socket, winsock};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use ws2spi_abi::{Errno, FALSE, WSAEVENT};

/// The operations that have not ended, each with its socket.
pub(super) struct Events(Mutex<Vec<(Pending, Arc<Socket>)>>);

impl Completions for Events {
    // Two events for each, and a wait takes 64.
    const GROUP: u32 = 30;
    const WORKERS: u32 = 1;

    fn new(_worker: &Worker<'_>) -> Result<Self, Stopped> {
        Ok(Self(Mutex::default()))
    }

    fn prepare(&self, worker: &Worker<'_>, operation: &mut Operation) -> Result<(), Stopped> {
        operation.signal(Event::new(worker)?);
        Ok(())
    }

    fn began(&self, pending: Pending, socket: &Arc<Socket>) {
        self.pending().push((pending, Arc::clone(socket)));
    }

    fn wait(&self, worker: &Worker<'_>, timeout: Duration) -> Result<Vec<Ended>, Stopped> {
        let pending = std::mem::take(&mut *self.pending());
        let events: Vec<WSAEVENT> = pending.iter().map(|(of, _)| of.event()).collect();
        if events.is_empty() {
            thread::park_timeout(timeout);
            return Ok(Vec::new());
        }
        let first = wait(worker, &events, timeout);
        let mut all = Vec::new();
        for (place, (pending, socket)) in pending.into_iter().enumerate() {
            // A wait names the first event only; the others are asked for one by one.
            let signalled = match first {
                Ok(Some(first)) if place > first => {
                    wait(worker, &[events[place]], Duration::ZERO) == Ok(Some(0))
                }
                Ok(Some(first)) => place == first,
                _ => false,
            };
            if signalled {
                all.push(ended(worker, pending, &socket)?);
            } else {
                self.pending().push((pending, socket));
            }
        }
        first.map(|_| all)
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        // What has not ended after a failure keeps its memory, but no event.
        for (pending, _) in self.pending().iter() {
            // SAFETY: no pointers; who signals it later gets an error.
            unsafe { winsock::WSACloseEvent(pending.event()) };
        }
    }
}

impl Events {
    fn pending(&self) -> MutexGuard<'_, Vec<(Pending, Arc<Socket>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The operation, whose event is signalled.
fn ended(worker: &Worker<'_>, pending: Pending, socket: &Socket) -> Result<Ended, Stopped> {
    let result = worker.watched("WSAGetOverlappedResult", || result(&pending, socket));
    if result == Err(Errno::IO_INCOMPLETE) {
        return Err(worker.fail("the event of an operation is signalled that has not ended"));
    }
    // SAFETY: its event is signalled, which the provider does last.
    let operation = unsafe { pending.take_back() };
    operation.reset_event();
    Ok(Ended { operation, result })
}

fn result(pending: &Pending, socket: &Socket) -> Result<usize, Errno> {
    let (mut bytes, mut flags) = (0, 0);
    // SAFETY: the block is live until it is taken back; the results are live locals.
    let ended = unsafe {
        winsock::WSAGetOverlappedResult(
            socket.raw(),
            pending.block(),
            &raw mut bytes,
            FALSE,
            &raw mut flags,
        )
    };
    if ended == FALSE {
        return Err(socket::last_error());
    }
    Ok(bytes as usize)
}
