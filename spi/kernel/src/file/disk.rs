//! A file of the system's, opened for reading: what `CreateFile` makes.
//!
//! It is read through [`Contents`], by `ReadFile` and by what sends files. Only regular files are opened: a
//! read waits for a disk at most.

use std::fs;
use std::io;
use std::os::fd::AsFd;
use std::os::fd::BorrowedFd;
use std::os::unix::fs::FileExt;
use std::path::Path;

use ws2spi_abi::Errno;

use super::Contents;
use super::File;
use super::FileState;
use super::Overlapping;
use crate::handles::HandleCount;
use crate::handles::Kind;
use crate::handles::Object;
use crate::signal::Signal;
use crate::sync::AtomicU64;
use crate::sync::Ordering::Relaxed;

/// A regular file that is open for reading. Its position begins at 0.
#[derive(Debug)]
pub struct DiskFile {
    state: FileState,
    file: fs::File,
    position: AtomicU64,
}

impl DiskFile {
    /// Opens a file that exists. Waits for a disk.
    ///
    /// # Errors
    /// `ERROR_FILE_NOT_FOUND`, `ERROR_PATH_NOT_FOUND`, `ERROR_ACCESS_DENIED` (also for a folder),
    /// `ERROR_TOO_MANY_OPEN_FILES`, `ERROR_NOT_SUPPORTED` for a device or a pipe.
    #[doc(alias = "CreateFileW")]
    pub fn open(path: &Path, overlapping: Overlapping) -> Result<Self, Errno> {
        // Opening a pipe would wait for its other end.
        check(&fs::metadata(path).map_err(|error| missing(path, &error))?)?;
        let file = fs::File::open(path).map_err(|error| errno(&error))?;
        check(&file.metadata().map_err(|error| errno(&error))?)?;
        Ok(Self {
            state: FileState::new(overlapping),
            file,
            position: AtomicU64::new(0),
        })
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
}

impl File for DiskFile {
    fn state(&self) -> &FileState {
        &self.state
    }

    fn contents(&self) -> Option<&dyn Contents> {
        Some(self)
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

/// Windows tells a folder that does not exist from a file.
fn missing(path: &Path, error: &io::Error) -> Errno {
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

fn errno(error: &io::Error) -> Errno {
    match error.kind() {
        io::ErrorKind::NotFound => Errno::FILE_NOT_FOUND,
        io::ErrorKind::NotADirectory => Errno::PATH_NOT_FOUND,
        io::ErrorKind::PermissionDenied => Errno::ACCESS_DENIED,
        // No kind says it: ENFILE and EMFILE, the same numbers on all systems here.
        _ if matches!(error.raw_os_error(), Some(23 | 24)) => Errno::TOO_MANY_OPEN_FILES,
        _ => Errno::GEN_FAILURE,
    }
}
