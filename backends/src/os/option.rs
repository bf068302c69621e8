//! Options with one number: from [`SocketOption`] to setsockopt(2) and back.
//!
//! The numbers and odd values are the system's (`sys`); here is what is the same everywhere:
//! booleans are 0 and 1, buffers have a least size. Used by `socket.rs`.

use std::ffi::c_int;
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;

use libc::socklen_t;
use ws2spi_abi::Errno;

use super::errno::SystemError;
use super::errno::syscall;
use super::sys;
use crate::net::Kind;
use crate::net::SocketOption;

/// Sets `option` on a socket of `kind`.
pub(super) fn set_option(
    fd: BorrowedFd<'_>,
    kind: Kind,
    option: SocketOption,
    value: i32,
) -> Result<(), Errno> {
    if read_only(option) {
        return Err(Errno::INVAL);
    }
    let (level, name) = sys::numbers(option, kind).ok_or(Errno::NOPROTOOPT)?;
    let value = match option {
        // The BSDs refuse a buffer of no bytes, which on Windows means not to buffer.
        SocketOption::SendBuffer | SocketOption::ReceiveBuffer => value.max(LEAST_BUFFER),
        _ if is_boolean(option) => c_int::from(value != 0),
        _ => value,
    };
    let value = sys::to_system(option, value);
    set(fd, level, name, &value)?;
    if let Some((level, name)) = sys::also(option, kind) {
        set(fd, level, name, &value)?;
    }
    Ok(())
}

/// Reads `option` of a socket of `kind`.
pub(super) fn option(fd: BorrowedFd<'_>, kind: Kind, option: SocketOption) -> Result<i32, Errno> {
    let (level, name) = sys::numbers(option, kind).ok_or(Errno::NOPROTOOPT)?;
    let value = sys::from_system(option, number(fd, level, name)?);
    Ok(if is_boolean(option) {
        i32::from(value != 0)
    } else {
        value
    })
}

/// setsockopt(2) with a structure of the kernel's.
pub(super) fn set<T: Copy>(
    fd: BorrowedFd<'_>,
    level: c_int,
    name: c_int,
    value: &T,
) -> Result<(), SystemError> {
    let length = size_of::<T>() as socklen_t;
    let value = (&raw const *value).cast();
    // SAFETY: `value` has `length` bytes, which the call only reads.
    unsafe { syscall!(setsockopt(fd.as_raw_fd(), level, name, value, length)) }?;
    Ok(())
}

/// setsockopt(2) with bytes.
pub(super) fn set_bytes(
    fd: BorrowedFd<'_>,
    level: c_int,
    name: c_int,
    value: &[u8],
) -> Result<(), SystemError> {
    let length = value.len() as socklen_t;
    let value = value.as_ptr().cast();
    // SAFETY: `value` has `length` bytes, which the call only reads.
    unsafe { syscall!(setsockopt(fd.as_raw_fd(), level, name, value, length)) }?;
    Ok(())
}

/// getsockopt(2) of a number.
pub(super) fn number(fd: BorrowedFd<'_>, level: c_int, name: c_int) -> Result<c_int, SystemError> {
    let mut value = [0; size_of::<c_int>()];
    read_bytes(fd, level, name, &mut value)?;
    Ok(c_int::from_ne_bytes(value))
}

/// getsockopt(2) of bytes; gives how many there are.
pub(super) fn read_bytes(
    fd: BorrowedFd<'_>,
    level: c_int,
    name: c_int,
    value: &mut [u8],
) -> Result<usize, SystemError> {
    let mut length = value.len() as socklen_t;
    let room = value.as_mut_ptr().cast();
    // SAFETY: `room` has `length` bytes, which are ours.
    unsafe {
        syscall!(getsockopt(
            fd.as_raw_fd(),
            level,
            name,
            room,
            &raw mut length
        ))
    }?;
    Ok((length as usize).min(value.len()))
}

fn is_boolean(option: SocketOption) -> bool {
    use SocketOption::*;
    matches!(
        option,
        KeepAlive
            | OutOfBandInline
            | SharePort
            | BindWithoutPort
            | NoDelay
            | FastOpen
            | IpHeaderIncluded
            | IpMulticastLoop
            | IpDontFragment
            | IpPacketInfo
            | IpReceiveTimeToLive
            | IpReceiveTypeOfService
            | Ipv6Only
            | Ipv6HeaderIncluded
            | Ipv6MulticastLoop
            | Ipv6DontFragment
            | Ipv6PacketInfo
            | Ipv6ReceiveHopLimit
            | Ipv6ReceiveTrafficClass
    )
}

fn read_only(option: SocketOption) -> bool {
    matches!(option, SocketOption::IpMtu | SocketOption::Ipv6Mtu)
}

const LEAST_BUFFER: c_int = 4096;
