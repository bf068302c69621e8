//! WSPJoinLeaf: multicast groups as leaves of a multipoint session.
//!
//! IP multicast has no root, so joining is membership of the group, on a socket that was made as a
//! leaf of both planes; the socket is its own leaf.

use ws2spi_abi::Errno;
use ws2spi_abi::JL_BOTH;
use ws2spi_abi::JL_RECEIVER_ONLY;
use ws2spi_abi::JL_SENDER_ONLY;
use ws2spi_abi::SOCKET;
use ws2spi_abi::WSA_FLAG_MULTIPOINT_C_LEAF;
use ws2spi_abi::WSA_FLAG_MULTIPOINT_D_LEAF;
use ws2spi_abi::args::AddressIn;
use ws2spi_abi::provider::ConnectExtras;

use super::names;
use super::names::Given;
use super::socket::Socket;
use crate::net::GroupInterface;
use crate::net::Membership;
use crate::net::SourceFilter;

impl Socket {
    /// WSPJoinLeaf: `s`, the same socket. Senders need not join; they name the group when sending.
    ///
    /// # Errors
    /// `FAULT` and `AFNOSUPPORT` for the address, `INVAL` for a socket that is no leaf, an address
    /// that is no group or unknown flags, `OPNOTSUPP` for quality of service; what the network
    /// answers to a membership.
    pub(super) fn join_leaf(
        &self,
        s: SOCKET,
        name: AddressIn<'_>,
        extras: ConnectExtras<'_>,
        flags: u32,
    ) -> Result<SOCKET, Errno> {
        let Given::Name(group) = names::read(name, self.make.family)? else {
            return Err(Errno::AFNOSUPPORT);
        };
        const LEAF: u32 = WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_MULTIPOINT_D_LEAF;
        let role = matches!(flags, JL_SENDER_ONLY | JL_RECEIVER_ONLY | JL_BOTH);
        let address = group.ip().filter(|ip| ip.is_multicast());
        let (true, true, Some(address)) = (self.make.flags & LEAF == LEAF, role, address) else {
            return Err(Errno::INVAL);
        };
        if extras.has_qos() {
            return Err(Errno::OPNOTSUPP);
        }
        self.bind_implicitly()?;
        if flags != JL_SENDER_ONLY {
            let membership = Membership {
                group: address,
                interface: GroupInterface::Any,
                change: SourceFilter::Join,
            };
            self.net.set_membership(&membership)?;
        }
        Ok(s)
    }
}
