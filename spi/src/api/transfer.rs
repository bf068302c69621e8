//! Sending and receiving: `send`, `recv`, their From/To forms and the `WSA` forms with several buffers.

use super::answer;
use super::length::Length;
use crate::dispatch::{self, Target, count_within};
use crate::process::thread;
use std::ptr::null_mut;
use ws2spi_abi::*;

/// Sends bytes; how many, or `SOCKET_ERROR`.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Blocks on a blocking socket. Any thread.
/// Microsoft: "send function (winsock2.h)".
///
/// # Safety
/// `data` points to `len` bytes, or is null.
pub unsafe fn send(s: SOCKET, data: *const u8, len: i32, flags: i32) -> i32 {
    let buffer = WSABUF {
        len: len as u32,
        buf: data.cast_mut(),
    };
    let mut sent = 0;
    let result = dispatch::with_target(s, |target| {
        // SAFETY: one buffer of the caller's; both pointers are live locals.
        unsafe {
            send_buffers(
                target,
                &raw const buffer,
                1,
                &raw mut sent,
                flags as u32,
                Request::NONE,
            )
        }
    });
    answer::int(result.map(|_| sent as i32))
}

/// Sends the bytes of several buffers. `WSA_IO_PENDING` as the error means that the operation has begun.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "WSASend function (winsock2.h)".
///
/// # Safety
/// `bufs` points to `count` buffers; `sent` is null or writable; `overlapped` is null or stays valid until the operation is over;
/// `routine` is NULL or a completion routine in the native convention.
#[doc(alias = "WSASend")]
pub unsafe fn wsa_send(
    s: SOCKET,
    bufs: *const WSABUF,
    count: u32,
    sent: *mut u32,
    flags: u32,
    overlapped: *mut OVERLAPPED,
    routine: RawCallback,
) -> i32 {
    answer::int(dispatch::with_target(s, |target| {
        // SAFETY: the caller's contract.
        unsafe {
            send_buffers(
                target,
                bufs,
                count,
                sent,
                flags,
                Request::of(overlapped, routine)?,
            )
        }
    }))
}

/// Sends a datagram to an address.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "sendto function (winsock.h)".
///
/// # Safety
/// `data` points to `len` bytes, `to` to `tolen` bytes, or is null.
pub unsafe fn sendto(
    s: SOCKET,
    data: *const u8,
    len: i32,
    flags: i32,
    to: *const SOCKADDR,
    tolen: i32,
) -> i32 {
    let buffer = WSABUF {
        len: len as u32,
        buf: data.cast_mut(),
    };
    let mut sent = 0;
    let result = dispatch::with_target(s, |target| {
        let (bufs, out, flags) = (&raw const buffer, &raw mut sent, flags as u32);
        // SAFETY: one buffer of the caller's; both pointers are live locals; the caller's contract for the address.
        unsafe { send_to_buffers(target, bufs, 1, out, flags, to, tolen, Request::NONE) }
    });
    answer::int(result.map(|_| sent as i32))
}

/// Sends a datagram of several buffers to an address. `WSA_IO_PENDING` as the error means that the operation has begun.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "WSASendTo function (winsock2.h)".
///
/// # Safety
/// As [`wsa_send`]; `to` points to `tolen` bytes, or is null.
#[doc(alias = "WSASendTo")]
#[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn wsa_send_to(
    s: SOCKET,
    bufs: *const WSABUF,
    count: u32,
    sent: *mut u32,
    flags: u32,
    to: *const SOCKADDR,
    tolen: i32,
    overlapped: *mut OVERLAPPED,
    routine: RawCallback,
) -> i32 {
    answer::int(dispatch::with_target(s, |target| {
        let request = Request::of(overlapped, routine)?;
        // SAFETY: the caller's contract.
        unsafe { send_to_buffers(target, bufs, count, sent, flags, to, tolen, request) }
    }))
}

/// Receives bytes; how many, 0 at the end of the stream, or `SOCKET_ERROR`. The last error is 0 after a success (P168).
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own; `WSAEMSGSIZE` when the provider says that only a part of a message
/// came. Blocks on a blocking socket. Any thread. Microsoft: "recv function (winsock2.h)".
///
/// # Safety
/// `data` has `len` writable bytes, or is null.
pub unsafe fn recv(s: SOCKET, data: *mut u8, len: i32, flags: i32) -> i32 {
    let mut flags = flags as u32;
    // SAFETY: the caller's contract; the flags are a live local.
    unsafe { receive_one(s, data, len, &raw mut flags) }
}

/// [`recv`] with flags in both directions: `MSG_PARTIAL` says that only a part of a message came, and is no error.
/// Microsoft: "WSARecvEx function (mswsock.h)".
///
/// # Safety
/// As [`recv`]; `flags` is null or valid.
#[doc(alias = "WSARecvEx")]
pub unsafe fn wsa_recv_ex(s: SOCKET, data: *mut u8, len: i32, flags: *mut i32) -> i32 {
    let buffer = WSABUF {
        len: len as u32,
        buf: data,
    };
    let mut got = 0;
    let result = dispatch::with_target(s, |target| {
        let (bufs, out) = (&raw const buffer, &raw mut got);
        // SAFETY: one buffer of the caller's; the count is a live local; the caller's contract for the flags.
        unsafe { recv_buffers(target, bufs, 1, out, flags.cast(), Request::NONE) }
    });
    answer::int(answer::clearing(result.map(|_| got as i32)))
}

/// # Safety
/// As [`recv`]; `flags` is valid.
unsafe fn receive_one(s: SOCKET, data: *mut u8, len: i32, flags: *mut u32) -> i32 {
    let buffer = WSABUF {
        len: len as u32,
        buf: data,
    };
    let mut got = 0;
    let result = dispatch::with_target(s, |target| {
        let (bufs, out) = (&raw const buffer, &raw mut got);
        // SAFETY: one buffer of the caller's; the other pointers are valid.
        unsafe { recv_buffers(target, bufs, 1, out, flags, Request::NONE) }
    });
    // SAFETY: valid, by the caller's contract.
    let flags = unsafe { flags.read_unaligned() };
    answer::int(answer::clearing(result.and_then(|_| whole(got, flags))))
}

/// A message of which only a part came is an error for the functions that cannot say so otherwise.
fn whole(got: u32, flags: u32) -> Result<i32, Errno> {
    if flags & MSG_PARTIAL == 0 {
        Ok(got as i32)
    } else {
        Err(Errno::MSGSIZE)
    }
}

/// Receives into several buffers. `WSA_IO_PENDING` as the error means that the operation has begun. The last error is 0 after a
/// success (P168).
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "WSARecv function (winsock2.h)".
///
/// # Safety
/// As [`wsa_send`]; the buffers are writable; `flags` is null or valid.
#[doc(alias = "WSARecv")]
pub unsafe fn wsa_recv(
    s: SOCKET,
    bufs: *const WSABUF,
    count: u32,
    got: *mut u32,
    flags: *mut u32,
    overlapped: *mut OVERLAPPED,
    routine: RawCallback,
) -> i32 {
    answer::int(answer::clearing(dispatch::with_target(s, |target| {
        // SAFETY: the caller's contract.
        unsafe {
            recv_buffers(
                target,
                bufs,
                count,
                got,
                flags,
                Request::of(overlapped, routine)?,
            )
        }
    })))
}

/// Receives a datagram and its sender's address.
///
/// Errors: as [`recv`]. Microsoft: "recvfrom function (winsock.h)".
///
/// # Safety
/// As [`recv`]; `fromlen` is null or valid; `from` is null or has `*fromlen` writable bytes.
pub unsafe fn recvfrom(
    s: SOCKET,
    data: *mut u8,
    len: i32,
    flags: i32,
    from: *mut SOCKADDR,
    fromlen: *mut i32,
) -> i32 {
    let buffer = WSABUF {
        len: len as u32,
        buf: data,
    };
    let (mut got, mut flags) = (0, flags as u32);
    let result = dispatch::with_target(s, |target| {
        let (bufs, out, in_out) = (&raw const buffer, &raw mut got, &raw mut flags);
        // SAFETY: one buffer of the caller's; count and flags are live locals; the caller's contract for the address.
        unsafe { recv_from_buffers(target, bufs, 1, out, in_out, from, fromlen, Request::NONE) }
    });
    answer::int(answer::clearing(result.and_then(|_| whole(got, flags))))
}

/// Receives a datagram into several buffers, and its sender's address. `WSA_IO_PENDING` as the error means that the operation has
/// begun.
///
/// Errors: `WSANOTINITIALISED`, `WSAENOTSOCK`, the provider's own. Microsoft: "WSARecvFrom function (winsock2.h)".
///
/// # Safety
/// As [`wsa_recv`]; `fromlen` is null or valid; `from` is null or has `*fromlen` writable bytes; with `overlapped` both stay valid
/// until the operation is over.
#[doc(alias = "WSARecvFrom")]
#[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn wsa_recv_from(
    s: SOCKET,
    bufs: *const WSABUF,
    count: u32,
    got: *mut u32,
    flags: *mut u32,
    from: *mut SOCKADDR,
    fromlen: *mut i32,
    overlapped: *mut OVERLAPPED,
    routine: RawCallback,
) -> i32 {
    answer::int(answer::clearing(dispatch::with_target(s, |target| {
        let request = Request::of(overlapped, routine)?;
        // SAFETY: the caller's contract.
        unsafe { recv_from_buffers(target, bufs, count, got, flags, from, fromlen, request) }
    })))
}

/// The overlapped arguments of a call.
#[derive(Clone, Copy)]
pub(super) struct Request {
    pub(super) overlapped: *mut OVERLAPPED,
    pub(super) routine: RawCallback,
}

impl Request {
    /// An ordinary call.
    pub(super) const NONE: Self = Self {
        overlapped: null_mut(),
        routine: RawCallback::NULL,
    };

    /// The arguments of a caller. A block that is not aligned is no block: others look at its words while they change. Windows
    /// probes it (STATUS_DATATYPE_MISALIGNMENT).
    ///
    /// # Errors
    /// `WSAEFAULT` for such a block.
    #[inline]
    pub(super) fn of(overlapped: *mut OVERLAPPED, routine: RawCallback) -> Result<Self, Errno> {
        if !overlapped.is_aligned() {
            return Err(Errno::FAULT);
        }
        Ok(Self {
            overlapped,
            routine,
        })
    }
}

/// # Safety
/// As [`wsa_send`].
#[inline(always)] // The hottest way there is: a call less.
unsafe fn send_buffers(
    target: &Target<'_>,
    bufs: *const WSABUF,
    count: u32,
    sent: *mut u32,
    flags: u32,
    Request {
        overlapped,
        routine,
    }: Request,
) -> Result<i32, Errno> {
    // SAFETY: the caller's contract.
    let before = unsafe { count_at(sent) };
    let mut id = thread::identity();
    let (s, instance) = (target.socket(), target.instance());
    let value = dispatch::call_provider(instance, "WSPSend", dispatch::zero, |procs| {
        // SAFETY: the provider is started; the caller's contract; the identity is a live local.
        unsafe {
            procs.send(
                s,
                bufs,
                count,
                sent,
                flags,
                overlapped,
                routine,
                &raw mut id,
            )
        }
    })?;
    // SAFETY: the caller's contract.
    unsafe { check_count(target, "WSPSend", bufs, count, sent, before) }?;
    Ok(value)
}

/// # Safety
/// As [`wsa_send_to`].
#[allow(clippy::too_many_arguments, reason = "the arguments of WSPSendTo")]
unsafe fn send_to_buffers(
    target: &Target<'_>,
    bufs: *const WSABUF,
    count: u32,
    sent: *mut u32,
    flags: u32,
    to: *const SOCKADDR,
    tolen: i32,
    Request {
        overlapped,
        routine,
    }: Request,
) -> Result<i32, Errno> {
    // SAFETY: the caller's contract.
    let before = unsafe { count_at(sent) };
    let mut id = thread::identity();
    let (s, id) = (target.socket(), &raw mut id);
    let value = dispatch::call_provider(target.instance(), "WSPSendTo", dispatch::zero, |procs| {
        // SAFETY: the provider is started; the caller's contract; the identity is a live local.
        unsafe {
            procs.send_to(
                s, bufs, count, sent, flags, to, tolen, overlapped, routine, id,
            )
        }
    })?;
    // SAFETY: the caller's contract.
    unsafe { check_count(target, "WSPSendTo", bufs, count, sent, before) }?;
    Ok(value)
}

/// # Safety
/// As [`wsa_recv`].
#[inline(always)] // The hottest way there is: a call less.
unsafe fn recv_buffers(
    target: &Target<'_>,
    bufs: *const WSABUF,
    count: u32,
    got: *mut u32,
    flags: *mut u32,
    Request {
        overlapped,
        routine,
    }: Request,
) -> Result<i32, Errno> {
    // SAFETY: the caller's contract.
    let before = unsafe { count_at(got) };
    let mut id = thread::identity();
    let (s, instance) = (target.socket(), target.instance());
    let value = dispatch::call_provider(instance, "WSPRecv", dispatch::zero, |procs| {
        // SAFETY: the provider is started; the caller's contract; the identity is a live local.
        unsafe { procs.recv(s, bufs, count, got, flags, overlapped, routine, &raw mut id) }
    })?;
    // SAFETY: the caller's contract.
    unsafe { check_count(target, "WSPRecv", bufs, count, got, before) }?;
    Ok(value)
}

/// # Safety
/// As [`wsa_recv_from`].
#[allow(clippy::too_many_arguments, reason = "the arguments of WSPRecvFrom")]
unsafe fn recv_from_buffers(
    target: &Target<'_>,
    bufs: *const WSABUF,
    count: u32,
    got: *mut u32,
    flags: *mut u32,
    from: *mut SOCKADDR,
    fromlen: *mut i32,
    Request {
        overlapped,
        routine,
    }: Request,
) -> Result<i32, Errno> {
    // The length of an overlapped request is the request's until its end, and after the call another thread may have seen that.
    let judged = if overlapped.is_null() {
        fromlen
    } else {
        null_mut()
    };
    // SAFETY: the caller's contract.
    let length = unsafe { Length::before(judged) };
    // SAFETY: the caller's contract.
    let before = unsafe { count_at(got) };
    let mut id = thread::identity();
    let (s, id) = (target.socket(), &raw mut id);
    let value = dispatch::call_provider(target.instance(), "WSPRecvFrom", dispatch::zero, |p| {
        // SAFETY: the provider is started; the caller's contract; the identity is a live local.
        unsafe {
            p.recv_from(
                s, bufs, count, got, flags, from, fromlen, overlapped, routine, id,
            )
        }
    })?;
    // SAFETY: the caller's contract.
    unsafe { check_count(target, "WSPRecvFrom", bufs, count, got, before) }?;
    length.judged(target.instance(), "WSPRecvFrom", value)
}

/// The count that stands at a place; 0 for NULL.
///
/// # Safety
/// `place` is null or readable.
#[inline]
pub(super) unsafe fn count_at(place: *const u32) -> u32 {
    if place.is_null() {
        return 0;
    }
    // SAFETY: not null, so readable by the caller's contract.
    unsafe { place.read_unaligned() }
}

/// Refuses a success that claims more bytes than the buffers have. A count that the provider left as it was `before` says nothing:
/// with an OVERLAPPED it need not be written.
///
/// # Safety
/// `done` is null or readable; `bufs` points to `count` buffers or is null.
#[inline]
unsafe fn check_count(
    target: &Target<'_>,
    function: &'static str,
    bufs: *const WSABUF,
    count: u32,
    done: *const u32,
    before: u32,
) -> Result<(), Errno> {
    // SAFETY: the caller's contract.
    let done = unsafe { count_at(done) };
    if done == before || bufs.is_null() {
        return Ok(());
    }
    let mut total = 0;
    for index in 0..count as usize {
        // SAFETY: below the count, so within the array by the caller's contract.
        let buffer = unsafe { bufs.add(index) };
        // SAFETY: as above.
        total += u64::from(unsafe { buffer.read_unaligned() }.len);
        if total >= u64::from(done) {
            return Ok(());
        }
    }
    count_within(target.instance(), function, u64::from(done), total)
}
