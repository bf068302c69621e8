//! A handle that was looked up: while it lives, what was found stays.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::OnceLock;
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
    /// What was known; when that was nothing, what was found later: the handle may be claimed meanwhile.
    entry: OnceLock<Arc<Entry>>,
    /// Elsewhere a pin belongs to a table.
    _table: PhantomData<&'t ()>,
}

impl Pinned<'_> {
    pub(super) fn new(handle: Handle, entry: Arc<Entry>) -> Self {
        Self {
            handle,
            entry: OnceLock::from(entry),
            _table: PhantomData,
        }
    }

    /// An open handle of the system's of which nothing is known.
    pub(super) const fn unclaimed(handle: Handle) -> Self {
        Self {
            handle,
            entry: OnceLock::new(),
            _table: PhantomData,
        }
    }

    fn entry(&self) -> Option<&Entry> {
        if let Some(entry) = self.entry.get() {
            return Some(entry);
        }
        let now = super::entry_of(self.handle)?;
        Some(self.entry.get_or_init(|| now))
    }

    /// The handle.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle
    }

    /// The object, if it is one of this process's own and not the system's.
    #[must_use]
    pub fn object(&self) -> Option<&Arc<dyn Object>> {
        self.entry()?.object.as_ref()
    }

    /// The object, if it is a `T`.
    #[must_use]
    pub fn object_as<T: Object>(&self) -> Option<&T> {
        self.object()?.downcast_ref()
    }

    /// Who answered for the handle when it was looked up.
    #[must_use]
    pub fn owner(&self) -> Option<&Arc<dyn Owner>> {
        self.entry()?.owner.as_ref()
    }

    /// Who answered for the handle when it was looked up, if it is a `T`.
    #[must_use]
    pub fn owner_as<T: Owner>(&self) -> Option<&T> {
        self.owner()?.downcast_ref()
    }

    /// Whether the handle was made by [`insert_minted`](super::insert_minted).
    #[must_use]
    pub fn is_minted(&self) -> bool {
        self.minted().is_some()
    }

    /// The context it was minted with; 0 for other handles.
    #[must_use]
    pub fn context(&self) -> usize {
        self.minted().unwrap_or(0)
    }

    /// The owner's bits; 0 in a new handle.
    #[must_use]
    pub fn flags(&self) -> u32 {
        self.entry().map_or(0, |entry| entry.flags.load(Acquire))
    }

    /// Sets bits of a handle of which something is known; returns the bits before.
    pub fn set_flags(&self, bits: u32) -> u32 {
        self.entry()
            .map_or(0, |entry| entry.flags.fetch_or(bits, AcqRel))
    }

    /// Clears bits; returns the bits before.
    pub fn clear_flags(&self, bits: u32) -> u32 {
        self.entry()
            .map_or(0, |entry| entry.flags.fetch_and(!bits, AcqRel))
    }

    fn minted(&self) -> Option<usize> {
        self.entry()?.minted
    }
}

impl std::fmt::Debug for Pinned<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pinned")
            .field("handle", &self.handle)
            .finish_non_exhaustive()
    }
}
