//! A file for `TransmitFile`.

use crate::{subject, winsock};
use ws2spi_abi::HANDLE;

/// An open file of the subject's, read from where the last read ended; closed when dropped.
#[derive(Debug)]
pub struct File(HANDLE);

impl File {
    /// Opens a file with these contents.
    ///
    /// # Panics
    /// When there is none to be had.
    #[must_use]
    pub fn open(contents: &[u8]) -> Self {
        Self(subject::get().open_file(contents))
    }

    /// Its handle.
    #[must_use]
    pub fn raw(&self) -> HANDLE {
        self.0
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: no pointers. A body that closed the handle itself wants this to fail.
        unsafe { winsock::CloseHandle(self.0) };
    }
}
