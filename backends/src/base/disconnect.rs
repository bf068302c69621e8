//! The faces of DisconnectEx, AcceptEx and ConnectEx.
//!
//! DisconnectEx without an OVERLAPPED ends the stream; with TF_REUSE_SOCKET it then waits for the
//! peer's end and makes the socket as good as new, its binding kept. AcceptEx and ConnectEx are always
//! overlapped: here is the validation that comes first, in Windows' order; the requests themselves are
//! in `requests`. Called by `extension`.

use std::io::IoSliceMut;
use std::sync::Arc;
use std::time::Duration;

use ws2spi_abi::DE_REUSE_SOCKET;
use ws2spi_abi::Errno;
use ws2spi_abi::SD_SEND;
use ws2spi_abi::args::AddressIn;
use ws2spi_abi::args::Buffers;
use ws2spi_abi::args::BuffersMut;
use ws2spi_abi::args::OverlappedArgs;
use ws2spi_abi::provider::Transfer;

use super::bind::is_unspecified;
use super::names;
use super::names::Given;
use super::requests::accepting::Room;
use super::socket::Socket;
use super::status::Bit;
use super::wait::Block;
use crate::net::Family;
use crate::net::Interest;
use crate::net::RecvFlags;

/// How much of what the peer still sends is thrown away at a time.
const CHUNK: usize = 4096;

/// How often to look whether the peer has our end of the stream: no network tells that.
const ARRIVAL: Duration = Duration::from_millis(10);

impl Socket {
    /// DisconnectEx. Repeatable; only the sending half is shut (P195, P196). With an OVERLAPPED it always
    /// pends (P194).
    ///
    /// # Errors
    /// `INVAL` for unknown flags, `NOTCONN` unless connected (P193); for a socket that is to be reused
    /// what a receive answers.
    pub(super) fn disconnect_ex(
        &self,
        overlapped: &OverlappedArgs<'_>,
        flags: u32,
        reserved: u32,
    ) -> Result<Transfer, Errno> {
        self.settle();
        if !self.is_stream() || !self.status.get().has(Bit::Connected) {
            return Err(Errno::NOTCONN);
        }
        if flags & !DE_REUSE_SOCKET != 0 || reserved != 0 {
            return Err(Errno::INVAL);
        }
        let reuse = flags & DE_REUSE_SOCKET != 0;
        if overlapped.is_overlapped() && self.is_overlapped() {
            return self.post_disconnect(reuse, overlapped);
        }
        self.shutdown(SD_SEND)?;
        if reuse {
            self.reuse()?;
        }
        Ok(Transfer::Done { bytes: 0, flags: 0 })
    }

    /// Waits until both ends of the stream are closed, then starts over.
    pub(super) fn reuse(&self) -> Result<(), Errno> {
        self.wait(Block::new(Interest::READ), |_| self.read_away())?;
        let look = Block::new(Interest::NONE).every(ARRIVAL);
        self.wait(look, |_| self.end_has_arrived())?;
        self.start_over()
    }

    /// Whether the peer has our end of the stream. Until then it may take an attempt to connect from
    /// the same name for a late packet of the old connection, and refuse it.
    ///
    /// # Errors
    /// `WOULDBLOCK` while it has not.
    pub(super) fn end_has_arrived(&self) -> Result<(), Errno> {
        match self.net.unsent() {
            Ok(unsent) if unsent > 0 => Err(Errno::WOULDBLOCK),
            // It has, or there is no connection any more.
            _ => Ok(()),
        }
    }

    /// Throws away what the peer still sends, up to its end.
    ///
    /// # Errors
    /// `WOULDBLOCK` while the end has not come.
    pub(super) fn read_away(&self) -> Result<(), Errno> {
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
    }

    /// AcceptEx on this listener.
    ///
    /// # Errors
    /// `INVAL` when not listening, `FAULT` for a missing buffer or room for the peer's name, 87 without an
    /// OVERLAPPED, `INVAL` for an acceptor that is not a fresh stream of its own; then as
    /// `post_accept`.
    pub(super) fn accept_ex(
        &self,
        acceptor: Arc<Socket>,
        out: &BuffersMut<'_>,
        room: Room,
        overlapped: &OverlappedArgs<'_>,
    ) -> Result<Transfer, Errno> {
        if !self.status.get().has(Bit::Listening) {
            return Err(Errno::INVAL);
        }
        if room.remote == 0 || out.check().is_err() {
            return Err(Errno::FAULT);
        }
        if !overlapped.is_overlapped() {
            return Err(Errno::INVALID_PARAMETER);
        }
        acceptor.settle();
        let state = acceptor.status.get();
        let taken = [Bit::Bound, Bit::Connected, Bit::Connecting, Bit::Listening];
        let fresh = acceptor.is_stream() && !taken.iter().any(|bit| state.has(*bit));
        if !fresh || acceptor.make.family != self.make.family {
            return Err(Errno::INVAL);
        }
        self.post_accept(acceptor, out, room, overlapped)
    }

    /// ConnectEx.
    ///
    /// # Errors
    /// `INVAL` for datagrams and when unbound, listening or connecting, `ISCONN` when connected, the
    /// errors of the address, 87 without an OVERLAPPED; then as `post_connect`.
    pub(super) fn connect_ex(
        &self,
        name: AddressIn<'_>,
        data: &Buffers<'_>,
        overlapped: &OverlappedArgs<'_>,
    ) -> Result<Transfer, Errno> {
        self.settle();
        let state = self.status.get();
        if state.has(Bit::Connected) && self.is_stream() {
            return Err(Errno::ISCONN);
        }
        let taken = [
            Bit::Listening,
            Bit::Connecting,
            Bit::Accepting,
            Bit::ConnectingEx,
        ];
        let busy = taken.iter().any(|bit| state.has(*bit));
        if !self.is_stream() || !state.has(Bit::Bound) || busy {
            return Err(Errno::INVAL);
        }
        let Given::Name(to) = names::read(name, self.make.family)? else {
            return Err(Errno::AFNOSUPPORT);
        };
        if !overlapped.is_overlapped() {
            return Err(Errno::INVALID_PARAMETER);
        }
        if self.make.family != Family::Unix && (is_unspecified(&to) || to.port() == 0) {
            return Err(Errno::ADDRNOTAVAIL);
        }
        self.post_connect(&to, data, overlapped)
    }
}
