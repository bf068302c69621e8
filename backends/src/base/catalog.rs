//! The catalog entries of the base provider, as Windows has them.
//!
//! The client DLL starts a fresh catalog with these (`catalog_entries`); ids run from 1001. A socket
//! that was made without an entry describes itself by the one of its kind.

use ws2spi_abi::AF_INET;
use ws2spi_abi::AF_INET6;
use ws2spi_abi::AF_UNIX;
use ws2spi_abi::GUID;
use ws2spi_abi::IPPROTO_TCP;
use ws2spi_abi::IPPROTO_UDP;
use ws2spi_abi::PFL_HIDDEN;
use ws2spi_abi::PFL_MATCHES_PROTOCOL_ZERO;
use ws2spi_abi::PROVIDER_IPV4;
use ws2spi_abi::PROVIDER_IPV6;
use ws2spi_abi::PROVIDER_UNIX;
use ws2spi_abi::SOCK_DGRAM;
use ws2spi_abi::SOCK_RAW;
use ws2spi_abi::SOCK_STREAM;
use ws2spi_abi::WSAPROTOCOL_INFOW;
use ws2spi_abi::WSAPROTOCOLCHAIN;
use ws2spi_abi::XP1_CONNECTIONLESS;
use ws2spi_abi::XP1_EXPEDITED_DATA;
use ws2spi_abi::XP1_GRACEFUL_CLOSE;
use ws2spi_abi::XP1_GUARANTEED_DELIVERY;
use ws2spi_abi::XP1_GUARANTEED_ORDER;
use ws2spi_abi::XP1_IFS_HANDLES;
use ws2spi_abi::XP1_MESSAGE_ORIENTED;
use ws2spi_abi::XP1_SUPPORT_BROADCAST;
use ws2spi_abi::XP1_SUPPORT_MULTIPOINT;

use crate::net::Family;
use crate::net::Kind;

/// The id of the first entry.
const FIRST_ID: u32 = 1001;

const STREAM: u32 =
    XP1_IFS_HANDLES | XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER | XP1_GRACEFUL_CLOSE;
const TCP: u32 = STREAM | XP1_EXPEDITED_DATA;
const DATAGRAM: u32 = XP1_IFS_HANDLES
    | XP1_CONNECTIONLESS
    | XP1_MESSAGE_ORIENTED
    | XP1_SUPPORT_BROADCAST
    | XP1_SUPPORT_MULTIPOINT;

/// The entries, in the order in which Windows installs them: TCP, UDP and RAW over IPv4, the same
/// over IPv6, AF_UNIX. RAW is hidden.
#[must_use]
pub fn catalog_entries() -> Vec<WSAPROTOCOL_INFOW> {
    [
        (Family::Inet, Kind::Stream),
        (Family::Inet, Kind::Datagram),
        (Family::Inet, Kind::Raw),
        (Family::Inet6, Kind::Stream),
        (Family::Inet6, Kind::Datagram),
        (Family::Inet6, Kind::Raw),
        (Family::Unix, Kind::Stream),
    ]
    .into_iter()
    .map(|(family, kind)| entry_for(family, kind))
    .collect()
}

/// The entry that describes sockets of the family and kind.
pub(super) fn entry_for(family: Family, kind: Kind) -> WSAPROTOCOL_INFOW {
    let (provider, number, sizes, first): (GUID, i32, (i32, i32), u32) = match family {
        Family::Inet => (PROVIDER_IPV4, AF_INET, (16, 16), FIRST_ID),
        Family::Inet6 => (PROVIDER_IPV6, AF_INET6, (28, 28), FIRST_ID + 3),
        Family::Unix => (PROVIDER_UNIX, AF_UNIX, (110, 3), FIRST_ID + 6),
    };
    let suffix = if family == Family::Inet6 { "v6" } else { "" };
    let (offset, flags, socket_type, protocol, longest, name) = match (family, kind) {
        (Family::Unix, _) => (0, STREAM, SOCK_STREAM, 0, 0, "AF_UNIX".to_owned()),
        (_, Kind::Stream) => (0, TCP, SOCK_STREAM, IPPROTO_TCP, 0, name("TCP", suffix)),
        (_, Kind::Datagram) => (
            1,
            DATAGRAM,
            SOCK_DGRAM,
            IPPROTO_UDP,
            0xffbb,
            name("UDP", suffix),
        ),
        (_, Kind::Raw) => (2, DATAGRAM, SOCK_RAW, 0, 0x8000, name("RAW", suffix)),
    };
    let mut entry = WSAPROTOCOL_INFOW {
        dwServiceFlags1: flags,
        dwProviderFlags: PFL_MATCHES_PROTOCOL_ZERO,
        ProviderId: provider,
        dwCatalogEntryId: first + offset,
        ProtocolChain: WSAPROTOCOLCHAIN {
            ChainLen: 1,
            ChainEntries: [0; 7],
        },
        iVersion: if family == Family::Unix { 0 } else { 2 },
        iAddressFamily: number,
        iMaxSockAddr: sizes.0,
        iMinSockAddr: sizes.1,
        iSocketType: socket_type,
        iProtocol: protocol,
        dwMessageSize: longest,
        ..WSAPROTOCOL_INFOW::EMPTY
    };
    if kind == Kind::Raw {
        entry.dwProviderFlags |= PFL_HIDDEN;
        entry.iProtocolMaxOffset = 255;
    }
    for (cell, unit) in entry.szProtocol.iter_mut().zip(name.encode_utf16()) {
        *cell = unit;
    }
    entry
}

fn name(protocol: &str, suffix: &str) -> String {
    format!("MSAFD Tcpip [{protocol}/IP{suffix}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entries_are_those_of_windows() {
        // client-dll.md 4.1: reference values for base entries; ids from 1001.
        let entries = catalog_entries();
        let row = |entry: &WSAPROTOCOL_INFOW| {
            (
                entry.dwCatalogEntryId,
                entry.iAddressFamily,
                entry.iSocketType,
                entry.iProtocol,
                entry.dwServiceFlags1,
                entry.dwProviderFlags,
            )
        };
        assert_eq!(
            entries.iter().map(row).collect::<Vec<_>>(),
            [
                (1001, 2, 1, 6, 0x20066, 8),
                (1002, 2, 2, 17, 0x20609, 8),
                (1003, 2, 3, 0, 0x20609, 12),
                (1004, 23, 1, 6, 0x20066, 8),
                (1005, 23, 2, 17, 0x20609, 8),
                (1006, 23, 3, 0, 0x20609, 12),
                (1007, 1, 1, 0, 0x20026, 8),
            ]
        );
        assert!(
            entries
                .iter()
                .all(|entry| entry.ProtocolChain.ChainLen == 1)
        );
    }
}
