//! `End`: one end of a connection as a state machine that makes no call: it says what it would send
//! or receive next, and is told what came of it.
//!
//! The styles of I/O differ in how they wait and transfer; which bytes travel, and whether they
//! arrived unchanged, is the same for all of them and lives in the ends: those of [`stream`] over
//! TCP, those of [`datagram`] over UDP.
//!
//! [`stream`]: super::stream
//! [`datagram`]: super::datagram

use std::net::SocketAddr;

/// One end of a connection, or one direction of it.
///
/// Whoever drives it has at most one send and one receive under way: it asks for the next
/// [`outgoing`](Self::outgoing) bytes once all former ones were sent, and receives only while the
/// end [expects](Self::expects) something.
pub(super) trait End: Send {
    /// Who it is, in messages: `client 3`.
    fn name(&self) -> &str;

    /// What to send next; bytes replace what `data` holds.
    fn outgoing(&mut self, data: &mut Vec<u8>) -> Outgoing;

    /// Whether a receive is to be made now.
    fn expects(&self) -> bool;

    /// How many bytes the next receive takes at most.
    fn room(&mut self) -> usize;

    /// Whether receives tell the sender's address: `recvfrom` in place of `recv`.
    fn wants_sender(&self) -> bool;

    /// What a receive gave; no bytes are the end of a stream. `from` is the sender, where it was
    /// asked for and is an IP address.
    ///
    /// # Errors
    /// A sentence about what is not as it was sent.
    fn received(&mut self, data: &[u8], from: Option<SocketAddr>) -> Result<(), String>;

    /// Whether there is nothing more to send or to receive.
    fn is_done(&self) -> bool;

    /// What it waits for: `all of 5 bytes`; in the sentence about what did not come.
    fn awaited(&self) -> String;
}

/// What an end sends next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outgoing {
    /// Nothing, or nothing before something was received.
    Nothing,
    /// The bytes, to the connected peer.
    Data,
    /// The bytes, as one datagram to this address.
    DataTo(SocketAddr),
    /// The end of the stream: `shutdown(SD_SEND)`.
    ShutDown,
}
