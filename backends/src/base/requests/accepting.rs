//! AcceptEx: connections that are made into sockets which exist already.
//!
//! ```text
//! post --> waits for a connection --> the acceptor takes it over --> waits for the first data --> ends
//! ```
//!
//! All of it is the listener's: the queue (which has priority over WSPAccept), the port that is told,
//! and cancellation. The acceptor is marked (`Bit::Accepting`), and its own steps serve the listener's
//! queue while the first data are waited for. The buffer gets the data, then a block for each name: a
//! length of four bytes and the address, which GetAcceptExSockaddrs reads.
//!
//! Locks: the listener's `receives`, then locks of the acceptor other than its own `receives`.

use std::io::IoSliceMut;
use std::sync::Arc;

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::args::BuffersMut;
use ws2spi_abi::args::HeldBuffersMut;
use ws2spi_abi::args::OverlappedArgs;
use ws2spi_abi::provider::Transfer;
use ws2spi_kernel::file::File;

use super::super::accept::Arrival;
use super::super::names;
use super::super::names::Name;
use super::super::socket::Moment;
use super::super::socket::Socket;
use super::super::status::Bit;
use super::super::work::Work;
use super::ticket::Outcome;
use super::ticket::Ticket;
use super::ticket::status_of;
use crate::net::Endpoint;
use crate::net::Interest;
use crate::net::Readiness;
use crate::net::RecvFlags;

/// What a block has room for beside the address.
const BESIDE: usize = 16;

/// An AcceptEx that waits.
pub(in super::super) struct Accepting {
    ticket: Ticket,
    acceptor: Arc<Socket>,
    out: HeldBuffersMut,
    room: Room,
    /// The names of both ends, once there is a connection: its first data are waited for.
    names: Option<Box<[Endpoint; 2]>>,
}

/// How the buffer of an AcceptEx is divided.
#[derive(Clone, Copy)]
pub(in super::super) struct Room {
    /// For the first data; none are waited for without room for them.
    pub(in super::super) data: usize,
    /// For the block of the local name; 0 for none.
    pub(in super::super) local: usize,
    /// For the block of the peer's name.
    pub(in super::super) remote: usize,
}

impl Room {
    /// Whether both names fit, with what is beside them.
    fn fits(self, name: usize) -> bool {
        let fits = |room: usize| room >= name + BESIDE;
        (self.local == 0 || fits(self.local)) && fits(self.remote)
    }
}

impl Accepting {
    pub(super) fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    pub(super) fn into_ticket(self) -> Ticket {
        self.acceptor.status.clear(Bit::Accepting);
        self.ticket
    }

    /// Ends it before its time. A connection that it has taken is reset: nobody was told of it.
    pub(super) fn cut_short(self, listener: &Socket, status: NtStatus) {
        if self.names.is_some() {
            self.acceptor.drop_connection();
        }
        self.acceptor.status.clear(Bit::Accepting);
        drop(
            self.ticket
                .finish(listener.state(), Outcome::failed(status)),
        );
    }

    /// Goes on as far as it can; how it ended, if it did. `blocked` says that there is no connection.
    fn step(&mut self, listener: &Socket, blocked: &mut Option<Errno>) -> Option<Outcome> {
        if self.names.is_none() {
            if blocked.is_some() {
                return None;
            }
            if !self.room.fits(names::size(listener.make.family)) {
                // P111: the connection stays for another.
                if listener.has_arrival() {
                    return Some(Outcome::failed(NtStatus::BUFFER_TOO_SMALL));
                }
                *blocked = Some(Errno::WOULDBLOCK);
                return None;
            }
            let names = match listener.take_arrival() {
                Ok(arrival) => self.acceptor.take_over(listener, arrival),
                Err(error) => {
                    *blocked = Some(error);
                    return None;
                }
            };
            match names {
                Ok(names) => self.names = Some(Box::new(names)),
                Err(error) => return Some(Outcome::failed(status_of(error))),
            }
        }
        let outcome = match self.first_data() {
            Err(Errno::WOULDBLOCK) => {
                // Without a worker there would be no request either.
                let _ = self
                    .acceptor
                    .stack
                    .worker
                    .watch(&self.acceptor, Interest::READ);
                return None;
            }
            Err(error) => Outcome::failed(status_of(error)),
            Ok(bytes) => Outcome::done(bytes),
        };
        self.write_names();
        self.acceptor.status.clear(Bit::Accepting);
        Some(outcome)
    }

    /// # Errors
    /// `WOULDBLOCK` while there are none, what ended the connection.
    fn first_data(&mut self) -> Result<usize, Errno> {
        let room = self.room.data;
        if room == 0 {
            return Ok(0);
        }
        let Some(out) = self.out.bytes(0).next() else {
            return Ok(0);
        };
        let data = IoSliceMut::new(&mut out[..room]);
        self.acceptor
            .try_stream_now(&mut [data], room, RecvFlags::NONE)
    }

    fn write_names(&mut self) {
        let Some(names) = &self.names else { return };
        let Room {
            data,
            local,
            remote,
        } = self.room;
        let Some(out) = self.out.bytes(data).next() else {
            return;
        };
        let blocks = [(0, local, &names[0]), (local, remote, &names[1])];
        for (at, room, name) in blocks {
            let address = names::address(name);
            let bytes = address.as_bytes();
            if room > 0 {
                let block = &mut out[at..at + room];
                block[..4].copy_from_slice(&(bytes.len() as i32).to_ne_bytes());
                block[4..4 + bytes.len()].copy_from_slice(bytes);
            }
        }
    }
}

impl Socket {
    /// AcceptEx on this listener, after its checks. Always pends (base-provider.md 6.2).
    ///
    /// # Errors
    /// `INVAL` when the acceptor is taken already (P110), `INVALID_HANDLE` for an event that is none,
    /// `NOBUFS` without a worker.
    pub(in super::super) fn post_accept(
        &self,
        acceptor: Arc<Socket>,
        out: &BuffersMut<'_>,
        room: Room,
        overlapped: &OverlappedArgs<'_>,
    ) -> Result<Transfer, Errno> {
        let asked = overlapped.request().ok_or(Errno::INVALID_PARAMETER)?;
        if acceptor.status.set(Bit::Accepting).has(Bit::Accepting) {
            return Err(Errno::INVAL);
        }
        let mut ticket = Ticket::begin(self.state(), &asked).inspect_err(|_| {
            acceptor.status.clear(Bit::Accepting);
        })?;
        self.follow_thread(&mut ticket);
        let block = ticket.block();
        let me = self.arc().ok_or(Errno::NOTSOCK)?;
        acceptor.receives.lock().get_or_insert_default().accepted_by = Arc::downgrade(&me);
        let accepting = Accepting {
            ticket,
            acceptor,
            out: out.hold(&asked),
            room,
            names: None,
        };
        {
            let mut inbound = self.receives.lock();
            // A close empties the queue after it has said so.
            self.status.get().refuse_closed().inspect_err(|_| {
                accepting.acceptor.status.clear(Bit::Accepting);
            })?;
            inbound.get_or_insert_default().accepts.push(accepting);
            self.status.set(Bit::ReceivesQueued);
            self.status.set(Bit::Requested);
        }
        if self.serve_accepts().later {
            return self.leave_to_a_look(block);
        }
        self.leave_to_worker(Bit::WatchedRead, Interest::READ, block)
    }

    /// The step of a listener for AcceptEx: connections to those that wait, first data to those that
    /// have one.
    pub(in super::super) fn serve_accepts(&self) -> Work {
        let state = self.status.get();
        let mut work = Work {
            stays: state.has(Bit::Requested) && !state.has(Bit::Closed),
            ..Work::NONE
        };
        let mut inbound = self.receives.lock();
        let Some(accepts) = inbound.as_mut().map(|inbound| &mut inbound.accepts) else {
            return work;
        };
        let mut blocked = None;
        let ended = accepts.sift(|entry| entry.step(self, &mut blocked));
        work.progress = !ended.is_empty();
        let wake_ups: Vec<_> = ended
            .into_iter()
            .map(|(entry, outcome)| entry.ticket.finish(self.state(), outcome))
            .collect();
        match blocked {
            Some(Errno::WOULDBLOCK) => work.interest = Interest::READ,
            // Without descriptors nobody is told of a connection twice (8.4, 11).
            Some(_) => work.later = true,
            None => {
                self.status.clear(Bit::ReceivesQueued);
            }
        }
        drop(inbound);
        drop(wake_ups);
        if blocked.is_none() {
            // Plain calls waited behind.
            self.waiters.wake();
        }
        work
    }

    /// The step of a socket that an AcceptEx has connected, while its first data are waited for.
    pub(in super::super) fn serve_acceptor(&self) -> Work {
        let listener = match self.receives.lock().as_ref() {
            Some(inbound) => inbound.accepted_by.upgrade(),
            None => None,
        };
        let Some(listener) = listener else {
            return Work::NONE;
        };
        listener.serve_accepts();
        let state = self.status.get();
        if state.has(Bit::Accepting) && state.has(Bit::Connected) {
            Work::when(Interest::READ)
        } else {
            Work::NONE
        }
    }

    /// The socket that was to be connected is closed: the AcceptEx ends (P116).
    pub(in super::super) fn leave_accept(&self) {
        if !self.status.get().has(Bit::Accepting) {
            return;
        }
        let listener = match self.receives.lock().as_ref() {
            Some(inbound) => inbound.accepted_by.upgrade(),
            None => None,
        };
        let Some(listener) = listener else { return };
        let mine = match listener.receives.lock().as_mut() {
            Some(inbound) => inbound
                .accepts
                .take(|entry| std::ptr::eq(&*entry.acceptor, self)),
            None => Vec::new(),
        };
        for entry in mine {
            let outcome = Outcome::failed(NtStatus::CANCELLED);
            drop(entry.ticket.finish(listener.state(), outcome));
        }
    }

    /// Whether there is a connection to be accepted.
    fn has_arrival(&self) -> bool {
        self.control.lock().has_deferred()
            || (!self.status.get().has(Bit::Shadowed)
                && self
                    .net
                    .readiness(Interest::READ)
                    .contains(Readiness::READABLE))
    }

    /// Makes a connection of `listener` this socket's own; the names of its ends.
    ///
    /// # Errors
    /// What the network answers; the connection is reset then.
    fn take_over(&self, listener: &Socket, arrival: Arrival) -> Result<[Endpoint; 2], Errno> {
        let (net, peer) = arrival;
        let claim = listener.control.lock().claim.clone();
        let mut control = self.control.lock();
        let local = net.local_name()?;
        self.net.adopt(&*net).inspect_err(|_| {
            let _ = net.abort_on_close();
        })?;
        self.stack.worker.renewed(self);
        control.options.replay(&*self.net);
        control.peer = Some(Name::from(peer));
        control.local = None;
        control.connected_at = Some(Moment::at(self.stack.net.now()));
        control.claim = claim.filter(|claim| claim.outlives_its_listener());
        for bit in [Bit::Bound, Bit::ContextDue, Bit::Connected] {
            self.status.set(bit);
        }
        Ok([local, peer])
    }

    /// Resets a connection that nobody was told of; the socket is as before.
    fn drop_connection(&self) {
        let _ = self.net.abort_on_close();
        // Should the system be short of descriptors the connection is closed with the socket.
        let _ = self.start_over();
        self.status.clear(Bit::ContextDue);
    }

    /// SO_UPDATE_ACCEPT_CONTEXT: what AcceptEx has connected takes over the properties of the listener.
    pub(in super::super) fn take_properties_of(&self, listener: &Socket) {
        let options = listener.control.lock().options.clone();
        let state = listener.status.get();
        let mut control = self.control.lock();
        options.replay(&*self.net);
        control.options = options;
        for bit in [Bit::UrgentInline, Bit::Unbuffered] {
            self.status.put(bit, state.has(bit));
        }
        self.take_time_limits_of(listener);
    }
}
