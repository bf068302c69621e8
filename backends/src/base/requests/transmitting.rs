//! TransmitFile and TransmitPackets with an OVERLAPPED.
//!
//! A transmission waits among the sends of its socket, in order, and ends when the network has all
//! of it. It pends at first, as on Windows; only TF_WRITE_BEHIND lets a short one end at once. TF_DISCONNECT
//! ends the stream behind it; with TF_REUSE_SOCKET the request then goes on as that of a DisconnectEx.

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::args::OverlappedArgs;
use ws2spi_abi::provider::Transfer;
use ws2spi_kernel::file::File;

use super::super::socket::Output;
use super::super::socket::Socket;
use super::super::status::Bit;
use super::super::transmission::Progress;
use super::super::transmission::Then;
use super::super::transmission::Transmission;
use super::connecting::Reusing;
use super::sending::Sending;
use super::ticket::Outcome;
use super::ticket::Ticket;
use crate::net::Interest;
use crate::net::Readiness;

/// What is sent at once although it need not be.
const SHORT: u64 = 1 << 20;

impl Socket {
    /// TransmitFile and TransmitPackets with an OVERLAPPED, after their checks.
    ///
    /// # Errors
    /// `INVALID_HANDLE` for an event that is none, `NOBUFS` without a worker, `NOTSOCK` and its like for
    /// a socket that is being closed; for what is sent `behind` the caller's back, what a send answers.
    pub(in super::super) fn post_transmission(
        &self,
        overlapped: &OverlappedArgs<'_>,
        mut transmission: Transmission,
        behind: bool,
    ) -> Result<Transfer, Errno> {
        let asked = overlapped.request().ok_or(Errno::FAULT)?;
        let mut ticket = Ticket::begin(self.state(), &asked)?;
        self.status.get().refuse_closed()?;
        let short = transmission.length() <= SHORT && transmission.then == Then::Stay;
        if behind && short {
            let mut output = self.output.lock();
            match self.transmit_at_once(&mut output, &mut transmission) {
                Err(Errno::WOULDBLOCK) => {}
                Err(error) => return Err(error),
                Ok(()) => {
                    let outcome = Outcome::done(transmission.sent());
                    let (transfer, wake_up) = ticket.finish_now(self.state(), outcome);
                    drop(output);
                    drop(wake_up);
                    return Ok(transfer);
                }
            }
        }
        self.follow_thread(&mut ticket);
        let block = ticket.block();
        let acknowledged = self.is_stream() && !behind && self.status.get().has(Bit::Unbuffered);
        self.queue_send(Sending::of_transmission(ticket, transmission, acknowledged));
        let work = self.serve_sends(Readiness::NONE);
        if work.later {
            // Nothing more is told of it.
            return self.leave_to_a_look(block);
        }
        if work.interest == Interest::NONE && !self.status.get().has(Bit::Backlogged) {
            return Ok(Transfer::Pending);
        }
        self.leave_to_worker(Bit::WatchedWrite, Interest::WRITE, block)
    }

    /// # Errors
    /// `WOULDBLOCK` when the network does not take everything, or something waits before it.
    fn transmit_at_once(
        &self,
        output: &mut Output,
        transmission: &mut Transmission,
    ) -> Result<(), Errno> {
        self.flush(output)?;
        while self.transmit_some(transmission)? == Progress::Some {}
        Ok(())
    }

    /// Everything was sent, and the socket is to be used again: the request waits for the peer's end.
    pub(super) fn go_on_to_reuse(&self, ticket: Ticket, bytes: usize) {
        let mut receives = self.receives.lock();
        let inbound = receives.get_or_insert_default();
        // A close empties the queue after it has said so.
        if self.status.get().refuse_closed().is_err() || inbound.reuse.is_some() {
            drop(receives);
            let outcome = Outcome::failed(NtStatus::CANCELLED);
            drop(ticket.finish(self.state(), outcome));
            return;
        }
        inbound.reuse = Some(Reusing { ticket, bytes });
        self.status.set(Bit::Requested);
        self.status.set(Bit::Reusing);
        drop(receives);
        if self.stack.worker.attend(self).is_ok() {
            return;
        }
        let waiting = match self.receives.lock().as_mut() {
            Some(inbound) => inbound.reuse.take(),
            None => None,
        };
        self.status.clear(Bit::Reusing);
        if let Some(Reusing { ticket, .. }) = waiting {
            let outcome = Outcome::failed(NtStatus::INSUFFICIENT_RESOURCES);
            drop(ticket.finish(self.state(), outcome));
        }
    }
}
