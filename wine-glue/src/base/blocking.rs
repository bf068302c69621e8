//! The blocking hook of Winsock 1.1: what a call does instead of blocking when its thread has a hook.
//!
//! The hook is asked again and again while a call would have to wait; when it says that the call was
//! cancelled, the call is `WSAEINTR`. Wine knows no hooks, so here the wait is ours: readiness for a moment,
//! then the hook. Threads without a hook, which are all but those of very old programs, block in Wine.

use std::cell::Cell;
use std::ptr;
use std::time::Duration;
use std::time::Instant;

use ws2spi_abi::args::BlockingHook;
use ws2spi_abi::*;

use super::sockets::Socket;
use super::startup::upcalls;
use super::system::system;

/// What a call waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Awaited {
    /// Data, or a connection to accept.
    Readable,
    /// Room to send.
    Writable,
    /// The end of a connection attempt.
    Connected,
}

thread_local! {
    /// Whether the thread is in a hook that stands for a call of this provider.
    static IN_HOOK: Cell<bool> = const { Cell::new(false) };
}

/// The hook of the calling thread, if it has set one.
pub(super) fn hook(entry: u32) -> Option<BlockingHook> {
    upcalls().ok()?.query_blocking_callback(entry).ok()?
}

/// Waits, for a thread with a hook, until a call on a blocking socket would not wait. `Ok` at once without a
/// hook, or when the socket does not block.
///
/// # Errors
/// `WSAEINTR`: cancelled; `WSAETIMEDOUT`: the socket's time for such calls is over; Wine's.
pub(super) fn before(s: SOCKET, socket: &Socket, awaited: Awaited) -> Result<(), Errno> {
    if socket.is_nonblocking() {
        return Ok(());
    }
    match hook(socket.entry) {
        Some(hook) => wait(s, awaited, hook, time_limit(s, awaited)),
        None => Ok(()),
    }
}

/// Waits with a hook.
///
/// # Errors
/// As [`before`].
pub(super) fn wait(
    s: SOCKET,
    awaited: Awaited,
    hook: BlockingHook,
    limit: Option<Duration>,
) -> Result<(), Errno> {
    let end = limit.and_then(|limit| Instant::now().checked_add(limit));
    let mut moment = Duration::ZERO;
    while !is_ready(s, awaited, moment)? {
        ask(hook)?;
        if end.is_some_and(|end| Instant::now() >= end) {
            return Err(Errno::TIMEDOUT);
        }
        moment = MOMENT;
    }
    Ok(())
}

/// Calls the hook once.
///
/// # Errors
/// `WSAEINTR`: cancelled.
pub(super) fn ask(hook: BlockingHook) -> Result<(), Errno> {
    let outer = IN_HOOK.replace(true);
    let goes_on = hook.wait();
    IN_HOOK.set(outer);
    if goes_on { Ok(()) } else { Err(Errno::INTR) }
}

/// `WSPCancelBlockingCall`. The client DLL remembers the cancellation and answers the hook with it.
///
/// # Errors
/// `WSAEINVAL`: the thread is in no call that a hook stands for.
pub(super) fn cancel() -> Result<i32, Errno> {
    if IN_HOOK.get() {
        Ok(0)
    } else {
        Err(Errno::INVAL)
    }
}

/// How long calls of the kind may wait on the socket; `None` for ever.
fn time_limit(s: SOCKET, awaited: Awaited) -> Option<Duration> {
    let option = match awaited {
        Awaited::Readable => SO_RCVTIMEO,
        Awaited::Writable => SO_SNDTIMEO,
        Awaited::Connected => return None,
    };
    let (mut value, mut length) = (0u32, 4);
    // SAFETY: room for the number, of which the length tells.
    let read = unsafe {
        let into = (&raw mut value).cast();
        system()
            .ok()?
            .option(s, SOL_SOCKET, option, into, &raw mut length)
    };
    (read.is_ok() && value != 0).then(|| Duration::from_millis(u64::from(value)))
}

fn is_ready(s: SOCKET, awaited: Awaited, moment: Duration) -> Result<bool, Errno> {
    let one = || {
        let mut set = FD_SET::EMPTY;
        set.fd_count = 1;
        set.fd_array[0] = s;
        set
    };
    let (mut main, mut failed) = (one(), one());
    let timeout = TIMEVAL {
        tv_sec: 0,
        tv_usec: moment.subsec_micros() as i32,
    };
    let (read, write) = match awaited {
        Awaited::Readable => (&raw mut main, ptr::null_mut()),
        Awaited::Writable | Awaited::Connected => (ptr::null_mut(), &raw mut main),
    };
    // A readable socket is not asked for urgent data, which would end the wait of a call that wants none.
    let except = match awaited {
        Awaited::Connected => &raw mut failed,
        Awaited::Readable | Awaited::Writable => ptr::null_mut(),
    };
    // SAFETY: live sets with as many sockets as they say, and a live time.
    let ready = unsafe { system()?.select(0, read, write, except, &raw const timeout) }?;
    Ok(ready > 0)
}

/// How long readiness is awaited before the hook has its turn again.
pub(super) const MOMENT: Duration = Duration::from_millis(10);
