//! Options and ioctls. The client DLL's own are `SO_OPENTYPE`, which belongs to the thread, and the byte form of the protocol info.

use super::answer;
use super::length::Length;
use super::protocol_info::narrow;
use super::transfer::{Request, count_at};
use crate::dispatch::{self, Target};
use crate::process::{self, thread};
use core::ffi::{c_long, c_void};
use ws2spi_abi::*;

/// Reads an option.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own; `WSAEFAULT` for `SO_OPENTYPE` with less than four bytes (U164) and
/// `SO_PROTOCOL_INFOA` with less than 372, `*len` is 372 then (U163). `SO_OPENTYPE` needs no socket.
/// Microsoft: "getsockopt function (winsock.h)".
///
/// # Safety
/// `len` is null or valid; `value` is null or has `*len` writable bytes.
pub unsafe fn getsockopt(s: SOCKET, level: i32, name: i32, value: *mut u8, len: *mut i32) -> i32 {
    if (level, name) == (SOL_SOCKET, SO_OPENTYPE) {
        // SAFETY: the caller's contract.
        return answer::int(unsafe { get_open_type(value, len) });
    }
    answer::int(dispatch::with_target(s, |target| {
        if (level, name) == (SOL_SOCKET, SO_PROTOCOL_INFOA) {
            // SAFETY: the caller's contract.
            return unsafe { get_protocol_info(target, value, len) };
        }
        // SAFETY: the caller's contract.
        unsafe { get_option(target, level, name, value, len) }
    }))
}

/// # Safety
/// As [`getsockopt`].
unsafe fn get_option(
    target: &Target<'_>,
    level: i32,
    name: i32,
    value: *mut u8,
    len: *mut i32,
) -> Result<i32, Errno> {
    // SAFETY: the caller's contract.
    let length = unsafe { Length::before(len) };
    let (s, instance, function) = (target.socket(), target.instance(), "WSPGetSockOpt");
    let done = dispatch::call_provider(instance, function, dispatch::zero, |procs| {
        // SAFETY: the provider is started; the caller's contract.
        unsafe { procs.get_sock_opt(s, level, name, value, len) }
    })?;
    length.judged(instance, function, done)
}

/// # Safety
/// As [`getsockopt`].
unsafe fn get_open_type(value: *mut u8, len: *mut i32) -> Result<i32, Errno> {
    process::require_started()?;
    // SAFETY: the caller's contract.
    let out = unsafe { args::OptionOut::new(value, len) };
    if out.is_null() || out.capacity() < 4 {
        return Err(Errno::FAULT);
    }
    out.write(&thread::open_type().to_ne_bytes()).map(|()| 0)
}

/// `SO_PROTOCOL_INFOA`: the provider is asked for the UTF-16 form.
///
/// # Safety
/// As [`getsockopt`].
unsafe fn get_protocol_info(
    target: &Target<'_>,
    value: *mut u8,
    len: *mut i32,
) -> Result<i32, Errno> {
    // SAFETY: the caller's contract.
    let out = unsafe { args::OptionOut::new(value, len) };
    if out.is_null() || out.capacity() < INFOA_SIZE as i32 {
        out.set_len(INFOA_SIZE as i32);
        return Err(Errno::FAULT);
    }
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    let mut info_len = size_of::<WSAPROTOCOL_INFOW>() as i32;
    let (place, place_len) = ((&raw mut info).cast(), &raw mut info_len);
    // SAFETY: value and length are live locals, the length is the value's.
    unsafe { get_option(target, SOL_SOCKET, SO_PROTOCOL_INFOW, place, place_len) }?;
    let mut bytes = [0; INFOA_SIZE];
    narrow(&info)
        .encode(&mut bytes)
        .ok_or(Errno::SYSCALLFAILURE)?;
    // The length of a larger buffer stays as it is (P314).
    out.write_bytes(&bytes).map(|()| 0)
}

const INFOA_SIZE: usize = size_of::<WSAPROTOCOL_INFOA>();

/// Sets an option.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, `WSAEFAULT` for NULL with a positive length, the provider's own; `SO_OPENTYPE` as for
/// [`getsockopt`]. Microsoft: "setsockopt function (winsock.h)".
///
/// # Safety
/// `value` is null or points to `len` bytes.
pub unsafe fn setsockopt(s: SOCKET, level: i32, name: i32, value: *const u8, len: i32) -> i32 {
    // SAFETY: the caller's contract.
    let given = unsafe { args::OptionIn::new(value, len) };
    if (level, name) == (SOL_SOCKET, SO_OPENTYPE) {
        return answer::done(process::require_started().and_then(|()| {
            thread::set_open_type(given.u32()? as i32);
            Ok(())
        }));
    }
    answer::int(dispatch::with_target(s, |target| {
        if value.is_null() && len > 0 {
            return Err(Errno::FAULT);
        }
        dispatch::call_provider(
            target.instance(),
            "WSPSetSockOpt",
            dispatch::zero,
            |procs| {
                // SAFETY: the provider is started; the caller's contract.
                unsafe { procs.set_sock_opt(s, level, name, value, len) }
            },
        )
    }))
}

/// An ioctl with one number as input and output: `FIONBIO`, `FIONREAD`, `SIOCATMARK`.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "ioctlsocket function (winsock.h)".
///
/// # Safety
/// `argument` is null or points to a number.
pub unsafe fn ioctlsocket(s: SOCKET, command: c_long, argument: *mut u32) -> i32 {
    let mut returned = 0;
    answer::int(dispatch::with_target(s, |target| {
        let (input, output) = (argument.cast_const().cast(), argument.cast());
        // SAFETY: the caller's contract: four bytes in and out; the count is a live local. The command is a 32-bit number, whatever
        // the width of `long`.
        unsafe {
            ioctl(
                target,
                command as u32,
                input,
                4,
                output,
                4,
                &raw mut returned,
                Request::NONE,
            )
        }
    }))
}

/// Any ioctl. `WSA_IO_PENDING` as the error means that the operation has begun.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "WSAIoctl function (winsock2.h)".
///
/// # Safety
/// `input` is null or points to `input_len` bytes, `output` is null or has `output_len` writable bytes; `returned` is null or
/// writable; `overlapped` is null or stays valid until the operation is over; `routine` is NULL or a completion routine in the native
/// convention.
#[doc(alias = "WSAIoctl")]
#[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn wsa_ioctl(
    s: SOCKET,
    code: u32,
    input: *const c_void,
    input_len: u32,
    output: *mut c_void,
    output_len: u32,
    returned: *mut u32,
    overlapped: *mut OVERLAPPED,
    routine: RawCallback,
) -> i32 {
    answer::int(dispatch::with_target(s, |target| {
        let request = Request::of(overlapped, routine)?;
        // SAFETY: the caller's contract.
        unsafe {
            ioctl(
                target, code, input, input_len, output, output_len, returned, request,
            )
        }
    }))
}

/// # Safety
/// As [`wsa_ioctl`].
#[allow(clippy::too_many_arguments, reason = "the arguments of WSPIoctl")]
pub(super) unsafe fn ioctl(
    target: &Target<'_>,
    code: u32,
    input: *const c_void,
    in_len: u32,
    output: *mut c_void,
    out_len: u32,
    returned: *mut u32,
    Request {
        overlapped: ov,
        routine,
    }: Request,
) -> Result<i32, Errno> {
    let mut id = thread::identity();
    let (s, id) = (target.socket(), &raw mut id);
    // SAFETY: the caller's contract.
    let returned_before = unsafe { count_at(returned) };
    let instance = target.instance();
    let value = dispatch::call_provider(instance, "WSPIoctl", dispatch::zero, |procs| {
        // SAFETY: the provider is started; the caller's contract; the identity is a live local.
        unsafe {
            procs.ioctl(
                s, code, input, in_len, output, out_len, returned, ov, routine, id,
            )
        }
    })?;
    // SAFETY: as above.
    let count = unsafe { count_at(returned) };
    // A count that the provider left alone says nothing about it.
    if count != returned_before {
        dispatch::count_within(instance, "WSPIoctl", count.into(), out_len.into())?;
    }
    Ok(value)
}
