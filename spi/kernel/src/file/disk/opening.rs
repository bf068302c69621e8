//! How a file of the system's is opened: what `CreateFile` is asked for, in which order it is looked at, and deleting by name.

use std::fs;
use std::io;
use std::path::Path;

use ws2spi_abi::Errno;

use super::DiskFile;
use super::FileId;
use super::Found;
use super::Open;
use super::errno;
use crate::file::FileState;
use crate::file::Overlapping;
use crate::file::sharing::Claim;
use crate::file::sharing::LengthLock;
use crate::file::sharing::Uses;
use crate::sync::AtomicU64;
use crate::sync::Mutex;

/// What a handle may be used for.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Access {
    /// To read.
    pub read: bool,
    /// To write anywhere.
    pub write: bool,
    /// To write at the end.
    pub append: bool,
    /// To delete it.
    pub delete: bool,
}

impl Access {
    /// What is asked for by a `dwDesiredAccess`; rights that change nothing here are dropped.
    #[must_use]
    pub const fn from_rights(rights: u32) -> Self {
        let all = rights & GENERIC_ALL != 0;
        Self {
            read: all || rights & (GENERIC_READ | FILE_READ_DATA) != 0,
            write: all || rights & (GENERIC_WRITE | FILE_WRITE_DATA) != 0,
            append: all || rights & (GENERIC_WRITE | FILE_APPEND_DATA) != 0,
            delete: all || rights & DELETE != 0,
        }
    }

    pub(super) const fn only_appends(self) -> bool {
        self.append && !self.write
    }

    fn uses(self) -> Uses {
        let of = |asked, uses| if asked { uses } else { Uses::NONE };
        of(self.read, Uses::READ)
            .and(of(self.write || self.append, Uses::WRITE))
            .and(of(self.delete, Uses::DELETE))
    }
}

/// What is to become of a file that exists, or does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disposition {
    /// It must not exist.
    #[doc(alias = "CREATE_NEW")]
    New,
    /// It is made, or emptied.
    #[doc(alias = "CREATE_ALWAYS")]
    Emptied,
    /// It must exist.
    #[doc(alias = "OPEN_EXISTING")]
    Existing,
    /// It is made or opened.
    #[doc(alias = "OPEN_ALWAYS")]
    Any,
    /// It must exist, and is emptied.
    #[doc(alias = "TRUNCATE_EXISTING")]
    ExistingEmptied,
}

/// How a file is opened.
#[derive(Clone, Copy, Debug)]
pub struct Opening {
    /// What for.
    pub access: Access,
    /// What others may do meanwhile.
    pub shared: Uses,
    /// Whether it has to exist.
    pub disposition: Disposition,
    /// Whether it may have overlapped operations.
    pub overlapping: Overlapping,
    /// Whether it is deleted with its last handle.
    pub delete_on_close: bool,
    /// Whether a new file may only be read by those who open it later.
    pub read_only: bool,
}

impl Opening {
    /// For reading what exists, shared with everybody.
    pub const EXISTING: Self = Self {
        access: Access {
            read: true,
            write: false,
            append: false,
            delete: false,
        },
        shared: Uses::from_bits(7),
        disposition: Disposition::Existing,
        overlapping: Overlapping::Synchronous,
        delete_on_close: false,
        read_only: false,
    };

    fn empties(&self) -> bool {
        matches!(
            self.disposition,
            Disposition::Emptied | Disposition::ExistingEmptied
        )
    }

    fn options(&self) -> fs::OpenOptions {
        let Access { read, write, .. } = self.access;
        let mut options = fs::OpenOptions::new();
        let appends = self.access.only_appends();
        let writes = (write || self.empties()) && !appends;
        options
            .read(read || !(writes || appends))
            .write(writes)
            .append(appends);
        options
    }
}

impl DiskFile {
    /// Opens or makes a file. Waits for a disk.
    ///
    /// # Errors
    /// `ERROR_FILE_NOT_FOUND`, `ERROR_PATH_NOT_FOUND`, `ERROR_FILE_EXISTS`, `ERROR_ACCESS_DENIED` (also for a folder),
    /// `ERROR_SHARING_VIOLATION`, `ERROR_USER_MAPPED_FILE` for one that is to be emptied, `ERROR_TOO_MANY_OPEN_FILES`,
    /// `ERROR_DISK_FULL`, `ERROR_NOT_SUPPORTED` for a device or a pipe.
    #[doc(alias = "CreateFileW")]
    pub fn create(path: &Path, opening: &Opening) -> Result<(Self, Found), Errno> {
        let (file, found) = open_or_make(path, opening)?;
        let metadata = file.metadata().map_err(|error| errno(&error))?;
        check(&metadata)?;
        let id = FileId::of(&metadata);
        let claim = Claim::new(id, opening.access.uses(), opening.shared)?;
        if found == Found::Existing && opening.empties() {
            let lock = LengthLock::take(id);
            lock.may_shorten(0)?;
            file.set_len(0).map_err(|error| errno(&error))?;
        }
        if found == Found::New && opening.read_only {
            let mut permissions = metadata.permissions();
            permissions.set_readonly(true);
            file.set_permissions(permissions)
                .map_err(|error| errno(&error))?;
        }
        // Behind links, and whatever the current folder is by then.
        let real = || fs::canonicalize(path).map_err(|error| errno(&error));
        let delete = opening.delete_on_close.then(real).transpose()?;
        let file = Self {
            state: FileState::new(opening.overlapping),
            file,
            id,
            access: opening.access,
            position: AtomicU64::new(0),
            open: Mutex::new(Some(Open {
                _claim: claim,
                delete,
            })),
        };
        Ok((file, found))
    }
}

fn open_or_make(path: &Path, opening: &Opening) -> Result<(fs::File, Found), Errno> {
    let may_make = matches!(
        opening.disposition,
        Disposition::New | Disposition::Emptied | Disposition::Any
    );
    let may_exist = opening.disposition != Disposition::New;
    loop {
        if may_make {
            let mut options = fs::OpenOptions::new();
            // Whoever makes a file may write it; what the handle may do is looked at for each call.
            let made = options.read(true).append(opening.access.only_appends());
            let made = made.write(!opening.access.only_appends());
            match made.create_new(true).open(path) {
                Ok(file) => return Ok((file, Found::New)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && may_exist => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {
                    return Err(Errno::ACCESS_DENIED);
                }
                Err(error) => return Err(missing(path, &error)),
            }
        }
        // Opening a pipe would wait for its other end.
        match fs::metadata(path) {
            Ok(metadata) => check(&metadata)?,
            Err(error) if vanished(&error, may_make) && !path.is_symlink() => continue,
            Err(error) => return Err(missing(path, &error)),
        }
        match opening.options().open(path) {
            Ok(file) => return Ok((file, Found::Existing)),
            Err(error) if vanished(&error, may_make) => {}
            Err(error) => return Err(missing(path, &error)),
        }
    }
}

/// Whether a file that was there a moment ago is gone, so that it is to be made now.
fn vanished(error: &io::Error, may_make: bool) -> bool {
    may_make && error.kind() == io::ErrorKind::NotFound
}

/// Deletes a file. Waits for a disk.
///
/// # Errors
/// `ERROR_FILE_NOT_FOUND`, `ERROR_PATH_NOT_FOUND`, `ERROR_ACCESS_DENIED` (also for a folder and a file that may only be read),
/// `ERROR_SHARING_VIOLATION` when somebody has it open who does not share that.
///
/// DIFFERS: the name is gone at once, not with the last handle of those who have it open.
#[doc(alias = "DeleteFileW")]
pub fn remove(path: &Path) -> Result<(), Errno> {
    let metadata = fs::symlink_metadata(path).map_err(|error| missing(path, &error))?;
    if metadata.is_dir() || (metadata.is_file() && metadata.permissions().readonly()) {
        return Err(Errno::ACCESS_DENIED);
    }
    let id = FileId::of(&metadata);
    let shared = Uses::from_bits(7);
    let _claim = Claim::new(id, Uses::DELETE, shared)?;
    fs::remove_file(path).map_err(|error| errno(&error))
}

/// # Errors
/// `ERROR_ACCESS_DENIED` for a folder, `ERROR_NOT_SUPPORTED` for what is no regular file.
fn check(metadata: &fs::Metadata) -> Result<(), Errno> {
    if metadata.is_file() {
        Ok(())
    } else if metadata.is_dir() {
        Err(Errno::ACCESS_DENIED)
    } else {
        Err(Errno::NOT_SUPPORTED)
    }
}

/// The Win32 code of what the system says about a path: Windows tells a folder that does not exist from a file.
pub fn missing(path: &Path, error: &io::Error) -> Errno {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match errno(error) {
        Errno::FILE_NOT_FOUND if folder.is_some_and(|folder| !folder.exists()) => {
            Errno::PATH_NOT_FOUND
        }
        error => error,
    }
}

const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const GENERIC_ALL: u32 = 0x1000_0000;
const FILE_READ_DATA: u32 = 1;
const FILE_WRITE_DATA: u32 = 2;
const FILE_APPEND_DATA: u32 = 4;
const DELETE: u32 = 0x1_0000;
