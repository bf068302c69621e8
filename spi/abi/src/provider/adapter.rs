//! From raw arguments to safe ones and back: [`RawProvider`] for every [`Provider`].
//!
//! Here, and in `layer::Next` for the other direction, is all the knowledge of which raw arguments make which safe value, and of what
//! the answers look like on the wire: count and flags are stored on success and on truncation only, a pending request is
//! `WSA_IO_PENDING`.

use super::{ConnectExtras, Ioctl, IoctlOut, Provider, Receive, Transfer, Transmit};
use crate::args::*;
#[cfg(all(target_arch = "x86_64", not(windows)))]
use crate::ffi::bridge;
use crate::ffi::{Convention, RawProvider};
use crate::*;
use core::ffi::{c_long, c_void};
use std::marker::PhantomData;

/// Implements [`RawProvider`] on top of a [`Provider`].
pub struct Adapter<P>(PhantomData<fn() -> P>);

/// Success of the functions that return 0.
fn zero<T>(result: Result<T, Errno>) -> Result<i32, Errno> {
    result.map(|_| 0)
}

/// Success of the functions that return a BOOL.
fn truth<T>(result: Result<T, Errno>) -> Result<BOOL, Errno> {
    result.map(|_| 1)
}

/// Stores count and flags of a data call.
#[inline]
fn transferred(
    result: Result<Transfer, Errno>,
    count: Out<'_, u32>,
    flags: Option<InOut<'_, u32>>,
) -> Result<i32, Errno> {
    let store = |bytes: u32, value: u32| {
        count.set_if_wanted(bytes);
        if let Some(flags) = flags {
            let _ = flags.set(value);
        }
    };
    match result? {
        Transfer::Done { bytes, flags } => {
            store(bytes, flags);
            Ok(0)
        }
        Transfer::Truncated { bytes, flags } => {
            store(bytes, flags);
            Err(Errno::MSGSIZE)
        }
        Transfer::Pending => Err(Errno::IO_PENDING),
    }
}

/// Copies an optional protocol info: the caller's may be unaligned.
///
/// # Safety
/// `info` is null or readable.
unsafe fn protocol_info(info: *const WSAPROTOCOL_INFOW) -> Option<WSAPROTOCOL_INFOW> {
    if info.is_null() {
        return None;
    }
    // SAFETY: the caller's contract; not null.
    Some(unsafe { info.read_unaligned() })
}

/// An extension function that the provider has stored becomes one of the caller's convention.
///
/// # Errors
/// `WSAEOPNOTSUPP`: nobody knows the arguments of a function of this name, or there is no thunk left.
///
/// # Safety
/// The ioctl has succeeded; input and output are null or as long as they say.
#[cfg(all(target_arch = "x86_64", not(windows)))]
unsafe fn extension_for(
    from: Convention,
    code: u32,
    input: *const c_void,
    input_len: u32,
    output: *mut c_void,
    output_len: u32,
) -> Result<(), Errno> {
    if from != Convention::Win64 || code != SIO_GET_EXTENSION_FUNCTION_POINTER {
        return Ok(());
    }
    let cross = bridge::to_win64::extension;
    // SAFETY: the caller's contract.
    let crossed = unsafe { bridge::stored_extension(input, input_len, output, output_len, cross) };
    crossed.then_some(()).ok_or(Errno::OPNOTSUPP)
}

/// There is one convention here.
///
/// # Safety
/// None to keep.
#[cfg(not(all(target_arch = "x86_64", not(windows))))]
unsafe fn extension_for(
    _: Convention,
    _: u32,
    _: *const c_void,
    _: u32,
    _: *mut c_void,
    _: u32,
) -> Result<(), Errno> {
    Ok(())
}

impl<P: Provider> RawProvider for Adapter<P> {
    const NAME: &'static str = P::NAME;

    unsafe fn accept(
        from: Convention,
        s: SOCKET,
        addr: *mut SOCKADDR,
        addrlen: *mut i32,
        condition: RawCallback,
        data: usize,
    ) -> Result<SOCKET, Errno> {
        // SAFETY: the caller's contract (WSPAccept).
        let peer = unsafe { AddressOut::new(addr, addrlen) };
        // SAFETY: as above.
        let condition = unsafe { Condition::new(from, condition, data) };
        P::instance().accept(s, peer, condition)
    }

    unsafe fn address_to_string(
        _: Convention,
        addr: *const SOCKADDR,
        len: u32,
        info: *const WSAPROTOCOL_INFOW,
        out: PWSTR,
        out_len: *mut u32,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPAddressToString).
        let address = unsafe { AddressIn::new(addr, i32::try_from(len).unwrap_or(i32::MAX)) };
        // SAFETY: as above.
        let info = unsafe { protocol_info(info) };
        // SAFETY: as above.
        let text = unsafe { TextOut::new(out, out_len) };
        zero(P::instance().address_to_string(address, info.as_ref(), text))
    }

    unsafe fn async_select(
        _: Convention,
        s: SOCKET,
        hwnd: HWND,
        msg: u32,
        events: c_long,
    ) -> Result<i32, Errno> {
        // Windows' long has 32 bits: a caller in its convention leaves the rest of the register as it is.
        zero(P::instance().async_select(s, hwnd, msg, c_long::from(events as i32)))
    }

    unsafe fn bind(
        _: Convention,
        s: SOCKET,
        name: *const SOCKADDR,
        namelen: i32,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPBind).
        zero(P::instance().bind(s, unsafe { AddressIn::new(name, namelen) }))
    }

    unsafe fn cancel_blocking_call(_: Convention) -> Result<i32, Errno> {
        zero(P::instance().cancel_blocking_call())
    }

    unsafe fn cleanup(_: Convention) -> Result<i32, Errno> {
        zero(P::instance().cleanup())
    }

    unsafe fn close_socket(_: Convention, s: SOCKET) -> Result<i32, Errno> {
        zero(P::instance().close_socket(s))
    }

    unsafe fn connect(
        _: Convention,
        s: SOCKET,
        name: *const SOCKADDR,
        namelen: i32,
        caller: *const WSABUF,
        callee: *mut WSABUF,
        sqos: *const QOS,
        gqos: *const QOS,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPConnect).
        let name = unsafe { AddressIn::new(name, namelen) };
        // SAFETY: as above.
        let extras = unsafe { ConnectExtras::new(caller, callee, sqos, gqos) };
        zero(P::instance().connect(s, name, extras))
    }

    unsafe fn duplicate_socket(
        _: Convention,
        s: SOCKET,
        pid: u32,
        info: *mut WSAPROTOCOL_INFOW,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPDuplicateSocket).
        zero(P::instance().duplicate_socket(s, pid, unsafe { Out::new(info) }))
    }

    unsafe fn enum_network_events(
        _: Convention,
        s: SOCKET,
        event: WSAEVENT,
        out: *mut WSANETWORKEVENTS,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPEnumNetworkEvents).
        zero(P::instance().enum_network_events(s, event, unsafe { Out::new(out) }))
    }

    unsafe fn event_select(
        _: Convention,
        s: SOCKET,
        event: WSAEVENT,
        mask: c_long,
    ) -> Result<i32, Errno> {
        // As for `async_select`.
        zero(P::instance().event_select(s, event, c_long::from(mask as i32)))
    }

    unsafe fn get_overlapped_result(
        _: Convention,
        s: SOCKET,
        ov: *mut OVERLAPPED,
        bytes: *mut u32,
        wait: BOOL,
        flags: *mut u32,
    ) -> Result<BOOL, Errno> {
        // SAFETY: the caller's contract (WSPGetOverlappedResult).
        let overlapped = unsafe { Overlapped::new(ov) };
        // SAFETY: as above.
        let bytes = unsafe { Out::new(bytes) };
        // SAFETY: as above.
        let flags = unsafe { Out::new(flags) };
        truth(P::instance().get_overlapped_result(s, overlapped, bytes, wait != 0, flags))
    }

    unsafe fn get_peer_name(
        _: Convention,
        s: SOCKET,
        name: *mut SOCKADDR,
        len: *mut i32,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPGetPeerName).
        zero(P::instance().get_peer_name(s, unsafe { AddressOut::new(name, len) }))
    }

    unsafe fn get_sock_name(
        _: Convention,
        s: SOCKET,
        name: *mut SOCKADDR,
        len: *mut i32,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPGetSockName).
        zero(P::instance().get_sock_name(s, unsafe { AddressOut::new(name, len) }))
    }

    unsafe fn get_sock_opt(
        _: Convention,
        s: SOCKET,
        level: i32,
        name: i32,
        value: PSTR,
        len: *mut i32,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPGetSockOpt).
        zero(P::instance().get_sock_opt(s, level, name, unsafe { OptionOut::new(value, len) }))
    }

    unsafe fn get_qos_by_name(
        _: Convention,
        s: SOCKET,
        name: *const WSABUF,
        qos: *mut QOS,
    ) -> Result<BOOL, Errno> {
        // SAFETY: the caller's contract (WSPGetQOSByName).
        let name = unsafe { Buffers::new(name, u32::from(!name.is_null())) };
        // SAFETY: as above.
        truth(P::instance().get_qos_by_name(s, name, unsafe { Out::new(qos) }))
    }

    unsafe fn ioctl(
        from: Convention,
        s: SOCKET,
        code: u32,
        input: *const c_void,
        input_len: u32,
        output: *mut c_void,
        output_len: u32,
        returned: *mut u32,
        ov: *mut OVERLAPPED,
        routine: RawCallback,
        thread: *mut WSATHREADID,
    ) -> Result<i32, Errno> {
        let name = input;
        // SAFETY: the caller's contract (WSPIoctl).
        let input =
            unsafe { OptionIn::new(input.cast(), i32::try_from(input_len).unwrap_or(i32::MAX)) };
        // SAFETY: as above.
        let answer = unsafe { IoctlOut::new(output.cast(), output_len) };
        // SAFETY: as above.
        let returned = unsafe { Out::new(returned) };
        // SAFETY: as above.
        let overlapped = unsafe { OverlappedArgs::new(from, ov, routine, thread) };
        let call = Ioctl {
            code,
            input,
            output: answer,
            returned,
            overlapped,
        };
        let value = transferred(P::instance().ioctl(s, call), returned, None)?;
        // SAFETY: the caller's contract.
        unsafe { extension_for(from, code, name, input_len, output, output_len) }?;
        Ok(value)
    }

    unsafe fn join_leaf(
        _: Convention,
        s: SOCKET,
        name: *const SOCKADDR,
        namelen: i32,
        caller: *const WSABUF,
        callee: *mut WSABUF,
        sqos: *const QOS,
        gqos: *const QOS,
        flags: u32,
    ) -> Result<SOCKET, Errno> {
        // SAFETY: the caller's contract (WSPJoinLeaf).
        let name = unsafe { AddressIn::new(name, namelen) };
        // SAFETY: as above.
        let extras = unsafe { ConnectExtras::new(caller, callee, sqos, gqos) };
        P::instance().join_leaf(s, name, extras, flags)
    }

    unsafe fn listen(_: Convention, s: SOCKET, backlog: i32) -> Result<i32, Errno> {
        zero(P::instance().listen(s, backlog))
    }

    #[inline]
    unsafe fn recv(
        from: Convention,
        s: SOCKET,
        bufs: *const WSABUF,
        count: u32,
        got: *mut u32,
        flags: *mut u32,
        ov: *mut OVERLAPPED,
        routine: RawCallback,
        thread: *mut WSATHREADID,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPRecv).
        let call = unsafe { receive(from, bufs, count, got, flags, ov, routine, thread) };
        transferred(P::instance().recv(s, call), call.count, Some(call.flags))
    }

    unsafe fn recv_disconnect(_: Convention, s: SOCKET, data: *const WSABUF) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPRecvDisconnect).
        zero(P::instance().recv_disconnect(s, unsafe {
            BuffersMut::new(data, u32::from(!data.is_null()))
        }))
    }

    #[inline]
    unsafe fn recv_from(
        convention: Convention,
        s: SOCKET,
        bufs: *const WSABUF,
        count: u32,
        got: *mut u32,
        flags: *mut u32,
        from: *mut SOCKADDR,
        fromlen: *mut i32,
        ov: *mut OVERLAPPED,
        routine: RawCallback,
        thread: *mut WSATHREADID,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPRecvFrom).
        let call = unsafe { receive(convention, bufs, count, got, flags, ov, routine, thread) };
        // SAFETY: as above.
        let from = unsafe { AddressOut::new(from, fromlen) };
        transferred(
            P::instance().recv_from(s, call, from),
            call.count,
            Some(call.flags),
        )
    }

    unsafe fn select(
        _: Convention,
        _nfds: i32,
        read: *mut FD_SET,
        write: *mut FD_SET,
        except: *mut FD_SET,
        timeout: *const TIMEVAL,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPSelect).
        let read = unsafe { FdSet::new(read) };
        // SAFETY: as above.
        let write = unsafe { FdSet::new(write) };
        // SAFETY: as above.
        let except = unsafe { FdSet::new(except) };
        let timeout = if timeout.is_null() {
            None
        } else {
            // SAFETY: as above; not null.
            Some(unsafe { timeout.read_unaligned() })
        };
        P::instance().select(read, write, except, timeout)
    }

    #[inline]
    unsafe fn send(
        from: Convention,
        s: SOCKET,
        bufs: *const WSABUF,
        count: u32,
        sent: *mut u32,
        flags: u32,
        ov: *mut OVERLAPPED,
        routine: RawCallback,
        thread: *mut WSATHREADID,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPSend).
        let call = unsafe { transmit(from, bufs, count, sent, flags, ov, routine, thread) };
        transferred(P::instance().send(s, call), call.count, None)
    }

    unsafe fn send_disconnect(_: Convention, s: SOCKET, data: *const WSABUF) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPSendDisconnect).
        zero(
            P::instance()
                .send_disconnect(s, unsafe { Buffers::new(data, u32::from(!data.is_null())) }),
        )
    }

    #[inline]
    unsafe fn send_to(
        from: Convention,
        s: SOCKET,
        bufs: *const WSABUF,
        count: u32,
        sent: *mut u32,
        flags: u32,
        to: *const SOCKADDR,
        tolen: i32,
        ov: *mut OVERLAPPED,
        routine: RawCallback,
        thread: *mut WSATHREADID,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPSendTo).
        let call = unsafe { transmit(from, bufs, count, sent, flags, ov, routine, thread) };
        // SAFETY: as above.
        let to = unsafe { AddressIn::new(to, tolen) };
        transferred(P::instance().send_to(s, call, to), call.count, None)
    }

    unsafe fn set_sock_opt(
        _: Convention,
        s: SOCKET,
        level: i32,
        name: i32,
        value: PCSTR,
        len: i32,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPSetSockOpt).
        zero(P::instance().set_sock_opt(s, level, name, unsafe { OptionIn::new(value, len) }))
    }

    unsafe fn shutdown(_: Convention, s: SOCKET, how: i32) -> Result<i32, Errno> {
        zero(P::instance().shutdown(s, how))
    }

    unsafe fn socket(
        _: Convention,
        family: i32,
        kind: i32,
        protocol: i32,
        info: *const WSAPROTOCOL_INFOW,
        group: GROUP,
        flags: u32,
    ) -> Result<SOCKET, Errno> {
        // SAFETY: the caller's contract (WSPSocket).
        let info = unsafe { protocol_info(info) };
        P::instance().socket(family, kind, protocol, info.as_ref(), group, flags)
    }

    unsafe fn string_to_address(
        _: Convention,
        text: PCWSTR,
        family: i32,
        info: *const WSAPROTOCOL_INFOW,
        addr: *mut SOCKADDR,
        len: *mut i32,
    ) -> Result<i32, Errno> {
        // SAFETY: the caller's contract (WSPStringToAddress).
        let text = unsafe { TextIn::new(text) };
        // SAFETY: as above.
        let info = unsafe { protocol_info(info) };
        // SAFETY: as above.
        let address = unsafe { AddressOut::new(addr, len) };
        zero(P::instance().string_to_address(text, family, info.as_ref(), address))
    }
}

/// # Safety
/// The contract of WSPRecv.
#[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
#[inline]
unsafe fn receive<'a>(
    from: Convention,
    bufs: *const WSABUF,
    count: u32,
    got: *mut u32,
    flags: *mut u32,
    ov: *mut OVERLAPPED,
    routine: RawCallback,
    thread: *mut WSATHREADID,
) -> Receive<'a> {
    Receive {
        // SAFETY: the caller's contract.
        buffers: unsafe { BuffersMut::new(bufs, count) },
        // SAFETY: as above.
        count: unsafe { Out::new(got) },
        // SAFETY: as above.
        flags: unsafe { InOut::new(flags) },
        // SAFETY: as above.
        overlapped: unsafe { OverlappedArgs::new(from, ov, routine, thread) },
    }
}

/// # Safety
/// The contract of WSPSend.
#[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
#[inline]
unsafe fn transmit<'a>(
    from: Convention,
    bufs: *const WSABUF,
    count: u32,
    sent: *mut u32,
    flags: u32,
    ov: *mut OVERLAPPED,
    routine: RawCallback,
    thread: *mut WSATHREADID,
) -> Transmit<'a> {
    Transmit {
        // SAFETY: the caller's contract.
        buffers: unsafe { Buffers::new(bufs, count) },
        // SAFETY: as above.
        count: unsafe { Out::new(sent) },
        flags,
        // SAFETY: as above.
        overlapped: unsafe { OverlappedArgs::new(from, ov, routine, thread) },
    }
}
