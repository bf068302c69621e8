//! `WSAPoll`: served by the `WSAPoll` function of a provider, at the level that each layer names.
//!
//! Sockets are translated with `SIO_BSP_HANDLE_POLL`; when all of them belong to one provider then, that one gets the whole array. A
//! provider without such a function is asked through `WSPSelect`. Sockets of several providers are asked for together
//! (`poll_several`).

use super::extension::{function, level_of};
use super::{answer, poll_by_select, poll_several};
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
    let providers = served.iter().map(|fd| provider_of(fd.fd));
    let providers: Vec<Option<GUID>> = providers.collect::<Result<_, _>>()?;
    let mut known = providers.iter().flatten();
    let result = match known.next() {
        Some(first) if known.all(|other| other == first) => serve(&mut served, timeout),
        Some(_) => poll_several::poll(&mut served, &providers, timeout),
        None => {
            served.iter_mut().for_each(|fd| fd.revents = POLLNVAL);
            Err(Errno::NOTSOCK)
        }
    };
    for (index, fd) in served.iter().enumerate() {
        // SAFETY: the caller's contract.
        unsafe { store(fds, index, fd.revents) };
    }
    result
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

/// Whose socket it is; `None` for what is none.
///
/// # Errors
/// Those of dispatch, but `WSAENOTSOCK`.
fn provider_of(s: SOCKET) -> Result<Option<GUID>, Errno> {
    match dispatch::with_target(s, |target| Ok(target.instance().provider())) {
        Err(Errno::NOTSOCK) => Ok(None),
        other => other.map(Some),
    }
}

/// Polls sockets of one provider, among what is no socket, by the provider of the first socket; how many have a condition.
///
/// # Errors
/// `WSAENOTSOCK` without any socket; the provider's own.
pub(super) fn serve(fds: &mut [WSAPOLLFD], timeout: i32) -> Result<i32, Errno> {
    let mut sockets = fds.iter().map(|fd| fd.fd);
    let first = sockets
        .find(|s| dispatch::is_known(*s))
        .ok_or(Errno::NOTSOCK)?;
    dispatch::with_target(first, |target| match function(target, WSAID_WSAPOLL) {
        Ok(function) => {
            // SAFETY: the provider answered for this identity; the array is a live local.
            let ready = unsafe { call(function, fds, timeout) };
            if ready == SOCKET_ERROR {
                return Err(Errno::new(process::last_error()).unwrap_or(Errno::SYSCALLFAILURE));
            }
            dispatch::sockets_within(target.instance(), "WSAPoll", ready, fds.len())
        }
        Err(_) => poll_by_select::poll(target, fds, timeout),
    })
}

/// # Safety
/// `function` is a `WSAPoll` function in the native convention.
unsafe fn call(function: RawCallback, fds: &mut [WSAPOLLFD], timeout: i32) -> i32 {
    // SAFETY: the caller's contract.
    let function = unsafe { std::mem::transmute::<usize, LPFN_WSAPOLL>(function.as_raw()) };
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
