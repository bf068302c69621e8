//! The one place that blocks: poll(2) on the caller's thread.
//!
//! A wait ends by readiness, by the thread's waker, or by its deadline on the monotonic clock. Up to
//! 64 sockets (the select of most programs) need no memory but the stack. Used by
//! [`System`](super::System) and, with one socket and no time, by `socket.rs`.

use std::ffi::c_int;
use std::ffi::c_short;
use std::os::fd::AsFd;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use libc::pollfd;
use ws2spi_abi::Errno;
use ws2spi_kernel::clock::Clock;
use ws2spi_kernel::clock::SystemClock;

use super::errno::SystemError;
use super::errno::syscall;
use super::sys;
use super::waker::ThreadWaker;
use super::waker::UNRUNG;
use crate::net::Interest;
use crate::net::Readiness;
use crate::net::Watch;
use crate::net::Woken;

/// Blocks the calling thread; see [`Net::wait`](crate::net::Net::wait).
pub(super) fn wait(watch: &mut [Watch<'_>], deadline: Option<Duration>) -> Result<Woken, Errno> {
    ThreadWaker::with(|waker| {
        let mut inline = [entry(-1, Interest::NONE); INLINE];
        let mut allocated = Vec::new();
        let count = watch.len() + 1;
        let entries = match inline.get_mut(..count) {
            Some(entries) => entries,
            None => {
                allocated
                    .try_reserve_exact(count)
                    .map_err(|_| Errno::NOBUFS)?;
                allocated.resize(count, entry(-1, Interest::NONE));
                &mut allocated[..]
            }
        };
        for (entry_of, watched) in entries.iter_mut().zip(watch.iter()) {
            let fd = watched.socket.descriptor().ok_or(Errno::NOTSOCK)?;
            *entry_of = entry(fd, watched.interest);
        }
        // poll(2) passes over a descriptor that is negative.
        let alarm = waker.alarm().map_or(-1, |alarm| alarm.as_fd().as_raw_fd());
        entries[count - 1] = entry(alarm, Interest::READ);
        wait_for_entries(watch, entries, deadline, waker)
    })
}

/// What is true now of one socket.
pub(super) fn readiness(fd: BorrowedFd<'_>, interest: Interest) -> Readiness {
    let mut entries = [entry(fd.as_raw_fd(), interest)];
    loop {
        match poll(&mut entries, 0) {
            Ok(_) => {
                drop_stale_urgency(&mut entries[0]);
                return decode(entries[0].revents);
            }
            Err(error) if error.number() == libc::EINTR => {}
            Err(_) => return Readiness::ERROR,
        }
    }
}

fn wait_for_entries(
    watch: &mut [Watch<'_>],
    entries: &mut [pollfd],
    deadline: Option<Duration>,
    waker: &ThreadWaker,
) -> Result<Woken, Errno> {
    let waiting = waker.summons().begin();
    loop {
        let left = deadline.map(|deadline| deadline.saturating_sub(SystemClock.now()));
        let time = match (waker.summons().is_woken(), waker.alarm()) {
            (true, _) => 0,
            (false, Some(_)) => milliseconds(left),
            (false, None) => milliseconds(Some(left.map_or(UNRUNG, |left| left.min(UNRUNG)))),
        };
        match poll(entries, time) {
            Ok(_) => {}
            Err(error) if error.number() == libc::EINTR => continue,
            Err(error) => return Err(error.into()),
        }
        let mut ready = 0;
        for (watched, entry) in watch.iter_mut().zip(entries.iter_mut()) {
            drop_stale_urgency(entry);
            watched.ready = decode(entry.revents);
            ready += usize::from(!watched.ready.is_none());
        }
        if entries[watch.len()].revents != 0
            && let Some(alarm) = waker.alarm()
        {
            alarm.silence();
        }
        if ready > 0 {
            drop(waiting);
            return Ok(Woken::Ready(ready));
        }
        if waker.summons().take() {
            return Ok(Woken::Waker);
        }
        if left == Some(Duration::ZERO) {
            return Ok(Woken::TimedOut);
        }
    }
}

/// Takes back an announcement of urgent data that were taken already, and asks no more for them:
/// some systems repeat it until the stream was read past them.
fn drop_stale_urgency(entry: &mut pollfd) {
    if entry.revents & libc::POLLPRI == 0 {
        return;
    }
    // SAFETY: the entry's socket lives as long as its watch.
    let fd = unsafe { BorrowedFd::borrow_raw(entry.fd) };
    if !sys::urgent_is_waiting(fd) {
        entry.revents &= !libc::POLLPRI;
        entry.events &= !libc::POLLPRI;
    }
}

fn poll(entries: &mut [pollfd], milliseconds: c_int) -> Result<c_int, SystemError> {
    let count = entries.len() as libc::nfds_t;
    // SAFETY: the entries live through the call and are ours alone.
    unsafe { syscall!(poll(entries.as_mut_ptr(), count, milliseconds)) }
}

fn entry(fd: c_int, interest: Interest) -> pollfd {
    let mut events = 0;
    if interest.contains(Interest::READ) {
        events |= libc::POLLIN | sys::POLL_READ_CLOSED;
    }
    if interest.contains(Interest::END) {
        events |= match sys::POLL_READ_CLOSED {
            0 => libc::POLLIN,
            closed => closed,
        };
    }
    if interest.contains(Interest::WRITE) {
        events |= libc::POLLOUT;
    }
    if interest.contains(Interest::PRIORITY) {
        events |= libc::POLLPRI;
    }
    pollfd {
        fd,
        events,
        revents: 0,
    }
}

fn decode(events: c_short) -> Readiness {
    let mut ready = Readiness::NONE;
    for (event, bit) in [
        (libc::POLLIN, Readiness::READABLE),
        (libc::POLLOUT, Readiness::WRITABLE),
        (libc::POLLPRI, Readiness::PRIORITY),
        (sys::POLL_READ_CLOSED, Readiness::READ_CLOSED),
        (libc::POLLHUP, Readiness::HANG_UP),
        (libc::POLLERR | libc::POLLNVAL, Readiness::ERROR),
    ] {
        if events & event != 0 {
            ready |= bit;
        }
    }
    ready
}

/// The time poll is given: not shorter than what is left, so that it does not end too early.
fn milliseconds(left: Option<Duration>) -> c_int {
    let Some(left) = left else { return -1 };
    c_int::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(c_int::MAX)
}

/// The sockets of an fd_set of the usual size, and the alarm.
const INLINE: usize = 65;
