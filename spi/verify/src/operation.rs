//! `Operation`: an overlapped operation that a provider has taken, and the books of all that are not forgotten yet.
//!
//! An operation owns the block that the provider was given, as long as anything refers to it. [`operations`](crate::operations) says
//! what happens to them when.

use crate::memory;
use crate::reentry::Holdable;
use crate::stack::Stack;
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use ws2spi_abi::ffi::native::ProcTable;
use ws2spi_abi::*;

/// An operation that a provider has taken.
pub(crate) struct Operation {
    pub module: usize,
    pub level: Option<(usize, &'static ProcTable)>,
    pub function: &'static str,
    /// The provider's function.
    pub address: usize,
    pub s: SOCKET,
    /// Whether the handle is one that the provider minted; else it is a system handle.
    pub is_minted: bool,
    /// The operation of the layer above on a system handle, from which this one was passed on.
    pub outer: Option<Arc<Operation>>,
    /// The provider's block, and the application's: the same if the provider has none of its own.
    pub block: usize,
    pub above: usize,
    pub routine: RawCallback,
    pub room: u64,
    /// What `Internal` of the application's block was.
    pub before: usize,
    pub progress: Mutex<Progress>,
}

pub(crate) struct Progress {
    pub state: State,
    /// What the block held at the end; compared until that was reported.
    pub last: Option<[usize; WORDS]>,
    /// The result stands in the application's block: only the routine is still to be called.
    pub is_handed_over: bool,
    /// The routine has been called.
    pub is_told: bool,
    /// On a system handle: how often providers below have taken it, and how often the kernel role has begun it.
    pub passed: u32,
    pub begun: u32,
    /// Where the handle was closed while it was pending.
    pub closed_at: Option<Arc<Stack>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    /// The call has not returned.
    Starting,
    Pending,
    /// The call returned success, and nothing has been told.
    DoneAtOnce,
    Failed,
    Completed,
    /// The provider below got it, whose handle is another.
    PassedOn,
    /// It was pending when the handle was closed.
    Orphaned,
}

impl Operation {
    pub fn block(&self) -> *mut OVERLAPPED {
        std::ptr::with_exposed_provenance_mut(self.block)
    }

    pub fn above(&self) -> *mut OVERLAPPED {
        std::ptr::with_exposed_provenance_mut(self.above)
    }

    pub fn words(&self) -> [usize; WORDS] {
        std::array::from_fn(|word| {
            // SAFETY: the operation owns the block; others write to it through the pointer they were given.
            unsafe { memory::word(self.block(), word) }
        })
    }

    /// Puts what the provider has to say into the application's block, which is pending and so ours to write to.
    pub fn hand_over(&self) {
        let [_, _, offsets, event] = self.words();
        // SAFETY: the application's contract: its block lives until the operation has been completed.
        unsafe { memory::put_word(self.above(), OFFSETS, offsets) };
        if !self.is_minted {
            // SAFETY: as above.
            unsafe { memory::put_word(self.above(), EVENT, event) };
        }
    }

    /// Puts the whole result into the application's block, `Internal` last.
    pub fn hand_over_result(&self, words: [usize; WORDS]) {
        for word in [OFFSETS, INTERNAL_HIGH, INTERNAL] {
            // SAFETY: the application's contract: its block lives until the routine is called.
            unsafe { memory::put_word(self.above(), word, words[word]) };
        }
    }

    /// Writes `Internal` of the application's block.
    pub fn mark(&self, internal: usize) {
        // SAFETY: the application's contract: its block is the operation's, which has not been completed.
        unsafe { memory::put_word(self.above(), INTERNAL, internal) };
    }

    /// The provider as it calls the routine.
    pub fn holdable(&self) -> Option<Holdable> {
        let (level, table) = self.level?;
        Some(Holdable {
            module: self.module,
            level,
            table,
            function: self.function,
            s: self.s,
        })
    }

    pub fn stack(&self) -> Stack {
        Stack::of(self.address)
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        if self.is_exchanged() {
            // SAFETY: made by Box::into_raw in `begin_operation`, freed here only.
            drop(unsafe { Box::from_raw(self.block()) });
        }
    }
}

/// The operations that are not forgotten yet.
#[derive(Default)]
pub(crate) struct Operations {
    pub books: Mutex<Books>,
}

#[derive(Default)]
pub(crate) struct Books {
    pub by_block: HashMap<usize, Arc<Operation>>,
    /// The latest operation of each of the application's blocks.
    pub by_above: HashMap<usize, Arc<Operation>>,
    /// Those with a routine that has not been called.
    pub routines: Vec<Arc<Operation>>,
    /// Those on system handles that the kernel role has begun, by the application's block.
    pub requested: HashMap<usize, Requested>,
    /// Those whose application's block has been used again, the oldest first.
    pub old: VecDeque<Arc<Operation>>,
}

/// What the kernel role has begun for an operation: one request, if the provider makes no mistake.
pub(crate) struct Requested {
    pub operation: Arc<Operation>,
    pub count: u32,
}

impl Operations {
    pub fn of_block(&self, block: *mut OVERLAPPED) -> Option<Arc<Operation>> {
        self.of_address(block.addr())
    }

    pub fn of_address(&self, block: usize) -> Option<Arc<Operation>> {
        self.books.lock().by_block.get(&block).cloned()
    }

    /// The operation of this module's that an application's block is for.
    pub fn of_above(
        &self,
        above: *mut OVERLAPPED,
        s: SOCKET,
        module: usize,
    ) -> Option<Arc<Operation>> {
        let books = self.books.lock();
        let mut chain = books.by_above.get(&above.addr())?.chain();
        let found = chain.find(|operation| operation.s == s && operation.is_kept_by(module));
        found.cloned()
    }

    /// The handle is about to be closed: what is pending on it can be told to nobody. A routine needs no handle.
    pub fn orphan(&self, s: SOCKET) {
        let books = self.books.lock();
        for operation in books.by_above.values().filter(|operation| operation.s == s) {
            let mut progress = operation.progress.lock();
            if progress.state == State::Pending && operation.routine.is_null() {
                progress.state = State::Orphaned;
                progress.closed_at = Some(Arc::new(Stack::here()));
            }
        }
    }
}

impl Operation {
    pub fn is_kept_by(&self, module: usize) -> bool {
        self.module == module && self.progress.lock().state != State::PassedOn
    }
}

impl State {
    pub const fn may_end(self) -> bool {
        matches!(self, Self::Starting | Self::Pending | Self::DoneAtOnce)
    }
}

pub(crate) const INTERNAL: usize = 0;
pub(crate) const INTERNAL_HIGH: usize = 1;
/// Offset and OffsetHigh.
pub(crate) const OFFSETS: usize = 2;
pub(crate) const EVENT: usize = 3;
pub(crate) const WORDS: usize = size_of::<OVERLAPPED>() / size_of::<usize>();
pub(crate) const FIELDS: [&str; WORDS] =
    ["Internal", "InternalHigh", "Offset or OffsetHigh", "hEvent"];
/// STATUS_PENDING.
pub(crate) const PENDING: usize = 0x103;
