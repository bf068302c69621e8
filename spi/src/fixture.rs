//! Providers and worlds for the unit tests of this crate.
//!
//! A [`World`] is a catalog in memory with scripted providers that are linked in; it holds the process for one test at a time,
//! because start-up state, handles and the catalog are the process's. A [`Script`] says what a provider does and records what
//! happened to it.

use crate::association;
use crate::catalog::{Bits, Catalog, EntryId, set_process_catalog};
use crate::{api, loader, process};
use core::ffi::c_void;
use parking_lot::{Mutex, MutexGuard};
use std::sync::Arc;
use ws2spi_abi::diagnostic::{self, Diagnostic};
use ws2spi_abi::ffi::{Convention, RawProvider, UpcallProcs, native};
use ws2spi_abi::*;
use ws2spi_kernel::event::{Event, Reset};
use ws2spi_kernel::handles;

/// How many scripted providers there are.
pub const PROVIDERS: usize = 4;

/// How a scripted provider makes its sockets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sockets {
    /// `WPUCreateSocketHandle` with this context.
    Minted(usize),
    /// An object of the kernel and `WPUModifyIFSHandle`.
    Ifs,
    /// An object of the kernel that nobody registers.
    Unregistered,
    /// No handle at all, this number.
    Number(SOCKET),
    /// A failure.
    Fail(Errno),
}

/// What a scripted provider does in `WSPCloseSocket`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Close {
    /// Gives the handle back.
    GiveBack,
    /// Keeps the handle for later.
    Keep,
    /// Keeps it, and registers it once more with this entry.
    Register(u32),
    /// Fails.
    Fail(Errno),
}

type InStartup = Arc<dyn Fn(&Upcalls) + Send + Sync>;
type InCleanup = Arc<dyn Fn() + Send + Sync>;
type Action = Arc<dyn Fn(SOCKET) -> Result<i32, Errno> + Send + Sync>;

/// What a scripted provider does.
#[derive(Clone)]
pub struct Script {
    pub startup: i32,
    pub version: u16,
    pub missing: Option<usize>,
    pub sockets: Sockets,
    pub close: Close,
    /// What `WSPBind`, `WSPRecv` and the other functions on sockets do.
    pub action: Option<Action>,
    /// The number that `WSPRecv` reports.
    pub received: u32,
    /// Runs inside `WSPStartup`.
    pub in_startup: Option<InStartup>,
    /// Runs inside `WSPCleanup`.
    pub in_cleanup: Option<InCleanup>,
    /// The handles that `SO_PROTOCOL_INFOW` answers for, with this entry.
    pub knows: Option<u32>,
    /// Every extension function.
    pub extension: RawCallback,
    /// The socket that `SIO_BSP_HANDLE` and its kin answer.
    pub level: Option<SOCKET>,
    /// `WSPListen` fails and stores no error code.
    pub silent: bool,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            startup: 0,
            version: 0x0202,
            missing: None,
            sockets: Sockets::Minted(7),
            close: Close::GiveBack,
            action: None,
            received: 0,
            in_startup: None,
            in_cleanup: None,
            knows: None,
            extension: RawCallback::NULL,
            level: None,
            silent: false,
        }
    }
}

/// What happened to a scripted provider.
#[derive(Clone, Default)]
pub struct Record {
    pub calls: Vec<&'static str>,
    pub sockets: Vec<SOCKET>,
    pub infos: Vec<WSAPROTOCOL_INFOW>,
    pub threads: Vec<WSATHREADID>,
    pub flags: Vec<u32>,
    pub triples: Vec<(i32, i32, i32)>,
    pub tables: Vec<[usize; 15]>,
    pub addresses: Vec<Vec<u8>>,
}

impl Record {
    pub fn count(&self, function: &str) -> usize {
        self.calls.iter().filter(|call| **call == function).count()
    }
}

struct State {
    script: Mutex<Option<Script>>,
    record: Mutex<Option<Record>>,
    upcalls: Mutex<Option<Upcalls>>,
}

static STATES: [State; PROVIDERS] = [const {
    State {
        script: Mutex::new(None),
        record: Mutex::new(None),
        upcalls: Mutex::new(None),
    }
}; PROVIDERS];

/// The N-th scripted provider.
pub struct Scripted<const N: usize>;

fn script(n: usize) -> Script {
    STATES[n].script.lock().clone().unwrap_or_default()
}

fn record(n: usize, f: impl FnOnce(&mut Record)) {
    f(STATES[n].record.lock().get_or_insert_default());
}

/// The upcalls that a provider received.
pub fn upcalls(n: usize) -> Upcalls {
    STATES[n].upcalls.lock().expect("the provider has started")
}

fn act(n: usize, function: &'static str, s: SOCKET) -> Result<i32, Errno> {
    record(n, |record| {
        record.calls.push(function);
        record.sockets.push(s);
    });
    match script(n).action {
        Some(action) => action(s),
        None => Ok(0),
    }
}

/// A kernel object that a provider uses as its socket.
pub fn system_handle() -> SOCKET {
    handles::insert(Arc::new(Event::new(Reset::Manual, false)))
        .expect("a handle")
        .raw()
}

fn open(n: usize, entry: u32) -> Result<SOCKET, Errno> {
    match script(n).sockets {
        Sockets::Minted(context) => upcalls(n).create_socket_handle(entry, context),
        Sockets::Ifs => upcalls(n).modify_ifs_handle(entry, system_handle()),
        Sockets::Unregistered => Ok(system_handle()),
        Sockets::Number(s) => Ok(s),
        Sockets::Fail(error) => Err(error),
    }
}

/// # Safety
/// As the functions of the SPI.
impl<const N: usize> RawProvider for Scripted<N> {
    const NAME: &'static str = "scripted";

    unsafe fn socket(
        _: Convention,
        family: i32,
        kind: i32,
        protocol: i32,
        info: *const WSAPROTOCOL_INFOW,
        _: GROUP,
        flags: u32,
    ) -> Result<SOCKET, Errno> {
        // SAFETY: the client DLL always passes an info.
        let info = unsafe { info.read() };
        record(N, |record| {
            record.calls.push("WSPSocket");
            record.infos.push(info);
            record.flags.push(flags);
            record.triples.push((family, kind, protocol));
        });
        open(N, info.dwCatalogEntryId)
    }

    unsafe fn close_socket(_: Convention, s: SOCKET) -> Result<i32, Errno> {
        record(N, |record| record.calls.push("WSPCloseSocket"));
        match script(N).close {
            Close::GiveBack if association::context(s).is_ok() => {
                upcalls(N).close_socket_handle(s).map(|()| 0)
            }
            Close::GiveBack => handles::close(s).map(|()| 0),
            Close::Keep => Ok(0),
            Close::Register(entry) => upcalls(N).modify_ifs_handle(entry, s).map(|_| 0),
            Close::Fail(error) => Err(error),
        }
    }

    unsafe fn cleanup(_: Convention) -> Result<i32, Errno> {
        record(N, |record| record.calls.push("WSPCleanup"));
        if let Some(run) = script(N).in_cleanup {
            run();
        }
        Ok(0)
    }

    unsafe fn accept(
        _: Convention,
        s: SOCKET,
        _: *mut SOCKADDR,
        _: *mut i32,
        _: RawCallback,
        _: usize,
    ) -> Result<SOCKET, Errno> {
        act(N, "WSPAccept", s)?;
        let entry = STATES[N]
            .record
            .lock()
            .as_ref()
            .and_then(|record| record.infos.last().copied());
        open(N, entry.map_or(0, |info| info.dwCatalogEntryId))
    }

    unsafe fn bind(_: Convention, s: SOCKET, _: *const SOCKADDR, _: i32) -> Result<i32, Errno> {
        act(N, "WSPBind", s)
    }

    unsafe fn connect(
        _: Convention,
        s: SOCKET,
        name: *const SOCKADDR,
        namelen: i32,
        _: *const WSABUF,
        _: *mut WSABUF,
        _: *const QOS,
        _: *const QOS,
    ) -> Result<i32, Errno> {
        // SAFETY: the client DLL passes an address of that length.
        let address = unsafe { std::slice::from_raw_parts(name.cast::<u8>(), namelen as usize) };
        record(N, |record| record.addresses.push(address.to_vec()));
        act(N, "WSPConnect", s)
    }

    unsafe fn join_leaf(
        _: Convention,
        s: SOCKET,
        _: *const SOCKADDR,
        _: i32,
        _: *const WSABUF,
        _: *mut WSABUF,
        _: *const QOS,
        _: *const QOS,
        _: u32,
    ) -> Result<SOCKET, Errno> {
        act(N, "WSPJoinLeaf", s).map(|_| s)
    }

    unsafe fn duplicate_socket(
        _: Convention,
        s: SOCKET,
        _: u32,
        info: *mut WSAPROTOCOL_INFOW,
    ) -> Result<i32, Errno> {
        act(N, "WSPDuplicateSocket", s)?;
        if info.is_null() {
            return Err(Errno::FAULT);
        }
        let answer = WSAPROTOCOL_INFOW {
            dwProviderReserved: 4321,
            ..entry_info(N)
        };
        // SAFETY: not null, so writable.
        unsafe { info.write_unaligned(answer) };
        Ok(0)
    }

    unsafe fn address_to_string(
        _: Convention,
        _: *const SOCKADDR,
        _: u32,
        info: *const WSAPROTOCOL_INFOW,
        out: PWSTR,
        len: *mut u32,
    ) -> Result<i32, Errno> {
        // SAFETY: the client DLL always passes an info.
        record(N, |record| record.infos.push(unsafe { info.read() }));
        // SAFETY: the caller's buffer and its length.
        unsafe { args::TextOut::new(out, len) }
            .write("ü:1")
            .map(|()| 0)
    }

    unsafe fn ioctl(
        _: Convention,
        s: SOCKET,
        code: u32,
        _: *const c_void,
        _: u32,
        output: *mut c_void,
        _: u32,
        returned: *mut u32,
        _: *mut OVERLAPPED,
        _: RawCallback,
        _: *mut WSATHREADID,
    ) -> Result<i32, Errno> {
        act(N, "WSPIoctl", s)?;
        let script = script(N);
        let answer = match code {
            SIO_GET_EXTENSION_FUNCTION_POINTER if !script.extension.is_null() => {
                script.extension.as_raw()
            }
            SIO_BSP_HANDLE | SIO_BSP_HANDLE_POLL => script.level.ok_or(Errno::OPNOTSUPP)?,
            _ => return Err(Errno::OPNOTSUPP),
        };
        // SAFETY: the client DLL gives room for a word.
        unsafe { output.cast::<usize>().write(answer) };
        // SAFETY: and a place for the count.
        unsafe { returned.write(size_of::<usize>() as u32) };
        Ok(0)
    }

    unsafe fn get_peer_name(
        _: Convention,
        s: SOCKET,
        _: *mut SOCKADDR,
        _: *mut i32,
    ) -> Result<i32, Errno> {
        act(N, "WSPGetPeerName", s)
    }

    unsafe fn listen(_: Convention, s: SOCKET, _: i32) -> Result<i32, Errno> {
        act(N, "WSPListen", s)
    }

    unsafe fn cancel_blocking_call(_: Convention) -> Result<i32, Errno> {
        act(N, "WSPCancelBlockingCall", 0)
    }

    unsafe fn get_sock_name(
        _: Convention,
        s: SOCKET,
        _: *mut SOCKADDR,
        _: *mut i32,
    ) -> Result<i32, Errno> {
        act(N, "WSPGetSockName", s)
    }

    unsafe fn recv(
        _: Convention,
        s: SOCKET,
        _: *const WSABUF,
        _: u32,
        got: *mut u32,
        _: *mut u32,
        _: *mut OVERLAPPED,
        _: RawCallback,
        thread: *mut WSATHREADID,
    ) -> Result<i32, Errno> {
        // SAFETY: the client DLL always passes a count and an identity.
        let id = unsafe { thread.read() };
        record(N, |record| record.threads.push(id));
        let value = act(N, "WSPRecv", s)?;
        // SAFETY: as above.
        unsafe { got.write(script(N).received) };
        Ok(value)
    }

    unsafe fn select(
        _: Convention,
        _: i32,
        read: *mut FD_SET,
        _: *mut FD_SET,
        _: *mut FD_SET,
        _: *const TIMEVAL,
    ) -> Result<i32, Errno> {
        let _ = read;
        act(N, "WSPSelect", 0)
    }

    unsafe fn get_sock_opt(
        _: Convention,
        s: SOCKET,
        level: i32,
        name: i32,
        value: PSTR,
        len: *mut i32,
    ) -> Result<i32, Errno> {
        record(N, |record| record.calls.push("WSPGetSockOpt"));
        let Some(entry) = script(N).knows else {
            return Err(Errno::NOTSOCK);
        };
        assert_eq!(
            (level, name),
            (SOL_SOCKET, SO_PROTOCOL_INFOW),
            "socket {s:#x}"
        );
        let info = WSAPROTOCOL_INFOW {
            dwCatalogEntryId: entry,
            ..entry_info(N)
        };
        // SAFETY: the client DLL gives room for an info and its length.
        unsafe { value.cast::<WSAPROTOCOL_INFOW>().write_unaligned(info) };
        // SAFETY: as above.
        unsafe { len.write(size_of::<WSAPROTOCOL_INFOW>() as i32) };
        Ok(0)
    }
}

macro_rules! slots {
    ([$table:ident $missing:ident] $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $fail:expr;)*) => {
        let mut index = 0;
        $(
            if $missing == index { $table.$field = None; }
            index += 1;
        )*
        let _ = index;
    };
}

macro_rules! upcall_addresses {
    ([$table:ident] $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) [$($errno:ident)?] -> $ret:ty = $fail:expr;)*) => {
        [$($table.$field.map_or(0, |function| function as usize)),*]
    };
}

unsafe extern "system" fn start<const N: usize>(
    _: u16,
    data: *mut WSPDATA,
    info: *const WSAPROTOCOL_INFOW,
    table: native::UpcallTable,
    procs: *mut native::ProcTable,
) -> i32 {
    // SAFETY: the loader passes an entry.
    let info = unsafe { info.read() };
    record(N, |record| {
        record.calls.push("WSPStartup");
        record.infos.push(info);
        record.tables.push(upcalls!(upcall_addresses table));
    });
    // SAFETY: the table is the client DLL's.
    let given = unsafe { Upcalls::new(UpcallProcs::Native(table)) };
    *STATES[N].upcalls.lock() = Some(given);
    let script = script(N);
    if let Some(run) = &script.in_startup {
        run(&given);
    }
    let mut filled = native::ProcTable::of::<Scripted<N>>();
    if script.silent {
        filled.lpWSPListen = Some(silent_listen);
    }
    if let Some(missing) = script.missing {
        procs!(slots filled missing);
    }
    let answer = WSPDATA {
        wVersion: script.version,
        wHighVersion: script.version,
        ..WSPDATA::EMPTY
    };
    // SAFETY: the loader passes places for both.
    unsafe { data.write(answer) };
    // SAFETY: as above.
    unsafe { procs.write(filled) };
    script.startup
}

unsafe extern "system" fn silent_listen(_: SOCKET, _: i32, _: *mut i32) -> i32 {
    SOCKET_ERROR
}

/// The `WSPStartup` of each scripted provider.
pub const STARTUPS: [native::StartupFn; PROVIDERS] =
    [start::<0>, start::<1>, start::<2>, start::<3>];

/// The entry of the N-th provider: its own GUID, TCP of its own address family, sockets of the system.
pub fn entry_info(n: usize) -> WSAPROTOCOL_INFOW {
    WSAPROTOCOL_INFOW {
        dwServiceFlags1: XP1_IFS_HANDLES,
        dwProviderFlags: PFL_MATCHES_PROTOCOL_ZERO,
        ProviderId: GUID::from_u128(0x1000 + n as u128),
        ProtocolChain: WSAPROTOCOLCHAIN {
            ChainLen: 1,
            ..WSAPROTOCOLCHAIN::EMPTY
        },
        iAddressFamily: family(n),
        iMaxSockAddr: 16,
        iMinSockAddr: 16,
        iSocketType: SOCK_STREAM,
        iProtocol: IPPROTO_TCP,
        ..WSAPROTOCOL_INFOW::EMPTY
    }
}

/// The address family that only the N-th provider serves.
pub fn family(n: usize) -> i32 {
    100 + n as i32
}

/// The catalog id of the N-th provider's entry.
pub fn entry_id(n: usize) -> u32 {
    EntryId::FIRST.get() + n as u32
}

/// The process for one test: a catalog with the scripted providers, not started.
pub struct World {
    findings: Arc<Findings>,
    _process: MutexGuard<'static, ()>,
}

#[derive(Default)]
struct Findings(Mutex<Vec<Diagnostic>>);

impl diagnostic::Sink for Findings {
    fn report(&self, diagnostic: &Diagnostic) {
        self.0.lock().push(diagnostic.clone());
    }
}

static PROCESS: Mutex<()> = Mutex::new(());

impl World {
    /// The catalog's entries are 1001 and up, one per provider, in order.
    pub fn new() -> Self {
        Self::with_entries((0..PROVIDERS).map(entry_info).collect())
    }

    /// A world with these entries; each belongs to the provider that its GUID says.
    pub fn with_entries(entries: Vec<WSAPROTOCOL_INFOW>) -> Self {
        let guard = PROCESS.lock();
        for (n, state) in STATES.iter().enumerate() {
            *state.script.lock() = Some(Script::default());
            *state.record.lock() = Some(Record::default());
            *state.upcalls.lock() = None;
            loader::link(&format!("scripted{n}"), STARTUPS[n]);
        }
        let catalog = Catalog::new("linked:none", &[]).expect("a catalog");
        for info in entries {
            let n = (info.ProviderId.to_u128() - 0x1000) as usize % 0x100;
            let path = format!("linked:scripted{n}");
            catalog
                .install(&[Bits::SixtyFour], info.ProviderId, &path, &[info])
                .expect("an entry");
        }
        set_process_catalog(Some(Arc::new(catalog)));
        let findings = Arc::new(Findings::default());
        diagnostic::set_sink(Some(Arc::<Findings>::clone(&findings)));
        process::set_last_error(0);
        Self {
            findings,
            _process: guard,
        }
    }

    /// A started world.
    pub fn started() -> Self {
        let world = Self::new();
        world.start();
        world
    }

    /// Starts the process with version 2.2.
    pub fn start(&self) {
        self.start_version(0x0202);
    }

    /// Starts the process with another version.
    pub fn start_version(&self, version: u16) {
        let mut data = WSADATA::EMPTY;
        // SAFETY: the block is a live local.
        assert_eq!(unsafe { api::wsa_startup(version, &raw mut data) }, 0);
    }

    /// Changes the script of a provider.
    pub fn script(&self, n: usize, change: impl FnOnce(&mut Script)) {
        change(STATES[n].script.lock().get_or_insert_default());
    }

    /// What has happened to a provider.
    pub fn record(&self, n: usize) -> Record {
        STATES[n].record.lock().clone().unwrap_or_default()
    }

    /// A socket of the N-th provider.
    pub fn socket(&self, n: usize) -> SOCKET {
        let s = api::socket(family(n), SOCK_STREAM, IPPROTO_TCP);
        assert_ne!(s, INVALID_SOCKET, "error {}", process::last_error());
        s
    }

    /// The findings about a function so far.
    pub fn findings(&self, function: &str) -> Vec<String> {
        let findings = self.findings.0.lock();
        findings
            .iter()
            .filter(|f| f.function == function)
            .map(|f| f.what.clone())
            .collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        while process::is_started() {
            api::wsa_cleanup();
        }
        diagnostic::set_sink(None);
    }
}
