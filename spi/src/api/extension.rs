//! Extension functions that the client DLL itself needs, and the level of a chain at which they are served.
//!
//! A layer decides the level: it answers `SIO_BSP_HANDLE` and its kin with its own socket or with the one below (client-dll.md 5.9).
//! The function then belongs to the provider of the socket that was answered.

use super::option::ioctl;
use super::transfer::Request;
use crate::dispatch::{self, Target};
use std::ptr::null;
use ws2spi_abi::*;

/// Runs `f` on the socket that serves `level` for `s`, with the address of the provider's extension function `id`.
///
/// # Errors
/// Those of dispatch; the provider's own when it does not know the function.
pub fn with_function<R>(
    s: SOCKET,
    level: u32,
    id: GUID,
    f: impl FnOnce(SOCKET, RawCallback) -> Result<R, Errno>,
) -> Result<R, Errno> {
    dispatch::with_target(s, |target| {
        let served = level_of(target, level);
        if served == s {
            return f(s, function(target, id)?);
        }
        dispatch::with_target(served, |target| f(served, function(target, id)?))
    })
}

/// The socket at the level that serves an ioctl of the `SIO_BSP_HANDLE` family; the socket itself when its provider knows none.
///
/// So it is when the answer belongs to the same provider: below a layer with handles of its own, an IFS layer registers the system's
/// handle with the entry of their common chain, which is the upper layer's; that one does not know the handle.
pub fn level_of(target: &Target<'_>, level: u32) -> SOCKET {
    let mut served: SOCKET = INVALID_SOCKET;
    let mut returned = 0;
    let (out, size) = ((&raw mut served).cast(), size_of::<SOCKET>() as u32);
    // SAFETY: output and count are live locals, the size is the output's.
    let answer = unsafe {
        ioctl(
            target,
            level,
            null(),
            0,
            out,
            size,
            &raw mut returned,
            Request::NONE,
        )
    };
    let own = |other: &Target<'_>| Ok(other.instance().provider() == target.instance().provider());
    if answer.is_ok() && dispatch::with_target(served, own) == Ok(false) {
        served
    } else {
        target.socket()
    }
}

/// The address of an extension function of the socket's provider.
///
/// # Errors
/// The provider's own; `WSAEOPNOTSUPP` when it answers NULL.
pub fn function(target: &Target<'_>, id: GUID) -> Result<RawCallback, Errno> {
    let mut address = RawCallback::NULL;
    let mut returned = 0;
    let (input, input_len) = ((&raw const id).cast(), size_of::<GUID>() as u32);
    let (out, out_len) = ((&raw mut address).cast(), size_of::<usize>() as u32);
    let code = SIO_GET_EXTENSION_FUNCTION_POINTER;
    // SAFETY: input, output and count are live locals, the sizes are theirs.
    unsafe {
        ioctl(
            target,
            code,
            input,
            input_len,
            out,
            out_len,
            &raw mut returned,
            Request::NONE,
        )
    }?;
    if address.is_null() {
        Err(Errno::OPNOTSUPP)
    } else {
        Ok(address)
    }
}
