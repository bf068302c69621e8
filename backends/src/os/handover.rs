//! Handing sockets over to other processes.
//!
//! ```text
//! offer   a copy of the descriptor, a meeting place for one process, a watch on that process
//! thread  waits at all meeting places; the process comes: descriptor and note; it ends: over
//! fetch   (in the other process) meets, and makes a socket of what it gets
//! ```
//!
//! There is one thread, as long as an offer is outstanding: an offer that nobody takes ends with the
//! process that it is for, with the value that was returned for it, or with this process. Used by
//! `socket.rs` and [`System`](super::System).
//!
//! The server's lock is a leaf; system calls under it never block.

use std::num::NonZeroU32;
use std::os::fd::AsFd;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;

use libc::c_int;
use libc::pollfd;
use parking_lot::Mutex;
use ws2spi_abi::Errno;

use super::errno::SystemError;
use super::errno::syscall;
use super::meeting;
use super::meeting::Meeting;
use super::meeting::Met;
use super::sys;
use super::sys::Alarm;
use crate::net::FOREIGN;
use crate::net::Family;
use crate::net::Kind;
use crate::net::Offer;

/// What the first word of a message must be: it tells the layout of the rest.
const LAYOUT: u32 = 0x7732_0001;

/// How often a token is drawn again because its place is taken.
const DRAWS: usize = 16;

/// How long the thread waits for descriptors, in milliseconds.
const CROWDED_PAUSE: c_int = 50;

/// Whether a process exists that may be offered sockets: one that this process could signal.
pub(super) fn reaches(process: u32) -> bool {
    let Ok(id @ 1..) = i32::try_from(process) else {
        return false;
    };
    // SAFETY: takes no pointer; signal 0 is none.
    let exists = unsafe { syscall!(kill(id, 0)) }.is_ok();
    exists && sys::watch_process(id).is_ok()
}

/// Offers a socket; see [`NetSocket::offer`](crate::net::NetSocket::offer).
pub(super) fn offer(
    descriptor: BorrowedFd<'_>,
    (family, kind): (Family, Kind),
    process: u32,
    note: &[u8],
) -> Result<Box<dyn Offer>, Errno> {
    let id = i32::try_from(process).map_err(|_| Errno::INVAL)?;
    let watch = sys::watch_process(id).map_err(|_| Errno::INVAL)?;
    let socket = descriptor.try_clone_to_owned();
    let socket = socket.map_err(|error| {
        Errno::from(SystemError::new(
            error.raw_os_error().unwrap_or(libc::EMFILE),
        ))
    })?;
    let mut message = LAYOUT.to_ne_bytes().to_vec();
    message.extend([number_of(family, FAMILIES), number_of(kind, KINDS)]);
    message.extend(note);
    let (meeting, token) = draw(process)?;
    let over = Arc::new(AtomicBool::new(false));
    let offered = Offered {
        token,
        over: over.clone(),
    };
    Server::add(Pending {
        meeting,
        watch,
        socket,
        message,
        over,
    })?;
    Ok(Box::new(offered))
}

/// Fetches a socket.
///
/// # Errors
/// See [`Net::fetch`](crate::net::Net::fetch).
pub(super) fn fetch(token: NonZeroU32) -> Result<Fetched, Errno> {
    let (descriptor, message) = meeting::come(token.get())?;
    let (layout, rest) = message.split_first_chunk::<4>().ok_or(Errno::INVAL)?;
    let [family, kind, note @ ..] = rest else {
        return Err(Errno::INVAL);
    };
    let family = FAMILIES.get(usize::from(*family)).ok_or(Errno::INVAL)?;
    let kind = KINDS.get(usize::from(*kind)).ok_or(Errno::INVAL)?;
    if u32::from_ne_bytes(*layout) != LAYOUT {
        return Err(Errno::INVAL);
    }
    Ok(Fetched {
        descriptor,
        family: *family,
        kind: *kind,
        note: note.to_vec(),
    })
}

/// A socket that another process has handed over.
pub(super) struct Fetched {
    pub(super) descriptor: OwnedFd,
    pub(super) family: Family,
    pub(super) kind: Kind,
    pub(super) note: Vec<u8>,
}

const FAMILIES: &[Family] = &[Family::Inet, Family::Inet6, Family::Unix];
const KINDS: &[Kind] = &[Kind::Stream, Kind::Datagram, Kind::Raw];

fn number_of<T: PartialEq>(value: T, list: &[T]) -> u8 {
    list.iter().position(|known| *known == value).unwrap_or(0) as u8
}

/// A meeting place of a random token.
fn draw(process: u32) -> Result<(Meeting, NonZeroU32), Errno> {
    for _ in 0..DRAWS {
        let mut random = [0u8; 4];
        // SAFETY: four bytes, on this stack.
        unsafe { syscall!(getentropy(random.as_mut_ptr().cast(), random.len())) }
            .map_err(|_| Errno::NOBUFS)?;
        let token = u32::from_ne_bytes(random) | FOREIGN;
        match Meeting::open(process, token) {
            Ok(meeting) => {
                let token = NonZeroU32::new(token).ok_or(Errno::NOBUFS)?;
                return Ok((meeting, token));
            }
            Err(error) if error.number() == libc::EADDRINUSE => {}
            Err(error) if error.number() == libc::EMFILE => return Err(Errno::MFILE),
            Err(_) => return Err(Errno::NOBUFS),
        }
    }
    Err(Errno::NOBUFS)
}

/// An offer, as the thread knows it. When it is over all this goes.
#[derive(Debug)]
struct Pending {
    meeting: Meeting,
    /// Readable when the other process has ended; `None` where the system has no such thing.
    watch: Option<OwnedFd>,
    socket: OwnedFd,
    message: Vec<u8>,
    over: Arc<AtomicBool>,
}

/// An offer, as its owner knows it.
struct Offered {
    token: NonZeroU32,
    over: Arc<AtomicBool>,
}

impl Offer for Offered {
    fn token(&self) -> NonZeroU32 {
        self.token
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }
}

impl Drop for Offered {
    fn drop(&mut self) {
        if !self.over.swap(true, Ordering::AcqRel) {
            Server::look();
        }
    }
}

/// The outstanding offers of this process, and whether the thread runs.
struct Server {
    pending: Vec<Arc<Pending>>,
    /// The alarm of the thread that runs.
    alarm: Option<Arc<Alarm>>,
    /// The process whose thread it is: a child of fork has none.
    process: u32,
}

static SERVER: Mutex<Server> = Mutex::new(Server {
    pending: Vec::new(),
    alarm: None,
    process: 0,
});

impl Server {
    fn add(pending: Pending) -> Result<(), Errno> {
        let mut server = SERVER.lock();
        let process = std::process::id();
        if server.process != process {
            // What the parent of a fork offers is the parent's.
            server.pending.clear();
            server.alarm = None;
            server.process = process;
        }
        if let Some(alarm) = &server.alarm {
            alarm.ring();
        } else {
            let alarm = Arc::new(Alarm::new()?);
            let own = alarm.clone();
            thread::Builder::new()
                .name("ws2spi-handover".into())
                .spawn(move || serve(&own))
                .map_err(|_| Errno::NOBUFS)?;
            server.alarm = Some(alarm);
        }
        server.pending.push(Arc::new(pending));
        Ok(())
    }

    /// Has the thread look at the offers.
    fn look() {
        if let Some(alarm) = &SERVER.lock().alarm {
            alarm.ring();
        }
    }

    /// The outstanding offers; without any the thread has resigned.
    fn outstanding() -> Option<Vec<Arc<Pending>>> {
        let mut server = SERVER.lock();
        server
            .pending
            .retain(|pending| !pending.over.load(Ordering::Acquire));
        if server.pending.is_empty() {
            server.alarm = None;
            return None;
        }
        Some(server.pending.clone())
    }
}

/// The thread.
fn serve(alarm: &Alarm) {
    while let Some(outstanding) = Server::outstanding() {
        let mut entries = vec![entry(Some(alarm.as_fd()))];
        for pending in &outstanding {
            entries.push(entry(Some(pending.meeting.as_fd())));
            entries.push(entry(pending.watch.as_ref().map(AsFd::as_fd)));
        }
        poll(&mut entries, -1);
        alarm.silence();
        let mut crowded = false;
        for (pending, entries) in outstanding.iter().zip(entries[1..].chunks(2)) {
            let [guest, end] = entries else { continue };
            // A process may come and end before this thread looks.
            let met = match guest.revents {
                0 => Met::NotYet,
                _ => pending
                    .meeting
                    .serve(pending.socket.as_fd(), &pending.message),
            };
            crowded |= met == Met::NoRoom;
            if met == Met::Done || end.revents != 0 {
                pending.over.store(true, Ordering::Release);
            }
        }
        if crowded {
            // Nobody tells when there are descriptors again.
            poll(&mut [entry(Some(alarm.as_fd()))], CROWDED_PAUSE);
        }
    }
}

/// Waits. A failure is looked at as if nothing were ready: only a signal makes one.
fn poll(entries: &mut [pollfd], milliseconds: c_int) {
    let count = entries.len() as libc::nfds_t;
    // SAFETY: as many entries as are said, all the caller's.
    let _ = unsafe { syscall!(poll(entries.as_mut_ptr(), count, milliseconds)) };
}

fn entry(descriptor: Option<BorrowedFd<'_>>) -> pollfd {
    pollfd {
        fd: descriptor.map_or(-1, |descriptor| descriptor.as_raw_fd()),
        events: libc::POLLIN,
        revents: 0,
    }
}
