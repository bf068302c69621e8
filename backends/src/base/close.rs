//! WSPCloseSocket, and what becomes of a connection afterwards.
//!
//! ```text
//! closesocket --> linger {1,0}   reset
//!             --> linger {1,n}   wait for delivery, then reset (blocking); WOULDBLOCK (non-blocking)
//!             --> otherwise      graceful; data that are still here go out first (worker)
//! ```
//!
//! Closing is two steps: [`Socket::before_close`] decides what may be refused while the handle is
//! still valid; `last_closed` of the kernel object, when the last handle is gone, does the rest.
//! Whoever waits on the socket is woken and fails.

use std::mem;
use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_abi::SOCKET;

use super::socket::Output;
use super::socket::Socket;
use super::stack::Stack;
use super::status::Bit;
use super::wait::Ended;
use super::wait::Pause;
use crate::net::Direction;
use crate::net::NetSocket;

/// The first and the longest pause between two looks whether the peer has acknowledged everything:
/// a system does not tell.
const FIRST_LOOK: Duration = Duration::from_millis(1);
const LAST_LOOK: Duration = Duration::from_millis(50);

impl Stack {
    /// WSPCloseSocket.
    ///
    /// # Errors
    /// `NOTSOCK`, also when another thread was first; `WOULDBLOCK` for a non-blocking socket with a
    /// linger time and data that were not delivered: the handle stays open (P197).
    pub(super) fn close_socket(&self, s: SOCKET) -> Result<(), Errno> {
        let linger = self.with(s, Socket::before_close)?;
        let socket = match linger {
            Some(_) => Some(self.find(s)?),
            None => None,
        };
        self.unpublish(s)?;
        if let (Some(socket), Some(time)) = (socket, linger) {
            socket.linger(time);
        }
        Ok(())
    }
}

impl Socket {
    /// Whether the handle may go, and how long the caller then waits for delivery.
    fn before_close(&self) -> Result<Option<Duration>, Errno> {
        let state = self.status.get();
        if self.handle_count() > 1 || !self.is_stream() || !state.has(Bit::Connected) {
            return Ok(None);
        }
        // The last handle here is not the last one of the socket.
        if state.has(Bit::Shared) {
            return Ok(None);
        }
        let linger = self.control.lock().options.linger;
        if linger.l_onoff == 0 || linger.l_linger == 0 || self.is_delivered() {
            return Ok(None);
        }
        if state.has(Bit::NonBlocking) {
            return Err(Errno::WOULDBLOCK);
        }
        Ok(Some(Duration::from_secs(u64::from(linger.l_linger))))
    }

    /// Whether the peer has everything that was sent.
    fn is_delivered(&self) -> bool {
        let output = self.output.lock();
        output.is_empty() && self.net.unsent().unwrap_or(0) == 0
    }

    /// The last handle is gone.
    pub(super) fn close(&self) {
        self.status.set(Bit::Closed);
        self.end_events();
        let mut control = self.control.lock();
        let claim = control.claim.take();
        let linger = control.options.linger;
        let deferred = mem::take(&mut control.deferred);
        let net = self.net.clone();
        drop(control);
        for (connection, _) in deferred.into_iter().flat_map(|list| *list) {
            // Those who wait in the queue of a listener that closes are reset.
            let _ = connection.abort_on_close();
        }
        let state = self.status.get();
        if state.has(Bit::Shared) {
            // Another process goes on with it: the network ends the connection when the last one has
            // closed it. What this process took to send goes out first.
            if linger.l_onoff != 0 && linger.l_linger == 0 {
                let _ = net.abort_on_close();
            }
        } else {
            if self.is_stream() && state.has(Bit::Connected) && !state.has(Bit::Cancelled) {
                if linger.l_onoff != 0 && linger.l_linger == 0 {
                    self.reset(&*net);
                } else {
                    self.end_stream(&mut self.output.lock());
                }
            }
            if state.has(Bit::Listening) {
                // Nobody comes in any more, also while a thread is still on its way out of an accept,
                // nor is the next listener of the name in the way of this one. A network that cannot
                // does so when the last of them has left.
                let _ = net.shutdown(Direction::Both);
            }
            self.net.interrupt();
        }
        self.close_receives();
        self.leave_accept();
        self.waiters.wake();
        self.stack.worker.release(self);
        if let Some(claim) = claim {
            self.stack.registry.release(claim, self);
        }
    }

    /// WSPCleanup: the connection is reset, unless another process has it too, and calls that wait end
    /// with `INTR`.
    pub(super) fn cancel(&self) {
        self.status.set(Bit::Cancelled);
        self.end_events();
        self.abandon_requests();
        let net = self.net.clone();
        if !self.status.get().has(Bit::Shared) {
            if self.is_stream() {
                self.reset(&*net);
            }
            self.net.interrupt();
        }
        self.waiters.wake();
    }

    /// Throws away what was not sent; the peer gets a reset when the socket is let go.
    fn reset(&self, net: &dyn NetSocket) {
        self.close_sends();
        let mut output = self.output.lock();
        output.backlog.clear();
        // Nor is the stream to end behind what is thrown away.
        output.end_wanted = false;
        // A connection that is gone already needs no reset.
        let _ = net.abort_on_close();
        if self.status.clear(Bit::Backlogged).has(Bit::Backlogged) {
            // It waits for a peer that may never read, and keeps the socket.
            self.stack.worker.look_again(self);
        }
    }

    /// Ends the stream behind everything that was sent (P169). At once, or by the worker when data
    /// are still here.
    pub(super) fn end_stream(&self, output: &mut Output) {
        output.end_wanted = true;
        self.finish_output(output);
    }

    /// Ends the stream if that was asked for and nothing is left to send.
    pub(super) fn finish_output(&self, output: &mut Output) {
        if output.end_wanted && !output.turn_taken && output.is_empty() {
            output.end_wanted = false;
            // The peer may have gone meanwhile.
            let _ = self.net.shutdown(Direction::Send);
        }
    }

    /// Waits until the peer has everything, at most `time`; then the connection is reset. The
    /// handle is gone already.
    fn linger(&self, time: Duration) {
        let Ok(pause) = Pause::begin(&self.stack, Some(time), false, None) else {
            return;
        };
        let mut look = FIRST_LOOK;
        while !self.is_delivered() {
            match pause.wait(&mut [], Some(look)) {
                Ok(Ended::Look) => look = (look * 2).min(LAST_LOOK),
                Ok(Ended::TimedOut) | Err(_) => {
                    let net = self.net.clone();
                    return self.reset(&*net);
                }
            }
        }
    }
}
