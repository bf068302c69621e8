//! Tests of the catalog, and the base entries they start from.

mod chains;
mod changes;
mod file;
mod layout;
mod model;
#[cfg(windows)]
mod registry;
mod selection;
mod visibility;

use std::sync::Arc;

use ws2spi_abi::AF_INET;
use ws2spi_abi::AF_INET6;
use ws2spi_abi::GUID;
use ws2spi_abi::IPPROTO_TCP;
use ws2spi_abi::IPPROTO_UDP;
use ws2spi_abi::PFL_HIDDEN;
use ws2spi_abi::PFL_MATCHES_PROTOCOL_ZERO;
use ws2spi_abi::PROVIDER_IPV4;
use ws2spi_abi::PROVIDER_IPV6;
use ws2spi_abi::SOCK_DGRAM;
use ws2spi_abi::SOCK_RAW;
use ws2spi_abi::SOCK_STREAM;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::Bits;
use super::Catalog;
use super::Entry;
use super::EntryId;
use super::Identity;
use super::List;
use super::Snapshot;

/// The path of the base entries.
pub const BASE: &str = "linked:base";

/// TCP/IP 1001, UDP/IP 1002, RAW/IP 1003 and their IPv6 twins 1004 to 1006, as in client-dll.md 4.1.
pub fn base_entries() -> Vec<WSAPROTOCOL_INFOW> {
    let families = [
        (AF_INET, PROVIDER_IPV4, "", 16),
        (AF_INET6, PROVIDER_IPV6, "v6", 28),
    ];
    let mut entries = Vec::new();
    for (family, provider, suffix, address) in families {
        let common = WSAPROTOCOL_INFOW {
            ProviderId: provider,
            dwProviderFlags: PFL_MATCHES_PROTOCOL_ZERO,
            iVersion: 2,
            iAddressFamily: family,
            iMaxSockAddr: address,
            iMinSockAddr: address,
            ..WSAPROTOCOL_INFOW::EMPTY
        };
        let mut push = |name: &str, info: WSAPROTOCOL_INFOW| {
            let mut info = named(&format!("{name}/IP{suffix}"), info);
            info.ProtocolChain.ChainLen = 1;
            entries.push(info);
        };
        push(
            "TCP",
            WSAPROTOCOL_INFOW {
                dwServiceFlags1: 0x20066,
                iSocketType: SOCK_STREAM,
                iProtocol: IPPROTO_TCP,
                ..common
            },
        );
        push(
            "UDP",
            WSAPROTOCOL_INFOW {
                dwServiceFlags1: 0x20609,
                iSocketType: SOCK_DGRAM,
                iProtocol: IPPROTO_UDP,
                dwMessageSize: 0xffbb,
                ..common
            },
        );
        push(
            "RAW",
            WSAPROTOCOL_INFOW {
                dwServiceFlags1: 0x20609,
                dwProviderFlags: PFL_HIDDEN | PFL_MATCHES_PROTOCOL_ZERO,
                iSocketType: SOCK_RAW,
                iProtocolMaxOffset: 255,
                dwMessageSize: 0x8000,
                ..common
            },
        );
    }
    entries
}

pub fn named(name: &str, mut info: WSAPROTOCOL_INFOW) -> WSAPROTOCOL_INFOW {
    info.szProtocol.fill(0);
    for (unit, to) in name.encode_utf16().zip(&mut info.szProtocol) {
        *to = unit;
    }
    info
}

pub fn fresh() -> Catalog {
    Catalog::new(BASE, &base_entries()).unwrap()
}

pub fn fresh_list() -> List {
    List::fresh(&Arc::from(BASE), &base_entries()).unwrap()
}

/// A GUID of the tests' own.
pub fn guid(number: u128) -> GUID {
    GUID::from_u128(0x1111_0000_0000_0000 << 64 | number)
}

/// The dummy entry of a layer.
pub fn layer(name: &str) -> WSAPROTOCOL_INFOW {
    named(
        name,
        WSAPROTOCOL_INFOW {
            dwProviderFlags: PFL_HIDDEN,
            ..WSAPROTOCOL_INFOW::EMPTY
        },
    )
}

/// A chain with these components that serves what `like` serves.
pub fn chain(name: &str, like: &Entry, components: &[EntryId]) -> WSAPROTOCOL_INFOW {
    let mut info = named(name, *like.info());
    info.ProtocolChain.ChainLen = components.len() as i32;
    for (id, to) in components.iter().zip(&mut info.ProtocolChain.ChainEntries) {
        *to = id.get();
    }
    info
}

pub fn id(number: u32) -> EntryId {
    EntryId::new(number)
}

pub fn native(catalog: &Catalog) -> List {
    catalog.state().unwrap().list(Bits::SixtyFour).clone()
}

/// The ids in catalog order.
pub fn order(list: &List) -> Vec<u32> {
    list.entries()
        .iter()
        .map(|entry| entry.id().get())
        .collect()
}

pub fn application(path: &str) -> Identity {
    Identity {
        path: path.to_owned(),
        extra: None,
    }
}

/// The catalog as an uncategorised application sees it.
pub fn seen(list: &List) -> Snapshot {
    Snapshot::new(list, None, 0)
}
