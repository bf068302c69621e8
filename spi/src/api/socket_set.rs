//! `fd_set`s that the client DLL makes itself, of any length: for `WSAPoll` on a provider's select, and for a select below the layers.

use std::collections::HashSet;
use std::iter::once;
use ws2spi_abi::args::FdSet;
use ws2spi_abi::*;

/// An `fd_set`: the count in the first word, the sockets behind it.
pub struct SocketSet(Vec<usize>);

impl SocketSet {
    /// A set of these sockets, in this order.
    pub fn of(sockets: impl Iterator<Item = SOCKET>) -> Self {
        let mut words: Vec<usize> = once(0).chain(sockets).collect();
        let count = words.len() as u32 - 1;
        if let Some(first) = words.first_mut() {
            let mut bytes = [0; size_of::<usize>()];
            bytes[..4].copy_from_slice(&count.to_ne_bytes());
            *first = usize::from_ne_bytes(bytes);
        }
        Self(words)
    }

    /// The set as a provider takes it; valid while this lives.
    pub fn raw(&mut self) -> *mut FD_SET {
        self.0.as_mut_ptr().cast()
    }

    /// The sockets in it now.
    pub fn members(&mut self) -> HashSet<SOCKET> {
        // SAFETY: count and sockets as `of` laid them out; select only shortens a set.
        unsafe { FdSet::new(self.raw()) }.iter().collect()
    }
}
