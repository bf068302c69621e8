//! The buffers of the data calls: what is looked at before Wine sees them, and what Wine does not tell.

use ws2spi_abi::*;

/// Whether an array of buffers is there.
fn check_buffers(buffers: *const WSABUF, count: u32) -> Result<(), Errno> {
    if buffers.is_null() && count != 0 {
        Err(Errno::FAULT)
    } else {
        Ok(())
    }
}

/// How many bytes the buffers hold.
///
/// # Safety
/// `buffers` points to `count` buffers.
pub(super) unsafe fn capacity(buffers: *const WSABUF, count: u32) -> u32 {
    let lengths = (0..count as usize).map(|index| {
        let buffer = buffers.wrapping_add(index);
        // SAFETY: the caller's contract.
        unsafe { buffer.read_unaligned() }.len
    });
    lengths.fold(0, u32::saturating_add)
}

/// Tells that a datagram was longer than the buffers: the count, and the flag.
///
/// # Safety
/// The pointers are those of a receiving call.
pub(super) unsafe fn tell_truncation(bytes: u32, got: *mut u32, flags: *mut u32) {
    if !got.is_null() {
        // SAFETY: the caller's contract.
        unsafe { got.write_unaligned(bytes) };
    }
    // SAFETY: as above; NULL has been refused.
    let before = unsafe { flags.read_unaligned() };
    // SAFETY: as above.
    unsafe { flags.write_unaligned(before | MSG_PARTIAL) };
}

/// What is left of the buffers after so many bytes; `None` when that is all of them.
///
/// # Safety
/// `buffers` points to `count` buffers.
pub(super) unsafe fn after(
    buffers: *const WSABUF,
    count: u32,
    mut bytes: u32,
) -> Option<Vec<WSABUF>> {
    if bytes == 0 {
        return None;
    }
    let mut rest = Vec::new();
    for index in 0..count as usize {
        let buffer = buffers.wrapping_add(index);
        // SAFETY: the caller's contract.
        let buffer = unsafe { buffer.read_unaligned() };
        let gone = buffer.len.min(bytes);
        bytes -= gone;
        if gone < buffer.len {
            rest.push(WSABUF {
                len: buffer.len - gone,
                buf: buffer.buf.wrapping_add(gone as usize),
            });
        }
    }
    Some(rest)
}

/// The checks of the receiving calls.
pub(super) fn check_receive(
    buffers: *const WSABUF,
    count: u32,
    got: *mut u32,
    flags: *mut u32,
    overlapped: *mut OVERLAPPED,
) -> Result<(), Errno> {
    if count == 0 {
        return Err(Errno::INVAL);
    }
    check_buffers(buffers, count)?;
    if flags.is_null() || (got.is_null() && overlapped.is_null()) {
        return Err(Errno::FAULT);
    }
    Ok(())
}

/// The checks of the sending calls.
pub(super) fn check_send(
    buffers: *const WSABUF,
    count: u32,
    sent: *mut u32,
    overlapped: *mut OVERLAPPED,
) -> Result<(), Errno> {
    check_buffers(buffers, count)?;
    if sent.is_null() && overlapped.is_null() {
        return Err(Errno::FAULT);
    }
    Ok(())
}
