//! Membership in multicast groups: the options that join, leave and filter.
//!
//! Each is a structure of addresses; none can be read (P321). The network does the work. Systems order
//! the fields of `ip_mreq_source` differently; the layout here is Windows'.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use ws2spi_abi::args::OptionIn;
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

use super::super::socket::Socket;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::GroupInterface;
use crate::net::Membership;
use crate::net::SourceFilter;

/// Where the addresses of GROUP_REQ and GROUP_SOURCE_REQ begin, and how far they are apart.
const FIRST_ADDRESS: usize = 8;
const NEXT_ADDRESS: usize = FIRST_ADDRESS + 128;

impl Socket {
    /// Changes a membership; `None` for other options.
    pub(super) fn set_group(
        &self,
        level: i32,
        name: i32,
        value: OptionIn<'_>,
    ) -> Option<Result<(), Errno>> {
        let membership = if level == IPPROTO_IP {
            v4(name, value)
        } else {
            v6(name, value)
        };
        let membership = membership.or_else(|| either(name, value))?;
        if self.is_stream() || (level == IPPROTO_IPV6 && self.make.family != Family::Inet6) {
            return Some(Err(Errno::INVAL));
        }
        Some(membership.and_then(|change| self.net.set_membership(&change)))
    }
}

/// Whether an option is a membership, which cannot be read.
pub(super) fn is_membership(level: i32, name: i32) -> bool {
    match name {
        IP_ADD_MEMBERSHIP | IP_DROP_MEMBERSHIP => true,
        IP_ADD_SOURCE_MEMBERSHIP
        | IP_DROP_SOURCE_MEMBERSHIP
        | IP_BLOCK_SOURCE
        | IP_UNBLOCK_SOURCE => level == IPPROTO_IP,
        _ => (MCAST_JOIN_GROUP..=MCAST_LEAVE_SOURCE_GROUP).contains(&name),
    }
}

type Change = Option<Result<Membership, Errno>>;

fn v4(name: i32, value: OptionIn<'_>) -> Change {
    let words = |index: usize| {
        value
            .bytes()
            .get(4 * index..)
            .and_then(<[u8; 4]>::decode)
            .map(Ipv4Addr::from)
    };
    let sources: fn(IpAddr) -> SourceFilter = match name {
        IP_ADD_MEMBERSHIP => |_| SourceFilter::Join,
        IP_DROP_MEMBERSHIP => |_| SourceFilter::Leave,
        IP_ADD_SOURCE_MEMBERSHIP => SourceFilter::JoinSource,
        IP_DROP_SOURCE_MEMBERSHIP => SourceFilter::LeaveSource,
        IP_BLOCK_SOURCE => SourceFilter::BlockSource,
        IP_UNBLOCK_SOURCE => SourceFilter::UnblockSource,
        _ => return None,
    };
    let with_source = !matches!(name, IP_ADD_MEMBERSHIP | IP_DROP_MEMBERSHIP);
    let read = || {
        let group = words(0)?;
        // Group, source, interface.
        let source = if with_source {
            words(1)?
        } else {
            Ipv4Addr::UNSPECIFIED
        };
        let interface = interface_v4(words(if with_source { 2 } else { 1 })?);
        Some(Membership {
            group: IpAddr::V4(group),
            interface,
            change: sources(IpAddr::V4(source)),
        })
    };
    Some(read().ok_or(Errno::FAULT))
}

fn v6(name: i32, value: OptionIn<'_>) -> Change {
    let change = match name {
        IPV6_ADD_MEMBERSHIP => SourceFilter::Join,
        IPV6_DROP_MEMBERSHIP => SourceFilter::Leave,
        _ => return None,
    };
    let request = IPV6_MREQ::decode(value.bytes()).map(|request| Membership {
        group: IpAddr::V6(Ipv6Addr::from(request.ipv6mr_multiaddr.Byte)),
        interface: by_index(request.ipv6mr_interface),
        change,
    });
    Some(request.ok_or(Errno::FAULT))
}

/// The options for both families: GROUP_REQ and GROUP_SOURCE_REQ.
fn either(name: i32, value: OptionIn<'_>) -> Change {
    let sources: fn(IpAddr) -> SourceFilter = match name {
        MCAST_JOIN_GROUP => |_| SourceFilter::Join,
        MCAST_LEAVE_GROUP => |_| SourceFilter::Leave,
        MCAST_JOIN_SOURCE_GROUP => SourceFilter::JoinSource,
        MCAST_LEAVE_SOURCE_GROUP => SourceFilter::LeaveSource,
        MCAST_BLOCK_SOURCE => SourceFilter::BlockSource,
        MCAST_UNBLOCK_SOURCE => SourceFilter::UnblockSource,
        _ => return None,
    };
    let bytes = value.bytes();
    let with_source = !matches!(name, MCAST_JOIN_GROUP | MCAST_LEAVE_GROUP);
    let needed = if with_source {
        size_of::<GROUP_SOURCE_REQ>()
    } else {
        size_of::<GROUP_REQ>()
    };
    if bytes.len() < needed {
        return Some(Err(Errno::FAULT));
    }
    let address = |at: usize| {
        Endpoint::from_windows(&bytes[at..])?
            .ip()
            .ok_or(Errno::INVAL)
    };
    let read = || {
        let group = address(FIRST_ADDRESS)?;
        let source = if with_source {
            address(NEXT_ADDRESS)?
        } else {
            group
        };
        let index = u32::decode(bytes).ok_or(Errno::FAULT)?;
        Ok(Membership {
            group,
            interface: by_index(index),
            change: sources(source),
        })
    };
    Some(read())
}

/// `0.0.0.0` is any interface, `0.x.x.x` the one with that number, others the one with the address.
pub(super) fn interface_v4(address: Ipv4Addr) -> GroupInterface {
    match u32::from(address) {
        0 => GroupInterface::Any,
        index if index < 1 << 24 => GroupInterface::Index(index),
        _ => GroupInterface::Address(address),
    }
}

fn by_index(index: u32) -> GroupInterface {
    if index == 0 {
        GroupInterface::Any
    } else {
        GroupInterface::Index(index)
    }
}
