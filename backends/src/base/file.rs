//! TransmitFile without an OVERLAPPED: head, file, tail, in this order.
//!
//! The file is any file object of the kernel role, read from its current position. Called by
//! `extension`, which reads the file (`ReadFile` takes raw buffers).

use ws2spi_abi::Errno;
use ws2spi_abi::HANDLE;
use ws2spi_abi::SD_SEND;
use ws2spi_abi::TF_DISCONNECT;
use ws2spi_abi::TF_REUSE_SOCKET;
use ws2spi_abi::args::Buffers;

use std::io::IoSlice;

use super::extension;
use super::socket::Socket;
use super::status::Bit;
use super::transmit;

/// The most bytes of one call.
const LONGEST: u32 = 2_147_483_646;

/// How much is read and sent at a time unless the caller says.
const CHUNK: usize = 64 * 1024;

/// The arguments of TransmitFile.
pub(super) struct FileCall<'a> {
    pub(super) file: HANDLE,
    pub(super) bytes: u32,
    pub(super) bytes_per_send: u32,
    pub(super) head: Buffers<'a>,
    pub(super) tail: Buffers<'a>,
    pub(super) flags: u32,
    pub(super) overlapped: bool,
}

impl Socket {
    /// TransmitFile. Returns when everything was handed to the network, whatever the socket's mode.
    ///
    /// # Errors
    /// `NOTCONN` unless it is a connected stream (P201), `INVAL` for too many bytes or for reuse
    /// without disconnect (P203), `FAULT` for bad buffers, 6 for a handle that is no file,
    /// `OPNOTSUPP` with an OVERLAPPED; then as a send, or as a read of the file.
    pub(super) fn transmit_file(&self, call: &FileCall<'_>) -> Result<(), Errno> {
        self.settle();
        let state = self.status.get();
        if !self.is_stream() || !state.has(Bit::Connected) {
            return Err(Errno::NOTCONN);
        }
        let ends = call.flags & TF_DISCONNECT != 0;
        let reuses = call.flags & TF_REUSE_SOCKET != 0;
        if call.bytes > LONGEST || (reuses && !ends) {
            return Err(Errno::INVAL);
        }
        state.may_send()?;
        let head = call.head.check()?;
        let tail = call.tail.check()?;
        if call.overlapped && self.is_overlapped() {
            return Err(Errno::OPNOTSUPP);
        }
        self.transmit_buffer(&call.head, head)?;
        if call.file != 0 {
            self.transmit_contents(call)?;
        }
        self.transmit_buffer(&call.tail, tail)?;
        if ends {
            self.shutdown(SD_SEND)?;
        }
        if reuses { self.reuse() } else { Ok(()) }
    }

    fn transmit_buffer(&self, buffer: &Buffers<'_>, total: usize) -> Result<(), Errno> {
        if total == 0 {
            return Ok(());
        }
        transmit::with_slices(buffer, |slices| self.send_all(slices, total, false, true))
    }

    /// Sends the asked number of bytes of the file, or all of it for 0.
    fn transmit_contents(&self, call: &FileCall<'_>) -> Result<(), Errno> {
        let chunk = match call.bytes_per_send as usize {
            0 => CHUNK,
            asked => asked.min(CHUNK),
        };
        let mut bytes = vec![0; chunk];
        let mut left = if call.bytes == 0 {
            u64::MAX
        } else {
            u64::from(call.bytes)
        };
        while left > 0 {
            let want = usize::try_from(left).unwrap_or(chunk).min(chunk);
            let got = extension::read_file(call.file, &mut bytes[..want])?;
            if got == 0 {
                return Ok(());
            }
            self.send_all(&mut [IoSlice::new(&bytes[..got])], got, false, true)?;
            left -= got as u64;
        }
        Ok(())
    }
}
