//! Cases about what the Winsock API does not show: the WSPStartup of the provider that sockets are made through, and the chain of the
//! configuration.

use crate::configuration::Configuration;
use crate::winsock;
use core::ffi::c_void;
use std::mem::{offset_of, transmute};
use std::ptr;
use std::sync::{Arc, OnceLock};
use ws2spi::loader::UpcallTables;
use ws2spi::upcalls::Host;
use ws2spi_abi::ffi::native::{ProcTable, StartupFn, UpcallTable};
use ws2spi_abi::*;
use ws2spi_cli::installer;
use ws2spi_conformance::cases;
use ws2spi_conformance::extensions;
use ws2spi_conformance::overlapped::{Operation, Tell};
use ws2spi_conformance::socket::{Socket, last_code, loopback};
use ws2spi_conformance::transmissions::Sent;
use ws2spi_kernel::file::{Contents, DiskFile, File, FileState, Overlapping};
use ws2spi_kernel::handles::{self, Kind, Object};

cases! {
    a_provider_refuses_versions_below_2_2: [P4], [Tcp];
    a_provider_fills_the_table_in_order: [P5], [Tcp];
    starting_a_provider_by_hand_disturbs_nobody: ["base-provider.md 0, 'Startup'"], [Tcp, Udp];
    sockets_are_made_through_the_configurations_chain: [U145], [Tcp, Udp, Ipv6];
    a_file_that_cannot_be_read_ends_the_operation_and_not_the_stream:
        ["base-provider.md 4.7"], [Tcp, Overlapped, Extensions];
    a_file_of_the_system_is_sent_as_it_is: [P200, P202], [Tcp, Overlapped, Extensions];
}

static CONFIGURATION: OnceLock<Configuration> = OnceLock::new();

/// Says what the configuration of this program is.
pub fn set_configuration(configuration: Configuration) {
    CONFIGURATION.get_or_init(|| configuration);
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

// The code is the return value; nothing is started.
fn a_provider_refuses_versions_below_2_2() {
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

// The three answer for a handle that is none each in its own way: GetQOSByName with FALSE.
fn a_provider_fills_the_table_in_order() {
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

// Starts are counted, so one more does not end the others.
fn starting_a_provider_by_hand_disturbs_nobody() {
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

// The chain that was put first is what applications get; the layer shows its own entry.
fn sockets_are_made_through_the_configurations_chain() {
    let configuration = CONFIGURATION.get().expect("the program has one");
    let expected = if *configuration == Configuration::Bare {
        1
    } else {
        2
    };
    for socket in [
        Socket::tcp(AF_INET),
        Socket::udp(AF_INET),
        Socket::tcp(AF_INET6),
        Socket::udp(AF_INET6),
    ] {
        let entry = socket.entry().expect("every socket has an entry");
        assert_eq!(entry.ProtocolChain.ChainLen, expected);
    }
}

// What the file fails with is told, and the stream does not end as if it were whole.
fn a_file_that_cannot_be_read_ends_the_operation_and_not_the_stream() {
    let (client, server) = Socket::pair(AF_INET);
    let file = handles::insert(Arc::new(Unreadable::new())).expect("a handle for the file");
    let what = Sent {
        head: b"head",
        flags: TF_DISCONNECT,
        file: file.raw(),
        ..Sent::default()
    };
    let send = Operation::transmit_file(&client, what, Tell::Handle);
    assert!(send.pends());
    assert_eq!(send.result(&client, true), Err(Errno::ACCES));
    assert_eq!(client.send(b" and more", 0), Ok(9));
    let mut data = [0; 13];
    server.recv_exact(&mut data);
    assert_eq!(&data, b"head and more");
    handles::close(file.raw()).expect("it is open");
}

/// A file that has a length and cannot be read.
struct Unreadable(FileState);

impl Unreadable {
    fn new() -> Self {
        Self(FileState::new(Overlapping::Synchronous))
    }
}

impl Object for Unreadable {
    fn kind(&self) -> Kind {
        Kind::File
    }

    fn as_file(&self) -> Option<&dyn File> {
        Some(self)
    }
}

impl File for Unreadable {
    fn state(&self) -> &FileState {
        &self.0
    }

    fn contents(&self) -> Option<&dyn Contents> {
        Some(self)
    }
}

impl Contents for Unreadable {
    fn read_at(&self, _from: u64, _into: &mut [u8]) -> Result<usize, Errno> {
        Err(Errno::ACCES)
    }

    fn length(&self) -> Result<u64, Errno> {
        Ok(10)
    }

    fn position(&self) -> u64 {
        0
    }

    fn set_position(&self, _position: u64) {}
}

// The one file with a descriptor, which the network may send from by itself.
fn a_file_of_the_system_is_sent_as_it_is() {
    let contents: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    let path = std::env::temp_dir().join(format!("ws2spi-{}-sent", std::process::id()));
    std::fs::write(&path, &contents).expect("a file can be written");
    let opened = DiskFile::open(&path, Overlapping::Synchronous);
    std::fs::remove_file(&path).expect("the file is there");
    let file = handles::insert(Arc::new(opened.expect("it is a file"))).expect("a handle");
    let (client, server) = Socket::pair(AF_INET);
    // A receive that blocks has the descriptor wait by itself.
    assert_eq!(server.send(b"x", 0), Ok(1));
    assert_eq!(client.recv(&mut [0], 0), Ok(1));
    let reader = std::thread::spawn(move || {
        let mut got = vec![0; 4 + 2_000_000 + 4 + 3_000_000];
        server.recv_exact(&mut got);
        got
    });
    let what = Sent {
        file: file.raw(),
        offset: 1_000_000,
        head: b"head",
        tail: b"tail",
        ..Sent::default()
    };
    let send = Operation::transmit_file(&client, what, Tell::Handle);
    assert!(send.pends());
    let now = extensions::transmit_file(&client, client.raw(), file.raw(), None, 0);
    assert_eq!(now, Ok(()));
    send.until_ended();
    assert_eq!(send.result(&client, false), Ok((2_000_008, 0)));
    let got = reader.join().expect("the reader does not panic");
    let expected = [b"head", &contents[1_000_000..], b"tail", &contents].concat();
    assert!(got == expected);
    // The position was not that of the offset, and has gone along with the second.
    let rest = extensions::transmit_file(&client, client.raw(), file.raw(), None, 0);
    assert_eq!(rest, Ok(()));
    handles::close(file.raw()).expect("it is open");
}
