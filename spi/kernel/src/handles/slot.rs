//! One slot of the handle table: a cache line that says what a handle value stands for.
//!
//! The only module of this crate with unsafe code. It relies on nothing but atomics; `table.rs` is
//! its only caller.
//!
//! Life of a slot, all in the `state` word (generation, flags, number of pins):
//!
//! ```text
//! vacant --publish--> LIVE --mark_closing--> LIVE|CLOSING --vacate--> vacant, next generation
//! ```
//!
//! - A *pin* is one `fetch_add`; it succeeded when the word before it had the wanted generation,
//!   LIVE and not CLOSING. A pin that did not succeed is taken back at once, and may be seen on a
//!   slot in any state: nothing below assumes a count of zero except the compare-and-swap that
//!   vacates.
//! - The cells are written by whoever owns the vacant slot, and, once each while it is LIVE, under
//!   the table's binding lock before the flag that announces the cell is set. They are read under a
//!   pin, after that flag was seen.
//! - Exactly one party wins the compare-and-swap that vacates; it alone takes the contents out and
//!   returns the slot.

// The pin protocol above is what makes shared access to the cells sound; see each block.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::fmt;
use std::ptr;
use std::sync::Arc;

use super::object::Object;
use super::object::Owner;
use crate::sync::AtomicPtr;
use crate::sync::AtomicU32;
use crate::sync::AtomicU64;
use crate::sync::AtomicUsize;
use crate::sync::Ordering::AcqRel;
use crate::sync::Ordering::Acquire;
use crate::sync::Ordering::Relaxed;
use crate::sync::Ordering::Release;

/// A slot. 64 bytes on its own cache line: look-ups of different handles never meet.
#[cfg_attr(not(ws2spi_shuttle), repr(C, align(64)))]
pub(super) struct Slot {
    state: AtomicU64,
    /// Null while the owner is the one in `owner`; otherwise the current one of a circle of
    /// [`Binding`]s.
    binding: AtomicPtr<Binding>,
    object: UnsafeCell<Option<Arc<dyn Object>>>,
    owner: UnsafeCell<Option<Arc<dyn Owner>>>,
    /// The context of a minted handle; in a vacant or deferred slot, the index of the next one in
    /// its list.
    context: AtomicUsize,
    /// Bits of whoever owns the handle.
    flags: AtomicU32,
}

#[cfg(not(ws2spi_shuttle))]
const _: () = assert!(size_of::<Slot>() == 64 && align_of::<Slot>() == 64);

// SAFETY: the cells are only reached by the protocol in the module's comment, which orders every
// write before the reads that may see it; what they hold is Send and Sync.
unsafe impl Sync for Slot {}

/// What to publish a slot with.
pub(super) struct Opening {
    pub(super) object: Option<Arc<dyn Object>>,
    pub(super) owner: Option<Arc<dyn Owner>>,
    pub(super) context: usize,
    pub(super) minted: bool,
}

/// An owner that replaced the first one. The nodes of a slot form a circle and live until the slot
/// is vacated, because a reader under a pin may still look at an owner that was replaced.
struct Binding {
    owner: Option<Arc<dyn Owner>>,
    next: AtomicPtr<Binding>,
}

impl Slot {
    pub(super) fn new() -> Self {
        Self {
            state: AtomicU64::new(generation_bits(FIRST_GENERATION)),
            binding: AtomicPtr::new(ptr::null_mut()),
            object: UnsafeCell::new(None),
            owner: UnsafeCell::new(None),
            context: AtomicUsize::new(0),
            flags: AtomicU32::new(0),
        }
    }

    /// Counts a pin. `false`: the handle is stale, and the caller owes an [`unpin`](Self::unpin)
    /// all the same.
    #[inline]
    pub(super) fn pin(&self, generation: u32) -> bool {
        // Acquire pairs with the Release of `publish` and of the flags set later.
        let before = self.state.fetch_add(PIN, Acquire);
        before & IDENTITY == generation_bits(generation) | LIVE
    }

    /// Takes a pin back. `true`: it was the last one of a closing slot, and the caller must see to
    /// it that it is vacated.
    #[inline]
    pub(super) fn unpin(&self) -> bool {
        // Release pairs with the Acquire of `vacate`: everything done under the pin comes before
        // the contents are taken out.
        let before = self.state.fetch_sub(PIN, Release);
        before & (CLOSING | PINS) == CLOSING | PIN
    }

    /// The generation of the handle that stands for this slot now, when there is one.
    #[inline]
    pub(super) fn live_generation(&self) -> Option<u32> {
        let state = self.state.load(Relaxed);
        (state & (LIVE | CLOSING) == LIVE).then(|| generation_of(state))
    }

    /// Fills a vacant slot and makes it live; returns its generation. Only the party that took the
    /// slot from the free list calls it.
    pub(super) fn publish(&self, opening: Opening) -> u32 {
        let mut flags = LIVE;
        if opening.minted {
            flags |= MINTED;
        }
        if opening.object.is_some() {
            flags |= HAS_OBJECT;
        }
        if opening.owner.is_some() {
            flags |= HAS_OWNER;
        }
        self.context.store(opening.context, Release);
        self.flags.store(0, Relaxed);
        // SAFETY: the slot is vacant and ours: nobody reads the cell before the flags below are
        // set.
        unsafe { *self.object.get() = opening.object };
        // SAFETY: as above.
        unsafe { *self.owner.get() = opening.owner };
        // An addition, not a store: pins that will not succeed may be counted at this moment.
        // Release pairs with `pin`.
        generation_of(self.state.fetch_add(flags, Release))
    }

    /// Marks a slot that the caller has pinned as closing. `false`: somebody else did.
    pub(super) fn mark_closing(&self) -> bool {
        self.state.fetch_or(CLOSING, AcqRel) & CLOSING == 0
    }

    /// Vacates in one step a live slot without an object and without pins; the way of most minted
    /// handles.
    ///
    /// `true`, here and in the other two ways to vacate: the contents were dropped, and the caller
    /// must return the slot.
    pub(super) fn vacate_idle(&self, generation: u32) -> bool {
        let state = self.state.load(Relaxed);
        let idle = state & (IDENTITY | HAS_OBJECT | PINS) == generation_bits(generation) | LIVE;
        idle && self.vacate_from(state).is_ok()
    }

    /// Vacates a closing slot without pins. `false`: not closing, still pinned, deferred, or
    /// somebody else did.
    pub(super) fn vacate(&self) -> bool {
        let mut state = self.state.load(Relaxed);
        while state & (CLOSING | DEFERRED | PINS) == CLOSING {
            match self.vacate_from(state) {
                Ok(()) => return true,
                Err(now) => state = now,
            }
        }
        false
    }

    /// For a closing slot without pins whose last user may not free memory: `true` when the caller
    /// now owns the duty to put the slot on the deferred list.
    pub(super) fn defer(&self) -> bool {
        self.state
            .fetch_update(AcqRel, Relaxed, |state| {
                (state & (CLOSING | DEFERRED | PINS) == CLOSING).then_some(state | DEFERRED)
            })
            .is_ok()
    }

    /// Ends a deferral: vacates, or leaves that to the pin that happens to be counted at this
    /// moment.
    pub(super) fn vacate_deferred(&self) -> bool {
        let mut state = self.state.load(Relaxed);
        loop {
            let outcome = if state & PINS == 0 {
                self.vacate_from(state).map(|()| true)
            } else {
                let waived = state & !DEFERRED;
                self.state
                    .compare_exchange_weak(state, waived, AcqRel, Relaxed)
                    .map(|_| false)
            };
            match outcome {
                Ok(vacated) => return vacated,
                Err(now) => state = now,
            }
        }
    }

    fn vacate_from(&self, state: u64) -> Result<(), u64> {
        let next = match generation_of(state) {
            LAST_GENERATION => FIRST_GENERATION,
            generation => generation + 1,
        };
        // Acquire pairs with `unpin`; Release with the next `pin`, which then fails.
        self.state
            .compare_exchange(state, generation_bits(next), AcqRel, Relaxed)?;
        self.drop_contents();
        Ok(())
    }

    /// Drops the contents; only the winner of the exchange in `vacate_from` calls it, and `drop`.
    fn drop_contents(&self) {
        // SAFETY: the slot was vacated by us: no pin succeeded that was not taken back, and no
        // later one succeeds.
        let object = unsafe { (*self.object.get()).take() };
        // SAFETY: as above.
        let owner = unsafe { (*self.owner.get()).take() };
        drop((object, owner));
        let first = self.binding.swap(ptr::null_mut(), Acquire);
        let mut node = first;
        while !node.is_null() {
            // SAFETY: made by `Box::into_raw` in `bind`; the circle is ours alone now, and each
            // node is visited once.
            let boxed = unsafe { Box::from_raw(node) };
            let next = boxed.next.load(Relaxed);
            node = if next == first { ptr::null_mut() } else { next };
        }
    }

    /// The object. The caller holds a pin.
    #[inline]
    pub(super) fn object(&self) -> Option<&Arc<dyn Object>> {
        // Acquire pairs with `attach`.
        if self.state.load(Acquire) & HAS_OBJECT == 0 {
            return None;
        }
        // SAFETY: under the caller's pin the contents stay; the flag was seen, so the cell is
        // written and will not be again.
        unsafe { &*self.object.get() }.as_ref()
    }

    /// Gives a handle its object, once. The caller holds a pin and the table's binding lock.
    pub(super) fn attach(&self, object: Arc<dyn Object>) {
        debug_assert!(
            self.state.load(Relaxed) & HAS_OBJECT == 0,
            "the object is attached once"
        );
        // SAFETY: the flag is not set, so nobody reads the cell; the binding lock keeps other
        // writers out.
        unsafe { *self.object.get() = Some(object) };
        self.state.fetch_or(HAS_OBJECT, Release);
    }

    /// The current owner. The caller holds a pin.
    #[inline]
    pub(super) fn owner(&self) -> Option<&Arc<dyn Owner>> {
        // Acquire pairs with the Release of `bind`.
        let binding = self.binding.load(Acquire);
        if !binding.is_null() {
            // SAFETY: nodes live until the slot is vacated, which the caller's pin prevents.
            return unsafe { &*binding }.owner.as_ref();
        }
        if self.state.load(Acquire) & HAS_OWNER == 0 {
            return None;
        }
        // SAFETY: under the caller's pin the contents stay; the flag was seen, so the cell is
        // written and will not be again.
        unsafe { &*self.owner.get() }.as_ref()
    }

    /// Replaces the owner. The caller holds a pin and the table's binding lock. The replaced one
    /// stays alive until the slot is vacated; an owner that was current before is not stored twice,
    /// so alternating owners cost nothing.
    pub(super) fn bind(&self, owner: Option<Arc<dyn Owner>>) {
        if same_owner(self.owner(), owner.as_ref()) {
            return;
        }
        let current = self.binding.load(Relaxed);
        if current.is_null() && self.state.load(Relaxed) & HAS_OWNER == 0 {
            // SAFETY: the flag is not set, so nobody reads the cell; the binding lock keeps other
            // writers out.
            unsafe { *self.owner.get() = owner };
            self.state.fetch_or(HAS_OWNER, Release);
            return;
        }
        let known = self.known_binding(current, owner.as_ref());
        let chosen = known.unwrap_or_else(|| {
            let node = Box::into_raw(Box::new(Binding {
                owner,
                next: AtomicPtr::new(ptr::null_mut()),
            }));
            // SAFETY: just made, and the circle it joins lives as long as the pin.
            let made = unsafe { &*node };
            if current.is_null() {
                made.next.store(node, Relaxed);
            } else {
                // SAFETY: a node of this slot; the pin keeps it.
                let before = unsafe { &*current };
                made.next.store(before.next.load(Relaxed), Relaxed);
                before.next.store(node, Relaxed);
            }
            node
        });
        self.binding.store(chosen, Release);
    }

    fn known_binding(
        &self,
        current: *mut Binding,
        owner: Option<&Arc<dyn Owner>>,
    ) -> Option<*mut Binding> {
        let mut node = current;
        while !node.is_null() {
            // SAFETY: a node of this slot; the caller's pin keeps it.
            let binding = unsafe { &*node };
            if same_owner(binding.owner.as_ref(), owner) {
                return Some(node);
            }
            let next = binding.next.load(Relaxed);
            node = if next == current {
                ptr::null_mut()
            } else {
                next
            };
        }
        None
    }

    /// Whether `WPUCreateSocketHandle` made the handle. The caller holds a pin.
    pub(super) fn is_minted(&self) -> bool {
        self.state.load(Relaxed) & MINTED != 0
    }

    /// The context of a minted handle, without a pin: two loads of the state word around the one of
    /// the context.
    #[inline]
    pub(super) fn minted_context(&self, generation: u32) -> Option<usize> {
        let wanted = generation_bits(generation) | LIVE | MINTED;
        if self.state.load(Acquire) & (IDENTITY | MINTED) != wanted {
            return None;
        }
        // Acquire: the second look at the state comes after it; pairs with the Release stores, each
        // made after the slot was taken out of use, so a value that is not this handle's context
        // comes with a state that is not this handle's either.
        let context = self.context.load(Acquire);
        (self.state.load(Relaxed) & (IDENTITY | MINTED) == wanted).then_some(context)
    }

    /// The context. The caller holds a pin.
    pub(super) fn context(&self) -> usize {
        self.context.load(Relaxed)
    }

    /// The next slot's index, while this one is vacant or deferred and belongs to a list.
    pub(super) fn link(&self) -> usize {
        self.context.load(Acquire)
    }

    /// Stores the next slot's index.
    pub(super) fn set_link(&self, next: usize) {
        self.context.store(next, Release);
    }

    /// The owner's bits. The caller holds a pin.
    pub(super) fn flags(&self) -> &AtomicU32 {
        &self.flags
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // A table that goes away (the models make many) frees what its live handles held.
        self.drop_contents();
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.load(Relaxed);
        f.debug_struct("Slot")
            .field("generation", &generation_of(state))
            .field("pins", &(state & PINS))
            .field("live", &(state & LIVE != 0))
            .field("closing", &(state & CLOSING != 0))
            .finish_non_exhaustive()
    }
}

fn same_owner(one: Option<&Arc<dyn Owner>>, other: Option<&Arc<dyn Owner>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    }
}

const fn generation_bits(generation: u32) -> u64 {
    (generation as u64) << GENERATION_SHIFT
}

const fn generation_of(state: u64) -> u32 {
    ((state & GENERATION) >> GENERATION_SHIFT) as u32
}

/// Generations count from 1, so that no handle is 0.
const FIRST_GENERATION: u32 = 1;
/// The last one before they start again; 9 bits.
pub(super) const LAST_GENERATION: u32 = 0x1ff;

const PIN: u64 = 1;
const PINS: u64 = 0xffff_ffff;
const LIVE: u64 = 1 << 32;
const CLOSING: u64 = 1 << 33;
const HAS_OBJECT: u64 = 1 << 34;
const HAS_OWNER: u64 = 1 << 35;
const MINTED: u64 = 1 << 36;
const DEFERRED: u64 = 1 << 37;
const GENERATION_SHIFT: u32 = 48;
const GENERATION: u64 = (LAST_GENERATION as u64) << GENERATION_SHIFT;
/// What a pin compares.
const IDENTITY: u64 = GENERATION | LIVE | CLOSING;
