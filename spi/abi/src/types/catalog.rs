//! Start-up data and catalog entries: WSADATA, WSPDATA, WSAPROTOCOL_INFO and its chain.
//!
//! Filled by WSAStartup and WSPStartup, stored in the catalog, given to providers.

use super::PSTR;
use super::plain::plain_structs;
use crate::guid::GUID;

plain_structs! {
    /// What WSAStartup reports. 408 bytes, in the order of 64-bit Windows.
    /// The application owns the structure. Microsoft: winsock2.h, WSADATA structure.
    pub struct WSADATA {
        /// Version that the application is to use: low byte major, high byte minor.
        pub wVersion: u16,
        /// Highest version that is supported.
        pub wHighVersion: u16,
        /// Version 1.x only: number of sockets a process may open.
        pub iMaxSockets: u16,
        /// Version 1.x only: largest datagram.
        pub iMaxUdpDg: u16,
        /// Version 1.x only, reserved; never written.
        pub lpVendorInfo: PSTR,
        /// Description, NUL-terminated.
        pub szDescription: [u8; 257],
        /// Status, NUL-terminated.
        pub szSystemStatus: [u8; 129],
    }

    /// What WSPStartup reports. 516 bytes.
    /// The caller of WSPStartup owns it. Microsoft: ws2spi.h, WSPDATA structure.
    pub struct WSPDATA {
        /// Version that the caller is to use: low byte major, high byte minor.
        pub wVersion: u16,
        /// Highest version that the provider supports.
        pub wHighVersion: u16,
        /// Description of the provider, NUL-terminated.
        pub szDescription: [u16; 256],
    }

    /// The layers of a catalog entry, from the top. 32 bytes.
    /// Microsoft: winsock2.h, WSAPROTOCOLCHAIN structure.
    #[derive(PartialEq, Eq, Hash)]
    pub struct WSAPROTOCOLCHAIN {
        /// 0: the entry only names a layer; 1: base protocol; more: a chain of that length.
        pub ChainLen: i32,
        /// Catalog entry ids from the top layer to the base; only `ChainLen` are meaningful.
        pub ChainEntries: [u32; 7],
    }

    /// A catalog entry with its name in UTF-16. 628 bytes.
    /// Whoever passes it owns it. Microsoft: winsock2.h, WSAPROTOCOL_INFOW structure.
    #[doc(alias = "LPWSAPROTOCOL_INFOW")]
    #[derive(PartialEq, Eq, Hash)]
    pub struct WSAPROTOCOL_INFOW {
        /// What the protocol offers: `XP1_*`.
        pub dwServiceFlags1: u32,
        /// Reserved; a provider may carry a duplication token in it.
        pub dwServiceFlags2: u32,
        /// Reserved; a provider may carry a duplication token in it.
        pub dwServiceFlags3: u32,
        /// Reserved; a provider may carry a duplication token in it.
        pub dwServiceFlags4: u32,
        /// How the entry is represented: `PFL_*`.
        pub dwProviderFlags: u32,
        /// Identity of the provider; several entries may share it.
        pub ProviderId: GUID,
        /// Identity of the entry, assigned when it is installed.
        pub dwCatalogEntryId: u32,
        /// The layers of the entry.
        pub ProtocolChain: WSAPROTOCOLCHAIN,
        /// Version of the protocol, as the provider counts it.
        pub iVersion: i32,
        /// Address family: `AF_*`.
        pub iAddressFamily: i32,
        /// Largest size of an address in bytes.
        pub iMaxSockAddr: i32,
        /// Smallest size of an address in bytes.
        pub iMinSockAddr: i32,
        /// Socket type: `SOCK_*`.
        pub iSocketType: i32,
        /// First protocol number: `IPPROTO_*`.
        pub iProtocol: i32,
        /// How many numbers after `iProtocol` are accepted as well.
        pub iProtocolMaxOffset: i32,
        /// `BIGENDIAN` or `LITTLEENDIAN`.
        pub iNetworkByteOrder: i32,
        /// `SECURITY_PROTOCOL_NONE` or the number of a security scheme.
        pub iSecurityScheme: i32,
        /// Largest message: 0 for streams, 1 when the link decides, 0xFFFFFFFF for no limit.
        pub dwMessageSize: u32,
        /// The provider's own; carries what WSPDuplicateSocket needs.
        pub dwProviderReserved: u32,
        /// Name of the protocol, NUL-terminated.
        pub szProtocol: [u16; 256],
    }

    /// A catalog entry with its name in bytes. 372 bytes; all but the last field as in
    /// [`WSAPROTOCOL_INFOW`]. Microsoft: winsock2.h, WSAPROTOCOL_INFOA structure.
    #[doc(alias = "LPWSAPROTOCOL_INFOA")]
    #[derive(PartialEq, Eq, Hash)]
    pub struct WSAPROTOCOL_INFOA {
        /// What the protocol offers: `XP1_*`.
        pub dwServiceFlags1: u32,
        /// Reserved; a provider may carry a duplication token in it.
        pub dwServiceFlags2: u32,
        /// Reserved; a provider may carry a duplication token in it.
        pub dwServiceFlags3: u32,
        /// Reserved; a provider may carry a duplication token in it.
        pub dwServiceFlags4: u32,
        /// How the entry is represented: `PFL_*`.
        pub dwProviderFlags: u32,
        /// Identity of the provider; several entries may share it.
        pub ProviderId: GUID,
        /// Identity of the entry, assigned when it is installed.
        pub dwCatalogEntryId: u32,
        /// The layers of the entry.
        pub ProtocolChain: WSAPROTOCOLCHAIN,
        /// Version of the protocol, as the provider counts it.
        pub iVersion: i32,
        /// Address family: `AF_*`.
        pub iAddressFamily: i32,
        /// Largest size of an address in bytes.
        pub iMaxSockAddr: i32,
        /// Smallest size of an address in bytes.
        pub iMinSockAddr: i32,
        /// Socket type: `SOCK_*`.
        pub iSocketType: i32,
        /// First protocol number: `IPPROTO_*`.
        pub iProtocol: i32,
        /// How many numbers after `iProtocol` are accepted as well.
        pub iProtocolMaxOffset: i32,
        /// `BIGENDIAN` or `LITTLEENDIAN`.
        pub iNetworkByteOrder: i32,
        /// `SECURITY_PROTOCOL_NONE` or the number of a security scheme.
        pub iSecurityScheme: i32,
        /// Largest message: 0 for streams, 1 when the link decides, 0xFFFFFFFF for no limit.
        pub dwMessageSize: u32,
        /// The provider's own; carries what WSPDuplicateSocket needs.
        pub dwProviderReserved: u32,
        /// Name of the protocol, NUL-terminated.
        pub szProtocol: [u8; 256],
    }
}
