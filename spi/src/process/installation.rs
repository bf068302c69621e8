//! The base provider of the process: the client DLL knows none, so the program's face (the C library, the command-line tool, a test)
//! names one before the first use.

use crate::{catalog, loader};
use ws2spi_abi::WSAPROTOCOL_INFOW;
use ws2spi_abi::ffi::native;

/// Names the base provider: links its `WSPStartup` under `name` and has a fresh catalog start with `entries`, whose path is
/// `linked:NAME`. A catalog that is in place already stays as it is.
pub fn set_base(name: &str, startup: native::StartupFn, entries: &[WSAPROTOCOL_INFOW]) {
    loader::link(name, startup);
    catalog::set_base(&format!("{}{name}", loader::linked::SCHEME), entries);
}

/// Whether a base provider has been named: a face that names one by default leaves it alone then.
#[must_use]
pub fn has_base() -> bool {
    catalog::has_base()
}
