//! Providers linked into the program: catalog paths with the scheme `linked:NAME`.
//!
//! The base provider comes this way, and so do layers written in Rust and the providers of tests. A name is registered once with its
//! `WSPStartup`; [`super::module`] finds it whenever a path of this scheme is loaded.

use parking_lot::RwLock;
use std::collections::BTreeMap;
use ws2spi_abi::ffi::native;

static LINKED: RwLock<BTreeMap<String, native::StartupFn>> = RwLock::new(BTreeMap::new());

/// The scheme of catalog paths that name a linked provider.
pub const SCHEME: &str = "linked:";

/// Registers a provider's `WSPStartup` under a name, so that the catalog path `linked:NAME` loads it. Registering the name again
/// replaces it for later loads.
pub fn link(name: &str, startup: native::StartupFn) {
    LINKED.write().insert(name.to_owned(), startup);
}

/// The `WSPStartup` that a path of the scheme names, `None` for other paths and unknown names.
#[must_use]
pub fn find(path: &str) -> Option<native::StartupFn> {
    LINKED.read().get(path.strip_prefix(SCHEME)?).copied()
}
