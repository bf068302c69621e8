//! Opening the sockets of a leg: listeners, connections and bound datagram sockets, each with its
//! names compared at both ends.
//!
//! Used by the styles of I/O, which then drive what was opened; the calls here do what the socket's
//! mode says, so on sockets that do not block `connect` and `accept` may answer "not now".

use super::datagram;
use super::exchange::{Exchange, Stopped};
use crate::Socket;
use crate::place::Thread;
use crate::socket::loopback;
use std::net::SocketAddr;
use std::sync::Arc;
use ws2spi_abi::args::Address;
use ws2spi_abi::{Errno, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM, SOCK_STREAM};

/// A listener on loopback, and its address.
pub(super) fn listener(
    exchange: &Exchange<'_>,
    thread: &Thread,
    backlog: u32,
) -> Result<(Arc<Socket>, SocketAddr), Stopped> {
    let listener = stream(exchange, thread)?;
    let family = exchange.leg.family.number();
    exchange.call(thread, "bind", || listener.bind(loopback(family)))?;
    exchange.call(thread, "listen", || listener.listen(backlog as i32))?;
    let name = name(exchange, thread, &listener)?;
    Ok((listener, name))
}

/// A TCP socket.
pub(super) fn stream(exchange: &Exchange<'_>, thread: &Thread) -> Result<Arc<Socket>, Stopped> {
    let family = exchange.leg.family.number();
    exchange.open(thread, "socket", || {
        Socket::new(family, SOCK_STREAM, IPPROTO_TCP)
    })
}

/// A connection that is waiting at the listener; `None` when there is none yet.
pub(super) fn accept(
    exchange: &Exchange<'_>,
    thread: &Thread,
    listener: &Socket,
) -> Result<Option<Arc<Socket>>, Stopped> {
    let not_now = Some(Errno::WOULDBLOCK);
    let accepted = exchange.attempt(thread, "accept", not_now, || listener.accept())?;
    let Some((socket, from)) = accepted else {
        return Ok(None);
    };
    let socket = exchange.keep(socket)?;
    let named = exchange.call(thread, "getpeername", || socket.peer_address())?;
    if from.to_ip() == named.to_ip() {
        return Ok(Some(socket));
    }
    let who = thread.name();
    Err(exchange.fail(format!(
        "{who}: accept and getpeername give different addresses"
    )))
}

/// Compares what `getpeername` gives with the server's address, once a connection is there.
pub(super) fn check_peer(
    exchange: &Exchange<'_>,
    thread: &Thread,
    socket: &Socket,
    server: SocketAddr,
) -> Result<(), Stopped> {
    let peer = exchange.call(thread, "getpeername", || socket.peer_address())?;
    if peer.to_ip() == Some(server) {
        return Ok(());
    }
    let who = thread.name();
    Err(exchange.fail(format!(
        "{who}: getpeername gives {peer:?}, connected was {server}"
    )))
}

/// A UDP socket that is bound to loopback, and its address.
pub(super) fn datagram_server(
    exchange: &Exchange<'_>,
    thread: &Thread,
) -> Result<(Arc<Socket>, SocketAddr), Stopped> {
    let socket = datagram(exchange, thread)?;
    let family = exchange.leg.family.number();
    exchange.call(thread, "bind", || socket.bind(loopback(family)))?;
    let name = name(exchange, thread, &socket)?;
    Ok((socket, name))
}

/// The UDP socket of a client, connected when clients of its number are.
pub(super) fn datagram_client(
    exchange: &Exchange<'_>,
    thread: &Thread,
    index: u32,
    server: SocketAddr,
) -> Result<Arc<Socket>, Stopped> {
    let socket = datagram(exchange, thread)?;
    if datagram::is_connected(index) {
        exchange.call(thread, "connect", || socket.connect(server))?;
    }
    Ok(socket)
}

fn datagram(exchange: &Exchange<'_>, thread: &Thread) -> Result<Arc<Socket>, Stopped> {
    let family = exchange.leg.family.number();
    exchange.open(thread, "socket", || {
        Socket::new(family, SOCK_DGRAM, IPPROTO_UDP)
    })
}

fn name(exchange: &Exchange<'_>, thread: &Thread, socket: &Socket) -> Result<SocketAddr, Stopped> {
    let name: Address = exchange.call(thread, "getsockname", || socket.name_address())?;
    name.to_ip().ok_or_else(|| {
        let who = thread.name();
        exchange.fail(format!("{who}: getsockname gives {name:?}, no IP address"))
    })
}
