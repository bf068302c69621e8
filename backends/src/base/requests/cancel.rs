//! Requests that end before their time: CancelIo, close, the exit of a thread, WSPCleanup.
//!
//! ```text
//! CancelIo, CancelIoEx   CANCELLED, those that are meant
//! close                  receives of a connection CONNECTION_ABORTED, of others CANCELLED; sends go on
//! reset                  sends too
//! thread exit            CANCELLED, but for requests on a port that have no event
//! WSPCleanup             nobody is told
//! ```
//!
//! Sources: base-provider.md 4.5.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::Weak;

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::provider::Transfer;
use ws2spi_kernel::file::CancelScope;
use ws2spi_kernel::file::File;
use ws2spi_kernel::thread;

use super::super::socket::Socket;
use super::super::stack::Stack;
use super::super::status::Bit;
use super::accepting::Accepting;
use super::connecting::Connecting;
use super::connecting::Reusing;
use super::receiving::Receiving;
use super::sending::Sending;
use super::ticket::Outcome;
use super::ticket::Ticket;
use crate::net::Interest;
use crate::sync;

sync::thread_local! {
    /// The stacks that hear of the exit of this thread.
    static FOLLOWED_BY: RefCell<Vec<Weak<Stack>>> = const { RefCell::new(Vec::new()) };
}

impl Socket {
    /// A request is about to wait: it is the calling thread's, and ends with it.
    pub(in super::super) fn follow_thread(&self, ticket: &mut Ticket) {
        let thread = thread::current();
        ticket.wait_for(thread.id());
        FOLLOWED_BY.with(|stacks| {
            let mut stacks = stacks.borrow_mut();
            let known = |stack: &Weak<Stack>| stack.as_ptr() == Arc::as_ptr(&self.stack);
            if stacks.iter().any(known) {
                return;
            }
            stacks.retain(|stack| stack.strong_count() > 0);
            let stack = Arc::downgrade(&self.stack);
            stacks.push(stack.clone());
            let id = thread.id();
            thread.at_exit(move || {
                if let Some(stack) = stack.upgrade() {
                    stack.thread_exits(id);
                }
            });
        });
    }

    /// Leaves a request that was put into a queue to the worker, which is to hear of `interest`; `told`
    /// says that it does already.
    ///
    /// # Errors
    /// `NOBUFS` when there can be no worker: the request is none then.
    pub(super) fn leave_to_worker(
        &self,
        told: Bit,
        interest: Interest,
        block: usize,
    ) -> Result<Transfer, Errno> {
        if self.status.get().has(told) {
            return Ok(Transfer::Pending);
        }
        self.pend_if(self.stack.worker.watch(self, interest), block)
    }

    /// As [`leave_to_worker`](Self::leave_to_worker), for what nothing is told of: the worker is to look.
    ///
    /// # Errors
    /// `NOBUFS` when there can be no worker: the request is none then.
    pub(super) fn leave_to_a_look(&self, block: usize) -> Result<Transfer, Errno> {
        self.pend_if(self.stack.worker.attend(self), block)
    }

    /// The answer to a request that was put into a queue, when the worker was asked to serve it.
    fn pend_if(&self, asked: Result<(), Errno>, block: usize) -> Result<Transfer, Errno> {
        let Err(error) = asked else {
            return Ok(Transfer::Pending);
        };
        // Somebody may have ended it meanwhile.
        let withdrawn = self.take_requests(|ticket| ticket.block() == block);
        if withdrawn.is_empty() {
            return Ok(Transfer::Pending);
        }
        withdrawn.abandon(self);
        Err(error)
    }

    /// Whether requests wait.
    pub(in super::super) fn has_requests(&self) -> bool {
        let empty = self
            .receives
            .lock()
            .as_ref()
            .is_none_or(|inbound| inbound.is_empty());
        !empty || self.status.get().has(Bit::Backlogged)
    }

    /// Takes requests out of both queues.
    fn take_requests(&self, mut which: impl FnMut(&Ticket) -> bool) -> Taken {
        let mut taken = Taken {
            changes: self.take_change_requests(|_, ticket| which(ticket)),
            ..Taken::default()
        };
        taken.take_inbound(self, &mut which);
        let mut output = self.output.lock();
        if let Some(queue) = output.sends.as_deref_mut() {
            taken.sends = queue.take(|entry| which(entry.ticket()));
        }
        if !taken.sends.is_empty() {
            self.all_sent(&mut output);
        }
        taken
    }

    /// Ends the requests that are meant, with no lock held. How many there were.
    fn cancel_requests(&self, status: NtStatus, which: impl FnMut(&Ticket) -> bool) -> usize {
        // One that is being posted at this moment comes after.
        if !self.status.get().has(Bit::Requested) {
            return 0;
        }
        let taken = self.take_requests(which);
        let count = taken.len();
        taken.cut_short(self, status);
        if count > 0 {
            self.waiters.wake();
            // What is left moves up.
            self.stack.worker.look_again(self);
        }
        count
    }

    /// CancelIo and CancelIoEx.
    pub(in super::super) fn cancel_io(
        &self,
        whose: CancelScope,
        overlapped: Option<usize>,
    ) -> usize {
        self.cancel_requests(NtStatus::CANCELLED, |ticket| {
            let meant = overlapped.is_none_or(|block| block == ticket.block());
            meant
                && match whose {
                    CancelScope::Thread(thread) => ticket.thread() == thread,
                    CancelScope::Everybody => true,
                }
        })
    }

    /// The last handle is gone: receives and waits for changes end, sends go on. Always under the locks
    /// of the queues: whoever posts the first request has looked there for a close, or looks after this.
    pub(in super::super) fn close_receives(&self) {
        let mut taken = Taken::default();
        taken.take_inbound(self, |_| true);
        taken.cut_short(self, self.closed_status());
        let waiting = Taken {
            changes: self.take_change_requests(|_, _| true),
            ..Taken::default()
        };
        waiting.cut_short(self, NtStatus::CANCELLED);
    }

    /// The connection is reset: what was not sent is thrown away. Under the lock, as receives.
    pub(in super::super) fn close_sends(&self) {
        let sends = match self.output.lock().sends.as_deref_mut() {
            Some(queue) => queue.take(|_| true),
            None => Vec::new(),
        };
        let taken = Taken {
            sends,
            ..Taken::default()
        };
        taken.cut_short(self, self.closed_status());
    }

    /// P225, P227
    fn closed_status(&self) -> NtStatus {
        if self.is_stream() && self.status.get().has(Bit::Connected) {
            NtStatus::CONNECTION_ABORTED
        } else {
            NtStatus::CANCELLED
        }
    }

    /// WSPCleanup: the requests end, and nobody is told.
    pub(in super::super) fn abandon_requests(&self) {
        self.take_requests(|_| true).abandon(self);
    }
}

impl Stack {
    /// A thread exits: its requests end, unless a port will tell of them (P229, P230).
    fn thread_exits(&self, thread: u32) {
        for socket in self.open_sockets() {
            let on_port = socket.state().has_port();
            socket.cancel_requests(NtStatus::CANCELLED, |ticket| {
                ticket.thread() == thread && (!on_port || ticket.has_event())
            });
        }
    }
}

/// Requests that somebody took out of the queues in order to end them.
#[derive(Default)]
struct Taken {
    receives: Vec<Receiving>,
    accepts: Vec<Accepting>,
    connect: Option<Connecting>,
    reuse: Option<Reusing>,
    sends: Vec<Sending>,
    /// Ioctls that wait for a change of the host.
    changes: Vec<Ticket>,
}

impl Taken {
    fn len(&self) -> usize {
        let single = usize::from(self.connect.is_some()) + usize::from(self.reuse.is_some());
        let many = self.receives.len() + self.accepts.len() + self.changes.len();
        many + single + self.sends.len()
    }

    fn take_inbound(&mut self, socket: &Socket, mut which: impl FnMut(&Ticket) -> bool) {
        let mut inbound = socket.receives.lock();
        let Some(inbound) = inbound.as_mut() else {
            return;
        };
        self.receives = inbound.receives.take(|entry| which(entry.ticket()));
        let urgents = inbound.urgents.take(|entry| which(entry.ticket()));
        self.receives.extend(urgents);
        self.accepts = inbound.accepts.take(|entry| which(entry.ticket()));
        self.connect = inbound.connect.take_if(|entry| which(&entry.ticket));
        self.reuse = inbound.reuse.take_if(|entry| which(&entry.ticket));
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn cut_short(self, socket: &Socket, status: NtStatus) {
        for entry in self.receives {
            entry.cut_short(socket, status);
        }
        for entry in self.accepts {
            // P116: whatever the listener's own kind of end is.
            entry.cut_short(socket, NtStatus::CANCELLED);
        }
        if let Some(entry) = self.connect {
            entry.cut_short(socket, NtStatus::CANCELLED);
        }
        if let Some(Reusing { ticket, .. }) = self.reuse {
            socket.status.clear(Bit::Reusing);
            drop(ticket.finish(socket.state(), Outcome::failed(NtStatus::CANCELLED)));
        }
        for entry in self.sends {
            entry.cut_short(socket, status);
        }
        for ticket in self.changes {
            drop(ticket.finish(socket.state(), Outcome::failed(status)));
        }
    }

    /// Ends them without telling anybody.
    fn abandon(self, socket: &Socket) {
        if self.connect.is_some() {
            socket.give_up_connecting();
        }
        if self.reuse.is_some() {
            socket.status.clear(Bit::Reusing);
        }
        let receives = self.receives.into_iter().map(|entry| entry.into_ticket());
        let sends = self.sends.into_iter().map(|entry| entry.into_ticket());
        let accepts = self.accepts.into_iter().map(|entry| entry.into_ticket());
        let connect = self.connect.into_iter().map(|entry| entry.ticket);
        receives
            .chain(accepts)
            .chain(connect)
            .chain(self.reuse.map(|entry| entry.ticket))
            .chain(self.changes)
            .chain(sends)
            .for_each(Ticket::abandon);
    }
}
