//! Ioctls about the host: its addresses, its interfaces, its routes.
//!
//! The lists hold pointers into the caller's buffer, so they are laid out for its address.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::net::SocketAddrV6;

use ws2spi_abi::args::Address;
use ws2spi_abi::provider::Ioctl;
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;

use super::super::bind::is_unspecified;
use super::super::names;
use super::super::socket::Socket;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::Interface;

/// Where the array of a SOCKET_ADDRESS_LIST begins.
const LIST_HEAD: usize = 8;

/// The size of a `sockaddr_gen`.
const GENERIC: usize = 24;

impl Socket {
    /// SIO_GET_BROADCAST_ADDRESS.
    pub(super) fn broadcast_address(&self, call: &Ioctl<'_>) -> Result<usize, Errno> {
        if self.make.family != Family::Inet {
            return Err(Errno::NOPROTOOPT);
        }
        let all = Address::from_ip(SocketAddr::from(([255, 255, 255, 255], 0)));
        call.output.write(all.as_bytes())?;
        Ok(all.as_bytes().len())
    }

    /// SIO_ROUTING_INTERFACE_QUERY: the local address by which packets to the input leave (P333).
    pub(super) fn route(&self, call: &Ioctl<'_>) -> Result<usize, Errno> {
        let to = self.route_to(call)?;
        let local = names::address(&self.stack.net.route(&to)?);
        call.output.write(local.as_bytes()).inspect_err(|_| {
            let _ = call.returned.set(names::size(self.make.family) as u32);
        })?;
        Ok(local.as_bytes().len())
    }

    /// The destination that the input of a question about routes names.
    ///
    /// # Errors
    /// `INVAL` for a short input and for "any", `AFNOSUPPORT` for a foreign family (P333).
    pub(super) fn route_to(&self, call: &Ioctl<'_>) -> Result<Endpoint, Errno> {
        let size = names::size(self.make.family);
        let bytes = call.input.bytes();
        if bytes.len() < size {
            return Err(Errno::INVAL);
        }
        let given = Address::from_bytes(bytes);
        if given.family() != names::number(self.make.family) {
            return Err(Errno::AFNOSUPPORT);
        }
        let to = Endpoint::from_windows(bytes)?;
        if is_unspecified(&to) {
            return Err(Errno::INVAL);
        }
        Ok(to)
    }

    /// The host's addresses of this socket's family.
    fn interfaces(&self) -> Result<Vec<Interface>, Errno> {
        let family = self.make.family;
        let mut interfaces = self.stack.net.interfaces()?;
        interfaces.retain(|interface| match interface.address {
            IpAddr::V4(_) => family == Family::Inet,
            IpAddr::V6(_) => family == Family::Inet6,
        });
        Ok(interfaces)
    }

    /// SIO_ADDRESS_LIST_QUERY: a SOCKET_ADDRESS_LIST (P334). The loopback is not among them.
    pub(super) fn address_list(&self, call: &Ioctl<'_>) -> Result<usize, Errno> {
        let room = call.output.capacity() as usize;
        if (1..LIST_HEAD).contains(&room) {
            call.returned.set(0)?;
            return Err(Errno::INVAL);
        }
        let interfaces = self.interfaces()?;
        let listed: Vec<_> = interfaces
            .iter()
            .filter(|interface| interface.flags.up && !interface.flags.loopback)
            .map(|interface| Address::from_ip(with_zone(interface.address, interface.scope)))
            .collect();
        write_list(call, &listed)
    }

    /// SIO_GET_INTERFACE_LIST: an array of INTERFACE_INFO, the loopback included (P336).
    pub(super) fn interface_list(&self, call: &Ioctl<'_>) -> Result<usize, Errno> {
        let bytes: Vec<u8> = self.interfaces()?.iter().flat_map(interface_info).collect();
        call.output.write(&bytes).inspect_err(|_| {
            let _ = call.returned.set(0);
        })?;
        Ok(bytes.len())
    }
}

/// Answers a SOCKET_ADDRESS_LIST; its size.
///
/// # Errors
/// `FAULT` when it does not fit, with its size in the count.
pub(super) fn write_list(call: &Ioctl<'_>, addresses: &[Address]) -> Result<usize, Errno> {
    let bytes = address_list(addresses, call.output.address());
    call.output.write(&bytes).inspect_err(|_| {
        let _ = call.returned.set(bytes.len() as u32);
    })?;
    Ok(bytes.len())
}

fn with_zone(address: IpAddr, scope: u32) -> SocketAddr {
    match address {
        IpAddr::V4(_) => SocketAddr::new(address, 0),
        IpAddr::V6(v6) => SocketAddr::V6(SocketAddrV6::new(v6, 0, 0, scope)),
    }
}

/// A SOCKET_ADDRESS_LIST as it stands at `start`: count, array, then the addresses.
fn address_list(addresses: &[Address], start: usize) -> Vec<u8> {
    let entry = size_of::<SOCKET_ADDRESS>();
    let mut bytes = vec![0; LIST_HEAD + entry * addresses.len()];
    bytes[..4].copy_from_slice(&(addresses.len() as i32).to_ne_bytes());
    for (index, address) in addresses.iter().enumerate() {
        let at = LIST_HEAD + entry * index;
        let place = start.wrapping_add(bytes.len());
        let pointer = SOCKET_ADDRESS {
            lpSockaddr: std::ptr::with_exposed_provenance_mut(place),
            iSockaddrLength: address.as_bytes().len() as i32,
        };
        // The slot is as large as the structure.
        let _ = pointer.encode(&mut bytes[at..at + entry]);
        bytes.extend_from_slice(address.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

/// An INTERFACE_INFO: flags and three addresses.
fn interface_info(interface: &Interface) -> [u8; 4 + 3 * GENERIC] {
    let flags = interface.flags;
    let word = [
        (flags.up, IFF_UP),
        (flags.broadcast, IFF_BROADCAST),
        (flags.loopback, IFF_LOOPBACK),
        (flags.point_to_point, IFF_POINTTOPOINT),
        (flags.multicast, IFF_MULTICAST),
    ]
    .into_iter()
    .filter_map(|(on, bit)| on.then_some(bit))
    .fold(0, |word, bit| word | bit);
    let mut bytes = [0; 4 + 3 * GENERIC];
    bytes[..4].copy_from_slice(&word.to_ne_bytes());
    let addresses = [
        Some(interface.address),
        interface.broadcast.or(match interface.address {
            IpAddr::V4(_) => Some(IpAddr::from([255, 255, 255, 255])),
            IpAddr::V6(_) => None,
        }),
        interface.netmask,
    ];
    for (index, address) in addresses.into_iter().enumerate() {
        let Some(address) = address else { continue };
        let name = Address::from_ip(SocketAddr::new(address, 0));
        // A sockaddr_gen holds a sockaddr_in6 without its zone.
        let some = &name.as_bytes()[..name.as_bytes().len().min(GENERIC)];
        let at = 4 + GENERIC * index;
        bytes[at..at + some.len()].copy_from_slice(some);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_of_a_list_lie_behind_it_in_the_same_buffer() {
        // P334
        let addresses =
            [[1, 2, 3, 4], [5, 6, 7, 8]].map(|ip| Address::from_ip(SocketAddr::from((ip, 0))));
        let bytes = address_list(&addresses, 0x1000);
        assert_eq!(bytes.len(), 8 + 2 * 16 + 2 * 16);
        assert_eq!(i32::decode(&bytes), Some(2));
        for (index, address) in addresses.iter().enumerate() {
            let entry = SOCKET_ADDRESS::decode(&bytes[8 + 16 * index..]).unwrap();
            let at = entry.lpSockaddr.addr() - 0x1000;
            let length = entry.iSockaddrLength as usize;
            assert_eq!(&bytes[at..at + length], address.as_bytes());
        }
    }
}
