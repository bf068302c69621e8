//! Where two processes meet to hand a socket over: an AF_UNIX name that both can work out, one message
//! with a descriptor, and who is at the other end.
//!
//! The name is made of the receiver's process id and a random token. It is no secret, as systems list
//! such names: each side asks the kernel who the other is. Where a system has names outside the
//! file system these are used (`sys::meeting_place`). Used by `handover.rs`.

use std::io;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::os::fd::FromRawFd;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use libc::c_int;
use libc::iovec;
use libc::msghdr;
use ws2spi_abi::Errno;

use super::control;
use super::control::ControlBuffer;
use super::errno::SystemError;
use super::errno::retry;
use super::errno::syscall;
use super::sys;

/// How long the receiver waits for the other side, whose thread answers at once unless it is stopped.
const PATIENCE: Duration = Duration::from_secs(10);

/// No more is read of a message: it has some hundred bytes.
const LONGEST: u64 = 64 * 1024;

/// A place where a process is waited for.
#[derive(Debug)]
pub(super) struct Meeting {
    listener: UnixListener,
    process: u32,
    token: u32,
    /// The process that waits here; a child of fork has a copy, but the name is not its own.
    host: u32,
}

impl Meeting {
    /// Waits for `process` under `token`, without blocking.
    ///
    /// # Errors
    /// `EADDRINUSE` when somebody has that name.
    pub(super) fn open(process: u32, token: u32) -> Result<Self, SystemError> {
        let place = sys::meeting_place(process, token).map_err(number)?;
        let listener = UnixListener::bind_addr(&place).map_err(number)?;
        let meeting = Self {
            listener,
            process,
            token,
            host: std::process::id(),
        };
        meeting.listener.set_nonblocking(true).map_err(number)?;
        Ok(meeting)
    }

    /// Hands `socket` and `note` to the process that is waited for, if it has come. Whoever else is
    /// there is sent away.
    pub(super) fn serve(&self, socket: BorrowedFd<'_>, note: &[u8]) -> Met {
        loop {
            match self.listener.accept() {
                Ok((guest, _)) if sys::peer_process(guest.as_fd()) == Ok(self.process) => {
                    if send(&guest, socket, note).is_ok() {
                        return Met::Done;
                    }
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Met::NotYet,
                Err(_) => return Met::NoRoom,
            }
        }
    }
}

/// What came of a look at a meeting place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// The process has the socket.
    Done,
    /// It has not come.
    NotYet,
    /// Somebody is there, but this process has no descriptor left to let them in.
    NoRoom,
}

impl Drop for Meeting {
    fn drop(&mut self) {
        if self.host == std::process::id() {
            sys::leave_meeting_place(self.process, self.token);
        }
    }
}

impl AsFd for Meeting {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

/// Meets the process that waits for this one under `token`: the descriptor that it hands over, and its
/// note.
///
/// # Errors
/// `INVAL` when nobody waits there, or somebody whose user is neither this one's nor root; `MFILE`.
pub(super) fn come(token: u32) -> Result<(OwnedFd, Vec<u8>), Errno> {
    let nobody = |_| Errno::INVAL;
    let place = sys::meeting_place(std::process::id(), token).map_err(nobody)?;
    let host = match UnixStream::connect_addr(&place).map_err(number) {
        Ok(host) => host,
        Err(error) => {
            let full = [libc::EMFILE, libc::ENFILE, libc::ENOMEM, libc::ENOBUFS];
            let known = full.contains(&error.number());
            return Err(if known { error.into() } else { Errno::INVAL });
        }
    };
    // SAFETY: takes no pointer.
    let own = unsafe { libc::geteuid() };
    if !sys::peer_user(host.as_fd()).is_ok_and(|user| user == own || user == 0) {
        return Err(Errno::INVAL);
    }
    host.set_read_timeout(Some(PATIENCE)).map_err(nobody)?;
    let mut note = vec![0; 4096];
    let (count, socket) = receive(host.as_fd(), &mut note)?;
    note.truncate(count);
    let rest = (&host).take(LONGEST).read_to_end(&mut note);
    rest.map_err(nobody)?;
    Ok((socket.ok_or(Errno::INVAL)?, note))
}

fn send(guest: &UnixStream, socket: BorrowedFd<'_>, note: &[u8]) -> Result<(), Errno> {
    // The note fits into the empty stream; a guest that fills it otherwise gets nothing.
    guest.set_nonblocking(true).map_err(|_| Errno::INVAL)?;
    sys::silence_pipe(guest.as_fd())?;
    let mut rights = ControlBuffer::new();
    let descriptor = socket.as_raw_fd().to_ne_bytes();
    rights.push(libc::SOL_SOCKET, libc::SCM_RIGHTS, &descriptor)?;
    let mut piece = iovec {
        iov_base: note.as_ptr().cast_mut().cast(),
        iov_len: note.len(),
    };
    let mut message = message(&mut piece);
    rights.attach_for_send(&mut message);
    let to = guest.as_raw_fd();
    // SAFETY: the piece and the control message live through the call, which only reads them.
    let sent = retry(|| unsafe { syscall!(sendmsg(to, &raw const message, sys::SEND_FLAGS)) })?;
    if sent as usize == note.len() {
        Ok(())
    } else {
        Err(Errno::WOULDBLOCK)
    }
}

/// One receive: the number of bytes, and the descriptor that came with them.
fn receive(from: BorrowedFd<'_>, room: &mut [u8]) -> Result<(usize, Option<OwnedFd>), Errno> {
    let mut rights = ControlBuffer::new();
    let mut piece = iovec {
        iov_base: room.as_mut_ptr().cast(),
        iov_len: room.len(),
    };
    let mut message = message(&mut piece);
    rights.attach_for_receive(&mut message);
    let from = from.as_raw_fd();
    // SAFETY: room for data and control messages, both ours.
    let got =
        retry(|| unsafe { syscall!(recvmsg(from, &raw mut message, sys::RECEIVE_DESCRIPTORS)) });
    let mut descriptors = Vec::new();
    rights.for_each(&message, |level, kind, data| {
        if (level, kind) == (libc::SOL_SOCKET, libc::SCM_RIGHTS) {
            let numbers = (0..data.len()).step_by(size_of::<c_int>());
            descriptors.extend(numbers.filter_map(|at| control::bytes(data, at).map(adopt)));
        }
    });
    // The timeout is EAGAIN.
    let got = got.map_err(|_| Errno::INVAL)?;
    // What does not fit is not delivered: this process is out of descriptors.
    if message.msg_flags & libc::MSG_CTRUNC != 0 {
        return Err(Errno::MFILE);
    }
    let mut descriptors = descriptors.into_iter();
    Ok((got as usize, descriptors.next()))
}

/// The descriptor that the kernel has made for this process; close-on-exec.
fn adopt(number: [u8; size_of::<c_int>()]) -> OwnedFd {
    let number = c_int::from_ne_bytes(number);
    // SAFETY: takes no pointer.
    unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) };
    // SAFETY: a message of rights carries descriptors that are made for the receiver alone.
    unsafe { OwnedFd::from_raw_fd(number) }
}

fn message(piece: &mut iovec) -> msghdr {
    // SAFETY: numbers and null pointers.
    let mut message: msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = piece;
    message.msg_iovlen = 1;
    message
}

fn number(error: io::Error) -> SystemError {
    SystemError::new(error.raw_os_error().unwrap_or(libc::EINVAL))
}
