//! UDP: several pairs of sockets at a time, each with a client and a server that echoes.
//!
//! A datagram begins with its number, four bytes; the rest is its pattern. Loopback drops datagrams
//! when a receive buffer is full, so a client never has more under way than any buffer holds: then
//! none can be lost but by a provider. Every other client connects its socket and uses `send` and
//! `recv`; the others use `sendto` and `recvfrom`.

use super::exchange::{Exchange, Stopped};
use super::pattern::Pattern;
use super::random::Random;
use crate::Socket;
use crate::place::Thread;
use crate::socket::loopback;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use ws2spi_abi::{Errno, IPPROTO_UDP, SO_RCVTIMEO, SOCK_DGRAM, SOL_SOCKET};

/// Carries the leg's traffic.
pub(super) fn carry(exchange: &Exchange<'_>) -> Result<(), Stopped> {
    let thread = &Thread::enter(format!("{}, opener", exchange.leg));
    thread::scope(|scope| {
        for index in 0..exchange.plan.connections {
            let socket = open(exchange, thread, server_patience(exchange))?;
            let family = exchange.leg.family.number();
            exchange.call(thread, "bind", || socket.bind(loopback(family)))?;
            let name = exchange.call(thread, "getsockname", || socket.name_address())?;
            let Some(name) = name.to_ip() else {
                let what = format!("{}: getsockname gives {name:?}", thread.name());
                return Err(exchange.fail(what));
            };
            exchange.spawn(scope, format!("server {index}"), move |thread| {
                server(exchange, thread, index, socket)
            });
            exchange.spawn(scope, format!("client {index}"), move |thread| {
                client(exchange, thread, index, name)
            });
        }
        Ok(())
    })
}

/// A socket whose receives give up when nothing comes within so many milliseconds.
fn open(exchange: &Exchange<'_>, thread: &Thread, patience: u32) -> Result<Arc<Socket>, Stopped> {
    let family = exchange.leg.family.number();
    let socket = exchange.open(thread, "socket", || {
        Socket::new(family, SOCK_DGRAM, IPPROTO_UDP)
    })?;
    exchange.call(thread, "setsockopt", || {
        socket.set_option(SOL_SOCKET, SO_RCVTIMEO, patience)
    })?;
    Ok(socket)
}

fn server(
    exchange: &Exchange<'_>,
    thread: &Thread,
    index: u32,
    socket: Arc<Socket>,
) -> Result<(), Stopped> {
    let flow = Flow::new(exchange, index);
    let mut data = [0; ROOM];
    for done in 0..flow.total {
        let received = receive(exchange, thread, "recvfrom", || socket.recv_from(&mut data))?;
        let Some((got, from)) = received else {
            let left = flow.total - done;
            let patience = server_patience(exchange);
            let what = format!("nothing came for {patience} ms, of {left} datagrams expected");
            return Err(flow.fail(thread, &what));
        };
        flow.compared(thread, &data[..got])?;
        let Some(client) = from.to_ip() else {
            return Err(flow.fail(thread, &format!("recvfrom gives the address {from:?}")));
        };
        let datagram = &data[..got];
        let sent = exchange.transfer(thread, "sendto", || socket.send_to(datagram, client))?;
        flow.taken_whole(thread, sent, got)?;
    }
    exchange.close(thread, socket)
}

fn client(
    exchange: &Exchange<'_>,
    thread: &Thread,
    index: u32,
    server: SocketAddr,
) -> Result<(), Stopped> {
    let flow = Flow::new(exchange, index);
    let socket = open(exchange, thread, client_patience(exchange))?;
    let connected = index.is_multiple_of(2);
    if connected {
        exchange.call(thread, "connect", || socket.connect(server))?;
    }
    let mut sizes = Random::of(flow.key, &[u64::from(index)]);
    let mut size = sizes.size(SMALLEST, LARGEST);
    let mut under_way = UnderWay::default();
    let mut next = 0;
    let mut data = [0; ROOM];
    loop {
        while next < flow.total && under_way.has_room(size) {
            let datagram = &mut data[..size];
            flow.fill(next, datagram);
            let sent = if connected {
                exchange.transfer(thread, "send", || socket.send(datagram, 0))?
            } else {
                exchange.transfer(thread, "sendto", || socket.send_to(datagram, server))?
            };
            flow.taken_whole(thread, sent, size)?;
            under_way.add(next, size);
            next += 1;
            size = sizes.size(SMALLEST, LARGEST);
        }
        if under_way.is_empty() {
            break;
        }
        let received = if connected {
            receive(exchange, thread, "recv", || {
                Ok((socket.recv(&mut data, 0)?, Some(server)))
            })?
        } else {
            receive(exchange, thread, "recvfrom", || {
                let (got, from) = socket.recv_from(&mut data)?;
                Ok((got, from.to_ip()))
            })?
        };
        let Some((got, from)) = received else {
            let patience = client_patience(exchange);
            let what = format!("{under_way} did not come back within {patience} ms");
            return Err(flow.fail(thread, &what));
        };
        if from != Some(server) {
            let what = format!("a datagram came from {from:?}, not from the server at {server}");
            return Err(flow.fail(thread, &what));
        }
        let number = flow.compared(thread, &data[..got])?;
        match under_way.remove(number) {
            Some(size) if size == got => exchange.verified_datagram(got as u64),
            Some(size) => {
                let what = format!("datagram {number} has {got} bytes, sent were {size}");
                return Err(flow.fail(thread, &what));
            }
            None => return Err(flow.fail(thread, &format!("datagram {number} came twice"))),
        }
    }
    exchange.close(thread, socket)
}

/// How long a client waits, in milliseconds; 0 would be for ever.
fn client_patience(exchange: &Exchange<'_>) -> u32 {
    let patience = exchange.plan.patience.as_millis();
    u32::try_from(patience).unwrap_or(u32::MAX).max(1)
}

/// A server waits longer: the client knows which datagram is missing, and is to say so first.
fn server_patience(exchange: &Exchange<'_>) -> u32 {
    client_patience(exchange).saturating_mul(2)
}

/// A receive; `None` when nothing came within the socket's patience.
fn receive<T>(
    exchange: &Exchange<'_>,
    thread: &Thread,
    function: &'static str,
    call: impl FnOnce() -> Result<T, Errno>,
) -> Result<Option<T>, Stopped> {
    exchange.transfer(thread, function, || match call() {
        Ok(received) => Ok(Some(received)),
        Err(Errno::TIMEDOUT) => Ok(None),
        Err(error) => Err(error),
    })
}

/// The datagrams of one pair of sockets.
struct Flow<'a> {
    exchange: &'a Exchange<'a>,
    key: u64,
    pattern: Pattern,
    total: u32,
}

impl<'a> Flow<'a> {
    fn new(exchange: &'a Exchange<'a>, index: u32) -> Self {
        let key = exchange.plan.seed ^ exchange.leg.family.number() as u64 ^ UDP;
        let total = exchange
            .plan
            .share(u64::from(exchange.plan.datagrams), index);
        Self {
            exchange,
            key,
            pattern: Pattern::of(key, &[u64::from(index)]),
            // A share of a u32.
            total: total as u32,
        }
    }

    /// Makes datagram `number`.
    fn fill(&self, number: u32, datagram: &mut [u8]) {
        let (head, body) = datagram.split_at_mut(SMALLEST);
        head.copy_from_slice(&number.to_le_bytes());
        self.pattern.fill(place(number), body);
    }

    /// The number of a datagram whose every byte is what was sent.
    fn compared(&self, thread: &Thread, datagram: &[u8]) -> Result<u32, Stopped> {
        let Some((head, body)) = datagram.split_first_chunk() else {
            let what = format!(
                "a datagram of {} bytes, none so short was sent",
                datagram.len()
            );
            return Err(self.fail(thread, &what));
        };
        let number = u32::from_le_bytes(*head);
        if number >= self.total {
            let what = format!("a datagram begins with {head:02x?}, no number that was sent");
            return Err(self.fail(thread, &what));
        }
        match self.pattern.difference(place(number), body) {
            None => Ok(number),
            Some(mut difference) => {
                difference.offset -= place(number);
                difference.offset += SMALLEST as u64;
                Err(self.fail(thread, &format!("datagram {number}: {difference}")))
            }
        }
    }

    fn taken_whole(&self, thread: &Thread, sent: usize, len: usize) -> Result<(), Stopped> {
        if sent == len {
            return Ok(());
        }
        Err(self.fail(
            thread,
            &format!("a datagram of {len} bytes was sent as {sent}"),
        ))
    }

    fn fail(&self, thread: &Thread, what: &str) -> Stopped {
        self.exchange.fail(format!("{}: {what}", thread.name()))
    }
}

/// Where a datagram's bytes are in the pattern: no two overlap.
fn place(number: u32) -> u64 {
    u64::from(number) * LARGEST as u64
}

/// Sent and not yet back: number and size.
#[derive(Default)]
struct UnderWay {
    sizes: BTreeMap<u32, usize>,
    bytes: usize,
}

impl UnderWay {
    fn has_room(&self, size: usize) -> bool {
        self.sizes.len() < MOST_DATAGRAMS && self.bytes + size <= MOST_BYTES
    }

    fn add(&mut self, number: u32, size: usize) {
        self.sizes.insert(number, size);
        self.bytes += size;
    }

    fn remove(&mut self, number: u32) -> Option<usize> {
        let size = self.sizes.remove(&number)?;
        self.bytes -= size;
        Some(size)
    }

    fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }
}

impl std::fmt::Display for UnderWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.sizes.first_key_value() {
            Some((first, size)) if self.sizes.len() == 1 => {
                write!(f, "datagram {first} ({size} bytes)")
            }
            Some((first, size)) => {
                let others = self.sizes.len() - 1;
                write!(
                    f,
                    "datagram {first} ({size} bytes) and {others} sent after it"
                )
            }
            None => f.write_str("nothing"),
        }
    }
}

/// The number of a datagram, which is all there is to the smallest.
const SMALLEST: usize = 4;
/// macOS takes no datagram above 9216 bytes unless it is told to.
const LARGEST: usize = 8 << 10;
/// One byte more than the largest, so that one that has grown shows.
const ROOM: usize = LARGEST + 1;
/// Under way at a time. A system may account several times a datagram's size to the receive buffer,
/// and the smallest default buffer (Windows', which the base provider sets) is 64 KiB.
const MOST_BYTES: usize = 16 << 10;
const MOST_DATAGRAMS: usize = 32;
/// Keeps this transport's choices apart from the other's.
const UDP: u64 = 1 << 63;
