//! What a network counts of one TCP connection.
//!
//! Given by [`NetSocket::statistics`](super::NetSocket::statistics); `base` answers SIO_TCP_INFO from
//! it. A number that the network does not count is 0.

/// Where a connection stands, in the words of RFC 9293.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TcpState {
    /// There is none.
    #[default]
    Closed,
    /// It waits for connections.
    Listen,
    /// It asked for a connection.
    SynSent,
    /// It was asked for a connection.
    SynReceived,
    /// Both ends send.
    Established,
    /// This end has closed, which the peer has not acknowledged.
    FinWait1,
    /// This end has closed.
    FinWait2,
    /// The peer has closed.
    CloseWait,
    /// Both have, which the peer has not acknowledged.
    Closing,
    /// The peer has closed, then this end, which the peer has not acknowledged.
    LastAck,
    /// Both have closed, and late packets are waited for.
    TimeWait,
}

/// The counters of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Where it stands.
    pub state: TcpState,
    /// Bytes in the largest segment that is sent.
    pub segment: u32,
    /// Whether segments carry timestamps.
    pub timestamps: bool,
    /// The round trip as estimated, in microseconds.
    pub round_trip: u32,
    /// The shortest round trip seen, in microseconds.
    pub least_round_trip: u32,
    /// Bytes sent and not acknowledged.
    pub in_flight: u32,
    /// The congestion window in bytes.
    pub congestion_window: u32,
    /// The window that the peer offers, in bytes.
    pub send_window: u32,
    /// The window that is offered to the peer, in bytes.
    pub receive_window: u32,
    /// The receive buffer in bytes.
    pub receive_buffer: u32,
    /// Bytes sent, those that were sent again included.
    pub sent: u64,
    /// Bytes received in order.
    pub received: u64,
    /// Bytes that came before their turn.
    pub reordered: u32,
    /// Bytes sent again.
    pub resent: u32,
    /// How often nothing came back in time and sending began anew.
    pub timeouts: u32,
    /// Requests for the connection that were sent again; only while it is made.
    pub requests_resent: u8,
    /// How long there was something to send, in microseconds.
    pub busy: u64,
    /// How much of that the peer's window held it up.
    pub held_by_window: u64,
    /// How much of that the send buffer had no more for it.
    pub held_by_buffer: u64,
}
