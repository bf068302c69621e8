//! The host's interfaces (getifaddrs(3)) and routes (the kernel's choice for a socket that connects).
//!
//! Used by [`System`](super::System). Asks anew each time: interfaces come and go.

use std::ffi::CStr;
use std::ffi::c_int;
use std::net::IpAddr;
use std::ptr;

use ws2spi_abi::Errno;

use super::address::KernelAddress;
use super::errno::syscall;
use super::socket::Socket;
use super::sys;
use crate::net::Connecting;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::Interface;
use crate::net::InterfaceFlags;
use crate::net::Kind;
use crate::net::NetSocket;

/// The addresses of the host; see [`Net::interfaces`](crate::net::Net::interfaces).
pub(super) fn interfaces() -> Result<Vec<Interface>, Errno> {
    let list = List::new()?;
    let mut found = Vec::new();
    let mut next = list.0;
    while !next.is_null() {
        // SAFETY: an element of the list, which lives as long as `list`.
        let entry = unsafe { &*next };
        // SAFETY: as above.
        found.extend(unsafe { interface(entry) });
        next = entry.ifa_next;
    }
    Ok(found)
}

/// The address a packet to `to` leaves from; see [`Net::route`](crate::net::Net::route).
pub(super) fn route(to: &Endpoint) -> Result<Endpoint, Errno> {
    if to.family() == Family::Unix {
        return Err(Errno::AFNOSUPPORT);
    }
    let socket = Socket::new(to.family(), Kind::Datagram, 0)?;
    // The BSDs do not connect to port 0; the port does not matter.
    let port = if to.port() == 0 { 9 } else { to.port() };
    match socket.connect(&to.with_port(port))? {
        Connecting::Done => Ok(socket.local_name()?.with_port(0)),
        // No system does this with datagrams.
        Connecting::InProgress => Err(Errno::NETUNREACH),
    }
}

/// What getifaddrs gave; freed when dropped.
struct List(*mut libc::ifaddrs);

impl List {
    fn new() -> Result<Self, Errno> {
        let mut first = ptr::null_mut();
        // SAFETY: room for one pointer.
        unsafe { syscall!(getifaddrs(&raw mut first)) }?;
        Ok(Self(first))
    }
}

impl Drop for List {
    fn drop(&mut self) {
        // SAFETY: getifaddrs made it, and it is freed here only.
        unsafe { libc::freeifaddrs(self.0) };
    }
}

/// # Safety
/// `entry` is an element of a list that getifaddrs gave and that still lives.
unsafe fn interface(entry: &libc::ifaddrs) -> Option<Interface> {
    if entry.ifa_addr.is_null() {
        return None;
    }
    // SAFETY: not null, and so a sockaddr.
    let family = unsafe { (*entry.ifa_addr).sa_family };
    let family = match c_int::from(family) {
        libc::AF_INET => Family::Inet,
        libc::AF_INET6 => Family::Inet6,
        _ => return None,
    };
    // SAFETY: the caller's contract: a string that lives as long as the list.
    let name = unsafe { CStr::from_ptr(entry.ifa_name) };
    // SAFETY: the caller's contract.
    let address = unsafe { KernelAddress::read(entry.ifa_addr, family) }?;
    // SAFETY: the caller's contract.
    let netmask = unsafe { KernelAddress::read(entry.ifa_netmask, family) };
    let flag = |flag: c_int| entry.ifa_flags & flag as libc::c_uint != 0;
    let broadcast = if flag(libc::IFF_BROADCAST) {
        // SAFETY: the caller's contract.
        unsafe { KernelAddress::read(sys::broadcast_of(entry), family) }
    } else {
        None
    };
    let (address, scope) = match address {
        Endpoint::V6(name) => {
            let (ip, scope) = sys::interface_address(name);
            (IpAddr::V6(ip), scope)
        }
        other => (other.ip()?, 0),
    };
    Some(Interface {
        // SAFETY: a string, as above.
        index: unsafe { libc::if_nametoindex(name.as_ptr()) },
        name: name.to_string_lossy().into_owned(),
        address,
        scope,
        netmask: netmask.and_then(|name| name.ip()),
        broadcast: broadcast.and_then(|name| name.ip()),
        flags: InterfaceFlags {
            up: flag(libc::IFF_UP),
            broadcast: flag(libc::IFF_BROADCAST),
            loopback: flag(libc::IFF_LOOPBACK),
            point_to_point: flag(libc::IFF_POINTOPOINT),
            multicast: flag(libc::IFF_MULTICAST),
        },
    })
}
