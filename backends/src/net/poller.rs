//! Watching many sockets for a long time, from one thread.
//!
//! [`Net::wait`](super::Net::wait) serves a call that waits once for the sockets it was given. A
//! thread that waits again and again for a set that changes has a [`Poller`]: the set stays with the
//! network, and an event costs the same however many sockets are watched. `base`'s worker stands
//! on it.
//!
//! # The rules of edges
//!
//! A registration tells *edges*: a condition is told when it comes true, and then perhaps not again,
//! however long it holds and whatever else arrives. So after a [`Ready`] the caller does one of two
//! things before it waits for that condition again:
//!
//! - it goes on (receives, sends, accepts) until the socket answers `WOULDBLOCK`, and says so by
//!   [`Registrar::drained`];
//! - or it leaves something behind, and when it wants to hear of it asks anew by
//!   [`Registrar::change`], which tells at once what holds.
//!
//! Told is never promised to be true still: a caller that finds `WOULDBLOCK` says
//! [`Registrar::drained`] and waits on. A condition may be told twice, and in two entries of one
//! wait.
//!
//! # Tokens
//!
//! The caller chooses a [`Token`] for each registration. Whoever removes a registration while
//! another thread waits, or while it goes through what a wait has told, may hold an event of a
//! socket that is no longer meant: so a slot is used again with another generation only. A wait
//! tells no token that was removed before it returned; of what was told already, the caller drops
//! those whose generation is not the slot's.

use std::sync::Arc;
use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_kernel::thread::Wake;

use super::Interest;
use super::NetSocket;
use super::Readiness;
use super::Woken;

/// What a registration is known by: see the module's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    /// Which of the registrations of one poller; one at a time has it.
    pub slot: u32,
    /// Tells apart those that have the slot one after the other.
    pub generation: u32,
}

/// One thing that a wait tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// The registration.
    pub token: Token,
    /// What has come true of its socket: never empty. What was not asked for is a hint.
    pub ready: Readiness,
}

/// Waits for registered sockets. It belongs to one thread; [`Poller::registrar`] is what the others
/// get of it.
///
/// Dropping it ends what it watched; the sockets stay with the registrar until they are removed or
/// the last registrar is gone.
pub trait Poller: Send {
    /// What registers sockets with this poller.
    fn registrar(&self) -> Arc<dyn Registrar>;

    /// What ends a wait of this poller, or the next one: other than the thread's own
    /// [`Net::waker`](super::Net::waker). It stays valid, and without effect, when the poller is
    /// gone. Not for signal handlers.
    fn waker(&self) -> Arc<dyn Wake>;

    /// Blocks the calling thread until something is told, somebody woke [`Poller::waker`], or
    /// [`Net::now`](super::Net::now) reached `deadline`; `None` waits for ever, a deadline in the
    /// past polls.
    ///
    /// Replaces what is in `ready`. Readiness wins over the waker, the waker over the deadline; a
    /// waker that did not win stays woken. What does not fit into one wait is told by the next.
    ///
    /// # Errors
    /// `NOBUFS` when memory is short; `ready` is empty then.
    fn wait(&mut self, ready: &mut Vec<Ready>, deadline: Option<Duration>) -> Result<Woken, Errno>;
}

/// Says what a [`Poller`] watches. Any thread may, also while the poller waits: what comes true is
/// told by the wait that goes on. Nothing here blocks.
pub trait Registrar: Send + Sync {
    /// Watches `socket` for `interest`, and tells at once what holds already. The socket is kept, so
    /// that its descriptor is nobody else's, until it is removed.
    ///
    /// [`Interest::NONE`] tells nothing, not even hang-up, until it is changed; with anything else
    /// hang-up and errors are told as well. Where a network cannot watch for
    /// [`Interest::PRIORITY`] or [`Interest::END`] alone, data end the wait too.
    ///
    /// A socket is registered with a poller once at a time.
    ///
    /// # Errors
    /// `INVAL` when the slot is taken, or where the network notices that the socket is registered;
    /// `NOTSOCK` for a socket of another network; `NOBUFS` when the system watches no more.
    fn register(
        &self,
        token: Token,
        socket: Arc<dyn NetSocket>,
        interest: Interest,
    ) -> Result<(), Errno>;

    /// Watches for `interest` from now on (the same as before is fine), and tells at once what holds:
    /// what was told before and was left behind is told again. To be called when the socket was
    /// [renewed](NetSocket::renew).
    ///
    /// # Errors
    /// `NOTSOCK` when the token is not registered, `NOBUFS` when the system watches no more; what was
    /// watched is uncertain then: change again or remove.
    fn change(&self, token: Token, interest: Interest) -> Result<(), Errno>;

    /// Says that the socket answered `WOULDBLOCK` to what was told: the next time is to be told too.
    /// Costs nothing where the network tells every edge.
    ///
    /// # Errors
    /// As [`Registrar::change`].
    fn drained(&self, token: Token) -> Result<(), Errno>;

    /// Whether every edge is told, also of what nobody drained: then a registration may ask for more
    /// than is waited for at the moment, and costs only what happens.
    fn tells_every_edge(&self) -> bool;

    /// Watches no longer and lets the socket go: closing it comes after. Nothing happens when the
    /// token is not registered.
    fn remove(&self, token: Token);
}
