//! WSPBind, and the bind that other calls imply.
//!
//! The order of checks is Windows' (P31-P38); what sockets may share is `registry`'s business.

use std::net::IpAddr;

use ws2spi_abi::Errno;
use ws2spi_abi::args::AddressIn;

use super::names;
use super::names::Given;
use super::names::Name;
use super::registry::Wish;
use super::socket::Control;
use super::socket::Socket;
use super::status::Bit;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::Kind;

impl Socket {
    /// WSPBind.
    ///
    /// # Errors
    /// In this order: `FAULT` for a NULL or short name, `AFNOSUPPORT` for a foreign family, `INVAL`
    /// when bound already, `ADDRNOTAVAIL` for an address that is not this host's, `ADDRINUSE` or
    /// `ACCES` for one that is taken. After a failure the socket is as it was.
    pub(super) fn bind(&self, name: AddressIn<'_>) -> Result<(), Errno> {
        let Given::Name(name) = names::read(name, self.make.family)? else {
            return Err(Errno::AFNOSUPPORT);
        };
        self.settle();
        {
            let mut control = self.control.lock();
            self.status.get().may_bind()?;
            self.bind_locked(&mut control, &name)?;
        }
        self.look_for_events();
        Ok(())
    }

    /// Binds to the wildcard address and a port of the system's choice, unless bound: what sends and
    /// datagram connects imply.
    ///
    /// # Errors
    /// What the network answers.
    pub(super) fn bind_implicitly(&self) -> Result<(), Errno> {
        if self.status.get().has(Bit::Bound) {
            return Ok(());
        }
        let mut control = self.control.lock();
        if self.status.get().has(Bit::Bound) {
            return Ok(());
        }
        self.bind_locked(&mut control, &Endpoint::unspecified(self.make.family))
    }

    fn bind_locked(&self, control: &mut Control, name: &Endpoint) -> Result<(), Errno> {
        let name = self.with_zone(name)?;
        let wish = self.wish(control, &name);
        let (claim, local) = self.stack.registry.bind(&wish)?;
        control.claim = Some(claim);
        control.local = Some(local.into());
        control.bound = Some(local.into());
        self.status.set(Bit::Bound);
        Ok(())
    }

    /// A link-local address may be named without its zone: then it is the one of the interface that
    /// has the address (P38). Systems insist on the zone.
    ///
    /// # Errors
    /// `ADDRNOTAVAIL` when no interface has it.
    fn with_zone(&self, name: &Endpoint) -> Result<Endpoint, Errno> {
        let Endpoint::V6(v6) = name else {
            return Ok(*name);
        };
        if v6.scope_id() != 0 || !v6.ip().is_unicast_link_local() {
            return Ok(*name);
        }
        let interfaces = self.stack.net.interfaces()?;
        let own = interfaces
            .iter()
            .find(|interface| interface.address == IpAddr::V6(*v6.ip()))
            .ok_or(Errno::ADDRNOTAVAIL)?;
        let mut v6 = *v6;
        v6.set_scope_id(own.scope);
        Ok(Endpoint::V6(v6))
    }

    /// What the registry is asked for.
    pub(super) fn wish<'w>(&'w self, control: &Control, name: &'w Endpoint) -> Wish<'w> {
        Wish {
            kind: self.make.kind,
            name,
            dual: self.make.family == Family::Inet6 && !control.options.is_v6_only(),
            class: control.options.class,
            net: &self.net,
        }
    }

    /// After an attempt to connect has failed the network socket is of no more use: it starts over
    /// with the same options and the same name (base-provider.md 8.4.3). If that is not to be had,
    /// the socket goes on as it is, without a name if the name is lost.
    pub(super) fn renew(&self, control: &mut Control) {
        if self.make.kind != Kind::Stream || self.make.family == Family::Unix {
            return;
        }
        // The name survives a failed attempt, also one that connect implied (P50).
        let name = match &control.bound {
            Some(bound) => Ok(bound.endpoint()),
            None => {
                let local = self.net.local_name();
                local.map(|name| Endpoint::unspecified(self.make.family).with_port(name.port()))
            }
        };
        let Ok(name) = name else { return };
        if self.net.renew().is_err() {
            return;
        }
        self.stack.worker.renewed(self);
        control.options.replay(&*self.net);
        let bound = match &control.claim {
            Some(claim) => self.stack.registry.rebind(claim, &name).map(|()| name),
            None => {
                let bind = |name: &Endpoint| self.stack.registry.bind(&self.wish(control, name));
                // Nobody asked for that port: when somebody has taken it meanwhile, another will do.
                let claimed =
                    bind(&name).or_else(|_| bind(&Endpoint::unspecified(self.make.family)));
                claimed.map(|(claim, local)| {
                    control.claim = Some(claim);
                    local
                })
            }
        };
        control.bound = bound.ok().map(Name::from);
        control.local = control.bound.clone();
        self.status.put(Bit::Bound, control.bound.is_some());
    }

    /// Makes a disconnected stream as good as new; a name that it was given stays its own.
    ///
    /// # Errors
    /// What the network answers.
    pub(super) fn start_over(&self) -> Result<(), Errno> {
        let mut control = self.control.lock();
        self.net.renew()?;
        self.stack.worker.renewed(self);
        control.options.replay(&*self.net);
        match (&control.claim, &control.bound) {
            (Some(claim), Some(bound)) => {
                self.stack.registry.rebind(claim, &bound.endpoint())?;
            }
            _ => {
                self.status.clear(Bit::Bound);
            }
        }
        control.local = control.bound.clone();
        control.peer = None;
        control.connected_at = None;
        for bit in [
            Bit::Connected,
            Bit::SendShut,
            Bit::ReceiveShut,
            Bit::EndSeen,
            Bit::Reset,
            Bit::Aborted,
            Bit::ContextDue,
            Bit::Drained,
            Bit::Unsteady,
        ] {
            self.status.clear(bit);
        }
        drop(control);
        self.tell_started_over();
        Ok(())
    }
}

/// Whether an address is "any".
pub(super) fn is_unspecified(name: &Endpoint) -> bool {
    match name.ip() {
        Some(IpAddr::V4(v4)) => v4.is_unspecified(),
        Some(IpAddr::V6(v6)) => {
            v6.is_unspecified() || v6.to_ipv4_mapped().is_some_and(|v4| v4.is_unspecified())
        }
        None => false,
    }
}
