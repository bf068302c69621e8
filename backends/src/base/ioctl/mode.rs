//! Ioctls about the socket itself: its mode, what waits in it, its peer.

use std::num::NonZeroU32;

use ws2spi_abi::args::OptionIn;
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

use super::super::socket::Socket;
use super::super::status::Bit;
use super::super::wait::Block;
use super::Multipoint;
use super::demand;
use crate::net::Family;
use crate::net::Interest;
use crate::net::SocketOption;

/// What Windows answers to SIO_IDEAL_SEND_BACKLOG_QUERY on a fresh connection (P330).
const IDEAL_BACKLOG: u32 = 0x10000;

impl Socket {
    /// FIONBIO. `INVAL` while network events forbid it (P239).
    pub(super) fn set_blocking(&self, input: OptionIn<'_>) -> Result<usize, Errno> {
        self.set_non_blocking(input.u32()? != 0).map(|()| 0)
    }

    /// FIONREAD: 0 where nothing can be read; urgent bytes do not count (P324, P325).
    pub(super) fn bytes_to_read(&self) -> Result<u32, Errno> {
        self.settle();
        let state = self.status.get();
        if self.is_stream() && (!state.has(Bit::Connected) || state.has(Bit::Reset)) {
            return Ok(0);
        }
        let mut input = self.input.lock();
        self.collect_urgent(&mut input);
        let inline = if state.has(Bit::UrgentInline) {
            input.urgent.len()
        } else {
            0
        };
        let available = self.net.available()?;
        if available > 0 {
            self.note_data();
        }
        Ok((available + inline) as u32)
    }

    /// SIOCATMARK: whether *no* urgent byte waits beside or, queued before SO_OOBINLINE was set,
    /// before the stream (P325): the inverse of what it means elsewhere.
    pub(super) fn is_at_mark(&self) -> Result<bool, Errno> {
        if !self.is_stream() {
            return Err(Errno::INVAL);
        }
        self.settle();
        let mut input = self.input.lock();
        self.collect_urgent(&mut input);
        Ok(!input.urgent.is_marked())
    }

    /// SIO_KEEPALIVE_VALS: milliseconds, which systems take as seconds.
    pub(super) fn set_keep_alive_times(&self, input: OptionIn<'_>) -> Result<usize, Errno> {
        let times = tcp_keepalive::decode(input.bytes()).ok_or(Errno::FAULT)?;
        if !self.is_stream() || self.make.family == Family::Unix {
            return Err(Errno::OPNOTSUPP);
        }
        let mut control = self.control.lock();
        let mut set = |option, value| {
            // A time beyond what the system takes is as good as its longest.
            let _ = self.net.set_option(option, value);
            control.options.keep_network(option, value);
        };
        set(SocketOption::KeepAlive, i32::from(times.onoff != 0));
        if times.onoff != 0 {
            set(SocketOption::KeepIdle, seconds(times.keepalivetime));
            set(SocketOption::KeepInterval, seconds(times.keepaliveinterval));
        }
        Ok(0)
    }

    /// SIO_UDP_CONNRESET and SIO_UDP_NETRESET (P152).
    pub(super) fn set_reports(&self, code: u32, input: OptionIn<'_>) -> Result<usize, Errno> {
        let wanted = input.u32()? != 0;
        if self.is_stream() {
            return Err(Errno::OPNOTSUPP);
        }
        let bit = if code == SIO_UDP_CONNRESET {
            Bit::WantsPortReports
        } else {
            Bit::WantsLifeReports
        };
        self.status.put(bit, wanted);
        Ok(0)
    }

    /// SIO_MULTIPOINT_LOOPBACK and SIO_MULTICAST_SCOPE: the multicast options under other names.
    pub(super) fn set_multipoint(
        &self,
        input: OptionIn<'_>,
        what: Multipoint,
    ) -> Result<usize, Errno> {
        let value = i32::decode(demand(input, 4)?).ok_or(Errno::FAULT)?;
        let option = match (what, self.make.family) {
            _ if self.is_stream() => return Err(Errno::OPNOTSUPP),
            (Multipoint::Loopback, Family::Inet) => SocketOption::IpMulticastLoop,
            (Multipoint::Loopback, _) => SocketOption::Ipv6MulticastLoop,
            (Multipoint::Scope, Family::Inet) => SocketOption::IpMulticastTimeToLive,
            (Multipoint::Scope, _) => SocketOption::Ipv6MulticastHops,
        };
        let value = match what {
            Multipoint::Loopback => i32::from(value != 0),
            Multipoint::Scope if (0..=255).contains(&value) => value,
            Multipoint::Scope => return Err(Errno::INVAL),
        };
        let mut control = self.control.lock();
        self.net.set_option(option, value)?;
        control.options.keep_network(option, value);
        Ok(0)
    }

    /// SIO_IDEAL_SEND_BACKLOG_QUERY.
    pub(super) fn ideal_backlog(&self) -> Result<u32, Errno> {
        if !self.is_stream() {
            return Err(Errno::OPNOTSUPP);
        }
        self.settle();
        if !self.status.get().has(Bit::Connected) {
            return Err(Errno::NOTCONN);
        }
        Ok(IDEAL_BACKLOG)
    }

    /// SIO_IDEAL_SEND_BACKLOG_CHANGE: the number never changes, so this ends with the socket.
    pub(super) fn await_backlog_change(&self) -> Result<usize, Errno> {
        self.ideal_backlog()?;
        if self.is_non_blocking() {
            return Err(Errno::WOULDBLOCK);
        }
        self.wait(Block::new(Interest::NONE), |_| Err(Errno::WOULDBLOCK))
    }

    /// SIO_AF_UNIX_GETPEERPID.
    pub(super) fn peer_process(&self) -> Result<u32, Errno> {
        if self.make.family != Family::Unix {
            return Err(Errno::OPNOTSUPP);
        }
        self.settle();
        if !self.status.get().has(Bit::Connected) {
            return Err(Errno::NOTCONN);
        }
        self.net.peer_process()
    }
}

/// Milliseconds as whole seconds, at least one.
fn seconds(milliseconds: u32) -> i32 {
    let seconds = NonZeroU32::new(milliseconds.div_ceil(1000)).map_or(1, NonZeroU32::get);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}
