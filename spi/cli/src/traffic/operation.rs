//! `Operation`: one overlapped send or receive, with all that the provider may touch until it has
//! ended.
//!
//! An operation is a box that nobody else has; beginning it gives the box to the provider, as the
//! address of its OVERLAPPED block ([`Pending`]), and who is told that it has ended gets the box
//! back. So nothing of ours looks at it in between.

use super::end::{End, Outgoing};
use super::event::Event;
use crate::{socket, winsock};
use std::net::SocketAddr;
use std::ptr::null_mut;
use ws2spi_abi::args::Address;
use ws2spi_abi::{Errno, HANDLE, OVERLAPPED, RawCallback, SOCKET, WSABUF};

/// Which way the bytes go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Direction {
    Receive,
    Send,
}

/// A send or a receive that is not under way.
#[repr(C)]
pub(super) struct Operation {
    /// First, so that its address is the operation's.
    block: OVERLAPPED,
    direction: Direction,
    connection: usize,
    data: Vec<u8>,
    /// How much of a send's bytes is sent; how much room a receive has.
    sent: usize,
    room: usize,
    outgoing: Outgoing,
    wants_sender: bool,
    flags: u32,
    from: [u8; 128],
    from_len: i32,
    event: Option<Event>,
}

// SAFETY: the pointers in the block are the provider's and are not followed here; the rest is owned.
unsafe impl Send for Operation {}

/// An operation that belongs to the provider.
pub(super) struct Pending(*mut Operation);

// SAFETY: it is only taken back, by one thread, which then owns the box.
unsafe impl Send for Pending {}

impl Operation {
    pub(super) fn new(direction: Direction, connection: usize) -> Box<Self> {
        Box::new(Self {
            block: EMPTY,
            direction,
            connection,
            data: Vec::new(),
            sent: 0,
            room: 0,
            outgoing: Outgoing::Nothing,
            wants_sender: false,
            flags: 0,
            from: [0; 128],
            from_len: 0,
            event: None,
        })
    }

    pub(super) const fn direction(&self) -> Direction {
        self.direction
    }

    /// The number of its connection.
    pub(super) const fn connection(&self) -> usize {
        self.connection
    }

    /// Has its end signal this event.
    pub(super) fn signal(&mut self, event: Event) {
        self.event = Some(event);
    }

    /// The event that its end signals; 0 for none.
    pub(super) fn event(&self) -> HANDLE {
        self.event.as_ref().map_or(0, Event::raw)
    }

    /// Takes the signal of its event back, before it is begun again.
    pub(super) fn reset_event(&self) {
        // SAFETY: no pointers; 0 is an error code.
        unsafe { winsock::WSAResetEvent(self.event()) };
    }

    /// The function that begins it.
    pub(super) const fn function(&self) -> &'static str {
        match (self.direction, self.outgoing, self.wants_sender) {
            (Direction::Receive, _, false) => "WSARecv",
            (Direction::Receive, _, true) => "WSARecvFrom",
            (Direction::Send, Outgoing::DataTo(_), _) => "WSASendTo",
            (Direction::Send, _, _) => "WSASend",
        }
    }

    /// Prepares a receive of so many bytes.
    pub(super) fn make_room(&mut self, room: usize, wants_sender: bool) {
        if self.data.len() < room {
            self.data.resize(room, 0);
        }
        self.room = room;
        self.wants_sender = wants_sender;
    }

    /// Prepares a send of what the end has to send; whether that is any bytes.
    pub(super) fn fill(&mut self, end: &mut dyn End) -> bool {
        self.outgoing = end.outgoing(&mut self.data);
        self.sent = 0;
        matches!(self.outgoing, Outgoing::Data | Outgoing::DataTo(_))
    }

    /// Whether the end had the end of the stream to send, which no overlapped operation does.
    pub(super) fn is_shut_down(&self) -> bool {
        self.outgoing == Outgoing::ShutDown
    }

    /// How many bytes of a send are not sent.
    pub(super) const fn unsent(&self) -> usize {
        self.data.len() - self.sent
    }

    /// So many bytes more are sent; how many are not.
    pub(super) fn sent(&mut self, count: usize) -> usize {
        self.sent = self.data.len().min(self.sent + count);
        self.unsent()
    }

    /// What was received, and from whom.
    pub(super) fn received(&self, count: usize) -> (&[u8], Option<SocketAddr>) {
        let data = &self.data[..count.min(self.room)];
        let from = self.wants_sender.then(|| {
            let len = usize::try_from(self.from_len).unwrap_or(0);
            Address::from_bytes(&self.from[..len.min(self.from.len())]).to_ip()
        });
        (data, from.flatten())
    }

    /// Begins it on a socket. It may have ended by another thread's hands when this returns.
    ///
    /// # Errors
    /// What the function fails with; then it has not begun.
    pub(super) fn begin(
        self: Box<Self>,
        s: SOCKET,
        routine: RawCallback,
    ) -> Result<Pending, Errno> {
        let mut this = self;
        this.block = OVERLAPPED {
            hEvent: this.event(),
            ..EMPTY
        };
        this.flags = 0;
        this.from_len = this.from.len() as i32;
        let start = match this.direction {
            Direction::Receive => 0,
            Direction::Send => this.sent,
        };
        let len = match this.direction {
            Direction::Receive => this.room,
            Direction::Send => this.unsent(),
        };
        let buffer = WSABUF {
            len: len as u32,
            buf: this.data[start..].as_mut_ptr(),
        };
        let (direction, outgoing, wants_sender) =
            (this.direction, this.outgoing, this.wants_sender);
        let raw = Box::into_raw(this);
        let block = raw.cast::<OVERLAPPED>();
        // SAFETY: the box is live and nobody else has it; no reference is made.
        let flags = unsafe { &raw mut (*raw).flags };
        let result = match (direction, outgoing) {
            (Direction::Receive, _) if wants_sender => {
                // SAFETY: as above.
                let from = unsafe { &raw mut (*raw).from };
                // SAFETY: as above.
                let len = unsafe { &raw mut (*raw).from_len };
                // SAFETY: the bytes, block, flags and address live in the box until it is taken
                // back; the array of one buffer lives for the call.
                unsafe {
                    winsock::WSARecvFrom(
                        s,
                        &raw const buffer,
                        1,
                        null_mut(),
                        flags,
                        from.cast(),
                        len,
                        block,
                        routine,
                    )
                }
            }
            (Direction::Receive, _) => {
                // SAFETY: as for WSARecvFrom.
                unsafe {
                    winsock::WSARecv(s, &raw const buffer, 1, null_mut(), flags, block, routine)
                }
            }
            (Direction::Send, Outgoing::DataTo(to)) => {
                let to = Address::from_ip(to);
                let (name, len) = (to.as_bytes().as_ptr().cast(), to.as_bytes().len() as i32);
                // SAFETY: as for WSARecvFrom; the address is read during the call only.
                unsafe {
                    winsock::WSASendTo(
                        s,
                        &raw const buffer,
                        1,
                        null_mut(),
                        0,
                        name,
                        len,
                        block,
                        routine,
                    )
                }
            }
            (Direction::Send, _) => {
                // SAFETY: as for WSARecvFrom.
                unsafe { winsock::WSASend(s, &raw const buffer, 1, null_mut(), 0, block, routine) }
            }
        };
        match socket::checked(result) {
            Ok(_) | Err(Errno::IO_PENDING) => Ok(Pending(raw)),
            Err(error) => {
                // SAFETY: it has not begun, so the box is still nobody else's.
                drop(unsafe { Box::from_raw(raw) });
                Err(error)
            }
        }
    }
}

impl Pending {
    /// The operation of this block, which has just been told to have ended.
    ///
    /// # Safety
    /// `block` is that of an operation that was begun and is taken back only here.
    pub(super) unsafe fn of(block: *mut OVERLAPPED) -> Self {
        Self(block.cast())
    }

    /// The address of its block.
    pub(super) const fn block(&self) -> *mut OVERLAPPED {
        self.0.cast()
    }

    /// Its event; 0 for none.
    pub(super) fn event(&self) -> HANDLE {
        // SAFETY: the box is live while the value is; the provider does not write to this field.
        let event = unsafe { &raw const (*self.0).block.hEvent };
        // SAFETY: as above.
        unsafe { event.read() }
    }

    /// Takes the operation back.
    ///
    /// # Safety
    /// It has ended.
    pub(super) unsafe fn take_back(self) -> Box<Operation> {
        // SAFETY: made from a box by `begin`; the provider has given it up (the caller's contract).
        unsafe { Box::from_raw(self.0) }
    }
}

const EMPTY: OVERLAPPED = OVERLAPPED {
    Internal: 0,
    InternalHigh: 0,
    Offset: 0,
    OffsetHigh: 0,
    hEvent: 0,
};
