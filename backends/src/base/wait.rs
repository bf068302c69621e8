//! Waiting: how a call blocks.
//!
//! A call tries first; only when that would block does it come here. It waits on the caller's thread
//! in `Net::wait`, with the thread's waker in the socket's list, so that a close, a cleanup or
//! another thread's work ends the wait and the call looks again. Where Windows waits alertably, user
//! APCs run and the wait goes on. With a Winsock 1.1 blocking hook the wait is cut into slices and the
//! hook runs between them; WSPCancelBlockingCall ends it.
//!
//! No lock is held while a thread waits here, nor while a hook or an APC runs.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_abi::args::BlockingHook;
use ws2spi_kernel::thread::ExternalWait;

use super::socket::Socket;
use super::stack::Stack;
use crate::net::Interest;
use crate::net::Readiness;
use crate::net::Watch;
use crate::net::Woken;
use ws2spi_kernel::thread::Wake;

/// How long a wait with a blocking hook sleeps between two calls of the hook.
const HOOK_SLICE: Duration = Duration::from_millis(10);

/// How a call waits for its socket.
#[derive(Clone, Copy)]
pub(super) struct Block {
    interest: Interest,
    timeout: Option<Duration>,
    every: Option<Duration>,
    alertable: bool,
    tried: bool,
}

impl Block {
    /// Until `interest` is ready; an empty interest waits for the socket's waker only.
    pub(super) fn new(interest: Interest) -> Self {
        Self {
            interest,
            timeout: None,
            every: None,
            alertable: false,
            tried: false,
        }
    }

    /// At most so long; then `TIMEDOUT`.
    pub(super) fn within(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// Looks again after so long even when nothing was heard.
    pub(super) fn every(mut self, pause: Duration) -> Self {
        self.every = Some(pause);
        self
    }

    /// The caller tried just now, and what it waits for is told by the network alone: wait first.
    pub(super) fn tried(mut self) -> Self {
        self.tried = true;
        self
    }

    /// User APCs run while it waits.
    pub(super) fn alertable(mut self) -> Self {
        self.alertable = true;
        self
    }
}

impl Socket {
    /// Repeats `attempt` until it answers something else than `WOULDBLOCK`, waiting in between. It
    /// is given what the wait found ready.
    ///
    /// # Errors
    /// What `attempt` answers; `TIMEDOUT`; `INTR` when the call was cancelled; the code of a socket
    /// that was closed meanwhile.
    pub(super) fn wait<T>(
        &self,
        block: Block,
        mut attempt: impl FnMut(Readiness) -> Result<T, Errno>,
    ) -> Result<T, Errno> {
        let hook = self.stack.hook(self.make.info.dwCatalogEntryId);
        let pause = Pause::begin(&self.stack, block.timeout, block.alertable, hook)?;
        let _enrolled = self.waiters.enroll(&pause.waker);
        let mut tried = block.tried;
        let mut ready = Readiness::NONE;
        loop {
            self.status.get().refuse_closed()?;
            if !std::mem::take(&mut tried) {
                match attempt(ready) {
                    Err(Errno::WOULDBLOCK) => {}
                    answer => return answer,
                }
            }
            let net = (block.interest != Interest::NONE).then(|| self.net.clone());
            let mut watch = net.as_deref().map(|net| Watch::new(net, block.interest));
            let ended = pause.wait(watch.as_mut_slice(), block.every)?;
            ready = watch.map_or(Readiness::NONE, |watch| watch.ready);
            if ended == Ended::TimedOut {
                // What came with the last tick still counts.
                self.status.get().refuse_closed()?;
                return match attempt(ready) {
                    Err(Errno::WOULDBLOCK) => Err(Errno::TIMEDOUT),
                    answer => answer,
                };
            }
        }
    }
}

/// How one stretch of waiting ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Look at the sockets again.
    Look,
    /// The time is over.
    TimedOut,
}

/// A wait of the calling thread, over any number of sockets.
pub(super) struct Pause<'s> {
    stack: &'s Stack,
    /// The thread's waker, for the lists of the sockets that are waited for.
    pub(super) waker: Arc<dyn Wake>,
    deadline: Option<Duration>,
    external: Option<ExternalWait>,
    hook: Option<BlockingHook>,
    _call: OutstandingCall,
}

impl<'s> Pause<'s> {
    /// Prepares to wait.
    ///
    /// # Errors
    /// `NOBUFS` when the thread cannot get a waker.
    pub(super) fn begin(
        stack: &'s Stack,
        timeout: Option<Duration>,
        alertable: bool,
        hook: Option<BlockingHook>,
    ) -> Result<Self, Errno> {
        let waker = stack.net.waker()?;
        Ok(Self {
            external: alertable.then(|| ExternalWait::begin(waker.clone())),
            waker,
            // A time too long for the clock is as good as for ever.
            deadline: timeout.and_then(|timeout| stack.net.now().checked_add(timeout)),
            hook,
            stack,
            _call: OutstandingCall::begin(),
        })
    }

    /// Waits once. Returns also when an APC ran, a waker was woken or `every` has passed: the caller
    /// looks again.
    ///
    /// # Errors
    /// `INTR` when the blocking call was cancelled, what the network answers.
    pub(super) fn wait(
        &self,
        watch: &mut [Watch<'_>],
        every: Option<Duration>,
    ) -> Result<Ended, Errno> {
        if let Some(external) = &self.external {
            // Those that were queued before the wait began.
            if external.run_apcs() > 0 {
                return self.not_cancelled(Ended::Look);
            }
        }
        if self.hook.is_some_and(|hook| !hook.wait()) {
            return Err(Errno::INTR);
        }
        self.not_cancelled(())?;
        let slice = match (every, self.hook) {
            (Some(every), Some(_)) => Some(every.min(HOOK_SLICE)),
            (Some(every), None) => Some(every),
            (None, Some(_)) => Some(HOOK_SLICE),
            (None, None) => None,
        };
        let slice = slice.map(|slice| self.stack.net.now() + slice);
        let until = match (self.deadline, slice) {
            (Some(deadline), Some(slice)) => Some(deadline.min(slice)),
            (deadline, slice) => deadline.or(slice),
        };
        let woken = self.stack.net.wait(watch, until)?;
        if woken == Woken::Waker
            && let Some(external) = &self.external
        {
            external.run_apcs();
        }
        let over = woken == Woken::TimedOut && (self.deadline.is_some() && until == self.deadline);
        self.not_cancelled(if over { Ended::TimedOut } else { Ended::Look })
    }

    fn not_cancelled<T>(&self, answer: T) -> Result<T, Errno> {
        if OUTSTANDING.get() == Outstanding::Cancelled {
            Err(Errno::INTR)
        } else {
            Ok(answer)
        }
    }
}

impl Stack {
    /// The calling thread's blocking hook, if it has one.
    pub(super) fn hook(&self, entry: u32) -> Option<BlockingHook> {
        self.upcalls()
            .ok()?
            .query_blocking_callback(entry)
            .ok()
            .flatten()
    }

    /// WSPCancelBlockingCall: the blocking call that this thread is inside of ends with `INTR`.
    ///
    /// # Errors
    /// `INVAL` when there is none.
    pub(super) fn cancel_blocking_call(&self) -> Result<(), Errno> {
        if OUTSTANDING.get() == Outstanding::None {
            return Err(Errno::INVAL);
        }
        OUTSTANDING.set(Outstanding::Cancelled);
        Ok(())
    }
}

/// Whether the thread is inside a blocking call: a hook or an APC that runs there may cancel it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outstanding {
    None,
    Waiting,
    Cancelled,
}

thread_local! {
    static OUTSTANDING: Cell<Outstanding> = const { Cell::new(Outstanding::None) };
}

/// Marks the innermost blocking call of the thread; the one around it is as it was afterwards.
struct OutstandingCall(Outstanding);

impl OutstandingCall {
    fn begin() -> Self {
        Self(OUTSTANDING.replace(Outstanding::Waiting))
    }
}

impl Drop for OutstandingCall {
    fn drop(&mut self) {
        OUTSTANDING.set(self.0);
    }
}
