//! The two tables in Microsoft's x64 convention.
//!
//! Used by a host that runs Windows code in the process. The rows are those of the native tables; what differs is how arguments
//! travel. Function pointers inside arguments (condition functions, completion routines, APCs, blocking hooks) have the convention of
//! the table through which they came.

use ws2spi::upcalls::Host;
use ws2spi_abi::ffi::win64::{StartupFn, UpcallTable};
use ws2spi_abi::provider::entry_win64;
use ws2spi_backends::base::Base;

/// The client DLL's upcalls, for providers that speak this convention. The process must be started (`WSAStartup`) for those that
/// need it; otherwise they answer `WSANOTINITIALISED`.
#[doc(alias = "WSPUPCALLTABLE")]
pub static UPCALLS: UpcallTable = UpcallTable::of::<Host>();

/// `WSPStartup` of the base provider, for callers that speak this convention. It counts with the starts in the native convention:
/// there is one base provider in a process.
#[doc(alias = "WSPStartup")]
#[must_use]
pub fn base_startup() -> StartupFn {
    entry_win64::<Base>()
}
