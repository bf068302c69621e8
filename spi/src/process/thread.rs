//! The per-thread block of the client DLL: open type, blocking hook, and the identity handed to providers as `lpThreadId`.
//!
//! All of it is thread-local and needs no lock. The last error is the kernel's, because `GetLastError` is the same slot.
//! Read by `dispatch`, `upcalls` and `api`; the identity's handle is closed when the thread ends or by the last `WSACleanup`.

use super::state;
use std::cell::Cell;
use ws2spi_abi::{Errno, RawCallback, WSATHREADID};
use ws2spi_kernel::{handles, thread};

struct Block {
    open_type: Cell<i32>,
    hook: Cell<RawCallback>,
    blocking: Cell<Blocking>,
    /// The word of the run in which the identity was opened; 0 for none.
    opened_in: Cell<u32>,
    identity: Cell<WSATHREADID>,
}

/// Where the thread stands with the blocking hook of Winsock 1.1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blocking {
    /// No blocking call is in progress.
    No,
    /// The application's hook runs on behalf of the provider of this catalog entry.
    InHook {
        /// The entry whose provider is blocked.
        entry: u32,
    },
    /// As before, and `WSACancelBlockingCall` was called.
    Cancelled,
}

thread_local! {
    static BLOCK: Block = const {
        Block {
            open_type: Cell::new(0),
            hook: Cell::new(RawCallback::NULL),
            blocking: Cell::new(Blocking::No),
            opened_in: Cell::new(0),
            identity: Cell::new(NOBODY),
        }
    };
}

impl Drop for Block {
    fn drop(&mut self) {
        let handle = self.identity.get().ThreadHandle;
        if state::forget_thread(self.opened_in.get(), handle) {
            // The handle is ours and still open: nothing can fail that anybody could act on.
            let _ = handles::close(handle);
        }
    }
}

/// The value of `SO_OPENTYPE` on the calling thread; nonzero makes `socket` create synchronous sockets.
#[must_use]
pub fn open_type() -> i32 {
    BLOCK.try_with(|block| block.open_type.get()).unwrap_or(0)
}

/// Replaces the thread's open type and returns the former one.
pub fn set_open_type(open_type: i32) -> i32 {
    BLOCK
        .try_with(|block| block.open_type.replace(open_type))
        .unwrap_or(0)
}

/// The open type for the time of one call into a provider; the former one comes back when it is dropped.
#[derive(Debug)]
pub struct OpenTypeScope {
    former: i32,
}

impl OpenTypeScope {
    /// Sets the open type that handles created during the call take.
    #[must_use]
    pub fn enter(open_type: i32) -> Self {
        Self {
            former: set_open_type(open_type),
        }
    }
}

impl Drop for OpenTypeScope {
    fn drop(&mut self) {
        set_open_type(self.former);
    }
}

/// The application's blocking hook on the calling thread; NULL when the default is in force.
#[must_use]
pub fn blocking_hook() -> RawCallback {
    BLOCK
        .try_with(|block| block.hook.get())
        .unwrap_or(RawCallback::NULL)
}

/// Replaces the thread's blocking hook and returns the former one; NULL restores the default.
pub fn set_blocking_hook(hook: RawCallback) -> RawCallback {
    BLOCK
        .try_with(|block| block.hook.replace(hook))
        .unwrap_or(RawCallback::NULL)
}

/// Where the calling thread stands with its blocking hook.
#[must_use]
pub fn blocking() -> Blocking {
    BLOCK
        .try_with(|block| block.blocking.get())
        .unwrap_or(Blocking::No)
}

/// Replaces [`blocking`] and returns the former value.
pub fn set_blocking(blocking: Blocking) -> Blocking {
    BLOCK
        .try_with(|block| block.blocking.replace(blocking))
        .unwrap_or(Blocking::No)
}

/// The calling thread's identity as providers receive it in `lpThreadId` (U196).
///
/// Opened on the thread's first call and kept. Zero when the thread is ending or no handle could be opened: providers then
/// open an identity themselves.
#[inline]
#[must_use]
pub fn identity() -> WSATHREADID {
    let word = state::word();
    BLOCK
        .try_with(|block| match block.opened_in.get() {
            opened if opened == word && word != 0 => block.identity.get(),
            opened => renew(block, opened, word).unwrap_or(NOBODY),
        })
        .unwrap_or(NOBODY)
}

#[cold]
fn renew(block: &Block, opened: u32, word: u32) -> Result<WSATHREADID, Errno> {
    // Only the legacy bit may have changed.
    if opened == 0 || state::epoch(opened) != state::epoch(word) {
        let handle = thread::open_identity()?.raw();
        if !state::remember_thread(handle) {
            let _ = handles::close(handle);
            return Err(Errno::NOTINITIALISED);
        }
        block.identity.set(WSATHREADID {
            ThreadHandle: handle,
            Reserved: 0,
        });
    }
    block.opened_in.set(word);
    Ok(block.identity.get())
}

/// The identity of no thread.
const NOBODY: WSATHREADID = WSATHREADID {
    ThreadHandle: 0,
    Reserved: 0,
};
