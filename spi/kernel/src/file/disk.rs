//! A file of the system's: what `CreateFile` makes.
//!
//! It is read through [`Contents`], by `ReadFile` and by what sends files, and written by `WriteFile`. Only regular
//! files are opened: an operation waits for a disk at most, and ends within the call.

mod opening;

use std::fs;
use std::io;
use std::io::Write;
use std::os::fd::AsFd;
use std::os::fd::BorrowedFd;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::path::PathBuf;

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::provider::Receive;
use ws2spi_abi::provider::Transfer;
use ws2spi_abi::provider::Transmit;

use super::Contents;
use super::File;
use super::FileState;
use super::Indication;
use super::Moment;
use super::Overlapping;
use super::contents;
use super::sharing::Claim;
use super::sharing::FileId;
use super::sharing::LengthLock;
use super::sharing::Mapped;
use crate::handles::HandleCount;
use crate::handles::Kind;
use crate::handles::Object;
use crate::signal::Signal;
use crate::sync::AtomicU64;
use crate::sync::Mutex;
use crate::sync::Ordering::Relaxed;

pub use opening::Access;
pub use opening::Disposition;
pub use opening::Opening;
pub use opening::missing;
pub use opening::remove;

/// A regular file that is open. Its position begins at 0.
#[derive(Debug)]
pub struct DiskFile {
    state: FileState,
    file: fs::File,
    id: FileId,
    access: Access,
    position: AtomicU64,
    /// Until the last handle is closed.
    open: Mutex<Option<Open>>,
}

/// What ends with the last handle.
#[derive(Debug)]
struct Open {
    _claim: Claim,
    /// What is to be deleted then, unless it is another file by then.
    delete: Option<PathBuf>,
}

/// Whether a file was there before it was opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Found {
    /// It was, and was opened or emptied.
    Existing,
    /// It was not.
    New,
}

impl DiskFile {
    /// Opens a file that exists for reading, shared with everybody. Waits for a disk.
    ///
    /// # Errors
    /// [`DiskFile::create`]'s.
    pub fn open(path: &Path, overlapping: Overlapping) -> Result<Self, Errno> {
        let opening = Opening {
            overlapping,
            ..Opening::EXISTING
        };
        Self::create(path, &opening).map(|(file, _)| file)
    }

    /// Has the file stay as long as a mapping of it needs it, which is `length` or, for 0, all of it; one that is shorter grows if the
    /// mapping `writes`. Waits for a disk.
    ///
    /// # Errors
    /// `ERROR_FILE_INVALID` for an empty file that is mapped as it is, `ERROR_NOT_ENOUGH_MEMORY` for one that is too short and not
    /// written to, `ERROR_ACCESS_DENIED` and `ERROR_DISK_FULL` as [`Self::set_length`].
    ///
    /// DIFFERS: another process can make it shorter all the same.
    #[doc(alias = "CreateFileMappingW")]
    pub fn map(&self, length: u64, writes: bool) -> Result<Mapped, Errno> {
        let lock = LengthLock::take(self.id);
        let present = self.length()?;
        let length = if length == 0 { present } else { length };
        if length == 0 {
            return Err(Errno::FILE_INVALID);
        }
        if length > present {
            if !writes {
                return Err(Errno::NOT_ENOUGH_MEMORY);
            }
            self.set_length_with(&lock, length)?;
        }
        Ok(lock.map(length))
    }

    /// What the handle may be used for.
    #[must_use]
    pub fn access(&self) -> Access {
        self.access
    }

    /// Makes the file as long as that, with zeros behind what was there. Waits for a disk.
    ///
    /// # Errors
    /// `ERROR_ACCESS_DENIED` when it is not open for writing, `ERROR_USER_MAPPED_FILE` when it would become shorter than
    /// a mapping of it, `ERROR_DISK_FULL`.
    #[doc(alias = "SetEndOfFile")]
    pub fn set_length(&self, length: u64) -> Result<(), Errno> {
        self.set_length_with(&LengthLock::take(self.id), length)
    }

    fn set_length_with(&self, lock: &LengthLock, length: u64) -> Result<(), Errno> {
        if !self.access.write {
            return Err(Errno::ACCESS_DENIED);
        }
        lock.may_shorten(length)?;
        self.file.set_len(length).map_err(|error| errno(&error))
    }

    /// Waits until what was written is on the disk.
    ///
    /// # Errors
    /// `ERROR_ACCESS_DENIED` when it is not open for writing, and the disk's.
    #[doc(alias = "FlushFileBuffers")]
    pub fn flush(&self) -> Result<(), Errno> {
        if !self.access.write && !self.access.append {
            return Err(Errno::ACCESS_DENIED);
        }
        self.file.sync_all().map_err(|error| errno(&error))
    }

    /// Writes all bytes, at an offset or at the end.
    fn write_all(&self, bytes: &[u8], at: Option<u64>) -> Result<(), Errno> {
        match at {
            Some(at) => self.file.write_all_at(bytes, at),
            None => (&self.file).write_all(bytes),
        }
        .map_err(|error| errno(&error))
    }

    /// Where a write begins: `None` for the end, wherever that is by then.
    fn place_of(&self, asked: Option<(u32, u32)>) -> Result<Option<u64>, Errno> {
        if self.access.only_appends() {
            return Ok(None);
        }
        match asked {
            // DIFFERS: not atomic beside others who do the same.
            Some((u32::MAX, u32::MAX)) => self.length().map(Some),
            Some((low, high)) => Ok(Some(u64::from(high) << 32 | u64::from(low))),
            None => Ok(Some(self.position())),
        }
    }
}

impl Object for DiskFile {
    fn kind(&self) -> Kind {
        Kind::File
    }

    fn signal(&self) -> Option<&Signal> {
        Some(self.state.signal())
    }

    fn as_file(&self) -> Option<&dyn File> {
        Some(self)
    }

    fn handles(&self) -> Option<&HandleCount> {
        Some(self.state.handles())
    }

    fn last_closed(&self) {
        let open = self.open.lock().take();
        if let Some(path) = open.as_ref().and_then(|open| open.delete.as_ref()) {
            // Its name may be another's by now.
            let found = fs::symlink_metadata(path);
            if found.is_ok_and(|found| FileId::of(&found) == self.id) {
                // Somebody may have been faster.
                let _ = fs::remove_file(path);
            }
        }
    }
}

impl File for DiskFile {
    fn state(&self) -> &FileState {
        &self.state
    }

    fn contents(&self) -> Option<&dyn Contents> {
        if self.access.read { Some(self) } else { None }
    }

    fn read(&self, call: Receive<'_>) -> Result<Transfer, Errno> {
        if !self.access.read {
            return Err(Errno::ACCESS_DENIED);
        }
        contents::read(&self.state, self, &call)
    }

    /// At the position, or where the `OVERLAPPED` says; at the end for all ones there, and for a file that is open for appending
    /// alone. The position is behind it afterwards.
    fn write(&self, call: Transmit<'_>) -> Result<Transfer, Errno> {
        if !self.access.write && !self.access.append {
            return Err(Errno::ACCESS_DENIED);
        }
        let total = call.buffers.check()?;
        let asked = call.overlapped.request();
        let place = self.place_of(asked.as_ref().map(|asked| asked.overlapped.offsets()))?;
        let request = match &asked {
            Some(asked) => Some(self.state.begin(asked.overlapped, Indication::Event)?),
            None => None,
        };
        let mut moved = 0;
        for slice in call.buffers.slices() {
            let at = place.map(|place| place.saturating_add(moved));
            self.write_all(&slice, at)?;
            moved += slice.len() as u64;
        }
        match place {
            Some(place) => self.set_position(place.saturating_add(moved)),
            None => self.set_position(self.length()?),
        }
        if let Some(request) = request {
            drop(
                self.state
                    .complete(request, NtStatus::SUCCESS, total, Moment::Immediate),
            );
        }
        Ok(Transfer::Done {
            bytes: total as u32,
            flags: 0,
        })
    }
}

impl Contents for DiskFile {
    fn read_at(&self, from: u64, into: &mut [u8]) -> Result<usize, Errno> {
        loop {
            match self.file.read_at(into, from) {
                Ok(got) => return Ok(got),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // A place that no file reaches.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => return Ok(0),
                Err(error) => return Err(errno(&error)),
            }
        }
    }

    fn length(&self) -> Result<u64, Errno> {
        let metadata = self.file.metadata().map_err(|error| errno(&error))?;
        Ok(metadata.len())
    }

    fn position(&self) -> u64 {
        self.position.load(Relaxed)
    }

    fn set_position(&self, position: u64) {
        self.position.store(position, Relaxed);
    }

    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        Some(self.file.as_fd())
    }
}

/// The Win32 code of what the system says about a file.
pub fn errno(error: &io::Error) -> Errno {
    match error.kind() {
        io::ErrorKind::NotFound => Errno::FILE_NOT_FOUND,
        io::ErrorKind::NotADirectory => Errno::PATH_NOT_FOUND,
        io::ErrorKind::AlreadyExists => Errno::FILE_EXISTS,
        io::ErrorKind::PermissionDenied | io::ErrorKind::IsADirectory => Errno::ACCESS_DENIED,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Errno::DISK_FULL
        }
        io::ErrorKind::ReadOnlyFilesystem => Errno::WRITE_PROTECT,
        io::ErrorKind::InvalidFilename => Errno::FILENAME_EXCED_RANGE,
        // A place or a length that no file has.
        io::ErrorKind::InvalidInput => Errno::INVALID_PARAMETER,
        // No kind says it: ENFILE and EMFILE, the same numbers on all systems here.
        _ if matches!(error.raw_os_error(), Some(23 | 24)) => Errno::TOO_MANY_OPEN_FILES,
        _ => Errno::GEN_FAILURE,
    }
}
