//! WSPGetOverlappedResult: what became of a request.
//!
//! The answer is in the caller's OVERLAPPED; waiting for it is the kernel role's business.

use ws2spi_abi::Errno;
use ws2spi_abi::MSG_OOB;
use ws2spi_abi::NtStatus;
use ws2spi_abi::SOCKET;
use ws2spi_abi::args::Out;
use ws2spi_abi::args::Overlapped;
use ws2spi_kernel::file;

use super::stack::Stack;

impl Stack {
    /// WSPGetOverlappedResult. Waiting is not alertable.
    ///
    /// # Errors
    /// `NOTSOCK`; `FAULT` for NULL pointers; `IO_INCOMPLETE` while it is pending; the code of a
    /// request that failed, whose count is told all the same. Whether the request was this socket's does not matter.
    pub(super) fn overlapped_result(
        &self,
        s: SOCKET,
        overlapped: Option<Overlapped>,
        bytes: Out<'_, u32>,
        wait: bool,
        flags: Out<'_, u32>,
    ) -> Result<(), Errno> {
        let own = self.own_handle(s)?;
        let overlapped = overlapped.ok_or(Errno::FAULT)?;
        if bytes.is_null() || flags.is_null() {
            return Err(Errno::FAULT);
        }
        let wait = if wait {
            file::Wait::UntilDone
        } else {
            file::Wait::No
        };
        let (status, count) = file::overlapped_result(own, &overlapped, wait)?;
        bytes.set(count as u32)?;
        if let Some(error) = status.winsock() {
            // Windows leaves the flags as they were (sock.c:test_ip_pktinfo).
            return Err(error);
        }
        flags.set(match status {
            NtStatus::RECEIVE_EXPEDITED => MSG_OOB,
            _ => 0,
        })
    }
}
