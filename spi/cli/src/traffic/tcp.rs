//! TCP: several connections at a time, each with a client that sends and receives at once and a
//! server that echoes.
//!
//! A connection begins with its number, eight bytes, so that the server knows which bytes to
//! expect. The client then sends its share of the bytes in pieces of 1 byte to 256 KiB, shuts its
//! sending side down and reads until the server has done the same.

use super::exchange::{Exchange, Stopped};
use super::pattern::Pattern;
use super::random::Random;
use crate::Socket;
use crate::place::Thread;
use crate::socket::loopback;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use ws2spi_abi::args::Address;
use ws2spi_abi::{IPPROTO_TCP, SD_SEND, SOCK_STREAM};

/// Carries the leg's traffic.
pub(super) fn carry(exchange: &Exchange<'_>) -> Result<(), Stopped> {
    let thread = &Thread::enter(format!("{}, listener", exchange.leg));
    let family = exchange.leg.family.number();
    let listener = &open(exchange, thread)?;
    exchange.call(thread, "bind", || listener.bind(loopback(family)))?;
    let backlog = exchange.plan.connections as i32;
    exchange.call(thread, "listen", || listener.listen(backlog))?;
    let name = name(exchange, thread, listener)?;
    thread::scope(|scope| {
        for index in 0..exchange.plan.connections {
            exchange.spawn(scope, format!("client {index}"), move |thread| {
                client(exchange, thread, index, name)
            });
        }
        for number in 0..exchange.plan.connections {
            let mut peer = None;
            let accepted = exchange.open(thread, "accept", || {
                let (socket, from) = listener.accept()?;
                peer = Some(from);
                Ok(socket)
            });
            let Ok(socket) = accepted else { break };
            exchange.spawn(scope, format!("server {number}"), move |thread| {
                server(exchange, thread, socket, peer)
            });
        }
    });
    exchange.close(thread, Arc::clone(listener))
}

fn open(exchange: &Exchange<'_>, thread: &Thread) -> Result<Arc<Socket>, Stopped> {
    let family = exchange.leg.family.number();
    exchange.open(thread, "socket", || {
        Socket::new(family, SOCK_STREAM, IPPROTO_TCP)
    })
}

fn client(
    exchange: &Exchange<'_>,
    thread: &Thread,
    index: u32,
    server: SocketAddr,
) -> Result<(), Stopped> {
    let socket = open(exchange, thread)?;
    exchange.call(thread, "connect", || socket.connect(server))?;
    let peer = exchange.call(thread, "getpeername", || socket.peer_address())?;
    if peer.to_ip() != Some(server) {
        let who = thread.name();
        let what = format!("{who}: getpeername gives {peer:?}, connected was {server}");
        return Err(exchange.fail(what));
    }
    thread::scope(|scope| {
        let sender = Arc::clone(&socket);
        exchange.spawn(scope, format!("client {index}, sender"), move |thread| {
            send_all(exchange, thread, index, &sender)
        });
        receive_all(exchange, thread, index, &socket)
    })?;
    exchange.close(thread, socket)
}

fn send_all(
    exchange: &Exchange<'_>,
    thread: &Thread,
    index: u32,
    socket: &Socket,
) -> Result<(), Stopped> {
    send(exchange, thread, socket, &u64::from(index).to_le_bytes())?;
    let (pattern, total) = (pattern(exchange, index), share(exchange, index));
    let mut sizes = sizes(exchange, index, Role::ClientSends);
    let mut data = vec![0; LARGEST];
    let mut sent = 0;
    while sent < total {
        let size = sizes.next(total - sent);
        pattern.fill(sent, &mut data[..size]);
        send(exchange, thread, socket, &data[..size])?;
        sent += size as u64;
    }
    exchange.call(thread, "shutdown", || socket.shutdown(SD_SEND))
}

fn receive_all(
    exchange: &Exchange<'_>,
    thread: &Thread,
    index: u32,
    socket: &Socket,
) -> Result<(), Stopped> {
    let mut sizes = sizes(exchange, index, Role::ClientReceives);
    let mut stream = Stream::new(exchange, index);
    let mut data = vec![0; LARGEST];
    loop {
        let size = sizes.next(u64::MAX);
        let got = exchange.transfer(thread, "recv", || socket.recv(&mut data[..size], 0))?;
        if got == 0 {
            return stream.ended(thread);
        }
        stream.arrived(thread, &data[..got])?;
        exchange.verified_bytes(got as u64);
    }
}

fn server(
    exchange: &Exchange<'_>,
    thread: &Thread,
    socket: Arc<Socket>,
    peer: Option<Address>,
) -> Result<(), Stopped> {
    let named = exchange.call(thread, "getpeername", || socket.peer_address())?;
    if peer.is_some_and(|peer| peer.to_ip() != named.to_ip()) {
        let what = format!(
            "{}: accept and getpeername give different addresses",
            thread.name()
        );
        return Err(exchange.fail(what));
    }
    let index = receive_number(exchange, thread, &socket)?;
    let mut sizes = sizes(exchange, index, Role::ServerReceives);
    let mut stream = Stream::new(exchange, index);
    let mut data = vec![0; LARGEST];
    loop {
        let size = sizes.next(u64::MAX);
        let got = exchange.transfer(thread, "recv", || socket.recv(&mut data[..size], 0))?;
        if got == 0 {
            break;
        }
        stream.arrived(thread, &data[..got])?;
        send(exchange, thread, &socket, &data[..got])?;
    }
    stream.ended(thread)?;
    exchange.call(thread, "shutdown", || socket.shutdown(SD_SEND))?;
    exchange.close(thread, socket)
}

/// The number of the connection, with which the client begins.
fn receive_number(
    exchange: &Exchange<'_>,
    thread: &Thread,
    socket: &Socket,
) -> Result<u32, Stopped> {
    let mut bytes = [0; 8];
    let mut filled = 0;
    while filled < bytes.len() {
        let got = exchange.transfer(thread, "recv", || socket.recv(&mut bytes[filled..], 0))?;
        if got == 0 {
            let what = format!("{}: the stream ended before its first bytes", thread.name());
            return Err(exchange.fail(what));
        }
        filled += got;
    }
    let number = u64::from_le_bytes(bytes);
    match u32::try_from(number) {
        Ok(index) if index < exchange.plan.connections => Ok(index),
        _ => {
            let what = format!(
                "{}: the stream begins with {bytes:02x?}, no number of a connection",
                thread.name()
            );
            Err(exchange.fail(what))
        }
    }
}

/// Sends all of `data`, in as many calls as the provider makes of it.
fn send(
    exchange: &Exchange<'_>,
    thread: &Thread,
    socket: &Socket,
    mut data: &[u8],
) -> Result<(), Stopped> {
    while !data.is_empty() {
        let sent = exchange.transfer(thread, "send", || socket.send(data, 0))?;
        if sent == 0 || sent > data.len() {
            let (who, len) = (thread.name(), data.len());
            return Err(exchange.fail(format!("{who}: send of {len} bytes reports {sent}")));
        }
        data = &data[sent..];
    }
    Ok(())
}

fn name(exchange: &Exchange<'_>, thread: &Thread, socket: &Socket) -> Result<SocketAddr, Stopped> {
    let name = exchange.call(thread, "getsockname", || socket.name_address())?;
    name.to_ip().ok_or_else(|| {
        exchange.fail(format!(
            "{}: getsockname gives {name:?}, no IP address",
            thread.name()
        ))
    })
}

/// What has arrived of a connection's bytes, compared as it comes.
struct Stream<'a> {
    exchange: &'a Exchange<'a>,
    index: u32,
    pattern: Pattern,
    total: u64,
    arrived: u64,
}

impl<'a> Stream<'a> {
    fn new(exchange: &'a Exchange<'a>, index: u32) -> Self {
        let (pattern, total) = (pattern(exchange, index), share(exchange, index));
        Self {
            exchange,
            index,
            pattern,
            total,
            arrived: 0,
        }
    }

    fn arrived(&mut self, thread: &Thread, data: &[u8]) -> Result<(), Stopped> {
        if let Some(difference) = self.pattern.difference(self.arrived, data) {
            return Err(self.fail(thread, &format!("{difference}")));
        }
        self.arrived += data.len() as u64;
        if self.arrived > self.total {
            return Err(self.fail(thread, &format!("more than the {} bytes sent", self.total)));
        }
        Ok(())
    }

    fn ended(&self, thread: &Thread) -> Result<(), Stopped> {
        if self.arrived == self.total {
            return Ok(());
        }
        let what = format!(
            "the stream ended after {} of {} bytes",
            self.arrived, self.total
        );
        Err(self.fail(thread, &what))
    }

    fn fail(&self, thread: &Thread, what: &str) -> Stopped {
        self.exchange.fail(format!(
            "{}, connection {}: {what}",
            thread.name(),
            self.index
        ))
    }
}

/// Sizes of one end's calls: the extremes first, then a mix.
struct Sizes {
    first: [usize; 2],
    given: usize,
    random: Random,
}

impl Sizes {
    fn next(&mut self, most: u64) -> usize {
        let drawn = match self.first.get(self.given) {
            Some(size) => *size,
            None => self.random.size(1, LARGEST),
        };
        self.given += 1;
        drawn.min(usize::try_from(most).unwrap_or(LARGEST))
    }
}

/// Whose calls sizes are for.
#[derive(Clone, Copy)]
enum Role {
    ClientSends = 1,
    ClientReceives,
    ServerReceives,
}

fn sizes(exchange: &Exchange<'_>, index: u32, role: Role) -> Sizes {
    let purpose = [u64::from(index), role as u64];
    let random = Random::of(key(exchange), &purpose);
    Sizes {
        first: [1, LARGEST],
        given: 0,
        random,
    }
}

fn pattern(exchange: &Exchange<'_>, index: u32) -> Pattern {
    Pattern::of(key(exchange), &[u64::from(index)])
}

fn share(exchange: &Exchange<'_>, index: u32) -> u64 {
    exchange.plan.share(exchange.plan.bytes, index)
}

fn key(exchange: &Exchange<'_>) -> u64 {
    exchange.plan.seed ^ exchange.leg.family.number() as u64
}

/// The largest size of a send or receive.
const LARGEST: usize = 256 << 10;
