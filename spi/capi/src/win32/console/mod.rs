//! The console of a program: its three streams, what a user's keys tell it ([`control`]), and the keys themselves ([`keyboard`]).
//!
//! There is no console host. The streams are the descriptors that the process was given, whatever they lead to; text goes out in UTF-8.

pub mod control;
pub mod keyboard;

use super::{or, truth};
use crate::table::exports;
use core::ffi::c_void;
use parking_lot::Mutex;
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use ws2spi_abi::{BOOL, Errno, FALSE, HANDLE, INVALID_HANDLE_VALUE};
use ws2spi_kernel::file::StreamFile;
use ws2spi_kernel::handles::{self, Object};

/// `STD_INPUT_HANDLE`, `STD_OUTPUT_HANDLE` and `STD_ERROR_HANDLE` are -10, -11 and -12.
const FIRST: u32 = 10;

/// The handles of the streams, as far as somebody has asked for them or set them.
static STREAMS: Mutex<[Option<HANDLE>; 3]> = Mutex::new([None; 3]);

/// # Errors
/// `ERROR_INVALID_HANDLE` for another number.
fn place(which: u32) -> Result<usize, Errno> {
    let place = which.wrapping_neg().wrapping_sub(FIRST) as usize;
    (place < 3).then_some(place).ok_or(Errno::INVALID_HANDLE)
}

fn find(which: u32) -> Result<HANDLE, Errno> {
    let place = place(which)?;
    let mut streams = STREAMS.lock();
    if let Some(handle) = streams[place] {
        return Ok(handle);
    }
    let descriptor = match place {
        0 => io::stdin().as_fd().try_clone_to_owned(),
        1 => io::stdout().as_fd().try_clone_to_owned(),
        _ => io::stderr().as_fd().try_clone_to_owned(),
    };
    // A stream that is closed is none.
    let Ok(descriptor) = descriptor else {
        return Ok(0);
    };
    let handle = handles::insert(Arc::new(StreamFile::new(descriptor)))?.raw();
    streams[place] = Some(handle);
    Ok(handle)
}

/// The handle of a stream of the process: the same at each call, for `ReadFile`, `WriteFile` and `WriteConsole`; 0 when the process was
/// started without it. `INVALID_HANDLE_VALUE` with `ERROR_INVALID_HANDLE` for another number. Any thread.
/// Microsoft: "GetStdHandle function".
#[doc(alias = "GetStdHandle")]
#[must_use]
pub fn stream(which: u32) -> HANDLE {
    or(INVALID_HANDLE_VALUE, find(which))
}

/// Makes another handle, or none, that of a stream; what the C library prints goes where it went. `ERROR_INVALID_HANDLE` for another
/// number. Any thread. Microsoft: "SetStdHandle function".
#[doc(alias = "SetStdHandle")]
pub fn set_stream(which: u32, handle: HANDLE) -> BOOL {
    truth(place(which).map(|place| STREAMS.lock()[place] = Some(handle)))
}

fn written(handle: HANDLE, bytes: &[u8]) -> Result<(), Errno> {
    let object = handles::pin(handle).and_then(|pinned| pinned.object().cloned());
    let stream: Option<Arc<StreamFile>> = object.and_then(<dyn Object>::downcast);
    stream.ok_or(Errno::INVALID_HANDLE)?.write_all(bytes)
}

/// Writes text to a stream of the process and stores how many characters there were. Blocks while nobody takes it. Any thread.
/// `ERROR_INVALID_HANDLE`: no stream's, or closed. Microsoft: "WriteConsoleA function".
///
/// DIFFERS: Windows refuses a stream that leads to a file or a pipe. Programs show their results in this way, and here they are mostly
/// read by other programs.
///
/// # Safety
/// `text` is null or has `count` bytes, `done` is null or writable.
#[doc(alias = "WriteConsoleA")]
pub unsafe fn write_a(
    handle: HANDLE,
    text: *const u8,
    count: u32,
    done: *mut u32,
    _reserved: *mut c_void,
) -> BOOL {
    if text.is_null() && count > 0 {
        return truth(Err(Errno::INVALID_PARAMETER));
    }
    let bytes = if count == 0 {
        &[]
    } else {
        // SAFETY: the caller's contract; not null.
        unsafe { std::slice::from_raw_parts(text, count as usize) }
    };
    // SAFETY: the caller's contract.
    truth(written(handle, bytes).map(|()| unsafe { store(done, count) }))
}

/// [`write_a`] in 16-bit units. Microsoft: "WriteConsoleW function".
///
/// # Safety
/// `text` is null or has `count` units, `done` is null or writable.
#[doc(alias = "WriteConsoleW")]
pub unsafe fn write_w(
    handle: HANDLE,
    text: *const u16,
    count: u32,
    done: *mut u32,
    _reserved: *mut c_void,
) -> BOOL {
    if text.is_null() && count > 0 {
        return truth(Err(Errno::INVALID_PARAMETER));
    }
    // SAFETY: the caller's contract; not null where a unit is read.
    let units = (0..count as usize).map(|at| unsafe { text.wrapping_add(at).read_unaligned() });
    let text = String::from_utf16_lossy(&units.collect::<Vec<u16>>());
    // SAFETY: the caller's contract.
    truth(written(handle, text.as_bytes()).map(|()| unsafe { store(done, count) }))
}

/// # Safety
/// `target` is null or writable.
unsafe fn store(target: *mut u32, value: u32) {
    if !target.is_null() {
        // SAFETY: the caller's contract; not null.
        unsafe { target.write_unaligned(value) };
    }
}

exports! {
    "GetStdHandle" get_std_handle(which: u32) -> HANDLE = INVALID_HANDLE_VALUE => stream;
    "SetStdHandle" set_std_handle(which: u32, handle: HANDLE) -> BOOL = FALSE => set_stream;
    "WriteConsoleA" write_console_a(handle: HANDLE, text: *const u8, count: u32, done: *mut u32, reserved: *mut c_void) -> BOOL = FALSE => write_a;
    "WriteConsoleW" write_console_w(handle: HANDLE, text: *const u16, count: u32, done: *mut u32, reserved: *mut c_void) -> BOOL = FALSE => write_w;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::win32::{file, last_error};
    use std::io::Read;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;
    use std::ptr::null_mut;
    use ws2spi_abi::OVERLAPPED;

    /// A stream as `GetStdHandle` gives it, and its other end.
    fn pair() -> (HANDLE, UnixStream) {
        let (ours, other) = UnixStream::pair().expect("two sockets");
        let stream = StreamFile::new(OwnedFd::from(ours));
        let handle = handles::insert(Arc::new(stream)).expect("a handle").raw();
        (handle, other)
    }

    // "GetStdHandle function": three numbers, and one handle for each.
    #[test]
    fn a_stream_has_one_handle() {
        let output = stream(FIRST.wrapping_neg().wrapping_sub(1));
        assert_ne!(output, INVALID_HANDLE_VALUE);
        assert_eq!(stream(FIRST.wrapping_neg().wrapping_sub(1)), output);
        assert_eq!(stream(0), INVALID_HANDLE_VALUE);
        assert_eq!(last_error::get(), Errno::INVALID_HANDLE.code() as u32);
        let (error, _other) = pair();
        let number = FIRST.wrapping_neg().wrapping_sub(2);
        assert_eq!(set_stream(number, error), 1);
        assert_eq!(stream(number), error);
        assert_eq!(set_stream(7, error), FALSE);
    }

    // "WriteConsole function": characters, not bytes, are counted.
    #[test]
    fn text_goes_out_in_utf_8() {
        let (handle, mut other) = pair();
        let mut count = 0;
        let text: Vec<u16> = "\u{20ac}1".encode_utf16().collect();
        // SAFETY: live locals of these lengths, here and below.
        let wrote = unsafe { write_w(handle, text.as_ptr(), 2, &raw mut count, null_mut()) };
        assert_eq!((wrote, count), (1, 2));
        // SAFETY: as above.
        let wrote = unsafe { write_a(handle, b"ab".as_ptr(), 2, &raw mut count, null_mut()) };
        assert_eq!((wrote, count), (1, 2));
        let mut got = [0; 6];
        other.read_exact(&mut got).expect("the text");
        assert_eq!(&got, "\u{20ac}1ab".as_bytes());
        // SAFETY: no text.
        let wrote = unsafe { write_a(0, null_mut(), 0, null_mut(), null_mut()) };
        assert_eq!(wrote, FALSE);
        assert_eq!(last_error::get(), Errno::INVALID_HANDLE.code() as u32);
    }

    // "ReadFile function" and "WriteFile function" on such a handle: a read ends with what is there.
    #[test]
    fn a_stream_is_read_and_written_as_a_file() {
        let (handle, mut other) = pair();
        let (mut room, mut count) = ([0_u8; 8], 0);
        let none: *mut OVERLAPPED = null_mut();
        // SAFETY: live locals of these lengths, here and below.
        let wrote = unsafe { file::write(handle, b"out".as_ptr(), 3, &raw mut count, none) };
        assert_eq!((wrote, count), (1, 3));
        let mut got = [0; 3];
        other.read_exact(&mut got).expect("the bytes");
        assert_eq!(&got, b"out");
        std::io::Write::write_all(&mut other, b"in").expect("room");
        let target = room.as_mut_ptr();
        // SAFETY: as above.
        let read = unsafe { file::read(handle, target, 8, &raw mut count, none) };
        assert_eq!((read, count, &room[..2]), (1, 2, &b"in"[..]));
        drop(other);
        // SAFETY: as above.
        let read = unsafe { file::read(handle, target, 8, &raw mut count, none) };
        assert_eq!((read, count), (1, 0), "the end");
    }
}
