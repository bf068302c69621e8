//! The state of a socket that every call looks at, in one atomic word.
//!
//! The bits are set and cleared by [`super::socket::Socket`] and the calls that own the transition
//! (under the control lock, unless a bit is a latch); the way of data only reads them. The state
//! machine itself, which call is allowed when (base-provider.md 1.31), is the methods of [`State`].

use std::fmt;
use std::sync::atomic::Ordering;

use ws2spi_abi::Errno;

use crate::sync::AtomicU64;

/// The word of one socket.
#[derive(Debug)]
pub(super) struct Status(AtomicU64);

/// One reading of the word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct State(u64);

/// One bit of the word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub(super) enum Bit {
    /// Carries datagrams (also raw): set at creation.
    Datagram = 1 << 0,
    /// FIONBIO.
    NonBlocking = 1 << 1,
    /// Has a name of its own, given or chosen.
    Bound = 1 << 2,
    /// Takes connections.
    Listening = 1 << 3,
    /// An attempt to connect goes on.
    Connecting = 1 << 4,
    /// Has a peer.
    Connected = 1 << 5,
    /// The last attempt to connect failed after the call had returned.
    ConnectFailed = 1 << 6,
    /// SD_RECEIVE was done.
    ReceiveShut = 1 << 7,
    /// SD_SEND was done.
    SendShut = 1 << 8,
    /// The peer reset the connection.
    Reset = 1 << 9,
    /// The connection was given up on this side, or died after the peer had closed.
    Aborted = 1 << 10,
    /// The last handle is gone.
    Closed = 1 << 11,
    /// WSPCleanup reset it.
    Cancelled = 1 << 12,
    /// SO_OOBINLINE.
    UrgentInline = 1 << 13,
    /// Network events are asked for: calls say what they did.
    Eventful = 1 << 14,
    /// Another process has it too, or is offered it: only the network knows who is the last to close it.
    Shared = 1 << 31,
    /// Data that send took are still here, or overlapped sends wait.
    Backlogged = 1 << 15,
    /// SO_BROADCAST.
    Broadcast = 1 << 16,
    /// Reports of ports that do not answer are wanted (SIO_UDP_CONNRESET, on by default).
    WantsPortReports = 1 << 17,
    /// Reports of expired packets are wanted (SIO_UDP_NETRESET, on by default).
    WantsLifeReports = 1 << 18,
    /// An attempt to connect has ended, and no network event told of it.
    ConnectNews = 1 << 19,
    /// Listens behind another socket of the same name, which gets the connections (P54).
    Shadowed = 1 << 20,
    /// The peer's end of the stream has been received.
    EndSeen = 1 << 21,
    /// SO_PAUSE_ACCEPT.
    Paused = 1 << 22,
    /// Datagrams from before the connect may be queued and are to be thrown away.
    Sieving = 1 << 23,
    /// A report was taken from the network before a receive asked: it is in `Input::report`.
    ReportHeld = 1 << 24,
    /// It is on the worker's list of sockets to look at.
    Called = 1 << 25,
    /// The network tells the worker each time that something arrives.
    WatchedRead = 1 << 26,
    /// The network tells the worker each time that there is room again.
    WatchedWrite = 1 << 27,
    /// Overlapped receives wait.
    ReceivesQueued = 1 << 28,
    /// A request had to wait once; more are expected.
    Requested = 1 << 29,
    /// SO_SNDBUF is 0: sends are not buffered here.
    Unbuffered = 1 << 30,
    /// An AcceptEx is to make its connection into this socket.
    Accepting = 1 << 32,
    /// The attempt to connect is a ConnectEx.
    ConnectingEx = 1 << 33,
    /// AcceptEx or ConnectEx made the connection, and SO_UPDATE_ACCEPT_CONTEXT or
    /// SO_UPDATE_CONNECT_CONTEXT was not set yet.
    ContextDue = 1 << 34,
    /// DisconnectEx waits for the peer's end, in order to use the socket again.
    Reusing = 1 << 35,
    /// Overlapped receives of urgent data wait.
    UrgentQueued = 1 << 36,
    /// The last receive left room in its buffers, and the network has told of nothing since.
    Drained = 1 << 37,
    /// The network has told of an urgent byte, an end or an error: room in a buffer says nothing any more.
    Unsteady = 1 << 38,
}

impl Status {
    pub(super) fn new(bits: &[Bit]) -> Self {
        Self(AtomicU64::new(
            bits.iter().fold(0, |word, bit| word | *bit as u64),
        ))
    }

    /// What holds now.
    #[inline]
    pub(super) fn get(&self) -> State {
        // Pairs with the Release half of `set` and `clear`: what was written before a bit is seen
        // with the bit.
        State(self.0.load(Ordering::Acquire))
    }

    /// Sets a bit; what held before.
    pub(super) fn set(&self, bit: Bit) -> State {
        State(self.0.fetch_or(bit as u64, Ordering::AcqRel))
    }

    /// Clears a bit; what held before.
    pub(super) fn clear(&self, bit: Bit) -> State {
        State(self.0.fetch_and(!(bit as u64), Ordering::AcqRel))
    }

    /// Sets or clears a bit.
    pub(super) fn put(&self, bit: Bit, on: bool) {
        if on {
            self.set(bit);
        } else {
            self.clear(bit);
        }
    }
}

impl State {
    /// Whether this bit is set, and no other than those named.
    #[inline]
    pub(super) const fn is_only(self, bit: Bit, others: &[Bit]) -> bool {
        let mut allowed = 0;
        let mut at = 0;
        while at < others.len() {
            allowed |= others[at] as u64;
            at += 1;
        }
        self.0 & !allowed == bit as u64
    }

    /// Whether the bit is set.
    #[inline]
    pub(super) const fn has(self, bit: Bit) -> bool {
        self.0 & bit as u64 != 0
    }

    /// Whether a bind may be tried (1.31).
    ///
    /// # Errors
    /// `INVAL` when it has a name.
    pub(super) fn may_bind(self) -> Result<(), Errno> {
        self.refuse(Bit::Accepting, Errno::INVAL)?;
        self.refuse(Bit::Bound, Errno::INVAL)
    }

    /// Whether a stream may listen (1.31).
    ///
    /// # Errors
    /// `OPNOTSUPP` for datagrams, `ISCONN` with a peer, `INVAL` unbound or while connecting.
    pub(super) fn may_listen(self) -> Result<(), Errno> {
        self.refuse(Bit::Datagram, Errno::OPNOTSUPP)?;
        self.refuse(Bit::Connected, Errno::ISCONN)?;
        self.refuse(Bit::Connecting, Errno::INVAL)?;
        self.demand(Bit::Bound, Errno::INVAL)
    }

    /// Whether a stream may start to connect (1.31).
    ///
    /// # Errors
    /// `INVAL` while listening, `ALREADY` while connecting, `ISCONN` once connected.
    pub(super) fn may_connect(self) -> Result<(), Errno> {
        self.refuse(Bit::Listening, Errno::INVAL)?;
        // P71, P115, P221: the extension functions have the socket until they let it go.
        self.refuse(Bit::Accepting, Errno::INVAL)?;
        self.refuse(Bit::ConnectingEx, Errno::INVAL)?;
        self.refuse(Bit::ContextDue, Errno::INVAL)?;
        self.refuse(Bit::Connecting, Errno::ALREADY)?;
        self.refuse(Bit::Connected, Errno::ISCONN)
    }

    /// Whether a connection may be accepted (1.31).
    ///
    /// # Errors
    /// `OPNOTSUPP` for datagrams, `INVAL` when not listening.
    pub(super) fn may_accept(self) -> Result<(), Errno> {
        self.refuse(Bit::Datagram, Errno::OPNOTSUPP)?;
        self.demand(Bit::Listening, Errno::INVAL)
    }

    /// Whether data may be received (1.31).
    ///
    /// # Errors
    /// Streams: `NOTCONN`, then `CONNRESET` and `CONNABORTED` as latched, then `SHUTDOWN`.
    /// Datagrams: `INVAL` without a name, `SHUTDOWN`.
    #[inline]
    pub(super) fn may_receive(self) -> Result<(), Errno> {
        const STREAM: u64 = Bit::Datagram as u64
            | Bit::Connected as u64
            | Bit::ReceiveShut as u64
            | Bit::Reset as u64
            | Bit::Aborted as u64
            | Bit::Closed as u64;
        if self.0 & STREAM == Bit::Connected as u64 {
            return Ok(());
        }
        self.refuse_closed()?;
        if self.has(Bit::Datagram) {
            self.refuse(Bit::ReceiveShut, Errno::SHUTDOWN)?;
            return self.demand(Bit::Bound, Errno::INVAL);
        }
        self.demand(Bit::Connected, Errno::NOTCONN)?;
        self.refuse(Bit::Reset, Errno::CONNRESET)?;
        self.refuse(Bit::Aborted, Errno::CONNABORTED)?;
        self.refuse(Bit::ReceiveShut, Errno::SHUTDOWN)
    }

    /// Whether the connection has ended badly.
    ///
    /// # Errors
    /// `CONNRESET` and `CONNABORTED` as latched.
    pub(super) fn refuse_broken(self) -> Result<(), Errno> {
        self.refuse(Bit::Reset, Errno::CONNRESET)?;
        self.refuse(Bit::Aborted, Errno::CONNABORTED)
    }

    /// Whether data may be sent to the peer (1.31).
    ///
    /// # Errors
    /// `NOTCONN`, `SHUTDOWN`, `CONNRESET` as latched; datagrams `SHUTDOWN` before `NOTCONN`.
    #[inline]
    pub(super) fn may_send(self) -> Result<(), Errno> {
        const STREAM: u64 = Bit::Datagram as u64
            | Bit::Connected as u64
            | Bit::SendShut as u64
            | Bit::Reset as u64
            | Bit::Aborted as u64
            | Bit::Closed as u64;
        if self.0 & STREAM == Bit::Connected as u64 {
            return Ok(());
        }
        self.refuse_closed()?;
        if self.has(Bit::Datagram) {
            self.refuse(Bit::SendShut, Errno::SHUTDOWN)?;
            return self.demand(Bit::Connected, Errno::NOTCONN);
        }
        self.demand(Bit::Connected, Errno::NOTCONN)?;
        self.refuse(Bit::SendShut, Errno::SHUTDOWN)?;
        self.refuse(Bit::Reset, Errno::CONNRESET)?;
        // base-provider.md 2.2, EPIPE: for a send it is a reset.
        self.refuse(Bit::Aborted, Errno::CONNRESET)
    }

    /// Whether the socket may be shut down (1.31).
    ///
    /// # Errors
    /// `NOTCONN` for a stream without a peer.
    pub(super) fn may_shut_down(self) -> Result<(), Errno> {
        if self.has(Bit::Datagram) {
            Ok(())
        } else {
            self.demand(Bit::Connected, Errno::NOTCONN)
        }
    }

    /// Whether the last handle went while a call was on its way.
    ///
    /// # Errors
    /// `INTR` when WSPCleanup took the socket away, `CONNABORTED` for a stream with a peer, `NOTSOCK`
    /// for another socket.
    pub(super) fn refuse_closed(self) -> Result<(), Errno> {
        self.refuse(Bit::Cancelled, Errno::INTR)?;
        if !self.has(Bit::Closed) {
            return Ok(());
        }
        // base-provider.md 1.7: receives of a closed connection end CONNECTION_ABORTED; an accept or
        // a datagram receive has lost its socket.
        Err(if self.has(Bit::Connected) && !self.has(Bit::Datagram) {
            Errno::CONNABORTED
        } else {
            Errno::NOTSOCK
        })
    }

    fn refuse(self, bit: Bit, with: Errno) -> Result<(), Errno> {
        if self.has(bit) { Err(with) } else { Ok(()) }
    }

    fn demand(self, bit: Bit, or: Errno) -> Result<(), Errno> {
        if self.has(bit) { Ok(()) } else { Err(or) }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "State({:#x})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(bits: &[Bit]) -> State {
        Status::new(bits).get()
    }

    #[test]
    fn the_matrix_of_stream_states_holds() {
        // P36, P45, P51, P68, P70, P75, P92, P124, P125, P143, P144, P165, P185: section 1.31.
        use Bit::*;
        let ok = Ok(());
        type Answers = [Result<(), Errno>; 6];
        let rows: [(&[Bit], Answers); 8] = [
            // bind, listen, connect, accept, recv, send
            (
                &[],
                [
                    ok,
                    Err(Errno::INVAL),
                    ok,
                    Err(Errno::INVAL),
                    Err(Errno::NOTCONN),
                    Err(Errno::NOTCONN),
                ],
            ),
            (
                &[Bound],
                [
                    Err(Errno::INVAL),
                    ok,
                    ok,
                    Err(Errno::INVAL),
                    Err(Errno::NOTCONN),
                    Err(Errno::NOTCONN),
                ],
            ),
            (
                &[Bound, Listening],
                [
                    Err(Errno::INVAL),
                    ok,
                    Err(Errno::INVAL),
                    ok,
                    Err(Errno::NOTCONN),
                    Err(Errno::NOTCONN),
                ],
            ),
            (
                &[Bound, Connecting],
                [
                    Err(Errno::INVAL),
                    Err(Errno::INVAL),
                    Err(Errno::ALREADY),
                    Err(Errno::INVAL),
                    Err(Errno::NOTCONN),
                    Err(Errno::NOTCONN),
                ],
            ),
            (
                &[Bound, Connected],
                [
                    Err(Errno::INVAL),
                    Err(Errno::ISCONN),
                    Err(Errno::ISCONN),
                    Err(Errno::INVAL),
                    ok,
                    ok,
                ],
            ),
            (
                &[Bound, Connected, SendShut],
                [
                    Err(Errno::INVAL),
                    Err(Errno::ISCONN),
                    Err(Errno::ISCONN),
                    Err(Errno::INVAL),
                    ok,
                    Err(Errno::SHUTDOWN),
                ],
            ),
            (
                &[Bound, Connected, ReceiveShut],
                [
                    Err(Errno::INVAL),
                    Err(Errno::ISCONN),
                    Err(Errno::ISCONN),
                    Err(Errno::INVAL),
                    Err(Errno::SHUTDOWN),
                    ok,
                ],
            ),
            (
                &[Bound, Connected, Reset],
                [
                    Err(Errno::INVAL),
                    Err(Errno::ISCONN),
                    Err(Errno::ISCONN),
                    Err(Errno::INVAL),
                    Err(Errno::CONNRESET),
                    Err(Errno::CONNRESET),
                ],
            ),
        ];
        for (bits, expected) in rows {
            let now = state(bits);
            let found = [
                now.may_bind(),
                now.may_listen(),
                now.may_connect(),
                now.may_accept(),
                now.may_receive(),
                now.may_send(),
            ];
            assert_eq!(found, expected, "{bits:?}");
        }
    }

    #[test]
    fn the_matrix_of_datagram_states_holds() {
        // P46, P126, P164, P165, P186: section 1.31.
        use Bit::*;
        let unbound = state(&[Datagram]);
        assert_eq!(unbound.may_receive(), Err(Errno::INVAL));
        assert_eq!(unbound.may_send(), Err(Errno::NOTCONN));
        assert_eq!(unbound.may_listen(), Err(Errno::OPNOTSUPP));
        assert_eq!(unbound.may_accept(), Err(Errno::OPNOTSUPP));
        assert_eq!(unbound.may_shut_down(), Ok(()));
        assert_eq!(state(&[Datagram, Bound]).may_receive(), Ok(()));
        assert_eq!(state(&[Datagram, Bound, Connected]).may_send(), Ok(()));
        assert_eq!(
            state(&[Datagram, Bound, SendShut]).may_send(),
            Err(Errno::SHUTDOWN)
        );
        assert_eq!(
            state(&[Datagram, Bound, ReceiveShut]).may_receive(),
            Err(Errno::SHUTDOWN)
        );
    }
}
