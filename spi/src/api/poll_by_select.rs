//! `WSAPoll` on a provider that has no `WSAPoll` function: by its `WSPSelect`.
//!
//! Readable is `POLLRDNORM`, writable `POLLWRNORM`; a socket in the except set has urgent data when that was asked for, else an error.

use super::socket_set::SocketSet;
use crate::dispatch::{self, Target};
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
    let mut read = set(fds, POLLRDNORM);
    let mut write = set(fds, POLLWRNORM);
    let mut except = set(fds, 0);
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
    let [read, write, except] = [read, write, except].map(|mut set| set.members());
    let mut count = 0;
    for fd in fds.iter_mut().filter(|fd| fd.revents != POLLNVAL) {
        if read.contains(&fd.fd) {
            fd.revents |= fd.events & POLLRDNORM;
        }
        if write.contains(&fd.fd) {
            fd.revents |= fd.events & POLLWRNORM;
        }
        if except.contains(&fd.fd) {
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

/// The sockets that ask for one of `events`; all of them for 0.
fn set(fds: &[WSAPOLLFD], events: i16) -> SocketSet {
    let wanted =
        |fd: &&WSAPOLLFD| fd.revents != POLLNVAL && (events == 0 || fd.events & events != 0);
    SocketSet::of(fds.iter().filter(wanted).map(|fd| fd.fd))
}
