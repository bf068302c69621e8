//! The base provider `tests/c/base_upcalls.c`: its checks, which make upcalls from C, and its switches.

use crate::pipe;
use std::env;
use std::ffi::{CStr, c_char};
use std::path::{Path, PathBuf};
use ws2spi::loader::module::{self, Module};
use ws2spi_abi::ffi::native::{ProcTable, StartupFn};
use ws2spi_abi::*;

/// The address family.
pub const FAMILY: i32 = 0x7a02;

/// A GUID for [`Provider::install`]; the next ones are free too.
pub const ID: GUID = GUID::from_u128(0x6a0e_91b7_25d3_4c1d_b3a4_0c11_7a02_0000);

/// The variable in the paths under which the provider is installed.
const ROOT: &str = "WS2SPI_TEST_ROOT";

/// The slots of WSPPROC_TABLE whose calls the tests count.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "the names of the functions")]
pub enum Slot {
    Bind = 3,
    Cleanup = 5,
    CloseSocket = 6,
    GetSockName = 13,
    GetSockOpt = 14,
    Listen = 18,
    Recv = 19,
    Send = 23,
    Socket = 28,
}

/// The compiled provider, loaded by the test beside whoever else loads it.
#[derive(Debug)]
pub struct Provider {
    module: Module,
    file: String,
    path: PathBuf,
}

impl Provider {
    /// Loads the library that the build script compiled.
    ///
    /// # Panics
    /// When it cannot be loaded.
    #[must_use]
    pub fn load() -> Self {
        Self::load_from(&crate::providers::path("base_upcalls"))
    }

    /// Loads a library. All of them lie in one folder.
    ///
    /// # Panics
    /// When it cannot be loaded.
    #[must_use]
    pub fn load_from(library: &Path) -> Self {
        let folder = library.parent().expect("a library lies in a folder");
        // SAFETY: a test with providers has its process for itself, and no other thread yet that reads the environment.
        unsafe { env::set_var(ROOT, folder) };
        let module = module::load(&library.to_string_lossy());
        let file = library.file_name().expect("a library is a file");
        Self {
            module: module.expect("the module can be loaded"),
            file: file.to_string_lossy().into_owned(),
            path: library.to_owned(),
        }
    }

    /// Where the library lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path as it is installed, with an environment string in it.
    #[must_use]
    pub fn stored_path(&self) -> String {
        format!("%{ROOT}%/{}", self.file)
    }

    /// Installs the provider with the service flags `flags`; processes see it after their next first `WSAStartup`.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn install(&self, id: GUID, flags: u32) -> WSAPROTOCOL_INFOW {
        let mut entry = self.wanted_entry();
        entry.dwServiceFlags1 |= flags;
        pipe::install_entry(id, &self.stored_path(), &entry)
    }

    /// The catalog entry that the provider wants.
    #[must_use]
    pub fn wanted_entry(&self) -> WSAPROTOCOL_INFOW {
        let mut entry = WSAPROTOCOL_INFOW::EMPTY;
        let address = self.symbol("wanted_entry");
        // SAFETY: base_upcalls.c: the function of this name takes a pointer to an entry.
        let fill =
            unsafe { std::mem::transmute::<usize, extern "C" fn(*mut WSAPROTOCOL_INFOW)>(address) };
        fill(&raw mut entry);
        entry
    }

    fn symbol(&self, name: &str) -> usize {
        let symbol = self.module.symbol(&format!("ws2spi_upcalls_{name}"));
        assert!(!symbol.is_null(), "base_upcalls.c exports {name}");
        symbol.as_raw()
    }

    /// Runs a check.
    ///
    /// # Panics
    /// When an expectation does not hold, with its text.
    pub fn check(&self, name: &str) {
        let address = self.symbol(&format!("check_{name}"));
        // SAFETY: upcalls_checks.h: a check takes nothing and returns NULL or a text.
        let check =
            unsafe { std::mem::transmute::<usize, extern "C" fn() -> *const c_char>(address) };
        self.expect_nothing_wrong(name, check());
    }

    /// Has C call every socket function with a handle that is no socket.
    ///
    /// # Panics
    /// When one says something else than that it is none, with its text.
    pub fn expect_no_socket(&self, s: SOCKET) {
        let address = self.symbol("expect_no_socket");
        // SAFETY: base_upcalls.c: the function of this name takes a SOCKET and returns NULL or a text.
        let expect = unsafe {
            std::mem::transmute::<usize, extern "C" fn(SOCKET) -> *const c_char>(address)
        };
        self.expect_nothing_wrong(&format!("{s:#x}"), expect(s));
    }

    fn expect_nothing_wrong(&self, what: &str, wrong: *const c_char) {
        if !wrong.is_null() {
            // SAFETY: a text of the module, which is loaded.
            let text = unsafe { CStr::from_ptr(wrong) };
            panic!("{}: {what}: {}", self.file, text.to_string_lossy());
        }
    }

    /// Has receives signal the one event and wait for the other; 0: they do not.
    pub fn gate(&self, entered: HANDLE, released: HANDLE) {
        let address = self.symbol("gate");
        // SAFETY: base_upcalls.c: the function of this name takes two handles.
        let gate = unsafe { std::mem::transmute::<usize, extern "C" fn(HANDLE, HANDLE)>(address) };
        gate(entered, released);
    }

    /// Registers a handle of the system for the provider's entry; the value to use from now on.
    #[must_use]
    pub fn register(&self, s: SOCKET) -> SOCKET {
        let address = self.symbol("register");
        // SAFETY: base_upcalls.c: the function of this name takes a SOCKET and returns one.
        let register =
            unsafe { std::mem::transmute::<usize, extern "C" fn(SOCKET) -> SOCKET>(address) };
        register(s)
    }

    /// Has another thread register a handle of the system with `entry` while the provider closes it; 0: not any more.
    pub fn bequeath(&self, entry: u32) {
        let address = self.symbol("bequeath");
        // SAFETY: base_upcalls.c: the function of this name takes an int.
        let bequeath = unsafe { std::mem::transmute::<usize, extern "C" fn(u32)>(address) };
        bequeath(entry);
    }

    /// How often the entry in a slot was called.
    #[must_use]
    pub fn calls(&self, slot: Slot) -> i32 {
        let address = self.symbol("calls");
        // SAFETY: base_upcalls.c: the function of this name takes and returns an int.
        let calls = unsafe { std::mem::transmute::<usize, extern "C" fn(i32) -> i32>(address) };
        calls(slot as i32)
    }

    /// Which versions it speaks.
    pub fn versions(&self, lowest: u16, highest: u16) {
        let address = self.symbol("versions");
        // SAFETY: base_upcalls.c: the function of this name takes two ints.
        let set = unsafe { std::mem::transmute::<usize, extern "C" fn(i32, i32)>(address) };
        set(lowest.into(), highest.into());
    }

    /// Has the provider say that a live handle is its own.
    pub fn claim(&self, s: SOCKET) {
        let address = self.symbol("claim");
        // SAFETY: base_upcalls.c: the function of this name takes a SOCKET.
        let claim = unsafe { std::mem::transmute::<usize, extern "C" fn(SOCKET)>(address) };
        claim(s);
    }

    /// Ends the overlapped receive; the error of the upcall that was made for it.
    #[must_use]
    pub fn finish(&self, error: i32, bytes: i32) -> i32 {
        let address = self.symbol("finish");
        // SAFETY: base_upcalls.c: the function of this name takes two ints and returns one.
        let finish =
            unsafe { std::mem::transmute::<usize, extern "C" fn(i32, i32) -> i32>(address) };
        finish(error, bytes)
    }

    /// Mints a handle for any entry.
    #[must_use]
    pub fn mint(&self, entry: u32) -> SOCKET {
        let address = self.symbol("mint");
        // SAFETY: base_upcalls.c: the function of this name takes an int and returns a SOCKET.
        let mint = unsafe { std::mem::transmute::<usize, extern "C" fn(u32) -> SOCKET>(address) };
        mint(entry)
    }

    /// Whether the upcalls that a provider needs in `WSPStartup` worked there.
    #[must_use]
    pub fn worked_in_startup(&self) -> bool {
        let address = self.symbol("worked_in_startup");
        // SAFETY: base_upcalls.c: the function of this name returns an int.
        let worked = unsafe { std::mem::transmute::<usize, extern "C" fn() -> i32>(address) };
        worked() != 0
    }

    /// The table that the last `WSPStartup` got, as the addresses in it.
    #[must_use]
    pub fn table(&self) -> [usize; 15] {
        let address = self.symbol("table");
        // SAFETY: base_upcalls.c: the function of this name returns a pointer to the table.
        let table =
            unsafe { std::mem::transmute::<usize, extern "C" fn() -> *const [usize; 15]>(address) };
        // SAFETY: a static of the module with 15 pointers.
        unsafe { table().read() }
    }

    /// The entry that the last `WSPStartup` got.
    #[must_use]
    pub fn entry(&self) -> WSAPROTOCOL_INFOW {
        self.info("entry")
    }

    /// The entry that the last `WSPSocket` got.
    #[must_use]
    pub fn socket_entry(&self) -> WSAPROTOCOL_INFOW {
        self.info("socket_entry")
    }

    fn info(&self, name: &str) -> WSAPROTOCOL_INFOW {
        let address = self.symbol(name);
        // SAFETY: base_upcalls.c: the functions asked for here return a pointer to an entry.
        let entry = unsafe {
            std::mem::transmute::<usize, extern "C" fn() -> *const WSAPROTOCOL_INFOW>(address)
        };
        // SAFETY: a static of the module.
        unsafe { entry().read() }
    }

    /// Has C call another provider's `WSPStartup` with the table that this one got: the code, and what it left in the data and in
    /// the table, which were empty.
    pub fn start(
        &self,
        startup: StartupFn,
        version: u16,
        info: &WSAPROTOCOL_INFOW,
    ) -> (i32, WSPDATA, ProcTable) {
        type Start = extern "C" fn(
            StartupFn,
            i32,
            *mut WSPDATA,
            *const WSAPROTOCOL_INFOW,
            *mut ProcTable,
        ) -> i32;
        let address = self.symbol("start");
        // SAFETY: base_upcalls.c: the function of this name takes these five.
        let start = unsafe { std::mem::transmute::<usize, Start>(address) };
        let mut data = WSPDATA {
            wVersion: 0,
            wHighVersion: 0,
            szDescription: [0; 256],
        };
        let mut procs = ProcTable::EMPTY;
        let code = start(startup, version.into(), &raw mut data, info, &raw mut procs);
        (code, data, procs)
    }

    /// Its own `WSPStartup`.
    ///
    /// # Panics
    /// When it has none.
    #[must_use]
    pub fn startup(&self) -> StartupFn {
        self.module.startup().expect("a provider exports it")
    }
}
