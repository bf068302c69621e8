//! Overlapped receives.
//!
//! A receive is tried on the caller's thread when none is before it, and ends there if there is
//! something. Otherwise it waits in the queue of the socket, which the worker serves when the network tells
//! of an arrival. It pends whatever the mode of the socket, and has no time limit (P141, P204).

use std::io::IoSliceMut;

use ws2spi_abi::Errno;
use ws2spi_abi::MSG_OOB;
use ws2spi_abi::MSG_PEEK;
use ws2spi_abi::MSG_WAITALL;
use ws2spi_abi::NtStatus;
use ws2spi_abi::args::AddressOut;
use ws2spi_abi::args::BuffersMut;
use ws2spi_abi::args::HeldAddressOut;
use ws2spi_abi::args::HeldBuffersMut;
use ws2spi_abi::args::HeldMessageRoom;
use ws2spi_abi::args::MessageRoom;
use ws2spi_abi::args::OverlappedArgs;
use ws2spi_abi::args::OverlappedRequest;
use ws2spi_abi::provider::Transfer;
use ws2spi_kernel::file::File;

use super::super::message::Fit;
use super::super::names;
use super::super::receive::gather;
use super::super::receive::with_slices;
use super::super::socket::Socket;
use super::super::status::Bit;
use super::super::work::Work;
use super::TURN;
use super::ticket::Outcome;
use super::ticket::Ticket;
use super::ticket::status_of;
use crate::net::Interest;
use crate::net::Readiness;
use crate::net::Received;
use crate::net::RecvFlags;

/// A receive that waits.
#[derive(Debug)]
pub(in super::super) struct Receiving {
    ticket: Ticket,
    into: HeldBuffersMut,
    goal: Goal,
    beside: HeldBeside,
}

/// What a receive stores beside the data.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Beside<'a> {
    /// Nothing.
    Nothing,
    /// The sender's address.
    Sender(AddressOut<'a>),
    /// WSARecvMsg: address, control data and flags.
    Message(MessageRoom<'a>),
}

impl Beside<'_> {
    fn hold(&self, asked: &OverlappedRequest) -> HeldBeside {
        match self {
            Self::Nothing => HeldBeside::Nothing,
            Self::Sender(place) => HeldBeside::Sender(place.hold(asked)),
            Self::Message(room) => HeldBeside::Message(room.hold(asked)),
        }
    }
}

/// The same, until the request is finished.
#[derive(Debug)]
enum HeldBeside {
    Nothing,
    Sender(HeldAddressOut),
    Message(HeldMessageRoom),
}

/// What a receive wants, and how far it has come.
#[derive(Clone, Copy, Debug)]
struct Goal {
    total: usize,
    moved: usize,
    how: RecvFlags,
    /// MSG_WAITALL.
    whole: bool,
}

impl Receiving {
    pub(super) fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    pub(super) fn into_ticket(self) -> Ticket {
        self.ticket
    }

    /// Ends it before its time. What has come already is not lost (base-provider.md 4.5).
    pub(super) fn cut_short(self, socket: &Socket, status: NtStatus) {
        let outcome = match self.goal.moved {
            0 => Outcome::failed(status),
            moved => Outcome::done(moved),
        };
        drop(self.ticket.finish(socket.state(), outcome));
    }

    /// A receive of urgent data, which only looks at them if `how` says so.
    pub(super) fn of_urgent(ticket: Ticket, into: HeldBuffersMut, how: RecvFlags) -> Self {
        let goal = Goal {
            total: 1,
            moved: 0,
            how,
            whole: false,
        };
        Self {
            ticket,
            into,
            goal,
            beside: HeldBeside::Nothing,
        }
    }

    /// Takes an urgent byte; how many.
    ///
    /// # Errors
    /// `WOULDBLOCK` without one.
    pub(super) fn attempt_urgent(&mut self, socket: &Socket) -> Result<usize, Errno> {
        let peek = self.goal.how.contains(RecvFlags::PEEK);
        let count = self.into.count();
        gather(count, self.into.slices(0), |slices| {
            socket.receive_urgent(slices, peek)
        })
    }

    fn attempt(&mut self, socket: &Socket) -> Result<Outcome, Errno> {
        let Self {
            into, goal, beside, ..
        } = self;
        let (count, skip) = (into.count(), goal.moved);
        let (outcome, received) = gather(count, into.slices(skip), |slices| {
            socket.attempt(slices, goal)
        })?;
        // The length of a place for an address was checked by the call; that of a caller who changes it
        // meanwhile is his.
        let fit = match (beside, received) {
            (HeldBeside::Sender(place), Some(received)) => received
                .from
                .map_or(Ok(()), |from| place.write(&names::address(&from)))
                .map(|()| Fit::Whole),
            (HeldBeside::Message(room), Some(received)) => {
                socket.store_message(room.room(), &received)
            }
            _ => Ok(Fit::Whole),
        };
        Ok(outcome.fitting(fit.unwrap_or(Fit::Whole)))
    }
}

impl Socket {
    /// WSPRecv, WSPRecvFrom and WSARecvMsg with an OVERLAPPED, after their checks.
    ///
    /// # Errors
    /// `INVAL` for a completion routine on a socket that has a port (P223), `INVALID_HANDLE` for an
    /// event that is none, `NOBUFS` without a worker; what a receive answers at once, and then the
    /// request was none (P210).
    pub(in super::super) fn post_receive(
        &self,
        overlapped: &OverlappedArgs<'_>,
        buffers: &BuffersMut<'_>,
        beside: Beside<'_>,
        total: usize,
        flags: u32,
    ) -> Result<Transfer, Errno> {
        let asked = overlapped.request().ok_or(Errno::FAULT)?;
        let mut ticket = Ticket::begin(self.state(), &asked)?;
        if flags & MSG_OOB != 0 {
            return self.post_urgent(ticket, &asked, buffers, flags);
        }
        let mut goal = Goal {
            total,
            moved: 0,
            how: if flags & MSG_PEEK != 0 {
                RecvFlags::PEEK
            } else {
                RecvFlags::NONE
            },
            whole: flags & MSG_WAITALL != 0,
        };
        let mut receives = self.receives.lock();
        // A close empties the queue after it has said so.
        self.status.get().refuse_closed()?;
        let waiting = receives
            .as_ref()
            .is_some_and(|inbound| !inbound.receives.is_empty());
        if !waiting {
            if self.status.get().has(Bit::UrgentQueued) {
                self.collect_urgent(&mut self.input.lock());
            }
            let tried = if self.is_drained(&ticket) {
                Err(Errno::WOULDBLOCK)
            } else {
                with_slices(buffers, |slices| self.attempt(slices, &mut goal))
            };
            match tried {
                Err(Errno::WOULDBLOCK) => {}
                Err(error) => return Err(error),
                Ok((outcome, received)) => {
                    let fit = match (beside, received) {
                        (Beside::Sender(place), Some(received)) => received
                            .from
                            .map_or(Ok(()), |from| place.write(&names::address(&from)))
                            .map(|()| Fit::Whole),
                        (Beside::Message(room), Some(received)) => {
                            self.store_message(&room, &received)
                        }
                        _ => Ok(Fit::Whole),
                    };
                    let fit = fit?;
                    let outcome = outcome.fitting(fit);
                    if fit == Fit::Cut {
                        // Windows tells of it as of a message that comes later (sock.c:test_ip_pktinfo).
                        let wake_up = ticket.finish(self.state(), outcome);
                        drop(receives);
                        drop(wake_up);
                        return Ok(Transfer::Pending);
                    }
                    let (transfer, wake_up) = ticket.finish_now(self.state(), outcome);
                    drop(receives);
                    drop(wake_up);
                    return Ok(transfer);
                }
            }
        }
        self.follow_thread(&mut ticket);
        let block = ticket.block();
        receives.get_or_insert_default().receives.push(Receiving {
            ticket,
            into: buffers.hold(&asked),
            goal,
            beside: beside.hold(&asked),
        });
        self.status.set(Bit::ReceivesQueued);
        self.status.set(Bit::Requested);
        drop(receives);
        self.leave_to_worker(Bit::WatchedRead, self.receive_interest(), block)
    }

    /// What the network is to tell of for receives that wait.
    fn receive_interest(&self) -> Interest {
        if self.is_stream() && !self.status.get().has(Bit::UrgentInline) {
            // Urgent bytes are moved out before the next one overtakes them.
            Interest::READ | Interest::PRIORITY
        } else {
            Interest::READ
        }
    }

    /// One try, until the goal is reached or the network would block.
    ///
    /// # Errors
    /// `WOULDBLOCK` when there is more to wait for; what ended the connection; reports.
    fn attempt(
        &self,
        slices: &mut [IoSliceMut<'_>],
        goal: &mut Goal,
    ) -> Result<(Outcome, Option<Received>), Errno> {
        if self.is_stream() {
            return self
                .attempt_stream(slices, goal)
                .map(|outcome| (outcome, None));
        }
        let received = self.try_datagram_now(slices, goal.how)?;
        let outcome = if received.truncated {
            Outcome::truncated(received.bytes)
        } else {
            Outcome::done(received.bytes)
        };
        Ok((outcome, Some(received)))
    }

    fn attempt_stream(
        &self,
        slices: &mut [IoSliceMut<'_>],
        goal: &mut Goal,
    ) -> Result<Outcome, Errno> {
        let mut rest = slices;
        loop {
            let left = goal.total - goal.moved;
            let got = match self.try_stream_now(rest, left, goal.how) {
                Ok(got) => got,
                // P137: the end or a reset leave what has come.
                Err(error) if error != Errno::WOULDBLOCK && goal.moved > 0 => 0,
                Err(error) => return Err(error),
            };
            if !goal.how.contains(RecvFlags::PEEK) {
                self.note_room(got, left);
            }
            goal.moved += got;
            if got == 0 || !goal.whole || goal.moved == goal.total {
                return Ok(Outcome::done(goal.moved));
            }
            IoSliceMut::advance_slices(&mut rest, got);
        }
    }

    /// The worker's step for receives: those at the head of the queue get what there is.
    pub(in super::super) fn serve_receives(&self, ready: Readiness) -> Work {
        let state = self.status.get();
        let stays = state.has(Bit::Requested) && !state.has(Bit::Closed);
        let mut work = Work {
            stays,
            ..Work::NONE
        };
        if !ready.is_none() {
            // Somebody may be between a try that found nothing and the queue: this is told once.
            let _between = self.receives.lock();
            self.note_told(ready);
        }
        if !self.status.get().has(Bit::ReceivesQueued) {
            return work;
        }
        // A receive that reads past the mark loses the byte.
        if ready.contains(Readiness::PRIORITY) || state.has(Bit::UrgentQueued) {
            self.collect_urgent(&mut self.input.lock());
        }
        for _ in 0..TURN {
            let mut receives = self.receives.lock();
            let Some(queue) = receives.as_mut().map(|inbound| &mut inbound.receives) else {
                return work;
            };
            let Some(head) = queue.head() else {
                self.status.clear(Bit::ReceivesQueued);
                drop(receives);
                // Plain calls waited behind.
                self.waiters.wake();
                return work;
            };
            let outcome = match head.attempt(self) {
                Err(Errno::WOULDBLOCK) => {
                    work.interest = self.receive_interest();
                    return work;
                }
                Err(error) => Outcome::failed(self.receive_status(error)),
                Ok(outcome) => outcome,
            };
            let ended = queue
                .take_head()
                .map(|head| head.ticket.finish(self.state(), outcome));
            work.progress = true;
            drop(receives);
            drop(ended);
        }
        // Others have their turn too.
        self.stack.worker.look_again(self);
        work.interest = self.receive_interest();
        work
    }

    /// What a receive that failed leaves in its block.
    fn receive_status(&self, error: Errno) -> NtStatus {
        match error {
            // P151: a report of an earlier datagram.
            Errno::CONNRESET if !self.is_stream() => NtStatus::PORT_UNREACHABLE,
            error => status_of(error),
        }
    }
}
