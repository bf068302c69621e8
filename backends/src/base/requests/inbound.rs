//! What waits for the network to bring something: data, connections, the end of an attempt.
//!
//! One value per socket, made when the first request has to wait; under the lock `receives`.

use std::sync::Weak;

use super::super::socket::Socket;
use super::accepting::Accepting;
use super::connecting::Connecting;
use super::connecting::Reusing;
use super::queue::Queue;
use super::receiving::Receiving;

/// The requests of a socket that wait for the network.
#[derive(Default)]
pub(in super::super) struct Inbound {
    pub(super) receives: Queue<Receiving>,
    /// Receives of urgent data (MSG_OOB).
    pub(super) urgents: Queue<Receiving>,
    /// AcceptEx on a listener, also those that have a connection and wait for its first data.
    pub(super) accepts: Queue<Accepting>,
    /// ConnectEx.
    pub(super) connect: Option<Connecting>,
    /// DisconnectEx of a socket that is to be used again, and what is sent before that.
    pub(super) reuse: Option<Reusing>,
    /// While `Bit::Accepting` is set: the listener whose AcceptEx is to connect this socket.
    pub(super) accepted_by: Weak<Socket>,
}

impl Inbound {
    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        let data = self.receives.is_empty() && self.urgents.is_empty();
        data && self.accepts.is_empty() && self.connect.is_none() && self.reuse.is_none()
    }
}
