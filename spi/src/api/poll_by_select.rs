//! `WSAPoll` on a provider that has no `WSAPoll` function: by its `WSPSelect`.
//!
//! Readable is `POLLRDNORM`, writable `POLLWRNORM`; a socket in the except set has urgent data when that was asked for, else an error.

use crate::dispatch::{self, Target};
use ws2spi_abi::args::FdSet;
use ws2spi_abi::*;

/// Polls with the provider's select; how many elements have a condition.
///
/// # Errors
/// The provider's own; `WSAENOTSOCK` when one of the sockets is not its.
pub fn poll(target: &Target<'_>, fds: &mut [WSAPOLLFD], timeout: i32) -> Result<i32, Errno> {
    for fd in fds.iter_mut() {
        fd.revents = if dispatch::is_known(fd.fd) {
            0
        } else {
            POLLNVAL
        };
    }
    let mut read = Set::of(fds, POLLRDNORM);
    let mut write = Set::of(fds, POLLWRNORM);
    let mut except = Set::of(fds, 0);
    let time = TIMEVAL {
        tv_sec: timeout / 1000,
        tv_usec: timeout % 1000 * 1000,
    };
    let time = if timeout < 0 {
        std::ptr::null()
    } else {
        &raw const time
    };
    let sets = [read.raw(), write.raw(), except.raw()];
    let asked = fds.len() * 3;
    let instance = target.instance();
    let ready = dispatch::call_provider(instance, "WSPSelect", dispatch::unjudged, |procs| {
        // SAFETY: the provider is started; sets and time live for the call.
        unsafe { procs.select(0, sets[0], sets[1], sets[2], time) }
    })?;
    dispatch::sockets_within(instance, "WSPSelect", ready, asked)?;
    let mut count = 0;
    for fd in fds.iter_mut().filter(|fd| fd.revents != POLLNVAL) {
        if read.contains(fd.fd) {
            fd.revents |= fd.events & POLLRDNORM;
        }
        if write.contains(fd.fd) {
            fd.revents |= fd.events & POLLWRNORM;
        }
        if except.contains(fd.fd) {
            fd.revents |= if fd.events & POLLRDBAND != 0 {
                POLLRDBAND
            } else {
                POLLERR
            };
        }
        count += i32::from(fd.revents != 0);
    }
    Ok(count)
}

/// An `fd_set` of any length: the count in the first word, the sockets behind it.
struct Set(Vec<usize>);

impl Set {
    /// The sockets that ask for one of `events`; all of them for 0.
    fn of(fds: &[WSAPOLLFD], events: i16) -> Self {
        let wanted =
            |fd: &&WSAPOLLFD| fd.revents != POLLNVAL && (events == 0 || fd.events & events != 0);
        let mut words = vec![0];
        words.extend(fds.iter().filter(wanted).map(|fd| fd.fd));
        let count = words.len() as u32 - 1;
        if let Some(first) = words.first_mut() {
            let mut bytes = [0; size_of::<usize>()];
            bytes[..4].copy_from_slice(&count.to_ne_bytes());
            *first = usize::from_ne_bytes(bytes);
        }
        Self(words)
    }

    fn raw(&mut self) -> *mut FD_SET {
        self.0.as_mut_ptr().cast()
    }

    fn contains(&mut self, s: SOCKET) -> bool {
        // SAFETY: count and sockets as `of` laid them out; select only shortens a set.
        unsafe { FdSet::new(self.raw()) }.contains(s)
    }
}
