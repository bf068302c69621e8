//! WSPShutdown, WSPSendDisconnect and WSPRecvDisconnect.
//!
//! SD_SEND ends the stream behind all data that were taken, at once or by the worker. SD_RECEIVE is a
//! mark: a system's own would neither stop the peer nor let a receive that waits go on (base-provider.md
//! 8.4.7). Datagram sockets have marks only.

use ws2spi_abi::Errno;
use ws2spi_abi::SD_BOTH;
use ws2spi_abi::SD_RECEIVE;
use ws2spi_abi::SD_SEND;
use ws2spi_abi::args::Buffers;
use ws2spi_abi::args::BuffersMut;

use super::socket::Socket;
use super::status::Bit;

impl Socket {
    /// WSPShutdown. Never waits; may be repeated.
    ///
    /// # Errors
    /// `INVAL` for another direction, `NOTCONN` for a stream without a peer.
    pub(super) fn shutdown(&self, how: i32) -> Result<(), Errno> {
        if !matches!(how, SD_RECEIVE | SD_SEND | SD_BOTH) {
            return Err(Errno::INVAL);
        }
        self.settle();
        self.status.get().may_shut_down()?;
        if how != SD_RECEIVE {
            self.shut_sending();
        }
        if how != SD_SEND {
            // A receive that waits already goes on and takes what comes (P190).
            self.status.set(Bit::ReceiveShut);
        }
        Ok(())
    }

    fn shut_sending(&self) {
        let mut output = self.output.lock();
        if !self.status.set(Bit::SendShut).has(Bit::SendShut) && self.is_stream() {
            self.end_stream(&mut output);
        }
    }

    /// WSPSendDisconnect.
    ///
    /// # Errors
    /// `NOPROTOOPT` for data: no protocol here carries any; as [`shutdown`](Self::shutdown).
    pub(super) fn send_disconnect(&self, data: Buffers<'_>) -> Result<(), Errno> {
        if !data.is_null() {
            return Err(Errno::NOPROTOOPT);
        }
        self.shutdown(SD_SEND)
    }

    /// WSPRecvDisconnect.
    ///
    /// # Errors
    /// As [`send_disconnect`](Self::send_disconnect).
    pub(super) fn recv_disconnect(&self, data: BuffersMut<'_>) -> Result<(), Errno> {
        if !data.is_null() {
            return Err(Errno::NOPROTOOPT);
        }
        self.shutdown(SD_RECEIVE)
    }
}
