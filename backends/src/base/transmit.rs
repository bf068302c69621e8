//! WSPSend and WSPSendTo.
//!
//! One try on the caller's thread under the output lock. On a stream a non-blocking send is all or
//! nothing: what the network does not take is kept (`backlog`) and sent by the worker. A blocking
//! send waits until the network has everything; while it has sent a part, other sends wait their
//! turn, so that no data come in between. Datagrams bind implicitly, go whole or not at all, and
//! never fail because of what an earlier one met.

use std::io::IoSlice;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_abi::MSG_DONTROUTE;
use ws2spi_abi::MSG_INTERRUPT;
use ws2spi_abi::MSG_OOB;
use ws2spi_abi::args::AddressIn;
use ws2spi_abi::args::Buffers;
use ws2spi_abi::provider::Transfer;
use ws2spi_abi::provider::Transmit;

use super::bind::is_unspecified;
use super::names;
use super::names::Given;
use super::receive;
use super::requests::sending::Destination;
use super::socket::Output;
use super::socket::Socket;
use super::status::Bit;
use super::wait::Block;
use crate::net::Control;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::Interest;
use crate::net::Kind;
use crate::net::SendFlags;

/// Flags that a send understands; Windows refuses MSG_PARTIAL on TCP.
const KNOWN: u32 = MSG_OOB | MSG_DONTROUTE | MSG_INTERRUPT;

/// Buffers that are sent from without asking for memory.
const FEW: usize = 16;

impl Socket {
    /// WSPSend.
    ///
    /// # Errors
    /// `FAULT` for parameters, `OPNOTSUPP` for flags; state: see `State::may_send`; then
    /// `WOULDBLOCK` or `TIMEDOUT`, `MSGSIZE` for a datagram that is too long.
    pub(super) fn send(&self, call: &Transmit<'_>) -> Result<Transfer, Errno> {
        self.settle();
        let overlapped = self.check_send(call)?;
        let total = call.buffers.check()?;
        self.check_send_flags(call.flags)?;
        self.status.get().may_send()?;
        if overlapped {
            let how = self.send_flags(call.flags);
            return self.post_send(&call.overlapped, &call.buffers, total, how, None);
        }
        let waits = !self.is_non_blocking() || call.overlapped.is_overlapped();
        if self.is_stream() {
            return self.send_stream(call, total, waits);
        }
        with_slices(&call.buffers, |slices| {
            self.send_datagram(slices, total, call.flags, None, &Control::NONE, waits)
        })
    }

    /// WSPSendTo. A stream ignores the address (P174).
    ///
    /// # Errors
    /// As [`send`](Self::send); `AFNOSUPPORT` for a foreign family, `ADDRNOTAVAIL` for "any",
    /// `ACCES` for a broadcast without SO_BROADCAST. The socket is bound even when the call then
    /// fails (P179).
    pub(super) fn send_to(&self, call: Transmit<'_>, to: AddressIn<'_>) -> Result<Transfer, Errno> {
        if self.is_stream() || to.is_null() {
            return self.send(&call);
        }
        let Given::Name(to) = names::read(to, self.make.family)? else {
            return Err(Errno::AFNOSUPPORT);
        };
        self.bind_implicitly()?;
        let overlapped = self.check_send(&call)?;
        let total = call.buffers.check()?;
        self.check_send_flags(call.flags)?;
        self.check_destination(&to)?;
        if overlapped {
            let to = Destination {
                to: Some(to),
                control: Control::NONE,
            };
            let how = self.send_flags(call.flags);
            return self.post_send(&call.overlapped, &call.buffers, total, how, Some(to));
        }
        let waits = !self.is_non_blocking() || call.overlapped.is_overlapped();
        with_slices(&call.buffers, |slices| {
            self.send_datagram(slices, total, call.flags, Some(&to), &Control::NONE, waits)
        })
    }

    /// The parameters; whether the call is overlapped.
    fn check_send(&self, call: &Transmit<'_>) -> Result<bool, Errno> {
        let overlapped = call.overlapped.is_overlapped();
        if call.count.is_null() && !overlapped {
            return Err(Errno::FAULT);
        }
        Ok(overlapped && self.is_overlapped())
    }

    fn check_send_flags(&self, flags: u32) -> Result<(), Errno> {
        if flags & !KNOWN != 0 || (flags & MSG_OOB != 0 && !self.is_stream()) {
            return Err(Errno::OPNOTSUPP);
        }
        Ok(())
    }

    /// How the network makes a send with these flags.
    pub(super) fn send_flags(&self, flags: u32) -> SendFlags {
        let (flag, meant) = if self.is_stream() {
            (MSG_OOB, SendFlags::OUT_OF_BAND)
        } else {
            (MSG_DONTROUTE, SendFlags::DONT_ROUTE)
        };
        if flags & flag != 0 {
            meant
        } else {
            SendFlags::NONE
        }
    }

    /// Whether a datagram may go to `to`.
    ///
    /// # Errors
    /// `SHUTDOWN` after SD_SEND, `ADDRNOTAVAIL` for "any", `ACCES` for a broadcast.
    pub(super) fn check_destination(&self, to: &Endpoint) -> Result<(), Errno> {
        let state = self.status.get();
        state.refuse_closed()?;
        if state.has(Bit::SendShut) {
            return Err(Errno::SHUTDOWN);
        }
        if is_unspecified(to) {
            return Err(Errno::ADDRNOTAVAIL);
        }
        if !state.has(Bit::Broadcast) && self.stack.is_broadcast(to) {
            return Err(Errno::ACCES);
        }
        Ok(())
    }

    /// How long a blocking send waits.
    pub(super) fn send_patience(&self) -> Option<Duration> {
        match self.send_timeout.load(Ordering::Relaxed) {
            0 => None,
            milliseconds => Some(Duration::from_millis(u64::from(milliseconds))),
        }
    }

    fn send_stream(
        &self,
        call: &Transmit<'_>,
        total: usize,
        waits: bool,
    ) -> Result<Transfer, Errno> {
        if total == 0 {
            return Ok(done(0));
        }
        let urgent = call.flags & MSG_OOB != 0;
        with_slices(&call.buffers, |slices| {
            self.send_all(slices, total, urgent, waits)
        })?;
        Ok(done(total))
    }

    /// Sends everything, or nothing when it may not wait.
    ///
    /// # Errors
    /// `WOULDBLOCK`, `TIMEDOUT`, `CONNRESET`.
    pub(super) fn send_all(
        &self,
        slices: &mut [IoSlice<'_>],
        total: usize,
        urgent: bool,
        waits: bool,
    ) -> Result<(), Errno> {
        let how = if urgent {
            SendFlags::OUT_OF_BAND
        } else {
            SendFlags::NONE
        };
        let mut sent = 0;
        let (free, empty);
        {
            let mut output = self.output.lock();
            match self.flush(&mut output) {
                Ok(()) => match self.net.send(slices, how, None, &Control::NONE) {
                    Ok(bytes) if bytes == total => return Ok(()),
                    Ok(bytes) => sent = bytes,
                    Err(Errno::WOULDBLOCK) => {}
                    Err(error) => return Err(self.latch_send(error)),
                },
                Err(Errno::WOULDBLOCK) => {}
                Err(error) => return Err(error),
            }
            if !waits {
                if sent == 0 {
                    return Err(Errno::WOULDBLOCK);
                }
                if self.keep_rest(&mut output, slices, &mut sent, how)? {
                    return Ok(());
                }
                // DIFFERS: without memory or a worker for the rest it is the caller's to send, although
                // its socket does not block: the peer has a part of the data, which cannot be taken
                // back.
            }
            free = !output.turn_taken && !output.has_sends();
            output.turn_taken |= free;
            empty = output.backlog.is_empty();
        }
        let turn = if free { Turn(self) } else { self.take_turn()? };
        let mut rest = slices;
        IoSlice::advance_slices(&mut rest, sent);
        if free && empty && self.may_send_soon() {
            match self.send_rest_soon(&mut rest, how, &mut sent, total) {
                Err(Errno::WOULDBLOCK) => {}
                answer => return answer,
            }
        }
        let block = Block::new(Interest::WRITE).within(self.send_patience());
        let waited = self.wait(block, |_| {
            let mut output = self.output.lock();
            self.drain(&mut output)?;
            while sent < total {
                let bytes = match self.net.send(rest, how, None, &Control::NONE) {
                    Ok(bytes) => bytes,
                    Err(Errno::WOULDBLOCK) => return Err(Errno::WOULDBLOCK),
                    Err(error) => return Err(self.latch_send(error)),
                };
                sent += bytes;
                IoSlice::advance_slices(&mut rest, bytes);
            }
            Ok(())
        });
        drop(turn);
        waited
    }

    /// Sends the rest of a blocking send as long as the network makes room for it within a moment.
    ///
    /// # Errors
    /// `WOULDBLOCK` when it does not, `CONNRESET`.
    fn send_rest_soon(
        &self,
        rest: &mut &mut [IoSlice<'_>],
        how: SendFlags,
        sent: &mut usize,
        total: usize,
    ) -> Result<(), Errno> {
        while *sent < total {
            self.status.get().refuse_closed()?;
            let bytes = match self.net.send_soon(rest, how) {
                Ok(bytes) => bytes,
                Err(Errno::WOULDBLOCK) => return Err(Errno::WOULDBLOCK),
                Err(error) => return Err(self.latch_send(error)),
            };
            *sent += bytes;
            IoSlice::advance_slices(rest, bytes);
        }
        Ok(())
    }

    /// Whether the time limit of sends is coarse enough for the moment that a network waits.
    fn may_send_soon(&self) -> bool {
        let limit = self.send_timeout.load(Ordering::Relaxed);
        limit == 0 || limit >= receive::COARSE
    }

    /// Sends until the network takes no more, and keeps a copy of the rest for the worker. `sent` is what
    /// the network has then; whether nothing is left to do for the caller.
    ///
    /// # Errors
    /// What ended the connection.
    fn keep_rest(
        &self,
        output: &mut Output,
        slices: &[IoSlice<'_>],
        sent: &mut usize,
        how: SendFlags,
    ) -> Result<bool, Errno> {
        let mut rest = slices.to_vec();
        let mut rest = &mut rest[..];
        IoSlice::advance_slices(&mut rest, *sent);
        while !rest.is_empty() {
            match self.net.send(rest, how, None, &Control::NONE) {
                Ok(bytes) => {
                    *sent += bytes;
                    IoSlice::advance_slices(&mut rest, bytes);
                }
                Err(Errno::WOULDBLOCK) => break,
                Err(error) => return Err(self.latch_send(error)),
            }
        }
        if rest.is_empty() {
            return Ok(true);
        }
        let urgent = how.contains(SendFlags::OUT_OF_BAND);
        if !output.backlog.fill(rest, urgent) {
            return Ok(false);
        }
        self.status.set(Bit::Backlogged);
        if self.stack.worker.attend(self).is_err() {
            output.backlog.clear();
            self.status.clear(Bit::Backlogged);
            return Ok(false);
        }
        Ok(true)
    }

    /// Sends what waits here, so that a new send does not overtake it.
    ///
    /// # Errors
    /// `WOULDBLOCK` while something waits, or another send has its turn.
    pub(super) fn flush(&self, output: &mut Output) -> Result<(), Errno> {
        if output.turn_taken || output.has_sends() {
            return Err(Errno::WOULDBLOCK);
        }
        if output.backlog.is_empty() {
            return Ok(());
        }
        self.drain(output)
    }

    /// Hands the backlog to the network.
    ///
    /// # Errors
    /// `WOULDBLOCK` while something is left; what ended the connection, and then nothing is left.
    pub(super) fn drain(&self, output: &mut Output) -> Result<(), Errno> {
        let drained = output.backlog.drain(|bytes, urgent| {
            let how = if urgent {
                SendFlags::OUT_OF_BAND
            } else {
                SendFlags::NONE
            };
            self.net
                .send(&[IoSlice::new(bytes)], how, None, &Control::NONE)
        });
        match drained {
            Ok(()) => {
                if output.is_empty() {
                    self.status.clear(Bit::Backlogged);
                }
                Ok(())
            }
            Err(Errno::WOULDBLOCK) => Err(Errno::WOULDBLOCK),
            Err(error) => {
                output.backlog.clear();
                if output.is_empty() {
                    self.status.clear(Bit::Backlogged);
                }
                Err(self.latch_send(error))
            }
        }
    }

    /// Remembers what ended the connection: for a send it is a reset in any case.
    pub(super) fn latch_send(&self, error: Errno) -> Errno {
        match error {
            Errno::CONNRESET => self.latch(error),
            Errno::SHUTDOWN => {
                self.status.set(Bit::Aborted);
                Errno::CONNRESET
            }
            other => other,
        }
    }

    /// Waits for other sends, and keeps them waiting until the turn is dropped.
    ///
    /// # Errors
    /// `TIMEDOUT`; the code of a socket that was closed meanwhile.
    pub(super) fn take_turn(&self) -> Result<Turn<'_>, Errno> {
        let block = Block::new(Interest::NONE).within(self.send_patience());
        self.wait(block, |_| {
            let mut output = self.output.lock();
            if output.turn_taken || output.has_sends() {
                return Err(Errno::WOULDBLOCK);
            }
            output.turn_taken = true;
            Ok(Turn(self))
        })
    }

    /// Sends one datagram.
    ///
    /// # Errors
    /// `MSGSIZE`, `WOULDBLOCK`, `TIMEDOUT`, what the network answers.
    pub(super) fn send_datagram(
        &self,
        slices: &[IoSlice<'_>],
        total: usize,
        flags: u32,
        to: Option<&Endpoint>,
        control: &Control,
        waits: bool,
    ) -> Result<Transfer, Errno> {
        if total > self.largest_datagram() {
            return Err(Errno::MSGSIZE);
        }
        let how = self.send_flags(flags);
        let attempt = || self.net.send(slices, how, to, control);
        let sent = match attempt() {
            Err(Errno::WOULDBLOCK) if waits => {
                let block = Block::new(Interest::WRITE)
                    .within(self.send_patience())
                    .tried();
                self.wait(block, |_| attempt())?
            }
            answer => answer?,
        };
        Ok(done(sent))
    }

    /// SO_MAX_MSG_SIZE: what fits into one datagram (P184, P318).
    pub(super) fn largest_datagram(&self) -> usize {
        match (self.make.family, self.make.kind) {
            (Family::Inet, Kind::Datagram) => 65507,
            _ => 65527,
        }
    }
}

/// The right to send; dropping it lets the next one.
pub(super) struct Turn<'s>(&'s Socket);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut output = self.0.output.lock();
        output.turn_taken = false;
        self.0.finish_output(&mut output);
        let sends = output.has_sends();
        drop(output);
        self.0.waiters.wake();
        if sends {
            self.0.stack.worker.look_again(self.0);
        }
    }
}

fn done(bytes: usize) -> Transfer {
    Transfer::Done {
        bytes: bytes as u32,
        flags: 0,
    }
}

/// Calls `f` with the buffers of a call as slices; a few of them cost no memory.
pub(super) fn with_slices<R>(buffers: &Buffers<'_>, f: impl FnOnce(&mut [IoSlice<'_>]) -> R) -> R {
    gather(buffers.count() as usize, buffers.slices(), f)
}

/// Calls `f` with slices in a row, at most `count`; a few of them cost no memory.
pub(super) fn gather<'b, R>(
    count: usize,
    mut given: impl Iterator<Item = IoSlice<'b>>,
    f: impl FnOnce(&mut [IoSlice<'b>]) -> R,
) -> R {
    if count == 1 {
        return f(&mut [given.next().unwrap_or_else(|| IoSlice::new(&[]))]);
    }
    if count <= FEW {
        let mut few: [IoSlice<'_>; FEW] =
            std::array::from_fn(|_| given.next().unwrap_or_else(|| IoSlice::new(&[])));
        return f(&mut few[..count]);
    }
    f(&mut given.collect::<Vec<_>>())
}
