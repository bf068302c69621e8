//! What other calls have to say to the network events of their socket: which events they re-enable,
//! and what they make happen.
//!
//! On a socket without events each is a look at one bit. None is called with a lock of the socket
//! held.

use ws2spi_abi::Errno;
use ws2spi_abi::SOCKET;

use super::super::socket::Socket;
use super::super::status::Bit;
use super::mask::EventMask;
use super::record::Reached;
use super::record::Wants;
use super::watch::ALL;
use crate::net::Readiness;

impl Socket {
    /// A receive of any kind answers: reading and urgent data are re-enabled.
    #[inline]
    pub(in super::super) fn received<T>(&self, answer: Result<T, Errno>) -> Result<T, Errno> {
        if self.status.get().has(Bit::Eventful) {
            self.tell_received(reached(&answer));
        }
        answer
    }

    /// A send of any kind answers: one that would have blocked waits for room.
    #[inline]
    pub(in super::super) fn sent<T>(&self, answer: Result<T, Errno>) -> Result<T, Errno> {
        match &answer {
            Err(Errno::WOULDBLOCK) => self.tell_blocked(),
            // A datagram socket may have got its name by this.
            _ if !self.is_stream() && self.status.get().has(Bit::Eventful) => {
                self.tell_named();
            }
            _ => {}
        }
        answer
    }

    /// An accept answers: connections are re-enabled, unless the caller deferred this one.
    #[inline]
    pub(in super::super) fn accepted(
        &self,
        answer: Result<SOCKET, Errno>,
    ) -> Result<SOCKET, Errno> {
        if self.status.get().has(Bit::Eventful) && answer != Err(Errno::TRY_AGAIN) {
            let reached = reached(&answer);
            let wants = Wants {
                arrivals: true,
                ..Wants::default()
            };
            self.update_quietly(|watched| {
                let now = self.conditions(wants, Readiness::NONE);
                watched.record.accepted(reached, now);
            });
        }
        answer
    }

    /// A connection that was accepted on this socket has the handle `s` now: it inherits the
    /// registration (P101, P247).
    pub(in super::super) fn bequeath_events(&self, child: &Socket, s: SOCKET) {
        if !self.status.get().has(Bit::Eventful) {
            return;
        }
        let inherited = self
            .events()
            .and_then(|events| events.lock().record.inherited(s));
        if let Some(record) = inherited {
            child.events_with(record);
            child.status.set(Bit::NonBlocking);
            child.update_quietly(|watched| {
                let now = child.conditions(ALL, Readiness::NONE);
                watched.record.look(now);
            });
        }
    }

    /// A datagram socket got a peer (P252).
    pub(in super::super) fn tell_peer_chosen(&self) {
        self.update_quietly(|watched| {
            let now = self.conditions(ALL, Readiness::NONE);
            watched.record.peer_chosen(now);
        });
    }

    /// The connection is over and the socket may make another.
    pub(in super::super) fn tell_started_over(&self) {
        self.status.clear(Bit::ConnectNews);
        self.update_quietly(|watched| watched.record.connection_over());
    }

    /// The socket is being closed: nothing is told from here on (P274).
    pub(in super::super) fn end_events(&self) {
        if let Some(events) = self.events() {
            let mut watched = events.lock();
            watched.record.close();
            self.note_concern(&watched);
            drop(watched);
            self.stack.host_watch.forget(self);
        }
    }

    #[cold]
    fn tell_received(&self, reached: Reached) {
        let wants = Wants {
            arrivals: true,
            urgent: true,
            ..Wants::default()
        };
        self.update_quietly(|watched| {
            let now = self.conditions(wants, Readiness::NONE);
            watched.record.received(reached, now);
        });
    }

    #[cold]
    fn tell_blocked(&self) {
        let wants = Wants {
            room: true,
            ..Wants::default()
        };
        self.update_quietly(|watched| {
            let now = self.conditions(wants, Readiness::NONE);
            watched.record.send_blocked(now);
        });
    }

    #[cold]
    fn tell_named(&self) {
        self.update_quietly(|watched| {
            if watched.record.waits_for(EventMask::WRITE) {
                let now = self.conditions(ALL, Readiness::NONE);
                watched.record.look(now);
            }
        });
    }

    /// Changes the record in a call that does not fail because of it.
    fn update_quietly(&self, f: impl FnOnce(&mut super::Watched)) {
        // Without a worker nobody can be told of what comes later; what holds now is told.
        let _ = self.update_events(f);
    }
}

/// Whether a call came as far as the network, judged by its answer.
fn reached<T>(answer: &Result<T, Errno>) -> Reached {
    match answer {
        Err(Errno::FAULT | Errno::INVAL | Errno::OPNOTSUPP | Errno::NOTCONN) => Reached::Nothing,
        _ => Reached::Network,
    }
}
