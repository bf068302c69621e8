//! TransmitFile and TransmitPackets: the checks, in Windows' order, and the calls that wait.
//!
//! Both make a [`Transmission`], which the caller's thread drives here unless the call is overlapped
//! (`requests`). A transmission that waits has the turn: no data of others come in between. Called by
//! `extension`, which turns raw arguments into [`Lent`] memory and [`FileBytes`].

use ws2spi_abi::Errno;
use ws2spi_abi::HANDLE;
use ws2spi_abi::SD_SEND;
use ws2spi_abi::TF_DISCONNECT;
use ws2spi_abi::TF_REUSE_SOCKET;
use ws2spi_abi::TF_USE_KERNEL_APC;
use ws2spi_abi::TF_USE_SYSTEM_THREAD;
use ws2spi_abi::TF_WRITE_BEHIND;
use ws2spi_abi::args::HeldBuffers;
use ws2spi_abi::args::OverlappedArgs;
use ws2spi_abi::provider::Transfer;
use ws2spi_kernel::handles;

use super::socket::Socket;
use super::status::Bit;
use super::transmission::Cut;
use super::transmission::FileBytes;
use super::transmission::Part;
use super::transmission::Progress;
use super::transmission::Then;
use super::transmission::Transmission;
use super::wait::Block;
use crate::net::Interest;

/// The most bytes of one call.
const LONGEST: u64 = 2_147_483_646;

/// TransmitPackets: a datagram ends where an element says so, and nowhere else.
const AS_ELEMENTS_SAY: u32 = u32::MAX;

/// The flags of TransmitFile; those of TransmitPackets are the same but for TF_WRITE_BEHIND.
const FILE_FLAGS: u32 = PACKET_FLAGS | TF_WRITE_BEHIND;
const PACKET_FLAGS: u32 =
    TF_DISCONNECT | TF_REUSE_SOCKET | TF_USE_SYSTEM_THREAD | TF_USE_KERNEL_APC;

/// Memory that a caller lends until the call, or its request, has ended.
pub(super) struct Lent {
    pub(super) data: HeldBuffers,
    /// What the caller says there is.
    pub(super) length: u32,
    /// There is nothing where it should be.
    pub(super) missing: bool,
}

impl Lent {
    /// # Errors
    /// `FAULT` for a length without memory, or one that no buffer has.
    fn into_part(self) -> Result<Part, Errno> {
        if self.missing || self.length > i32::MAX as u32 {
            return Err(Errno::FAULT);
        }
        Ok(Part::memory(self.data, self.length as usize))
    }
}

/// The arguments of TransmitFile.
pub(super) struct FileCall<'a> {
    pub(super) file: HANDLE,
    pub(super) bytes: u32,
    pub(super) bytes_per_send: u32,
    pub(super) head: Lent,
    pub(super) tail: Lent,
    pub(super) flags: u32,
    pub(super) overlapped: OverlappedArgs<'a>,
}

/// An element of TransmitPackets.
pub(super) struct Element {
    pub(super) source: ElementSource,
    /// TP_ELEMENT_EOP.
    pub(super) ends_packet: bool,
}

/// Where the bytes of an element are.
pub(super) enum ElementSource {
    /// TP_ELEMENT_MEMORY.
    Memory(Lent),
    /// TP_ELEMENT_FILE.
    File {
        file: HANDLE,
        /// -1 for the file's position.
        offset: i64,
        length: u32,
    },
}

/// The arguments of TransmitPackets.
pub(super) struct PacketsCall<'a> {
    /// `FAULT` without an array, `INVAL` for an element that says nothing or two things.
    pub(super) elements: Result<Vec<Element>, Errno>,
    pub(super) send_size: u32,
    pub(super) flags: u32,
    pub(super) overlapped: OverlappedArgs<'a>,
}

impl Socket {
    /// TransmitFile. Without an OVERLAPPED, or on a socket that is not for overlapped use, it returns
    /// when everything was handed to the network, whatever the socket's mode.
    ///
    /// # Errors
    /// `NOTCONN` without a peer (P201); `INVAL` for datagram sockets, too many bytes, unknown flags and
    /// reuse without disconnect (P203); `SHUTDOWN` and `CONNRESET` as a send; `FAULT` for missing
    /// memory; 6 for a handle that is no file's, `INVAL` for an offset that is not within the file.
    pub(super) fn transmit_file(&self, call: FileCall<'_>) -> Result<Transfer, Errno> {
        self.settle();
        let state = self.status.get();
        if !state.has(Bit::Connected) {
            return Err(Errno::NOTCONN);
        }
        if !self.is_stream() {
            return Err(Errno::INVAL);
        }
        let then = then(call.flags, FILE_FLAGS)?;
        if u64::from(call.bytes) > LONGEST {
            return Err(Errno::INVAL);
        }
        state.may_send()?;
        let mut parts = vec![call.head.into_part()?];
        let tail = call.tail.into_part()?;
        if call.file != 0 {
            let from = call.overlapped.request().map(|request| {
                let (low, high) = request.overlapped.offsets();
                u64::from(high) << 32 | u64::from(low)
            });
            parts.push(Part::file(open(call.file)?, from, u64::from(call.bytes))?);
        }
        parts.push(tail);
        let cut = Cut::of_stream(call.bytes_per_send);
        let behind = call.flags & TF_WRITE_BEHIND != 0;
        self.begin_transmission(
            Transmission::new(parts, cut, then),
            &call.overlapped,
            behind,
        )
    }

    /// TransmitPackets, as [`transmit_file`](Self::transmit_file); on datagram sockets with a peer too.
    ///
    /// # Errors
    /// `NOTCONN` without a peer; `INVAL` for flags, also for a disconnect of datagrams; as a send; then
    /// for the elements; `MSGSIZE` for a datagram that is too long, when its turn comes.
    pub(super) fn transmit_packets(&self, call: PacketsCall<'_>) -> Result<Transfer, Errno> {
        self.settle();
        let state = self.status.get();
        if !state.has(Bit::Connected) {
            return Err(Errno::NOTCONN);
        }
        let then = then(call.flags, PACKET_FLAGS)?;
        if then != Then::Stay && !self.is_stream() {
            return Err(Errno::INVAL);
        }
        state.may_send()?;
        let mut parts = Vec::new();
        for element in call.elements? {
            let part = match element.source {
                ElementSource::Memory(lent) => lent.into_part()?,
                ElementSource::File {
                    file,
                    offset,
                    length,
                } => {
                    let from = match offset {
                        -1 => None,
                        offset => Some(u64::try_from(offset).map_err(|_| Errno::INVAL)?),
                    };
                    Part::file(open(file)?, from, u64::from(length))?
                }
            };
            parts.push(part.ending_packet(element.ends_packet));
        }
        let most = self.largest_datagram();
        let cut = match call.send_size {
            asked if self.is_stream() => Cut::of_stream(asked),
            AS_ELEMENTS_SAY => Cut::Packets(most),
            0 => Cut::Datagrams(most),
            asked => Cut::Datagrams(most.min(asked as usize)),
        };
        self.begin_transmission(Transmission::new(parts, cut, then), &call.overlapped, false)
    }

    /// # Errors
    /// `INVAL` for too many bytes; as a send.
    fn begin_transmission(
        &self,
        mut transmission: Transmission,
        overlapped: &OverlappedArgs<'_>,
        behind: bool,
    ) -> Result<Transfer, Errno> {
        if transmission.length() > LONGEST {
            return Err(Errno::INVAL);
        }
        if overlapped.is_overlapped() && self.is_overlapped() {
            return self.post_transmission(overlapped, transmission, behind);
        }
        self.transmit_now(&mut transmission)?;
        match transmission.then {
            Then::Stay => {}
            Then::Disconnect => self.shutdown(SD_SEND)?,
            Then::Reuse => {
                self.shutdown(SD_SEND)?;
                self.reuse()?;
            }
        }
        Ok(Transfer::Done {
            bytes: transmission.sent() as u32,
            flags: 0,
        })
    }

    /// Sends everything behind what waits already. The time limit of sends is for each stretch without
    /// progress.
    fn transmit_now(&self, transmission: &mut Transmission) -> Result<(), Errno> {
        let _turn = self.take_turn()?;
        let block = Block::new(Interest::WRITE).within(self.send_patience());
        loop {
            let step = self.wait(block, |_| {
                let mut output = self.output.lock();
                self.drain(&mut output)?;
                self.transmit_some(transmission)
            });
            if step? == Progress::All {
                return Ok(());
            }
        }
    }

    /// Hands some of a transmission to the network, under the lock of the output.
    ///
    /// # Errors
    /// As [`Transmission::send_some`]; what ended the connection is remembered.
    pub(super) fn transmit_some(&self, transmission: &mut Transmission) -> Result<Progress, Errno> {
        transmission
            .send_some(&*self.net)
            .map_err(|error| self.latch_send(error))
    }
}

/// What the flags ask for when everything was sent. Which thread works is not theirs to say here.
///
/// # Errors
/// `INVAL` for reuse without disconnect (P203), and for flags that are not among `known`.
fn then(flags: u32, known: u32) -> Result<Then, Errno> {
    if flags & !known != 0 {
        return Err(Errno::INVAL);
    }
    match (flags & TF_DISCONNECT != 0, flags & TF_REUSE_SOCKET != 0) {
        (false, false) => Ok(Then::Stay),
        (true, false) => Ok(Then::Disconnect),
        (true, true) => Ok(Then::Reuse),
        (false, true) => Err(Errno::INVAL),
    }
}

/// The file of a handle.
///
/// # Errors
/// 6 for a handle that is stale, or that of something without bytes of its own.
fn open(file: HANDLE) -> Result<FileBytes, Errno> {
    let pinned = handles::pin(file).ok_or(Errno::INVALID_HANDLE)?;
    let object = pinned.object().cloned().ok_or(Errno::INVALID_HANDLE)?;
    FileBytes::of(object).ok_or(Errno::INVALID_HANDLE)
}
