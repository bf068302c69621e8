//! `Base` as a provider: the 30 entries, each one line to whoever does the work.
//!
//! Calls arrive through the adapter of the abi crate, with arguments not yet checked. The socket is
//! looked up first in each: NOTSOCK comes before every other error.

use core::ffi::c_long;
use std::sync::Arc;
use std::sync::LazyLock;

use ws2spi_abi::Errno;
use ws2spi_abi::GROUP;
use ws2spi_abi::HWND;
use ws2spi_abi::QOS;
use ws2spi_abi::SOCKET;
use ws2spi_abi::TIMEVAL;
use ws2spi_abi::WSAEVENT;
use ws2spi_abi::WSANETWORKEVENTS;
use ws2spi_abi::WSAPROTOCOL_INFOW;
use ws2spi_abi::args::AddressIn;
use ws2spi_abi::args::AddressOut;
use ws2spi_abi::args::Buffers;
use ws2spi_abi::args::BuffersMut;
use ws2spi_abi::args::Condition;
use ws2spi_abi::args::FdSet;
use ws2spi_abi::args::OptionIn;
use ws2spi_abi::args::OptionOut;
use ws2spi_abi::args::Out;
use ws2spi_abi::args::Overlapped;
use ws2spi_abi::args::TextIn;
use ws2spi_abi::args::TextOut;
use ws2spi_abi::ffi::native::StartupFn;
use ws2spi_abi::provider::ConnectExtras;
use ws2spi_abi::provider::Ioctl;
use ws2spi_abi::provider::Provider;
use ws2spi_abi::provider::Receive;
use ws2spi_abi::provider::StartupRequest;
use ws2spi_abi::provider::Transfer;
use ws2spi_abi::provider::Transmit;
use ws2spi_abi::provider::Version;
use ws2spi_kernel::handles;

use super::socket::Socket;
use super::stack::Stack;
use super::text;
use crate::net::Net;
use crate::os;

/// The base transport provider: see the module [`base`](super).
pub struct Base {
    pub(super) stack: Arc<Stack>,
}

impl Base {
    /// A base provider over a network, not started. All time is the network's.
    #[must_use]
    pub fn new(net: Arc<dyn Net>) -> Self {
        Self {
            stack: Arc::new(Stack::new(net)),
        }
    }
}

/// The `WSPStartup` of the base provider over the sockets of the system, for the client DLL's
/// loader.
#[doc(alias = "WSPStartup")]
#[must_use]
pub fn entry() -> StartupFn {
    ws2spi_abi::provider::entry::<Base>()
}

/// The system's descriptor behind a socket of this provider; `None` for a number that is no handle of one, and for a socket of a
/// network that has none. It stays the socket's: not to be closed, and its mode and timeouts are not to be relied on. Does not block; any thread.
#[doc(alias = "ws2spi_socket_fd")]
#[must_use]
pub fn socket_fd(s: SOCKET) -> Option<i32> {
    let pinned = handles::pin(s)?;
    pinned.object_as::<Socket>()?.descriptor()
}

impl Provider for Base {
    const NAME: &'static str = "base";

    #[inline]
    fn instance() -> &'static Self {
        static INSTANCE: LazyLock<Base> = LazyLock::new(|| Base::new(Arc::new(os::System)));
        &INSTANCE
    }

    fn startup(&self, request: StartupRequest<'_>) -> Result<Version, Errno> {
        self.stack.startup(request)
    }

    fn cleanup(&self) -> Result<(), Errno> {
        self.stack.cleanup()
    }

    fn socket(
        &self,
        family: i32,
        kind: i32,
        protocol: i32,
        info: Option<&WSAPROTOCOL_INFOW>,
        _group: GROUP,
        flags: u32,
    ) -> Result<SOCKET, Errno> {
        self.stack.create((family, kind, protocol), info, flags)
    }

    fn accept(
        &self,
        s: SOCKET,
        peer: AddressOut<'_>,
        condition: Option<Condition>,
    ) -> Result<SOCKET, Errno> {
        self.stack
            .with(s, |socket| socket.accepted(socket.accept(peer, condition)))
    }

    fn async_select(&self, s: SOCKET, hwnd: HWND, msg: u32, events: c_long) -> Result<(), Errno> {
        self.stack
            .with(s, |socket| socket.async_select(s, hwnd, msg, events))
    }

    fn bind(&self, s: SOCKET, name: AddressIn<'_>) -> Result<(), Errno> {
        self.stack.with(s, |socket| socket.bind(name))
    }

    fn close_socket(&self, s: SOCKET) -> Result<(), Errno> {
        self.stack.close_socket(s)
    }

    fn connect(
        &self,
        s: SOCKET,
        name: AddressIn<'_>,
        extras: ConnectExtras<'_>,
    ) -> Result<(), Errno> {
        self.stack.with(s, |socket| socket.connect(name, extras))
    }

    fn duplicate_socket(
        &self,
        s: SOCKET,
        process: u32,
        info: Out<'_, WSAPROTOCOL_INFOW>,
    ) -> Result<(), Errno> {
        self.stack.duplicate(s, process, info)
    }

    fn enum_network_events(
        &self,
        s: SOCKET,
        event: WSAEVENT,
        events: Out<'_, WSANETWORKEVENTS>,
    ) -> Result<(), Errno> {
        self.stack
            .with(s, |socket| socket.enum_network_events(event, events))
    }

    fn event_select(&self, s: SOCKET, event: WSAEVENT, mask: c_long) -> Result<(), Errno> {
        self.stack
            .with(s, |socket| socket.event_select(event, mask))
    }

    fn get_overlapped_result(
        &self,
        s: SOCKET,
        overlapped: Option<Overlapped>,
        bytes: Out<'_, u32>,
        wait: bool,
        flags: Out<'_, u32>,
    ) -> Result<(), Errno> {
        self.stack
            .overlapped_result(s, overlapped, bytes, wait, flags)
    }

    fn get_peer_name(&self, s: SOCKET, name: AddressOut<'_>) -> Result<(), Errno> {
        self.stack.with(s, |socket| socket.get_peer_name(name))
    }

    fn get_sock_name(&self, s: SOCKET, name: AddressOut<'_>) -> Result<(), Errno> {
        self.stack.with(s, |socket| socket.get_sock_name(name))
    }

    fn get_sock_opt(
        &self,
        s: SOCKET,
        level: i32,
        option: i32,
        value: OptionOut<'_>,
    ) -> Result<(), Errno> {
        self.stack
            .with(s, |socket| socket.get_sock_opt(level, option, value))
    }

    fn set_sock_opt(
        &self,
        s: SOCKET,
        level: i32,
        option: i32,
        value: OptionIn<'_>,
    ) -> Result<(), Errno> {
        self.stack
            .with(s, |socket| socket.set_sock_opt(level, option, value))
    }

    fn get_qos_by_name(
        &self,
        s: SOCKET,
        _name: Buffers<'_>,
        _qos: Out<'_, QOS>,
    ) -> Result<(), Errno> {
        // There are no templates.
        self.stack.with(s, |_| Err(Errno::INVAL))
    }

    fn ioctl(&self, s: SOCKET, call: Ioctl<'_>) -> Result<Transfer, Errno> {
        self.stack.with(s, |socket| socket.ioctl(s, &call))
    }

    fn join_leaf(
        &self,
        s: SOCKET,
        name: AddressIn<'_>,
        extras: ConnectExtras<'_>,
        flags: u32,
    ) -> Result<SOCKET, Errno> {
        self.stack
            .with(s, |socket| socket.join_leaf(s, name, extras, flags))
    }

    fn listen(&self, s: SOCKET, backlog: i32) -> Result<(), Errno> {
        self.stack.with(s, |socket| socket.listen(backlog))
    }

    #[inline]
    fn recv(&self, s: SOCKET, call: Receive<'_>) -> Result<Transfer, Errno> {
        self.stack.with(s, |socket| {
            socket.received(match socket.recv_plain(&call) {
                Some(answer) => answer,
                None => socket.recv(call, None),
            })
        })
    }

    fn recv_disconnect(&self, s: SOCKET, data: BuffersMut<'_>) -> Result<(), Errno> {
        self.stack.with(s, |socket| socket.recv_disconnect(data))
    }

    fn recv_from(
        &self,
        s: SOCKET,
        call: Receive<'_>,
        from: AddressOut<'_>,
    ) -> Result<Transfer, Errno> {
        self.stack
            .with(s, |socket| socket.received(socket.recv(call, Some(from))))
    }

    #[inline]
    fn send(&self, s: SOCKET, call: Transmit<'_>) -> Result<Transfer, Errno> {
        self.stack.with(s, |socket| {
            socket.sent(match socket.send_plain(&call) {
                Some(answer) => answer,
                None => socket.send(&call),
            })
        })
    }

    fn send_disconnect(&self, s: SOCKET, data: Buffers<'_>) -> Result<(), Errno> {
        self.stack.with(s, |socket| socket.send_disconnect(data))
    }

    fn send_to(&self, s: SOCKET, call: Transmit<'_>, to: AddressIn<'_>) -> Result<Transfer, Errno> {
        self.stack
            .with(s, |socket| socket.sent(socket.send_to(call, to)))
    }

    fn shutdown(&self, s: SOCKET, how: i32) -> Result<(), Errno> {
        self.stack.with(s, |socket| socket.shutdown(how))
    }

    fn select(
        &self,
        read: FdSet<'_>,
        write: FdSet<'_>,
        except: FdSet<'_>,
        timeout: Option<TIMEVAL>,
    ) -> Result<i32, Errno> {
        self.stack.select(read, write, except, timeout)
    }

    fn address_to_string(
        &self,
        address: AddressIn<'_>,
        _info: Option<&WSAPROTOCOL_INFOW>,
        out: TextOut<'_>,
    ) -> Result<(), Errno> {
        text::address_to_string(address, out)
    }

    fn string_to_address(
        &self,
        text: TextIn<'_>,
        family: i32,
        _info: Option<&WSAPROTOCOL_INFOW>,
        address: AddressOut<'_>,
    ) -> Result<(), Errno> {
        text::string_to_address(text, family, address)
    }

    fn cancel_blocking_call(&self) -> Result<(), Errno> {
        self.stack.cancel_blocking_call()
    }
}
