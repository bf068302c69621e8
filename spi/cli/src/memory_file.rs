//! A file whose contents are in memory: what `TransmitFile` reads.

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use ws2spi_abi::provider::{Receive, Transfer};
use ws2spi_abi::{Errno, HANDLE};
use ws2spi_kernel::file::{File, FileState, Overlapping};
use ws2spi_kernel::handles::{self, Handle, Kind, Object};

/// An open file, read from where the last read ended; closed when dropped.
pub struct MemoryFile(Handle);

struct Contents {
    state: FileState,
    rest: Mutex<std::io::Cursor<Vec<u8>>>,
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
            rest: Mutex::new(std::io::Cursor::new(contents)),
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

    fn read(&self, call: Receive<'_>) -> Result<Transfer, Errno> {
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = 0;
        for mut buffer in call.buffers.slices() {
            bytes += rest.read(&mut buffer).map_err(|_| Errno::FAULT)?;
        }
        Ok(Transfer::Done {
            bytes: bytes as u32,
            flags: 0,
        })
    }
}
