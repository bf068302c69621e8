//! The handle table: slots in chunks, free ones in queues.
//!
//! Looking a handle up touches the chunk directory, which is written once per 256 handles, and the
//! slot's own cache line. Opening and closing take the lock of one of a few free queues; each
//! thread has its own queue as long as there are enough of them, so threads that open and close
//! their own handles do not meet either.
//!
//! A freed slot goes to the end of the queue it came from, and leaves it only when at least
//! [`HELD_BACK`] others were freed there after it: together with the 511 generations of a slot, a
//! stale handle value stays stale for half a million closes at least.
//!
//! The slab gives out the numbers of the chunks, 256 handles at a time: a slab entry per handle would
//! cost it a quarter more memory and every opener the same lock.
//!
//! Lock order: a free queue's lock, then the slab's; the slab's lock and the binding lock are leaves.
//! Nothing of another module runs under any of them.

use std::cell::Cell;
use std::fmt;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize as Counter;

use slab::Slab;
use ws2spi_abi::Errno;

use super::handle::Handle;
use super::handle::SLOTS;
use super::object::Kind;
use super::object::Object;
use super::object::Owner;
use super::pinned::Pinned;
use super::slot::Opening;
use super::slot::Slot;
use crate::sync::AtomicU32;
use crate::sync::Mutex;
use crate::sync::Ordering::Acquire;
use crate::sync::Ordering::Relaxed;
use crate::sync::Ordering::Release;
use crate::sync::thread_local;

/// A table of handles. The process has one, behind the functions of [`handles`](super); models make
/// their own.
pub struct Table {
    chunks: [OnceLock<Chunk>; CHUNKS],
    /// The chunks' numbers, of which the handles' are made: the queue that each serves.
    numbers: Mutex<Slab<usize>>,
    queues: [Queue; QUEUES],
    /// Serializes the rare writes to live slots.
    binding: Mutex<()>,
    /// First of the slots whose last user could not free memory, or `NONE`.
    deferred: AtomicU32,
    limit: Mutex<Option<usize>>,
    /// Mirrors `limit.is_some()`, so that the usual case takes no lock.
    limited: AtomicU32,
}

struct Chunk {
    slots: Box<[Slot; CHUNK]>,
    queue: usize,
}

/// A free queue, alone on its cache lines.
#[cfg_attr(not(ws2spi_shuttle), repr(align(128)))]
struct Queue(Mutex<Free>);

/// First in, first out, linked through the free slots themselves: a closed handle costs no memory
/// but its slot.
struct Free {
    head: u32,
    tail: u32,
    length: usize,
    /// Slots of the newest chunk that were never used.
    fresh: std::ops::Range<u32>,
    /// Open handles whose slots came from here.
    open: usize,
}

impl Table {
    /// An empty table.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            chunks: [const { OnceLock::new() }; CHUNKS],
            numbers: Mutex::new(Slab::new()),
            queues: [const { Queue(Mutex::new(Free::EMPTY)) }; QUEUES],
            binding: Mutex::new(()),
            deferred: AtomicU32::new(NONE),
            limit: Mutex::new(None),
            limited: AtomicU32::new(0),
        }
    }

    /// Opens a handle to an object.
    ///
    /// # Errors
    /// `WSAENOBUFS` when there are no more handles or there is no memory for them.
    pub fn insert(&self, object: Arc<dyn Object>) -> Result<Handle, Errno> {
        if let Some(count) = object.handles() {
            count.opened();
        }
        let opening = Opening {
            object: Some(object),
            owner: None,
            context: 0,
            minted: false,
        };
        self.open(opening).map_err(|opening| {
            if let Some(count) = opening.object.as_deref().and_then(Object::handles) {
                count.closed();
            }
            Errno::NOBUFS
        })
    }

    /// Opens a handle that stands for a provider's context and has no object yet.
    ///
    /// # Errors
    /// `WSAENOBUFS` when there are no more handles or there is no memory for them.
    pub fn insert_minted(&self, owner: Arc<dyn Owner>, context: usize) -> Result<Handle, Errno> {
        let opening = Opening {
            object: None,
            owner: Some(owner),
            context,
            minted: true,
        };
        self.open(opening).map_err(|_| Errno::NOBUFS)
    }

    fn open(&self, opening: Opening) -> Result<Handle, Opening> {
        self.release_deferred();
        let Some(index) = self.take_index() else {
            return Err(opening);
        };
        let Some(slot) = self.slot(index) else {
            return Err(opening);
        };
        Ok(Handle::new(slot.publish(opening), index))
    }

    /// Looks a handle up and keeps it from being released while the result lives. Lock-free; in a
    /// signal handler use [`pin_in_signal`](Self::pin_in_signal).
    #[inline]
    pub fn pin(&self, raw: usize) -> Option<Pinned<'_>> {
        let handle = Handle::from_raw(raw)?;
        let slot = self.slot(handle.index())?;
        if slot.pin(handle.generation()) {
            Some(Pinned::new(self, slot, handle))
        } else {
            self.unpin(slot, handle.index());
            None
        }
    }

    /// Looks a handle up that a caller further up on this thread's stack has pinned, and keeps
    /// pinned until the value is gone: no pin of its own is counted, and none is taken back.
    #[inline]
    pub(super) fn look_again(&self, raw: usize) -> Option<ManuallyDrop<Pinned<'_>>> {
        let handle = Handle::from_raw(raw)?;
        let slot = self.slot(handle.index())?;
        let current = slot.live_generation() == Some(handle.generation());
        current.then(|| ManuallyDrop::new(Pinned::new(self, slot, handle)))
    }

    /// Looks a handle up without ever freeing memory: `f` runs under a pin whose end leaves the
    /// release of a handle that was closed meanwhile to the next thread that opens or closes one.
    pub fn pin_in_signal<R>(&self, raw: usize, f: impl FnOnce(&dyn Object) -> R) -> Option<R> {
        let handle = Handle::from_raw(raw)?;
        let slot = self.slot(handle.index())?;
        let result = slot
            .pin(handle.generation())
            .then(|| slot.object().map(|object| f(&**object)));
        if slot.unpin() && slot.defer() {
            let mut head = self.deferred.load(Relaxed);
            loop {
                slot.set_link(head as usize);
                match self
                    .deferred
                    .compare_exchange_weak(head, handle.index(), Release, Relaxed)
                {
                    Ok(_) => break,
                    Err(now) => head = now,
                }
            }
        }
        result.flatten()
    }

    /// The context of a minted handle, without pinning it; `None` for any other value.
    #[inline]
    pub fn minted_context(&self, raw: usize) -> Option<usize> {
        let handle = Handle::from_raw(raw)?;
        self.slot(handle.index())?
            .minted_context(handle.generation())
    }

    /// Closes a handle; see [`close`](super::close).
    ///
    /// # Errors
    /// `WSA_INVALID_HANDLE` when it is stale, or a window.
    pub fn close(&self, raw: usize) -> Result<(), Errno> {
        self.close_unless(raw, |object| object.kind() == Kind::Window)
    }

    /// Closes a handle of any kind.
    pub(super) fn remove(&self, raw: usize) -> Result<(), Errno> {
        self.close_unless(raw, |_| false)
    }

    fn close_unless(&self, raw: usize, refused: fn(&dyn Object) -> bool) -> Result<(), Errno> {
        self.release_deferred();
        let handle = Handle::from_raw(raw).ok_or(Errno::INVALID_HANDLE)?;
        let slot = self.slot(handle.index()).ok_or(Errno::INVALID_HANDLE)?;
        if slot.vacate_idle(handle.generation()) {
            self.free(handle.index());
            return Ok(());
        }
        let pinned = self.pin(raw).ok_or(Errno::INVALID_HANDLE)?;
        if pinned.object().is_some_and(|object| refused(&**object)) || !slot.mark_closing() {
            return Err(Errno::INVALID_HANDLE);
        }
        // No object can come in any more: `attach` needs a slot that is not closing.
        if let Some(object) = self.settled_object(&pinned) {
            object.closing(handle);
            if object
                .handles()
                .is_some_and(super::object::HandleCount::closed)
            {
                object.last_closed();
            }
        }
        Ok(())
    }

    fn settled_object<'p>(&self, pinned: &'p Pinned<'_>) -> Option<&'p Arc<dyn Object>> {
        let _binding = self.binding.lock();
        pinned.object()
    }

    /// Gives a minted handle its object, or returns the one it has. `None` when the handle is being
    /// closed.
    pub(super) fn attach<'p>(
        &self,
        pinned: &'p Pinned<'_>,
        slot: &Slot,
        object: Arc<dyn Object>,
    ) -> Option<&'p Arc<dyn Object>> {
        let _binding = self.binding.lock();
        if pinned.object().is_none() {
            slot.live_generation()?;
            if let Some(count) = object.handles() {
                count.opened();
            }
            slot.attach(object);
        }
        pinned.object()
    }

    /// Replaces the owner of a handle; the last caller wins.
    ///
    /// # Errors
    /// `WSA_INVALID_HANDLE` when it is stale.
    pub fn set_owner(&self, raw: usize, owner: Arc<dyn Owner>) -> Result<(), Errno> {
        let pinned = self.pin(raw).ok_or(Errno::INVALID_HANDLE)?;
        let _binding = self.binding.lock();
        pinned.slot().bind(Some(owner));
        Ok(())
    }

    /// Takes the owner away from a handle, if it still is this one.
    pub fn clear_owner_if(&self, raw: usize, same_as: &Arc<dyn Owner>) -> bool {
        let Some(pinned) = self.pin(raw) else {
            return false;
        };
        let _binding = self.binding.lock();
        let same = pinned
            .owner()
            .is_some_and(|owner| Arc::ptr_eq(owner, same_as));
        if same {
            pinned.slot().bind(None);
        }
        same
    }

    /// Opens a second handle to the object of a handle. The owner, the context and the flags stay
    /// with the first.
    ///
    /// # Errors
    /// `WSA_INVALID_HANDLE` when it is stale or a window, `WSAENOBUFS` when there are no more
    /// handles.
    pub fn duplicate(&self, raw: usize) -> Result<Handle, Errno> {
        let pinned = self.pin(raw).ok_or(Errno::INVALID_HANDLE)?;
        let object = pinned
            .object_or_placeholder()
            .ok_or(Errno::INVALID_HANDLE)?;
        if object.kind() == Kind::Window {
            return Err(Errno::INVALID_HANDLE);
        }
        self.insert(Arc::clone(object))
    }

    /// Visits every handle that is open when the visit reaches it.
    pub fn for_each(&self, mut f: impl FnMut(&Pinned<'_>)) {
        let chunks = self.numbers.lock().len();
        for index in 0..(chunks * CHUNK) as u32 {
            let handle = self
                .slot(index)
                .and_then(Slot::live_generation)
                .map(|generation| Handle::new(generation, index));
            if let Some(pinned) = handle.and_then(|handle| self.pin(handle.raw())) {
                f(&pinned);
            }
        }
    }

    /// How many handles are open.
    #[must_use]
    pub fn open_handles(&self) -> usize {
        self.queues.iter().map(|queue| queue.0.lock().open).sum()
    }

    /// Allows at most this many open handles, or as many as there are values.
    pub fn set_limit(&self, limit: Option<usize>) {
        let mut current = self.limit.lock();
        *current = limit;
        self.limited.store(u32::from(limit.is_some()), Relaxed);
    }

    #[inline]
    fn slot(&self, index: u32) -> Option<&Slot> {
        let chunk = self.chunks.get(index as usize / CHUNK)?.get()?;
        Some(&chunk.slots[index as usize % CHUNK])
    }

    #[inline]
    pub(super) fn unpin(&self, slot: &Slot, index: u32) {
        if slot.unpin() {
            self.release(slot, index);
        }
    }

    #[cold]
    fn release(&self, slot: &Slot, index: u32) {
        if slot.vacate() {
            self.free(index);
        }
    }

    fn release_deferred(&self) {
        if self.deferred.load(Relaxed) == NONE {
            return;
        }
        // Acquire pairs with the Release of the push: the links are visible.
        let mut index = self.deferred.swap(NONE, Acquire);
        while let Some(slot) = (index != NONE).then(|| self.slot(index)).flatten() {
            let next = slot.link() as u32;
            if slot.vacate_deferred() {
                self.free(index);
            }
            index = next;
        }
    }

    fn take_index(&self) -> Option<u32> {
        if self.limited.load(Relaxed) == 0 {
            return self.take_any();
        }
        let limit = self.limit.lock();
        let full = limit.is_some_and(|limit| self.open_handles() >= limit);
        (!full).then(|| self.take_any()).flatten()
    }

    fn take_any(&self) -> Option<u32> {
        let home = home_queue();
        (0..QUEUES).find_map(|step| self.take_from((home + step) % QUEUES))
    }

    fn take_from(&self, number: usize) -> Option<u32> {
        let mut free = self.queues[number].0.lock();
        let index = if free.length > HELD_BACK {
            let index = free.head;
            free.head = self.slot(index)?.link() as u32;
            free.length -= 1;
            index
        } else {
            if free.fresh.is_empty() {
                free.fresh = self.claim_chunk(number)?;
            }
            free.fresh.next()?
        };
        free.open += 1;
        Some(index)
    }

    /// Adds a chunk of slots to the table for a queue.
    fn claim_chunk(&self, queue: usize) -> Option<std::ops::Range<u32>> {
        let mut slots = Vec::new();
        slots.try_reserve_exact(CHUNK).ok()?;
        slots.extend((0..CHUNK).map(|_| Slot::new()));
        let slots: Box<[Slot; CHUNK]> = slots.into_boxed_slice().try_into().ok()?;
        let mut numbers = self.numbers.lock();
        let number = numbers.vacant_entry();
        let chunk = number.key();
        self.chunks.get(chunk)?.set(Chunk { slots, queue }).ok()?;
        number.insert(queue);
        let first = (chunk * CHUNK) as u32;
        Some(first..first + CHUNK as u32)
    }

    fn free(&self, index: u32) {
        let Some(chunk) = self
            .chunks
            .get(index as usize / CHUNK)
            .and_then(OnceLock::get)
        else {
            return;
        };
        let mut free = self.queues[chunk.queue].0.lock();
        if free.length == 0 {
            free.head = index;
        } else if let Some(tail) = self.slot(free.tail) {
            tail.set_link(index as usize);
        }
        free.tail = index;
        free.length += 1;
        free.open -= 1;
    }
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("open_handles", &self.open_handles())
            .finish_non_exhaustive()
    }
}

impl Free {
    const EMPTY: Self = Self {
        head: NONE,
        tail: NONE,
        length: 0,
        fresh: 0..0,
        open: 0,
    };
}

/// The queue this thread takes slots from.
fn home_queue() -> usize {
    static NEXT: Counter = Counter::new(0);
    thread_local! {
        static HOME: Cell<usize> = Cell::new(NEXT.fetch_add(1, Relaxed) % QUEUES);
    }
    HOME.try_with(Cell::get).unwrap_or(0)
}

/// Slots per chunk. In the models a table is small and a slot is used again at once: that is the
/// case to explore.
const CHUNK: usize = if cfg!(ws2spi_shuttle) { 2 } else { 256 };
/// Chunks of a table.
const CHUNKS: usize = if cfg!(ws2spi_shuttle) {
    8
} else {
    SLOTS as usize / CHUNK
};
/// Free queues.
const QUEUES: usize = if cfg!(ws2spi_shuttle) { 2 } else { 8 };
/// How many slots stay in a free queue before the oldest is used again.
pub const HELD_BACK: usize = if cfg!(ws2spi_shuttle) { 0 } else { 1024 };
/// No slot.
const NONE: u32 = u32::MAX;
