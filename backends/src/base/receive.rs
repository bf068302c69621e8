//! WSPRecv and WSPRecvFrom.
//!
//! One try on the caller's thread under the input lock; if it would block, the call waits
//! (`wait`). The order of checks: parameters, flags, state. Streams stop at an urgent byte, which
//! is moved to its own queue (`urgent`); datagrams are sieved after a connect and may fail with the
//! ICMP report of an earlier send.

use std::io::IoSliceMut;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_abi::MSG_INTERRUPT;
use ws2spi_abi::MSG_OOB;
use ws2spi_abi::MSG_PARTIAL;
use ws2spi_abi::MSG_PEEK;
use ws2spi_abi::MSG_PUSH_IMMEDIATE;
use ws2spi_abi::MSG_WAITALL;
use ws2spi_abi::args::AddressOut;
use ws2spi_abi::args::BuffersMut;
use ws2spi_abi::provider::Receive;
use ws2spi_abi::provider::Transfer;
use ws2spi_kernel::thread;

use super::names;
use super::requests::receiving::Beside;
use super::socket::Input;
use super::socket::Socket;
use super::status::Bit;
use super::wait::Block;
use crate::net::Interest;
use crate::net::Pace;
use crate::net::Readiness;
use crate::net::Received;
use crate::net::RecvFlags;

/// Flags that a receive understands; push and interrupt are hints.
const KNOWN: u32 =
    MSG_OOB | MSG_PEEK | MSG_WAITALL | MSG_PARTIAL | MSG_PUSH_IMMEDIATE | MSG_INTERRUPT;

/// Time limits of so many milliseconds and more may be late by the moment that a network waits.
pub(super) const COARSE: u32 = 100;

/// Buffers that are received into without asking for memory.
const FEW: usize = 16;

impl Socket {
    /// WSPRecv, and WSPRecvFrom with a place for the sender's address.
    ///
    /// # Errors
    /// Parameters: `INVAL` without buffers, `FAULT`, `OPNOTSUPP` and `INVAL` for flags. State: see
    /// `State::may_receive`. Then `WOULDBLOCK` or `TIMEDOUT`, `CONNRESET`, `CONNABORTED`, `NETRESET`.
    pub(super) fn recv(
        &self,
        call: Receive<'_>,
        from: Option<AddressOut<'_>>,
    ) -> Result<Transfer, Errno> {
        if call.buffers.count() == 0 {
            return Err(Errno::INVAL);
        }
        let overlapped = call.overlapped.is_overlapped();
        if call.count.is_null() && !overlapped {
            return Err(Errno::FAULT);
        }
        let flags = call.flags.get()?;
        let total = call.buffers.check()?;
        self.settle();
        let state = self.status.get();
        let waits = !state.has(Bit::NonBlocking) || overlapped;
        if flags != 0 {
            self.check_receive_flags(flags, waits)?;
        }
        state.may_receive()?;
        let from = from.filter(|from| from.is_wanted() && !self.is_stream());
        if from.is_some_and(|from| !from.fits(names::size(self.make.family))) {
            return Err(Errno::FAULT);
        }
        if overlapped && self.is_overlapped() {
            let beside = from.map_or(Beside::Nothing, Beside::Sender);
            return self.post_receive(&call.overlapped, &call.buffers, beside, total, flags);
        }
        // Urgent data are not behind the others.
        if state.has(Bit::ReceivesQueued) && flags & MSG_OOB == 0 {
            self.await_receives(waits)?;
        }
        with_slices(&call.buffers, |slices| {
            if self.is_stream() {
                self.receive_stream(slices, total, flags, waits)
            } else {
                self.receive_datagram(slices, flags, waits, from)
            }
        })
    }

    /// A plain receive does not overtake overlapped ones that wait.
    ///
    /// # Errors
    /// `WOULDBLOCK` when it may not wait behind them, `TIMEDOUT`.
    #[cold]
    pub(super) fn await_receives(&self, waits: bool) -> Result<(), Errno> {
        if !waits {
            return Err(Errno::WOULDBLOCK);
        }
        let block = Block::new(Interest::NONE)
            .within(self.receive_patience())
            .alertable();
        self.wait(block, |_| {
            if self.status.get().has(Bit::ReceivesQueued) {
                Err(Errno::WOULDBLOCK)
            } else {
                Ok(())
            }
        })
    }

    fn check_receive_flags(&self, flags: u32, waits: bool) -> Result<(), Errno> {
        if flags & !KNOWN != 0 {
            return Err(Errno::OPNOTSUPP);
        }
        if flags & MSG_OOB != 0 {
            if !self.is_stream() {
                return Err(Errno::OPNOTSUPP);
            }
            if self.status.get().has(Bit::UrgentInline) {
                return Err(Errno::INVAL);
            }
        }
        let alone = flags & (MSG_OOB | MSG_PEEK | MSG_PARTIAL) == 0;
        if flags & MSG_WAITALL != 0 && !(self.is_stream() && waits && alone) {
            return Err(Errno::OPNOTSUPP);
        }
        Ok(())
    }

    /// How long a blocking receive waits.
    pub(super) fn receive_patience(&self) -> Option<Duration> {
        match self.receive_timeout.load(Ordering::Relaxed) {
            0 => None,
            milliseconds => Some(Duration::from_millis(u64::from(milliseconds))),
        }
    }

    #[inline]
    fn receive_stream(
        &self,
        slices: &mut [IoSliceMut<'_>],
        total: usize,
        flags: u32,
        waits: bool,
    ) -> Result<Transfer, Errno> {
        if flags & MSG_OOB != 0 {
            if self.status.get().has(Bit::UrgentQueued) {
                // It is an overlapped receive's.
                return Err(Errno::WOULDBLOCK);
            }
            let bytes = self.receive_urgent(slices, flags & MSG_PEEK != 0)?;
            return Ok(Transfer::Done {
                bytes: bytes as u32,
                flags: if bytes == 0 { 0 } else { MSG_OOB },
            });
        }
        let how = if flags & MSG_PEEK != 0 {
            RecvFlags::PEEK
        } else {
            RecvFlags::NONE
        };
        let whole = flags & MSG_WAITALL != 0;
        let pace = self.pace(waits);
        let (mut bytes, mut rest) = (0, slices);
        loop {
            match self.try_stream(rest, total - bytes, how, pace) {
                Ok(got) => {
                    bytes += got;
                    if got == 0 || !whole || bytes == total {
                        return Ok(done(bytes));
                    }
                    IoSliceMut::advance_slices(&mut rest, got);
                }
                Err(Errno::WOULDBLOCK) if waits => break,
                // P137: the end, a reset or the time limit leave what has come.
                Err(_) if bytes > 0 => return Ok(done(bytes)),
                Err(error) => return Err(error),
            }
        }
        let interest = if self.status.get().has(Bit::UrgentInline) {
            Interest::READ
        } else {
            Interest::READ | Interest::PRIORITY
        };
        let block = Block::new(interest)
            .within(self.receive_patience())
            .alertable()
            .tried();
        let waited = self.wait(block, |ready| {
            if ready.contains(Readiness::PRIORITY) {
                self.collect_urgent(&mut self.input.lock());
            }
            let got = self.try_stream(rest, total - bytes, how, Pace::AtOnce)?;
            bytes += got;
            IoSliceMut::advance_slices(&mut rest, got);
            if whole && got > 0 && bytes < total {
                Err(Errno::WOULDBLOCK)
            } else {
                Ok(())
            }
        });
        match waited {
            Err(_) if whole && bytes > 0 => Ok(done(bytes)),
            answer => answer.map(|()| done(bytes)),
        }
    }

    /// One try; what the network says of the connection is latched.
    #[inline]
    fn try_stream(
        &self,
        slices: &mut [IoSliceMut<'_>],
        total: usize,
        how: RecvFlags,
        pace: Pace,
    ) -> Result<usize, Errno> {
        let inline = self.status.get().has(Bit::UrgentInline);
        if inline && total > 0 {
            let mut input = self.input.lock();
            if !input.urgent.is_empty() {
                return Ok(serve_inline(&mut input, slices, how));
            }
        }
        let received = if total == 0 {
            // Consumes nothing, and waits for something to be there (P131, P132).
            self.net
                .recv_stream(&mut [IoSliceMut::new(&mut [0])], RecvFlags::PEEK, pace)
        } else {
            self.net.recv_stream(slices, how, pace)
        };
        match received {
            Ok(0) => self.end_of_stream(),
            Ok(_) if total == 0 => Ok(0),
            Ok(bytes) => {
                self.note_data();
                if inline && how == RecvFlags::NONE {
                    self.input.lock().urgent.stream_was_read();
                }
                Ok(bytes)
            }
            Err(Errno::WOULDBLOCK) => Err(Errno::WOULDBLOCK),
            Err(error) => Err(self.receive_failed(error)),
        }
    }

    /// What a receive answers that the network refused.
    #[cold]
    pub(super) fn receive_failed(&self, error: Errno) -> Errno {
        // What a close or a cleanup did to the connection is not the peer's doing.
        match self.status.get().refuse_closed() {
            Ok(()) => self.latch(error),
            Err(gone) => gone,
        }
    }

    /// One try on behalf of an overlapped receive, which may come after the connection has gone.
    ///
    /// # Errors
    /// As a receive; `WOULDBLOCK`.
    pub(super) fn try_stream_now(
        &self,
        slices: &mut [IoSliceMut<'_>],
        total: usize,
        how: RecvFlags,
    ) -> Result<usize, Errno> {
        self.status.get().refuse_broken()?;
        self.try_stream(slices, total, how, Pace::AtOnce)
    }

    /// One try on behalf of an overlapped receive.
    ///
    /// # Errors
    /// As a receive; `WOULDBLOCK`.
    pub(super) fn try_datagram_now(
        &self,
        slices: &mut [IoSliceMut<'_>],
        how: RecvFlags,
    ) -> Result<Received, Errno> {
        self.try_datagram(slices, how, Pace::AtOnce)
    }

    /// How a receive that may wait is tried: in the network itself for a moment, unless its time
    /// limit is finer than that or an APC is to be expected, which would not end that wait.
    #[inline]
    pub(super) fn pace(&self, waits: bool) -> Pace {
        let limit = self.receive_timeout.load(Ordering::Relaxed);
        if waits && (limit == 0 || limit >= COARSE) && !thread::expects_apcs() {
            Pace::Soon
        } else {
            Pace::AtOnce
        }
    }

    #[inline]
    fn receive_at(
        &self,
        pace: Pace,
        slices: &mut [IoSliceMut<'_>],
        how: RecvFlags,
    ) -> Result<Received, Errno> {
        match pace {
            Pace::AtOnce => self.net.recv(slices, how),
            Pace::Soon => self.net.recv_soon(slices, how),
        }
    }

    #[cold]
    pub(super) fn end_of_stream(&self) -> Result<usize, Errno> {
        // A close interrupts receives that wait in the network by an end.
        self.status.get().refuse_closed()?;
        self.status.set(Bit::EndSeen);
        // P145: what was sent to a closed peer may have been answered by a reset, which systems
        // hide behind the end of the stream.
        match self.net.take_error() {
            Some(error) => Err(self.latch(error)),
            None => Ok(0),
        }
    }

    /// Remembers what ended the connection: Windows tells it every time (P144), a system once.
    pub(super) fn latch(&self, error: Errno) -> Errno {
        match error {
            Errno::CONNRESET if !self.status.get().has(Bit::EndSeen) => {
                self.status.set(Bit::Reset);
                error
            }
            // P145: a reset after the peer's end is an answer to what was sent to a closed peer.
            Errno::CONNRESET | Errno::SHUTDOWN | Errno::CONNABORTED => {
                self.status.set(Bit::Aborted);
                Errno::CONNABORTED
            }
            Errno::TIMEDOUT | Errno::NETRESET => {
                self.status.set(Bit::Aborted);
                error
            }
            other => other,
        }
    }

    /// MSG_OOB: one urgent byte, or none into no room; never waits (P155).
    pub(super) fn receive_urgent(
        &self,
        slices: &mut [IoSliceMut<'_>],
        peek: bool,
    ) -> Result<usize, Errno> {
        let mut input = self.input.lock();
        self.collect_urgent(&mut input);
        let Some(place) = slices.iter_mut().find_map(|slice| slice.first_mut()) else {
            return if input.urgent.is_empty() {
                Err(Errno::WOULDBLOCK)
            } else {
                Ok(0)
            };
        };
        *place = input.urgent.take(peek).ok_or(Errno::WOULDBLOCK)?;
        Ok(1)
    }

    /// Moves an urgent byte that the network has into the queue. Whoever sees the mark calls this.
    pub(super) fn collect_urgent(&self, input: &mut Input) {
        let state = self.status.get();
        if !state.has(Bit::UrgentInline) && state.has(Bit::Connected) {
            // A failure shows at the next receive.
            if let Ok(Some(byte)) = self.net.take_urgent() {
                input.urgent.push(byte);
                if state.has(Bit::UrgentQueued) {
                    // Whoever saw the mark, a receive waits for the byte.
                    self.stack.worker.look_again(self);
                }
            }
        }
    }

    fn receive_datagram(
        &self,
        slices: &mut [IoSliceMut<'_>],
        flags: u32,
        waits: bool,
        from: Option<AddressOut<'_>>,
    ) -> Result<Transfer, Errno> {
        let how = if flags & MSG_PEEK != 0 {
            RecvFlags::PEEK
        } else {
            RecvFlags::NONE
        };
        let received = self.receive_message(slices, how, waits)?;
        if let (Some(out), Some(from)) = (from, received.from) {
            out.write(&names::address(&from))?;
        }
        let bytes = received.bytes as u32;
        Ok(if received.truncated {
            Transfer::Truncated {
                bytes,
                flags: MSG_PARTIAL,
            }
        } else {
            Transfer::Done { bytes, flags: 0 }
        })
    }

    /// The next datagram, waited for if `waits`.
    ///
    /// # Errors
    /// `WOULDBLOCK`, `TIMEDOUT`, and `CONNRESET` or `NETRESET` for what an earlier send met.
    pub(super) fn receive_message(
        &self,
        slices: &mut [IoSliceMut<'_>],
        how: RecvFlags,
        waits: bool,
    ) -> Result<Received, Errno> {
        match self.try_datagram(slices, how, self.pace(waits)) {
            Err(Errno::WOULDBLOCK) if waits => {}
            answer => return answer,
        }
        let block = Block::new(Interest::READ)
            .within(self.receive_patience())
            .alertable()
            .tried();
        self.wait(block, |_| self.try_datagram(slices, how, Pace::AtOnce))
    }

    fn try_datagram(
        &self,
        slices: &mut [IoSliceMut<'_>],
        how: RecvFlags,
        pace: Pace,
    ) -> Result<Received, Errno> {
        if self.status.get().has(Bit::ReportHeld)
            && let Some(error) = self.take_report()
            && self.hears_of(error)
        {
            return Err(error);
        }
        loop {
            match self.receive_at(pace, slices, how) {
                // A close interrupts receives that wait in the network by an end.
                Ok(received) if received.from.is_none() => {
                    self.status.get().refuse_closed()?;
                    return Ok(received);
                }
                Ok(received) if self.is_for_us(&received) => return Ok(received),
                Ok(_) if how.contains(RecvFlags::PEEK) => {
                    // It stayed in the queue: take it out.
                    let _ = self.net.recv(&mut [], RecvFlags::NONE);
                }
                Ok(_) => {}
                Err(Errno::WOULDBLOCK) => {
                    // From here on the network itself keeps others' datagrams away.
                    if self.status.get().has(Bit::Sieving) {
                        self.status.clear(Bit::Sieving);
                    }
                    return Err(Errno::WOULDBLOCK);
                }
                Err(error) if self.hears_of(error) => return Err(error),
                Err(_) => {}
            }
        }
    }

    /// Whether a datagram is not somebody else's from before the connect.
    #[inline]
    fn is_for_us(&self, received: &Received) -> bool {
        if !self.status.get().has(Bit::Sieving) {
            return true;
        }
        let (Some(peer), Some(from)) = (self.input.lock().sieve.as_deref().copied(), received.from)
        else {
            return true;
        };
        let same = |from: SocketAddr| (from.ip(), from.port()) == (peer.ip(), peer.port());
        from.socket_addr().is_some_and(same)
    }

    /// Whether a datagram receive would not block, once what nobody is to see is thrown away. The
    /// network tells a report once: it is held for the receive.
    pub(super) fn would_receive(&self) -> bool {
        match self.try_datagram(&mut [], RecvFlags::PEEK, Pace::AtOnce) {
            Err(Errno::WOULDBLOCK) => false,
            Err(error) => {
                let mut input = self.input.lock();
                input.report = Some(error);
                self.status.set(Bit::ReportHeld);
                true
            }
            Ok(_) => true,
        }
    }

    #[cold]
    fn take_report(&self) -> Option<Errno> {
        let mut input = self.input.lock();
        self.status.clear(Bit::ReportHeld);
        input.report.take()
    }

    /// Whether a receive fails because of `error`: reports may be switched off.
    fn hears_of(&self, error: Errno) -> bool {
        let state = self.status.get();
        match error {
            Errno::CONNRESET => state.has(Bit::WantsPortReports),
            Errno::NETRESET => state.has(Bit::WantsLifeReports),
            _ => true,
        }
    }
}

fn done(bytes: usize) -> Transfer {
    Transfer::Done {
        bytes: bytes as u32,
        flags: 0,
    }
}

/// Urgent bytes that were queued before SO_OOBINLINE was switched on are read in-line.
fn serve_inline(input: &mut Input, slices: &mut [IoSliceMut<'_>], how: RecvFlags) -> usize {
    let mut bytes = 0;
    for place in slices.iter_mut().flat_map(|slice| slice.iter_mut()) {
        let Some(byte) = input.urgent.take(how.contains(RecvFlags::PEEK)) else {
            break;
        };
        *place = byte;
        bytes += 1;
        if how.contains(RecvFlags::PEEK) {
            break;
        }
    }
    bytes
}

/// Calls `f` with the buffers of a call as slices; a few of them cost no memory.
pub(super) fn with_slices<R>(
    buffers: &BuffersMut<'_>,
    f: impl FnOnce(&mut [IoSliceMut<'_>]) -> R,
) -> R {
    gather(buffers.count() as usize, buffers.slices(), f)
}

/// Calls `f` with slices in a row, at most `count`; a few of them cost no memory.
pub(super) fn gather<'b, R>(
    count: usize,
    mut given: impl Iterator<Item = IoSliceMut<'b>>,
    f: impl FnOnce(&mut [IoSliceMut<'b>]) -> R,
) -> R {
    if count == 1 {
        return f(&mut [given.next().unwrap_or_else(|| IoSliceMut::new(&mut []))]);
    }
    if count <= FEW {
        let mut few: [IoSliceMut<'_>; FEW] =
            std::array::from_fn(|_| given.next().unwrap_or_else(|| IoSliceMut::new(&mut [])));
        return f(&mut few[..count]);
    }
    f(&mut given.collect::<Vec<_>>())
}
