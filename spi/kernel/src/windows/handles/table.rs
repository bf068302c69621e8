//! What is known of the system's handles, by their values.
//!
//! The system's values are small and dense, so a table of chunks that come into being with the first
//! handle in their range answers a look-up with one index and one short read lock: readers of different
//! handles do not wait for one another, and none waits for a provider.

use std::sync::Arc;
use std::sync::OnceLock;

use parking_lot::RwLock;
use ws2spi_abi::Errno;

use super::handle::Handle;
use super::object::HandleCount;
use super::object::Object;
use super::pinned::Entry;

type Slot = RwLock<Option<Arc<Entry>>>;
type Chunk = [Slot; CHUNK];

/// The entries of the process.
pub(super) struct Table {
    chunks: [OnceLock<Box<Chunk>>; CHUNKS],
}

impl Table {
    pub(super) const fn new() -> Self {
        Self {
            chunks: [const { OnceLock::new() }; CHUNKS],
        }
    }

    /// What is known of a handle.
    pub(super) fn find(&self, raw: usize) -> Option<(Handle, Arc<Entry>)> {
        let handle = Handle::from_raw(raw)?;
        let entry = self.slot(handle)?.read().clone()?;
        Some((handle, entry))
    }

    /// Replaces what is known of a handle. An entry of the same value that is still there was of a handle
    /// that was closed where nobody saw it.
    ///
    /// # Errors
    /// `WSAENOBUFS` when the value is beyond what the table holds.
    pub(super) fn put(&self, handle: Handle, entry: Entry) -> Result<(), Errno> {
        let chunk = self
            .chunks
            .get(index(handle) / CHUNK)
            .ok_or(Errno::NOBUFS)?;
        let chunk = chunk.get_or_init(|| Box::new([const { RwLock::new(None) }; CHUNK]));
        opened(&entry);
        let before = chunk[index(handle) % CHUNK]
            .write()
            .replace(Arc::new(entry));
        if let Some(before) = before {
            forgotten(handle, &before);
        }
        Ok(())
    }

    /// Replaces what is known of a handle by what `change` makes of it, `None` for nothing. The object,
    /// if there is one, stays.
    pub(super) fn change(
        &self,
        raw: usize,
        change: impl FnOnce(&Entry) -> Option<Option<Entry>>,
    ) -> bool {
        let Some(slot) = Handle::from_raw(raw).and_then(|handle| self.slot(handle)) else {
            return false;
        };
        let mut place = slot.write();
        let Some(changed) = place.as_deref().and_then(change) else {
            return false;
        };
        let before = std::mem::replace(&mut *place, changed.map(Arc::new));
        drop(place);
        // What it stood for may end here, which may be anybody's code.
        drop(before);
        true
    }

    /// Forgets a handle; whether anything was known of it. Its object is told.
    pub(super) fn forget(&self, raw: usize) -> bool {
        let Some(handle) = Handle::from_raw(raw) else {
            return false;
        };
        let Some(slot) = self.slot(handle) else {
            return false;
        };
        // Nearly every value that is closed is unknown here, and a read lock does for those.
        if slot.read().is_none() {
            return false;
        }
        let before = slot.write().take();
        if let Some(before) = &before {
            forgotten(handle, before);
        }
        before.is_some()
    }

    /// Visits what is known when the visit reaches it.
    pub(super) fn for_each(&self, mut visit: impl FnMut(Handle, Arc<Entry>)) {
        for (first, chunk) in self.chunks.iter().enumerate() {
            let Some(chunk) = chunk.get() else { continue };
            for (place, slot) in chunk.iter().enumerate() {
                let entry = slot.read().clone();
                let handle = Handle::from_raw((first * CHUNK + place) << 2);
                if let (Some(entry), Some(handle)) = (entry, handle) {
                    visit(handle, entry);
                }
            }
        }
    }

    fn slot(&self, handle: Handle) -> Option<&Slot> {
        let chunk = self.chunks.get(index(handle) / CHUNK)?.get()?;
        Some(&chunk[index(handle) % CHUNK])
    }
}

fn index(handle: Handle) -> usize {
    handle.raw() >> 2
}

fn counted(entry: &Entry) -> Option<(&dyn Object, &HandleCount)> {
    let object = entry.object.as_deref()?;
    Some((object, object.handles()?))
}

fn opened(entry: &Entry) {
    if let Some((_, count)) = counted(entry) {
        count.opened();
    }
}

/// Tells the object of a handle that the handle is gone. No lock is held.
fn forgotten(handle: Handle, entry: &Entry) {
    if let Some(object) = &entry.object {
        object.closing(handle);
    }
    if let Some((object, count)) = counted(entry)
        && count.closed()
    {
        object.last_closed();
    }
}

const CHUNK: usize = 1 << 12;
/// As many chunks as the system has values: 16 million.
const CHUNKS: usize = 1 << 12;
