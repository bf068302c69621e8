//! The 30 entries: checks that come first on Windows, then Wine's function.
//!
//! The order of checks is behaviour: the handle, then what the caller's pointers must be, then the state,
//! which Wine judges. Wine reads some pointers unasked; those are looked at here.

use core::ffi::c_long;
use core::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use ws2spi_abi::ffi::Convention;
use ws2spi_abi::ffi::RawProvider;
use ws2spi_abi::*;
use ws2spi_kernel::window;

use crate::direct::Use;

use super::accept;
use super::blocking;
use super::ioctl;
use super::leaf;
use super::names::STORAGE;
use super::select;
use super::sockets;
use super::sockets::Socket;
use super::startup;
use super::startup::upcalls;
use super::system::system;
use super::transfer;
use super::transfer::Receive;
use super::transfer::Send;

/// The base provider.
pub(super) struct Base;

/// Tells the client DLL of a socket that Wine has made, and keeps it.
///
/// # Errors
/// The client DLL's; the socket is closed then.
pub(super) fn claim(s: SOCKET, socket: Arc<Socket>) -> Result<SOCKET, Errno> {
    let entry = socket.entry;
    let claimed = sockets::put(s, socket).and_then(|()| upcalls()?.modify_ifs_handle(entry, s));
    if claimed.is_err() {
        sockets::take(s);
        // SAFETY: no pointers.
        let _ = unsafe { system()?.close(s) };
    }
    claimed
}

impl RawProvider for Base {
    const NAME: &'static str = startup::NAME;

    unsafe fn accept(
        _: Convention,
        s: SOCKET,
        addr: *mut SOCKADDR,
        addrlen: *mut i32,
        condition: RawCallback,
        data: usize,
    ) -> Result<SOCKET, Errno> {
        // SAFETY: the caller's contract (WSPAccept).
        unsafe { accept::accept(s, addr, addrlen, condition, data) }
    }

    unsafe fn address_to_string(
        _: Convention,
        addr: *const SOCKADDR,
        len: u32,
        info: *const WSAPROTOCOL_INFOW,
        out: PWSTR,
        out_len: *mut u32,
    ) -> Result<i32, Errno> {
        if addr.is_null() || out_len.is_null() {
            return Err(Errno::FAULT);
        }
        if len < 2 {
            return Err(Errno::INVAL);
        }
        let mut ignored = [0; 1];
        let out = if out.is_null() {
            // Only the length is wanted; Wine takes no NULL.
            // SAFETY: the caller's contract; not null.
            unsafe { out_len.write_unaligned(0) };
            ignored.as_mut_ptr()
        } else {
            out
        };
        // SAFETY: the caller's contract (WSPAddressToString).
        unsafe { system()?.address_to_string(addr, len, info, out, out_len) }
    }

    unsafe fn async_select(
        _: Convention,
        s: SOCKET,
        hwnd: HWND,
        msg: u32,
        events: c_long,
    ) -> Result<i32, Errno> {
        let socket = sockets::find(s)?;
        if events != 0 && !window::may_exist(hwnd) || events & !FD_ALL_EVENTS != 0 {
            return Err(Errno::INVAL);
        }
        if events != 0 {
            socket.register();
        }
        // SAFETY: no pointers.
        let done = unsafe { system()?.async_select(s, hwnd, msg, events) }?;
        socket.set_nonblocking(true);
        Ok(done)
    }

    unsafe fn bind(
        _: Convention,
        s: SOCKET,
        name: *const SOCKADDR,
        namelen: i32,
    ) -> Result<i32, Errno> {
        let socket = sockets::find(s)?;
        // SAFETY: the caller's contract (WSPBind).
        unsafe { socket.check_name(name, namelen) }?;
        // SAFETY: as above.
        unsafe { system()?.bind(s, name, namelen) }
    }

    unsafe fn cancel_blocking_call(_: Convention) -> Result<i32, Errno> {
        upcalls()?;
        blocking::cancel()
    }

    unsafe fn cleanup(_: Convention) -> Result<i32, Errno> {
        startup::cleanup()
    }

    unsafe fn close_socket(_: Convention, s: SOCKET) -> Result<i32, Errno> {
        // Before: afterwards the value may be somebody else's.
        sockets::take(s).ok_or_else(startup::no_socket)?;
        // SAFETY: no pointers.
        unsafe { system()?.close(s) }
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
        let socket = sockets::find(s)?;
        // SAFETY: the caller's contract (WSPConnect).
        unsafe { socket.check_peer(name, namelen) }?;
        // SAFETY: as above.
        if !caller.is_null() && unsafe { caller.read_unaligned() }.len != 0 {
            return Err(Errno::PROTONOSUPPORT);
        }
        if !sqos.is_null() || !gqos.is_null() {
            return Err(Errno::OPNOTSUPP);
        }
        if !callee.is_null() {
            // No data comes back.
            // SAFETY: as above.
            let length = unsafe { &raw mut (*callee).len };
            // SAFETY: as above.
            unsafe { length.write_unaligned(0) };
        }
        let (data, into, qos) = (ptr::null(), ptr::null_mut(), ptr::null());
        let attempt = || {
            // SAFETY: the caller's contract (WSPConnect).
            unsafe { system()?.connect(s, name, namelen, data, into, qos, qos) }
        };
        match blocking::hook(socket.entry) {
            Some(hook) if !socket.is_nonblocking() && !socket.is_datagram() => {
                select::connect_with(s, &socket, hook, attempt)
            }
            _ => attempt(),
        }
    }

    unsafe fn duplicate_socket(
        _: Convention,
        s: SOCKET,
        pid: u32,
        info: *mut WSAPROTOCOL_INFOW,
    ) -> Result<i32, Errno> {
        let socket = sockets::find(s)?;
        // From now on another process may change its state.
        socket.direct.bar_all();
        let mut made = WSAPROTOCOL_INFOW::EMPTY;
        let wanted = if info.is_null() { info } else { &raw mut made };
        // SAFETY: null, or a live local.
        let done = unsafe { system()?.duplicate(s, pid, wanted) }?;
        made.dwCatalogEntryId = socket.entry;
        // Layers hand on the one field that is the provider's own (dwProviderReserved).
        made.dwProviderReserved = std::mem::take(&mut made.dwServiceFlags3);
        made.dwServiceFlags4 = 0;
        // SAFETY: the caller's contract (WSPDuplicateSocket); Wine refuses NULL.
        unsafe { info.write_unaligned(made) };
        Ok(done)
    }

    unsafe fn enum_network_events(
        _: Convention,
        s: SOCKET,
        event: WSAEVENT,
        out: *mut WSANETWORKEVENTS,
    ) -> Result<i32, Errno> {
        let socket = sockets::find(s)?;
        if out.is_null() {
            return Err(Errno::FAULT);
        }
        socket.register();
        // SAFETY: the caller's contract (WSPEnumNetworkEvents); not null.
        unsafe { system()?.network_events(s, event, out) }
    }

    unsafe fn event_select(
        _: Convention,
        s: SOCKET,
        event: WSAEVENT,
        mask: c_long,
    ) -> Result<i32, Errno> {
        let socket = sockets::find(s)?;
        if (mask != 0 && event == WSA_INVALID_EVENT) || mask & !FD_ALL_EVENTS != 0 {
            return Err(Errno::INVAL);
        }
        if mask != 0 {
            socket.register();
        }
        // SAFETY: no pointers.
        let done = unsafe { system()?.event_select(s, event, mask) }?;
        socket.set_nonblocking(true);
        Ok(done)
    }

    unsafe fn get_overlapped_result(
        _: Convention,
        s: SOCKET,
        ov: *mut OVERLAPPED,
        bytes: *mut u32,
        wait: BOOL,
        flags: *mut u32,
    ) -> Result<BOOL, Errno> {
        sockets::find(s)?;
        if ov.is_null() || bytes.is_null() || flags.is_null() {
            return Err(Errno::FAULT);
        }
        // SAFETY: the caller's contract (WSPGetOverlappedResult); not null.
        unsafe { system()?.overlapped_result(s, ov, bytes, wait, flags) }
    }

    unsafe fn get_peer_name(
        _: Convention,
        s: SOCKET,
        name: *mut SOCKADDR,
        len: *mut i32,
    ) -> Result<i32, Errno> {
        let socket = sockets::find(s)?;
        let (mut own, mut own_len) = (SOCKADDR_STORAGE::EMPTY, STORAGE);
        // SAFETY: room for every address. Whether there is a peer comes before the caller's pointers.
        unsafe { system()?.peer_name(s, (&raw mut own).cast(), &raw mut own_len) }?;
        // SAFETY: the caller's contract (WSPGetPeerName).
        unsafe { socket.tell_name(&own, own_len, name, len) }
    }

    unsafe fn get_sock_name(
        _: Convention,
        s: SOCKET,
        name: *mut SOCKADDR,
        len: *mut i32,
    ) -> Result<i32, Errno> {
        let socket = sockets::find(s)?;
        let (mut own, mut own_len) = (SOCKADDR_STORAGE::EMPTY, STORAGE);
        // SAFETY: room for every address.
        unsafe { system()?.own_name(s, (&raw mut own).cast(), &raw mut own_len) }?;
        // SAFETY: the caller's contract (WSPGetSockName).
        unsafe { socket.tell_name(&own, own_len, name, len) }
    }

    unsafe fn get_sock_opt(
        _: Convention,
        s: SOCKET,
        level: i32,
        name: i32,
        value: PSTR,
        len: *mut i32,
    ) -> Result<i32, Errno> {
        let socket = sockets::find(s)?;
        if value.is_null() || len.is_null() {
            return Err(Errno::FAULT);
        }
        // SAFETY: the caller's contract (WSPGetSockOpt); not null.
        let done = unsafe { system()?.option(s, level, name, value, len) }?;
        if level == SOL_SOCKET && matches!(name, SO_PROTOCOL_INFOA | SO_PROTOCOL_INFOW) {
            // Both structures are alike up to there. Wine knows its own entries only.
            let at = std::mem::offset_of!(WSAPROTOCOL_INFOW, dwCatalogEntryId);
            let id = value.wrapping_add(at).cast::<u32>();
            // SAFETY: Wine has filled the structure, which has this field.
            unsafe { id.write_unaligned(socket.entry) };
        }
        Ok(done)
    }

    unsafe fn get_qos_by_name(
        _: Convention,
        s: SOCKET,
        _name: *const WSABUF,
        _qos: *mut QOS,
    ) -> Result<BOOL, Errno> {
        sockets::find(s)?;
        // There are no templates.
        Err(Errno::INVAL)
    }

    unsafe fn ioctl(
        _: Convention,
        s: SOCKET,
        code: u32,
        input: *const c_void,
        input_len: u32,
        output: *mut c_void,
        output_len: u32,
        returned: *mut u32,
        ov: *mut OVERLAPPED,
        routine: RawCallback,
        _thread: *mut WSATHREADID,
    ) -> Result<i32, Errno> {
        let call = ioctl::Call {
            code,
            input,
            input_length: input_len,
            output,
            output_length: output_len,
            returned,
            overlapped: ov,
            routine,
        };
        // SAFETY: the caller's contract (WSPIoctl).
        unsafe { ioctl::ioctl(s, &call) }
    }

    unsafe fn join_leaf(
        _: Convention,
        s: SOCKET,
        name: *const SOCKADDR,
        namelen: i32,
        _caller: *const WSABUF,
        _callee: *mut WSABUF,
        sqos: *const QOS,
        gqos: *const QOS,
        flags: u32,
    ) -> Result<SOCKET, Errno> {
        let has_qos = !sqos.is_null() || !gqos.is_null();
        // SAFETY: the caller's contract (WSPJoinLeaf).
        unsafe { leaf::join(s, name, namelen, has_qos, flags) }
    }

    unsafe fn listen(_: Convention, s: SOCKET, backlog: i32) -> Result<i32, Errno> {
        if sockets::find(s)?.is_datagram() {
            return Err(Errno::OPNOTSUPP);
        }
        // SAFETY: no pointers.
        unsafe { system()?.listen(s, backlog) }
    }

    unsafe fn recv(
        _: Convention,
        s: SOCKET,
        bufs: *const WSABUF,
        count: u32,
        got: *mut u32,
        flags: *mut u32,
        ov: *mut OVERLAPPED,
        routine: RawCallback,
        _thread: *mut WSATHREADID,
    ) -> Result<i32, Errno> {
        let call = Receive {
            buffers: bufs,
            count,
            got,
            flags,
            overlapped: ov,
            routine,
        };
        // SAFETY: the caller's contract (WSPRecv).
        unsafe { transfer::receive(s, &call) }
    }

    unsafe fn recv_disconnect(_: Convention, s: SOCKET, data: *const WSABUF) -> Result<i32, Errno> {
        let socket = sockets::find(s)?;
        if !data.is_null() {
            return Err(Errno::NOPROTOOPT);
        }
        // SAFETY: no pointers that are not null.
        let done = unsafe { system()?.receive_disconnect(s, data) }?;
        socket.direct.bar(&[Use::Receive]);
        Ok(done)
    }

    unsafe fn recv_from(
        _: Convention,
        s: SOCKET,
        bufs: *const WSABUF,
        count: u32,
        got: *mut u32,
        flags: *mut u32,
        from: *mut SOCKADDR,
        fromlen: *mut i32,
        ov: *mut OVERLAPPED,
        routine: RawCallback,
        _thread: *mut WSATHREADID,
    ) -> Result<i32, Errno> {
        let call = Receive {
            buffers: bufs,
            count,
            got,
            flags,
            overlapped: ov,
            routine,
        };
        // SAFETY: the caller's contract (WSPRecvFrom).
        unsafe { transfer::receive_from(s, &call, from, fromlen) }
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
        unsafe { select::select(read, write, except, timeout) }
    }

    unsafe fn send(
        _: Convention,
        s: SOCKET,
        bufs: *const WSABUF,
        count: u32,
        sent: *mut u32,
        flags: u32,
        ov: *mut OVERLAPPED,
        routine: RawCallback,
        _thread: *mut WSATHREADID,
    ) -> Result<i32, Errno> {
        let call = Send {
            buffers: bufs,
            count,
            sent,
            flags,
            overlapped: ov,
            routine,
        };
        // SAFETY: the caller's contract (WSPSend).
        unsafe { transfer::send(s, &call) }
    }

    unsafe fn send_disconnect(_: Convention, s: SOCKET, data: *const WSABUF) -> Result<i32, Errno> {
        let socket = sockets::find(s)?;
        if !data.is_null() {
            return Err(Errno::NOPROTOOPT);
        }
        // SAFETY: no pointers that are not null.
        let done = unsafe { system()?.send_disconnect(s, data) }?;
        socket.direct.bar(&[Use::Send]);
        Ok(done)
    }

    unsafe fn send_to(
        _: Convention,
        s: SOCKET,
        bufs: *const WSABUF,
        count: u32,
        sent: *mut u32,
        flags: u32,
        to: *const SOCKADDR,
        tolen: i32,
        ov: *mut OVERLAPPED,
        routine: RawCallback,
        _thread: *mut WSATHREADID,
    ) -> Result<i32, Errno> {
        let call = Send {
            buffers: bufs,
            count,
            sent,
            flags,
            overlapped: ov,
            routine,
        };
        // SAFETY: the caller's contract (WSPSendTo).
        unsafe { transfer::send_to(s, &call, to, tolen) }
    }

    unsafe fn set_sock_opt(
        _: Convention,
        s: SOCKET,
        level: i32,
        name: i32,
        value: PCSTR,
        len: i32,
    ) -> Result<i32, Errno> {
        sockets::find(s)?;
        if value.is_null() && len != 0 {
            return Err(Errno::FAULT);
        }
        // SAFETY: the caller's contract (WSPSetSockOpt).
        unsafe { system()?.set_option(s, level, name, value, len) }
    }

    unsafe fn shutdown(_: Convention, s: SOCKET, how: i32) -> Result<i32, Errno> {
        let socket = sockets::find(s)?;
        // SAFETY: no pointers.
        let done = unsafe { system()?.shut_down(s, how) }?;
        match how {
            SD_RECEIVE => socket.direct.bar(&[Use::Receive]),
            SD_SEND => socket.direct.bar(&[Use::Send]),
            _ => socket.direct.bar(&[Use::Receive, Use::Send]),
        }
        Ok(done)
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
        upcalls()?;
        if info.is_null() {
            return Err(Errno::FAULT);
        }
        // SAFETY: the caller's contract (WSPSocket): it may be unaligned.
        let entry = unsafe { info.read_unaligned() };
        let mut shown = entry;
        if shown.dwProviderReserved != 0 {
            shown.dwServiceFlags3 = shown.dwProviderReserved;
            shown.dwServiceFlags4 = DUPLICATED;
        }
        // SAFETY: a live local.
        let s =
            unsafe { system()?.socket(family, kind, protocol, &raw const shown, group, flags) }?;
        let or_entry = |given, own| if given > 0 { given } else { own };
        let family = or_entry(family, entry.iAddressFamily);
        let kind = or_entry(kind, entry.iSocketType);
        let socket = Socket::new(entry.dwCatalogEntryId, family, kind, flags);
        if shown.dwServiceFlags4 == DUPLICATED {
            socket.direct.bar_all();
        }
        claim(s, Arc::new(socket))
    }

    unsafe fn string_to_address(
        _: Convention,
        text: PCWSTR,
        family: i32,
        info: *const WSAPROTOCOL_INFOW,
        addr: *mut SOCKADDR,
        len: *mut i32,
    ) -> Result<i32, Errno> {
        if text.is_null() {
            return Err(Errno::INVAL);
        }
        if addr.is_null() || len.is_null() {
            return Err(Errno::FAULT);
        }
        // SAFETY: the caller's contract (WSPStringToAddress); not null.
        unsafe { system()?.string_to_address(text, family, info, addr, len) }
    }
}

/// What Wine knows the description of a duplicate by.
const DUPLICATED: u32 = 0xff00_ff00;
