//! File objects: what sockets are to the kernel, and how their operations complete.
//!
//! A [`File`] is an object with a [`FileState`]: its own signal, its completion port, its
//! notification modes. The base provider's sockets are files; a handle that a non-IFS provider
//! minted gets a [`Placeholder`] when somebody waits for it or associates it with a port, and its
//! reads and writes are routed by the client DLL.
//!
//! An operation is a [`Request`] from its start to its end. How it ends: see `completion`.

mod completion;
mod contents;
mod disk;
mod operations;
mod sharing;
mod state;
mod stream;
#[cfg(all(test, not(ws2spi_shuttle)))]
mod tests;

use std::sync::Arc;

use ws2spi_abi::Errno;
use ws2spi_abi::provider::Receive;
use ws2spi_abi::provider::Transfer;
use ws2spi_abi::provider::Transmit;

use crate::handles::HandleCount;
use crate::handles::Kind;
use crate::handles::Object;
use crate::port::Driver;
use crate::signal::Signal;

pub use completion::Indication;
pub use completion::Moment;
pub use completion::Request;
pub use completion::abandon_minted;
pub use completion::complete_minted;
pub use contents::Contents;
pub use disk::Access;
pub use disk::DiskFile;
pub use disk::Disposition;
pub use disk::Found;
pub use disk::Opening;
pub use disk::errno as disk_errno;
pub use disk::missing as disk_path_errno;
pub use disk::remove as remove_disk_file;
pub use operations::Wait;
pub use operations::cancel;
pub use operations::overlapped_result;
pub use operations::read;
pub use operations::set_notification_modes;
pub use operations::write;
pub use sharing::Mapped;
pub use sharing::Uses;
pub use state::FileState;
pub use state::Modes;
pub use state::Overlapping;
pub use stream::StreamFile;

/// A file object.
pub trait File: Object {
    /// Its state.
    fn state(&self) -> &FileState;

    /// What threads do for it that wait at its port.
    fn driver(&self) -> Option<Arc<dyn Driver>> {
        None
    }

    /// Reads, as `ReadFile` does.
    ///
    /// # Errors
    /// Those of the file; `ERROR_INVALID_FUNCTION` when it cannot be read, `ERROR_HANDLE_EOF` for a place
    /// behind the end of its bytes.
    #[doc(alias = "ReadFile")]
    fn read(&self, call: Receive<'_>) -> Result<Transfer, Errno> {
        match self.contents() {
            Some(contents) => contents::read(self.state(), contents, &call),
            None => Err(Errno::INVALID_FUNCTION),
        }
    }

    /// Writes, as `WriteFile` does.
    ///
    /// # Errors
    /// Those of the file; `ERROR_INVALID_FUNCTION` when it cannot be written.
    #[doc(alias = "WriteFile")]
    fn write(&self, call: Transmit<'_>) -> Result<Transfer, Errno> {
        let _ = call;
        Err(Errno::INVALID_FUNCTION)
    }

    /// The file's bytes, if they are its own and lie still: what `TransmitFile` can send.
    fn contents(&self) -> Option<&dyn Contents> {
        None
    }

    /// Cancels pending requests: those that `whose` says, and of these only the one with the
    /// `OVERLAPPED` at that address if one is given. Returns how many there were; each completes
    /// with `STATUS_CANCELLED`, or with success if it had moved bytes already.
    #[doc(alias = "CancelIoEx")]
    fn cancel(&self, whose: CancelScope, overlapped: Option<usize>) -> usize {
        let _ = (whose, overlapped);
        0
    }
}

/// Whose requests are cancelled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CancelScope {
    /// Those that the thread with that id began.
    #[doc(alias = "CancelIo")]
    Thread(u32),
    /// Everybody's.
    #[doc(alias = "CancelIoEx")]
    Everybody,
}

/// The file object of a handle that `WPUCreateSocketHandle` minted.
///
/// It has a signal and may have a port. Reads and writes are the owning provider's business, and
/// the client DLL routes them there before they come here.
#[derive(Debug)]
pub struct Placeholder {
    state: FileState,
}

impl Placeholder {
    pub(crate) fn new() -> Self {
        Self {
            state: FileState::new(Overlapping::Allowed),
        }
    }
}

impl File for Placeholder {
    fn state(&self) -> &FileState {
        &self.state
    }
}

impl Object for Placeholder {
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
