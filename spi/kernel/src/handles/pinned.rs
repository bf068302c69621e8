//! A handle that was looked up: while it lives, the handle's object, owner and context stay.

use std::fmt;
use std::sync::Arc;

use super::handle::Handle;
use super::object::Object;
use super::object::Owner;
use super::slot::Slot;
use super::table::Table;
use crate::file::Placeholder;
use crate::sync::Ordering::AcqRel;
use crate::sync::Ordering::Acquire;

/// A pinned handle.
///
/// Closing the handle meanwhile makes its value stale at once for everybody else; what it stood for
/// is released when the last pin goes. Holding a pin blocks nobody. Do not hold one where memory
/// must not be freed (a signal handler): its end may do that.
pub struct Pinned<'t> {
    table: &'t Table,
    slot: &'t Slot,
    handle: Handle,
}

impl<'t> Pinned<'t> {
    /// Takes over a pin that was counted.
    #[inline]
    pub(super) fn new(table: &'t Table, slot: &'t Slot, handle: Handle) -> Self {
        Self {
            table,
            slot,
            handle,
        }
    }

    /// The handle.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle
    }

    /// The object; `None` for a minted handle that nobody waited for or associated with a port yet.
    #[inline]
    #[must_use]
    pub fn object(&self) -> Option<&Arc<dyn Object>> {
        self.slot.object()
    }

    /// The object, if it is a `T`.
    #[inline]
    #[must_use]
    pub fn object_as<T: Object>(&self) -> Option<&T> {
        self.object()?.downcast_ref()
    }

    /// The object; a minted handle gets its placeholder file object if it has none. `None` when the
    /// handle was closed since it was pinned.
    #[must_use]
    pub fn object_or_placeholder(&self) -> Option<&Arc<dyn Object>> {
        match self.object() {
            Some(object) => Some(object),
            None => self
                .table
                .attach(self, self.slot, Arc::new(Placeholder::new())),
        }
    }

    /// Who answers for the handle now.
    #[inline]
    #[must_use]
    pub fn owner(&self) -> Option<&Arc<dyn Owner>> {
        self.slot.owner()
    }

    /// Who answers for the handle now, if it is a `T`.
    #[inline]
    #[must_use]
    pub fn owner_as<T: Owner>(&self) -> Option<&T> {
        self.owner()?.downcast_ref()
    }

    /// Whether the handle was made by [`insert_minted`](super::insert_minted).
    #[must_use]
    pub fn is_minted(&self) -> bool {
        self.slot.is_minted()
    }

    /// The context it was minted with; 0 for other handles.
    #[must_use]
    pub fn context(&self) -> usize {
        self.slot.context()
    }

    /// The owner's bits; 0 in a new handle.
    #[inline]
    #[must_use]
    pub fn flags(&self) -> u32 {
        self.slot.flags().load(Acquire)
    }

    /// Sets bits; returns the bits before.
    pub fn set_flags(&self, bits: u32) -> u32 {
        self.slot.flags().fetch_or(bits, AcqRel)
    }

    /// Clears bits; returns the bits before.
    pub fn clear_flags(&self, bits: u32) -> u32 {
        self.slot.flags().fetch_and(!bits, AcqRel)
    }

    pub(super) fn slot(&self) -> &Slot {
        self.slot
    }
}

impl Drop for Pinned<'_> {
    #[inline]
    fn drop(&mut self) {
        self.table.unpin(self.slot, self.handle.index());
    }
}

impl fmt::Debug for Pinned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pinned")
            .field("handle", &self.handle)
            .field("slot", self.slot)
            .finish()
    }
}
