//! Files that are replaced whole: what the catalog and the registry are kept in.
//!
//! - Readers read the file and take no lock: it is only ever replaced whole, by rename.
//! - Writers take an advisory lock on a file beside it (the file itself cannot carry it, its inode
//!   changes), read, and [`replace`]. A writer that dies at any point leaves the old content or the
//!   new, and its lock ends with it.

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

/// What a writer does while another writer is at work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Patience {
    /// Waits this long, then fails with [`LockError::Busy`].
    Wait(Duration),
    /// Fails at once with [`LockError::Busy`].
    Refuse,
}

/// Why there is no lock.
#[derive(Debug)]
pub enum LockError {
    /// Another writer has it.
    Busy,
    /// The system's error.
    Failed(io::Error),
}

/// The writers' lock, held on this file until it is dropped. A child process that was forked meanwhile has the file open as well, so
/// closing it would not be enough.
#[derive(Debug)]
pub struct Lock(pub(crate) File);

impl Drop for Lock {
    fn drop(&mut self) {
        // A lock that cannot be given up ends with the file.
        let _ = self.0.unlock();
    }
}

/// Takes the writers' lock at `path`, which is made where it does not exist.
///
/// # Errors
/// [`LockError`]'s.
pub fn lock(path: &Path, patience: Patience) -> Result<Lock, LockError> {
    let open = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path);
    let file = open.map_err(LockError::Failed)?;
    match file.try_lock() {
        Ok(()) => return Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(LockError::Failed(error)),
    }
    let Patience::Wait(limit) = patience else {
        return Err(LockError::Busy);
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
        .name("ws2spi lock".to_owned())
        .spawn(waiter)
        .map_err(LockError::Failed)?;
    match receiver.recv_timeout(limit) {
        Ok(locked) => locked.map_err(LockError::Failed),
        Err(_) => Err(LockError::Busy),
    }
}

/// The file behind symbolic links: that one is replaced, not the link. It need not exist.
///
/// # Errors
/// The system's, for a folder that does not exist.
pub fn resolve(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    match fs::canonicalize(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        resolved => return resolved,
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(ErrorKind::InvalidInput.into());
    };
    Ok(fs::canonicalize(folder)?.join(name))
}

/// Reads a file, and nothing that only looks like one: a pipe would make readers wait for a writer.
///
/// # Errors
/// The system's; `InvalidInput` for what is no file.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            "not a regular file",
        ));
    }
    fs::read(path)
}

/// Puts `text` in the place of the file's content. Only the holder of the lock calls it, so the new file's name can be fixed: what
/// a killed writer left is overwritten.
///
/// # Errors
/// The system's; the old content is in place then.
pub fn replace(target: &Path, text: &[u8]) -> io::Result<()> {
    let new = beside(target, ".", ".new");
    let written = write_new(&new, target, text).and_then(|()| fs::rename(&new, target));
    if let Err(error) = written {
        // A left-over would be overwritten by the next writer.
        let _ = fs::remove_file(&new);
        return Err(error);
    }
    if let Some(folder) = target.parent() {
        // Makes the rename itself survive a power failure. The change is in place whatever this
        // says, and some file systems cannot sync a folder.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
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
#[must_use]
pub fn beside(target: &Path, before: &str, after: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(before);
    name.push(target.file_name().unwrap_or_default());
    name.push(after);
    target.with_file_name(name)
}
