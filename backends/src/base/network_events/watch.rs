//! What of a socket concerns its network events: reading it, watching it, handing over what is told.
//!
//! Everything here goes through [`Socket::update_events`]: under the lock of the events the socket is read
//! and the record shown what holds; then, with no lock held, the worker is asked for what the record wants
//! to hear of next, and what is to be told is handed over.

use std::io::IoSliceMut;

use ws2spi_abi::Errno;

use super::super::socket::Socket;
use super::super::status::Bit;
use super::Watched;
use super::record::Conditions;
use super::record::Delivery;
use super::record::Unread;
use super::record::Wants;
use crate::net::Interest;
use crate::net::Readiness;
use crate::net::RecvFlags;

/// Everything there is to look at.
pub(super) const ALL: Wants = Wants {
    arrivals: true,
    urgent: true,
    room: true,
    end: true,
};

impl Socket {
    /// What the worker heard of the socket is looked through for network events: see
    /// [`worker`](super::super::worker). What is to be heard of next. Called in every step.
    pub(in super::super) fn observe(&self, ready: Readiness) -> Interest {
        if !self.status.get().has(Bit::Eventful) {
            return Interest::NONE;
        }
        let Some(events) = self.events() else {
            return Interest::NONE;
        };
        let mut watched = events.lock();
        watched.every_edge = self.stack.worker.tells_every_edge();
        let wants = watched.wants(self);
        let is_news = watched.every_edge && !watched.tells_levels;
        let arrived = if is_news { ready } else { Readiness::NONE };
        let now = self.conditions(wants, arrived);
        watched.record.look(now);
        let asked = self.interest_of(watched.wants(self));
        let is_more = !watched.asked.contains(asked);
        watched.tells_levels = is_more || (watched.tells_levels && ready.is_none());
        watched.asked = asked;
        self.note_concern(&watched);
        drop(watched);
        self.deliver();
        asked
    }

    /// Looks at the socket after its state has changed, if there is a registration.
    pub(in super::super) fn look_for_events(&self) {
        if self.status.get().has(Bit::Eventful) {
            // Without a worker what comes later is not heard of; there is no call to be told.
            let _ = self.update_events(|watched| {
                let now = self.conditions(ALL, Readiness::NONE);
                watched.record.look(now);
            });
        }
    }

    /// Changes the record with `f`, asks the worker for what the record now wants, and hands over what
    /// is to be told. Nothing happens on a socket without events.
    ///
    /// # Errors
    /// `NOBUFS` when there can be no worker; the change is made.
    pub(super) fn update_events(&self, f: impl FnOnce(&mut Watched)) -> Result<(), Errno> {
        let Some(events) = self.events() else {
            return Ok(());
        };
        let mut watched = events.lock();
        f(&mut watched);
        self.note_concern(&watched);
        let wanted = self.interest_of(watched.wants(self));
        let is_news = !watched.asked.contains(wanted);
        drop(watched);
        let attended = if is_news {
            self.stack.worker.attend(self)
        } else {
            Ok(())
        };
        self.deliver();
        attended
    }

    /// Reads what `wants` asks of; `told` is what the network told the worker to have come true.
    pub(super) fn conditions(&self, wants: Wants, told: Readiness) -> Conditions {
        self.settle();
        let state = self.status.get();
        if state.has(Bit::Closed) || state.has(Bit::Cancelled) {
            return Conditions::default();
        }
        let mut now = Conditions {
            named: state.has(Bit::Bound),
            connected: self.take_connect_news(),
            ..Conditions::default()
        };
        let interest = self.interest_of(wants);
        let ready = if interest == Interest::NONE {
            Readiness::NONE
        } else {
            self.net.readiness(interest)
        };
        let facts = self.facts(ready);
        let reads = wants.arrivals || wants.urgent;
        if state.has(Bit::Datagram) {
            let arrived = told.intersects(Readiness::READABLE | Readiness::ERROR);
            now.unread = reads.then_some(Unread {
                amount: usize::from(facts.data),
                urgent: 0,
                arrived,
            });
            now.room = ready.contains(Readiness::WRITABLE);
        } else if state.has(Bit::Listening) {
            now.connection = facts.arrival;
            now.connection_arrived = told.contains(Readiness::READABLE);
        } else if state.has(Bit::Connected) {
            now.unread = reads.then(|| self.unread(facts.data, facts.urgent));
            now.room = wants.room && facts.room;
            now.closed = match (facts.broken, facts.end) {
                // P270
                (true, _) => Some(Errno::CONNABORTED.code()),
                (false, true) => Some(0),
                (false, false) => None,
            };
        }
        now
    }

    /// What of a stream can be received.
    fn unread(&self, data: bool, urgent: bool) -> Unread {
        let state = self.status.get();
        let waiting = if urgent || data {
            self.input.lock().urgent.len()
        } else {
            0
        };
        let inline = state.has(Bit::UrgentInline);
        let amount = if data && !state.has(Bit::ReceiveShut) {
            let stream = self.net.available().unwrap_or(0);
            if stream <= 1 && self.is_at_end() {
                return Unread {
                    amount: if inline { waiting } else { 0 },
                    urgent: if inline { 0 } else { waiting },
                    arrived: false,
                };
            }
            // Behind an urgent mark the system counts nothing.
            (stream + if inline { waiting } else { 0 }).max(1)
        } else {
            0
        };
        Unread {
            amount,
            urgent: if inline { 0 } else { waiting },
            arrived: false,
        }
    }

    /// Whether what is readable is the end of the stream: for a moment a system counts it as a byte, and
    /// does not call it the end.
    fn is_at_end(&self) -> bool {
        let mut byte = [0];
        let mut data = [IoSliceMut::new(&mut byte)];
        match self.net.recv(&mut data, RecvFlags::PEEK) {
            Ok(received) => received.bytes == 0,
            Err(Errno::WOULDBLOCK) => false,
            // Told once by the network, and to every call by Windows.
            Err(error) => {
                self.latch(error);
                false
            }
        }
    }

    /// How an attempt to connect has ended that nobody was told of; it is told by this.
    fn take_connect_news(&self) -> Option<i32> {
        if !self.status.get().has(Bit::ConnectNews) {
            return None;
        }
        let state = self.status.clear(Bit::ConnectNews);
        if !state.has(Bit::ConnectNews) {
            return None;
        }
        Some(if state.has(Bit::Connected) {
            0
        } else {
            self.control.lock().error
        })
    }

    /// What the network is asked for, as far as it means something in the socket's state.
    fn interest_of(&self, wants: Wants) -> Interest {
        let state = self.status.get();
        if state.has(Bit::Closed) || state.has(Bit::Cancelled) {
            return Interest::NONE;
        }
        let when = |wanted: bool, part: Interest| if wanted { part } else { Interest::NONE };
        if state.has(Bit::Datagram) {
            let reads = wants.arrivals && state.has(Bit::Bound);
            when(reads, Interest::READ) | when(wants.room, Interest::WRITE)
        } else if state.has(Bit::Listening) {
            when(wants.arrivals && !state.has(Bit::Shadowed), Interest::READ)
        } else if state.has(Bit::Connecting) {
            Interest::WRITE
        } else if state.has(Bit::Connected) {
            let room = wants.room && !state.has(Bit::Backlogged);
            // Urgent bytes are moved out before the next one overtakes them.
            let urgent = wants.urgent || wants.arrivals;
            when(wants.arrivals, Interest::READ)
                | when(urgent, Interest::PRIORITY)
                | when(room, Interest::WRITE)
                | when(wants.end, Interest::END)
        } else {
            Interest::NONE
        }
    }

    /// Says in the socket's state whether its calls have to say what they did. Under the lock.
    pub(super) fn note_concern(&self, watched: &Watched) {
        let concerned = watched.record.is_concerned();
        if self.status.get().has(Bit::Eventful) != concerned {
            self.status.put(Bit::Eventful, concerned);
        }
    }

    /// Hands over what is to be told, with no lock held.
    pub(super) fn deliver(&self) {
        let Some(events) = self.events() else {
            return;
        };
        loop {
            let Some(delivery) = events.lock().record.next_delivery() else {
                return;
            };
            // Neither an event that was closed nor a window that is gone is anybody's fault here.
            if let Ok(upcalls) = self.stack.upcalls() {
                match delivery {
                    Delivery::Set(event) => {
                        let _ = upcalls.set_event(event);
                    }
                    Delivery::Post {
                        window,
                        message,
                        socket,
                        lparam,
                    } => {
                        let _ = upcalls.post_message(window, message, socket, lparam);
                    }
                }
            }
            events.lock().record.delivered();
        }
    }
}

impl Watched {
    fn wants(&self, socket: &Socket) -> Wants {
        let state = socket.status.get();
        let counted = !state.has(Bit::Datagram) && !state.has(Bit::Listening);
        self.record.wants(self.every_edge, counted)
    }
}
