//! What the worker does for one socket, one step at a time.
//!
//! [`Socket::work`] asks the socket's parts in turn: a listener that pauses, what waits to be sent,
//! overlapped receives (`requests`), the network events (`network_events`). Each does what it can and says what it
//! waits for; together that is one [`Work`], from which the [`worker`](super::worker) makes the
//! socket's one registration. Only the worker's thread calls this.

use super::socket::Socket;
use super::status::Bit;
use super::status::State;
use crate::net::Interest;
use crate::net::Readiness;
use ws2spi_abi::Errno;

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Work {
    /// Go on when this is ready: it was tried until the network would block.
    pub(super) interest: Interest,
    /// Go on in a while: the network cannot at the moment, and will not tell when it can.
    pub(super) later: bool,
    /// Something was done, or heard.
    pub(super) progress: bool,
    /// More is expected although nothing is waited for: the registration is worth keeping.
    pub(super) stays: bool,
}

impl Work {
    /// Nothing.
    pub(super) const NONE: Self = Self {
        interest: Interest::NONE,
        later: false,
        progress: false,
        stays: false,
    };

    /// Look again in a while.
    pub(super) const LATER: Self = Self {
        later: true,
        ..Self::NONE
    };

    /// Wait for `interest`.
    pub(super) const fn when(interest: Interest) -> Self {
        Self {
            interest,
            ..Self::NONE
        }
    }

    /// Whether there is nothing more to do for now.
    pub(super) fn is_over(self) -> bool {
        self.interest == Interest::NONE && !self.later
    }

    /// Both together.
    fn and(self, other: Self) -> Self {
        Self {
            interest: self.interest | other.interest,
            later: self.later || other.later,
            progress: self.progress || other.progress,
            stays: self.stays || other.stays,
        }
    }
}

impl Socket {
    /// One step; `ready` is what the network told, nothing when somebody else asked for the step.
    pub(super) fn work(&self, ready: Readiness) -> Work {
        let state = self.status.get();
        let data = if state.has(Bit::Listening) {
            self.turn_away(state).and(self.serve_accepts())
        } else {
            self.serve_connection(state, ready)
        };
        data.and(Work::when(self.observe(ready)))
    }

    /// What a socket does that takes no connections.
    fn serve_connection(&self, state: State, ready: Readiness) -> Work {
        let mut work = self
            .serve_sends(ready)
            .and(self.serve_receives(ready))
            .and(self.serve_urgents(ready));
        for (bit, step) in RARE {
            if state.has(bit) {
                work = work.and(step(self));
            }
        }
        work
    }

    /// Resets what arrives at a listener that pauses.
    fn turn_away(&self, state: State) -> Work {
        if !state.has(Bit::Paused) {
            return Work::NONE;
        }
        match self.reset_arrivals() {
            None => Work::NONE,
            Some(Errno::WOULDBLOCK) => Work::when(Interest::READ),
            // Without descriptors nobody is told of a connection twice (8.4, 11).
            Some(_) => Work::LATER,
        }
    }
}

type Step = fn(&Socket) -> Work;

/// The steps of extension functions, each with the bit that says that it is wanted.
const RARE: [(Bit, Step); 3] = [
    (Bit::ConnectingEx, Socket::serve_connect),
    (Bit::Accepting, Socket::serve_acceptor),
    (Bit::Reusing, Socket::serve_reuse),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_together_wait_for_everything_that_one_of_them_waits_for() {
        // P166, P254: data to send and a network event are one registration.
        let both = Work::when(Interest::WRITE).and(Work {
            stays: true,
            ..Work::when(Interest::READ)
        });
        assert_eq!(both.interest, Interest::READ | Interest::WRITE);
        assert!(both.stays && !both.is_over());
        assert!(Work::NONE.and(Work::NONE).is_over());
        assert!(!Work::NONE.and(Work::LATER).is_over());
    }
}
