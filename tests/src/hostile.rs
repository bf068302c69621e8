//! The provider `tests/c/hostile.c`, installed above TCP/IP and UDP/IP of both families, and its switches.

use crate::census::{self, Census};
use crate::findings::Findings;
use crate::{layers, providers, winsock};
use std::ffi::CString;
use std::path::PathBuf;
use std::sync::Arc;
use ws2spi::loader::module::{self, Module};
use ws2spi_abi::GUID;

use ws2spi_cli::installer::{Handles, Installed};

/// The installed provider, under control, and what the client DLL found about it. One per process: it belongs into an
/// [`isolated!`](crate::isolated) test.
#[derive(Debug)]
pub struct Hostile {
    module: Module,
    path: PathBuf,
    findings: Arc<Findings>,
    installed: Installed,
}

impl Hostile {
    /// Installs the provider and switches to a misdeed. The runtime is not started.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn installed(misdeed: &str) -> Self {
        let path = providers::path("hostile");
        let installed = install(&path);
        let module = module::load(&path.to_string_lossy()).expect("the module can be loaded");
        let hostile = Self {
            module,
            path,
            findings: Findings::install(),
            installed,
        };
        hostile.set(misdeed);
        hostile
    }

    /// Installs the provider, switches to a misdeed and starts the runtime.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn started(misdeed: &str) -> Self {
        let hostile = Self::installed(misdeed);
        crate::configuration::startup();
        hostile
    }

    fn symbol(&self, name: &str) -> usize {
        let symbol = self.module.symbol(name);
        assert!(!symbol.is_null(), "hostile.c exports {name}");
        symbol.as_raw()
    }

    fn number(&self, name: &str) -> i32 {
        // SAFETY: hostile.c: the functions asked for here take nothing and return an int.
        let function =
            unsafe { std::mem::transmute::<usize, extern "C" fn() -> i32>(self.symbol(name)) };
        function()
    }

    fn command(&self, name: &str) {
        // SAFETY: hostile.c: the functions asked for here take and return nothing.
        let function = unsafe { std::mem::transmute::<usize, extern "C" fn()>(self.symbol(name)) };
        function();
    }

    /// Switches to a misdeed by its name in hostile.c; `""` is good behaviour.
    ///
    /// # Panics
    /// When there is none of that name.
    pub fn set(&self, misdeed: &str) {
        let name = CString::new(misdeed).expect("a name without NUL");
        let symbol = self.symbol("ws2spi_hostile_set");
        // SAFETY: hostile.c: the function of this name takes a string and returns an int.
        let set = unsafe {
            std::mem::transmute::<usize, extern "C" fn(*const core::ffi::c_char) -> i32>(symbol)
        };
        assert_eq!(set(name.as_ptr()), 1, "{misdeed} is no misdeed");
    }

    /// How many `WSPStartup` calls succeeded so far.
    #[must_use]
    pub fn startups(&self) -> i32 {
        self.number("ws2spi_hostile_startups")
    }

    /// How many `WSPCleanup` calls came so far.
    #[must_use]
    pub fn cleanups(&self) -> i32 {
        self.number("ws2spi_hostile_cleanups")
    }

    /// `close-others`: the error of the last `WPUCloseSocketHandle`.
    #[must_use]
    pub fn upcall_error(&self) -> i32 {
        self.number("ws2spi_hostile_upcall_error")
    }

    /// `reenter`: the error of the last inner `WSASocket`.
    #[must_use]
    pub fn inner_error(&self) -> i32 {
        self.number("ws2spi_hostile_inner_error")
    }

    /// `slow-startup`: waits until a `WSPStartup` waits.
    pub fn wait_entered(&self) {
        self.command("ws2spi_hostile_wait_entered");
    }

    /// `slow-startup`: lets all that wait go on.
    pub fn release(&self) {
        self.command("ws2spi_hostile_release");
    }

    /// The chains of the provider, in catalog order.
    #[must_use]
    pub fn chains(&self) -> &[ws2spi_abi::WSAPROTOCOL_INFOW] {
        &self.installed.chains
    }

    /// What was found about a function of this provider since the last time somebody asked; other findings are forgotten.
    #[must_use]
    pub fn findings(&self, function: &str) -> Vec<String> {
        let path = self.path.to_string_lossy();
        let found = self.findings.take().into_iter();
        found
            .filter(|finding| finding.provider == path && finding.function == function)
            .map(|finding| finding.what)
            .collect()
    }

    /// All that was found since the last time somebody asked.
    #[must_use]
    pub fn all_findings(&self) -> Vec<String> {
        let found = self.findings.take().into_iter();
        found.map(|finding| finding.to_string()).collect()
    }

    /// Ends the runtime and lets go of the provider: no handle or descriptor is left beyond those of `before`, and the module is
    /// unloaded.
    ///
    /// # Panics
    /// When something is left over.
    pub fn end(self, before: &Census) {
        cleanup();
        self.set("");
        drop(self.module);
        assert!(!census::is_loaded(&self.path), "the module is still loaded");
        before.expect_no_more();
    }
}

/// Installs the compiled provider, without loading it.
///
/// # Panics
/// When that fails.
pub fn install(path: &std::path::Path) -> Installed {
    let path = path.to_str().expect("the path is UTF-8");
    layers::install(path, "hostile", Handles::Minted, ID)
}

const ID: GUID = GUID::from_u128(0x2b90_7c11_64e1_4f0a_8e77_60a0_7711_0000);

/// One `WSACleanup`.
///
/// # Panics
/// When it fails.
pub fn cleanup() {
    // SAFETY: no arguments.
    assert_eq!(unsafe { winsock::WSACleanup() }, 0);
}
