//! WSPDuplicateSocket: a second handle to the same socket, in this process or in another one.
//!
//! The call leaves something for WSPSocket to redeem, once, and puts a token for it into
//! `dwProviderReserved` of the protocol info, the one field that layers pass on. Within the process
//! that is a handle, opened at once, so that the source may be closed before the duplicate is made; both
//! handles share everything, and the last one that goes closes the socket.
//!
//! For another process the socket is offered to the network ([`Offer`]), with its state as `luggage`.
//! The source may be closed meanwhile; the offer ends when it is redeemed, when the other process ends,
//! and with the last WSPCleanup. From then on the socket is [`Bit::Shared`].
//!
//! DIFFERS: the offer ends with this process, while Windows has opened the other process's handle by
//! then. Two processes share what the network keeps: data, connection, name, group memberships, and
//! the options that the network has. Mode, timeouts, options that are only kept, registrations for events, SO_ERROR
//! and what either process shuts are the other's as they were when the duplicate was made. Requests that
//! wait, urgent bytes and datagram reports that were taken out of the network, and connections that a
//! condition function deferred stay with the process that has them. A socket with data that the network has not taken yet,
//! or that listens behind another one, cannot be duplicated for another process: `INPROGRESS`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::mem;
use std::num::NonZeroU32;
use std::sync::Arc;

use ws2spi_abi::Errno;
use ws2spi_abi::SOCKET;
use ws2spi_abi::WSAPROTOCOL_INFOW;
use ws2spi_abi::args::Out;

use super::luggage;
use super::socket::Socket;
use super::stack::Stack;
use super::status::Bit;
use crate::net::FOREIGN;
use crate::net::Offer;
use crate::sync::Mutex;

/// What waits for WSPSocket: handles by token, and offers to other processes.
#[derive(Default)]
pub(super) struct Tokens(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    handles: HashMap<NonZeroU32, SOCKET>,
    last: u32,
    offers: Vec<Box<dyn Offer>>,
}

impl Tokens {
    /// Forgets all: their handles were closed. Offers are withdrawn.
    pub(super) fn clear(&self) {
        let offers = {
            let mut waiting = self.0.lock();
            waiting.handles.clear();
            mem::take(&mut waiting.offers)
        };
        drop(offers);
    }

    /// Keeps an offer until it is over; its token.
    fn keep_offer(&self, offer: Box<dyn Offer>) -> NonZeroU32 {
        let token = offer.token();
        let mut waiting = self.0.lock();
        waiting.offers.retain(|offer| !offer.is_over());
        waiting.offers.push(offer);
        token
    }

    /// Keeps a handle; the token for it.
    fn keep(&self, handle: SOCKET) -> NonZeroU32 {
        let mut waiting = self.0.lock();
        loop {
            waiting.last = waiting.last.wrapping_add(1) & !FOREIGN;
            // There are far fewer handles than tokens.
            if let Some(token) = NonZeroU32::new(waiting.last)
                && let Entry::Vacant(place) = waiting.handles.entry(token)
            {
                place.insert(handle);
                return token;
            }
        }
    }

    /// The handle of a token that was not used yet.
    fn take(&self, token: NonZeroU32) -> Option<SOCKET> {
        self.0.lock().handles.remove(&token)
    }
}

/// The token in an info, if it has one: entries of a catalog have 0 there.
pub(super) fn token_of(info: &WSAPROTOCOL_INFOW) -> Option<NonZeroU32> {
    NonZeroU32::new(info.dwProviderReserved)
}

impl Stack {
    /// WSPDuplicateSocket.
    ///
    /// # Errors
    /// In this order (P23-P25): `NOTSOCK`, `INVAL` for a process that does not exist or is not to be
    /// reached, `FAULT` for a NULL info; for another process `INPROGRESS` while data wait to be sent;
    /// `NOBUFS` when there are no handles, `MFILE` when there are no descriptors.
    pub(super) fn duplicate(
        &self,
        s: SOCKET,
        process: u32,
        out: Out<'_, WSAPROTOCOL_INFOW>,
    ) -> Result<(), Errno> {
        let socket = self.find(s)?;
        let is_own = process == std::process::id();
        if !is_own && !self.net.reaches(process) {
            return Err(Errno::INVAL);
        }
        if out.is_null() {
            return Err(Errno::FAULT);
        }
        let token = if is_own {
            let handle = self.another_handle(self.own_handle(s)?)?;
            self.tokens.keep(handle)
        } else {
            self.tokens.keep_offer(socket.offer(process)?)
        };
        out.set(WSAPROTOCOL_INFOW {
            dwProviderReserved: token.get(),
            ..socket.protocol_info()
        })
    }

    /// WSPSocket with a token: registers the handle that waits for it, or one for the socket that
    /// another process offers.
    ///
    /// # Errors
    /// `INVAL` for a token that is unknown or used up (P29), or for another process.
    pub(super) fn redeem(
        self: &Arc<Self>,
        token: NonZeroU32,
        info: &WSAPROTOCOL_INFOW,
    ) -> Result<SOCKET, Errno> {
        if token.get() & FOREIGN != 0 {
            let (net, note) = self.net.fetch(token)?;
            return self.publish(&luggage::unpack(self, net, &note, info)?);
        }
        let own = self.tokens.take(token).ok_or(Errno::INVAL)?;
        let upcalls = self.upcalls()?;
        self.register(upcalls, info.dwCatalogEntryId, own)
            .inspect_err(|_| self.discard(own))
    }
}

impl Socket {
    /// Offers the socket to another process.
    ///
    /// # Errors
    /// `INPROGRESS` for what the other process could not go on with; what the network answers.
    fn offer(&self, process: u32) -> Result<Box<dyn Offer>, Errno> {
        let note = self.pack()?;
        let output = self.output.lock();
        let unsent = !output.backlog.is_empty() || output.turn_taken;
        if unsent || self.status.get().has(Bit::Shadowed) {
            return Err(Errno::INPROGRESS);
        }
        // Before anybody can have it: a close from now on leaves the connection alone.
        let before = self.status.set(Bit::Shared);
        self.net.offer(process, &note).inspect_err(|_| {
            if !before.has(Bit::Shared) {
                self.status.clear(Bit::Shared);
            }
        })
    }
}
