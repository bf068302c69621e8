//! `WSPStartup` of a provider in Rust.

use super::{Adapter, Provider};
use crate::ffi::guard::guard;
#[cfg(target_arch = "x86_64")]
use crate::ffi::win64;
use crate::ffi::{UpcallProcs, native};
use crate::upcalls::Upcalls;
use crate::*;
use std::sync::atomic::{AtomicU32, Ordering};

/// A version as Winsock packs it: low byte major, high byte minor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Version(pub u16);

impl Version {
    /// 2.2, the only one that a client DLL accepts from providers.
    pub const V2_2: Self = Self(0x0202);

    /// The major number.
    #[must_use]
    pub const fn major(self) -> u8 {
        (self.0 & 0xff) as u8
    }

    /// The minor number.
    #[must_use]
    pub const fn minor(self) -> u8 {
        (self.0 >> 8) as u8
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.major(), self.minor()).cmp(&(other.major(), other.minor()))
    }
}

/// What a provider is started with.
#[derive(Clone, Copy, Debug)]
pub struct StartupRequest<'a> {
    /// The highest version that the client can use.
    pub version: Version,
    /// The catalog entry through which the provider is started: its own for a base, the chain for a layer.
    pub info: &'a WSAPROTOCOL_INFOW,
    /// The client DLL.
    pub upcalls: Upcalls,
}

/// Counts successful `WSPStartup` calls of a provider against `WSPCleanup` calls.
#[derive(Debug, Default)]
pub struct StartCount(AtomicU32);

impl StartCount {
    /// Not started.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    /// One more user; true for the first.
    pub fn enter(&self) -> bool {
        self.0.fetch_add(1, Ordering::AcqRel) == 0
    }

    /// One user less; true for the last.
    ///
    /// # Errors
    /// `WSANOTINITIALISED` when there is none (U109).
    pub fn leave(&self) -> Result<bool, Errno> {
        let before = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
                count.checked_sub(1)
            });
        before
            .map(|count| count == 1)
            .map_err(|_| Errno::NOTINITIALISED)
    }

    /// Whether there is a user.
    #[must_use]
    pub fn is_started(&self) -> bool {
        self.0.load(Ordering::Acquire) > 0
    }
}

/// The body of `WSPStartup` apart from the tables. Returns the error code itself.
///
/// # Safety
/// `data` is null or writable, `info` is null or readable, the upcalls are a client DLL's that stays loaded.
unsafe fn start<P: Provider>(
    requested: u16,
    data: *mut WSPDATA,
    info: *const WSAPROTOCOL_INFOW,
    procs: UpcallProcs,
    has_table: bool,
) -> Result<(), Errno> {
    if data.is_null() || info.is_null() || !has_table {
        return Err(Errno::FAULT);
    }
    // SAFETY: the caller's contract; not null.
    let info = unsafe { info.read_unaligned() };
    // SAFETY: the caller's contract.
    let upcalls = unsafe { Upcalls::new(procs) };
    let requested = Version(requested);
    let version = P::instance().startup(StartupRequest {
        version: requested,
        info: &info,
        upcalls,
    })?;
    let mut answer = WSPDATA {
        wVersion: version.min(requested).0,
        wHighVersion: version.0,
        szDescription: [0; 256],
    };
    for (cell, unit) in answer
        .szDescription
        .iter_mut()
        .take(255)
        .zip(P::NAME.encode_utf16())
    {
        *cell = unit;
    }
    // SAFETY: the caller's contract; not null.
    unsafe { data.write_unaligned(answer) };
    Ok(())
}

macro_rules! startup_fn {
    ($(#[$doc:meta])* $entry:ident $abi:literal $module:ident $kind:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $entry<P: Provider>() -> $module::StartupFn {
            /// # Safety
            /// The contract of WSPStartup.
            unsafe extern $abi fn startup<P: Provider>(
                requested: u16,
                data: *mut WSPDATA,
                info: *const WSAPROTOCOL_INFOW,
                upcalls: $module::UpcallTable,
                procs: *mut $module::ProcTable,
            ) -> i32 {
                let started = guard(P::NAME, "WSPStartup", || {
                    // SAFETY: the caller's contract (WSPStartup).
                    unsafe { start::<P>(requested, data, info, UpcallProcs::$kind(upcalls), !procs.is_null()) }
                });
                match started {
                    Ok(()) => {
                        // SAFETY: the caller's contract; `start` refused NULL.
                        unsafe { procs.write_unaligned($module::ProcTable::of::<Adapter<P>>()) };
                        0
                    }
                    Err(error) => error.code(),
                }
            }
            startup::<P>
        }
    };
}

startup_fn! {
    /// The `WSPStartup` function of a provider that is linked in, in the native convention.
    entry "system" native Native
}

#[cfg(target_arch = "x86_64")]
startup_fn! {
    /// The `WSPStartup` function of a provider that is linked in, in Microsoft's x64 convention.
    entry_win64 "win64" win64 Win64
}

/// Exports `WSPStartup` for a [`Provider`], as a provider's module must. Once per shared library.
#[macro_export]
macro_rules! export_provider {
    ($provider:ty) => {
        /// The one symbol that a provider exports.
        ///
        /// # Safety
        /// The contract of WSPStartup.
        #[unsafe(no_mangle)]
        #[allow(non_snake_case)]
        pub unsafe extern "system" fn WSPStartup(
            requested: u16,
            data: *mut $crate::WSPDATA,
            info: *const $crate::WSAPROTOCOL_INFOW,
            upcalls: $crate::ffi::native::UpcallTable,
            procs: *mut $crate::ffi::native::ProcTable,
        ) -> i32 {
            // SAFETY: the caller's contract, passed on.
            unsafe { $crate::provider::entry::<$provider>()(requested, data, info, upcalls, procs) }
        }
    };
}
