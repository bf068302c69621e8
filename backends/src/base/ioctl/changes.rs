//! SIO_ADDRESS_LIST_CHANGE and SIO_ROUTING_INTERFACE_CHANGE: being told when the host changes.
//!
//! ```text
//! with an OVERLAPPED   pending until the change, and cancelled as requests are (P335)
//! blocking             waits for it
//! non-blocking         WOULDBLOCK; the network event tells (P279)
//! ```
//!
//! Each arms the network event of its kind on this socket. [`HostWatch`](super::super::host_watch) tells
//! [`Socket::host_changed`].

use ws2spi_abi::provider::Ioctl;
use ws2spi_abi::provider::Transfer;
use ws2spi_abi::*;
use ws2spi_kernel::file::File;

use super::super::host_watch::Change;
use super::super::network_events::EventMask;
use super::super::requests::ticket::Outcome;
use super::super::requests::ticket::Ticket;
use super::super::socket::Socket;
use super::super::status::Bit;
use super::super::wait::Block;
use crate::net::Interest;

impl Change {
    /// The network event that tells of it.
    fn event(self) -> EventMask {
        match self {
            Self::Addresses => EventMask::ADDRESS_CHANGE,
            Self::Route(_) => EventMask::ROUTING_CHANGE,
        }
    }
}

impl Socket {
    /// What the ioctl asks to be told of.
    ///
    /// # Errors
    /// Those of SIO_ROUTING_INTERFACE_QUERY for its input.
    fn change_of(&self, call: &Ioctl<'_>) -> Result<Change, Errno> {
        if call.code == SIO_ADDRESS_LIST_CHANGE {
            return Ok(Change::Addresses);
        }
        self.route_to(call).map(Change::Route)
    }

    /// The ioctl without an OVERLAPPED.
    ///
    /// # Errors
    /// As [`change_of`](Self::change_of); `WOULDBLOCK` when non-blocking; those of the watch; `INTR`.
    pub(super) fn await_change(&self, call: &Ioctl<'_>) -> Result<usize, Errno> {
        let change = self.change_of(call)?;
        let before = self.expect_change(change)?;
        if self.is_non_blocking() {
            return Err(Errno::WOULDBLOCK);
        }
        self.wait(Block::new(Interest::NONE), |_| {
            if self.changes_seen() == before {
                Err(Errno::WOULDBLOCK)
            } else {
                Ok(0)
            }
        })
    }

    /// The ioctl with an OVERLAPPED.
    ///
    /// # Errors
    /// As [`change_of`](Self::change_of) and [`Ticket::begin`]; those of the watch.
    pub(super) fn post_change(&self, call: &Ioctl<'_>) -> Result<Transfer, Errno> {
        let change = self.change_of(call)?;
        let asked = call.overlapped.request().ok_or(Errno::FAULT)?;
        let mut ticket = Ticket::begin(self.state(), &asked)?;
        self.follow_thread(&mut ticket);
        let block = ticket.block();
        self.status.set(Bit::Requested);
        self.add_change_request(change, ticket);
        // A close may have ended what waits before this was there.
        let open = self.status.get().refuse_closed();
        match open.and_then(|()| self.expect_change(change)) {
            // Somebody may have ended it meanwhile.
            Err(error)
                if !self
                    .take_change_requests(|_, own| own.block() == block)
                    .is_empty() =>
            {
                Err(error)
            }
            _ => Ok(Transfer::Pending),
        }
    }

    /// Arms the event and begins to watch; how many changes the socket has seen by now.
    fn expect_change(&self, change: Change) -> Result<u32, Errno> {
        let seen = self.arm_change(change.event());
        self.stack.host_watch.expect(self, change)?;
        Ok(seen)
    }

    /// What the socket wished to be told of has come.
    pub(in super::super) fn host_changed(&self, change: Change) {
        for ticket in self.take_change_requests(|own, _| own == change) {
            drop(ticket.finish(self.state(), Outcome::done(0)));
        }
        self.tell_change(change.event());
        self.waiters.wake();
    }
}
