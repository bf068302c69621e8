//! WSPConnect: streams connect, datagram sockets choose their peer.
//!
//! A stream's attempt is begun without waiting and *settled* by whoever looks at the socket next
//! (`Socket::settle`): the blocked caller, a select, a second connect. A failed one leaves a fresh
//! network socket behind (`bind::renew`).
//!
//! A datagram socket is connected in the network too, which then filters and hears of ICMP errors;
//! what was queued before is sieved by the receives that follow (P88).

use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_abi::args::AddressIn;
use ws2spi_abi::provider::ConnectExtras;

use super::bind::is_unspecified;
use super::names;
use super::names::Given;
use super::names::Name;
use super::socket::Control;
use super::socket::Moment;
use super::socket::Socket;
use super::status::Bit;
use super::wait::Block;
use crate::net::Connecting;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::Interest;

/// How long Windows tries: three SYNs.
const PATIENCE: Duration = Duration::from_secs(21);

/// How long to wait before asking a full AF_UNIX listener again.
const FULL_QUEUE_PAUSE: Duration = Duration::from_millis(10);

impl Socket {
    /// WSPConnect.
    ///
    /// # Errors
    /// `FAULT` for a NULL or short name; streams: `INVAL`, `ALREADY`, `ISCONN` by state, then
    /// `PROTONOSUPPORT` for caller data, `OPNOTSUPP` for quality of service, `AFNOSUPPORT`,
    /// `ADDRNOTAVAIL` for "any" or port 0, `WOULDBLOCK` when non-blocking (always, P69),
    /// `CONNREFUSED`, `TIMEDOUT`, `NETUNREACH`, `HOSTUNREACH`.
    pub(super) fn connect(
        &self,
        name: AddressIn<'_>,
        extras: ConnectExtras<'_>,
    ) -> Result<(), Errno> {
        let given = names::read(name, self.make.family)?;
        if extras.has_caller_data() && self.is_stream() {
            return Err(Errno::PROTONOSUPPORT);
        }
        if extras.has_qos() {
            return Err(Errno::OPNOTSUPP);
        }
        if self.is_stream() {
            let answer = self.connect_stream(given);
            self.look_for_events();
            answer
        } else {
            self.connect_datagram(given)
        }
    }

    fn connect_stream(&self, given: Given) -> Result<(), Errno> {
        self.settle();
        let mut control = self.control.lock();
        self.status.get().may_connect()?;
        let Given::Name(to) = given else {
            return Err(Errno::AFNOSUPPORT);
        };
        if self.make.family != Family::Unix && (is_unspecified(&to) || to.port() == 0) {
            return Err(Errno::ADDRNOTAVAIL);
        }
        let non_blocking = self.is_non_blocking();
        // SO_ERROR stays as it is until the attempt succeeds (P80).
        control.connecting_async = non_blocking;
        control.peer = Some(Name::from(to));
        self.status.clear(Bit::ConnectFailed);
        match self.net.connect(&to) {
            Ok(Connecting::Done) => self.connected(&mut control),
            Ok(Connecting::InProgress) => {
                self.status.set(Bit::Connecting);
                // The network has chosen a name (P73).
                self.status.set(Bit::Bound);
            }
            Err(Errno::WOULDBLOCK) if !non_blocking => {
                self.status.set(Bit::Connecting);
                drop(control);
                return self.knock(&to);
            }
            Err(error) => {
                // Windows answers a full queue with a reset, which is a refusal.
                let error = if error == Errno::WOULDBLOCK {
                    Errno::CONNREFUSED
                } else {
                    error
                };
                let later = non_blocking && is_remote(error);
                control.connecting_async = later;
                self.connect_failed(&mut control, error);
                return Err(if later { Errno::WOULDBLOCK } else { error });
            }
        }
        drop(control);
        self.waiters.wake();
        if non_blocking {
            Err(Errno::WOULDBLOCK)
        } else if self.status.get().has(Bit::Connected) {
            Ok(())
        } else {
            self.await_connection()
        }
    }

    /// Waits for the end of the attempt that this call began.
    fn await_connection(&self) -> Result<(), Errno> {
        let block = Block::new(Interest::WRITE).within(Some(PATIENCE));
        let waited = self.wait(block, |_| {
            let mut control = self.control.lock();
            match self.settle_locked(&mut control) {
                Some(error) => Err(error),
                None if self.status.get().has(Bit::Connecting) => Err(Errno::WOULDBLOCK),
                // Another thread's look settled it.
                None if !self.status.get().has(Bit::Connected) => Err(Errno::CONNREFUSED),
                None => Ok(()),
            }
        });
        if matches!(waited, Err(Errno::TIMEDOUT | Errno::INTR)) {
            let mut control = self.control.lock();
            if self.status.get().has(Bit::Connecting) {
                self.connect_failed(&mut control, Errno::TIMEDOUT);
            }
        }
        waited
    }

    /// Asks an AF_UNIX listener whose queue is full until it has room: the network does not tell
    /// (base-provider.md 8.4.24).
    fn knock(&self, to: &Endpoint) -> Result<(), Errno> {
        let block = Block::new(Interest::NONE)
            .within(Some(PATIENCE))
            .every(FULL_QUEUE_PAUSE);
        let waited = self.wait(block, |_| {
            let mut control = self.control.lock();
            match self.net.connect(to)? {
                Connecting::Done => self.connected(&mut control),
                Connecting::InProgress => {}
            }
            Ok(())
        });
        match waited {
            Ok(()) => self.await_connection(),
            Err(error) => {
                self.connect_failed(&mut self.control.lock(), error);
                Err(error)
            }
        }
    }

    /// The attempt has succeeded.
    pub(super) fn connected(&self, control: &mut Control) {
        control.connected_at = Some(Moment::at(self.stack.net.now()));
        control.error = 0;
        control.local = None;
        if self.status.get().has(Bit::ConnectingEx) {
            self.status.set(Bit::ContextDue);
            self.stack.worker.look_again(self);
        }
        // The peer before the bit that says there is one.
        self.status.set(Bit::Bound);
        self.status.set(Bit::Connected);
        self.status.set(Bit::ConnectNews);
        self.status.clear(Bit::Connecting);
    }

    /// The attempt has failed; the socket may try again, or listen.
    pub(super) fn connect_failed(&self, control: &mut Control, error: Errno) {
        self.status.clear(Bit::Connecting);
        if self.status.get().has(Bit::ConnectingEx) {
            self.stack.worker.look_again(self);
        }
        control.peer = None;
        if control.connecting_async {
            // P79-P81: select and SO_ERROR tell of it only when no call did.
            control.error = error.code();
            self.status.set(Bit::ConnectFailed);
            self.status.set(Bit::ConnectNews);
        }
        self.renew(control);
        if control.bound.is_none() && control.claim.is_none() && self.make.family == Family::Unix {
            self.status.clear(Bit::Bound);
        }
        self.waiters.wake();
    }

    fn connect_datagram(&self, given: Given) -> Result<(), Errno> {
        let to = match given {
            Given::Name(to) if !is_unspecified(&to) => to,
            _ => return self.dissolve(),
        };
        self.bind_implicitly()?;
        let mut control = self.control.lock();
        let net = self.net.clone();
        net.connect(&to)?;
        // What was queued before is not from the peer (P88): the receives that follow look.
        self.input.lock().sieve = to.socket_addr().map(Box::new);
        self.status.set(Bit::Sieving);
        control.peer = Some(Name::from(to));
        control.local = None;
        self.status.set(Bit::Connected);
        self.status.set(Bit::ConnectNews);
        drop(control);
        self.tell_peer_chosen();
        Ok(())
    }

    /// A datagram socket has no peer any more; its own name stays (P84, P87).
    fn dissolve(&self) -> Result<(), Errno> {
        let mut control = self.control.lock();
        if self.status.get().has(Bit::Connected) {
            self.net.disconnect()?;
            self.status.clear(Bit::Connected);
            self.status.clear(Bit::Sieving);
            self.status.clear(Bit::ConnectNews);
        }
        control.peer = None;
        control.local = control.bound.clone();
        Ok(())
    }
}

/// Whether Windows learns of the failure only after connect has returned.
pub(super) fn is_remote(error: Errno) -> bool {
    matches!(
        error,
        Errno::CONNREFUSED
            | Errno::TIMEDOUT
            | Errno::NETUNREACH
            | Errno::HOSTUNREACH
            | Errno::NETDOWN
            | Errno::CONNRESET
    )
}
