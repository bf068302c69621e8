//! Where the objects of a session are: a folder of the user's own, with a file for each object.
//!
//! The folder is the one that `WS2SPI_SESSION` names, or else one that is in memory where the system has such a place. An object's file is
//! locked, shared, by each process that has it; what nobody has locked is a left-over, and is made anew. The folder has a lock of its own,
//! under which claims begin and end. All of them are the system's, which takes them from a process that dies.

use std::fs;
use std::fs::DirBuilder;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The environment variable that names the folder.
const ENVIRONMENT: &str = "WS2SPI_SESSION";
/// Memory, on Linux.
const IN_MEMORY: &str = "/dev/shm";
const LOCK: &str = "lock";
const BELL: &str = "bell";
/// What a mapping has beside its file.
const MEMORY: &str = "memory";
/// A page on every system.
pub(super) const LENGTH: u64 = 16 * 1024;

/// A share in an object, until it is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) file: File,
    path: PathBuf,
    /// The process that made it; a child of fork has a copy, but no share.
    process: u32,
}

impl Claim {
    /// The memory of a mapping.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn memory(&self) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .open(self.path.with_extension(MEMORY))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            return;
        }
        let Ok(_lock) = lock_folder() else {
            return;
        };
        // Nobody else has it, and with the folder locked nobody comes.
        if self.file.try_lock().is_ok() {
            remove(&self.path);
        }
    }
}

/// How an object is made: how much memory it has beside its state, and what writes that into its file before anybody else sees it.
pub(super) struct Making<'m> {
    pub(super) memory: u64,
    pub(super) state: &'m dyn Fn(&File) -> io::Result<()>,
}

/// A share in the object of a name, and whether it is new. `None`: nobody has it, and it is not to be made.
///
/// # Errors
/// The system's: there is no such folder and can be none.
pub(super) fn enter(name: &str, making: Option<&Making<'_>>) -> io::Result<Option<(Claim, bool)>> {
    let path = folder()?.join(file_name(name));
    let lock = lock_folder()?;
    let entered = enter_alone(&path, making);
    // A claim's end takes this lock.
    drop(lock);
    let claim = |file| Claim {
        file,
        path,
        process: std::process::id(),
    };
    Ok(entered?.map(|(file, new)| (claim(file), new)))
}

/// The same, with the folder locked.
fn enter_alone(path: &Path, making: Option<&Making<'_>>) -> io::Result<Option<(File, bool)>> {
    let file = match (File::options().read(true).write(true).open(path), making) {
        (Err(error), None) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        (Err(error), Some(_)) if error.kind() == io::ErrorKind::NotFound => open_or_make(path)?,
        (file, _) => file?,
    };
    if file.try_lock().is_err() {
        file.lock_shared()?;
        return Ok(Some((file, false)));
    }
    // Nobody has it.
    let Some(making) = making else {
        remove(path);
        return Ok(None);
    };
    file.set_len(0)?;
    file.set_len(LENGTH)?;
    (making.state)(&file)?;
    if making.memory > 0 {
        let beside = open_or_make(&path.with_extension(MEMORY))?;
        beside.set_len(0)?;
        beside.set_len(making.memory)?;
    }
    file.lock_shared()?;
    Ok(Some((file, true)))
}

/// Takes an object's files away.
fn remove(path: &Path) {
    // Not all have one, and what stays is a left-over.
    let _ = fs::remove_file(path.with_extension(MEMORY));
    let _ = fs::remove_file(path);
}

/// The file of the session's bell.
///
/// # Errors
/// The system's.
pub(super) fn bell() -> io::Result<File> {
    let file = open_or_make(&folder()?.join(BELL))?;
    if file.metadata()?.len() < LENGTH {
        file.set_len(LENGTH)?;
    }
    Ok(file)
}

/// The folder's lock, as long as the file is open.
fn lock_folder() -> io::Result<FolderLock> {
    let file = open_or_make(&folder()?.join(LOCK))?;
    file.lock()?;
    Ok(FolderLock(file))
}

/// A child that is forked meanwhile has the file open as well, so closing it would not be enough.
struct FolderLock(File);

impl Drop for FolderLock {
    fn drop(&mut self) {
        // A lock that cannot be given up ends with the file.
        let _ = self.0.unlock();
    }
}

fn open_or_make(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}

/// The folder, which is looked for once.
fn folder() -> io::Result<&'static Path> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = FOLDER.get_or_init(|| find().ok());
    found
        .as_deref()
        .ok_or_else(|| io::ErrorKind::NotFound.into())
}

fn find() -> io::Result<PathBuf> {
    let named = std::env::var_os(ENVIRONMENT).filter(|named| !named.is_empty());
    let own = own_user();
    if let Some(named) = named {
        return prepared(std::path::absolute(named)?, own);
    }
    let name = format!("ws2spi-{own}");
    let in_memory = Path::new(IN_MEMORY);
    if in_memory.is_dir()
        && let Ok(found) = prepared(in_memory.join(&name), own)
    {
        return Ok(found);
    }
    prepared(std::env::temp_dir().join(name), own)
}

/// Makes the folder, if it is not there, and looks whose it is.
fn prepared(path: PathBuf, own: u32) -> io::Result<PathBuf> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(&path)?;
    // In a folder for all, somebody else may have been here before.
    let metadata = fs::symlink_metadata(&path)?;
    if !metadata.is_dir() || metadata.uid() != own || metadata.mode() & 0o022 != 0 {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    sweep(&path);
    Ok(path)
}

/// Takes left-overs of processes that died away.
fn sweep(folder: &Path) {
    let Ok(lock) = open_or_make(&folder.join(LOCK)) else {
        return;
    };
    // Whoever holds it may be at work with one.
    if lock.try_lock().is_err() {
        return;
    }
    let _lock = FolderLock(lock);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_some() || [LOCK, BELL].iter().any(|name| path.ends_with(name)) {
            continue;
        }
        if File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            remove(&path);
        }
    }
}

fn own_user() -> u32 {
    // SAFETY: no pointers.
    unsafe { libc::geteuid() }
}

/// The name of an object's file: names may have any characters, and many (FNV-1a with 128 bits).
fn file_name(name: &str) -> String {
    let hash = name.bytes().fold(BASIS, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    });
    format!("{hash:032x}")
}

const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
