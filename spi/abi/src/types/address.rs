//! Socket addresses with Windows' layout, and their conversions from and to `std::net`.
//!
//! The family is a 16-bit number at offset 0 in host order, ports and addresses are in network
//! order. Hosts differ (AF_INET6, sa_len): convert field by field, never cast.

use core::fmt;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddrV4;
use std::net::SocketAddrV6;

use super::plain::Plain;
use super::plain::plain_structs;
use crate::constants::AF_INET;
use crate::constants::AF_INET6;

plain_structs! {
    /// An IPv4 address in network order. 4 bytes. Microsoft: winsock2.h, in_addr structure.
    #[doc(alias = "in_addr")]
    #[derive(PartialEq, Eq, Hash)]
    pub struct IN_ADDR {
        /// The four bytes, read as one number in the machine's order.
        pub S_addr: u32,
    }

    /// An address of any family, its first 16 bytes. Microsoft: ws2def.h, SOCKADDR structure.
    #[doc(alias = "sockaddr")]
    #[doc(alias = "LPSOCKADDR")]
    #[derive(PartialEq, Eq, Hash)]
    pub struct SOCKADDR {
        /// Address family: `AF_*`.
        pub sa_family: u16,
        /// As the family lays it out.
        pub sa_data: [u8; 14],
    }

    /// An IPv4 address and port. 16 bytes. Microsoft: ws2def.h, SOCKADDR_IN structure.
    #[doc(alias = "sockaddr_in")]
    #[derive(PartialEq, Eq, Hash)]
    pub struct SOCKADDR_IN {
        /// AF_INET.
        pub sin_family: u16,
        /// Port in network order.
        pub sin_port: u16,
        /// Address in network order.
        pub sin_addr: IN_ADDR,
        /// Zero.
        pub sin_zero: [u8; 8],
    }

    /// An IPv6 address, port and scope. 28 bytes. Microsoft: ws2ipdef.h, SOCKADDR_IN6 structure.
    #[doc(alias = "sockaddr_in6")]
    #[derive(PartialEq, Eq, Hash)]
    pub struct SOCKADDR_IN6 {
        /// AF_INET6, which is 23.
        pub sin6_family: u16,
        /// Port in network order.
        pub sin6_port: u16,
        /// Flow information in network order.
        pub sin6_flowinfo: u32,
        /// Address.
        pub sin6_addr: IN6_ADDR,
        /// Scope: the index of an interface, in the machine's order; 0 for none.
        pub sin6_scope_id: u32,
    }

    /// An IPv6 address and port without scope, as in [`sockaddr_gen`]. 24 bytes.
    /// Microsoft: ws2ipdef.h, sockaddr_in6_old structure.
    #[derive(PartialEq, Eq, Hash)]
    pub struct sockaddr_in6_old {
        /// AF_INET6.
        pub sin6_family: i16,
        /// Port in network order.
        pub sin6_port: u16,
        /// Flow information in network order.
        pub sin6_flowinfo: u32,
        /// Address.
        pub sin6_addr: IN6_ADDR,
    }

    /// The path of a local socket. 110 bytes. Microsoft: afunix.h, SOCKADDR_UN structure.
    #[doc(alias = "sockaddr_un")]
    #[derive(PartialEq, Eq, Hash)]
    pub struct SOCKADDR_UN {
        /// AF_UNIX.
        pub sun_family: u16,
        /// Path in UTF-8, NUL-terminated.
        pub sun_path: [u8; 108],
    }

    /// Room for an address of any family. 128 bytes, 8-aligned.
    /// Microsoft: ws2def.h, SOCKADDR_STORAGE structure.
    #[doc(alias = "sockaddr_storage")]
    #[derive(PartialEq, Eq, Hash)]
    pub struct SOCKADDR_STORAGE {
        /// Address family: `AF_*`.
        pub ss_family: u16,
        /// As the family lays it out.
        pub __ss_pad1: [u8; 6],
        /// As the family lays it out; makes the structure 8-aligned.
        pub __ss_align: i64,
        /// As the family lays it out.
        pub __ss_pad2: [u8; 112],
    }

    /// An address and its size. 16 bytes. Whoever made it owns the address.
    /// Microsoft: ws2def.h, SOCKET_ADDRESS structure.
    pub struct SOCKET_ADDRESS {
        /// The address, or NULL.
        pub lpSockaddr: *mut SOCKADDR,
        /// Its size in bytes.
        pub iSockaddrLength: i32,
    }

    /// Answer of SIO_ADDRESS_LIST_QUERY; the array is as long as the count says. 24 bytes with
    /// one element. The addresses lie in the same buffer.
    /// Microsoft: ws2def.h, SOCKET_ADDRESS_LIST structure.
    pub struct SOCKET_ADDRESS_LIST {
        /// How many addresses.
        pub iAddressCount: i32,
        /// The first of them.
        pub Address: [SOCKET_ADDRESS; 1],
    }

    /// Value of SO_BSP_STATE. 40 bytes; the addresses follow in the same buffer.
    /// Microsoft: ws2def.h, CSADDR_INFO structure.
    pub struct CSADDR_INFO {
        /// Own address.
        pub LocalAddr: SOCKET_ADDRESS,
        /// Peer's address.
        pub RemoteAddr: SOCKET_ADDRESS,
        /// Socket type: `SOCK_*`.
        pub iSocketType: i32,
        /// Protocol: `IPPROTO_*`.
        pub iProtocol: i32,
    }
}

/// An IPv6 address in network order. 16 bytes, 2-aligned as its array of 16-bit words demands.
/// Microsoft: in6addr.h, in6_addr structure.
#[doc(alias = "in6_addr")]
#[repr(C, align(2))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct IN6_ADDR {
    /// The sixteen bytes.
    pub Byte: [u8; 16],
}

impl IN6_ADDR {
    /// The address `::`.
    pub const EMPTY: Self = Self { Byte: [0; 16] };
}

impl Plain for IN6_ADDR {
    const EMPTY: Self = Self::EMPTY;

    fn decode(bytes: &[u8]) -> Option<Self> {
        <[u8; 16]>::decode(bytes).map(|Byte| Self { Byte })
    }

    fn encode(&self, out: &mut [u8]) -> Option<()> {
        self.Byte.encode(out)
    }
}

/// An address in an [`INTERFACE_INFO`](super::INTERFACE_INFO). 24 bytes, 4-aligned.
///
/// The C type is a union of SOCKADDR, SOCKADDR_IN and the scopeless [`sockaddr_in6_old`]; here it
/// is the bytes of whichever member was stored, the rest zero.
/// Microsoft: ws2ipdef.h, sockaddr_gen union.
#[repr(C, align(4))]
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct sockaddr_gen {
    bytes: [u8; 24],
}

impl sockaddr_gen {
    /// All bytes zero: no address.
    pub const EMPTY: Self = Self { bytes: [0; 24] };

    /// The member `AddressIn`.
    pub fn address_in(&self) -> SOCKADDR_IN {
        SOCKADDR_IN::decode(&self.bytes).unwrap_or_default()
    }

    /// The member `AddressIn6`.
    pub fn address_in6(&self) -> sockaddr_in6_old {
        sockaddr_in6_old::decode(&self.bytes).unwrap_or_default()
    }

    /// The bytes, the family first.
    pub fn bytes(&self) -> &[u8; 24] {
        &self.bytes
    }
}

impl From<SOCKADDR_IN> for sockaddr_gen {
    fn from(address: SOCKADDR_IN) -> Self {
        let mut bytes = [0; 24];
        let written = address.encode(&mut bytes);
        debug_assert!(written.is_some());
        Self { bytes }
    }
}

impl From<sockaddr_in6_old> for sockaddr_gen {
    fn from(address: sockaddr_in6_old) -> Self {
        let mut bytes = [0; 24];
        let written = address.encode(&mut bytes);
        debug_assert!(written.is_some());
        Self { bytes }
    }
}

impl Plain for sockaddr_gen {
    const EMPTY: Self = Self::EMPTY;

    fn decode(bytes: &[u8]) -> Option<Self> {
        Plain::decode(bytes).map(|bytes| Self { bytes })
    }

    fn encode(&self, out: &mut [u8]) -> Option<()> {
        self.bytes.encode(out)
    }
}

impl fmt::Debug for sockaddr_gen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("sockaddr_gen").field(&self.bytes).finish()
    }
}

impl From<Ipv4Addr> for IN_ADDR {
    fn from(address: Ipv4Addr) -> Self {
        Self {
            S_addr: u32::from_ne_bytes(address.octets()),
        }
    }
}

impl From<IN_ADDR> for Ipv4Addr {
    fn from(address: IN_ADDR) -> Self {
        Self::from(address.S_addr.to_ne_bytes())
    }
}

impl From<Ipv6Addr> for IN6_ADDR {
    fn from(address: Ipv6Addr) -> Self {
        Self {
            Byte: address.octets(),
        }
    }
}

impl From<IN6_ADDR> for Ipv6Addr {
    fn from(address: IN6_ADDR) -> Self {
        Self::from(address.Byte)
    }
}

impl From<SocketAddrV4> for SOCKADDR_IN {
    fn from(address: SocketAddrV4) -> Self {
        Self {
            sin_family: AF_INET as u16,
            sin_port: address.port().to_be(),
            sin_addr: (*address.ip()).into(),
            sin_zero: [0; 8],
        }
    }
}

/// Takes address and port; the family is the caller's to check.
impl From<SOCKADDR_IN> for SocketAddrV4 {
    fn from(address: SOCKADDR_IN) -> Self {
        Self::new(address.sin_addr.into(), u16::from_be(address.sin_port))
    }
}

impl From<SocketAddrV6> for SOCKADDR_IN6 {
    fn from(address: SocketAddrV6) -> Self {
        Self {
            sin6_family: AF_INET6 as u16,
            sin6_port: address.port().to_be(),
            sin6_flowinfo: address.flowinfo().to_be(),
            sin6_addr: (*address.ip()).into(),
            sin6_scope_id: address.scope_id(),
        }
    }
}

/// Takes address, port, flow information and scope; the family is the caller's to check.
impl From<SOCKADDR_IN6> for SocketAddrV6 {
    fn from(address: SOCKADDR_IN6) -> Self {
        Self::new(
            address.sin6_addr.into(),
            u16::from_be(address.sin6_port),
            u32::from_be(address.sin6_flowinfo),
            address.sin6_scope_id,
        )
    }
}
