//! Overlapped receives of urgent data (MSG_OOB).
//!
//! They have a queue of their own beside that of the stream: neither waits behind the other. Each gets one
//! byte; the end of the stream, a reset and SO_OOBINLINE, after which no byte comes beside the stream,
//! end all of them. A plain MSG_OOB receive never waits (P155), and finds nothing while one of these does.
//!
//! Where the network does not tell every edge (poll(2)) the worker looks every now and then: to ask for the
//! end would be to be told of unread data again and again.

use ws2spi_abi::Errno;
use ws2spi_abi::MSG_PEEK;
use ws2spi_abi::args::BuffersMut;
use ws2spi_abi::args::OverlappedRequest;
use ws2spi_abi::provider::Transfer;
use ws2spi_kernel::file::File;

use super::super::receive::with_slices;
use super::super::socket::Socket;
use super::super::status::Bit;
use super::super::work::Work;
use super::receiving::Receiving;
use super::ticket::Outcome;
use super::ticket::Ticket;
use super::ticket::status_of;
use crate::net::Interest;
use crate::net::Readiness;
use crate::net::RecvFlags;

impl Socket {
    /// WSPRecv with MSG_OOB and an OVERLAPPED, after its checks.
    ///
    /// # Errors
    /// `NOBUFS` without a worker; what ended the connection.
    pub(super) fn post_urgent(
        &self,
        mut ticket: Ticket,
        asked: &OverlappedRequest,
        buffers: &BuffersMut<'_>,
        flags: u32,
    ) -> Result<Transfer, Errno> {
        let peek = flags & MSG_PEEK != 0;
        let mut receives = self.receives.lock();
        // A close empties the queue after it has said so.
        self.status.get().refuse_closed()?;
        let waiting = receives
            .as_ref()
            .is_some_and(|inbound| !inbound.urgents.is_empty());
        if !waiting {
            let tried = with_slices(buffers, |slices| self.receive_urgent(slices, peek));
            let ended = match tried {
                Err(Errno::WOULDBLOCK) => self.end_of_urgent(self.net.readiness(Interest::READ))?,
                tried => Some(tried?),
            };
            if let Some(bytes) = ended {
                let (transfer, wake_up) = ticket.finish_now(self.state(), Outcome::urgent(bytes));
                drop(receives);
                drop(wake_up);
                return Ok(transfer);
            }
        }
        self.follow_thread(&mut ticket);
        let block = ticket.block();
        let how = if peek {
            RecvFlags::PEEK
        } else {
            RecvFlags::NONE
        };
        let waits = Receiving::of_urgent(ticket, buffers.hold(asked), how);
        receives.get_or_insert_default().urgents.push(waits);
        self.status.set(Bit::UrgentQueued);
        self.status.set(Bit::Requested);
        drop(receives);
        self.leave_to_worker(Bit::WatchedRead, URGENT, block)
    }

    /// Whether no urgent byte will come any more: then the count, which is 0, or the error.
    ///
    /// # Errors
    /// What ended the connection; `INVAL` when urgent data are in the stream.
    fn end_of_urgent(&self, ready: Readiness) -> Result<Option<usize>, Errno> {
        let gone = Readiness::READ_CLOSED | Readiness::HANG_UP | Readiness::ERROR;
        if ready.intersects(gone)
            && let Some(error) = self.net.take_error()
        {
            self.latch(error);
        }
        let state = self.status.get();
        state.refuse_broken()?;
        if state.has(Bit::UrgentInline) {
            return Err(Errno::INVAL);
        }
        let over = Readiness::READ_CLOSED | Readiness::HANG_UP;
        Ok((state.has(Bit::EndSeen) || ready.intersects(over)).then_some(0))
    }

    /// The worker's step for receives of urgent data; after the step for the others, which passes the
    /// lock.
    pub(in super::super) fn serve_urgents(&self, ready: Readiness) -> Work {
        let mut work = Work::NONE;
        if !self.status.get().has(Bit::UrgentQueued) {
            return work;
        }
        let is_told = self.stack.worker.tells_every_edge();
        let ready = if is_told {
            ready
        } else {
            self.net.readiness(Interest::READ)
        };
        let mut receives = self.receives.lock();
        let Some(urgents) = receives.as_mut().map(|inbound| &mut inbound.urgents) else {
            return work;
        };
        let mut wake_ups = Vec::new();
        while let Some(head) = urgents.head() {
            let outcome = match head.attempt_urgent(self) {
                Err(Errno::WOULDBLOCK) => match self.end_of_urgent(ready) {
                    Ok(None) => break,
                    Ok(Some(bytes)) => Outcome::urgent(bytes),
                    Err(error) => Outcome::failed(status_of(error)),
                },
                Err(error) => Outcome::failed(status_of(error)),
                Ok(bytes) => Outcome::urgent(bytes),
            };
            let head = urgents.take_head();
            wake_ups.extend(head.map(|head| head.into_ticket().finish(self.state(), outcome)));
            work.progress = true;
        }
        if urgents.is_empty() {
            self.status.clear(Bit::UrgentQueued);
        } else if is_told {
            work.interest = URGENT;
        } else {
            work.later = true;
        }
        drop(receives);
        drop(wake_ups);
        work
    }
}

/// What the network is to tell of: the end of the stream, and with it urgent data.
const URGENT: Interest = Interest::READ;
