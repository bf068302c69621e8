//! WSPDuplicateSocket within one process: a second handle to the same socket.
//!
//! The call opens the handle at once, so that the source may be closed before the duplicate is made,
//! and puts a token for it into `dwProviderReserved` of the protocol info, the one field that layers
//! pass on. WSPSocket redeems the token once. Both handles share everything, and the last one that
//! goes closes the socket.
//!
//! DIFFERS: other processes cannot be reached; their ids are answered with `INVAL`, as ids that
//! mean no process are.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::num::NonZeroU32;

use parking_lot::Mutex;
use ws2spi_abi::Errno;
use ws2spi_abi::SOCKET;
use ws2spi_abi::WSAPROTOCOL_INFOW;
use ws2spi_abi::args::Out;

use super::stack::Stack;

/// Handles that wait for WSPSocket, by token.
#[derive(Default)]
pub(super) struct Tokens(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    handles: HashMap<NonZeroU32, SOCKET>,
    last: u32,
}

impl Tokens {
    /// Forgets all: their handles were closed.
    pub(super) fn clear(&self) {
        self.0.lock().handles.clear();
    }

    /// Keeps a handle; the token for it.
    fn keep(&self, handle: SOCKET) -> NonZeroU32 {
        let mut waiting = self.0.lock();
        loop {
            waiting.last = waiting.last.wrapping_add(1);
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
    /// In this order (P23-P25): `NOTSOCK`, `INVAL` for a process that is not this one, `FAULT` for a
    /// NULL info; `NOBUFS` when there are no handles.
    pub(super) fn duplicate(
        &self,
        s: SOCKET,
        process: u32,
        out: Out<'_, WSAPROTOCOL_INFOW>,
    ) -> Result<(), Errno> {
        let socket = self.find(s)?;
        if process != std::process::id() {
            return Err(Errno::INVAL);
        }
        if out.is_null() {
            return Err(Errno::FAULT);
        }
        let handle = self.another_handle(self.own_handle(s)?)?;
        let token = self.tokens.keep(handle);
        out.set(WSAPROTOCOL_INFOW {
            dwProviderReserved: token.get(),
            ..socket.protocol_info()
        })
    }

    /// WSPSocket with a token: registers the handle that waits for it.
    ///
    /// # Errors
    /// `INVAL` for a token that is unknown or used up (P29).
    pub(super) fn redeem(
        &self,
        token: NonZeroU32,
        info: &WSAPROTOCOL_INFOW,
    ) -> Result<SOCKET, Errno> {
        let own = self.tokens.take(token).ok_or(Errno::INVAL)?;
        let upcalls = self.upcalls()?;
        self.register(upcalls, info.dwCatalogEntryId, own)
            .inspect_err(|_| self.discard(own))
    }
}
