//! The ends of a pair of UDP sockets: a client with its datagrams under way, and a server that
//! echoes.
//!
//! A datagram begins with its number, four bytes, whose highest bit marks the last one; the rest is
//! its pattern. Loopback drops datagrams when a receive buffer is full, so a client never has more
//! under way than any buffer holds: then none can be lost but by a provider. Every other client
//! connects its socket and uses `send` and `recv`; the others use `sendto` and `recvfrom`.

use super::end::{End, Outgoing};
use super::exchange::Exchange;
use super::pattern::Pattern;
use super::random::Random;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;

/// Whether the client of this number connects its socket.
pub(super) const fn is_connected(index: u32) -> bool {
    index.is_multiple_of(2)
}

/// The client.
pub(super) struct Client<'a> {
    exchange: &'a Exchange<'a>,
    name: String,
    index: u32,
    pattern: Pattern,
    server: SocketAddr,
    sizes: Random,
    next_size: usize,
    next: u32,
    last_sent: bool,
    under_way: UnderWay,
}

impl<'a> Client<'a> {
    /// The client of the server at this address.
    pub(super) fn new(exchange: &'a Exchange<'a>, index: u32, server: SocketAddr) -> Self {
        let mut sizes = Random::of(key(exchange), &[u64::from(index)]);
        Self {
            exchange,
            name: format!("client {index}"),
            index,
            pattern: pattern(exchange, index),
            server,
            next_size: sizes.size(SMALLEST, LARGEST),
            sizes,
            next: 0,
            last_sent: exchange.total(index) == 0,
            under_way: UnderWay::default(),
        }
    }

    fn is_last(&self) -> bool {
        let next = u64::from(self.next) + 1;
        next >= self.exchange.total(self.index).min(MOST) || self.exchange.is_time_up()
    }
}

impl End for Client<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn outgoing(&mut self, data: &mut Vec<u8>) -> Outgoing {
        let size = self.next_size;
        if self.last_sent || !self.under_way.has_room(size) {
            return Outgoing::Nothing;
        }
        self.last_sent = self.is_last();
        let mark = if self.last_sent { LAST } else { 0 };
        data.resize(size, 0);
        let (head, body) = data.split_at_mut(SMALLEST);
        head.copy_from_slice(&(self.next | mark).to_le_bytes());
        self.pattern.fill(place(self.next), body);
        self.under_way.add(self.next, size);
        self.next += 1;
        self.next_size = self.sizes.size(SMALLEST, LARGEST);
        if is_connected(self.index) {
            Outgoing::Data
        } else {
            Outgoing::DataTo(self.server)
        }
    }

    fn expects(&self) -> bool {
        !self.under_way.is_empty()
    }

    fn room(&mut self) -> usize {
        ROOM
    }

    fn wants_sender(&self) -> bool {
        !is_connected(self.index)
    }

    fn received(&mut self, data: &[u8], from: Option<SocketAddr>) -> Result<(), String> {
        if self.wants_sender() && from != Some(self.server) {
            let server = self.server;
            return Err(format!(
                "a datagram came from {from:?}, not from the server at {server}"
            ));
        }
        let Datagram { number, .. } = Datagram::compared(self.pattern, data)?;
        match self.under_way.remove(number) {
            Some(size) if size == data.len() => {
                self.exchange.verified_datagram(data.len() as u64);
                Ok(())
            }
            Some(size) => Err(format!(
                "datagram {number} has {} bytes, sent were {size}",
                data.len()
            )),
            None if number < self.next => Err(format!("datagram {number} came twice")),
            None => Err(format!("datagram {number} came, and was never sent")),
        }
    }

    fn is_done(&self) -> bool {
        self.last_sent && self.under_way.is_empty()
    }

    fn awaited(&self) -> String {
        self.under_way.to_string()
    }
}

/// The server: compares what arrives and sends it back to where it came from.
pub(super) struct Echo {
    name: String,
    pattern: Pattern,
    echoed: u32,
    total: Option<u32>,
    queue: Vec<u8>,
    to: Option<SocketAddr>,
}

impl Echo {
    /// The server for the client of this number.
    pub(super) fn new(exchange: &Exchange<'_>, index: u32) -> Self {
        Self {
            name: format!("server {index}"),
            pattern: pattern(exchange, index),
            echoed: 0,
            total: (exchange.total(index) == 0).then_some(0),
            queue: Vec::new(),
            to: None,
        }
    }
}

impl End for Echo {
    fn name(&self) -> &str {
        &self.name
    }

    fn outgoing(&mut self, data: &mut Vec<u8>) -> Outgoing {
        let Some(to) = self.to.take() else {
            return Outgoing::Nothing;
        };
        std::mem::swap(data, &mut self.queue);
        self.echoed += 1;
        Outgoing::DataTo(to)
    }

    fn expects(&self) -> bool {
        self.to.is_none() && !self.is_done()
    }

    fn room(&mut self) -> usize {
        ROOM
    }

    fn wants_sender(&self) -> bool {
        true
    }

    fn received(&mut self, data: &[u8], from: Option<SocketAddr>) -> Result<(), String> {
        let datagram = Datagram::compared(self.pattern, data)?;
        let Some(from) = from else {
            return Err(String::from("a datagram came without an IP address"));
        };
        if datagram.is_last {
            self.total = Some(datagram.number + 1);
        }
        self.queue.clear();
        self.queue.extend(data);
        self.to = Some(from);
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.to.is_none() && self.total == Some(self.echoed)
    }

    fn awaited(&self) -> String {
        match self.total {
            Some(total) => format!("{} more datagrams of {total}", total - self.echoed),
            None => format!("the datagrams after {}", self.echoed),
        }
    }
}

/// The head of a datagram whose every byte is what was sent.
struct Datagram {
    number: u32,
    is_last: bool,
}

impl Datagram {
    fn compared(pattern: Pattern, datagram: &[u8]) -> Result<Self, String> {
        let Some((head, body)) = datagram.split_first_chunk() else {
            return Err(format!(
                "a datagram of {} bytes, none so short was sent",
                datagram.len()
            ));
        };
        let head = u32::from_le_bytes(*head);
        let (number, is_last) = (head & !LAST, head & LAST != 0);
        let Some(mut difference) = pattern.difference(place(number), body) else {
            return Ok(Self { number, is_last });
        };
        difference.offset -= place(number);
        difference.offset += SMALLEST as u64;
        Err(format!("datagram {number}: {difference}"))
    }
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

impl fmt::Display for UnderWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

fn pattern(exchange: &Exchange<'_>, index: u32) -> Pattern {
    Pattern::of(key(exchange), &[u64::from(index)])
}

fn key(exchange: &Exchange<'_>) -> u64 {
    exchange.plan.seed ^ exchange.leg.family.number() as u64 ^ UDP
}

/// Where a datagram's bytes are in the pattern: no two overlap.
fn place(number: u32) -> u64 {
    u64::from(number) * LARGEST as u64
}

/// Marks the last datagram, in its number.
const LAST: u32 = 1 << 31;
/// The most datagrams that a client can number.
const MOST: u64 = LAST as u64;
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
