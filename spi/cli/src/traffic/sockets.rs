//! Opening the sockets of a leg: listeners, connections and bound datagram sockets, each with its
//! names compared at both ends.
//!
//! Used by the styles of I/O, which then drive what was opened; the calls here do what the socket's
//! mode says, so on sockets that do not block `connect` and `accept` may answer "not now".

use super::datagram;
use super::exchange::Stopped;
use super::worker::Worker;
use crate::Socket;
use crate::socket::loopback;
use std::net::SocketAddr;
use std::sync::Arc;
use ws2spi_abi::args::Address;
use ws2spi_abi::{Errno, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM, SOCK_STREAM};

/// A listener on loopback, and its address.
pub(super) fn listener(
    worker: &Worker<'_>,
    backlog: u32,
) -> Result<(Arc<Socket>, SocketAddr), Stopped> {
    let listener = stream(worker)?;
    let family = worker.exchange.leg.family.number();
    worker.call("bind", || listener.bind(loopback(family)))?;
    worker.call("listen", || listener.listen(backlog as i32))?;
    let name = name(worker, &listener)?;
    Ok((listener, name))
}

/// A TCP socket.
pub(super) fn stream(worker: &Worker<'_>) -> Result<Arc<Socket>, Stopped> {
    let family = worker.exchange.leg.family.number();
    worker.open("socket", || Socket::new(family, SOCK_STREAM, IPPROTO_TCP))
}

/// A connection that is waiting at the listener; `None` when there is none yet.
pub(super) fn accept(
    worker: &Worker<'_>,
    listener: &Socket,
) -> Result<Option<Arc<Socket>>, Stopped> {
    let not_now = Some(Errno::WOULDBLOCK);
    let accepted = worker.attempt("accept", not_now, || listener.accept())?;
    let Some((socket, from)) = accepted else {
        return Ok(None);
    };
    let socket = worker.exchange.keep(socket)?;
    let named = worker.call("getpeername", || socket.peer_address())?;
    if from.to_ip() == named.to_ip() {
        return Ok(Some(socket));
    }
    Err(worker.fail("accept and getpeername give different addresses"))
}

/// Compares what `getpeername` gives with the server's address, once a connection is there.
pub(super) fn check_peer(
    worker: &Worker<'_>,
    socket: &Socket,
    server: SocketAddr,
) -> Result<(), Stopped> {
    let peer = worker.call("getpeername", || socket.peer_address())?;
    if peer.to_ip() == Some(server) {
        return Ok(());
    }
    Err(worker.fail(format_args!(
        "getpeername gives {peer:?}, connected was {server}"
    )))
}

/// A UDP socket that is bound to loopback, and its address.
pub(super) fn datagram_server(worker: &Worker<'_>) -> Result<(Arc<Socket>, SocketAddr), Stopped> {
    let socket = datagram(worker)?;
    let family = worker.exchange.leg.family.number();
    worker.call("bind", || socket.bind(loopback(family)))?;
    let name = name(worker, &socket)?;
    Ok((socket, name))
}

/// The UDP socket of a client, connected when clients of its number are.
pub(super) fn datagram_client(
    worker: &Worker<'_>,
    index: u32,
    server: SocketAddr,
) -> Result<Arc<Socket>, Stopped> {
    let socket = datagram(worker)?;
    if datagram::is_connected(index) {
        worker.call("connect", || socket.connect(server))?;
    }
    Ok(socket)
}

fn datagram(worker: &Worker<'_>) -> Result<Arc<Socket>, Stopped> {
    let family = worker.exchange.leg.family.number();
    worker.open("socket", || Socket::new(family, SOCK_DGRAM, IPPROTO_UDP))
}

fn name(worker: &Worker<'_>, socket: &Socket) -> Result<SocketAddr, Stopped> {
    let name: Address = worker.call("getsockname", || socket.name_address())?;
    name.to_ip()
        .ok_or_else(|| worker.fail(format_args!("getsockname gives {name:?}, no IP address")))
}
