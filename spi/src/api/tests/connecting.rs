//! Connecting, by address, by name and by list; duplicating; address text through a provider.

use crate::api::*;
use crate::fixture::*;
use crate::process::last_error;
use std::net::SocketAddrV4;
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use ws2spi_abi::*;

fn address(text: &str) -> SOCKADDR_IN {
    text.parse::<SocketAddrV4>().unwrap().into()
}

fn bytes(address: SOCKADDR_IN) -> Vec<u8> {
    let mut bytes = vec![0; 16];
    address.encode(&mut bytes).unwrap();
    bytes
}

/// A world whose first provider serves IPv4.
fn ipv4() -> World {
    let mut entry = entry_info(0);
    entry.iAddressFamily = AF_INET;
    let world = World::with_entries(vec![entry, entry_info(1)]);
    world.start();
    world
}

fn stream() -> SOCKET {
    socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)
}

#[test]
fn connecting_nowhere_is_a_fault() {
    // client-dll.md 5.2: connect checks readability: WSAEFAULT, after the socket.
    let world = ipv4();
    let s = stream();
    // SAFETY: NULL is allowed.
    let code = unsafe { connect(s, null(), 16) };
    assert_eq!((code, last_error()), (SOCKET_ERROR, WSAEFAULT));
    assert_eq!(world.record(0).count("WSPConnect"), 0);
}

#[test]
fn old_applications_see_invalid_instead_of_already() {
    // client-dll.md 5.3: 1.x: WSAEALREADY reported as WSAEINVAL.
    let world = ipv4();
    world.script(0, |script| {
        script.action = Some(Arc::new(|_| Err(Errno::ALREADY)))
    });
    let (s, to) = (stream(), address("127.0.0.1:80"));
    let to = (&raw const to).cast();
    // SAFETY: a live address.
    let code = unsafe { connect(s, to, 16) };
    assert_eq!((code, last_error()), (SOCKET_ERROR, WSAEALREADY));
    world.start_version(0x0101);
    // SAFETY: as above.
    let code = unsafe { connect(s, to, 16) };
    assert_eq!((code, last_error()), (SOCKET_ERROR, WSAEINVAL));
}

#[test]
fn a_list_is_tried_until_one_address_connects() {
    // "WSAConnectByList function": one by one; the error is that of the last attempt.
    let world = ipv4();
    let mut addresses = ["192.0.2.1:1", "192.0.2.2:2", "192.0.2.3:3"].map(address);
    let elements = addresses.each_mut().map(|address| SOCKET_ADDRESS {
        lpSockaddr: (address as *mut SOCKADDR_IN).cast(),
        iSockaddrLength: 16,
    });
    #[repr(C)]
    struct List {
        count: i32,
        elements: [SOCKET_ADDRESS; 3],
    }
    let list = List { count: 3, elements };
    let list: *const SOCKET_ADDRESS_LIST = (&raw const list).cast();
    let attempts = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&attempts);
    world.script(0, |script| {
        script.action = Some(Arc::new(move |_| {
            match counter.fetch_add(1, Ordering::SeqCst) {
                0 => Err(Errno::CONNREFUSED),
                _ => Ok(0),
            }
        }));
    });
    let nobody = null_mut();
    // SAFETY: a list of three; NULL is allowed for the rest.
    let connected = unsafe {
        wsa_connect_by_list(
            stream(),
            list,
            nobody,
            null_mut(),
            nobody,
            null_mut(),
            null(),
            null_mut(),
        )
    };
    assert_eq!(connected, TRUE);
    let tried = world.record(0).addresses;
    assert_eq!(tried, [bytes(addresses[0]), bytes(addresses[1])]);
    world.script(0, |script| {
        script.action = Some(Arc::new(|_| Err(Errno::HOSTUNREACH)))
    });
    // SAFETY: as above.
    let connected = unsafe {
        wsa_connect_by_list(
            stream(),
            list,
            nobody,
            null_mut(),
            nobody,
            null_mut(),
            null(),
            null_mut(),
        )
    };
    assert_eq!((connected, last_error()), (FALSE, WSAEHOSTUNREACH));
    // SAFETY: NULL is allowed, and refused.
    let connected = unsafe {
        wsa_connect_by_list(
            stream(),
            null(),
            nobody,
            null_mut(),
            nobody,
            null_mut(),
            null(),
            null_mut(),
        )
    };
    assert_eq!((connected, last_error()), (FALSE, WSAEINVAL));
}

#[test]
fn a_name_is_resolved_and_connected() {
    // "WSAConnectByNameA function": host and service by name; both ends are reported; NULL names are WSAEINVAL.
    let world = ipv4();
    let s = stream();
    let (node, service) = (c"127.0.0.1".as_ptr().cast(), c"http".as_ptr().cast());
    let (mut local, mut len) = (SOCKADDR::EMPTY, 16u32);
    let (local, len) = (&raw mut local, &raw mut len);
    let nobody = null_mut();
    // SAFETY: NUL-terminated names, a live address and its length; NULL is allowed for the rest.
    let connected = unsafe {
        wsa_connect_by_name_a(
            s,
            node,
            service,
            len,
            local,
            nobody,
            null_mut(),
            null(),
            null_mut(),
        )
    };
    assert_eq!(connected, TRUE);
    let record = world.record(0);
    assert_eq!(record.addresses, [bytes(address("127.0.0.1:80"))]);
    assert_eq!(
        (
            record.count("WSPGetSockName"),
            record.count("WSPGetPeerName")
        ),
        (1, 0)
    );
    // SAFETY: as above; NULL names are allowed, and refused.
    let connected = unsafe {
        wsa_connect_by_name_a(
            s,
            null(),
            service,
            len,
            local,
            nobody,
            null_mut(),
            null(),
            null_mut(),
        )
    };
    assert_eq!((connected, last_error()), (FALSE, WSAEINVAL));
    // SAFETY: as above.
    let connected = unsafe {
        wsa_connect_by_name_a(
            4,
            null(),
            service,
            len,
            local,
            nobody,
            null_mut(),
            null(),
            null_mut(),
        )
    };
    assert_eq!((connected, last_error()), (FALSE, WSAENOTSOCK));
}

#[test]
fn connecting_by_name_stops_at_its_time() {
    // "WSAConnectByNameA function": WSAETIMEDOUT; the time is looked at before each attempt.
    let world = ipv4();
    let (node, service) = (c"127.0.0.1".as_ptr().cast(), c"80".as_ptr().cast());
    let no_time = TIMEVAL {
        tv_sec: 0,
        tv_usec: 0,
    };
    let (time, nobody) = (&raw const no_time, null_mut());
    let s = stream();
    // SAFETY: NUL-terminated names, a live time; NULL is allowed for the rest.
    let connected = unsafe {
        wsa_connect_by_name_a(
            s,
            node,
            service,
            nobody,
            null_mut(),
            nobody,
            null_mut(),
            time,
            null_mut(),
        )
    };
    assert_eq!((connected, last_error()), (FALSE, WSAETIMEDOUT));
    assert_eq!(world.record(0).count("WSPConnect"), 0);
}

#[test]
fn a_leaf_is_the_socket_itself() {
    // U166: WSAJoinLeaf returning s does not double-reference: one closesocket suffices.
    let _world = ipv4();
    let (s, to) = (stream(), address("224.0.0.9:80"));
    let to = (&raw const to).cast();
    // SAFETY: a live address; NULL is allowed for the rest.
    let leaf = unsafe { wsa_join_leaf(s, to, 16, null(), null_mut(), null(), null(), 4) };
    assert_eq!(leaf, s);
    assert_eq!(closesocket(s), 0);
    assert_eq!(closesocket(s), SOCKET_ERROR);
    assert_eq!(last_error(), WSAENOTSOCK);
}

#[test]
fn duplicates_are_described_in_both_forms() {
    // client-dll.md 5.3: WSADuplicateSocketA converts strings. U173: NULL is the provider's to find.
    let world = ipv4();
    let s = stream();
    let mut info = WSAPROTOCOL_INFOA::EMPTY;
    // SAFETY: a live local.
    let code = unsafe { wsa_duplicate_socket_a(s, 1, &raw mut info) };
    assert_eq!((code, info.dwProviderReserved), (0, 4321));
    // SAFETY: NULL is allowed.
    let code = unsafe { wsa_duplicate_socket_a(s, 1, null_mut()) };
    assert_eq!((code, last_error()), (SOCKET_ERROR, WSAEFAULT));
    assert_eq!(world.record(0).count("WSPDuplicateSocket"), 2);
}

#[test]
fn address_text_is_the_first_provider_of_the_familys() {
    // U178: NULL info uses the first provider of the family; none: WSAEINVAL.
    let world = ipv4();
    let (from, mut text, mut len) = (address("1.2.3.4:5"), [0u16; 8], 8u32);
    let from = (&raw const from).cast();
    let (out, room) = (text.as_mut_ptr(), &raw mut len);
    // SAFETY: a live address, text and length.
    let code = unsafe { wsa_address_to_string_w(from, 16, null(), out, room) };
    assert_eq!(code, 0);
    assert_eq!(text[..4], [0xfc, 0x3a, 0x31, 0]);
    assert_eq!(world.record(0).infos.last().unwrap().dwCatalogEntryId, 1001);
    let unknown = SOCKADDR {
        sa_family: 99,
        ..SOCKADDR::EMPTY
    };
    // SAFETY: as above.
    let code = unsafe { wsa_address_to_string_w(&raw const unknown, 16, null(), out, room) };
    assert_eq!((code, last_error()), (SOCKET_ERROR, WSAEINVAL));
    let mut narrow = [0u8; 5];
    let (out, mut len) = (narrow.as_mut_ptr(), 4u32);
    // SAFETY: as above, the room is as long as is said.
    let code = unsafe { wsa_address_to_string_a(from, 16, null(), out, &raw mut len) };
    assert_eq!((code, last_error(), len), (SOCKET_ERROR, WSAEFAULT, 5));
    // SAFETY: as above.
    let code = unsafe { wsa_address_to_string_a(from, 16, null(), out, &raw mut len) };
    assert_eq!((code, &narrow), (0, "ü:1\0".as_bytes().try_into().unwrap()));
}

#[test]
fn a_failure_without_an_error_code_gets_one() {
    // U155: failure with lpErrno 0: WSASYSCALLFAILURE, and a finding that names provider and function.
    let world = ipv4();
    world.script(0, |script| script.silent = true);
    let s = stream();
    assert_eq!(listen(s, 1), SOCKET_ERROR);
    assert_eq!(last_error(), WSASYSCALLFAILURE);
    assert_eq!(world.findings("WSPListen").len(), 1);
}
