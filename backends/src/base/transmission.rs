//! What TransmitFile and TransmitPackets send: memory and parts of files, in order.
//!
//! A [`Transmission`] knows what is left of it, and hands some of that to the network at a time, on
//! whatever thread: it has no socket and waits for nobody but a disk. On a stream the bytes of a file go
//! straight from its descriptor into the network where both have such a way, and through a buffer
//! otherwise. Datagrams are put together here. Driven by [`file`](super::file) without an OVERLAPPED and by
//! [`requests`](super::requests) with one.

use std::io::IoSlice;
use std::sync::Arc;

use ws2spi_abi::Errno;
use ws2spi_abi::args::HeldBuffers;
use ws2spi_kernel::file::Contents;
use ws2spi_kernel::handles::Object;

use super::transmit::gather;
use crate::net::Control;
use crate::net::NetSocket;
use crate::net::SendFlags;

/// How much of a file is read, or sent by the system, at a time.
const CHUNK: usize = 64 * 1024;

/// How much is sent in a row before others have their turn.
const BUDGET: usize = 1 << 20;

/// One piece of a transmission.
pub(super) struct Part {
    source: Source,
    length: u64,
    /// What follows is not to be in the same datagram.
    ends_packet: bool,
}

enum Source {
    Memory(HeldBuffers),
    File {
        file: FileBytes,
        from: u64,
        /// The file's position goes along.
        moves: bool,
    },
}

/// An open file that has bytes of its own.
#[derive(Clone)]
pub(super) struct FileBytes(Arc<dyn Object>);

impl FileBytes {
    /// `None` for an object that is no such file.
    pub(super) fn of(object: Arc<dyn Object>) -> Option<Self> {
        let this = Self(object);
        this.contents().is_some().then_some(this)
    }

    fn contents(&self) -> Option<&dyn Contents> {
        self.0.as_file().and_then(|file| file.contents())
    }

    /// # Errors
    /// What the file fails with.
    fn get(&self) -> Result<&dyn Contents, Errno> {
        self.contents().ok_or(Errno::INVALID_HANDLE)
    }
}

impl Part {
    /// Memory.
    pub(super) fn memory(data: HeldBuffers, length: usize) -> Self {
        Self {
            source: Source::Memory(data),
            length: length as u64,
            ends_packet: false,
        }
    }

    /// `length` bytes of a file, 0 for all that follow, from `from` on or from the file's position,
    /// which goes along then. A file that is shorter ends the part.
    ///
    /// # Errors
    /// `INVAL` for a place behind the end of the file; what the file fails with.
    pub(super) fn file(file: FileBytes, from: Option<u64>, length: u64) -> Result<Self, Errno> {
        let (start, end) = {
            let contents = file.get()?;
            (
                from.unwrap_or_else(|| contents.position()),
                contents.length()?,
            )
        };
        let rest = end.checked_sub(start).ok_or(Errno::INVAL)?;
        Ok(Self {
            source: Source::File {
                file,
                from: start,
                moves: from.is_none(),
            },
            length: if length == 0 { rest } else { length.min(rest) },
            ends_packet: false,
        })
    }

    /// The same, and a datagram ends here if `ends`.
    pub(super) fn ending_packet(self, ends: bool) -> Self {
        Self {
            ends_packet: ends,
            ..self
        }
    }
}

/// How far a step came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Something was sent, and something is left.
    Some,
    /// Everything was sent.
    All,
}

/// What becomes of the connection when everything was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// Nothing.
    Stay,
    /// TF_DISCONNECT.
    Disconnect,
    /// TF_DISCONNECT and TF_REUSE_SOCKET.
    Reuse,
}

/// How it is cut into sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// A stream has no sends: so many bytes at a time.
    Stream(usize),
    /// Datagrams of so many bytes, and where a part ends one.
    Datagrams(usize),
    /// Datagrams where parts end them, none longer than that.
    Packets(usize),
}

impl Cut {
    /// That of a stream, for the size that a caller asked for, 0 for any.
    pub(super) fn of_stream(asked: u32) -> Self {
        Self::Stream(match asked as usize {
            0 => CHUNK,
            asked => asked.min(CHUNK),
        })
    }
}

/// What is sent, and how much of it is left.
pub(super) struct Transmission {
    parts: Vec<Part>,
    cut: Cut,
    pub(super) then: Then,
    /// The part that is being sent, and how much of it was taken out.
    at: usize,
    taken: u64,
    /// What was taken out and not sent, behind its first `ahead_sent` bytes.
    ahead: Vec<u8>,
    ahead_sent: usize,
    sent: usize,
    /// The network may have a way straight from a file.
    straight: bool,
}

impl Transmission {
    pub(super) fn new(parts: Vec<Part>, cut: Cut, then: Then) -> Self {
        Self {
            parts,
            cut,
            then,
            at: 0,
            taken: 0,
            ahead: Vec::new(),
            ahead_sent: 0,
            sent: 0,
            straight: true,
        }
    }

    /// How many bytes it has, as far as is known now.
    pub(super) fn length(&self) -> u64 {
        self.parts
            .iter()
            .fold(0, |sum, part| sum.saturating_add(part.length))
    }

    /// How many bytes were sent.
    pub(super) fn sent(&self) -> usize {
        self.sent
    }

    /// Sends until the network takes no more, and at most so much that others have their turn.
    ///
    /// # Errors
    /// `WOULDBLOCK` when nothing could be sent, what a send fails with, what a file fails with,
    /// `MSGSIZE` for a datagram that is too long.
    pub(super) fn send_some(&mut self, net: &dyn NetSocket) -> Result<Progress, Errno> {
        let before = self.sent;
        loop {
            let step = match self.cut {
                Cut::Stream(chunk) => self.send_bytes(net, chunk),
                Cut::Datagrams(_) | Cut::Packets(_) => self.send_datagram(net),
            };
            match step {
                Ok(true) if self.sent - before < BUDGET => {}
                Ok(true) => return Ok(Progress::Some),
                Ok(false) => return Ok(Progress::All),
                Err(Errno::WOULDBLOCK) if self.sent > before => return Ok(Progress::Some),
                Err(error) => return Err(error),
            }
        }
    }

    /// One send on a stream; false when nothing is left.
    fn send_bytes(&mut self, net: &dyn NetSocket, chunk: usize) -> Result<bool, Errno> {
        if self.ahead_sent < self.ahead.len() {
            let rest = [IoSlice::new(&self.ahead[self.ahead_sent..])];
            let sent = net.send(&rest, SendFlags::NONE, None, &Control::NONE)?;
            self.ahead_sent += sent;
            self.sent += sent;
            return Ok(true);
        }
        let Some(part) = self.parts.get(self.at) else {
            return Ok(false);
        };
        let left = part.length - self.taken;
        if left == 0 {
            self.next_part();
            return Ok(true);
        }
        match &part.source {
            Source::Memory(data) => {
                let rest = data.slices(self.taken as usize);
                let sent = gather(data.count(), rest, |slices| {
                    net.send(slices, SendFlags::NONE, None, &Control::NONE)
                })?;
                self.advance(sent);
                self.sent += sent;
            }
            Source::File { file, from, .. } => {
                let count = usize::try_from(left).unwrap_or(chunk).min(chunk);
                let (contents, start) = (file.get()?, from + self.taken);
                let straight = contents
                    .descriptor()
                    .filter(|_| self.straight)
                    .map(|descriptor| net.send_file(descriptor, start, count));
                match straight {
                    None | Some(Err(Errno::OPNOTSUPP)) => {
                        self.straight = false;
                        self.ahead.resize(count, 0);
                        self.ahead_sent = count;
                        let got = contents.read_at(start, &mut self.ahead)?;
                        self.ahead.truncate(got);
                        self.ahead_sent = 0;
                        self.took_of_file(got);
                    }
                    Some(sent) => {
                        let sent = sent?;
                        self.took_of_file(sent);
                        self.sent += sent;
                    }
                }
            }
        }
        Ok(true)
    }

    /// So many bytes of the file whose turn it is were taken out; none at its end.
    fn took_of_file(&mut self, count: usize) {
        self.advance(count);
        if count == 0 {
            self.next_part();
        }
    }

    fn advance(&mut self, count: usize) {
        self.taken += count as u64;
        let Some(part) = self.parts.get(self.at) else {
            return;
        };
        if let Source::File {
            file,
            from,
            moves: true,
        } = &part.source
            && let Some(contents) = file.contents()
        {
            contents.set_position(from + self.taken);
        }
    }

    fn next_part(&mut self) {
        self.at += 1;
        self.taken = 0;
    }

    /// One datagram; false when nothing is left.
    fn send_datagram(&mut self, net: &dyn NetSocket) -> Result<bool, Errno> {
        if self.ahead_sent == self.ahead.len() {
            self.ahead.clear();
            self.ahead_sent = 0;
            self.put_together()?;
            if self.ahead.is_empty() {
                return Ok(false);
            }
        }
        let whole = [IoSlice::new(&self.ahead)];
        net.send(&whole, SendFlags::NONE, None, &Control::NONE)?;
        self.sent += self.ahead.len();
        self.ahead_sent = self.ahead.len();
        Ok(true)
    }

    /// Takes the next datagram out of the parts; nothing when nothing is left.
    fn put_together(&mut self) -> Result<(), Errno> {
        let (most, whole) = match self.cut {
            Cut::Stream(most) | Cut::Datagrams(most) => (most, false),
            Cut::Packets(most) => (most, true),
        };
        while let Some(part) = self.parts.get(self.at) {
            let (left, room) = (part.length - self.taken, most - self.ahead.len());
            if left > room as u64 && whole {
                return Err(Errno::MSGSIZE);
            }
            let count = usize::try_from(left).unwrap_or(room).min(room);
            let before = self.ahead.len();
            let got = match &part.source {
                Source::Memory(data) => {
                    let bytes = data.slices(self.taken as usize);
                    for slice in bytes {
                        let rest = count - (self.ahead.len() - before);
                        self.ahead
                            .extend_from_slice(&slice[..slice.len().min(rest)]);
                    }
                    count
                }
                Source::File { file, from, .. } => {
                    self.ahead.resize(before + count, 0);
                    let into = &mut self.ahead[before..];
                    let got = file.get()?.read_at(from + self.taken, into)?;
                    self.ahead.truncate(before + got);
                    got
                }
            };
            let (ended, ends_packet) = (got as u64 == left || got < count, part.ends_packet);
            self.advance(got);
            if ended {
                self.next_part();
            }
            let full = self.ahead.len() == most && !whole;
            if full || (ended && ends_packet && !self.ahead.is_empty()) {
                break;
            }
        }
        Ok(())
    }
}
