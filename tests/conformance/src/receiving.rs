//! `WSARecv` and `WSARecvFrom` with everything that they write: codes, counts, flags, lengths.

use crate::socket;
use crate::{Socket, winsock};
use std::ptr;
use ws2spi_abi::{Errno, RawCallback, WSABUF};

/// What stands in the count before a call, to see whether it was written.
pub const UNTOUCHED: u32 = 0xdead_beef;

/// What a receive left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Success or the last error.
    pub result: Result<(), Errno>,
    /// The count; [`UNTOUCHED`] when it was not written.
    pub count: u32,
    /// The flags.
    pub flags: u32,
}

/// `WSARecv` into some buffers, without an OVERLAPPED.
pub fn receive(s: &Socket, buffers: &mut [&mut [u8]], flags: u32) -> Outcome {
    receive_raw(s, &descriptors(buffers), flags)
}

/// `WSARecv` with these descriptors.
fn receive_raw(s: &Socket, buffers: &[WSABUF], flags: u32) -> Outcome {
    let (mut count, mut flags) = (UNTOUCHED, flags);
    // SAFETY: descriptors, count and flags live for the call, and the caller's buffers too.
    let result = unsafe {
        winsock::WSARecv(
            s.raw(),
            buffers.as_ptr(),
            buffers.len() as u32,
            &raw mut count,
            &raw mut flags,
            ptr::null_mut(),
            RawCallback::NULL,
        )
    };
    Outcome {
        result: socket::checked(result).map(drop),
        count,
        flags,
    }
}

/// `WSARecvFrom` into some buffers; the address goes to `from`, whose length comes back.
pub fn receive_from(
    s: &Socket,
    buffers: &mut [&mut [u8]],
    flags: u32,
    from: &mut [u8],
) -> (Outcome, i32) {
    let buffers = descriptors(buffers);
    let (mut count, mut flags) = (UNTOUCHED, flags);
    let mut from_len = from.len() as i32;
    // SAFETY: descriptors, address, count and flags live for the call, and the caller's buffers too.
    let result = unsafe {
        winsock::WSARecvFrom(
            s.raw(),
            buffers.as_ptr(),
            buffers.len() as u32,
            &raw mut count,
            &raw mut flags,
            from.as_mut_ptr().cast(),
            &raw mut from_len,
            ptr::null_mut(),
            RawCallback::NULL,
        )
    };
    let outcome = Outcome {
        result: socket::checked(result).map(drop),
        count,
        flags,
    };
    (outcome, from_len)
}

/// `recv` with any length; `None` is NULL.
///
/// # Errors
/// The last error.
///
/// # Panics
/// When the length is more than the buffer has.
pub fn receive_length(s: &Socket, buffer: Option<&mut [u8]>, len: i32) -> Result<usize, Errno> {
    let room = buffer.as_ref().map_or(0, |buffer| buffer.len() as i32);
    assert!(len <= room, "the function would write behind the buffer");
    let place = buffer.map_or(ptr::null_mut(), <[u8]>::as_mut_ptr);
    // SAFETY: null and nothing, or a live buffer with at least as many bytes; less than none has to be refused.
    socket::checked(unsafe { winsock::recv(s.raw(), place, len, 0) }).map(|got| got as usize)
}

/// The descriptors of some buffers.
pub fn descriptors(buffers: &mut [&mut [u8]]) -> Vec<WSABUF> {
    let describe = |buffer: &mut &mut [u8]| WSABUF {
        len: buffer.len() as u32,
        buf: buffer.as_mut_ptr(),
    };
    buffers.iter_mut().map(describe).collect()
}
