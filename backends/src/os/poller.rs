//! Watching many sockets: [`net::Poller`](crate::net::Poller) over mio (epoll, kqueue, or poll(2)).
//!
//! ```text
//! registrars --> Shared { table: slot -> token, socket, interest } --> mio::Registry
//! poller     --> mio::Poll --> events, stamped with slot and generation --> table --> Ready
//! ```
//!
//! mio keeps edges as epoll and kqueue have them. Over poll(2) it forgets what it has told until it
//! is asked again, and altogether once a descriptor hung up: so `drained` asks again there
//! (`sys::EDGES_REPEAT`), and `change` registers what is no longer known. The table holds the
//! sockets: a descriptor leaves the poll set before it is closed, as a closed number would be told on
//! for as long as a duplicate lives.
//!
//! The table's lock is a leaf, and is held across calls of mio that do not block. Used by
//! [`System`](super::System).

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use mio::unix::SourceFd;
use parking_lot::Mutex;
use ws2spi_abi::Errno;
use ws2spi_kernel::clock::Clock;
use ws2spi_kernel::clock::SystemClock;
use ws2spi_kernel::thread::Wake;

use super::errno::SystemError;
use super::sys;
use super::waker::Summons;
use crate::net;
use crate::net::Interest;
use crate::net::NetSocket;
use crate::net::Readiness;
use crate::net::Ready;
use crate::net::Registrar;
use crate::net::Token;
use crate::net::Woken;

/// Owns the poll set. See the module's words.
pub(super) struct Poller {
    poll: mio::Poll,
    events: mio::Events,
    shared: Arc<Shared>,
}

/// What other threads do to a poller.
struct Shared {
    registry: mio::Registry,
    table: Mutex<HashMap<u32, Registration>>,
    summons: Summons,
    waker: mio::Waker,
}

/// One row of the table.
struct Registration {
    generation: u32,
    socket: Arc<dyn NetSocket>,
    interest: Interest,
}

impl Poller {
    /// A poller that watches nothing; see [`Net::poller`](net::Net::poller).
    pub(super) fn new() -> Result<Self, Errno> {
        let poll = mio::Poll::new().map_err(translate)?;
        let registry = poll.registry().try_clone().map_err(translate)?;
        let waker = mio::Waker::new(&registry, WAKER).map_err(translate)?;
        Ok(Self {
            poll,
            events: mio::Events::with_capacity(EVENTS),
            shared: Arc::new(Shared {
                registry,
                table: Mutex::default(),
                summons: Summons::default(),
                waker,
            }),
        })
    }

    fn poll(&mut self, time: Option<Duration>) -> Result<(), Errno> {
        match self.poll.poll(&mut self.events, time) {
            // The caller looks at its deadline again.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                self.events.clear();
                Ok(())
            }
            result => result.map_err(translate),
        }
    }

    /// Translates the events, dropping those whose registration is gone.
    fn collect(&self, ready: &mut Vec<Ready>) {
        let table = self.shared.table.lock();
        ready.extend(self.events.iter().filter_map(|event| {
            let (slot, generation) = split(event.token());
            let row = table.get(&slot)?;
            (low_half(row.generation) == generation).then_some(())?;
            let token = Token {
                slot,
                generation: row.generation,
            };
            let ready = decode(event, row);
            (!ready.is_none()).then_some(Ready { token, ready })
        }));
    }
}

impl net::Poller for Poller {
    fn registrar(&self) -> Arc<dyn Registrar> {
        self.shared.clone()
    }

    fn waker(&self) -> Arc<dyn Wake> {
        self.shared.clone()
    }

    fn wait(&mut self, ready: &mut Vec<Ready>, deadline: Option<Duration>) -> Result<Woken, Errno> {
        ready.clear();
        let shared = self.shared.clone();
        let _waiting = shared.summons.begin();
        loop {
            let left = deadline.map(|deadline| deadline.saturating_sub(SystemClock.now()));
            let time = if shared.summons.is_woken() {
                Some(Duration::ZERO)
            } else {
                left
            };
            self.poll(time)?;
            self.collect(ready);
            if !ready.is_empty() {
                return Ok(Woken::Ready(ready.len()));
            }
            if shared.summons.take() {
                return Ok(Woken::Waker);
            }
            if left == Some(Duration::ZERO) {
                return Ok(Woken::TimedOut);
            }
        }
    }
}

impl Shared {
    /// Has mio watch a row as it stands, whether or not it did before.
    fn arm(&self, token: Token, row: &Registration) -> Result<(), Errno> {
        let fd = row.socket.descriptor().ok_or(Errno::NOTSOCK)?;
        let mut source = SourceFd(&fd);
        let result = match wanted(row.interest) {
            None => self.registry.deregister(&mut source),
            Some(interest) => {
                let stamp = join(token)?;
                match self.registry.reregister(&mut source, stamp, interest) {
                    Err(error) if is_unknown(&error) => {
                        self.registry.register(&mut source, stamp, interest)
                    }
                    result => result,
                }
            }
        };
        match result {
            Err(error) if !is_unknown(&error) => Err(translate(error)),
            _ => Ok(()),
        }
    }

    /// Calls `f` with the row of a token.
    fn with(
        &self,
        token: Token,
        f: impl FnOnce(&mut Registration) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let mut table = self.table.lock();
        let row = table.get_mut(&token.slot).ok_or(Errno::NOTSOCK)?;
        if row.generation != token.generation {
            return Err(Errno::NOTSOCK);
        }
        f(row)
    }

    /// To be called after each change of the poll set: over poll(2) mio wakes its own wait in order
    /// to change the set, and may swallow the call of somebody who wakes at the same time.
    fn call_again(&self) {
        if !sys::EDGES_REPEAT && self.summons.is_pending() {
            self.ring();
        }
    }

    fn ring(&self) {
        // It fails only for want of memory; the wait then ends by whatever comes next.
        let _ = self.waker.wake();
    }
}

impl Registrar for Shared {
    fn register(
        &self,
        token: Token,
        socket: Arc<dyn NetSocket>,
        interest: Interest,
    ) -> Result<(), Errno> {
        let fd = socket.descriptor().ok_or(Errno::NOTSOCK)?;
        let stamp = join(token)?;
        let mut table = self.table.lock();
        table.try_reserve(1).map_err(|_| Errno::NOBUFS)?;
        let Entry::Vacant(place) = table.entry(token.slot) else {
            return Err(Errno::INVAL);
        };
        if let Some(interest) = wanted(interest) {
            self.registry
                .register(&mut SourceFd(&fd), stamp, interest)
                .map_err(translate)?;
        }
        place.insert(Registration {
            generation: token.generation,
            socket,
            interest,
        });
        drop(table);
        self.call_again();
        Ok(())
    }

    fn change(&self, token: Token, interest: Interest) -> Result<(), Errno> {
        self.with(token, |row| {
            row.interest = interest;
            self.arm(token, row)
        })?;
        self.call_again();
        Ok(())
    }

    fn drained(&self, token: Token) -> Result<(), Errno> {
        if sys::EDGES_REPEAT {
            return self.with(token, |_| Ok(()));
        }
        self.with(token, |row| self.arm(token, row))?;
        self.call_again();
        Ok(())
    }

    fn tells_every_edge(&self) -> bool {
        sys::EDGES_REPEAT
    }

    fn remove(&self, token: Token) {
        let mut table = self.table.lock();
        let Entry::Occupied(place) = table.entry(token.slot) else {
            return;
        };
        if place.get().generation != token.generation {
            return;
        }
        let row = place.remove();
        if let Some(fd) = row.socket.descriptor() {
            // It may be out already: hung up, renewed, or not watched at the moment.
            let _ = self.registry.deregister(&mut SourceFd(&fd));
        }
        drop(table);
        self.call_again();
        // Last: this may close the descriptor.
        drop(row);
    }
}

impl Wake for Shared {
    fn wake(&self) {
        if self.summons.send() {
            self.ring();
        }
    }
}

/// What mio is asked for; `None` for nothing.
fn wanted(interest: Interest) -> Option<mio::Interest> {
    [
        (Interest::READ, mio::Interest::READABLE),
        (Interest::WRITE, mio::Interest::WRITABLE),
        (Interest::PRIORITY, sys::POLLER_PRIORITY),
        // It has none for the end alone.
        (Interest::END, mio::Interest::READABLE),
    ]
    .into_iter()
    .filter(|(bit, _)| interest.contains(*bit))
    .map(|(_, asked)| asked)
    .reduce(|all, more| all | more)
}

fn decode(event: &mio::event::Event, row: &Registration) -> Readiness {
    // mio says readable of urgent data too, and kqueue knows nothing else: then the socket is asked.
    let urgent = event.is_priority()
        || (!sys::PRIORITY_IS_TOLD
            && row.interest.contains(Interest::PRIORITY)
            && event.is_readable()
            && row
                .socket
                .readiness(Interest::PRIORITY)
                .contains(Readiness::PRIORITY));
    let closed = (event.is_read_closed(), event.is_write_closed());
    let mut ready = Readiness::NONE;
    for (holds, bit) in [
        (event.is_readable(), Readiness::READABLE),
        (event.is_writable(), Readiness::WRITABLE),
        (urgent, Readiness::PRIORITY),
        (closed.0, Readiness::READ_CLOSED),
        (closed == (true, true), Readiness::HANG_UP),
        (event.is_error(), Readiness::ERROR),
    ] {
        if holds {
            ready |= bit;
        }
    }
    ready
}

/// The token that mio carries: the slot below, the generation above. In a word of 64 bits both are
/// whole; in a smaller one there is room for fewer slots, and the generations come round earlier.
fn join(token: Token) -> Result<mio::Token, Errno> {
    let slot = token.slot as usize;
    if slot >= low_half(u32::MAX) {
        return Err(Errno::NOBUFS);
    }
    Ok(mio::Token(low_half(token.generation) << HALF | slot))
}

fn split(stamp: mio::Token) -> (u32, usize) {
    let slot = stamp.0 & low_half(u32::MAX);
    (slot as u32, stamp.0 >> HALF)
}

/// As much of a number as half a word takes.
fn low_half(number: u32) -> usize {
    number as usize & (usize::MAX >> HALF)
}

/// Whether mio or the system says that the descriptor is not in the poll set.
fn is_unknown(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

fn translate(error: io::Error) -> Errno {
    match error.raw_os_error() {
        // epoll_ctl(2): the user watches too many descriptors.
        Some(libc::ENOSPC) => Errno::NOBUFS,
        Some(number) => SystemError::new(number).into(),
        None => Errno::INVAL,
    }
}

/// Half of the bits of a word.
const HALF: u32 = usize::BITS / 2;

/// The waker's own token: no slot is the largest one.
const WAKER: mio::Token = mio::Token(usize::MAX);

/// Events that one wait takes at most.
const EVENTS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Family;
    use crate::net::Kind;
    use crate::net::Net;
    use crate::net::Poller as _;
    use crate::os::System;

    fn datagram() -> Arc<dyn NetSocket> {
        System.socket(Family::Inet, Kind::Datagram, 0).unwrap()
    }

    const fn token(generation: u32) -> Token {
        Token {
            slot: 3,
            generation,
        }
    }

    /// A poller with one event taken from the system, of generation 1, and not yet told.
    fn with_an_event() -> (Poller, Arc<dyn Registrar>) {
        let mut poller = Poller::new().unwrap();
        let registrar = poller.registrar();
        registrar
            .register(token(1), datagram(), Interest::WRITE)
            .unwrap();
        poller.poll(None).unwrap();
        assert!(!poller.events.is_empty());
        (poller, registrar)
    }

    fn told(poller: &Poller) -> Vec<Ready> {
        let mut ready = Vec::new();
        poller.collect(&mut ready);
        ready
    }

    // base-provider.md 8.2: an event that was taken before its socket was removed is dropped.
    #[test]
    fn an_event_of_a_token_that_was_removed_is_dropped() {
        let (poller, registrar) = with_an_event();
        registrar.remove(token(1));
        assert_eq!(told(&poller), []);
    }

    // base-provider.md 8.2: nor is it taken for one of the socket that has the slot now.
    #[test]
    fn an_event_of_an_earlier_generation_is_dropped() {
        let (mut poller, registrar) = with_an_event();
        registrar.remove(token(1));
        registrar
            .register(token(2), datagram(), Interest::WRITE)
            .unwrap();
        assert_eq!(told(&poller), []);
        let mut ready = Vec::new();
        poller.wait(&mut ready, None).unwrap();
        assert_eq!(ready.first().map(|told| told.token), Some(token(2)));
    }

    // base-provider.md 8.2: the generation is what tells them apart, in every bit that fits.
    #[test]
    fn a_stamp_has_the_whole_slot_and_generation() {
        let token = Token {
            slot: 0xFEDC,
            generation: 0xBA98_7654,
        };
        let (slot, generation) = split(join(token).unwrap());
        assert_eq!((slot, generation), (0xFEDC, low_half(0xBA98_7654)));
        assert_eq!(
            join(Token {
                slot: u32::MAX,
                generation: u32::MAX
            }),
            Err(Errno::NOBUFS)
        );
    }
}
