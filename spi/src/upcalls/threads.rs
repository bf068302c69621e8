//! The thread upcalls: identities of threads, and user APCs queued to them.

use crate::process;
use ws2spi_abi::args::Callback;
use ws2spi_abi::ffi::Convention;
use ws2spi_abi::{Errno, RawCallback, WSATHREADID};
use ws2spi_kernel::thread::{self, Apc};

/// Stores an identity of the calling thread.
///
/// # Errors
/// `WSANOTINITIALISED` (U75); `WSAEFAULT` for NULL; `WSAENOBUFS`.
///
/// # Safety
/// `id` is null or writable.
pub unsafe fn open_current(id: *mut WSATHREADID) -> Result<(), Errno> {
    process::require_started()?;
    if id.is_null() {
        return Err(Errno::FAULT);
    }
    let handle = thread::open_current()?;
    // SAFETY: not null, so writable by the caller's contract.
    unsafe {
        id.write_unaligned(WSATHREADID {
            ThreadHandle: handle.raw(),
            Reserved: 0,
        })
    };
    Ok(())
}

/// Closes an identity, on any thread (U76), and zeroes it (U74). APCs that are queued stay queued.
///
/// # Errors
/// `WSANOTINITIALISED`; `WSAEFAULT` for NULL or what is no thread.
///
/// # Safety
/// `id` is null or points to an identity that may be written.
pub unsafe fn close(id: *mut WSATHREADID) -> Result<(), Errno> {
    process::require_started()?;
    // SAFETY: the caller's contract.
    let handle = unsafe { handle_of(id) }?;
    thread::close(handle).map_err(|_| Errno::FAULT)?;
    // SAFETY: not null, else there was no handle in it.
    unsafe {
        id.write_unaligned(WSATHREADID {
            ThreadHandle: 0,
            Reserved: 0,
        })
    };
    Ok(())
}

/// Queues a routine to a thread: it runs there in the next alertable wait, in the order of queueing (U78, U79, U80). The identity
/// is not needed after the call (U82). A routine that has not begun when the last clean-up ends its provider never runs (U112): its code
/// may be gone. One that runs then keeps its provider's module loaded.
///
/// # Errors
/// `WSANOTINITIALISED`; `WSAEFAULT`: no routine, or not a live thread (U81).
///
/// # Safety
/// `id` is null or points to an identity; `routine` is NULL or a user APC routine of the convention `from` that stays loaded.
pub unsafe fn queue_apc(
    from: Convention,
    id: *mut WSATHREADID,
    routine: RawCallback,
    context: usize,
) -> Result<(), Errno> {
    let queued_in = process::run_number().ok_or(Errno::NOTINITIALISED)?;
    // SAFETY: the caller's contract.
    let routine = unsafe { Callback::new(from, routine) }.ok_or(Errno::FAULT)?;
    // SAFETY: as above.
    let handle = unsafe { handle_of(id) }?;
    let thread = thread::from_handle(handle).ok_or(Errno::FAULT)?;
    thread.queue_apc(Apc::new(move || {
        // The share keeps the routine's module loaded while it runs.
        if let Ok(_share) = process::run()
            && process::run_number() == Some(queued_in)
        {
            // SAFETY: the caller's contract: a user APC routine, loaded as long as the run lasts.
            unsafe { routine.user_apc(context) };
        }
    }))
}

/// # Safety
/// `id` is null or readable.
unsafe fn handle_of(id: *mut WSATHREADID) -> Result<usize, Errno> {
    if id.is_null() {
        return Err(Errno::FAULT);
    }
    // SAFETY: not null, so readable by the caller's contract.
    Ok(unsafe { id.read_unaligned() }.ThreadHandle)
}
