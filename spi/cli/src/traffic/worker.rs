//! `Worker`: one thread of a leg, which makes the Winsock calls of its part.
//!
//! Every call goes through it: so the watchdog knows where the thread is ([`place`](crate::place)),
//! and an error that is not expected is a failure of the leg that names thread and function. The
//! styles of I/O make their calls by the worker they are given; what the threads of a leg share is
//! the [`Exchange`].

use super::end::{End, Outgoing};
use super::exchange::{Exchange, Stopped};
use crate::Socket;
use crate::place::Thread;
use std::fmt::Display;
use std::sync::Arc;
use ws2spi_abi::{Errno, SD_SEND};

/// The calling thread, at work for a leg.
pub(super) struct Worker<'a> {
    pub(super) exchange: &'a Exchange<'a>,
    part: String,
    thread: Thread,
}

impl<'a> Worker<'a> {
    /// The calling thread, which does this part of the leg from now on.
    pub(super) fn enter(exchange: &'a Exchange<'a>, part: &str) -> Self {
        Self {
            exchange,
            part: part.to_owned(),
            thread: Thread::enter(exchange.name(part)),
        }
    }

    /// The part of the leg that it does: `client 3`.
    pub(super) fn part(&self) -> &str {
        &self.part
    }

    /// How messages name it: leg, style and part.
    pub(super) fn name(&self) -> &str {
        self.thread.name()
    }

    /// Ends the leg, unless it has failed already: this thread found something wrong.
    pub(super) fn fail(&self, what: impl Display) -> Stopped {
        self.exchange.fail(format!("{}: {what}", self.name()))
    }

    /// Makes a call of the Winsock API; its error is a failure of the leg.
    pub(super) fn call<T>(
        &self,
        function: &'static str,
        call: impl FnOnce() -> Result<T, Errno>,
    ) -> Result<T, Stopped> {
        self.watched(function, call)
            .map_err(|error| self.failed_call(function, error))
    }

    /// [`call`](Self::call) for a call that may answer `not_now`: `None`.
    pub(super) fn attempt<T>(
        &self,
        function: &'static str,
        not_now: Option<Errno>,
        call: impl FnOnce() -> Result<T, Errno>,
    ) -> Result<Option<T>, Stopped> {
        match self.watched(function, call) {
            Ok(value) => Ok(Some(value)),
            Err(error) if Some(error) == not_now => Ok(None),
            Err(error) => Err(self.failed_call(function, error)),
        }
    }

    /// [`call`](Self::call) for a call that belongs to the leg's style of I/O: when the first of
    /// them answers `WSAEOPNOTSUPP`, the chain does not have that style.
    pub(super) fn own_call<T>(
        &self,
        function: &'static str,
        call: impl FnOnce() -> Result<T, Errno>,
    ) -> Result<T, Stopped> {
        match self.watched(function, call) {
            Ok(value) => {
                self.exchange.style_works();
                Ok(value)
            }
            Err(error) => {
                self.exchange.style_failed(function, error);
                Err(self.failed_call(function, error))
            }
        }
    }

    /// Makes a call, known by its name while it lasts, whatever comes of it.
    pub(super) fn watched<R>(&self, function: &'static str, call: impl FnOnce() -> R) -> R {
        self.thread.call(function, call)
    }

    /// Makes a socket and keeps it, so that a failure elsewhere can close it.
    pub(super) fn open(
        &self,
        function: &'static str,
        open: impl FnOnce() -> Result<Socket, Errno>,
    ) -> Result<Arc<Socket>, Stopped> {
        let socket = self.call(function, open)?;
        self.exchange.keep(socket)
    }

    /// Closes a socket at the end of its use; that it cannot be closed is a failure.
    pub(super) fn close(&self, socket: Arc<Socket>) -> Result<(), Stopped> {
        let socket = self.exchange.give_up(socket)?;
        self.call("closesocket", || {
            socket.close().map_err(|(_socket, error)| error)
        })
    }

    /// Receives into `data`; `None` when there is nothing yet, which is `not_now`. What came was
    /// told to the end.
    pub(super) fn receive(
        &self,
        socket: &Socket,
        end: &mut dyn End,
        data: &mut Vec<u8>,
        not_now: Option<Errno>,
    ) -> Result<Option<usize>, Stopped> {
        let room = end.room();
        if data.len() < room {
            data.resize(room, 0);
        }
        let data = &mut data[..room];
        let received = if end.wants_sender() {
            self.attempt("recvfrom", not_now, || socket.recv_from(data))?
                .map(|(got, from)| (got, from.to_ip()))
        } else {
            self.attempt("recv", not_now, || socket.recv(data, 0))?
                .map(|got| (got, None))
        };
        let Some((got, from)) = received else {
            return Ok(None);
        };
        self.exchange.count_operation();
        self.exchange
            .judge(end, |end| end.received(&data[..got], from))?;
        Ok(Some(got))
    }

    /// Sends some of `data`, or the whole datagram; `None` when there is no room, which is
    /// `not_now`.
    pub(super) fn send(
        &self,
        socket: &Socket,
        outgoing: Outgoing,
        data: &[u8],
        not_now: Option<Errno>,
    ) -> Result<Option<usize>, Stopped> {
        let sent = match outgoing {
            Outgoing::Nothing => return Ok(Some(0)),
            Outgoing::Data => self.attempt("send", not_now, || socket.send(data, 0))?,
            Outgoing::DataTo(to) => self.attempt("sendto", not_now, || socket.send_to(data, to))?,
            Outgoing::ShutDown => {
                self.call("shutdown", || socket.shutdown(SD_SEND))?;
                return Ok(Some(0));
            }
        };
        let Some(sent) = sent else { return Ok(None) };
        self.exchange.count_operation();
        self.exchange.check_sent(self.name(), sent, data.len())?;
        Ok(Some(sent))
    }

    /// That a call failed is a failure of the leg.
    fn failed_call(&self, function: &'static str, error: Errno) -> Stopped {
        self.fail(format_args!("{function} failed with {error}"))
    }
}
