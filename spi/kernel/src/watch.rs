//! Who looks on as operations on files begin and end.
//!
//! An operation on a system handle is ended by whoever holds its request, where no table of a provider is passed. The client DLL sets a
//! watcher when somebody verifies providers; it may have given the provider of a socket a block of its own, and says whose it stands for.
//! Relies on nothing; the files call it. Without a watcher it is one look at a word.

use std::sync::OnceLock;

use ws2spi_abi::NtStatus;
use ws2spi_abi::args::Overlapped;

/// Who looks on. Called on any thread, also with locks of the file's provider held: calls nobody, and waits for nobody who does.
pub trait Watcher: Send + Sync {
    /// An operation begins with this block; what to use in its place.
    fn beginning(&self, overlapped: Overlapped) -> Overlapped;

    /// It is about to end; from here on the block is the application's.
    fn ending(&self, overlapped: &Overlapped, status: NtStatus, bytes: usize);

    /// The address of the block that operations have that began with the one at `address`.
    fn block_of(&self, address: usize) -> usize;
}

static WATCHER: OnceLock<&'static dyn Watcher> = OnceLock::new();

/// Sets the watcher, for the life of the process; the first one stays.
pub fn set(watcher: &'static dyn Watcher) {
    let _ = WATCHER.set(watcher);
}

pub(crate) fn beginning(overlapped: Overlapped) -> Overlapped {
    match WATCHER.get() {
        Some(watcher) => watcher.beginning(overlapped),
        None => overlapped,
    }
}

pub(crate) fn ending(overlapped: &Overlapped, status: NtStatus, bytes: usize) {
    if let Some(watcher) = WATCHER.get() {
        watcher.ending(overlapped, status, bytes);
    }
}

#[cfg_attr(
    windows,
    allow(dead_code, reason = "CancelIoEx does not come to us there")
)]
pub(crate) fn block_of(address: usize) -> usize {
    WATCHER
        .get()
        .map_or(address, |watcher| watcher.block_of(address))
}
