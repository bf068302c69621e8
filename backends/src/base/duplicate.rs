//! WSPDuplicateSocket within one process: a second handle to the same socket.
//!
//! The call opens the handle at once, so that the source may be closed before the duplicate is made,
//! and puts a token for it into private fields of the protocol info. WSPSocket redeems the token
//! once. Both handles share everything, and the last one that goes closes the socket.
//!
//! DIFFERS: other processes cannot be reached; their ids are answered with `INVAL`, as ids that
//! mean no process are.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use parking_lot::Mutex;
use ws2spi_abi::Errno;
use ws2spi_abi::SOCKET;
use ws2spi_abi::WSAPROTOCOL_INFOW;
use ws2spi_abi::args::Out;

use super::stack::Stack;

/// Marks an info that carries a token, in `dwProviderReserved`.
const MARK: u32 = 0x6475_7053;

/// Handles that wait for WSPSocket, by token.
#[derive(Default)]
pub(super) struct Tokens {
    waiting: Mutex<HashMap<u64, SOCKET>>,
    last: AtomicU64,
}

impl Tokens {
    /// Forgets all: their handles were closed.
    pub(super) fn clear(&self) {
        self.waiting.lock().clear();
    }
}

/// The token in an info, if it has one.
pub(super) fn token_of(info: &WSAPROTOCOL_INFOW) -> Option<u64> {
    let token = u64::from(info.dwServiceFlags4) << 32 | u64::from(info.dwServiceFlags3);
    (info.dwProviderReserved == MARK).then_some(token)
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
        let handle = self.another_handle(self.own_handle(s)?, &socket)?;
        let token = self.tokens.last.fetch_add(1, Ordering::Relaxed) + 1;
        self.tokens.waiting.lock().insert(token, handle);
        out.set(WSAPROTOCOL_INFOW {
            dwServiceFlags3: token as u32,
            dwServiceFlags4: (token >> 32) as u32,
            dwProviderReserved: MARK,
            ..socket.protocol_info()
        })
    }

    /// WSPSocket with a token: registers the handle that waits for it.
    ///
    /// # Errors
    /// `INVAL` for a token that is unknown or used up (P29).
    pub(super) fn redeem(&self, token: u64, info: &WSAPROTOCOL_INFOW) -> Result<SOCKET, Errno> {
        let own = self
            .tokens
            .waiting
            .lock()
            .remove(&token)
            .ok_or(Errno::INVAL)?;
        let upcalls = self.upcalls()?;
        self.register(upcalls, info.dwCatalogEntryId, own)
            .inspect_err(|_| self.discard(own))
    }
}
