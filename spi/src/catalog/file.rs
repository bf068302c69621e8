//! `CatalogFile`: a catalog in a file that survives the process, and other processes beside it.
//!
//! - Readers read the file and take no lock: it is only ever replaced whole, by rename.
//! - Writers take an advisory lock on a file beside it (`NAME.lock`; the catalog itself cannot carry
//!   it, its inode changes), read, change, write a new file in the same folder, sync it, rename it
//!   over the old one and sync the folder. A writer that dies at any point leaves the old content
//!   or the new, and its lock ends with it.
//! - A file that cannot be understood is never overwritten.
//!
//! Relies on `document` for the content. Used by `Catalog` only.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::io::ErrorKind;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::document;
use super::error::CatalogError;
use super::error::Refusal;
use super::error::StoreError;
use super::state::State;

/// What a writer does while another writer is at work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Patience {
    /// Waits this long, then fails with [`StoreError::Busy`].
    Wait(Duration),
    /// Fails at once with [`StoreError::Busy`].
    Refuse,
}

/// The writers' lock, held on this file until it is dropped. A child process that was forked meanwhile has the file open as well, so
/// closing it would not be enough.
pub(super) struct Lock(pub(super) File);

impl Drop for Lock {
    fn drop(&mut self) {
        // A lock that cannot be given up ends with the file.
        let _ = self.0.unlock();
    }
}

/// A catalog's file, and what it is taken to contain while it does not exist.
#[derive(Debug)]
pub(super) struct CatalogFile {
    path: PathBuf,
    fresh: State,
}

impl CatalogFile {
    /// The file at `path`, which need not exist: the first change makes it.
    pub(super) fn new(path: &Path, fresh: State) -> Result<Self, StoreError> {
        let absolute = std::path::absolute(path);
        let path = absolute.map_err(|error| failed(path, "find", error))?;
        Ok(Self { path, fresh })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The content now. Takes no lock and waits for nobody.
    pub(super) fn read(&self) -> Result<State, StoreError> {
        self.read_from(&self.path)
    }

    /// Replaces the content by what `change` makes of it, with the serial counted up; returns what
    /// `change` returned beside it.
    pub(super) fn change<R>(
        &self,
        patience: Patience,
        change: impl FnOnce(&State) -> Result<(State, R), Refusal>,
    ) -> Result<R, CatalogError> {
        let target = self.resolve()?;
        let _lock = self.lock(&beside(&target, "", ".lock"), patience)?;
        let current = self.read_from(&target)?;
        let (mut changed, result) = change(&current)?;
        changed.serial = current.serial + 1;
        self.replace(&target, &changed)?;
        Ok(result)
    }

    fn read_from(&self, target: &Path) -> Result<State, StoreError> {
        match read_regular(target) {
            Ok(text) => document::read(&self.path, &text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(self.fresh.clone()),
            Err(error) => Err(failed(&self.path, "read", error)),
        }
    }

    /// The file behind symbolic links: that one is replaced, not the link.
    fn resolve(&self) -> Result<PathBuf, StoreError> {
        let find = |error| failed(&self.path, "find", error);
        match fs::canonicalize(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            resolved => return resolved.map_err(find),
        }
        let (Some(folder), Some(name)) = (self.path.parent(), self.path.file_name()) else {
            return Err(find(ErrorKind::InvalidInput.into()));
        };
        Ok(fs::canonicalize(folder).map_err(find)?.join(name))
    }

    /// Takes the writers' lock.
    fn lock(&self, path: &Path, patience: Patience) -> Result<Lock, StoreError> {
        let locking = |error| failed(path, "lock", error);
        let open = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path);
        let file = open.map_err(locking)?;
        match file.try_lock() {
            Ok(()) => return Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(locking(error)),
        }
        let busy = || StoreError::Busy {
            file: self.path.clone(),
        };
        let Patience::Wait(limit) = patience else {
            return Err(busy());
        };
        // The system's wait for a lock has no time limit, so a thread waits in our place. When we
        // give up it gets the lock one day, finds nobody to hand it to, and lets go of it.
        let (sender, receiver) = mpsc::channel();
        let waiter = move || {
            let locked = file.lock().map(|()| Lock(file));
            // A receiver that is gone has given up: dropping the lock is what is to be done.
            drop(sender.send(locked));
        };
        thread::Builder::new()
            .name("ws2spi catalog".to_owned())
            .spawn(waiter)
            .map_err(locking)?;
        match receiver.recv_timeout(limit) {
            Ok(locked) => locked.map_err(locking),
            Err(_) => Err(busy()),
        }
    }

    /// Puts `state` in the place of the file's content. Only the holder of the lock is here, so
    /// the new file's name can be fixed: what a killed writer left is overwritten.
    fn replace(&self, target: &Path, state: &State) -> Result<(), StoreError> {
        let writing = |error| failed(&self.path, "write", error);
        let text = document::write(state).map_err(|error| writing(error.into()))?;
        let new = beside(target, ".", ".new");
        let written = write_new(&new, target, &text).and_then(|()| fs::rename(&new, target));
        if let Err(error) = written {
            // The old content is in place; a left-over would be overwritten by the next writer.
            let _ = fs::remove_file(&new);
            return Err(writing(error));
        }
        if let Some(folder) = target.parent() {
            // Makes the rename itself survive a power failure. The change is in place whatever this
            // says, and some file systems cannot sync a folder.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

/// Reads a file, and nothing that only looks like one: a pipe would make readers wait for a writer.
fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            "not a regular file",
        ));
    }
    fs::read(path)
}

/// Writes and syncs a new file with the permissions of the one it is to replace.
fn write_new(new: &Path, replaced: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = File::create(new)?;
    match fs::metadata(replaced) {
        Ok(metadata) => file.set_permissions(metadata.permissions())?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    file.write_all(text)?;
    file.sync_all()
}

/// `target`'s neighbour with `before` and `after` around its name.
fn beside(target: &Path, before: &str, after: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(before);
    name.push(target.file_name().unwrap_or_default());
    name.push(after);
    target.with_file_name(name)
}

fn failed(file: &Path, action: &'static str, source: io::Error) -> StoreError {
    StoreError::Io {
        file: file.to_owned(),
        action,
        source,
    }
}
