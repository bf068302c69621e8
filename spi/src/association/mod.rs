//! Which provider answers for a socket: the *association* of a handle with a catalog entry and its provider's instance.
//!
//! It is the owner that the kernel's handle slots carry, so looking it up is one pin of a slot and no lock. Two ways lead to one:
//! `WPUCreateSocketHandle` mints a handle with the [`Binding`] of its entry, and `WPUModifyIFSHandle` puts one on a handle of the
//! system, replacing the one before (last caller wins). The association is fresh per registration so that `closesocket` can drop
//! exactly the one it dispatched through (U53).
//!
//! Used by `dispatch` to resolve, by `upcalls` to create and replace, by `process` at the last clean-up.
#[cfg(test)]
mod tests;

use crate::catalog::{Entry, EntryId, Snapshot};
use crate::loader::{Instance, Loader};
use std::any::Any;
use std::sync::{Arc, OnceLock, Weak};
use ws2spi_abi::{Errno, SOCKET};
use ws2spi_kernel::handles::{self, Owner, Pinned};

/// A handle's bit: `closesocket` has succeeded, the provider has yet to give the minted handle back (U36).
pub const CLOSING: u32 = 1;
/// A handle's bit: it was created while the thread's open type asked for synchronous sockets.
pub const SYNCHRONOUS: u32 = 2;

/// What handles of one catalog entry are associated with: the entry, and the instance of its provider once a call has needed it.
#[derive(Debug)]
pub struct Binding {
    entry: Arc<Entry>,
    loader: Weak<Loader>,
    instance: OnceLock<Arc<Instance>>,
}

/// The association of a handle, which is the binding of its entry. Apart from it, because it is fresh per registration.
#[derive(Debug)]
struct Association(Arc<Binding>);

impl Owner for Association {}

impl Binding {
    fn new(entry: &Arc<Entry>, loader: &Arc<Loader>) -> Self {
        Self {
            entry: Arc::clone(entry),
            loader: Arc::downgrade(loader),
            instance: OnceLock::new(),
        }
    }

    /// The binding behind a slot's owner, `None` when the owner is somebody else's.
    #[inline]
    #[must_use]
    pub fn of(owner: &Arc<dyn Owner>) -> Option<&Self> {
        let any: &dyn Any = &**owner;
        Some(&*any.downcast_ref::<Association>()?.0)
    }

    /// The catalog entry through which the handle was created or registered.
    #[must_use]
    pub fn entry(&self) -> &Arc<Entry> {
        &self.entry
    }

    /// The instance of the entry's provider, started on the binding's first use if need be.
    ///
    /// # Errors
    /// Those of [`Loader::instance`]; `WSAENOTSOCK` when the binding is from before the last `WSACleanup`.
    #[inline]
    pub fn instance(&self) -> Result<&Arc<Instance>, Errno> {
        match self.instance.get() {
            Some(instance) => Ok(instance),
            None => self.load(),
        }
    }

    /// Finds the instance on the binding's first use. A base provider below a layer registers its handles with its own entry and is
    /// usually not loaded by the client DLL at all; it is loaded when a call for it comes.
    #[cold]
    fn load(&self) -> Result<&Arc<Instance>, Errno> {
        let loader = self.loader.upgrade().ok_or(Errno::NOTSOCK)?;
        let instance = loader.instance(&self.entry)?;
        Ok(self.instance.get_or_init(|| instance))
    }

    fn belongs_to(&self, loader: &Arc<Loader>) -> bool {
        std::ptr::eq(self.loader.as_ptr(), Arc::as_ptr(loader))
    }
}

/// The bindings of one run of the process: what the upcalls need to make associations.
#[derive(Debug)]
pub struct Associations {
    loader: Arc<Loader>,
    /// One per entry, in the order of their ids.
    shared: Vec<Arc<Association>>,
}

impl Associations {
    /// The associations of a run with this catalog and loader.
    #[must_use]
    pub fn new(snapshot: &Snapshot, loader: &Arc<Loader>) -> Self {
        let mut shared: Vec<_> = snapshot
            .entries()
            .iter()
            .map(|entry| Arc::new(Association(Arc::new(Binding::new(entry, loader)))))
            .collect();
        shared.sort_by_key(|association| association.0.entry.id());
        Self {
            loader: Arc::clone(loader),
            shared,
        }
    }

    /// Mints a handle for the provider of `entry`; the context is the provider's.
    ///
    /// # Errors
    /// `WSAEINVAL`: unknown entry (U27); `WSAENOBUFS`: no more handles (U28).
    pub fn mint(&self, entry: u32, context: usize, flags: u32) -> Result<SOCKET, Errno> {
        let owner = self.shared(entry).ok_or(Errno::INVAL)?;
        let owner: Arc<dyn Owner> = Arc::<Association>::clone(owner);
        let handle = handles::insert_minted(owner, context)?;
        if flags != 0
            && let Some(pin) = handles::pin(handle.raw())
        {
            pin.set_flags(flags);
        }
        Ok(handle.raw())
    }

    /// Makes a system handle the socket of `entry`, in place of what it was before.
    ///
    /// # Errors
    /// `WSAEINVAL`: not a live handle (U42), a minted one (U51), or an unknown entry (U43). The old association stays (U48).
    pub fn register(&self, entry: u32, proposed: SOCKET) -> Result<SOCKET, Errno> {
        if handles::minted_context(proposed).is_some() {
            return Err(Errno::INVAL);
        }
        let shared = self.shared(entry).ok_or(Errno::INVAL)?;
        let fresh = Arc::new(Association(Arc::clone(&shared.0)));
        handles::set_owner(proposed, fresh).map_err(|_| Errno::INVAL)?;
        Ok(proposed)
    }

    /// The handles that belong to this run.
    #[must_use]
    pub fn handles(&self) -> Vec<SOCKET> {
        let mut found = Vec::new();
        handles::for_each(|pin| {
            let ours = pin
                .owner()
                .and_then(Binding::of)
                .is_some_and(|binding| binding.belongs_to(&self.loader));
            if ours {
                found.push(pin.handle().raw());
            }
        });
        found
    }

    /// The entry with this id.
    #[must_use]
    pub fn entry(&self, id: u32) -> Option<&Arc<Entry>> {
        self.shared(id).map(|association| association.0.entry())
    }

    fn shared(&self, id: u32) -> Option<&Arc<Association>> {
        let id = EntryId::new(id);
        let place = self
            .shared
            .binary_search_by_key(&id, |association| association.0.entry.id());
        self.shared.get(place.ok()?)
    }

    /// The loader that starts this run's providers.
    #[must_use]
    pub fn loader(&self) -> &Arc<Loader> {
        &self.loader
    }
}

/// Marks a handle so that the application's calls find it closed, while the provider's upcalls still work (U36).
pub fn mark_closing(pin: &Pinned) {
    pin.set_flags(CLOSING);
}

/// The context of a minted handle (U25).
///
/// # Errors
/// `WSAENOTSOCK`: not minted, or stale (U30, U31, U32).
#[inline]
pub fn context(s: SOCKET) -> Result<usize, Errno> {
    handles::minted_context(s).ok_or(Errno::NOTSOCK)
}

/// Ends a minted handle; the provider's context is not touched and its `WSPCloseSocket` not called (U35).
///
/// # Errors
/// `WSAENOTSOCK`: not minted, or stale (U33, U34).
pub fn close_minted(s: SOCKET) -> Result<(), Errno> {
    // A value stays what it is as long as it is live, so this needs no pin: whoever is quicker to close it, wins.
    context(s)?;
    handles::close(s).map_err(|_| Errno::NOTSOCK)
}
