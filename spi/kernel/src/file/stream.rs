//! Input and output that the system gave the process: what `GetStdHandle` finds.
//!
//! A terminal, a pipe or a file without a position of its own. Reads and writes block as the system's do, and end within the call.

use std::fs;
use std::io;
use std::io::Read;
use std::io::Write;
use std::os::fd::AsFd;
use std::os::fd::BorrowedFd;
use std::os::fd::OwnedFd;

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::provider::Receive;
use ws2spi_abi::provider::Transfer;
use ws2spi_abi::provider::Transmit;

use super::File;
use super::FileState;
use super::Indication;
use super::Moment;
use super::Overlapping;
use crate::handles::HandleCount;
use crate::handles::Kind;
use crate::handles::Object;
use crate::signal::Signal;

/// A descriptor of the system's that is read or written in order.
#[derive(Debug)]
pub struct StreamFile {
    state: FileState,
    file: fs::File,
}

impl StreamFile {
    /// The file of a descriptor.
    #[must_use]
    pub fn new(descriptor: OwnedFd) -> Self {
        Self {
            state: FileState::new(Overlapping::Synchronous),
            file: descriptor.into(),
        }
    }

    /// The descriptor.
    #[must_use]
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// Writes all of it. Blocks while the other side does not take it.
    ///
    /// # Errors
    /// `ERROR_NO_DATA` when nobody is left to read, `ERROR_INVALID_HANDLE` when it is not open for writing, else `ERROR_GEN_FAILURE`.
    pub fn write_all(&self, bytes: &[u8]) -> Result<(), Errno> {
        (&self.file).write_all(bytes).map_err(|error| errno(&error))
    }
}

impl Object for StreamFile {
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

impl File for StreamFile {
    fn state(&self) -> &FileState {
        &self.state
    }

    fn read(&self, call: Receive<'_>) -> Result<Transfer, Errno> {
        call.buffers.check()?;
        let asked = call.overlapped.request();
        let request = match &asked {
            Some(asked) => Some(self.state.begin(asked.overlapped, Indication::Event)?),
            None => None,
        };
        let mut moved = 0;
        // What is there ends the read: the other side may write no more until it has an answer.
        if let Some(mut slice) = call.buffers.slices().find(|slice| !slice.is_empty()) {
            moved = loop {
                match (&self.file).read(&mut slice) {
                    Ok(got) => break got,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(errno(&error)),
                }
            };
        }
        if let Some(request) = request {
            drop(
                self.state
                    .complete(request, NtStatus::SUCCESS, moved, Moment::Immediate),
            );
        }
        Ok(done(moved))
    }

    fn write(&self, call: Transmit<'_>) -> Result<Transfer, Errno> {
        call.buffers.check()?;
        let asked = call.overlapped.request();
        let request = match &asked {
            Some(asked) => Some(self.state.begin(asked.overlapped, Indication::Event)?),
            None => None,
        };
        let mut moved = 0;
        for slice in call.buffers.slices() {
            self.write_all(&slice)?;
            moved += slice.len();
        }
        if let Some(request) = request {
            drop(
                self.state
                    .complete(request, NtStatus::SUCCESS, moved, Moment::Immediate),
            );
        }
        Ok(done(moved))
    }
}

const fn done(moved: usize) -> Transfer {
    Transfer::Done {
        bytes: moved as u32,
        flags: 0,
    }
}

fn errno(error: &io::Error) -> Errno {
    match error.kind() {
        io::ErrorKind::BrokenPipe => NO_DATA,
        // EBADF: it is open for the other direction.
        _ if error.raw_os_error() == Some(9) => Errno::INVALID_HANDLE,
        _ => Errno::GEN_FAILURE,
    }
}

/// `ERROR_NO_DATA`: the pipe is being closed.
const NO_DATA: Errno = match Errno::new(232) {
    Some(error) => error,
    None => panic!("0 is no error code"),
};
