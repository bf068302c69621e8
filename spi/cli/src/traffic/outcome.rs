//! `Outcome`: what a leg came to in one style of I/O.

use super::{Leg, Style};
use std::time::Duration;
use ws2spi_abi::Errno;

/// What a leg came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// In which style of I/O.
    pub style: Style,
    /// Which leg.
    pub leg: Leg,
    /// Connections, or pairs of sockets.
    pub connections: u32,
    /// Bytes that clients sent and got back unchanged.
    pub bytes: u64,
    /// Datagrams that clients sent and got back unchanged; 0 over TCP.
    pub datagrams: u64,
    /// Calls that moved data: sends and receives of clients and servers.
    pub operations: u64,
    /// How long it took, opening and closing included.
    pub elapsed: Duration,
    /// What went wrong first; `None` when all arrived unchanged.
    pub failure: Option<String>,
    /// Set when that is no more than that the chain does not have this style of I/O.
    pub unsupported: Option<Unsupported>,
}

/// The answer that a style of I/O is not supported: WSAEOPNOTSUPP to its first call of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unsupported {
    /// The function that was called.
    pub function: &'static str,
    /// What it failed with.
    pub error: Errno,
}
