//! Multicast: which groups a socket hears, and by which interface it speaks.
//!
//! IPv4 names an interface by its number or its address, IPv6 by its number. The fields of
//! `ip_mreq_source` stand in another order on Linux than on Windows and the BSDs, which is why they
//! are only ever named. Used by `socket.rs`.

use std::ffi::c_int;
use std::mem;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;

use libc::IPPROTO_IP;
use libc::IPPROTO_IPV6;
use ws2spi_abi::Errno;

use super::address::KernelAddress;
use super::address::kernel_ipv4;
use super::address::kernel_ipv6;
use super::option;
use super::sys;
use crate::net::Endpoint;
use crate::net::GroupInterface;
use crate::net::Membership;
use crate::net::SourceFilter;

/// Changes what the socket receives of a group.
pub(super) fn set(fd: BorrowedFd<'_>, membership: &Membership) -> Result<(), Errno> {
    let Membership {
        group,
        interface,
        change,
    } = *membership;
    let (source, name4, name6) = match change {
        SourceFilter::Join => return set_group(fd, group, interface, Group::Join),
        SourceFilter::Leave => return set_group(fd, group, interface, Group::Leave),
        SourceFilter::JoinSource(source) => (
            source,
            libc::IP_ADD_SOURCE_MEMBERSHIP,
            libc::MCAST_JOIN_SOURCE_GROUP,
        ),
        SourceFilter::LeaveSource(source) => (
            source,
            libc::IP_DROP_SOURCE_MEMBERSHIP,
            libc::MCAST_LEAVE_SOURCE_GROUP,
        ),
        SourceFilter::BlockSource(source) => {
            (source, libc::IP_BLOCK_SOURCE, libc::MCAST_BLOCK_SOURCE)
        }
        SourceFilter::UnblockSource(source) => {
            (source, libc::IP_UNBLOCK_SOURCE, libc::MCAST_UNBLOCK_SOURCE)
        }
    };
    match (group, source, interface) {
        (IpAddr::V4(group), IpAddr::V4(source), GroupInterface::Any) => {
            set_ipv4_source(fd, name4, group, source, Ipv4Addr::UNSPECIFIED)
        }
        (IpAddr::V4(group), IpAddr::V4(source), GroupInterface::Address(address)) => {
            set_ipv4_source(fd, name4, group, source, address)
        }
        (IpAddr::V4(_), IpAddr::V4(_), GroupInterface::Index(index)) => {
            set_source(fd, IPPROTO_IP, name6, group, source, index)
        }
        (IpAddr::V6(_), IpAddr::V6(_), GroupInterface::Any) => {
            set_source(fd, IPPROTO_IPV6, name6, group, source, 0)
        }
        (IpAddr::V6(_), IpAddr::V6(_), GroupInterface::Index(index)) => {
            set_source(fd, IPPROTO_IPV6, name6, group, source, index)
        }
        _ => Err(Errno::INVAL),
    }
}

/// Sets the interface by which IPv4 multicast leaves.
pub(super) fn set_interface(fd: BorrowedFd<'_>, interface: GroupInterface) -> Result<(), Errno> {
    let request = ipv4_request(Ipv4Addr::UNSPECIFIED, interface);
    Ok(option::set(
        fd,
        IPPROTO_IP,
        libc::IP_MULTICAST_IF,
        &request,
    )?)
}

#[derive(Clone, Copy)]
enum Group {
    Join,
    Leave,
}

fn set_group(
    fd: BorrowedFd<'_>,
    group: IpAddr,
    interface: GroupInterface,
    change: Group,
) -> Result<(), Errno> {
    match group {
        IpAddr::V4(group) => {
            let name = match change {
                Group::Join => libc::IP_ADD_MEMBERSHIP,
                Group::Leave => libc::IP_DROP_MEMBERSHIP,
            };
            Ok(option::set(
                fd,
                IPPROTO_IP,
                name,
                &ipv4_request(group, interface),
            )?)
        }
        IpAddr::V6(group) => {
            let name = match change {
                Group::Join => sys::IPV6_JOIN,
                Group::Leave => sys::IPV6_LEAVE,
            };
            let index = match interface {
                GroupInterface::Any => 0,
                GroupInterface::Index(index) => index,
                GroupInterface::Address(_) => return Err(Errno::INVAL),
            };
            let request = libc::ipv6_mreq {
                ipv6mr_multiaddr: kernel_ipv6(group),
                ipv6mr_interface: index as _,
            };
            Ok(option::set(fd, IPPROTO_IPV6, name, &request)?)
        }
    }
}

fn ipv4_request(group: Ipv4Addr, interface: GroupInterface) -> libc::ip_mreqn {
    let (address, index) = match interface {
        GroupInterface::Any => (Ipv4Addr::UNSPECIFIED, 0),
        GroupInterface::Index(index) => (Ipv4Addr::UNSPECIFIED, index),
        GroupInterface::Address(address) => (address, 0),
    };
    libc::ip_mreqn {
        imr_multiaddr: kernel_ipv4(group),
        imr_address: kernel_ipv4(address),
        imr_ifindex: index as c_int,
    }
}

fn set_ipv4_source(
    fd: BorrowedFd<'_>,
    name: c_int,
    group: Ipv4Addr,
    source: Ipv4Addr,
    interface: Ipv4Addr,
) -> Result<(), Errno> {
    let request = libc::ip_mreq_source {
        imr_multiaddr: kernel_ipv4(group),
        imr_interface: kernel_ipv4(interface),
        imr_sourceaddr: kernel_ipv4(source),
    };
    Ok(option::set(fd, IPPROTO_IP, name, &request)?)
}

fn set_source(
    fd: BorrowedFd<'_>,
    level: c_int,
    name: c_int,
    group: IpAddr,
    source: IpAddr,
    index: u32,
) -> Result<(), Errno> {
    // SAFETY: numbers only; zero is a value of each.
    let mut request: libc::group_source_req = unsafe { mem::zeroed() };
    request.gsr_interface = index;
    request.gsr_group = storage(group)?;
    request.gsr_source = storage(source)?;
    Ok(option::set(fd, level, name, &request)?)
}

fn storage(ip: IpAddr) -> Result<libc::sockaddr_storage, Errno> {
    Ok(KernelAddress::new(&Endpoint::from(SocketAddr::new(ip, 0)))?.storage())
}
