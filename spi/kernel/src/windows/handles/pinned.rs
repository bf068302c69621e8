//! A handle that was looked up: while it lives, what was found stays.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::AcqRel;
use std::sync::atomic::Ordering::Acquire;

use super::handle::Handle;
use super::object::Object;
use super::object::Owner;

/// What is known of a handle beside what the system knows.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) object: Option<Arc<dyn Object>>,
    pub(super) owner: Option<Arc<dyn Owner>>,
    /// The context of a minted handle.
    pub(super) minted: Option<usize>,
    /// Shared with the entry that takes this one's place when the owner changes.
    pub(super) flags: Arc<AtomicU32>,
}

/// A pinned handle.
///
/// Closing the handle meanwhile makes its value stale at once for everybody else; what it stood for
/// is released when the last pin goes. Holding a pin blocks nobody.
#[derive(Clone)]
pub struct Pinned<'t> {
    handle: Handle,
    entry: Arc<Entry>,
    /// Elsewhere a pin belongs to a table.
    _table: PhantomData<&'t ()>,
}

impl Pinned<'_> {
    pub(super) const fn new(handle: Handle, entry: Arc<Entry>) -> Self {
        Self {
            handle,
            entry,
            _table: PhantomData,
        }
    }

    /// The handle.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle
    }

    /// The object, if it is one of this process's own and not the system's.
    #[must_use]
    pub fn object(&self) -> Option<&Arc<dyn Object>> {
        self.entry.object.as_ref()
    }

    /// The object, if it is a `T`.
    #[must_use]
    pub fn object_as<T: Object>(&self) -> Option<&T> {
        self.object()?.downcast_ref()
    }

    /// Who answered for the handle when it was looked up.
    #[must_use]
    pub fn owner(&self) -> Option<&Arc<dyn Owner>> {
        self.entry.owner.as_ref()
    }

    /// Who answered for the handle when it was looked up, if it is a `T`.
    #[must_use]
    pub fn owner_as<T: Owner>(&self) -> Option<&T> {
        self.owner()?.downcast_ref()
    }

    /// Whether the handle was made by [`insert_minted`](super::insert_minted).
    #[must_use]
    pub fn is_minted(&self) -> bool {
        self.entry.minted.is_some()
    }

    /// The context it was minted with; 0 for other handles.
    #[must_use]
    pub fn context(&self) -> usize {
        self.entry.minted.unwrap_or(0)
    }

    /// The owner's bits; 0 in a new handle.
    #[must_use]
    pub fn flags(&self) -> u32 {
        self.entry.flags.load(Acquire)
    }

    /// Sets bits; returns the bits before.
    pub fn set_flags(&self, bits: u32) -> u32 {
        self.entry.flags.fetch_or(bits, AcqRel)
    }

    /// Clears bits; returns the bits before.
    pub fn clear_flags(&self, bits: u32) -> u32 {
        self.entry.flags.fetch_and(!bits, AcqRel)
    }
}

impl std::fmt::Debug for Pinned<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pinned")
            .field("handle", &self.handle)
            .finish_non_exhaustive()
    }
}
