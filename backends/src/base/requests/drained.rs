//! Receives that need not be tried, because nothing can be there.
//!
//! A receive of a stream that left room in its buffers took all that had come, and where the network tells every edge, what comes
//! later is told. Until then another try finds nothing: it would be a third of the system calls of a server that answers each message
//! from a completion port. So [`Bit::Drained`] says that the last receive left room and that nothing has been told since; the next
//! request goes into the queue untried.
//!
//! ```text
//! a receive left room --> Drained      under the lock of the receives, in which it was tried
//! the worker is told  --> not drained  under the same lock, so behind a try that was earlier than what is told
//! others find data    --> not drained
//! ```
//!
//! An urgent byte ends a receive before its buffers are full, and so does the end of the stream: once the network has told of one, or
//! of an error, room says nothing any more ([`Bit::Unsteady`]). Only where the end of a request is a packet at a port: elsewhere
//! a program may expect that a receive of what is there ends within the call.

use ws2spi_kernel::file::File;

use super::super::socket::Socket;
use super::super::status::Bit;
use super::ticket::Ticket;
use crate::net::Family;
use crate::net::Readiness;

impl Socket {
    /// A receive took `bytes` where there was `room`. The caller holds the receives' lock, since before the receive.
    pub(super) fn note_room(&self, bytes: usize, room: usize) {
        let state = self.status.get();
        let says = state.has(Bit::WatchedRead) && !state.has(Bit::Unsteady);
        if 0 < bytes && bytes < room && says && self.make.family != Family::Unix {
            self.status.set(Bit::Drained);
        }
    }

    /// The network has told something. The caller holds the receives' lock.
    pub(super) fn note_told(&self, ready: Readiness) {
        if UNSTEADY.iter().any(|reason| ready.contains(*reason)) {
            self.status.set(Bit::Unsteady);
        }
        self.note_data();
    }

    /// There are data, or may be.
    pub(in super::super) fn note_data(&self) {
        if self.status.get().has(Bit::Drained) {
            self.status.clear(Bit::Drained);
        }
    }

    /// Whether a request need not be tried.
    pub(super) fn is_drained(&self, ticket: &Ticket) -> bool {
        let state = self.status.get();
        let drained = state.has(Bit::Drained) && state.has(Bit::WatchedRead);
        let plain = !state.has(Bit::UrgentInline) && !state.has(Bit::UrgentQueued);
        drained && plain && ticket.posts(self.state())
    }
}

/// Other reasons for room than that everything was taken.
const UNSTEADY: [Readiness; 4] = [
    Readiness::PRIORITY,
    Readiness::READ_CLOSED,
    Readiness::HANG_UP,
    Readiness::ERROR,
];
