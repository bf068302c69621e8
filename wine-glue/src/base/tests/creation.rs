//! Starting, sockets, closing, duplicates, and the text of addresses.

use super::*;

/// The provider's rule for start-ups: version 2.2 or nothing, and no NULL.
#[test]
fn a_start_is_refused_with_its_code() {
    let info = entry(AF_INET, SOCK_STREAM);
    let start = |version, has_data: bool, has_table: bool| {
        let (mut data, mut table) = (WSPDATA::EMPTY, native::ProcTable::EMPTY);
        let data = if has_data {
            &raw mut data
        } else {
            ptr::null_mut()
        };
        let table = if has_table {
            &raw mut table
        } else {
            ptr::null_mut()
        };
        // SAFETY: null or live locals.
        unsafe { super::super::startup(version, data, &raw const info, upcalls(), table) }
    };
    assert_eq!(start(0x0101, true, true), WSAVERNOTSUPPORTED);
    assert_eq!(start(0x0202, false, true), WSAEFAULT);
    assert_eq!(start(0x0202, true, false), WSAEFAULT);
}

/// P section 0: starts are counted; with the last cleanup the sockets are gone and further cleanups fail.
#[test]
fn the_last_cleanup_ends_the_sockets() {
    let first = World::start();
    let second = World::start();
    let s = second.socket(AF_INET, SOCK_STREAM);
    drop(second);
    assert_eq!(first.number(s, SOL_SOCKET, SO_TYPE), Ok(SOCK_STREAM));
    let procs = first.procs;
    drop(first);
    // SAFETY: no pointers.
    assert_eq!(judged(unsafe { procs.cleanup() }), Err(WSANOTINITIALISED));
    // SAFETY: no pointers.
    assert_eq!(
        judged(unsafe { procs.close_socket(s) }),
        Err(WSANOTINITIALISED)
    );
    let again = World::start();
    assert_eq!(again.close(s), Err(WSAENOTSOCK));
}

/// The catalog's entries are Wine's own for TCP and UDP, and those that Windows has for raw sockets.
#[test]
fn the_entries_are_wines() {
    let entries = super::super::entries();
    let ids: Vec<u32> = entries.iter().map(|entry| entry.dwCatalogEntryId).collect();
    assert_eq!(ids, [1001, 1002, 1003, 1004, 1005, 1006]);
    assert_eq!(entries[2].iSocketType, SOCK_RAW);
}

/// P section 0: each socket is told to the client DLL with the entry it was made for, accepted ones with the
/// listener's.
#[test]
fn sockets_are_told_with_their_entry() {
    let world = World::start();
    let info = WSAPROTOCOL_INFOW {
        dwCatalogEntryId: 4711,
        ..entry(AF_INET, SOCK_STREAM)
    };
    let listener = world.socket_with(&info, WSA_FLAG_OVERLAPPED).unwrap();
    assert_eq!(CLAIMED.get(), (4711, listener));
    world.bind(listener, &loopback(0)).unwrap();
    world.listen(listener).unwrap();
    let client = world.socket(AF_INET, SOCK_STREAM);
    assert_eq!(CLAIMED.get(), (1001, client));
    world
        .connect(client, &world.own_name(listener).unwrap())
        .unwrap();
    let server = world.accept(listener).unwrap();
    assert_eq!(CLAIMED.get(), (4711, server));
    let mut shown = WSAPROTOCOL_INFOW::EMPTY;
    let mut length = size_of::<WSAPROTOCOL_INFOW>() as i32;
    let into = (&raw mut shown).cast();
    // SAFETY: room for the structure.
    let asked = unsafe {
        world
            .procs
            .get_sock_opt(server, SOL_SOCKET, SO_PROTOCOL_INFOW, into, &raw mut length)
    };
    assert_eq!((judged(asked), shown.dwCatalogEntryId), (Ok(0), 4711));
}

/// What the client DLL answers to a new socket is the answer of WSPSocket; the socket is closed.
#[test]
fn a_socket_that_is_refused_is_closed() {
    let world = World::start();
    REFUSES.set(true);
    let refused = world.socket_with(&entry(AF_INET, SOCK_STREAM), WSA_FLAG_OVERLAPPED);
    REFUSES.set(false);
    assert_eq!(refused, Err(WSAENOBUFS));
    assert_eq!(world.close(CLAIMED.get().1), Err(WSAENOTSOCK));
    let (family, none) = (AF_INET, ptr::null());
    // SAFETY: the info may be null, which is refused.
    let without = unsafe { world.procs.socket(family, SOCK_STREAM, 0, none, 0, 0) };
    assert_eq!(judged(without), Err(WSAEFAULT));
}

/// P section 0, rule 1: a failure stores the code, a success leaves `*lpErrno` alone; the last error is as it was.
#[test]
fn errors_are_stored_on_failure_only() {
    let world = World::start();
    let Procs::Native(table) = world.procs else {
        panic!()
    };
    let s = world.socket(AF_INET, SOCK_STREAM);
    let mut errno = 1;
    // SAFETY: writes a word of this thread.
    unsafe { windows_sys::Win32::Foundation::SetLastError(4711) };
    // SAFETY: no pointers but the code's.
    assert_eq!(
        unsafe { (table.lpWSPShutdown.unwrap())(s, SD_BOTH, &raw mut errno) },
        SOCKET_ERROR
    );
    assert_eq!(errno, WSAENOTCONN);
    // SAFETY: the code may have no place.
    assert_eq!(
        unsafe { (table.lpWSPShutdown.unwrap())(s, SD_BOTH, ptr::null_mut()) },
        SOCKET_ERROR
    );
    errno = 1;
    // SAFETY: as above.
    assert_eq!(
        unsafe { (table.lpWSPCloseSocket.unwrap())(s, &raw mut errno) },
        0
    );
    assert_eq!(errno, 1);
    // SAFETY: reads a word of this thread.
    assert_eq!(
        unsafe { windows_sys::Win32::Foundation::GetLastError() },
        4711
    );
}

/// P section 0, rule 3: what is no socket is WSAENOTSOCK before anything else.
#[test]
fn no_socket_is_the_first_error() {
    let world = World::start();
    let bad = 0x7_0000;
    let none = ptr::null_mut::<u32>();
    let (ov, routine, thread) = (ptr::null_mut(), RawCallback::NULL, ptr::null_mut());
    let p = &world.procs;
    // SAFETY: all pointers are null, and none is looked at.
    let all = unsafe {
        [
            judged(p.bind(bad, ptr::null(), 0)),
            judged(p.listen(bad, 1)),
            judged(p.recv(bad, ptr::null(), 0, none, none, ov, routine, thread)),
            judged(p.recv_from(
                bad,
                ptr::null(),
                0,
                none,
                none,
                ptr::null_mut(),
                ptr::null_mut(),
                ov,
                routine,
                thread,
            )),
            judged(p.send(bad, ptr::null(), 0, none, 0, ov, routine, thread)),
            judged(p.send_to(
                bad,
                ptr::null(),
                0,
                none,
                0,
                ptr::null(),
                0,
                ov,
                routine,
                thread,
            )),
            judged(p.get_peer_name(bad, ptr::null_mut(), ptr::null_mut())),
            judged(p.get_sock_name(bad, ptr::null_mut(), ptr::null_mut())),
            judged(p.get_sock_opt(bad, SOL_SOCKET, SO_TYPE, ptr::null_mut(), ptr::null_mut())),
            judged(p.set_sock_opt(bad, SOL_SOCKET, SO_TYPE, ptr::null(), 4)),
            judged(p.connect(
                bad,
                ptr::null(),
                0,
                ptr::null(),
                ptr::null_mut(),
                ptr::null(),
                ptr::null(),
            )),
            judged(p.shutdown(bad, 9)),
            judged(p.close_socket(bad)),
            judged(p.duplicate_socket(bad, 0, ptr::null_mut())),
            judged(p.enum_network_events(bad, 0, ptr::null_mut())),
            judged(p.event_select(bad, 0, 1)),
            judged(p.async_select(bad, 0, 0, 1)),
            judged(p.get_overlapped_result(bad, ov, none, 0, none)),
            judged(p.get_qos_by_name(bad, ptr::null(), ptr::null_mut())),
            judged(p.ioctl(
                bad,
                FIONBIO,
                ptr::null(),
                0,
                ptr::null_mut(),
                0,
                none,
                ov,
                routine,
                thread,
            )),
            judged(p.recv_disconnect(bad, ptr::null())),
            judged(p.send_disconnect(bad, ptr::null())),
        ]
    };
    assert_eq!(all, [Err(WSAENOTSOCK); 22]);
}

/// P section 7: a duplicate shares the socket; closing one leaves the other.
#[test]
fn a_duplicate_is_the_same_connection() {
    let world = World::start();
    let (client, server) = world.pair();
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    let pid = std::process::id();
    // SAFETY: null is refused; a live local.
    let refused = unsafe { world.procs.duplicate_socket(client, pid, ptr::null_mut()) };
    assert_eq!(judged(refused), Err(WSAEFAULT));
    // SAFETY: as above.
    let unknown = unsafe {
        world
            .procs
            .duplicate_socket(client, 0xdead_beef, &raw mut info)
    };
    assert_eq!(judged(unknown), Err(WSAEINVAL));
    // SAFETY: as above.
    let made = unsafe { world.procs.duplicate_socket(client, pid, &raw mut info) };
    assert_eq!((judged(made), info.dwCatalogEntryId), (Ok(0), 1001));
    let twin = world.socket_with(&info, WSA_FLAG_OVERLAPPED).unwrap();
    assert_ne!(twin, client);
    world.close(client).unwrap();
    assert_eq!(world.send(twin, b"two"), Ok(3));
    let mut got = [0; 8];
    assert_eq!(world.receive(server, &mut got), Ok(3));
}

/// P 1.2, 1.30: addresses as text and back, with the length that is needed.
#[test]
fn addresses_are_text_and_back() {
    let world = World::start();
    let name = loopback(80);
    let (mut text, mut length) = ([0u16; 40], 40);
    let from = (&raw const name).cast();
    // SAFETY: live locals, as long as is said.
    let made = unsafe {
        world
            .procs
            .address_to_string(from, 16, ptr::null(), text.as_mut_ptr(), &raw mut length)
    };
    assert_eq!((judged(made), length), (Ok(0), 13));
    assert_eq!(String::from_utf16_lossy(&text[..12]), "127.0.0.1:80");
    length = 3;
    // SAFETY: as above.
    let short = unsafe {
        world
            .procs
            .address_to_string(from, 16, ptr::null(), text.as_mut_ptr(), &raw mut length)
    };
    assert_eq!((judged(short), length), (Err(WSAEFAULT), 13));
    length = 40;
    // SAFETY: null is refused.
    let no_room = unsafe {
        world
            .procs
            .address_to_string(from, 16, ptr::null(), ptr::null_mut(), &raw mut length)
    };
    assert_eq!((judged(no_room), length), (Err(WSAEFAULT), 13));
    let (mut back, mut size) = (SOCKADDR_IN::default(), 16);
    let into = (&raw mut back).cast();
    // SAFETY: a text with its end; room for an address.
    let read = unsafe {
        world
            .procs
            .string_to_address(text.as_ptr(), AF_INET, ptr::null(), into, &raw mut size)
    };
    assert_eq!((judged(read), back.sin_port), (Ok(0), 80u16.to_be()));
    let nonsense: Vec<u16> = "no address\0".encode_utf16().collect();
    // SAFETY: as above.
    let refused = unsafe {
        world
            .procs
            .string_to_address(nonsense.as_ptr(), AF_INET, ptr::null(), into, &raw mut size)
    };
    assert_eq!(judged(refused), Err(WSAEINVAL));
}
