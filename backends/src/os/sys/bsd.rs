//! macOS and FreeBSD: what they have in common.
//!
//! See `sys/mod.rs` for what each item is; `macos.rs` and `freebsd.rs` have the rest.

use std::ffi::c_int;
use std::ffi::c_ulong;
use std::fs;
use std::io;
use std::mem;
use std::net::Ipv6Addr;
use std::net::SocketAddrV6;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::os::fd::FromRawFd;
use std::os::fd::OwnedFd;
use std::os::unix::net::SocketAddr;

use libc::sockaddr;
use libc::sockaddr_storage;
use libc::socklen_t;
use ws2spi_abi::Errno;

use crate::net::Report;
use crate::os::control::ControlBuffer;
use crate::os::errno::SystemError;
use crate::os::errno::retry;
use crate::os::errno::syscall;
use crate::os::option;

/// A connection that was reset while it waited.
pub(in crate::os) const ACCEPT_AGAIN: &[c_int] = &[libc::ECONNABORTED];

/// netinet/in.h; the libc crate has no such constant for these systems.
pub(in crate::os) const IP_OPTIONS: c_int = 1;
pub(in crate::os) const IPV6_JOIN: c_int = libc::IPV6_JOIN_GROUP;
pub(in crate::os) const IPV6_LEAVE: c_int = libc::IPV6_LEAVE_GROUP;

/// mio has no more of kqueue: urgent data come with an event for data.
pub(in crate::os) const POLLER_PRIORITY: mio::Interest = mio::Interest::READABLE;

pub(in crate::os) const PRIORITY_IS_TOLD: bool = false;

pub(in crate::os) fn open_changes() -> Result<OwnedFd, SystemError> {
    super::open(libc::PF_ROUTE, libc::SOCK_RAW, 0)
}

/// The latched error is all there is, and only connected sockets get one.
///
/// DIFFERS: a socket that is not connected hears of nothing, and of an expired TTL no socket does:
/// these systems tell neither.
pub(in crate::os) fn take_report(fd: BorrowedFd<'_>, noted: SystemError) -> Option<Report> {
    let number = match noted.number() {
        0 => option::number(fd, libc::SOL_SOCKET, libc::SO_ERROR).ok()?,
        number => number,
    };
    (number == libc::ECONNREFUSED).then_some(Report::PortUnreachable)
}

/// A file in the folder that everybody may write to.
pub(in crate::os) fn meeting_place(process: u32, token: u32) -> io::Result<SocketAddr> {
    SocketAddr::from_pathname(meeting_file(process, token))
}

pub(in crate::os) fn leave_meeting_place(process: u32, token: u32) {
    // Somebody who cleans up may have been quicker.
    let _ = fs::remove_file(meeting_file(process, token));
}

fn meeting_file(process: u32, token: u32) -> String {
    format!("/tmp/.ws2spi-{process}-{token:08x}")
}

/// A kqueue with one event.
pub(in crate::os) fn watch_process(process: i32) -> Result<Option<OwnedFd>, SystemError> {
    // SAFETY: takes no pointer.
    let queue = unsafe { syscall!(kqueue()) }?;
    // SAFETY: the call made it, and nobody else has it.
    let queue = unsafe { OwnedFd::from_raw_fd(queue) };
    // SAFETY: takes no pointer.
    unsafe { syscall!(fcntl(queue.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC)) }?;
    // SAFETY: numbers and a null pointer.
    let mut end: libc::kevent = unsafe { mem::zeroed() };
    end.ident = process as usize;
    end.filter = libc::EVFILT_PROC;
    end.flags = libc::EV_ADD;
    end.fflags = libc::NOTE_EXIT;
    let (change, none) = (&raw const end, std::ptr::null_mut());
    // SAFETY: one change, on this stack; no room for events.
    unsafe {
        syscall!(kevent(
            queue.as_raw_fd(),
            change,
            1,
            none,
            0,
            std::ptr::null()
        ))
    }?;
    Ok(Some(queue))
}

pub(in crate::os) fn peer_user(fd: BorrowedFd<'_>) -> Result<u32, SystemError> {
    let (mut user, mut group) = (0, 0);
    // SAFETY: two numbers, on this stack.
    unsafe { syscall!(getpeereid(fd.as_raw_fd(), &raw mut user, &raw mut group)) }?;
    Ok(user)
}

pub(in crate::os) fn at_mark(fd: BorrowedFd<'_>) -> Result<bool, SystemError> {
    Ok(ioctl_number(fd, SIOCATMARK)? != 0)
}

/// poll(2) announces urgent data until the stream was read past them, whether or not they were taken.
pub(in crate::os) fn urgent_is_waiting(fd: BorrowedFd<'_>) -> bool {
    let mut byte = 0u8;
    // SAFETY: one byte of room, on this stack.
    let result = retry(|| unsafe {
        let flags = libc::MSG_OOB | libc::MSG_PEEK;
        syscall!(recv(fd.as_raw_fd(), (&raw mut byte).cast(), 1, flags))
    });
    match result {
        Ok(bytes) => bytes == 1,
        // Announced, and still on its way.
        Err(error) => error.number() == libc::EAGAIN,
    }
}

/// connect(2): "datagram sockets may dissolve the association by connecting to an invalid address"; the call
/// fails and has its effect.
pub(in crate::os) fn disconnect(fd: BorrowedFd<'_>) -> Result<(), SystemError> {
    // SAFETY: numbers only; zero is AF_UNSPEC and a value of the rest.
    let mut nobody: sockaddr = unsafe { mem::zeroed() };
    nobody.sa_len = size_of::<sockaddr>() as u8;
    let length = size_of::<sockaddr>() as socklen_t;
    // SAFETY: a whole sockaddr that lives through the call.
    match unsafe { syscall!(connect(fd.as_raw_fd(), &raw const nobody, length)) } {
        Err(error) if ![libc::EAFNOSUPPORT, libc::EADDRNOTAVAIL].contains(&error.number()) => {
            Err(error)
        }
        _ => Ok(()),
    }
}

/// DIFFERS: these systems take no TTL beside a datagram; a sender sets the option.
pub(in crate::os) fn push_ipv4_time_to_live(
    _buffer: &mut ControlBuffer,
    _value: i32,
) -> Result<(), Errno> {
    Err(Errno::OPNOTSUPP)
}

pub(in crate::os) fn set_length(name: &mut sockaddr_storage, length: socklen_t) {
    name.ss_len = length as u8;
}

/// How many bytes of `name` there are, at most `complete`.
///
/// # Safety
/// `name` points to a `sockaddr`, which may be shorter than its type.
pub(in crate::os) unsafe fn length_of(name: *const sockaddr, complete: usize) -> usize {
    // SAFETY: every sockaddr has its first byte.
    let length = unsafe { name.cast::<u8>().read() };
    usize::from(length).min(complete)
}

/// The broadcast address in an entry of getifaddrs(3).
pub(in crate::os) fn broadcast_of(entry: &libc::ifaddrs) -> *const sockaddr {
    entry.ifa_dstaddr
}

/// The kernel keeps the zone of a link-local address in the address and lets it show here.
pub(in crate::os) fn interface_address(name: SocketAddrV6) -> (Ipv6Addr, u32) {
    let mut segments = name.ip().segments();
    if segments[0] & 0xffc0 != 0xfe80 || segments[1] == 0 {
        return (*name.ip(), name.scope_id());
    }
    let scope = u32::from(mem::take(&mut segments[1]));
    (Ipv6Addr::from(segments), scope)
}

pub(super) fn ioctl_number(fd: BorrowedFd<'_>, request: c_ulong) -> Result<usize, SystemError> {
    let mut number: c_int = 0;
    // SAFETY: these requests write one int.
    unsafe { syscall!(ioctl(fd.as_raw_fd(), request, &raw mut number)) }?;
    Ok(usize::try_from(number).unwrap_or(0))
}

/// The bytes of the first datagram, found by looking at it.
pub(super) fn first_datagram(fd: BorrowedFd<'_>) -> Result<usize, SystemError> {
    let mut room = vec![0u8; 65_536];
    let length = room.len();
    // SAFETY: as many bytes as are named, which are ours.
    let result = retry(|| unsafe {
        syscall!(recv(
            fd.as_raw_fd(),
            room.as_mut_ptr().cast(),
            length,
            libc::MSG_PEEK
        ))
    });
    match result {
        Ok(bytes) => Ok(bytes as usize),
        Err(error) if error.number() == libc::EAGAIN => Ok(0),
        Err(error) => Err(error),
    }
}

/// sys/sockio.h, `_IOR('s', 7, int)`; the libc crate has no such constant.
const SIOCATMARK: c_ulong = 0x4004_7307;
