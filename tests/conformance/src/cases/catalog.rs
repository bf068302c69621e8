//! What an application sees of the catalog, and which entry its sockets are made through. Nothing here changes the catalog.

use crate::socket::{checked, checked_socket, last_code, last_error, set_last_code};
use crate::{Socket, cases, winsock};
use std::ptr::{null, null_mut};
use ws2spi_abi::*;

cases! {
    an_application_sees_no_hidden_entries_and_no_layers: [U124], [];
    an_installer_sees_all_entries_in_the_same_order: [U123, U127], [];
    too_little_room_tells_how_much_is_needed: [U125], [];
    a_list_of_protocols_filters: [U126], [Tcp, Udp];
    a_socket_is_made_through_the_first_entry_that_fits: [U144, U145, U146], [Tcp, Udp];
    protocol_0_is_for_entries_that_say_so: [U147], [Tcp];
    a_raw_protocol_selects_the_entry_of_its_range: [U148], [RawSockets];
    an_info_names_the_entry: [U149, U150], [Tcp, Udp];
    an_info_of_no_entry_is_invalid: [U149], [];
    a_socket_that_is_made_leaves_no_error: [U152], [Tcp];
}

const SIZE: u32 = size_of::<WSAPROTOCOL_INFOW>() as u32;
const MOST: usize = 256;

/// `WSAEnumProtocolsW`.
fn visible(protocols: Option<&[i32]>) -> Vec<WSAPROTOCOL_INFOW> {
    let mut room = vec![WSAPROTOCOL_INFOW::EMPTY; MOST];
    let mut len = SIZE * MOST as u32;
    let list = protocols.map_or(null(), <[i32]>::as_ptr);
    // SAFETY: the room has so many bytes, and lists end with 0.
    let count = unsafe { winsock::WSAEnumProtocolsW(list, room.as_mut_ptr(), &raw mut len) };
    room.truncate(checked(count).expect("the catalog can be read") as usize);
    room
}

/// `WSCEnumProtocols`.
fn installed() -> Vec<WSAPROTOCOL_INFOW> {
    let mut room = vec![WSAPROTOCOL_INFOW::EMPTY; MOST];
    let (mut len, mut errno) = (SIZE * MOST as u32, 0);
    let start = room.as_mut_ptr();
    // SAFETY: the room has so many bytes; the rest are live locals.
    let count = unsafe { winsock::WSCEnumProtocols(null(), start, &raw mut len, &raw mut errno) };
    assert_ne!(count, SOCKET_ERROR, "{errno}");
    room.truncate(count as usize);
    room
}

fn is_for_applications(entry: &WSAPROTOCOL_INFOW) -> bool {
    entry.dwProviderFlags & PFL_HIDDEN == 0 && entry.ProtocolChain.ChainLen != 0
}

fn an_application_sees_no_hidden_entries_and_no_layers() {
    let entries = visible(None);
    assert!(!entries.is_empty());
    assert!(entries.iter().all(is_for_applications));
}

fn an_installer_sees_all_entries_in_the_same_order() {
    let ids = |entries: &[WSAPROTOCOL_INFOW]| -> Vec<u32> {
        let entries = entries.iter().filter(|entry| is_for_applications(entry));
        entries.map(|entry| entry.dwCatalogEntryId).collect()
    };
    assert_eq!(ids(&installed()), ids(&visible(None)));
}

// Nothing is written then.
fn too_little_room_tells_how_much_is_needed() {
    let needed = visible(None).len() as u32 * SIZE;
    let mut room = vec![WSAPROTOCOL_INFOW::EMPTY; MOST];
    for (start, capacity) in [
        (room.as_mut_ptr(), 0),
        (room.as_mut_ptr(), needed - 1),
        (null_mut(), needed),
    ] {
        let mut len = capacity;
        // SAFETY: there is more room than the length says, or NULL, which is what is tested.
        let count = unsafe { winsock::WSAEnumProtocolsW(null(), start, &raw mut len) };
        assert_eq!(checked(count), Err(Errno::NOBUFS), "{capacity}");
        assert_eq!(len, needed, "{capacity}");
    }
    assert!(room.iter().all(|entry| entry.dwCatalogEntryId == 0));
    let mut len = needed;
    // SAFETY: there is more room than the length says.
    let count = unsafe { winsock::WSAEnumProtocolsW(null(), room.as_mut_ptr(), &raw mut len) };
    assert_eq!(checked(count).map(|count| count as u32 * SIZE), Ok(needed));
}

fn a_list_of_protocols_filters() {
    for protocol in [IPPROTO_TCP, IPPROTO_UDP] {
        let found = visible(Some(&[protocol, 0]));
        assert!(!found.is_empty());
        assert!(found.iter().all(|entry| entry.iProtocol == protocol));
    }
    let all = visible(Some(&[IPPROTO_TCP, IPPROTO_UDP, 0])).len();
    let each = [IPPROTO_TCP, IPPROTO_UDP].map(|protocol| visible(Some(&[protocol, 0])).len());
    assert_eq!(all, each[0] + each[1]);
    assert_eq!(visible(Some(&[0])).len(), 0);
}

/// The entry that a new socket was made through.
fn entry_of(family: i32, kind: i32, protocol: i32) -> WSAPROTOCOL_INFOW {
    let socket = Socket::new(family, kind, protocol).expect("there is an entry for it");
    socket.entry().expect("every socket has an entry")
}

// Whether that is a chain or a base, but never a layer's own entry.
fn a_socket_is_made_through_the_first_entry_that_fits() {
    let entries = visible(None);
    for (kind, protocol) in [(SOCK_STREAM, IPPROTO_TCP), (SOCK_DGRAM, IPPROTO_UDP)] {
        for family in [AF_INET, AF_INET6] {
            let fits = |entry: &&WSAPROTOCOL_INFOW| {
                (entry.iAddressFamily, entry.iSocketType, entry.iProtocol)
                    == (family, kind, protocol)
            };
            let Some(first) = entries.iter().find(fits) else {
                continue;
            };
            let made = entry_of(family, kind, protocol);
            assert_eq!(made.dwCatalogEntryId, first.dwCatalogEntryId);
            assert_ne!(made.ProtocolChain.ChainLen, 0);
        }
    }
}

fn protocol_0_is_for_entries_that_say_so() {
    let made = entry_of(AF_INET, SOCK_STREAM, 0);
    assert_ne!(made.dwProviderFlags & PFL_MATCHES_PROTOCOL_ZERO, 0);
}

// It is hidden from applications.
fn a_raw_protocol_selects_the_entry_of_its_range() {
    for protocol in [IPPROTO_ICMP, 253, IPPROTO_RAW] {
        let made = entry_of(AF_INET, SOCK_RAW, protocol);
        assert_eq!(made.iSocketType, SOCK_RAW);
        let range = made.iProtocol..=made.iProtocol + made.iProtocolMaxOffset;
        assert!(range.contains(&protocol), "{protocol} by {range:?}");
        assert_ne!(made.dwProviderFlags & PFL_HIDDEN, 0);
    }
}

/// `WSASocketW` with an info that says everything.
fn made_by(info: &WSAPROTOCOL_INFOW) -> Result<Socket, Errno> {
    let any = FROM_PROTOCOL_INFO;
    // SAFETY: the info lives for the call.
    checked_socket(unsafe { winsock::WSASocketW(any, any, any, info, 0, WSA_FLAG_OVERLAPPED) })
}

// A base entry too, past all chains.
fn an_info_names_the_entry() {
    let entries = visible(None);
    let is_ip = |entry: &&WSAPROTOCOL_INFOW| {
        [AF_INET, AF_INET6].contains(&entry.iAddressFamily) && entry.iSocketType != SOCK_RAW
    };
    for entry in entries.iter().filter(is_ip) {
        let socket = made_by(entry).expect("it is an entry");
        let made = socket.entry().expect("every socket has an entry");
        assert_eq!(made.dwCatalogEntryId, entry.dwCatalogEntryId);
    }
}

fn an_info_of_no_entry_is_invalid() {
    let mut info = *visible(None).first().expect("there are entries");
    info.dwCatalogEntryId = 0x7fff_4711;
    assert_eq!(made_by(&info), Err(Errno::INVAL));
    assert_eq!(last_error(), Errno::INVAL);
}

fn a_socket_that_is_made_leaves_no_error() {
    for family_kind_protocol in [(AF_INET, SOCK_STREAM, IPPROTO_TCP), (AF_INET, 0, 0)] {
        let (family, kind, protocol) = family_kind_protocol;
        set_last_code(5);
        // SAFETY: no info.
        let s = unsafe { winsock::WSASocketW(family, kind, protocol, null(), 0, 0) };
        let socket = checked_socket(s).expect("there is an entry for it");
        assert_eq!(last_code(), 0);
        drop(socket);
    }
}
