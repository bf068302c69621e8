//! The synchronous faces of DisconnectEx, AcceptEx and ConnectEx.
//!
//! DisconnectEx without an OVERLAPPED ends the stream; with TF_REUSE_SOCKET it then waits for the
//! peer's end and makes the socket as good as new, its binding kept. AcceptEx and ConnectEx are always
//! overlapped: here is the validation that comes first, in Windows' order. Called by `extension`.

use std::io::IoSliceMut;

use ws2spi_abi::DE_REUSE_SOCKET;
use ws2spi_abi::Errno;
use ws2spi_abi::SD_SEND;
use ws2spi_abi::args::AddressIn;

use super::names;
use super::socket::Socket;
use super::status::Bit;
use super::wait::Block;
use crate::net::Interest;
use crate::net::RecvFlags;

/// How much of what the peer still sends is thrown away at a time.
const CHUNK: usize = 4096;

impl Socket {
    /// DisconnectEx. Repeatable; only the sending half is shut (P195, P196).
    ///
    /// # Errors
    /// `INVAL` for unknown flags, `NOTCONN` unless connected (P193), `OPNOTSUPP` with an
    /// OVERLAPPED; for a socket that is to be reused what a receive answers.
    pub(super) fn disconnect_ex(
        &self,
        overlapped: bool,
        flags: u32,
        reserved: u32,
    ) -> Result<(), Errno> {
        self.settle();
        if !self.is_stream() || !self.status.get().has(Bit::Connected) {
            return Err(Errno::NOTCONN);
        }
        if flags & !DE_REUSE_SOCKET != 0 || reserved != 0 {
            return Err(Errno::INVAL);
        }
        if overlapped {
            return Err(Errno::OPNOTSUPP);
        }
        self.shutdown(SD_SEND)?;
        if flags & DE_REUSE_SOCKET != 0 {
            self.reuse()
        } else {
            Ok(())
        }
    }

    /// Waits until both ends of the stream are closed, then starts over.
    pub(super) fn reuse(&self) -> Result<(), Errno> {
        self.wait(Block::new(Interest::READ), |_| {
            let mut bytes = [0; CHUNK];
            loop {
                let mut data = [IoSliceMut::new(&mut bytes)];
                match self.net.recv(&mut data, RecvFlags::NONE) {
                    Ok(received) if received.bytes > 0 => {}
                    Err(Errno::WOULDBLOCK) => return Err(Errno::WOULDBLOCK),
                    // The end, or no connection any more.
                    Ok(_) | Err(_) => return Ok(()),
                }
            }
        })?;
        self.start_over()
    }

    /// Validates AcceptEx on this listener.
    ///
    /// # Errors
    /// `INVAL` when not listening, `FAULT` for a missing buffer or address length, 87 without an
    /// OVERLAPPED, `INVAL` for an acceptor that is not a fresh stream; then `OPNOTSUPP`.
    pub(super) fn check_accept_ex(
        &self,
        acceptor: &Socket,
        buffer: bool,
        overlapped: bool,
    ) -> Result<(), Errno> {
        if !self.status.get().has(Bit::Listening) {
            return Err(Errno::INVAL);
        }
        if !buffer {
            return Err(Errno::FAULT);
        }
        if !overlapped {
            return Err(Errno::INVALID_PARAMETER);
        }
        acceptor.settle();
        let state = acceptor.status.get();
        if !acceptor.is_stream() || state.has(Bit::Bound) || state.has(Bit::Connected) {
            return Err(Errno::INVAL);
        }
        Err(Errno::OPNOTSUPP)
    }

    /// Validates ConnectEx.
    ///
    /// # Errors
    /// `INVAL` for datagrams and when unbound, listening or connecting, `ISCONN` when connected, the
    /// errors of the address, 87 without an OVERLAPPED; then `OPNOTSUPP`.
    pub(super) fn check_connect_ex(
        &self,
        name: AddressIn<'_>,
        overlapped: bool,
    ) -> Result<(), Errno> {
        self.settle();
        let state = self.status.get();
        if state.has(Bit::Connected) && self.is_stream() {
            return Err(Errno::ISCONN);
        }
        let busy = state.has(Bit::Listening) || state.has(Bit::Connecting);
        if !self.is_stream() || !state.has(Bit::Bound) || busy {
            return Err(Errno::INVAL);
        }
        names::read(name, self.make.family)?;
        if !overlapped {
            return Err(Errno::INVALID_PARAMETER);
        }
        Err(Errno::OPNOTSUPP)
    }
}
