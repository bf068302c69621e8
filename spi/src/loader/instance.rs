//! `Instance`: a started provider. One per ProviderId in a process between its first use and the last `WSACleanup`.
//!
//! Holds the provider's table and keeps its module loaded. Shared by `Arc`: associations and calls in progress keep it alive, so a
//! module is never unloaded under a call (U39). `WSPCleanup` runs once, whoever asks first.

use super::module::Module;
use super::startup::UpcallTables;
use std::sync::atomic::{AtomicBool, Ordering};
use ws2spi_abi::diagnostic::{self, Diagnostic};
use ws2spi_abi::ffi::{Procs, native};
use ws2spi_abi::{Errno, GUID, WSAPROTOCOL_INFOW, WSPDATA};

/// A started provider.
#[derive(Debug)]
pub struct Instance {
    procs: Procs,
    provider: GUID,
    path: String,
    cleaned: AtomicBool,
    bypassed: AtomicBool,
    // Last: the table points into it.
    _module: Module,
}

impl Instance {
    /// Calls the provider's `WSPStartup` and judges what it answered (client-dll.md 3.6). Blocks as long as the provider does; no
    /// lock of ours may be held.
    ///
    /// # Errors
    /// `WSAEPROVIDERFAILEDINIT`: it failed; `WSAEINVALIDPROVIDER`: it speaks another version than 2.2; `WSAEINVALIDPROCTABLE`: a
    /// slot of its table is NULL. Its `WSPCleanup` has run once in the last two cases (U92, U95).
    pub fn start(
        module: Module,
        startup: native::StartupFn,
        path: &str,
        info: &WSAPROTOCOL_INFOW,
        upcalls: &UpcallTables,
    ) -> Result<Self, Errno> {
        let mut data = WSPDATA::EMPTY;
        let mut table = native::ProcTable::EMPTY;
        // A copy: in C the parameter is not const, and what a provider does to it stays with the provider.
        let mut shown = *info;
        // SAFETY: a `WSPStartup` of a module that stays loaded; entry and both outputs are live locals.
        let code = unsafe {
            startup(
                REQUESTED,
                &raw mut data,
                &raw mut shown,
                upcalls.native,
                &raw mut table,
            )
        };
        if code != 0 {
            let reason = Errno::new(code).map_or_else(String::new, |error| error.to_string());
            complain(path, format!("failed with {reason}"));
            return Err(Errno::PROVIDERFAILEDINIT);
        }
        let instance = Self {
            procs: Procs::Native(table),
            provider: info.ProviderId,
            path: path.to_owned(),
            cleaned: AtomicBool::new(false),
            bypassed: AtomicBool::new(false),
            _module: module,
        };
        // Dropping the instance on the way out runs its WSPCleanup.
        if data.wVersion != REQUESTED {
            let (major, minor) = (data.wVersion & 0xff, data.wVersion >> 8);
            complain(
                path,
                format!("offers version {major}.{minor}; only 2.2 is used"),
            );
            return Err(Errno::INVALIDPROVIDER);
        }
        if let Some(missing) = instance.procs.first_missing() {
            complain(path, format!("left {missing} NULL"));
            return Err(Errno::INVALIDPROCTABLE);
        }
        Ok(instance)
    }

    /// The provider's table.
    #[inline]
    #[must_use]
    pub fn procs(&self) -> &Procs {
        &self.procs
    }

    /// The ProviderId it was started for.
    #[must_use]
    pub fn provider(&self) -> GUID {
        self.provider
    }

    /// The path it was loaded from, as stored in the catalog: its name in diagnostics.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Notes that the provider's sockets go to another provider; `true` the first time.
    #[must_use]
    pub fn note_bypassed(&self) -> bool {
        !self.bypassed.swap(true, Ordering::Relaxed)
    }

    /// Calls the provider's `WSPCleanup`, the first time it is asked to (U108). Blocks as long as the provider does; no lock of
    /// ours may be held.
    #[doc(alias = "WSPCleanup")]
    pub fn cleanup(&self) {
        if self.cleaned.swap(true, Ordering::AcqRel) {
            return;
        }
        // SAFETY: the table is this provider's and its module is still loaded; the function has no pointer but lpErrno.
        let result = unsafe { self.procs.cleanup() };
        if let Err(failure) = result
            && failure.errno != Errno::OPNOTSUPP.code()
        {
            let finding = Diagnostic {
                provider: self.path.clone(),
                function: "WSPCleanup",
                what: format!("failed with error {}", failure.errno),
            };
            diagnostic::report(&finding);
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.cleanup();
    }
}

/// Reports a finding about a provider's start.
pub(super) fn complain(path: &str, what: String) {
    diagnostic::report(&Diagnostic {
        provider: path.to_owned(),
        function: "WSPStartup",
        what,
    });
}

/// The version asked of providers: 2.2.
const REQUESTED: u16 = 0x0202;
