//! Where the registry is kept: in memory, or in the file that `WS2SPI_REGISTRY` names.
//!
//! The file is read again when it has changed, and replaced whole with a lock held, as the catalog's: several processes may use one.
//! A file that is not understood is never written; everything that wants it is `ERROR_BADDB`.

use super::text;
use super::tree::Key;
use parking_lot::Mutex;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use ws2spi::whole_file::{self, Patience};
use ws2spi_abi::Errno;
use ws2spi_kernel::clock::file_time;

/// The environment variable that names the file.
const ENVIRONMENT: &str = "WS2SPI_REGISTRY";
/// `ERROR_BADDB`: the file is none of ours. `ERROR_REGISTRY_IO_FAILED`: it could not be read or written.
const BADDB: Errno = super::super::error(1009);
const IO_FAILED: Errno = super::super::error(1016);
/// How long to wait for another writer.
const PATIENCE: Patience = Patience::Wait(Duration::from_secs(30));

/// What tells one content of the file from another: which file it is, how long it is, and when it was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stamp(u64, u64, u64, i64, i64);

struct Store {
    file: Option<OsString>,
    stamp: Option<Stamp>,
    root: Arc<Key>,
}

/// Held for what is in memory alone, not for the file.
static STORE: Mutex<Option<Store>> = Mutex::new(None);

/// Looks into the registry.
///
/// # Errors
/// Those of `look`; `ERROR_BADDB`, `ERROR_REGISTRY_IO_FAILED`.
pub(in crate::win32) fn look<R>(look: impl FnOnce(&Key) -> Result<R, Errno>) -> Result<R, Errno> {
    let root = match path()? {
        Some(path) => refreshed(&path)?,
        None => Arc::clone(&current(&mut STORE.lock()).root),
    };
    look(&root)
}

/// Changes the registry; nothing changes when `change` fails.
///
/// # Errors
/// Those of `change`; `ERROR_BADDB`, `ERROR_REGISTRY_IO_FAILED`.
pub(in crate::win32) fn change<R>(
    change: impl FnOnce(&mut Key, u64) -> Result<R, Errno>,
) -> Result<R, Errno> {
    let Some(path) = path()? else {
        let mut store = STORE.lock();
        let store = current(&mut store);
        let mut root = Key::clone(&store.root);
        let result = change(&mut root, file_time())?;
        store.root = Arc::new(root);
        return Ok(result);
    };
    // Between the threads of this process as between processes.
    let failed = |_: whole_file::LockError| IO_FAILED;
    let _lock =
        whole_file::lock(&whole_file::beside(&path, "", ".lock"), PATIENCE).map_err(failed)?;
    let before = refreshed(&path)?;
    let mut root = Key::clone(&before);
    let result = change(&mut root, file_time())?;
    if root != *before {
        whole_file::replace(&path, text::write(&root).as_bytes()).map_err(|_| IO_FAILED)?;
        let stamp = stamp(&path).map_err(|_| IO_FAILED)?;
        keep(stamp, Arc::new(root));
    }
    Ok(result)
}

/// The store, of the file that the environment names when the registry is first used.
fn current(store: &mut Option<Store>) -> &mut Store {
    store.get_or_insert_with(|| Store {
        file: std::env::var_os(ENVIRONMENT).filter(|file| !file.is_empty()),
        stamp: None,
        root: Arc::default(),
    })
}

/// The file, behind symbolic links.
fn path() -> Result<Option<PathBuf>, Errno> {
    let file = current(&mut STORE.lock()).file.clone();
    file.map(|file| whole_file::resolve(file.as_ref()).map_err(|_| IO_FAILED))
        .transpose()
}

/// What the file has, which is read again if it has changed.
fn refreshed(path: &Path) -> Result<Arc<Key>, Errno> {
    // Before it is read: what is put in its place meanwhile has another.
    let found = stamp(path).map_err(|_| IO_FAILED)?;
    let mut store = STORE.lock();
    let known = current(&mut store);
    if found.is_some() && found == known.stamp {
        return Ok(Arc::clone(&known.root));
    }
    drop(store);
    let root = match whole_file::read(path) {
        Ok(bytes) => text::read(&bytes).map_err(|_| BADDB)?,
        Err(error) if error.kind() == ErrorKind::NotFound => Key::default(),
        Err(_) => return Err(IO_FAILED),
    };
    let root = Arc::new(root);
    keep(found, Arc::clone(&root));
    Ok(root)
}

fn keep(stamp: Option<Stamp>, root: Arc<Key>) {
    let mut store = STORE.lock();
    let store = current(&mut store);
    store.stamp = stamp;
    store.root = root;
}

/// `None`: there is no file.
fn stamp(path: &Path) -> io::Result<Option<Stamp>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(Stamp(
            metadata.dev(),
            metadata.ino(),
            metadata.len(),
            metadata.mtime(),
            metadata.mtime_nsec(),
        ))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
