//! Overlapped sends.
//!
//! A send is tried on the caller's thread when nothing is before it. What the network takes is sent; a
//! send of which something is left keeps its own buffers and waits, behind the backlog of
//! plain sends, until the network has everything: so nothing is copied, however long it is. With
//! SO_SNDBUF 0 it waits until the peer has acknowledged it (P172). A system does not tell that, so
//! the worker looks again and again.
//!
//! All with the lock of `Output`, but for telling.

use std::io::IoSlice;

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::args::Buffers;
use ws2spi_abi::args::HeldBuffers;
use ws2spi_abi::args::OverlappedArgs;
use ws2spi_abi::provider::Transfer;
use ws2spi_kernel::file::File;

use super::super::socket::Output;
use super::super::socket::Socket;
use super::super::status::Bit;
use super::super::transmission::Progress;
use super::super::transmission::Then;
use super::super::transmission::Transmission;
use super::super::transmit::gather;
use super::super::transmit::with_slices;
use super::super::work::Work;
use super::TURN;
use super::queue::Queue;
use super::ticket::Outcome;
use super::ticket::Ticket;
use super::ticket::status_of;
use crate::net::Control;
use crate::net::Endpoint;
use crate::net::Interest;
use crate::net::Readiness;
use crate::net::SendFlags;

/// A send that waits.
pub(in super::super) struct Sending {
    ticket: Ticket,
    data: HeldBuffers,
    goal: Goal,
    to: Option<Box<Destination>>,
    /// In place of data: what TransmitFile and TransmitPackets send.
    transmission: Option<Box<Transmission>>,
}

/// How a send is made, and how far it has come.
#[derive(Clone, Copy, Debug)]
struct Goal {
    total: usize,
    sent: usize,
    how: SendFlags,
    /// A datagram goes whole, also an empty one.
    datagram: bool,
    /// SO_SNDBUF was 0: it ends when the peer has it.
    acknowledged: bool,
}

impl Goal {
    fn is_sent(&self) -> bool {
        !self.datagram && self.sent == self.total
    }
}

/// Where a datagram goes, with what beside it.
#[derive(Clone, Debug)]
pub(in super::super) struct Destination {
    pub(in super::super) to: Option<Endpoint>,
    pub(in super::super) control: Control,
}

/// Where the queue of sends stands.
enum Step {
    /// Something was sent, and the network may take more.
    Some,
    /// Nothing waits.
    Empty,
    /// The network takes no more.
    Blocked,
    /// Everything was sent and not yet acknowledged.
    Unacknowledged,
    /// The head has ended.
    Ended(Outcome),
}

impl Sending {
    pub(super) fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    pub(super) fn into_ticket(self) -> Ticket {
        self.ticket
    }

    /// The data of a ConnectEx, which ends when they are sent (P220).
    pub(super) fn of_connect(ticket: Ticket, data: HeldBuffers, total: usize) -> Self {
        Self {
            ticket,
            data,
            goal: Goal {
                total,
                sent: 0,
                how: SendFlags::NONE,
                datagram: false,
                acknowledged: false,
            },
            to: None,
            transmission: None,
        }
    }

    /// What TransmitFile and TransmitPackets send. How much that is shows when it was sent.
    pub(super) fn of_transmission(
        ticket: Ticket,
        transmission: Transmission,
        acknowledged: bool,
    ) -> Self {
        let mut this = Self::of_connect(ticket, HeldBuffers::default(), usize::MAX);
        this.goal.acknowledged = acknowledged;
        this.transmission = Some(Box::new(transmission));
        this
    }

    /// What becomes of the connection when it was sent.
    fn then(&self) -> Then {
        self.transmission
            .as_ref()
            .map_or(Then::Stay, |transmission| transmission.then)
    }

    /// What ends when everything before it is sent.
    pub(super) fn of_nothing(ticket: Ticket) -> Self {
        Self::of_connect(ticket, HeldBuffers::default(), 0)
    }

    /// Ends it before its time.
    pub(super) fn cut_short(self, socket: &Socket, status: NtStatus) {
        drop(self.ticket.finish(socket.state(), Outcome::failed(status)));
    }
}

impl Output {
    /// Whether overlapped sends wait.
    pub(in super::super) fn has_sends(&self) -> bool {
        self.sends.as_ref().is_some_and(|queue| !queue.is_empty())
    }

    /// Whether everything that was taken is with the network.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.backlog.is_empty() && !self.has_sends()
    }
}

impl Socket {
    /// WSPSend, WSPSendTo and WSASendMsg with an OVERLAPPED, after their checks.
    ///
    /// # Errors
    /// As [`post_receive`](Self::post_receive), and what a send answers at once.
    pub(in super::super) fn post_send(
        &self,
        overlapped: &OverlappedArgs<'_>,
        buffers: &Buffers<'_>,
        total: usize,
        how: SendFlags,
        to: Option<Destination>,
    ) -> Result<Transfer, Errno> {
        let asked = overlapped.request().ok_or(Errno::FAULT)?;
        let datagram = !self.is_stream();
        if datagram && total > self.largest_datagram() {
            return Err(Errno::MSGSIZE);
        }
        let mut ticket = Ticket::begin(self.state(), &asked)?;
        let mut goal = Goal {
            total,
            sent: 0,
            how,
            datagram,
            acknowledged: !datagram && self.status.get().has(Bit::Unbuffered),
        };
        let mut output = self.output.lock();
        // A close empties the queue after it has said so.
        self.status.get().refuse_closed()?;
        match self.flush(&mut output) {
            Ok(()) => {
                let sent = with_slices(buffers, |slices| {
                    self.transmit(slices, &mut goal, to.as_ref())
                });
                match sent {
                    Err(Errno::WOULDBLOCK) => {}
                    Err(error) => return Err(error),
                    Ok(()) if goal.acknowledged && total > 0 => {}
                    Ok(()) => {
                        let outcome = Outcome::done(total);
                        let (transfer, wake_up) = ticket.finish_now(self.state(), outcome);
                        drop(output);
                        drop(wake_up);
                        return Ok(transfer);
                    }
                }
            }
            Err(Errno::WOULDBLOCK) => {}
            Err(error) => return Err(error),
        }
        self.follow_thread(&mut ticket);
        let block = ticket.block();
        output.sends.get_or_insert_default().push(Sending {
            ticket,
            data: buffers.hold(&asked),
            goal,
            to: to.map(Box::new),
            transmission: None,
        });
        self.status.set(Bit::Backlogged);
        self.status.set(Bit::Requested);
        drop(output);
        if goal.is_sent() {
            // Nothing more is told of it.
            self.stack.worker.look_again(self);
        }
        self.leave_to_worker(Bit::WatchedWrite, Interest::WRITE, block)
    }

    /// Queues what is sent behind everything before it; to be served or left to the worker.
    pub(super) fn queue_send(&self, send: Sending) {
        let mut output = self.output.lock();
        output.sends.get_or_insert_default().push(send);
        self.status.set(Bit::Backlogged);
        self.status.set(Bit::Requested);
    }

    /// Hands data to the network until it has all or would block.
    ///
    /// # Errors
    /// `WOULDBLOCK`; what ended the connection; what a datagram fails with.
    fn transmit(
        &self,
        slices: &mut [IoSlice<'_>],
        goal: &mut Goal,
        to: Option<&Destination>,
    ) -> Result<(), Errno> {
        if goal.datagram {
            let (name, control) = match to {
                Some(to) => (to.to.as_ref(), &to.control),
                None => (None, &Control::NONE),
            };
            return self.net.send(slices, goal.how, name, control).map(|_| ());
        }
        let mut rest = slices;
        while goal.sent < goal.total {
            let sent = self.net.send(rest, goal.how, None, &Control::NONE);
            let sent = sent.map_err(|error| self.latch_send(error))?;
            goal.sent += sent;
            IoSlice::advance_slices(&mut rest, sent);
        }
        Ok(())
    }

    /// The worker's step for what waits to be sent: the backlog, overlapped sends, the end of the
    /// stream.
    pub(in super::super) fn serve_sends(&self, ready: Readiness) -> Work {
        if !self.status.get().has(Bit::Backlogged) && !ready.is_none() {
            // As for receives: a send may be between its try and the queue.
            drop(self.output.lock());
        }
        if !self.status.get().has(Bit::Backlogged) {
            return Work::NONE;
        }
        let mut work = Work::NONE;
        for _ in 0..TURN {
            let mut output = self.output.lock();
            if self.drain(&mut output) == Err(Errno::WOULDBLOCK) {
                work.interest = Interest::WRITE;
                return work;
            }
            let turn_taken = output.turn_taken;
            let step = match output.sends.as_deref_mut() {
                Some(sends) => {
                    // Another's data are half out; the end of its turn calls again.
                    if turn_taken && !sends.is_empty() {
                        return work;
                    }
                    self.step(sends)
                }
                None => Step::Empty,
            };
            match step {
                Step::Blocked => {
                    work.interest = Interest::WRITE;
                    return work;
                }
                Step::Some => work.progress = true,
                Step::Unacknowledged => {
                    work.later = true;
                    return work;
                }
                Step::Ended(outcome) => {
                    let head = output
                        .sends
                        .as_deref_mut()
                        .and_then(|sends| sends.take_head());
                    work.progress = true;
                    let Some(head) = head else {
                        continue;
                    };
                    let then = if outcome.status == NtStatus::SUCCESS {
                        head.then()
                    } else {
                        Then::Stay
                    };
                    if then != Then::Stay {
                        // Behind what waits after it, too.
                        self.status.set(Bit::SendShut);
                        output.end_wanted = true;
                        self.all_sent(&mut output);
                    }
                    if then == Then::Reuse {
                        drop(output);
                        self.go_on_to_reuse(head.ticket, outcome.bytes);
                        continue;
                    }
                    let ended = head.ticket.finish(self.state(), outcome);
                    drop(output);
                    drop(ended);
                }
                Step::Empty => {
                    self.all_sent(&mut output);
                    drop(output);
                    work.progress = true;
                    self.waiters.wake();
                    return work;
                }
            }
        }
        // Others have their turn too.
        self.stack.worker.look_again(self);
        work.interest = Interest::WRITE;
        work
    }

    /// Sends what waits, in order, and says what became of the head.
    fn step(&self, sends: &mut Queue<Sending>) -> Step {
        let mut blocked = None;
        for (place, entry) in sends.iter_mut().enumerate() {
            if entry.goal.is_sent() {
                continue;
            }
            let Sending {
                data,
                goal,
                to,
                transmission,
                ..
            } = entry;
            if let Some(transmission) = transmission {
                match self.transmit_some(transmission) {
                    Ok(Progress::Some) => return Step::Some,
                    Ok(Progress::All) if self.is_stream() => {
                        goal.total = transmission.sent();
                        goal.sent = goal.total;
                        continue;
                    }
                    Ok(Progress::All) => return Step::Ended(Outcome::done(transmission.sent())),
                    Err(error) => {
                        // What its file fails with is told of it alone, when it is the head.
                        let is_head = place == 0;
                        blocked = Some(if is_head { error } else { Errno::WOULDBLOCK });
                        break;
                    }
                }
            }
            let sent = gather(data.count(), data.slices(goal.sent), |slices| {
                self.transmit(slices, goal, to.as_deref())
            });
            match sent {
                Ok(()) if !goal.datagram => {}
                Ok(()) => return Step::Ended(Outcome::done(goal.total)),
                Err(error) => {
                    blocked = Some(error);
                    break;
                }
            }
        }
        let (head, gone) = match (sends.head(), blocked) {
            (None, _) => return Step::Empty,
            (Some(head), blocked) => (head, blocked.filter(|error| *error != Errno::WOULDBLOCK)),
        };
        match (head.goal.is_sent(), gone) {
            // Without a connection nothing is acknowledged any more.
            (true, None) if head.goal.acknowledged && self.net.unsent().unwrap_or(0) > 0 => {
                Step::Unacknowledged
            }
            (true, _) => Step::Ended(Outcome::done(head.goal.total)),
            // The others follow.
            (false, Some(error)) => Step::Ended(Outcome::failed(status_of(error))),
            (false, None) => Step::Blocked,
        }
    }

    /// Nothing is left to send: the end of the stream may follow.
    pub(super) fn all_sent(&self, output: &mut Output) {
        if output.is_empty() {
            self.status.clear(Bit::Backlogged);
            self.finish_output(output);
        }
    }
}
