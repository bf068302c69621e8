//! `WSAPoll`: served by the `WSAPoll` function of a provider, at the level that each layer names.
//!
//! Sockets are translated with `SIO_BSP_HANDLE_POLL`; the provider of the first one that is a socket gets the whole array. A provider
//! without such a function is asked through `WSPSelect`.

use super::extension::{function, level_of};
use super::{answer, poll_by_select};
use crate::{dispatch, process};
use ws2spi_abi::*;

/// Waits until conditions hold on sockets; how many sockets have one, 0 on timeout.
///
/// What is no socket gets `POLLNVAL` and is not counted (P295). `timeout` is in milliseconds, negative for none.
///
/// Errors: `WSANOTINITIALISED`, `WSAEINVAL` for no sockets or conditions that cannot be asked for, `WSAEFAULT` for NULL,
/// `WSAENOTSOCK` when nothing in the array is a socket (P296), the provider's own. Blocks.
/// Microsoft: "WSAPoll function (winsock2.h)".
///
/// # Safety
/// `fds` is null or points to `count` writable elements.
#[doc(alias = "WSAPoll")]
pub unsafe fn wsa_poll(fds: *mut WSAPOLLFD, count: u32, timeout: i32) -> i32 {
    // SAFETY: the caller's contract.
    answer::int(unsafe { poll(fds, count, timeout) })
}

/// # Safety
/// As [`wsa_poll`].
unsafe fn poll(fds: *mut WSAPOLLFD, count: u32, timeout: i32) -> Result<i32, Errno> {
    process::require_started()?;
    if count == 0 {
        return Err(Errno::INVAL);
    }
    if fds.is_null() {
        return Err(Errno::FAULT);
    }
    // SAFETY: the caller's contract; not null.
    let asked: Vec<WSAPOLLFD> = (0..count as usize)
        .map(|index| unsafe { nth(fds, index) })
        .collect();
    if asked.iter().any(|fd| fd.events & !REQUESTABLE != 0) {
        return Err(Errno::INVAL);
    }
    let mut served: Vec<WSAPOLLFD> = asked.iter().map(|fd| translated(*fd)).collect();
    let first = served
        .iter()
        .map(|fd| fd.fd)
        .find(|s| dispatch::is_known(*s));
    let result = match first {
        Some(first) => dispatch::with_target(first, |target| {
            match function(target, WSAID_WSAPOLL) {
                // SAFETY: the provider answered for this identity; the array is a live local.
                Ok(function) => Ok(unsafe { call(function, &mut served, timeout) }),
                Err(_) => poll_by_select::poll(target, &mut served, timeout),
            }
        }),
        None => {
            served.iter_mut().for_each(|fd| fd.revents = POLLNVAL);
            Err(Errno::NOTSOCK)
        }
    };
    for (index, fd) in served.iter().enumerate() {
        // SAFETY: the caller's contract.
        unsafe { store(fds, index, fd.revents) };
    }
    match result {
        Ok(ready) if ready < 0 => {
            Err(Errno::new(process::last_error()).unwrap_or(Errno::SYSCALLFAILURE))
        }
        other => other,
    }
}

/// The conditions that may be asked for.
const REQUESTABLE: i16 = POLLRDNORM | POLLRDBAND | POLLWRNORM;

/// The element with the socket that serves it; what is no socket stays as it is, for the provider to say so.
fn translated(fd: WSAPOLLFD) -> WSAPOLLFD {
    let level = |target: &dispatch::Target<'_>| Ok(level_of(target, SIO_BSP_HANDLE_POLL));
    let s = dispatch::with_target(fd.fd, level).unwrap_or(fd.fd);
    WSAPOLLFD {
        fd: s,
        revents: 0,
        ..fd
    }
}

/// # Safety
/// `function` is a `WSAPoll` function in the native convention.
unsafe fn call(function: RawCallback, fds: &mut [WSAPOLLFD], timeout: i32) -> i32 {
    type Poll = unsafe extern "system" fn(*mut WSAPOLLFD, u32, i32) -> i32;
    // SAFETY: the caller's contract.
    let function = unsafe { std::mem::transmute::<usize, Poll>(function.as_raw()) };
    // SAFETY: the array is live and as long as is said.
    unsafe { function(fds.as_mut_ptr(), fds.len() as u32, timeout) }
}

/// # Safety
/// `index` lies within the array.
unsafe fn nth(fds: *mut WSAPOLLFD, index: usize) -> WSAPOLLFD {
    // SAFETY: the caller's contract.
    let fd = unsafe { fds.add(index) };
    // SAFETY: as above.
    unsafe { fd.read_unaligned() }
}

/// # Safety
/// `index` lies within the array.
unsafe fn store(fds: *mut WSAPOLLFD, index: usize, revents: i16) {
    // SAFETY: the caller's contract.
    let fd = unsafe { fds.add(index) };
    // SAFETY: as above; the field lies within the element.
    let place = unsafe { &raw mut (*fd).revents };
    // SAFETY: as above.
    unsafe { place.write_unaligned(revents) };
}
