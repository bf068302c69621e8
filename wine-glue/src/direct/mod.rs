//! The direct transport: data without the wineserver.
//!
//! Wine asks its server for every send and receive, two or more times. What can be done at once is done here
//! by one system call on the descriptor behind the socket's handle, on the caller's thread; what cannot goes
//! to Wine, which judges and waits as ever. So a call either succeeds here, or fails with an error that the
//! system tells only once, or has not happened at all.
//!
//! - **A call that blocks** waits here for at most [`PATIENCE`], then in Wine: routines run, time limits end
//!   the call and closing wakes it as they do there, later by no more than that.
//! - **Order.** A direct call never overtakes a request that Wine has pending: with the first one that a
//!   socket has, that direction is Wine's for good ([`Direct::bar`]).
//! - **Registrations.** Wine learns from its own receives when to signal again: a socket that had an event or
//!   a window registered, or whose events were asked for, is Wine's for good.
//! - **Shutting down** makes that direction Wine's; duplicates of sockets, whose state another process may
//!   change, are Wine's from the start.
//! - **Closing.** The descriptor is a duplicate, and is closed before the handle is, so that the connection
//!   ends when Wine ends it; `CloseHandle` is seen as well (`handles::on_closing`).
//!
//! Only TCP and UDP, with plain flags or `MSG_PEEK`; urgent data is Wine's. Off with `WS2SPI_DIRECT=0` or `off`, and
//! where the Unix half is not there. Used by `base`, whose sockets have a [`Direct`] each; no lock is held.

mod unix;

use std::sync::Once;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering;

use ws2spi_abi::*;
use ws2spi_kernel::handles;

use unix::Asked;
use unix::BUFFERS;
use unix::Carry;
use unix::Descriptor;
use unix::unix;

/// How long a blocking call waits here before it waits in Wine, in milliseconds.
const PATIENCE: i32 = 2;

/// A use of a socket's descriptor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Use {
    /// Receiving.
    Receive = 1,
    /// Sending.
    Send = 2,
    /// Asking what is ready.
    Poll = 4,
}

/// Whether the direct transport is on in this process.
#[must_use]
pub fn is_on() -> bool {
    unix().is_some()
}

/// What the direct transport knows of a socket.
#[derive(Debug, Default)]
pub(crate) struct Direct {
    descriptor: OnceLock<Descriptor>,
    /// The uses that are Wine's: bits of [`Use`].
    barred: AtomicU8,
    closed: AtomicBool,
}

/// How a call is made.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    pub(crate) s: SOCKET,
    pub(crate) datagrams: bool,
    pub(crate) nonblocking: bool,
}

/// What was received.
pub(crate) struct Received {
    pub(crate) bytes: u32,
    pub(crate) truncated: bool,
    /// The sender's address in Windows' layout; empty when nobody asked.
    pub(crate) name: args::Address,
}

/// How a send went.
pub(crate) enum Sent {
    /// It is done.
    Done(u32),
    /// So many bytes are sent; Wine is to send the rest.
    Partly(u32),
    /// It has failed.
    Failed(Errno),
}

impl Direct {
    /// Leaves a use of the socket to Wine for good.
    pub(crate) fn bar(&self, uses: &[Use]) {
        let bits = uses.iter().fold(0, |bits, &one| bits | one as u8);
        self.barred.fetch_or(bits, Ordering::Relaxed);
    }

    /// Leaves everything to Wine for good.
    pub(crate) fn bar_all(&self) {
        self.bar(&[Use::Receive, Use::Send, Use::Poll]);
    }

    /// Says that the handle is being closed.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.bar_all();
    }

    /// The descriptor, for a use that is not Wine's.
    fn descriptor(&self, manner: Manner, wanted: Use) -> Option<&Descriptor> {
        if self.barred.load(Ordering::Relaxed) & wanted as u8 != 0 {
            return None;
        }
        self.descriptor.get().or_else(|| self.open(manner))
    }

    /// Opens the descriptor of a socket that has come so far: connected, listening, or with a name of its own
    /// for datagrams. What is to come before is Wine's.
    #[cold]
    fn open(&self, manner: Manner) -> Option<&Descriptor> {
        let (descriptor, state) = unix()?.open(manner.s)?;
        let ripe = if manner.datagrams {
            NAMED
        } else {
            CONNECTED | LISTENS
        };
        if state & ripe == 0 {
            return None;
        }
        Some(self.descriptor.get_or_init(|| descriptor))
    }

    /// Receives what is there; `None`: it is Wine's to do. `with_name`: the sender's address is wanted.
    ///
    /// # Errors
    /// `WSAEWOULDBLOCK`, `WSAECONNABORTED` for a socket that was closed meanwhile, and what the system tells
    /// only once.
    ///
    /// # Safety
    /// `buffers` points to `count` buffers, which are the caller's to fill.
    pub(crate) unsafe fn receive(
        &self,
        manner: Manner,
        buffers: *const WSABUF,
        count: u32,
        flags: u32,
        with_name: bool,
    ) -> Option<Result<Received, Errno>> {
        // SAFETY: the caller's contract.
        if flags & !MSG_PEEK != 0 || !unsafe { is_ours(buffers, count) } {
            return None;
        }
        let descriptor = self.descriptor(manner, Use::Receive)?;
        let mut block = Carry {
            descriptor: 0,
            patience: if manner.nonblocking { 0 } else { PATIENCE },
            buffers,
            count,
            flags: u32::from(flags & MSG_PEEK != 0),
            name: [0; 28],
            name_length: if with_name { 28 } else { 0 },
            carried: 0,
            error: 0,
            truncated: 0,
        };
        if !descriptor.receive(&mut block) {
            return None;
        }
        match block.error {
            0 => Some(Ok(Received {
                bytes: block.carried,
                truncated: block.truncated != 0,
                name: windows_name(&block.name, block.name_length),
            })),
            EAGAIN if manner.nonblocking => Some(Err(Errno::WOULDBLOCK)),
            EAGAIN if self.closed.load(Ordering::Acquire) => Some(Err(Errno::CONNABORTED)),
            error => told_once(error).map(Err),
        }
    }

    /// Sends what there is room for, all of it on a blocking stream; `None`: it is Wine's to do. `to` is an
    /// address in Windows' layout, empty for none.
    ///
    /// # Safety
    /// `buffers` points to `count` buffers, which can be read.
    pub(crate) unsafe fn send(
        &self,
        manner: Manner,
        buffers: *const WSABUF,
        count: u32,
        to: &[u8],
    ) -> Option<Sent> {
        // SAFETY: the caller's contract.
        if !unsafe { is_ours(buffers, count) } {
            return None;
        }
        let (name, name_length) = system_name(to)?;
        let descriptor = self.descriptor(manner, Use::Send)?;
        let mut block = Carry {
            descriptor: 0,
            patience: if manner.nonblocking { 0 } else { PATIENCE },
            buffers,
            count,
            flags: if manner.nonblocking { 0 } else { 2 },
            name,
            name_length,
            carried: 0,
            error: 0,
            truncated: 0,
        };
        if !descriptor.send(&mut block) {
            return None;
        }
        match (block.error, block.carried) {
            (0, carried) => Some(Sent::Done(carried)),
            (EAGAIN, 0) if manner.nonblocking => Some(Sent::Failed(Errno::WOULDBLOCK)),
            (error, carried) => match told_once(error) {
                Some(error) => Some(Sent::Failed(error)),
                None if carried != 0 => Some(Sent::Partly(carried)),
                None => None,
            },
        }
    }

    /// The descriptor's number, for [`poll`].
    pub(crate) fn for_poll(&self, manner: Manner) -> Option<i32> {
        self.descriptor(manner, Use::Poll).map(Descriptor::raw)
    }
}

/// One question of [`poll`].
#[derive(Clone, Copy, Default)]
pub(crate) struct Question {
    pub(crate) descriptor: i32,
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) urgent: bool,
    /// Answers.
    pub(crate) readable: bool,
    pub(crate) writable: bool,
}

/// Asks what is ready, and waits for so many milliseconds at most, and at most [`PATIENCE`]. How many sockets
/// are readable or writable; `None` when something else is so with one of them, which is Wine's to tell.
pub(crate) fn poll(questions: &mut [Question], limit: Option<i32>) -> Option<usize> {
    let asked = questions.iter().map(|question| Asked {
        descriptor: question.descriptor,
        events: if question.read { POLLIN } else { 0 }
            | if question.write { POLLOUT } else { 0 }
            | if question.urgent { POLLPRI } else { 0 },
        revents: 0,
    });
    let mut asked: Vec<Asked> = asked.collect();
    let patience = limit.map_or(PATIENCE, |limit| limit.min(PATIENCE));
    let ready = unix()?.poll(&mut asked, patience)?;
    for (question, asked) in questions.iter_mut().zip(&asked) {
        if asked.revents & !(POLLIN | POLLOUT) != 0 {
            return None;
        }
        question.readable = asked.revents & POLLIN != 0;
        question.writable = asked.revents & POLLOUT != 0;
    }
    usize::try_from(ready).ok()
}

/// Has the function called with handles that are being closed, once there is a descriptor to close.
pub(crate) fn watch_closing(told: fn(usize)) {
    static WATCHED: Once = Once::new();
    WATCHED.call_once(|| {
        if is_on() {
            handles::on_closing(told);
        }
    });
}

/// Whether the buffers are as many as a call carries, and hold anything.
///
/// # Safety
/// `buffers` points to `count` buffers.
unsafe fn is_ours(buffers: *const WSABUF, count: u32) -> bool {
    let lengths = (0..count.min(BUFFERS) as usize).map(|index| {
        let buffer = buffers.wrapping_add(index);
        // SAFETY: the caller's contract.
        unsafe { buffer.read_unaligned() }.len
    });
    count <= BUFFERS && lengths.into_iter().any(|length| length != 0)
}

/// The errors that the system tells once, and forgets: they have to be told from here. All others Wine comes
/// upon as well.
fn told_once(error: i32) -> Option<Errno> {
    match error {
        ENETUNREACH => Some(Errno::NETUNREACH),
        ECONNABORTED => Some(Errno::CONNABORTED),
        ECONNRESET => Some(Errno::CONNRESET),
        ETIMEDOUT => Some(Errno::TIMEDOUT),
        ECONNREFUSED => Some(Errno::CONNREFUSED),
        EHOSTUNREACH => Some(Errno::HOSTUNREACH),
        _ => None,
    }
}

/// An address of the system's in Windows' layout: the family's number is all that differs.
fn windows_name(name: &[u8; 28], length: u32) -> args::Address {
    let mut name = *name;
    let length = (length as usize).min(name.len());
    if u16::from_ne_bytes([name[0], name[1]]) == SYSTEM_INET6 {
        name[..2].copy_from_slice(&(AF_INET6 as u16).to_ne_bytes());
    }
    args::Address::from_bytes(&name[..length])
}

/// An address of Windows' in the system's layout and its length; `None` for those that Wine treats in its own
/// way: other families, no port, no host, everybody.
fn system_name(name: &[u8]) -> Option<([u8; 28], u32)> {
    let mut answer = [0; 28];
    let length = match name.first_chunk().map(|family| u16::from_ne_bytes(*family)) {
        None => 0,
        Some(family) if i32::from(family) == AF_INET => 16,
        Some(family) if i32::from(family) == AF_INET6 => 28,
        Some(_) => return None,
    };
    answer[..length].copy_from_slice(name.get(..length)?);
    if length == 28 {
        answer[..2].copy_from_slice(&SYSTEM_INET6.to_ne_bytes());
    }
    let host = match length {
        0 => return Some((answer, 0)),
        16 => &answer[4..8],
        _ => &answer[8..24],
    };
    let special = host.iter().all(|&byte| byte == 0) || host.iter().all(|&byte| byte == 0xff);
    let no_port = answer[2..4] == [0, 0];
    (!special && !no_port).then_some((answer, length as u32))
}

/// Answers of the Unix half about a socket.
const CONNECTED: u32 = 1;
const NAMED: u32 = 2;
const LISTENS: u32 = 4;

/// Numbers of the system's.
const SYSTEM_INET6: u16 = 10;
const POLLIN: i16 = 1;
const POLLPRI: i16 = 2;
const POLLOUT: i16 = 4;
const EAGAIN: i32 = 11;
const ENETUNREACH: i32 = 101;
const ECONNABORTED: i32 = 103;
const ECONNRESET: i32 = 104;
const ETIMEDOUT: i32 = 110;
const ECONNREFUSED: i32 = 111;
const EHOSTUNREACH: i32 = 113;
