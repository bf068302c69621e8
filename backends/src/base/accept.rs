//! WSPAccept.
//!
//! Deferred connections first, then the network's queue. The condition function runs on the calling
//! thread with no lock held; what it defers goes back to the head of the queue. A blocking accept
//! waits alertably.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ws2spi_abi::Errno;
use ws2spi_abi::SOCKET;
use ws2spi_abi::args::AddressOut;
use ws2spi_abi::args::Condition;
use ws2spi_abi::args::Decision;

use super::names;
use super::names::Name;
use super::socket::Moment;
use super::socket::Socket;
use super::status::Bit;
use super::wait::Block;
use crate::net::Endpoint;
use crate::net::Interest;
use crate::net::NetSocket;

pub(super) type Arrival = (Arc<dyn NetSocket>, Endpoint);

impl Socket {
    /// WSPAccept: the handle of the new socket.
    ///
    /// # Errors
    /// `OPNOTSUPP` for datagrams, `INVAL` when not listening, `FAULT` when the address does not fit
    /// (nothing is taken), `WOULDBLOCK` when non-blocking with an empty queue; by the condition
    /// function: `CONNREFUSED` for reject, `TRY_AGAIN` for defer, `INVAL` for anything else;
    /// `MFILE`, `NOBUFS`.
    pub(super) fn accept(
        &self,
        peer: AddressOut<'_>,
        condition: Option<Condition>,
    ) -> Result<SOCKET, Errno> {
        self.status.get().may_accept()?;
        // An address without a length is left alone (P94).
        let wanted = peer.is_wanted() && peer.capacity().is_some();
        if wanted && !peer.fits(names::size(self.make.family)) {
            return Err(Errno::FAULT);
        }
        let arrival = match self.try_accept() {
            Err(Errno::WOULDBLOCK) if !self.is_non_blocking() => self.await_arrival()?,
            answer => answer?,
        };
        if wanted {
            // Also when the function refuses (base-provider.md 1.1).
            peer.write(&names::address(&arrival.1))?;
        }
        if let Some(condition) = condition {
            let callee = arrival.0.local_name()?;
            let decision = condition.decide(&names::address(&arrival.1), &names::address(&callee));
            match decision {
                Decision::Accept => {}
                Decision::Reject => {
                    let _ = arrival.0.abort_on_close();
                    return Err(Errno::CONNREFUSED);
                }
                Decision::Defer => {
                    self.defer(arrival);
                    return Err(Errno::TRY_AGAIN);
                }
                Decision::Invalid(_) => {
                    self.defer(arrival);
                    return Err(Errno::INVAL);
                }
            }
        }
        let child = self.child(&arrival);
        let handle = self.stack.publish(&child).inspect_err(|_| {
            // Without a handle nobody has it: the next accept does.
            if !child.status.get().has(Bit::Closed) {
                self.defer(arrival);
            }
        })?;
        self.bequeath_events(&child, handle);
        Ok(handle)
    }

    fn await_arrival(&self) -> Result<Arrival, Errno> {
        loop {
            // Behind another listener of the same name nothing is ready before that one has gone; nor
            // behind an AcceptEx before it has its connection.
            let behind = self.is_behind();
            let interest = if behind {
                Interest::NONE
            } else {
                Interest::READ
            };
            let arrival = self.wait(Block::new(interest).alertable(), |_| {
                if self.is_behind() != behind {
                    return Ok(None);
                }
                self.try_accept().map(Some)
            })?;
            if let Some(arrival) = arrival {
                return Ok(arrival);
            }
        }
    }

    fn is_behind(&self) -> bool {
        let state = self.status.get();
        state.has(Bit::Shadowed) || state.has(Bit::ReceivesQueued)
    }

    /// A connection for this call, unless an AcceptEx waits for it.
    fn try_accept(&self) -> Result<Arrival, Errno> {
        if self.status.get().has(Bit::ReceivesQueued) {
            return Err(Errno::WOULDBLOCK);
        }
        self.take_arrival()
    }

    /// Takes a connection: a deferred one first, then from the network.
    pub(super) fn take_arrival(&self) -> Result<Arrival, Errno> {
        let mut control = self.control.lock();
        if let Some(deferred) = control.deferred.as_mut().and_then(|list| list.pop()) {
            return Ok(deferred);
        }
        if self.status.get().has(Bit::Shadowed) {
            return Err(Errno::WOULDBLOCK);
        }
        self.net.accept().map_err(|error| {
            // What a close did to the listener is not the caller's mistake.
            self.status.get().refuse_closed().err().unwrap_or(error)
        })
    }

    /// Puts a connection back to the head of the queue; the next accept sees it first (P97).
    fn defer(&self, arrival: Arrival) {
        let mut control = self.control.lock();
        if self.status.get().has(Bit::Closed) {
            let _ = arrival.0.abort_on_close();
            return;
        }
        control.deferred.get_or_insert_default().push(arrival);
        drop(control);
        self.waiters.wake();
    }

    /// SO_PAUSE_ACCEPT: has the worker reset what arrives, as long as it is on (P123).
    ///
    /// # Errors
    /// `NOBUFS` when there can be no worker.
    pub(super) fn refuse_arrivals(&self) -> Result<(), Errno> {
        let state = self.status.get();
        if !state.has(Bit::Listening) || state.has(Bit::Shadowed) {
            return Ok(());
        }
        // Also when it was switched off: the worker then finds that and lets the listener go.
        self.stack.worker.attend(self)
    }

    /// Resets the connections in the queue of a listener that pauses. What the network answers when
    /// it hands out no more; `None` when the listener does not pause (any more).
    pub(super) fn reset_arrivals(&self) -> Option<Errno> {
        loop {
            // The lock: whoever comes after the pause was ended is let in.
            let _control = self.control.lock();
            let state = self.status.get();
            if !state.has(Bit::Paused) || state.has(Bit::Closed) || state.has(Bit::Cancelled) {
                return None;
            }
            match self.net.accept() {
                Ok((net, _)) => {
                    let _ = net.abort_on_close();
                }
                Err(error) => return Some(error),
            }
        }
    }

    /// SO_RCVTIMEO and SO_SNDTIMEO are those of `listener`.
    pub(super) fn take_time_limits_of(&self, listener: &Socket) {
        for (own, theirs) in [
            (&self.receive_timeout, &listener.receive_timeout),
            (&self.send_timeout, &listener.send_timeout),
        ] {
            own.store(theirs.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    /// A connected socket with this listener's properties (P101, P102).
    fn child(&self, (net, peer): &Arrival) -> Arc<Socket> {
        let state = self.status.get();
        let mut bits = vec![Bit::Bound, Bit::Connected];
        bits.extend(
            [Bit::NonBlocking, Bit::UrgentInline, Bit::Unbuffered]
                .into_iter()
                .filter(|bit| state.has(*bit)),
        );
        let control = self.control.lock();
        control.options.replay(&**net);
        let claim = control
            .claim
            .clone()
            .filter(|claim| claim.outlives_its_listener());
        let child = Socket::new(
            &self.stack,
            self.make.clone(),
            net.clone(),
            &bits,
            control.options.clone(),
        );
        drop(control);
        child.take_time_limits_of(self);
        {
            let mut control = child.control.lock();
            control.peer = Some(Name::from(*peer));
            control.connected_at = Some(Moment::at(self.stack.net.now()));
            control.claim = claim;
        }
        child
    }
}
