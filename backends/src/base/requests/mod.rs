//! Overlapped operations: requests that outlive the call that made them.
//!
//! ```text
//! post (receiving, sending) --> tried on the caller's thread --> done: told at once (ticket)
//!                           --> would block: an entry in the queue of its direction
//! worker: edge --> serve --> the head of the queue, again and again, until it would block
//! cancel, close, thread exit, cleanup --> entries leave the queue
//! ```
//!
//! Each direction of a socket has one [`Queue`](queue::Queue), first in, first out, that owns no
//! memory before the first request has to wait. Whoever takes an entry out of the queue, under its lock,
//! ends it; so each ends exactly once.
//!
//! Order: data go to the entries in the order of posting, and their ends are told in this order. So
//! who tries or serves tells under the lock of the direction. That runs nobody's code: [`ticket`] sets
//! events, queues packets and routines through the kernel role. A thread that a packet releases is
//! woken after the lock was given up: it is going to post the next request. A request that finds others
//! waiting waits behind them; a plain call waits too, or would block.
//!
//! What waits for the network to bring something is one value ([`inbound`]), under the lock `receives`,
//! which comes before the socket's others; what waits to be sent lives in `Output`.

pub(super) mod accepting;
pub(super) mod cancel;
pub(super) mod connecting;
pub(super) mod drained;
pub(super) mod inbound;
pub(super) mod queue;
pub(super) mod receiving;
pub(super) mod routine;
pub(super) mod sending;
pub(super) mod ticket;
pub(super) mod transmitting;
pub(super) mod urgent;

/// So many requests of one socket are ended in a row before the worker looks at others.
const TURN: usize = 64;
