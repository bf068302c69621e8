//! The ends of a TCP connection: a client that sends and receives at once, and a server that echoes.
//!
//! A connection begins with its number, eight bytes, so that the server knows which bytes to
//! expect. The client then sends its share of the bytes in pieces of 1 byte to 256 KiB, or as many
//! as the time allows, shuts its sending side down and reads until the server has done the same.

use super::end::{End, Outgoing};
use super::exchange::Exchange;
use super::pattern::Pattern;
use super::random::Random;
use std::net::SocketAddr;

/// The client's sending direction.
pub(super) struct Sender<'a> {
    exchange: &'a Exchange<'a>,
    name: String,
    index: u32,
    pattern: Pattern,
    sizes: Sizes,
    limit: u64,
    sent: u64,
    stage: Stage,
}

#[derive(PartialEq, Eq)]
enum Stage {
    Number,
    Data,
    Ended,
}

impl<'a> Sender<'a> {
    pub(super) fn new(exchange: &'a Exchange<'a>, index: u32) -> Self {
        Self {
            exchange,
            name: format!("client {index}, sender"),
            index,
            pattern: pattern(exchange, index),
            sizes: Sizes::of(exchange, index, Role::ClientSends),
            limit: exchange.total(index),
            sent: 0,
            stage: Stage::Number,
        }
    }
}

impl End for Sender<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn outgoing(&mut self, data: &mut Vec<u8>) -> Outgoing {
        match self.stage {
            Stage::Number => {
                data.clear();
                data.extend(u64::from(self.index).to_le_bytes());
                self.stage = Stage::Data;
                Outgoing::Data
            }
            // A piece in any case, however long it took to get here.
            Stage::Data
                if self.sent < self.limit && (self.sent == 0 || !self.exchange.is_time_up()) =>
            {
                let size = self.sizes.next(self.limit - self.sent);
                data.resize(size, 0);
                self.pattern.fill(self.sent, data);
                self.sent += size as u64;
                Outgoing::Data
            }
            Stage::Data => {
                self.exchange.set_total(self.index, self.sent);
                self.stage = Stage::Ended;
                Outgoing::ShutDown
            }
            Stage::Ended => Outgoing::Nothing,
        }
    }

    fn expects(&self) -> bool {
        false
    }

    fn room(&mut self) -> usize {
        0
    }

    fn wants_sender(&self) -> bool {
        false
    }

    fn received(&mut self, _data: &[u8], _from: Option<SocketAddr>) -> Result<(), String> {
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.stage == Stage::Ended
    }

    fn awaited(&self) -> String {
        format!("room for what follows {} bytes sent", self.sent)
    }
}

/// The client's receiving direction.
pub(super) struct Receiver<'a> {
    name: String,
    sizes: Sizes,
    arrivals: Arrivals<'a>,
    ended: bool,
}

impl<'a> Receiver<'a> {
    pub(super) fn new(exchange: &'a Exchange<'a>, index: u32) -> Self {
        Self {
            name: format!("client {index}"),
            sizes: Sizes::of(exchange, index, Role::ClientReceives),
            arrivals: Arrivals::new(exchange, index),
            ended: false,
        }
    }
}

impl End for Receiver<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn outgoing(&mut self, _data: &mut Vec<u8>) -> Outgoing {
        Outgoing::Nothing
    }

    fn expects(&self) -> bool {
        !self.ended
    }

    fn room(&mut self) -> usize {
        self.sizes.next(u64::MAX)
    }

    fn wants_sender(&self) -> bool {
        false
    }

    fn received(&mut self, data: &[u8], _from: Option<SocketAddr>) -> Result<(), String> {
        if data.is_empty() {
            self.ended = true;
            return self.arrivals.ended();
        }
        self.arrivals.add(data)?;
        self.arrivals.exchange.verified_bytes(data.len() as u64);
        Ok(())
    }

    fn is_done(&self) -> bool {
        self.ended
    }

    fn awaited(&self) -> String {
        self.arrivals.awaited()
    }
}

/// Both directions of the client, for whoever drives them together.
pub(super) struct Client<'a> {
    sender: Sender<'a>,
    receiver: Receiver<'a>,
}

impl<'a> Client<'a> {
    pub(super) fn new(exchange: &'a Exchange<'a>, index: u32) -> Self {
        Self {
            sender: Sender::new(exchange, index),
            receiver: Receiver::new(exchange, index),
        }
    }
}

impl End for Client<'_> {
    fn name(&self) -> &str {
        self.receiver.name()
    }

    fn outgoing(&mut self, data: &mut Vec<u8>) -> Outgoing {
        self.sender.outgoing(data)
    }

    fn expects(&self) -> bool {
        self.receiver.expects()
    }

    fn room(&mut self) -> usize {
        self.receiver.room()
    }

    fn wants_sender(&self) -> bool {
        false
    }

    fn received(&mut self, data: &[u8], from: Option<SocketAddr>) -> Result<(), String> {
        self.receiver.received(data, from)
    }

    fn is_done(&self) -> bool {
        self.sender.is_done() && self.receiver.is_done()
    }

    fn awaited(&self) -> String {
        self.receiver.awaited()
    }
}

/// The server: compares what arrives and sends it back. It receives no more before what it has was
/// taken to be sent.
pub(super) struct Echo<'a> {
    exchange: &'a Exchange<'a>,
    name: String,
    number: Vec<u8>,
    connection: Option<(Arrivals<'a>, Sizes)>,
    queue: Vec<u8>,
    ended: bool,
    shut_down: bool,
}

impl<'a> Echo<'a> {
    /// The server for the connection that was accepted as number `accepted`.
    pub(super) fn new(exchange: &'a Exchange<'a>, accepted: u32) -> Self {
        Self {
            exchange,
            name: format!("server {accepted}"),
            number: Vec::new(),
            connection: None,
            queue: Vec::new(),
            ended: false,
            shut_down: false,
        }
    }

    /// The first bytes: the number of the connection.
    fn number_arrived(&mut self, data: &[u8]) -> Result<(), String> {
        self.number.extend(data);
        let Ok(bytes) = <[u8; NUMBER]>::try_from(self.number.as_slice()) else {
            return Ok(());
        };
        match u32::try_from(u64::from_le_bytes(bytes)) {
            Ok(index) if index < self.exchange.plan.connections => {
                let arrivals = Arrivals::new(self.exchange, index);
                let sizes = Sizes::of(self.exchange, index, Role::ServerReceives);
                self.connection = Some((arrivals, sizes));
                Ok(())
            }
            _ => Err(format!(
                "the stream begins with {bytes:02x?}, no number of a connection"
            )),
        }
    }
}

impl End for Echo<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn outgoing(&mut self, data: &mut Vec<u8>) -> Outgoing {
        if !self.queue.is_empty() {
            std::mem::swap(data, &mut self.queue);
            self.queue.clear();
            return Outgoing::Data;
        }
        if self.ended && !self.shut_down {
            self.shut_down = true;
            return Outgoing::ShutDown;
        }
        Outgoing::Nothing
    }

    fn expects(&self) -> bool {
        self.queue.is_empty() && !self.ended
    }

    fn room(&mut self) -> usize {
        match &mut self.connection {
            Some((_, sizes)) => sizes.next(u64::MAX),
            None => NUMBER - self.number.len(),
        }
    }

    fn wants_sender(&self) -> bool {
        false
    }

    fn received(&mut self, data: &[u8], _from: Option<SocketAddr>) -> Result<(), String> {
        match &mut self.connection {
            None if data.is_empty() => Err(String::from("the stream ended before its first bytes")),
            None => self.number_arrived(data),
            Some((arrivals, _)) if data.is_empty() => {
                self.ended = true;
                arrivals.ended()
            }
            Some((arrivals, _)) => {
                arrivals.add(data)?;
                self.queue.extend(data);
                Ok(())
            }
        }
    }

    fn is_done(&self) -> bool {
        self.shut_down
    }

    fn awaited(&self) -> String {
        match &self.connection {
            Some((arrivals, _)) => arrivals.awaited(),
            None => String::from("the first bytes of the stream"),
        }
    }
}

/// What has arrived of a connection's bytes, compared as it comes.
struct Arrivals<'a> {
    exchange: &'a Exchange<'a>,
    index: u32,
    pattern: Pattern,
    arrived: u64,
}

impl<'a> Arrivals<'a> {
    fn new(exchange: &'a Exchange<'a>, index: u32) -> Self {
        Self {
            exchange,
            index,
            pattern: pattern(exchange, index),
            arrived: 0,
        }
    }

    fn add(&mut self, data: &[u8]) -> Result<(), String> {
        if let Some(difference) = self.pattern.difference(self.arrived, data) {
            return Err(self.about(&difference.to_string()));
        }
        self.arrived += data.len() as u64;
        let total = self.exchange.total(self.index);
        if self.arrived > total {
            return Err(self.about(&format!("more than the {total} bytes sent")));
        }
        Ok(())
    }

    fn ended(&self) -> Result<(), String> {
        let (arrived, total) = (self.arrived, self.exchange.total(self.index));
        match total {
            _ if arrived == total => Ok(()),
            u64::MAX => Err(self.about(&format!(
                "the stream ended after {arrived} bytes, before its sender had ended it"
            ))),
            _ => Err(self.about(&format!(
                "the stream ended after {arrived} of {total} bytes"
            ))),
        }
    }

    fn awaited(&self) -> String {
        format!("what follows the first {} bytes", self.arrived)
    }

    fn about(&self, what: &str) -> String {
        format!("connection {}: {what}", self.index)
    }
}

/// Sizes of one end's calls: the extremes first, then a mix.
struct Sizes {
    first: [usize; 2],
    given: usize,
    random: Random,
}

/// Whose calls sizes are for.
#[derive(Clone, Copy)]
enum Role {
    ClientSends = 1,
    ClientReceives,
    ServerReceives,
}

impl Sizes {
    fn of(exchange: &Exchange<'_>, index: u32, role: Role) -> Self {
        let purpose = [u64::from(index), role as u64];
        Self {
            first: [1, LARGEST],
            given: 0,
            random: Random::of(key(exchange), &purpose),
        }
    }

    fn next(&mut self, most: u64) -> usize {
        let drawn = match self.first.get(self.given) {
            Some(size) => *size,
            None => self.random.size(1, LARGEST),
        };
        self.given += 1;
        drawn.min(usize::try_from(most).unwrap_or(LARGEST))
    }
}

fn pattern(exchange: &Exchange<'_>, index: u32) -> Pattern {
    Pattern::of(key(exchange), &[u64::from(index)])
}

fn key(exchange: &Exchange<'_>) -> u64 {
    exchange.plan.seed ^ exchange.leg.family.number() as u64
}

/// The largest size of a send or receive.
const LARGEST: usize = 256 << 10;
/// Bytes of a connection's number.
const NUMBER: usize = 8;
