//! WSAStartup, WSACleanup, and the WSPStartup of the provider that sockets are made through.

use core::ffi::c_void;
use std::mem::{offset_of, transmute};
use std::ptr;
use ws2spi::loader::UpcallTables;
use ws2spi::upcalls::Host;
use ws2spi_abi::ffi::native::{ProcTable, StartupFn, UpcallTable};
use ws2spi_abi::*;
use ws2spi_cli::installer;
use ws2spi_tests::overlapped::{Event, Operation, Tell, routine_calls};
use ws2spi_tests::socket::{checked, checked_socket, last_code, loopback};
use ws2spi_tests::{Socket, apc, case, configuration, isolated, winsock};

fn cleanup() -> Result<(), Errno> {
    // SAFETY: no arguments.
    checked(unsafe { winsock::WSACleanup() }).map(drop)
}

// P1: by both functions.
#[test]
fn there_are_no_sockets_before_startup() {
    isolated!();
    assert_eq!(
        Socket::new(AF_INET, SOCK_STREAM, IPPROTO_TCP),
        Err(Errno::NOTINITIALISED)
    );
    // SAFETY: no info.
    let s = unsafe { winsock::WSASocketW(AF_INET, SOCK_STREAM, 0, ptr::null(), 0, 0) };
    assert_eq!(checked_socket(s), Err(Errno::NOTINITIALISED));
    crate::CONFIGURATION.start();
    assert!(Socket::new(AF_INET, SOCK_STREAM, IPPROTO_TCP).is_ok());
}

// P2: connected, listening, datagrams and duplicates.
#[test]
fn the_last_cleanup_closes_every_socket() {
    isolated!();
    crate::CONFIGURATION.start();
    let (client, server) = Socket::pair(AF_INET);
    let listener = Socket::listener(AF_INET);
    let datagrams = Socket::bound_udp(AF_INET);
    let duplicate = duplicate(&client);
    cleanup().expect("there is a start to match");
    configuration::startup();
    for socket in [&client, &server, &listener, &datagrams, &duplicate] {
        assert_eq!(socket.name(), Err(Errno::NOTSOCK));
        assert_eq!(socket.recv(&mut [0], 0), Err(Errno::NOTSOCK));
        // SAFETY: no pointers.
        let closed = checked(unsafe { winsock::closesocket(socket.raw()) });
        assert_eq!(closed, Err(Errno::NOTSOCK));
    }
    let _pair = Socket::pair(AF_INET);
}

// P2: a start that has no cleanup yet keeps them.
#[test]
fn a_cleanup_that_is_not_the_last_closes_nothing() {
    isolated!();
    crate::CONFIGURATION.start();
    configuration::startup();
    let (client, server) = Socket::pair(AF_INET);
    cleanup().expect("there is a start to match");
    assert_eq!(client.send(b"x", 0), Ok(1));
    assert_eq!(server.recv(&mut [0], 0), Ok(1));
}

fn duplicate(socket: &Socket) -> Socket {
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    // SAFETY: the info is a live local.
    let told = checked(unsafe {
        winsock::WSADuplicateSocketW(socket.raw(), std::process::id(), &raw mut info)
    });
    told.expect("a socket can be duplicated");
    // SAFETY: the info lives for the call.
    let s = unsafe { winsock::WSASocketW(-1, -1, -1, &raw const info, 0, WSA_FLAG_OVERLAPPED) };
    checked_socket(s).expect("the info makes a socket")
}

// P3: before the first start, and after the last match.
#[test]
fn one_cleanup_too_many_is_not_initialised() {
    isolated!();
    assert_eq!(cleanup(), Err(Errno::NOTINITIALISED));
    crate::CONFIGURATION.start();
    configuration::startup();
    assert_eq!((cleanup(), cleanup()), (Ok(()), Ok(())));
    assert_eq!(cleanup(), Err(Errno::NOTINITIALISED));
    configuration::startup();
    assert_eq!(cleanup(), Ok(()));
}

/// The entry that TCP sockets are made through, and the WSPStartup of its provider.
fn top() -> (WSAPROTOCOL_INFOW, StartupFn) {
    let entries = installer::entries().expect("the catalog can be read");
    let tcp = |entry: &&WSAPROTOCOL_INFOW| {
        (entry.iSocketType, entry.iProtocol) == (SOCK_STREAM, IPPROTO_TCP)
    };
    let entry = entries.iter().find(tcp).expect("there is TCP");
    let mut path = [0u16; 260];
    let (mut len, mut errno) = (260, 0);
    // SAFETY: the path has `len` characters; the rest are live locals.
    let found = unsafe {
        winsock::WSCGetProviderPath(
            &raw const entry.ProviderId,
            path.as_mut_ptr(),
            &raw mut len,
            &raw mut errno,
        )
    };
    assert_eq!((found, errno), (0, 0));
    // SAFETY: the path is NUL-terminated.
    let module = unsafe { LoadLibraryW(path.as_ptr()) };
    assert_ne!(module, 0);
    // SAFETY: the name is NUL-terminated.
    let symbol = unsafe { GetProcAddress(module, c"WSPStartup".as_ptr().cast()) };
    assert!(!symbol.is_null());
    // SAFETY: the one symbol of a provider has this type.
    (*entry, unsafe {
        transmute::<*const c_void, StartupFn>(symbol)
    })
}

unsafe extern "system" {
    fn LoadLibraryW(path: PCWSTR) -> HANDLE;
    fn GetProcAddress(module: HANDLE, name: PCSTR) -> *const c_void;
}

/// WSPStartup with a version; the code that it returned and the table that it filled.
fn start_provider(version: u16) -> (i32, WSPDATA, ProcTable) {
    let (entry, startup) = top();
    let (mut data, mut procs) = (WSPDATA::EMPTY, ProcTable::EMPTY);
    let upcalls: UpcallTable = UpcallTables::of::<Host>().native;
    // SAFETY: data, entry and table are live locals, and the upcalls are the client DLL's.
    let code = unsafe {
        startup(
            version,
            &raw mut data,
            &raw const entry,
            upcalls,
            &raw mut procs,
        )
    };
    (code, data, procs)
}

fn stop_provider(procs: &ProcTable) {
    let mut errno = 0;
    let stop = procs
        .lpWSPCleanup
        .expect("a started provider can be stopped");
    // SAFETY: the error is a live local.
    assert_eq!(unsafe { stop(&raw mut errno) }, 0);
}

// P4: the code is the return value; nothing is started.
#[test]
fn a_provider_refuses_versions_below_2_2() {
    case!();
    for (major, minor) in [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1)] {
        let version = u16::from_le_bytes([major, minor]);
        let (code, _, procs) = start_provider(version);
        assert_eq!(code, Errno::VERNOTSUPPORTED.code(), "{major}.{minor}");
        assert_eq!(procs.first_missing(), Some("WSPAccept"));
    }
    let (code, data, procs) = start_provider(0x0202);
    assert_eq!((code, data.wVersion, data.wHighVersion), (0, 0x202, 0x202));
    stop_provider(&procs);
}

// P5: the three answer for a handle that is none each in its own way: GetQOSByName with FALSE.
#[test]
fn a_provider_fills_the_table_in_order() {
    case!();
    const SLOT: usize = size_of::<usize>();
    assert_eq!(size_of::<ProcTable>(), 30 * SLOT);
    assert_eq!(offset_of!(ProcTable, lpWSPGetSockOpt), 14 * SLOT);
    assert_eq!(offset_of!(ProcTable, lpWSPGetQOSByName), 15 * SLOT);
    assert_eq!(offset_of!(ProcTable, lpWSPIoctl), 16 * SLOT);
    let (code, _, procs) = start_provider(0x0202);
    assert_eq!((code, procs.first_missing()), (0, None));

    let (mut value, mut len, mut count) = (0u32, 4, 0);
    let mut errnos = [0; 3];
    let [first, second, third] = &mut errnos;
    let get_sock_opt = procs.lpWSPGetSockOpt.expect("no slot is missing");
    // SAFETY: all pointers are live locals.
    let option = unsafe {
        get_sock_opt(
            INVALID_SOCKET,
            SOL_SOCKET,
            SO_TYPE,
            (&raw mut value).cast(),
            &raw mut len,
            first,
        )
    };
    let get_qos_by_name = procs.lpWSPGetQOSByName.expect("no slot is missing");
    // SAFETY: NULL is legal for both.
    let found =
        unsafe { get_qos_by_name(INVALID_SOCKET, ptr::null_mut(), ptr::null_mut(), second) };
    let ioctl = procs.lpWSPIoctl.expect("no slot is missing");
    // SAFETY: all pointers are NULL or live locals.
    let controlled = unsafe {
        ioctl(
            INVALID_SOCKET,
            FIONREAD,
            ptr::null_mut(),
            0,
            (&raw mut value).cast(),
            4,
            &raw mut count,
            ptr::null_mut(),
            RawCallback::NULL,
            ptr::null_mut(),
            third,
        )
    };
    assert_eq!(
        (option, found, controlled),
        (SOCKET_ERROR, FALSE, SOCKET_ERROR)
    );
    assert_eq!(errnos, [Errno::NOTSOCK.code(); 3]);
    stop_provider(&procs);
}

// base-provider.md 0, "Startup": starts are counted, so one more does not end the others.
#[test]
fn starting_a_provider_by_hand_disturbs_nobody() {
    case!();
    let (client, server) = Socket::pair(AF_INET);
    let (code, _, procs) = start_provider(0x0202);
    assert_eq!(code, 0);
    stop_provider(&procs);
    assert_eq!(client.send(b"x", 0), Ok(1));
    assert_eq!(server.recv(&mut [0], 0), Ok(1));
    assert_eq!(last_code(), 0);
    let socket = Socket::udp(AF_INET);
    socket.bind(loopback(AF_INET)).expect("loopback is free");
}

// U112
#[test]
fn the_last_cleanup_aborts_what_is_pending_and_tells_nobody() {
    isolated!();
    configuration::startup();
    let (_client, server) = Socket::pair(AF_INET);
    let event = Event::new();
    let receives = [Tell::Event(event.raw()), Tell::Routine(0)]
        .map(|tell| Operation::receive(&server, &[4], 0, tell));
    assert_eq!(cleanup(), Ok(()));
    apc::run_queued();
    for receive in &receives {
        assert_eq!(receive.status(), NtStatus::CANCELLED);
    }
    assert_eq!((event.is_set(), routine_calls()), (false, vec![]));
}
