//! The catalog of this process: the one the WSC* functions and WSAStartup work on.
//!
//! It is opened when it is first asked for: in the file that WS2SPI_CATALOG names, else in memory.
//! Whoever embeds the client DLL says beforehand which base entries a fresh catalog starts with
//! ([`set_base`]), or puts a catalog of his own in place ([`set_process_catalog`]): the tool and the
//! tests do. The lock guards the two values only; files are read without it.

use std::sync::Arc;

use parking_lot::Mutex;
use ws2spi_abi::WSAPROTOCOL_INFOW;
use ws2spi_abi::diagnostic;
use ws2spi_abi::diagnostic::Diagnostic;

use super::error::CatalogError;
use super::shared::Catalog;
use super::snapshot::Snapshot;

static PROCESS: Mutex<Process> = Mutex::new(Process {
    base: None,
    catalog: None,
});

struct Process {
    base: Option<Base>,
    catalog: Option<Arc<Catalog>>,
}

#[derive(Clone)]
struct Base {
    path: Arc<str>,
    entries: Arc<[WSAPROTOCOL_INFOW]>,
}

/// Says what a fresh catalog starts with: base entries, all provided by the module at `path`
/// (`linked:NAME` for a provider linked into the program). To be called before the catalog is first
/// used; a catalog that is in place stays as it is.
pub fn set_base(path: &str, entries: &[WSAPROTOCOL_INFOW]) {
    let base = Base {
        path: Arc::from(path),
        entries: Arc::from(entries),
    };
    PROCESS.lock().base = Some(base);
}

/// Whether [`set_base`] has been called.
#[must_use]
pub fn has_base() -> bool {
    PROCESS.lock().base.is_some()
}

/// Puts a catalog in the place of this process's, `None` to have it opened anew on its next use;
/// returns the former one. A started process keeps its snapshot until its last WSACleanup.
pub fn set_process_catalog(catalog: Option<Arc<Catalog>>) -> Option<Arc<Catalog>> {
    std::mem::replace(&mut PROCESS.lock().catalog, catalog)
}

/// The catalog of this process, opened if it is not yet. Reads a file at most.
///
/// # Errors
/// As [`Catalog::from_environment`]; the next call tries again.
pub fn process_catalog() -> Result<Arc<Catalog>, CatalogError> {
    let base = {
        let process = PROCESS.lock();
        if let Some(catalog) = &process.catalog {
            return Ok(Arc::clone(catalog));
        }
        process.base.clone()
    };
    let opened = match &base {
        Some(base) => Catalog::from_environment(&base.path, &base.entries)?,
        None => Catalog::from_environment("", &[])?,
    };
    // Another thread may have been quicker; then its catalog is the one.
    Ok(Arc::clone(
        PROCESS.lock().catalog.get_or_insert(Arc::new(opened)),
    ))
}

/// The environment variable that leaves layers out when it is `off`.
pub const LAYERS: &str = "WS2SPI_LAYERS";

/// The catalog as this process is to see it from now on, its base entries alone where `WS2SPI_LAYERS` is
/// `off`; a failure is reported as a diagnostic that names the file. Microsoft: WSAStartup.
///
/// # Errors
/// As [`process_catalog`] and [`Catalog::snapshot`].
pub fn process_snapshot() -> Result<Arc<Snapshot>, CatalogError> {
    let without = std::env::var_os(LAYERS).is_some_and(|layers| layers == "off");
    let snapshot = process_catalog().and_then(|catalog| match without {
        true => catalog.snapshot_without_layers(),
        false => catalog.snapshot(),
    });
    snapshot.inspect_err(|error| report(error, "WSAStartup"))
}

/// Tells the process's diagnostic sink of an error that an error code cannot tell: which file, which
/// place in it. Refusals are the caller's to see in the code and are not reported.
pub fn report(error: &CatalogError, function: &'static str) {
    if let CatalogError::Store(store) = error {
        diagnostic::report(&Diagnostic {
            provider: "the catalog".to_owned(),
            function,
            what: store.to_string(),
        });
    }
}
