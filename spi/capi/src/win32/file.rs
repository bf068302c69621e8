//! Reading and writing through handles, and the end of overlapped operations.
//!
//! A handle that `WPUCreateSocketHandle` minted has no file of its own: its reads and writes go to the owning provider's `WSPRecv` and
//! `WSPSend`, as ws2ifsl routes them on Windows. Other handles are kernel objects and read and write themselves.
//!
//! Errors are Win32 codes, as for any file: the code that the status of a Winsock error has there (`ERROR_MORE_DATA` for
//! `WSAEMSGSIZE`, `ERROR_NETNAME_DELETED` for `WSAECONNRESET`).

use super::truth;
use crate::table::exports;
use std::ptr::null_mut;
use ws2spi::{api, process};
use ws2spi_abi::args::{Buffers, BuffersMut, InOut, Out, Overlapped, OverlappedArgs};
use ws2spi_abi::ffi::Convention;
use ws2spi_abi::provider::{Receive, Transfer, Transmit};
use ws2spi_abi::*;
use ws2spi_kernel::file::{self, CancelScope, Wait};
use ws2spi_kernel::{handles, thread};

/// Whose business the reads and writes of a handle are.
enum Route {
    /// The owning provider's.
    Provider,
    /// The object's own.
    Object(std::sync::Arc<dyn handles::Object>),
}

/// # Errors
/// `ERROR_INVALID_HANDLE`: stale, or not a file's.
fn route(handle: HANDLE) -> Result<Route, Errno> {
    let pinned = handles::pin(handle).ok_or(Errno::INVALID_HANDLE)?;
    if pinned.is_minted() {
        return Ok(Route::Provider);
    }
    let object = pinned.object().filter(|object| object.as_file().is_some());
    object
        .cloned()
        .map(Route::Object)
        .ok_or(Errno::INVALID_HANDLE)
}

/// The Win32 code for a Winsock error; what is pending stays pending.
fn as_win32(error: Errno) -> Errno {
    if error == Errno::IO_PENDING {
        return error;
    }
    NtStatus::from_winsock(error).win32().unwrap_or(error)
}

/// Reads from a file: TRUE and `*read`, or FALSE and the error; `ERROR_IO_PENDING` when the operation goes on. The end of a stream is a
/// success with 0 bytes.
///
/// `ERROR_INVALID_HANDLE` (stale, or not a file's), `ERROR_NOACCESS` (no buffer; neither a count nor an OVERLAPPED), and the file's own.
/// Blocks without an OVERLAPPED unless the socket is non-blocking. Any thread. Microsoft: "ReadFile function".
///
/// # Safety
/// `buffer` points to `len` writable bytes, `read` is null or writable, `overlapped` is null or stays valid until the operation is over.
#[doc(alias = "ReadFile")]
pub unsafe fn read(
    handle: HANDLE,
    buffer: *mut u8,
    len: u32,
    read: *mut u32,
    overlapped: *mut OVERLAPPED,
) -> BOOL {
    let mut part = WSABUF { len, buf: buffer };
    let mut flags = 0;
    truth(
        checked_route(handle, &part, read, overlapped).and_then(|route| {
            // DIFFERS: Windows demands an OVERLAPPED for sockets made with WSA_FLAG_OVERLAPPED. Here the call is a synchronous one then.
            match route {
                Route::Provider => {
                    let (parts, flags) = (&raw const part, &raw mut flags);
                    // SAFETY: the caller's contract; buffer array and flags are live locals, which a provider copies before it returns.
                    let result = unsafe {
                        api::wsa_recv(handle, parts, 1, read, flags, overlapped, RawCallback::NULL)
                    };
                    answered(result)
                }
                Route::Object(object) => {
                    let file = object.as_file().ok_or(Errno::INVALID_HANDLE)?;
                    // SAFETY: the caller's contract; buffer array and flags are live locals.
                    let call = unsafe { receive(&raw mut part, &raw mut flags, read, overlapped) };
                    // SAFETY: the caller's contract.
                    unsafe { stored(file.read(call), read) }
                }
            }
        }),
    )
}

/// Writes to a file: TRUE and `*written`, or FALSE and the error; `ERROR_IO_PENDING` when the operation goes on. Errors and blocking as
/// [`read`]. Microsoft: "WriteFile function".
///
/// # Safety
/// `buffer` points to `len` readable bytes, `written` is null or writable, `overlapped` is null or stays valid until the operation is
/// over.
#[doc(alias = "WriteFile")]
pub unsafe fn write(
    handle: HANDLE,
    buffer: *const u8,
    len: u32,
    written: *mut u32,
    overlapped: *mut OVERLAPPED,
) -> BOOL {
    let part = WSABUF {
        len,
        buf: buffer.cast_mut(),
    };
    truth(
        checked_route(handle, &part, written, overlapped).and_then(|route| match route {
            Route::Provider => {
                let parts = &raw const part;
                // SAFETY: the caller's contract; the buffer array is a live local, which a provider copies before it returns.
                let result = unsafe {
                    api::wsa_send(handle, parts, 1, written, 0, overlapped, RawCallback::NULL)
                };
                answered(result)
            }
            Route::Object(object) => {
                let file = object.as_file().ok_or(Errno::INVALID_HANDLE)?;
                // SAFETY: the caller's contract; the buffer array is a live local.
                let call = unsafe { transmit(&raw const part, written, overlapped) };
                // SAFETY: the caller's contract.
                unsafe { stored(file.write(call), written) }
            }
        }),
    )
}

/// # Errors
/// As [`route`], then `ERROR_NOACCESS`.
fn checked_route(
    handle: HANDLE,
    part: &WSABUF,
    count: *mut u32,
    overlapped: *mut OVERLAPPED,
) -> Result<Route, Errno> {
    let route = route(handle)?;
    if (part.buf.is_null() && part.len > 0) || (count.is_null() && overlapped.is_null()) {
        return Err(Errno::NOACCESS);
    }
    Ok(route)
}

/// What a Winsock function answered, as a file function says it.
fn answered(result: i32) -> Result<(), Errno> {
    if result == 0 {
        return Ok(());
    }
    let error = Errno::new(process::last_error()).unwrap_or(Errno::SYSCALLFAILURE);
    Err(as_win32(error))
}

/// # Safety
/// `part` is one buffer, `flags` a number, both for `'a`; `read` is null or writable; `overlapped` is null or an OVERLAPPED block that
/// stays valid until its operation is over.
unsafe fn receive<'a>(
    part: *mut WSABUF,
    flags: *mut u32,
    read: *mut u32,
    overlapped: *mut OVERLAPPED,
) -> Receive<'a> {
    Receive {
        // SAFETY: the caller's contract.
        buffers: unsafe { BuffersMut::new(part, 1) },
        // SAFETY: as above.
        count: unsafe { Out::new(read) },
        // SAFETY: as above.
        flags: unsafe { InOut::new(flags) },
        // SAFETY: as above; no routine and no thread.
        overlapped: unsafe { request(overlapped) },
    }
}

/// # Safety
/// As [`receive`].
unsafe fn transmit<'a>(
    part: *const WSABUF,
    written: *mut u32,
    overlapped: *mut OVERLAPPED,
) -> Transmit<'a> {
    Transmit {
        // SAFETY: the caller's contract.
        buffers: unsafe { Buffers::new(part, 1) },
        // SAFETY: as above.
        count: unsafe { Out::new(written) },
        flags: 0,
        // SAFETY: as above.
        overlapped: unsafe { request(overlapped) },
    }
}

/// # Safety
/// `overlapped` is null or an OVERLAPPED block that stays valid until its operation is over.
unsafe fn request<'a>(overlapped: *mut OVERLAPPED) -> OverlappedArgs<'a> {
    // SAFETY: the caller's contract; neither routine nor thread.
    unsafe {
        OverlappedArgs::new(
            Convention::Native,
            overlapped,
            RawCallback::NULL,
            null_mut(),
        )
    }
}

/// Stores what a file has moved.
///
/// # Safety
/// `count` is null or writable.
unsafe fn stored(moved: Result<Transfer, Errno>, count: *mut u32) -> Result<(), Errno> {
    // SAFETY: the caller's contract.
    let count = unsafe { Out::new(count) };
    match moved.map_err(as_win32)? {
        Transfer::Done { bytes, .. } => {
            if !count.is_null() {
                count.set(bytes)?;
            }
            Ok(())
        }
        Transfer::Truncated { bytes, .. } => {
            if !count.is_null() {
                count.set(bytes)?;
            }
            Err(Errno::MORE_DATA)
        }
        Transfer::Pending => Err(Errno::IO_PENDING),
    }
}

/// The result of an overlapped operation: TRUE and `*bytes`, or FALSE with the operation's Win32 error and `*bytes`.
///
/// `ERROR_IO_INCOMPLETE` while it is pending (with `wait`: when somebody else set its event), `ERROR_INVALID_HANDLE` when there is
/// something to wait for and it is stale, `ERROR_NOACCESS` for NULL. Waits, not alertably, if asked to. Any thread.
/// Microsoft: "GetOverlappedResult function".
///
/// # Safety
/// `overlapped` is null or an operation's block, `bytes` is null or writable.
#[doc(alias = "GetOverlappedResult")]
pub unsafe fn result(
    handle: HANDLE,
    overlapped: *mut OVERLAPPED,
    bytes: *mut u32,
    wait: BOOL,
) -> BOOL {
    // SAFETY: the caller's contract.
    let block = unsafe { Overlapped::new(overlapped) };
    let Some(block) = block.filter(|_| !bytes.is_null()) else {
        return truth(Err(Errno::NOACCESS));
    };
    let wait = if wait == FALSE {
        Wait::No
    } else {
        Wait::UntilDone
    };
    truth(
        file::overlapped_result(handle, &block, wait).and_then(|(status, moved)| {
            let moved = u32::try_from(moved).unwrap_or(u32::MAX);
            // SAFETY: not null, so writable by the caller's contract.
            unsafe { bytes.write_unaligned(moved) };
            status.win32().map_or(Ok(()), Err)
        }),
    )
}

/// Cancels the calling thread's pending operations on a file: TRUE even when there are none (P228). `ERROR_INVALID_HANDLE`. Does not
/// wait for their ends. Microsoft: "CancelIo function".
#[doc(alias = "CancelIo")]
pub fn cancel(handle: HANDLE) -> BOOL {
    let mine = CancelScope::Thread(thread::current().id());
    truth(file::cancel(handle, mine, None).map(|_| ()))
}

/// Cancels a pending operation of a file, all of them for NULL, whoever began them. `ERROR_NOT_FOUND` when there is none (P228),
/// `ERROR_INVALID_HANDLE`. Does not wait for their ends. Any thread. Microsoft: "CancelIoEx function".
#[doc(alias = "CancelIoEx")]
pub fn cancel_one(handle: HANDLE, overlapped: *mut OVERLAPPED) -> BOOL {
    let block = Some(overlapped.addr()).filter(|address| *address != 0);
    let cancelled = file::cancel(handle, CancelScope::Everybody, block);
    truth(cancelled.and_then(|count| match count {
        0 => Err(Errno::NOT_FOUND),
        _ => Ok(()),
    }))
}

exports! {
    "ReadFile" read_file(
        handle: HANDLE, buffer: *mut u8, len: u32, count: *mut u32, overlapped: *mut OVERLAPPED
    ) -> BOOL = FALSE => read;
    "WriteFile" write_file(
        handle: HANDLE, buffer: *const u8, len: u32, written: *mut u32, overlapped: *mut OVERLAPPED
    ) -> BOOL = FALSE => write;
    "GetOverlappedResult" get_overlapped_result(
        handle: HANDLE, overlapped: *mut OVERLAPPED, bytes: *mut u32, wait: BOOL
    ) -> BOOL = FALSE => result;
    "CancelIo" cancel_io(handle: HANDLE) -> BOOL = FALSE => cancel;
    "CancelIoEx" cancel_io_ex(handle: HANDLE, overlapped: *mut OVERLAPPED) -> BOOL = FALSE => cancel_one;
}
