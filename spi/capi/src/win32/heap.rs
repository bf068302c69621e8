//! Heaps: private ones, the process's, and the older names for it.
//!
//! A heap knows its blocks, so that a foreign pointer is an error and not a crash, and so that destroying a heap gives all of it back.
//! The memory is the allocator's, block by block: checkers such as AddressSanitizer see each block's bounds. Any thread may call
//! everything; `HEAP_NO_SERIALIZE` changes nothing.

use super::{or, truth};
use crate::table::exports;
use parking_lot::{Mutex, RwLock};
use std::alloc::{self, Layout};
use std::collections::HashMap;
use std::ptr::{self, null_mut, with_exposed_provenance_mut};
use std::sync::{Arc, LazyLock};
use ws2spi_abi::{BOOL, Errno, FALSE, HANDLE};

/// The blocks of a heap: address and size.
struct Heap {
    blocks: Mutex<Blocks>,
    /// How many bytes it may hold; `usize::MAX` when it grows.
    limit: usize,
}

#[derive(Default)]
struct Blocks {
    sizes: HashMap<usize, usize>,
    total: usize,
}

static HEAPS: LazyLock<RwLock<Heaps>> = LazyLock::new(RwLock::default);
static PROCESS: LazyLock<Heap> = LazyLock::new(|| Heap::new(usize::MAX));

#[derive(Default)]
struct Heaps {
    by_handle: HashMap<HANDLE, Arc<Heap>>,
    issued: usize,
}

impl Heap {
    fn new(limit: usize) -> Self {
        Self {
            blocks: Mutex::default(),
            limit,
        }
    }

    fn allocate(&self, size: usize, zeroed: bool) -> *mut u8 {
        let Some(layout) = layout(size) else {
            return null_mut();
        };
        let mut blocks = self.blocks.lock();
        if blocks.total.saturating_add(size) > self.limit {
            return null_mut();
        }
        let block = if zeroed {
            // SAFETY: the layout is not empty.
            unsafe { alloc::alloc_zeroed(layout) }
        } else {
            // SAFETY: the layout is not empty.
            unsafe { alloc::alloc(layout) }
        };
        if !block.is_null() {
            blocks.sizes.insert(block.expose_provenance(), size);
            blocks.total += size;
        }
        block
    }

    fn free(&self, block: *mut u8) -> Result<(), Errno> {
        let mut blocks = self.blocks.lock();
        let size = blocks.sizes.remove(&block.addr());
        let size = size.ok_or(Errno::INVALID_PARAMETER)?;
        blocks.total -= size;
        drop(blocks);
        release(block.addr(), size);
        Ok(())
    }

    fn size(&self, block: *const u8) -> Option<usize> {
        self.blocks.lock().sizes.get(&block.addr()).copied()
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        for (block, size) in std::mem::take(&mut self.blocks.get_mut().sizes) {
            release(block, size);
        }
    }
}

/// Blocks are aligned as on 64-bit Windows; an empty block has an address of its own.
fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.max(1), 16).ok()
}

fn release(block: usize, size: usize) {
    if let Some(layout) = layout(size) {
        // SAFETY: the heap allocated it with this size, and its record of the block is gone.
        unsafe { alloc::dealloc(with_exposed_provenance_mut(block), layout) };
    }
}

/// Runs `body` with the heap of a handle; `None` when there is none.
fn with<R>(heap: HANDLE, body: impl FnOnce(&Heap) -> R) -> Option<R> {
    if heap == PROCESS_HEAP {
        return Some(body(&PROCESS));
    }
    let found = HEAPS.read().by_handle.get(&heap).cloned();
    found.map(|heap| body(&heap))
}

/// Creates a heap; one with a `maximum` holds no more bytes than that. 0 on failure: `ERROR_NOT_ENOUGH_MEMORY` when `initial` is more
/// than `maximum`. Options are accepted; every heap is serialised. Microsoft: "HeapCreate function".
#[doc(alias = "HeapCreate")]
#[must_use]
pub fn create(_options: u32, initial: usize, maximum: usize) -> HANDLE {
    let limit = if maximum == 0 { usize::MAX } else { maximum };
    if initial > limit {
        return or(0, Err(Errno::NOT_ENOUGH_MEMORY));
    }
    let mut heaps = HEAPS.write();
    heaps.issued += 1;
    let handle = PROCESS_HEAP + (heaps.issued << 4);
    heaps.by_handle.insert(handle, Arc::new(Heap::new(limit)));
    handle
}

/// Destroys a heap with all its blocks. `ERROR_INVALID_HANDLE`: no heap, or the process's. Microsoft: "HeapDestroy function".
#[doc(alias = "HeapDestroy")]
pub fn destroy(heap: HANDLE) -> BOOL {
    let gone = HEAPS.write().by_handle.remove(&heap);
    truth(gone.map(drop).ok_or(Errno::INVALID_HANDLE))
}

/// The process's own heap. Microsoft: "GetProcessHeap function".
#[doc(alias = "GetProcessHeap")]
#[must_use]
pub fn of_process() -> HANDLE {
    PROCESS_HEAP
}

/// Allocates `size` bytes, zeros with `HEAP_ZERO_MEMORY`; NULL when there is no memory or no such heap. The last error stays.
/// Microsoft: "HeapAlloc function".
///
/// DIFFERS: `HEAP_GENERATE_EXCEPTIONS` raises nothing.
#[doc(alias = "HeapAlloc")]
#[must_use]
pub fn allocate(heap: HANDLE, flags: u32, size: usize) -> *mut u8 {
    let zeroed = flags & HEAP_ZERO_MEMORY != 0;
    with(heap, |heap| heap.allocate(size, zeroed)).unwrap_or(null_mut())
}

/// Changes a block's size, keeping what fits; new bytes are zeros with `HEAP_ZERO_MEMORY`. NULL, and the block as it was, when there is
/// no memory, no such block, or with `HEAP_REALLOC_IN_PLACE_ONLY` (a block never grows in place). Microsoft: "HeapReAlloc function".
///
/// # Safety
/// Nobody uses the block meanwhile.
#[doc(alias = "HeapReAlloc")]
pub unsafe fn reallocate(heap: HANDLE, flags: u32, block: *mut u8, size: usize) -> *mut u8 {
    with(heap, |heap| {
        let Some(before) = heap.size(block) else {
            return null_mut();
        };
        if flags & HEAP_REALLOC_IN_PLACE_ONLY != 0 {
            return if size == before { block } else { null_mut() };
        }
        let new = heap.allocate(size, flags & HEAP_ZERO_MEMORY != 0);
        if !new.is_null() {
            // SAFETY: both blocks are this heap's, with at least that many bytes each, and nobody uses the old one.
            unsafe { ptr::copy_nonoverlapping(block, new, before.min(size)) };
            let freed = heap.free(block);
            debug_assert!(freed.is_ok(), "it was there a moment ago");
        }
        new
    })
    .unwrap_or(null_mut())
}

/// Frees a block; NULL is freed already. `ERROR_INVALID_HANDLE` for no heap, `ERROR_INVALID_PARAMETER` for what is no block of it.
/// Microsoft: "HeapFree function".
#[doc(alias = "HeapFree")]
pub fn free(heap: HANDLE, _flags: u32, block: *mut u8) -> BOOL {
    let freed = with(heap, |heap| {
        if block.is_null() {
            return Ok(());
        }
        heap.free(block)
    });
    truth(freed.unwrap_or(Err(Errno::INVALID_HANDLE)))
}

/// A block's size in bytes; `(SIZE_T)-1` for what is no block of the heap. Microsoft: "HeapSize function".
#[doc(alias = "HeapSize")]
#[must_use]
pub fn size(heap: HANDLE, _flags: u32, block: *const u8) -> usize {
    with(heap, |heap| heap.size(block))
        .flatten()
        .unwrap_or(usize::MAX)
}

/// Whether a heap exists and has that block; for NULL whether it exists. Microsoft: "HeapValidate function".
#[doc(alias = "HeapValidate")]
#[must_use]
pub fn validate(heap: HANDLE, _flags: u32, block: *const u8) -> BOOL {
    let known = with(heap, |heap| block.is_null() || heap.size(block).is_some());
    BOOL::from(known == Some(true))
}

/// Allocates from the process's heap: zeros with `GMEM_ZEROINIT`. NULL with `ERROR_NOT_ENOUGH_MEMORY`.
/// Microsoft: "GlobalAlloc function", "LocalAlloc function".
///
/// DIFFERS: `GMEM_MOVEABLE` memory does not move: its handle is its address.
#[doc(alias = "GlobalAlloc")]
#[doc(alias = "LocalAlloc")]
#[must_use]
pub fn global_allocate(flags: u32, size: usize) -> *mut u8 {
    let block = PROCESS.allocate(size, flags & GMEM_ZEROINIT != 0);
    if block.is_null() {
        return or(null_mut(), Err(Errno::NOT_ENOUGH_MEMORY));
    }
    block
}

/// Frees what [`global_allocate`] gave: NULL, or the block with `ERROR_INVALID_HANDLE` when it is none.
/// Microsoft: "GlobalFree function", "LocalFree function".
#[doc(alias = "GlobalFree")]
#[doc(alias = "LocalFree")]
pub fn global_free(block: *mut u8) -> *mut u8 {
    if block.is_null() {
        return block;
    }
    let freed = PROCESS.free(block);
    or(
        block,
        freed
            .map(|()| null_mut())
            .map_err(|_| Errno::INVALID_HANDLE),
    )
}

/// The size of a block of [`global_allocate`]; 0 with `ERROR_INVALID_HANDLE`.
/// Microsoft: "GlobalSize function", "LocalSize function".
#[doc(alias = "GlobalSize")]
#[doc(alias = "LocalSize")]
#[must_use]
pub fn global_size(block: *const u8) -> usize {
    or(0, PROCESS.size(block).ok_or(Errno::INVALID_HANDLE))
}

/// The address of a block, which is its handle; NULL with `ERROR_INVALID_HANDLE`.
/// Microsoft: "GlobalLock function", "LocalLock function".
#[doc(alias = "GlobalLock")]
#[doc(alias = "LocalLock")]
#[must_use]
pub fn global_lock(block: *mut u8) -> *mut u8 {
    let known = PROCESS.size(block).ok_or(Errno::INVALID_HANDLE);
    or(null_mut(), known.map(|_| block))
}

/// FALSE: the block is locked no more. `ERROR_INVALID_HANDLE` for no block; the last error is 0 otherwise, as Windows has it.
/// Microsoft: "GlobalUnlock function", "LocalUnlock function".
#[doc(alias = "GlobalUnlock")]
#[doc(alias = "LocalUnlock")]
pub fn global_unlock(block: *mut u8) -> BOOL {
    match PROCESS.size(block) {
        Some(_) => super::last_error::replace(0),
        None => super::last_error::set(Errno::INVALID_HANDLE),
    }
    FALSE
}

exports! {
    "HeapCreate" heap_create(options: u32, initial: usize, maximum: usize) -> HANDLE = 0 => create;
    "HeapDestroy" heap_destroy(heap: HANDLE) -> BOOL = FALSE => destroy;
    "GetProcessHeap" get_process_heap() -> HANDLE = 0 => of_process;
    "HeapAlloc" heap_alloc(heap: HANDLE, flags: u32, size: usize) -> *mut u8 = null_mut() => allocate;
    "HeapReAlloc" heap_realloc(heap: HANDLE, flags: u32, block: *mut u8, size: usize) -> *mut u8 = null_mut() => reallocate;
    "HeapFree" heap_free(heap: HANDLE, flags: u32, block: *mut u8) -> BOOL = FALSE => free;
    "HeapSize" heap_size(heap: HANDLE, flags: u32, block: *const u8) -> usize = usize::MAX => size;
    "HeapValidate" heap_validate(heap: HANDLE, flags: u32, block: *const u8) -> BOOL = FALSE => validate;
    "GlobalAlloc" global_alloc(flags: u32, size: usize) -> *mut u8 = null_mut() => global_allocate;
    "GlobalFree" global_free_block(block: *mut u8) -> *mut u8 = block => global_free;
    "GlobalSize" global_block_size(block: *const u8) -> usize = 0 => global_size;
    "GlobalLock" global_lock_block(block: *mut u8) -> *mut u8 = null_mut() => global_lock;
    "GlobalUnlock" global_unlock_block(block: *mut u8) -> BOOL = FALSE => global_unlock;
    "LocalAlloc" local_alloc(flags: u32, size: usize) -> *mut u8 = null_mut() => global_allocate;
    "LocalFree" local_free(block: *mut u8) -> *mut u8 = block => global_free;
    "LocalSize" local_size(block: *const u8) -> usize = 0 => global_size;
    "LocalLock" local_lock(block: *mut u8) -> *mut u8 = null_mut() => global_lock;
    "LocalUnlock" local_unlock(block: *mut u8) -> BOOL = FALSE => global_unlock;
}

/// Heaps are no kernel objects: their handles lie above those.
const PROCESS_HEAP: HANDLE = 6 << 32;
const HEAP_ZERO_MEMORY: u32 = 0x8;
const HEAP_REALLOC_IN_PLACE_ONLY: u32 = 0x10;
const GMEM_ZEROINIT: u32 = 0x40;
