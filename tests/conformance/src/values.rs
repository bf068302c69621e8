//! `getsockopt` and `setsockopt` with any length.

use crate::socket;
use crate::{Socket, winsock};
use std::ptr::null_mut;
use ws2spi_abi::Errno;

/// What stands in the buffer before a `getsockopt`, to see which bytes were written.
pub const UNTOUCHED: u8 = 0xaa;

/// What a `getsockopt` left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Got {
    /// Success or the last error.
    pub result: Result<(), Errno>,
    /// The length afterwards.
    pub len: i32,
    /// As much of the buffer as the length said before; [`UNTOUCHED`] where nothing was written.
    pub bytes: Vec<u8>,
    /// Where the buffer was, for values that point into it.
    pub start: usize,
}

/// `getsockopt` with this length, which may be a lie: there is room for 1,024 bytes.
pub fn get(s: &Socket, level: i32, name: i32, len: i32) -> Got {
    let mut room = [UNTOUCHED; 1024];
    let mut after = len;
    // SAFETY: the buffer has more bytes than any option here.
    let result =
        unsafe { winsock::getsockopt(s.raw(), level, name, room.as_mut_ptr(), &raw mut after) };
    Got {
        result: socket::checked(result).map(drop),
        len: after,
        bytes: room[..usize::try_from(len).unwrap_or(0).min(room.len())].to_vec(),
        start: room.as_ptr().addr(),
    }
}

/// `getsockopt` with NULL for the value, and this length.
///
/// # Errors
/// The last error.
pub fn get_nowhere(s: &Socket, level: i32, name: i32, len: i32) -> (Result<(), Errno>, i32) {
    let mut after = len;
    // SAFETY: no value pointer; the length is a live local.
    let result = unsafe { winsock::getsockopt(s.raw(), level, name, null_mut(), &raw mut after) };
    (socket::checked(result).map(drop), after)
}

/// `getsockopt` with NULL for the length.
///
/// # Errors
/// The last error.
pub fn get_without_length(s: &Socket, level: i32, name: i32) -> Result<(), Errno> {
    let mut room = [0; 1024];
    // SAFETY: the value is a live local.
    let result =
        unsafe { winsock::getsockopt(s.raw(), level, name, room.as_mut_ptr(), null_mut()) };
    socket::checked(result).map(drop)
}

/// `setsockopt` of the first `len` bytes of `value`, which has at least four.
///
/// # Errors
/// The last error.
pub fn set(s: &Socket, level: i32, name: i32, value: [u8; 4], len: i32) -> Result<(), Errno> {
    let mut room = [0; 1024];
    room[..4].copy_from_slice(&value);
    // SAFETY: the value is a live local with more bytes than any option here.
    let result = unsafe { winsock::setsockopt(s.raw(), level, name, room.as_ptr(), len) };
    socket::checked(result).map(drop)
}

/// `setsockopt` with a number in the place of the value's pointer.
///
/// # Errors
/// The last error.
pub fn set_at(s: &Socket, level: i32, name: i32, address: usize, len: i32) -> Result<(), Errno> {
    let value = std::ptr::without_provenance(address);
    // SAFETY: deliberately no pointer: the function has to say so, not to follow it.
    let result = unsafe { winsock::setsockopt(s.raw(), level, name, value, len) };
    socket::checked(result).map(drop)
}
