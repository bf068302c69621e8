//! ConnectEx, and DisconnectEx with an OVERLAPPED.
//!
//! A ConnectEx begins as a connect of a non-blocking socket does, and ends when that is decided; data that
//! were given are then sent, as an overlapped send with the same request (P220). A DisconnectEx
//! ends when the end of the stream has gone out behind what was sent before; for a socket that is to be
//! used again when the peer's end has come too. Both always pend at first (P194, P216).

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::SD_SEND;
use ws2spi_abi::args::Buffers;
use ws2spi_abi::args::HeldBuffers;
use ws2spi_abi::args::OverlappedArgs;
use ws2spi_abi::provider::Transfer;
use ws2spi_kernel::file::File;

use super::super::connect::is_remote;
use super::super::names::Name;
use super::super::socket::Socket;
use super::super::status::Bit;
use super::super::work::Work;
use super::sending::Sending;
use super::ticket::Outcome;
use super::ticket::Ticket;
use super::ticket::status_of;
use crate::net;
use crate::net::Endpoint;
use crate::net::Interest;
use crate::net::Readiness;

/// A ConnectEx that waits.
pub(in super::super) struct Connecting {
    pub(super) ticket: Ticket,
    /// What is sent over the connection, and how many bytes that are.
    data: Option<(HeldBuffers, usize)>,
}

/// What waits until its socket may be used again: a DisconnectEx, or what was to be sent before.
pub(in super::super) struct Reusing {
    pub(super) ticket: Ticket,
    /// How many bytes were sent.
    pub(super) bytes: usize,
}

impl Connecting {
    /// Ends it before its time; the attempt is given up.
    pub(super) fn cut_short(self, socket: &Socket, status: NtStatus) {
        socket.give_up_connecting();
        drop(self.ticket.finish(socket.state(), Outcome::failed(status)));
    }
}

impl Socket {
    /// ConnectEx, after its checks. Always pends.
    ///
    /// # Errors
    /// `FAULT` for bad data, `INVALID_HANDLE` for an event that is none, `NOBUFS` without a worker; what
    /// the network answers when nobody else is asked.
    pub(in super::super) fn post_connect(
        &self,
        to: &Endpoint,
        data: &Buffers<'_>,
        overlapped: &OverlappedArgs<'_>,
    ) -> Result<Transfer, Errno> {
        let asked = overlapped.request().ok_or(Errno::INVALID_PARAMETER)?;
        let total = data.check()?;
        let mut ticket = Ticket::begin(self.state(), &asked)?;
        self.follow_thread(&mut ticket);
        let block = ticket.block();
        {
            let mut inbound = self.receives.lock();
            self.status.get().refuse_closed()?;
            let inbound = inbound.get_or_insert_default();
            if inbound.connect.is_some() {
                return Err(Errno::INVAL);
            }
            let data = (total > 0).then(|| (data.hold(&asked), total));
            inbound.connect = Some(Connecting { ticket, data });
            self.status.set(Bit::Requested);
        }
        if let Err(error) = self.begin_to_connect(to) {
            // Nobody was told of it.
            if let Some(inbound) = self.receives.lock().as_mut() {
                inbound.connect = None;
            }
            return Err(error);
        }
        self.serve_connect();
        self.leave_to_worker(Bit::WatchedWrite, Interest::WRITE, block)
    }

    /// # Errors
    /// As [`post_connect`](Self::post_connect).
    fn begin_to_connect(&self, to: &Endpoint) -> Result<(), Errno> {
        let mut control = self.control.lock();
        self.status.get().may_connect()?;
        control.connecting_async = true;
        control.peer = Some(Name::from(*to));
        self.status.clear(Bit::ConnectFailed);
        self.status.set(Bit::ConnectingEx);
        match self.net.connect(to) {
            Ok(net::Connecting::Done) => self.connected(&mut control),
            Ok(net::Connecting::InProgress) => {
                self.status.set(Bit::Connecting);
            }
            // Windows answers a full queue with a reset, which is a refusal.
            Err(Errno::WOULDBLOCK) => self.connect_failed(&mut control, Errno::CONNREFUSED),
            Err(error) => {
                control.connecting_async = is_remote(error);
                self.connect_failed(&mut control, error);
                if !is_remote(error) {
                    self.status.clear(Bit::ConnectingEx);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// The step of a socket for ConnectEx.
    pub(in super::super) fn serve_connect(&self) -> Work {
        {
            // The attempt is begun under this lock: what it came to cannot be told before.
            let mut control = self.control.lock();
            if !self.status.get().has(Bit::ConnectingEx) {
                return Work::NONE;
            }
            self.settle_locked(&mut control);
        }
        if self.status.get().has(Bit::Connecting) {
            return Work::when(Interest::WRITE);
        }
        let mut inbound = self.receives.lock();
        let request = inbound.as_mut().and_then(|inbound| inbound.connect.take());
        self.status.clear(Bit::ConnectingEx);
        drop(inbound);
        let Some(Connecting { ticket, data }) = request else {
            return Work::NONE;
        };
        let outcome = if self.status.get().has(Bit::Connected) {
            match data {
                Some((data, total)) => {
                    self.queue_send(Sending::of_connect(ticket, data, total));
                    return self.serve_sends(Readiness::NONE);
                }
                None => Outcome::done(0),
            }
        } else {
            let error = Errno::new(self.control.lock().error).unwrap_or(Errno::CONNREFUSED);
            Outcome::failed(status_of(error))
        };
        drop(ticket.finish(self.state(), outcome));
        Work {
            progress: true,
            ..Work::NONE
        }
    }

    /// The attempt of a ConnectEx that was cancelled ends without a word.
    pub(super) fn give_up_connecting(&self) {
        let mut control = self.control.lock();
        if self.status.get().has(Bit::Connecting) {
            control.connecting_async = false;
            self.connect_failed(&mut control, Errno::OPERATION_ABORTED);
        }
        self.status.clear(Bit::ConnectingEx);
    }

    /// DisconnectEx with an OVERLAPPED, after its checks. Always pends.
    ///
    /// # Errors
    /// `INVALID_HANDLE` for an event that is none, `NOBUFS` without a worker.
    pub(in super::super) fn post_disconnect(
        &self,
        reuse: bool,
        overlapped: &OverlappedArgs<'_>,
    ) -> Result<Transfer, Errno> {
        let asked = overlapped.request().ok_or(Errno::INVALID_PARAMETER)?;
        let mut ticket = Ticket::begin(self.state(), &asked)?;
        self.shutdown(SD_SEND)?;
        self.follow_thread(&mut ticket);
        let block = ticket.block();
        if !reuse {
            self.queue_send(Sending::of_nothing(ticket));
            self.serve_sends(Readiness::NONE);
            return self.leave_to_worker(Bit::WatchedWrite, Interest::WRITE, block);
        }
        {
            let mut inbound = self.receives.lock();
            self.status.get().refuse_closed()?;
            let inbound = inbound.get_or_insert_default();
            if inbound.reuse.is_some() {
                return Err(Errno::INVAL);
            }
            inbound.reuse = Some(Reusing { ticket, bytes: 0 });
            self.status.set(Bit::Requested);
            self.status.set(Bit::Reusing);
        }
        if self.serve_reuse().later {
            return self.leave_to_a_look(block);
        }
        self.leave_to_worker(Bit::WatchedRead, Interest::READ, block)
    }

    /// The step of a socket for a DisconnectEx after which it is used again.
    pub(in super::super) fn serve_reuse(&self) -> Work {
        if !self.status.get().has(Bit::Reusing) {
            return Work::NONE;
        }
        if !self.output.lock().is_empty() || self.read_away() == Err(Errno::WOULDBLOCK) {
            return Work::when(Interest::READ);
        }
        if self.end_has_arrived().is_err() {
            return Work::LATER;
        }
        let mut inbound = self.receives.lock();
        let request = inbound.as_mut().and_then(|inbound| inbound.reuse.take());
        self.status.clear(Bit::Reusing);
        drop(inbound);
        if let Some(Reusing { ticket, bytes }) = request {
            let outcome = match self.start_over() {
                Ok(()) => Outcome::done(bytes),
                Err(error) => Outcome::failed(status_of(error)),
            };
            drop(ticket.finish(self.state(), outcome));
        }
        Work {
            progress: true,
            ..Work::NONE
        }
    }
}
