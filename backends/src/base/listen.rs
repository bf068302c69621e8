//! WSPListen.
//!
//! The network listens for the first socket of a name only (`registry`); the queue of connections is
//! the network's. Accepting is in [`super::accept`].

use ws2spi_abi::Errno;
use ws2spi_abi::SOMAXCONN;

use super::socket::Socket;
use super::status::Bit;

/// The longest queue, where the caller says "as many as possible".
const MOST: i32 = 65535;

impl Socket {
    /// WSPListen.
    ///
    /// # Errors
    /// `OPNOTSUPP` for datagrams, `ISCONN` when connected, `INVAL` unbound or while connecting,
    /// `ADDRINUSE` when somebody else listens there.
    pub(super) fn listen(&self, backlog: i32) -> Result<(), Errno> {
        self.settle();
        let mut control = self.control.lock();
        self.status.get().may_listen()?;
        let backlog = queue_length(backlog);
        match &control.claim {
            Some(claim) => self.stack.registry.listen(claim, self, backlog)?,
            None => self.net.listen(backlog)?,
        }
        control.backlog = backlog;
        self.status.clear(Bit::ConnectFailed);
        self.status.set(Bit::Listening);
        drop(control);
        self.waiters.wake();
        self.look_for_events();
        self.go_on_pausing()
    }

    /// The listener before this one has gone: connections are this one's now.
    pub(super) fn step_forward(&self) {
        let control = self.control.lock();
        if !self.status.get().has(Bit::Closed) && self.net.listen(control.backlog).is_ok() {
            self.status.clear(Bit::Shadowed);
        }
        drop(control);
        self.waiters.wake();
        self.look_for_events();
        // While it stood behind the other there was nobody to refuse. Without a worker who comes
        // stays in the queue: there is no call that could be told.
        let _ = self.go_on_pausing();
    }

    /// A listener that was told to pause before connections could come begins to refuse them.
    ///
    /// # Errors
    /// `NOBUFS` when there can be no worker.
    fn go_on_pausing(&self) -> Result<(), Errno> {
        if self.status.get().has(Bit::Paused) {
            self.refuse_arrivals()
        } else {
            Ok(())
        }
    }
}

/// The length of the queue that Windows makes of `backlog`.
fn queue_length(backlog: i32) -> i32 {
    match backlog {
        SOMAXCONN => MOST,
        // SOMAXCONN_HINT(b) is -b.
        hint if hint < 0 => hint.checked_neg().unwrap_or(MOST).clamp(200, MOST),
        // P47: 0 is legal and still lets somebody in.
        count => count.max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_is_as_long_as_the_hint_says_within_bounds() {
        // P47: sdk listen, SOMAXCONN and SOMAXCONN_HINT.
        assert_eq!(queue_length(SOMAXCONN), 65535);
        assert_eq!(queue_length(-300), 300);
        assert_eq!(queue_length(-2), 200);
        assert_eq!(queue_length(i32::MIN), 65535);
        assert_eq!(queue_length(0), 1);
        assert_eq!(queue_length(5), 5);
    }
}
