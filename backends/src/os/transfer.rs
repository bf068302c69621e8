//! Moving data: send and receive over sendmsg(2) and recvmsg(2).
//!
//! Nothing here allocates, but a datagram of more slices than the kernel takes. Called by
//! `socket.rs`, which knows about reports; results are the system's own, except where two systems
//! disagree about the same thing (a receive without room).

use std::ffi::c_int;
use std::io::IoSlice;
use std::io::IoSliceMut;
use std::mem;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;

use libc::iovec;
use libc::msghdr;

use super::address::KernelAddress;
use super::control::ControlBuffer;
use super::errno::SystemError;
use super::errno::retry;
use super::errno::syscall;
use super::sys;
use crate::net::Kind;
use crate::net::Pace;
use crate::net::Received;
use crate::net::RecvFlags;
use crate::net::SendFlags;

/// Whether a call returns at once, or waits in the kernel as long as the descriptor's mode and
/// timeouts say (`patience.rs`).
fn waiting(pace: Pace) -> c_int {
    match pace {
        Pace::AtOnce => sys::DONT_WAIT,
        Pace::Soon => 0,
    }
}

/// Sends `data`; a stream takes what there is room for.
#[inline]
pub(super) fn send(
    fd: BorrowedFd<'_>,
    kind: Kind,
    pace: Pace,
    data: &[IoSlice<'_>],
    flags: SendFlags,
    to: Option<&KernelAddress>,
    control: Option<&mut ControlBuffer>,
) -> Result<usize, SystemError> {
    let mut system_flags = sys::SEND_FLAGS | waiting(pace);
    if flags.contains(SendFlags::OUT_OF_BAND) {
        system_flags |= libc::MSG_OOB;
    }
    if flags.contains(SendFlags::DONT_ROUTE) {
        system_flags |= libc::MSG_DONTROUTE;
    }
    if let ([only], None, None) = (data, to, &control) {
        // SAFETY: the slice lives through the call.
        let sent = retry(|| unsafe {
            syscall!(send(
                fd.as_raw_fd(),
                only.as_ptr().cast(),
                only.len(),
                system_flags
            ))
        })?;
        return Ok(sent as usize);
    }
    let gathered: Vec<u8>;
    let whole;
    let data = if data.len() <= MOST_SLICES {
        data
    } else if kind == Kind::Stream {
        // The caller sends the rest, as after any partial send.
        &data[..MOST_SLICES]
    } else {
        gathered = data
            .iter()
            .flat_map(|slice| slice.iter().copied())
            .collect();
        whole = [IoSlice::new(&gathered)];
        &whole
    };
    let mut message = message();
    message.msg_iov = data.as_ptr().cast::<iovec>().cast_mut();
    message.msg_iovlen = data.len() as _;
    if let Some(to) = to {
        message.msg_name = to.as_ptr().cast_mut().cast();
        message.msg_namelen = to.length();
    }
    if let Some(control) = control {
        control.attach_for_send(&mut message);
    }
    // SAFETY: name, slices and control messages live through the call, which only reads them.
    let sent =
        retry(|| unsafe { syscall!(sendmsg(fd.as_raw_fd(), &raw const message, system_flags)) })?;
    Ok(sent as usize)
}

/// Receives into `data`.
pub(super) fn recv(
    fd: BorrowedFd<'_>,
    kind: Kind,
    pace: Pace,
    data: &mut [IoSliceMut<'_>],
    flags: RecvFlags,
) -> Result<Received, SystemError> {
    if kind != Kind::Stream {
        return recv_datagram(fd, data, receive_flags(pace, flags));
    }
    Ok(Received {
        bytes: recv_stream(fd, pace, data, flags)?,
        ..Received::default()
    })
}

/// Receives from a stream.
#[inline]
pub(super) fn recv_stream(
    fd: BorrowedFd<'_>,
    pace: Pace,
    data: &mut [IoSliceMut<'_>],
    flags: RecvFlags,
) -> Result<usize, SystemError> {
    let system_flags = receive_flags(pace, flags);
    if data.iter().all(|slice| slice.is_empty()) {
        // Linux answers EAGAIN while there is nothing, the BSDs 0 at once: ask whether there is.
        peek_byte(fd, system_flags)?;
        return Ok(0);
    }
    let bytes = if let [only] = data {
        // SAFETY: the slice lives through the call and is ours alone.
        retry(|| unsafe {
            syscall!(recv(
                fd.as_raw_fd(),
                only.as_mut_ptr().cast(),
                only.len(),
                system_flags
            ))
        })?
    } else {
        let mut message = message();
        scatter(&mut message, data);
        // SAFETY: the slices live through the call and are ours alone.
        retry(|| unsafe { syscall!(recvmsg(fd.as_raw_fd(), &raw mut message, system_flags)) })?
    };
    Ok(bytes as usize)
}

fn receive_flags(pace: Pace, flags: RecvFlags) -> c_int {
    let mut system_flags = waiting(pace);
    if flags.contains(RecvFlags::PEEK) {
        system_flags |= libc::MSG_PEEK;
    }
    if flags.contains(RecvFlags::OUT_OF_BAND) {
        system_flags |= libc::MSG_OOB;
    }
    system_flags
}

/// Whether a stream has a byte to receive, or its end; `EAGAIN` when neither.
pub(super) fn peek_byte(fd: BorrowedFd<'_>, flags: c_int) -> Result<bool, SystemError> {
    let mut byte = 0u8;
    // SAFETY: one byte of room, on this stack.
    let bytes = retry(|| unsafe {
        syscall!(recv(
            fd.as_raw_fd(),
            (&raw mut byte).cast(),
            1,
            flags | libc::MSG_PEEK | sys::DONT_WAIT
        ))
    })?;
    Ok(bytes == 1)
}

/// Takes the urgent byte out of a stream; `None` when there is none, or it has not come yet.
pub(super) fn take_urgent(fd: BorrowedFd<'_>) -> Result<Option<u8>, SystemError> {
    let mut byte = 0u8;
    // SAFETY: one byte of room, on this stack.
    let result = retry(|| unsafe {
        syscall!(recv(
            fd.as_raw_fd(),
            (&raw mut byte).cast(),
            1,
            libc::MSG_OOB | sys::DONT_WAIT
        ))
    });
    match result {
        Ok(1) => Ok(Some(byte)),
        Ok(_) => Ok(None),
        Err(error) if [libc::EINVAL, libc::EAGAIN].contains(&error.number()) => Ok(None),
        Err(error) => Err(error),
    }
}

fn recv_datagram(
    fd: BorrowedFd<'_>,
    data: &mut [IoSliceMut<'_>],
    flags: c_int,
) -> Result<Received, SystemError> {
    if data.len() > MOST_SLICES {
        let room: usize = data.iter().map(|slice| slice.len()).sum();
        let mut whole = vec![0; room.min(LONGEST_DATAGRAM)];
        let received = recv_datagram(fd, &mut [IoSliceMut::new(&mut whole)], flags)?;
        let mut rest = &whole[..received.bytes];
        for slice in data {
            let (now, later) = rest.split_at(slice.len().min(rest.len()));
            slice[..now.len()].copy_from_slice(now);
            rest = later;
        }
        return Ok(received);
    }
    let mut name = KernelAddress::room();
    let mut control = ControlBuffer::new();
    let mut message = message();
    message.msg_name = name.as_mut_ptr().cast();
    message.msg_namelen = name.length();
    control.attach_for_receive(&mut message);
    scatter(&mut message, data);
    // SAFETY: name, control room and slices live through the call and are ours alone.
    let bytes = retry(|| unsafe { syscall!(recvmsg(fd.as_raw_fd(), &raw mut message, flags)) })?;
    *name.length_mut() = message.msg_namelen;
    Ok(Received {
        bytes: bytes as usize,
        from: name.endpoint(),
        truncated: message.msg_flags & libc::MSG_TRUNC != 0,
        control: control.control(&message),
    })
}

/// Lets `message` receive into `data`. What the kernel does not take of very many slices stays
/// empty: the caller of a stream receives the rest later.
fn scatter(message: &mut msghdr, data: &mut [IoSliceMut<'_>]) {
    message.msg_iov = data.as_mut_ptr().cast::<iovec>();
    message.msg_iovlen = data.len().min(MOST_SLICES) as _;
}

fn message() -> msghdr {
    // SAFETY: numbers and pointers; zero and null are values of them.
    unsafe { mem::zeroed() }
}

/// IOV_MAX of all systems here.
const MOST_SLICES: usize = 1024;

/// What the length field of IP can say.
const LONGEST_DATAGRAM: usize = 65_536;
