//! A file whose contents are in memory: what `TransmitFile` reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use ws2spi_abi::{Errno, HANDLE};
use ws2spi_kernel::file::{self, File, FileState, Overlapping};
use ws2spi_kernel::handles::{self, Handle, Kind, Object};

/// An open file, read from where the last read ended; closed when dropped.
pub struct MemoryFile(Handle);

struct Contents {
    state: FileState,
    bytes: Vec<u8>,
    position: AtomicU64,
}

impl MemoryFile {
    /// Opens a file with these contents.
    ///
    /// # Panics
    /// When there is no handle for it.
    #[must_use]
    pub fn open(contents: Vec<u8>) -> Self {
        let object = Contents {
            state: FileState::new(Overlapping::Synchronous),
            bytes: contents,
            position: AtomicU64::new(0),
        };
        Self(handles::insert(Arc::new(object)).expect("a handle for the file"))
    }

    /// Its handle; the caller closes it.
    #[must_use]
    pub fn into_raw(self) -> HANDLE {
        let raw = self.raw();
        std::mem::forget(self);
        raw
    }

    /// Its handle.
    #[must_use]
    pub fn raw(&self) -> HANDLE {
        self.0.raw()
    }
}

impl Drop for MemoryFile {
    fn drop(&mut self) {
        // A test that closed the handle itself wants this to fail.
        let _ = handles::close(self.0.raw());
    }
}

impl Object for Contents {
    fn kind(&self) -> Kind {
        Kind::File
    }

    fn as_file(&self) -> Option<&dyn File> {
        Some(self)
    }
}

impl File for Contents {
    fn state(&self) -> &FileState {
        &self.state
    }

    fn contents(&self) -> Option<&dyn file::Contents> {
        Some(self)
    }
}

impl file::Contents for Contents {
    fn read_at(&self, from: u64, into: &mut [u8]) -> Result<usize, Errno> {
        let rest = self.bytes.get(from as usize..).unwrap_or_default();
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn length(&self) -> Result<u64, Errno> {
        Ok(self.bytes.len() as u64)
    }

    fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }

    fn set_position(&self, position: u64) {
        self.position.store(position, Ordering::Relaxed);
    }
}
