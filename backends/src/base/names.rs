//! Names of sockets: how they are read from a caller, kept, and written back.
//!
//! [`Name`] is the small form a socket keeps. [`read`] makes the checks that bind, connect and sendto
//! share, in Windows' order; the two calls WSPGetSockName and WSPGetPeerName are at the end.

use std::net::SocketAddrV4;
use std::net::SocketAddrV6;

use ws2spi_abi::AF_UNSPEC;
use ws2spi_abi::Errno;
use ws2spi_abi::args::Address;
use ws2spi_abi::args::AddressIn;
use ws2spi_abi::args::AddressOut;

use super::socket::Control;
use super::socket::Socket;
use super::status::Bit;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::UnixPath;

/// A name as a socket keeps it, in 16 bytes: an [`Endpoint`] takes 112.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// IPv4.
    V4(SocketAddrV4),
    /// IPv6.
    V6(Box<SocketAddrV6>),
    /// A path.
    Unix(Box<UnixPath>),
}

impl From<Endpoint> for Name {
    fn from(name: Endpoint) -> Self {
        match name {
            Endpoint::V4(v4) => Self::V4(v4),
            Endpoint::V6(v6) => Self::V6(Box::new(v6)),
            Endpoint::Unix(path) => Self::Unix(Box::new(path)),
        }
    }
}

impl Name {
    /// The name as the network takes it.
    pub(super) fn endpoint(&self) -> Endpoint {
        match self {
            Self::V4(v4) => Endpoint::V4(*v4),
            Self::V6(v6) => Endpoint::V6(**v6),
            Self::Unix(path) => Endpoint::Unix(**path),
        }
    }
}

/// The size of the structure that holds a name of the family.
pub(super) fn size(family: Family) -> usize {
    match family {
        Family::Inet => Endpoint::WINDOWS_SIZES[0],
        Family::Inet6 => Endpoint::WINDOWS_SIZES[1],
        Family::Unix => Endpoint::WINDOWS_SIZES[2],
    }
}

/// The Windows number of the family.
pub(super) fn number(family: Family) -> i32 {
    i32::from(match family {
        Family::Inet => Endpoint::WINDOWS_INET,
        Family::Inet6 => Endpoint::WINDOWS_INET6,
        Family::Unix => Endpoint::WINDOWS_UNIX,
    })
}

/// What a caller's address came to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Given {
    /// A name of the socket's family.
    Name(Endpoint),
    /// `AF_UNSPEC`: connect takes it as "no peer".
    Unspecified,
}

/// Reads an address for a socket of `family`, in Windows' order of checks (P31-P34).
///
/// # Errors
/// `FAULT` when it is NULL or shorter than the structure of the socket's family, `AFNOSUPPORT` for
/// another family, `INVAL` for a path that is none.
pub(super) fn read(name: AddressIn<'_>, family: Family) -> Result<Given, Errno> {
    let address = name.read()?;
    let bytes = address.as_bytes();
    // AF_UNIX names may be as short as their path; the others need the whole structure.
    let needed = if family == Family::Unix {
        3
    } else {
        size(family)
    };
    if bytes.len() < needed {
        return Err(Errno::FAULT);
    }
    if address.family() == AF_UNSPEC {
        return Ok(Given::Unspecified);
    }
    if address.family() != number(family) {
        return Err(Errno::AFNOSUPPORT);
    }
    Endpoint::from_windows(bytes).map(Given::Name)
}

/// The Windows form of a name.
pub(super) fn address(name: &Endpoint) -> Address {
    let mut bytes = [0; 128];
    let length = name.to_windows(&mut bytes);
    Address::from_bytes(&bytes[..length])
}

impl Socket {
    /// WSPGetSockName.
    ///
    /// # Errors
    /// `INVAL` while the socket has no name (nothing is written), then `FAULT` for NULL or a length
    /// that is too short (the length stays).
    pub(super) fn get_sock_name(&self, out: AddressOut<'_>) -> Result<(), Errno> {
        self.settle();
        if !self.status.get().has(Bit::Bound) {
            return Err(Errno::INVAL);
        }
        let local = self.local_name(&mut self.control.lock())?;
        out.write(&address(&local))
    }

    /// WSPGetPeerName.
    ///
    /// # Errors
    /// `NOTCONN` without a peer, also for NULL pointers; then `FAULT` for NULL or a length that is
    /// too short (P42).
    pub(super) fn get_peer_name(&self, out: AddressOut<'_>) -> Result<(), Errno> {
        self.settle();
        let state = self.status.get();
        // P74: the peer is known while connect goes on.
        let known = state.has(Bit::Connected) || state.has(Bit::Connecting);
        // P74, P121: not of a connection that an extension function makes or made.
        if !known || state.has(Bit::ConnectingEx) || state.has(Bit::ContextDue) {
            return Err(Errno::NOTCONN);
        }
        let peer = self
            .control
            .lock()
            .peer
            .as_ref()
            .map(Name::endpoint)
            .ok_or(Errno::NOTCONN)?;
        out.write(&address(&peer))
    }

    /// The local name of a bound socket: asked of the network once, when it is first wanted.
    pub(super) fn local_name(&self, control: &mut Control) -> Result<Endpoint, Errno> {
        if let Some(local) = &control.local {
            return Ok(local.endpoint());
        }
        let local = self.net.local_name()?;
        control.local = Some(local.into());
        Ok(local)
    }
}
