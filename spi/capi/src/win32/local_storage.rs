//! Storage of a thread's own: `Tls*`, and `Fls*`, whose slots may have a function that takes a value back.
//!
//! Slots are numbers with a generation: a slot that was freed and given out again is empty in every thread. There are no fibers, so
//! fiber storage is the thread's. Callbacks run on the thread whose value they get, with no lock of ours held: when it ends, and, for
//! the values of all threads, when the slot is freed.

use super::{last_error, or, truth};
use crate::table::exports;
use parking_lot::Mutex;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use ws2spi_abi::{BOOL, Errno, FALSE, RawCallback};

/// A function that takes a value back: `PFLS_CALLBACK_FUNCTION`.
type Callback = unsafe extern "system" fn(usize);

/// A slot that is given out.
#[derive(Clone, Copy)]
struct Slot {
    generation: u64,
    callback: Option<Callback>,
}

/// The slots of one family.
struct Slots {
    given_out: Mutex<BTreeMap<u32, Slot>>,
    generations: Mutex<u64>,
    most: u32,
}

/// The values of one thread in one family: by slot, with the generation for which they were set.
type Values = Mutex<BTreeMap<u32, (u64, usize)>>;

static TLS: Slots = Slots::new(1088);
static FLS: Slots = Slots::new(4080);
/// The fiber storage of all threads: what `FlsFree` goes through.
static THREADS: Mutex<Vec<Weak<Values>>> = Mutex::new(Vec::new());

/// Fiber storage, which calls back when its thread ends.
struct Fiber(Arc<Values>);

std::thread_local! {
    static TLS_VALUES: RefCell<BTreeMap<u32, (u64, usize)>> = const { RefCell::new(BTreeMap::new()) };
    static FLS_VALUES: Fiber = Fiber::new();
}

impl Slots {
    const fn new(most: u32) -> Self {
        Self {
            given_out: Mutex::new(BTreeMap::new()),
            generations: Mutex::new(0),
            most,
        }
    }

    fn allocate(&self, callback: Option<Callback>) -> Result<u32, Errno> {
        let generation = {
            let mut generations = self.generations.lock();
            *generations += 1;
            *generations
        };
        let mut given_out = self.given_out.lock();
        let free = (0..self.most).find(|index| !given_out.contains_key(index));
        let index = free.ok_or(NO_SYSTEM_RESOURCES)?;
        given_out.insert(
            index,
            Slot {
                generation,
                callback,
            },
        );
        Ok(index)
    }

    fn slot(&self, index: u32) -> Result<Slot, Errno> {
        let slot = self.given_out.lock().get(&index).copied();
        slot.ok_or(Errno::INVALID_PARAMETER)
    }

    fn free(&self, index: u32) -> Result<Slot, Errno> {
        let slot = self.given_out.lock().remove(&index);
        slot.ok_or(Errno::INVALID_PARAMETER)
    }
}

impl Fiber {
    fn new() -> Self {
        let values = Arc::new(Values::default());
        let mut threads = THREADS.lock();
        threads.retain(|known| known.strong_count() > 0);
        threads.push(Arc::downgrade(&values));
        Self(values)
    }
}

impl Drop for Fiber {
    fn drop(&mut self) {
        let values = std::mem::take(&mut *self.0.lock());
        for (index, (generation, value)) in values {
            if let Ok(slot) = FLS.slot(index)
                && slot.generation == generation
            {
                slot.give_back(value);
            }
        }
    }
}

impl Slot {
    fn give_back(self, value: usize) {
        if let Some(callback) = self.callback
            && value != 0
        {
            // SAFETY: whoever allocated the slot vouched for the function.
            unsafe { callback(value) };
        }
    }
}

/// Gives out a slot whose value is 0 in every thread; `TLS_OUT_OF_INDEXES` when 1,088 are out. Microsoft: "TlsAlloc function".
#[doc(alias = "TlsAlloc")]
#[must_use]
pub fn tls_allocate() -> u32 {
    or(OUT_OF_INDEXES, TLS.allocate(None))
}

/// Takes a slot back. `ERROR_INVALID_PARAMETER`: it is not out. Microsoft: "TlsFree function".
#[doc(alias = "TlsFree")]
pub fn tls_free(index: u32) -> BOOL {
    truth(TLS.free(index).map(drop))
}

/// The thread's value in a slot, 0 until one is set; the last error is 0 then. 0 with `ERROR_INVALID_PARAMETER` for a slot that is not
/// out. Microsoft: "TlsGetValue function".
#[doc(alias = "TlsGetValue")]
#[must_use]
pub fn tls_value(index: u32) -> usize {
    let value = TLS.slot(index).map(|slot| {
        let stored = TLS_VALUES.try_with(|values| values.borrow().get(&index).copied());
        last_error::replace(0);
        current(stored.ok().flatten(), slot)
    });
    or(0, value)
}

/// Sets the thread's value in a slot. `ERROR_INVALID_PARAMETER`: it is not out. Microsoft: "TlsSetValue function".
#[doc(alias = "TlsSetValue")]
pub fn tls_set_value(index: u32, value: usize) -> BOOL {
    truth(TLS.slot(index).and_then(|slot| {
        TLS_VALUES
            .try_with(|values| {
                values.borrow_mut().insert(index, (slot.generation, value));
            })
            .map_err(|_| Errno::NOT_ENOUGH_MEMORY)
    }))
}

/// Gives out a slot of fiber storage, with a function for values that end, or NULL; `FLS_OUT_OF_INDEXES` when 4,080 are out.
/// Microsoft: "FlsAlloc function".
///
/// # Safety
/// `callback` is NULL or a function of one pointer that stays loaded until the slot is freed.
#[doc(alias = "FlsAlloc")]
#[must_use]
pub unsafe fn fls_allocate(callback: RawCallback) -> u32 {
    // SAFETY: the caller's contract: NULL or that type.
    let callback = unsafe { std::mem::transmute::<usize, Option<Callback>>(callback.as_raw()) };
    or(OUT_OF_INDEXES, FLS.allocate(callback))
}

/// Takes a slot back; its function gets every thread's value that is not 0. `ERROR_INVALID_PARAMETER`. Microsoft: "FlsFree function".
#[doc(alias = "FlsFree")]
pub fn fls_free(index: u32) -> BOOL {
    truth(FLS.free(index).map(|slot| {
        let threads: Vec<_> = THREADS.lock().iter().filter_map(Weak::upgrade).collect();
        for values in threads {
            let value = current(values.lock().remove(&index), slot);
            slot.give_back(value);
        }
    }))
}

/// As [`tls_value`], for fiber storage. Microsoft: "FlsGetValue function".
#[doc(alias = "FlsGetValue")]
#[must_use]
pub fn fls_value(index: u32) -> usize {
    let value = FLS.slot(index).map(|slot| {
        let stored = FLS_VALUES.try_with(|fiber| fiber.0.lock().get(&index).copied());
        last_error::replace(0);
        current(stored.ok().flatten(), slot)
    });
    or(0, value)
}

/// As [`tls_set_value`], for fiber storage. Microsoft: "FlsSetValue function".
#[doc(alias = "FlsSetValue")]
pub fn fls_set_value(index: u32, value: usize) -> BOOL {
    truth(FLS.slot(index).and_then(|slot| {
        FLS_VALUES
            .try_with(|fiber| {
                fiber.0.lock().insert(index, (slot.generation, value));
            })
            .map_err(|_| Errno::NOT_ENOUGH_MEMORY)
    }))
}

/// What is stored, unless it was stored before the slot was given out again.
fn current(stored: Option<(u64, usize)>, slot: Slot) -> usize {
    match stored {
        Some((generation, value)) if generation == slot.generation => value,
        _ => 0,
    }
}

exports! {
    "TlsAlloc" tls_alloc() -> u32 = OUT_OF_INDEXES => tls_allocate;
    "TlsFree" tls_free_slot(index: u32) -> BOOL = FALSE => tls_free;
    "TlsGetValue" tls_get_value(index: u32) -> usize = 0 => tls_value;
    "TlsSetValue" tls_set_slot_value(index: u32, value: usize) -> BOOL = FALSE => tls_set_value;
    "FlsAlloc" fls_alloc(callback: RawCallback) -> u32 = OUT_OF_INDEXES => fls_allocate;
    "FlsFree" fls_free_slot(index: u32) -> BOOL = FALSE => fls_free;
    "FlsGetValue" fls_get_value(index: u32) -> usize = 0 => fls_value;
    "FlsSetValue" fls_set_slot_value(index: u32, value: usize) -> BOOL = FALSE => fls_set_value;
}

/// `TLS_OUT_OF_INDEXES`, `FLS_OUT_OF_INDEXES`.
const OUT_OF_INDEXES: u32 = u32::MAX;
/// `ERROR_NO_SYSTEM_RESOURCES`.
const NO_SYSTEM_RESOURCES: Errno = super::error(1450);
