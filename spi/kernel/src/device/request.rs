//! A request to a device: its arguments, and its end, which comes once.

use std::sync::Arc;

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::WSABUF;
use ws2spi_abi::args::HeldBuffers;
use ws2spi_abi::args::HeldBuffersMut;

use super::file::Finish;
use super::file::Inner;
use crate::file::CancelScope;
use crate::file::Moment;
use crate::sync::Mutex;

/// What a request asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// `DeviceIoControl` with a code.
    Control(u32),
    /// `ReadFile`, from an offset.
    Read(u64),
    /// `WriteFile`, at an offset.
    Write(u64),
}

/// A request. Its buffers are the caller's until it is complete.
///
/// DIFFERS: on Windows the code of a control says whether the system copies the buffers; here they
/// are the caller's own for every code.
#[derive(Debug)]
pub struct IoRequest {
    number: u64,
    operation: Operation,
    /// Who began it.
    thread: u32,
    /// The address of the caller's block; 0 for none.
    block: usize,
    file: Arc<Inner>,
    /// `None` once it is complete.
    body: Mutex<Option<Body>>,
}

#[derive(Debug)]
struct Body {
    input: HeldBuffers,
    output: HeldBuffersMut,
    finish: Finish,
}

impl IoRequest {
    pub(super) fn new(
        number: u64,
        operation: Operation,
        (input, output): (HeldBuffers, HeldBuffersMut),
        thread: u32,
        file: Arc<Inner>,
        finish: Finish,
    ) -> Self {
        Self {
            number,
            operation,
            thread,
            block: finish.block_address(),
            file,
            body: Mutex::new(Some(Body {
                input,
                output,
                finish,
            })),
        }
    }

    /// A number that no other request of the process has.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What it asks for.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// A copy of the input; empty once the request is complete.
    #[must_use]
    pub fn input(&self) -> Vec<u8> {
        let body = self.body.lock();
        let slices = body.iter().flat_map(|body| body.input.slices(0));
        slices.flat_map(|slice| slice.to_vec()).collect()
    }

    /// Stores bytes where the output goes, as many as fit; how many. None once it is complete.
    #[must_use]
    pub fn write_output(&self, bytes: &[u8]) -> usize {
        let mut body = self.body.lock();
        let mut moved = 0;
        if let Some(body) = &mut *body {
            for room in body.output.bytes(0) {
                let count = room.len().min(bytes.len() - moved);
                room[..count].copy_from_slice(&bytes[moved..moved + count]);
                moved += count;
            }
        }
        moved
    }

    /// Input and output as the caller gave them, for drivers in C; `None` once it is complete.
    #[must_use]
    pub fn places(&self) -> Option<(Option<WSABUF>, Option<WSABUF>)> {
        let body = self.body.lock();
        let body = body.as_ref()?;
        let first = |parts: &[WSABUF]| parts.first().copied();
        Some((first(body.input.raw()), first(body.output.raw())))
    }

    /// Completes it: the caller is told as it asked to be. Never blocks; any thread.
    ///
    /// # Errors
    /// `WSA_INVALID_HANDLE` when it is complete already; `ERROR_INVALID_PARAMETER` for `STATUS_PENDING`,
    /// which is no end.
    #[doc(alias = "IoCompleteRequest")]
    pub fn complete(&self, status: NtStatus, bytes: usize) -> Result<(), Errno> {
        if status.is_pending() {
            return Err(Errno::INVALID_PARAMETER);
        }
        self.end(status, bytes, Moment::Later)
    }

    /// # Errors
    /// `WSA_INVALID_HANDLE` when it is complete already.
    pub(super) fn end(&self, status: NtStatus, bytes: usize, when: Moment) -> Result<(), Errno> {
        let body = self.body.lock().take().ok_or(Errno::INVALID_HANDLE)?;
        self.file.forget(self.number);
        body.finish.tell(self.file.state(), status, bytes, when);
        Ok(())
    }

    pub(super) fn is_meant(&self, whose: CancelScope, block: Option<usize>) -> bool {
        let mine = match whose {
            CancelScope::Thread(id) => id == self.thread,
            CancelScope::Everybody => true,
        };
        mine && block.is_none_or(|block| block == self.block)
    }
}

impl Drop for IoRequest {
    /// A driver that loses a request has aborted it; nobody waits for ever.
    fn drop(&mut self) {
        let _ = self.end(NtStatus::REQUEST_ABORTED, 0, Moment::Later);
    }
}
