//! Which entry a socket is created through when the application named none (client-dll.md 4.4 B
//! and C): the first in catalog order that fits, or the error Windows gives when none does.
//!
//! Relies on a `Snapshot`; the dispatch of WSASocket calls it.

use std::sync::Arc;

use ws2spi_abi::Errno;

use super::entry::Entry;
use super::entry::Kind;
use super::snapshot::Snapshot;

/// What WSASocket was asked for. Zero means "any" for family and type, and "the usual one" for the
/// protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Criteria {
    /// Address family, or 0.
    pub family: i32,
    /// Socket type, or 0.
    pub socket_type: i32,
    /// Protocol, or 0.
    pub protocol: i32,
}

impl Criteria {
    /// Whether an entry serves such sockets. A bare layer never does; hidden entries do.
    // WSASocket, "Layered Service Provider considerations": PFL_MATCHES_PROTOCOL_ZERO decides for
    // protocol 0 (U147); a range of protocols is accepted by its offset (U148).
    pub fn fits(&self, entry: &Entry) -> bool {
        let info = entry.info();
        entry.kind() != Kind::Layer
            && (self.family == 0 || self.family == info.iAddressFamily)
            && (self.socket_type == 0 || self.socket_type == info.iSocketType)
            && match self.protocol {
                0 => entry.matches_protocol_zero(),
                protocol => entry.covers_protocol(protocol),
            }
    }
}

impl Snapshot {
    /// The entries that fit, in catalog order: the first is the one to use, the next the one to
    /// try when WSPSocket of the one before failed with WSAEINPROGRESS (U151).
    pub fn candidates(&self, criteria: Criteria) -> impl Iterator<Item = &Arc<Entry>> {
        self.selectable().filter(move |entry| criteria.fits(entry))
    }

    /// The entry to create such a socket through. Microsoft: WSASocket.
    ///
    /// # Errors
    /// When nothing fits: WSAEINVAL if family and protocol are both 0, else WSAESOCKTNOSUPPORT if
    /// no entry has the type, else WSAEAFNOSUPPORT if no entry has the family, else
    /// WSAEPROTONOSUPPORT.
    pub fn select(&self, criteria: Criteria) -> Result<&Arc<Entry>, Errno> {
        // TCP/IP would fit (0, STREAM, 0); Windows refuses every call without family and protocol,
        // whatever the type (4.4 C).
        if criteria.family == 0 && criteria.protocol == 0 {
            return Err(Errno::INVAL);
        }
        self.candidates(criteria)
            .next()
            .ok_or_else(|| self.mismatch(criteria))
    }

    /// Why nothing fits.
    fn mismatch(&self, criteria: Criteria) -> Errno {
        let exists = |has: &dyn Fn(&Entry) -> bool| self.selectable().any(|entry| has(entry));
        let Criteria {
            family,
            socket_type,
            ..
        } = criteria;
        if socket_type != 0 && !exists(&|entry| entry.info().iSocketType == socket_type) {
            Errno::SOCKTNOSUPPORT
        } else if family != 0 && !exists(&|entry| entry.info().iAddressFamily == family) {
            Errno::AFNOSUPPORT
        } else {
            Errno::PROTONOSUPPORT
        }
    }
}
