//! The short way of the transfers that programs make most: one buffer, no flags, nothing overlapped,
//! on a connected stream of which nothing special is to be known.
//!
//! Such a call meets none of the cases that `receive` and `transmit` look after. It costs a system
//! call and little else: between two system calls little of a program stays in the processor's
//! caches, so that what counts is how much code a call runs through. Called by `provider`, which goes
//! the long way when there is no short one.

use ws2spi_abi::Errno;
use ws2spi_abi::provider::Receive;
use ws2spi_abi::provider::Transfer;
use ws2spi_abi::provider::Transmit;

use super::socket::Socket;
use super::status::Bit;
use crate::net::RecvFlags;

impl Socket {
    /// Receives on the short way. `None`: there is none, and nothing was received; the long way is to
    /// be gone.
    #[inline]
    pub(super) fn recv_plain(&self, call: &Receive<'_>) -> Option<Result<Transfer, Errno>> {
        let room = call.buffers.only()?;
        let plain =
            call.flags.get() == Ok(0) && !call.count.is_null() && !call.overlapped.is_overlapped();
        let state = self.status.get();
        if !plain || !state.is_only(Bit::Connected, RECEIVING) {
            return None;
        }
        let waits = !state.has(Bit::NonBlocking);
        match self
            .net
            .recv_stream(&mut [room], RecvFlags::NONE, self.pace(waits))
        {
            Ok(0) => Some(self.end_of_stream().map(done)),
            Ok(bytes) => {
                if state.has(Bit::Drained) {
                    self.note_data();
                }
                Some(Ok(done(bytes)))
            }
            Err(Errno::WOULDBLOCK) if waits => None,
            Err(Errno::WOULDBLOCK) => Some(Err(Errno::WOULDBLOCK)),
            Err(error) => Some(Err(self.receive_failed(error))),
        }
    }

    /// Sends on the short way. `None`: there is none, and nothing was sent; the long way is to be
    /// gone.
    #[inline]
    pub(super) fn send_plain(&self, call: &Transmit<'_>) -> Option<Result<Transfer, Errno>> {
        let data = call.buffers.only()?;
        let plain = call.flags == 0 && !call.count.is_null() && !call.overlapped.is_overlapped();
        let state = self.status.get();
        if !plain || !state.is_only(Bit::Connected, SENDING) {
            return None;
        }
        let total = data.len();
        let waits = !state.has(Bit::NonBlocking);
        let sent = self.send_all(&mut [data], total, false, waits);
        Some(sent.map(|()| done(total)))
    }
}

fn done(bytes: usize) -> Transfer {
    Transfer::Done {
        bytes: bytes as u32,
        flags: 0,
    }
}

/// What may hold of a stream beside that it is connected, and makes no difference to a receive.
/// Whatever is not named here is the long way's.
const RECEIVING: &[Bit] = &[
    Bit::NonBlocking,
    Bit::Bound,
    Bit::EndSeen,
    Bit::Backlogged,
    Bit::ConnectNews,
    Bit::Called,
    Bit::WatchedRead,
    Bit::WatchedWrite,
    Bit::Drained,
    Bit::Unsteady,
];

/// The same for a send.
const SENDING: &[Bit] = &[
    Bit::NonBlocking,
    Bit::Bound,
    Bit::EndSeen,
    Bit::UrgentInline,
    Bit::Backlogged,
    Bit::ConnectNews,
    Bit::Called,
    Bit::WatchedRead,
    Bit::WatchedWrite,
    Bit::Drained,
    Bit::Unsteady,
];
