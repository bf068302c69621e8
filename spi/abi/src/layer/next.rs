//! The provider below, with safe arguments: the other direction of the adapter.

use crate::args::*;
use crate::ffi::{Failure, Procs};
use crate::provider::{ConnectExtras, Ioctl, Receive, Transfer, Transmit};
use crate::*;
use core::ffi::c_long;

/// A started provider's table, called with the safe arguments that a layer received.
///
/// Failures with the error code 0 come back as `WSASYSCALLFAILURE`.
#[derive(Clone, Copy, Debug)]
pub struct Next {
    procs: Procs,
}

fn errno(failure: Failure) -> Errno {
    Errno::new(failure.errno).unwrap_or(Errno::SYSCALLFAILURE)
}

/// The outcome of a data call, read back from where the provider stored it.
fn transferred(
    result: Result<i32, Failure>,
    count: Out<'_, u32>,
    flags: Option<InOut<'_, u32>>,
) -> Result<Transfer, Errno> {
    let bytes = || {
        if count.is_null() {
            return 0;
        }
        // SAFETY: whoever called the layer gave a place for a u32, and the provider below has just stored it.
        unsafe { count.raw().read_unaligned() }
    };
    let stored = || flags.and_then(|flags| flags.get().ok()).unwrap_or(0);
    match result.map_err(errno) {
        Ok(_) => Ok(Transfer::Done {
            bytes: bytes(),
            flags: stored(),
        }),
        Err(Errno::MSGSIZE) if flags.is_some() => Ok(Transfer::Truncated {
            bytes: bytes(),
            flags: stored(),
        }),
        Err(Errno::IO_PENDING) => Ok(Transfer::Pending),
        Err(error) => Err(error),
    }
}

/// Calls one row. The arguments come from safe values, whose makers vouched for the pointers.
macro_rules! call {
    ($self:ident.$name:ident($($arg:expr),* $(,)?)) => {{
        // SAFETY: the table is a started provider's and loaded as long as the layer holds it; the makers of the safe arguments
        // vouched for their pointers.
        unsafe { $self.procs.$name($($arg),*) }
    }};
}

#[allow(
    missing_docs,
    clippy::missing_errors_doc,
    reason = "each is the method of the same name of `Provider`, asked of the provider below"
)]
impl Next {
    /// Of a started provider's table.
    #[must_use]
    pub const fn new(procs: Procs) -> Self {
        Self { procs }
    }

    /// The raw table.
    #[must_use]
    pub const fn procs(&self) -> &Procs {
        &self.procs
    }

    pub fn accept(
        &self,
        s: SOCKET,
        peer: AddressOut<'_>,
        condition: Option<Condition>,
    ) -> Result<SOCKET, Errno> {
        let (addr, len) = peer.raw();
        let (function, data) =
            condition.map_or((RawCallback::NULL, 0), |condition| condition.raw());
        call!(self.accept(s, addr, len, function, data)).map_err(errno)
    }

    pub fn address_to_string(
        &self,
        address: AddressIn<'_>,
        info: Option<&WSAPROTOCOL_INFOW>,
        text: TextOut<'_>,
    ) -> Result<(), Errno> {
        let ((addr, len), (out, out_len)) = (address.raw(), text.raw());
        let info = info.map_or(std::ptr::null(), std::ptr::from_ref);
        call!(self.address_to_string(addr, u32::try_from(len).unwrap_or(0), info, out, out_len))
            .map(drop)
            .map_err(errno)
    }

    pub fn async_select(
        &self,
        s: SOCKET,
        hwnd: HWND,
        msg: u32,
        events: c_long,
    ) -> Result<(), Errno> {
        call!(self.async_select(s, hwnd, msg, events))
            .map(drop)
            .map_err(errno)
    }

    pub fn bind(&self, s: SOCKET, name: AddressIn<'_>) -> Result<(), Errno> {
        let (name, len) = name.raw();
        call!(self.bind(s, name, len)).map(drop).map_err(errno)
    }

    pub fn cancel_blocking_call(&self) -> Result<(), Errno> {
        call!(self.cancel_blocking_call()).map(drop).map_err(errno)
    }

    pub fn cleanup(&self) -> Result<(), Errno> {
        call!(self.cleanup()).map(drop).map_err(errno)
    }

    pub fn close_socket(&self, s: SOCKET) -> Result<(), Errno> {
        call!(self.close_socket(s)).map(drop).map_err(errno)
    }

    pub fn connect(
        &self,
        s: SOCKET,
        name: AddressIn<'_>,
        extras: ConnectExtras<'_>,
    ) -> Result<(), Errno> {
        let ((name, len), (caller, callee, sqos, gqos)) = (name.raw(), extras.raw());
        call!(self.connect(s, name, len, caller, callee, sqos, gqos))
            .map(drop)
            .map_err(errno)
    }

    pub fn duplicate_socket(
        &self,
        s: SOCKET,
        pid: u32,
        info: Out<'_, WSAPROTOCOL_INFOW>,
    ) -> Result<(), Errno> {
        call!(self.duplicate_socket(s, pid, info.raw()))
            .map(drop)
            .map_err(errno)
    }

    pub fn enum_network_events(
        &self,
        s: SOCKET,
        event: WSAEVENT,
        events: Out<'_, WSANETWORKEVENTS>,
    ) -> Result<(), Errno> {
        call!(self.enum_network_events(s, event, events.raw()))
            .map(drop)
            .map_err(errno)
    }

    pub fn event_select(&self, s: SOCKET, event: WSAEVENT, mask: c_long) -> Result<(), Errno> {
        call!(self.event_select(s, event, mask))
            .map(drop)
            .map_err(errno)
    }

    pub fn get_overlapped_result(
        &self,
        s: SOCKET,
        overlapped: Option<Overlapped>,
        bytes: Out<'_, u32>,
        wait: bool,
        flags: Out<'_, u32>,
    ) -> Result<(), Errno> {
        let block = overlapped.map_or(std::ptr::null_mut(), |overlapped| overlapped.raw());
        call!(self.get_overlapped_result(s, block, bytes.raw(), BOOL::from(wait), flags.raw()))
            .map(drop)
            .map_err(errno)
    }

    pub fn get_peer_name(&self, s: SOCKET, name: AddressOut<'_>) -> Result<(), Errno> {
        let (name, len) = name.raw();
        call!(self.get_peer_name(s, name, len))
            .map(drop)
            .map_err(errno)
    }

    pub fn get_sock_name(&self, s: SOCKET, name: AddressOut<'_>) -> Result<(), Errno> {
        let (name, len) = name.raw();
        call!(self.get_sock_name(s, name, len))
            .map(drop)
            .map_err(errno)
    }

    pub fn get_sock_opt(
        &self,
        s: SOCKET,
        level: i32,
        option: i32,
        value: OptionOut<'_>,
    ) -> Result<(), Errno> {
        let (value, len) = value.raw();
        call!(self.get_sock_opt(s, level, option, value, len))
            .map(drop)
            .map_err(errno)
    }

    pub fn get_qos_by_name(
        &self,
        s: SOCKET,
        name: Buffers<'_>,
        qos: Out<'_, QOS>,
    ) -> Result<(), Errno> {
        call!(self.get_qos_by_name(s, name.raw().0, qos.raw()))
            .map(drop)
            .map_err(errno)
    }

    pub fn ioctl(&self, s: SOCKET, call: Ioctl<'_>) -> Result<Transfer, Errno> {
        let ((input, input_len), (output, output_len)) = (call.input.raw(), call.output.raw());
        let (block, routine, thread) = call.overlapped.raw();
        let input_len = u32::try_from(input_len).unwrap_or(0);
        let result = call!(self.ioctl(
            s,
            call.code,
            input.cast(),
            input_len,
            output.cast(),
            output_len,
            call.returned.raw(),
            block,
            routine,
            thread
        ));
        transferred(result, call.returned, None)
    }

    pub fn join_leaf(
        &self,
        s: SOCKET,
        name: AddressIn<'_>,
        extras: ConnectExtras<'_>,
        flags: u32,
    ) -> Result<SOCKET, Errno> {
        let ((name, len), (caller, callee, sqos, gqos)) = (name.raw(), extras.raw());
        call!(self.join_leaf(s, name, len, caller, callee, sqos, gqos, flags)).map_err(errno)
    }

    pub fn listen(&self, s: SOCKET, backlog: i32) -> Result<(), Errno> {
        call!(self.listen(s, backlog)).map(drop).map_err(errno)
    }

    pub fn recv(&self, s: SOCKET, call: Receive<'_>) -> Result<Transfer, Errno> {
        let (buffers, count) = call.buffers.raw();
        let (block, routine, thread) = call.overlapped.raw();
        let result = call!(self.recv(
            s,
            buffers,
            count,
            call.count.raw(),
            call.flags.raw(),
            block,
            routine,
            thread
        ));
        transferred(result, call.count, Some(call.flags))
    }

    pub fn recv_disconnect(&self, s: SOCKET, data: BuffersMut<'_>) -> Result<(), Errno> {
        call!(self.recv_disconnect(s, data.raw().0))
            .map(drop)
            .map_err(errno)
    }

    pub fn recv_from(
        &self,
        s: SOCKET,
        call: Receive<'_>,
        from: AddressOut<'_>,
    ) -> Result<Transfer, Errno> {
        let ((buffers, count), (addr, len)) = (call.buffers.raw(), from.raw());
        let (block, routine, thread) = call.overlapped.raw();
        let result = call!(self.recv_from(
            s,
            buffers,
            count,
            call.count.raw(),
            call.flags.raw(),
            addr,
            len,
            block,
            routine,
            thread
        ));
        transferred(result, call.count, Some(call.flags))
    }

    pub fn select(
        &self,
        read: FdSet<'_>,
        write: FdSet<'_>,
        except: FdSet<'_>,
        timeout: Option<TIMEVAL>,
    ) -> Result<i32, Errno> {
        let timeout = timeout
            .as_ref()
            .map_or(std::ptr::null(), std::ptr::from_ref);
        call!(self.select(0, read.raw(), write.raw(), except.raw(), timeout)).map_err(errno)
    }

    pub fn send(&self, s: SOCKET, call: Transmit<'_>) -> Result<Transfer, Errno> {
        let (buffers, count) = call.buffers.raw();
        let (block, routine, thread) = call.overlapped.raw();
        let result = call!(self.send(
            s,
            buffers,
            count,
            call.count.raw(),
            call.flags,
            block,
            routine,
            thread
        ));
        transferred(result, call.count, None)
    }

    pub fn send_disconnect(&self, s: SOCKET, data: Buffers<'_>) -> Result<(), Errno> {
        call!(self.send_disconnect(s, data.raw().0))
            .map(drop)
            .map_err(errno)
    }

    pub fn send_to(
        &self,
        s: SOCKET,
        call: Transmit<'_>,
        to: AddressIn<'_>,
    ) -> Result<Transfer, Errno> {
        let ((buffers, count), (addr, len)) = (call.buffers.raw(), to.raw());
        let (block, routine, thread) = call.overlapped.raw();
        let result = call!(self.send_to(
            s,
            buffers,
            count,
            call.count.raw(),
            call.flags,
            addr,
            len,
            block,
            routine,
            thread
        ));
        transferred(result, call.count, None)
    }

    pub fn set_sock_opt(
        &self,
        s: SOCKET,
        level: i32,
        option: i32,
        value: OptionIn<'_>,
    ) -> Result<(), Errno> {
        let (value, len) = value.raw();
        call!(self.set_sock_opt(s, level, option, value, len))
            .map(drop)
            .map_err(errno)
    }

    pub fn shutdown(&self, s: SOCKET, how: i32) -> Result<(), Errno> {
        call!(self.shutdown(s, how)).map(drop).map_err(errno)
    }

    pub fn socket(
        &self,
        family: i32,
        kind: i32,
        protocol: i32,
        info: Option<&WSAPROTOCOL_INFOW>,
        group: GROUP,
        flags: u32,
    ) -> Result<SOCKET, Errno> {
        let info = info.map_or(std::ptr::null(), std::ptr::from_ref);
        call!(self.socket(family, kind, protocol, info, group, flags)).map_err(errno)
    }

    pub fn string_to_address(
        &self,
        text: TextIn<'_>,
        family: i32,
        info: Option<&WSAPROTOCOL_INFOW>,
        address: AddressOut<'_>,
    ) -> Result<(), Errno> {
        let info = info.map_or(std::ptr::null(), std::ptr::from_ref);
        let (addr, len) = address.raw();
        call!(self.string_to_address(text.raw(), family, info, addr, len))
            .map(drop)
            .map_err(errno)
    }
}
