//! Overlapped operations on system handles, which a provider passes on down and the kernel role ends: V008 to V011, V015.
//!
//! A layer is given a block of the verifier's here too. Whoever it passes that one to gets the application's again, whether it is seen
//! on the way (a table below) or not (an extension function): the kernel role asks when the operation begins. So the layer's own block
//! names one operation for ever, and shows what it does with it. Results are the kernel's business: they are copied here for the layer
//! to look at.
//!
//! ```text
//! begin      copy of the block; the application's is pending
//! passed on  the application's block and routine go down, with what the layer stored before
//! request    begun in the kernel role, for the operation whose block that is
//! end        told by the kernel role: a second one, or one of what has failed, is a finding
//! afterwards the copy is compared until the application's block begins another operation, and for a while longer
//! ```
//!
//! The base provider's operations are its own block, and are remembered for the time of the call only.

use crate::checks::Checks;
use crate::memory;
use crate::nest::{self, Call};
use crate::operation::{INTERNAL, INTERNAL_HIGH, Operation, Operations, PENDING, Requested, State};
use crate::stack::Stack;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use ws2spi::trace::{Answer, Place, Procedure};
use ws2spi_abi::args::Overlapped;
use ws2spi_abi::*;

/// Layers' own completion routines that went down with the application's block, by its address; the lowest layer's is last.
static BELOW: Mutex<BTreeMap<usize, Vec<Returning>>> = Mutex::new(BTreeMap::new());

#[derive(Clone)]
struct Returning {
    operation: Arc<Operation>,
    routine: RawCallback,
}

impl Checks {
    /// A provider passes on an operation that it has: what goes down in place of its block and its routine, which `told` is if it is the
    /// one it was given.
    pub(crate) fn pass_on(
        &self,
        operation: &Arc<Operation>,
        routine: &mut RawCallback,
        told: usize,
    ) {
        let is_orphan = {
            let mut progress = operation.progress.lock();
            let is_first = progress.passed == 0 && progress.begun == 0;
            if is_first && progress.state.may_end() {
                operation.hand_over();
            }
            if is_first && progress.state == State::Starting {
                operation.mark(operation.before);
            }
            progress.passed += 1;
            progress.state == State::Orphaned
        };
        if is_orphan {
            self.report_orphan(operation);
        }
        if routine.as_raw() == told {
            *routine = operation.routine;
        } else if !routine.is_null() {
            let mut below = BELOW.lock();
            below.entry(operation.above).or_default().push(Returning {
                operation: Arc::clone(operation),
                routine: *routine,
            });
            *routine = RawCallback::from_raw(returned as *const () as usize);
        }
    }

    /// The provider below has answered.
    pub(crate) fn end_passing(&self, answer: &Answer, left: &Call) {
        let Some(operation) = &left.passed else {
            return;
        };
        let code = answer.stored.code();
        if answer.failed && code != WSA_IO_PENDING && code != WSAEMSGSIZE {
            operation.progress.lock().passed -= 1;
            forget_returning(operation);
        }
    }

    /// After the call of the provider that has the operation.
    pub(crate) fn settle_block(&self, operation: &Operation, is_pending: bool) {
        let progress = operation.progress.lock();
        if !operation.is_exchanged() || progress.passed != 0 || progress.begun != 0 {
            return;
        }
        let words = operation.words();
        if is_pending {
            operation.mark(PENDING);
        } else if words[INTERNAL] == PENDING {
            operation.mark(operation.before);
        } else {
            operation.hand_over_result(words);
        }
    }

    /// A provider has closed a socket: what those above it still hold of its operations cannot be passed on any more.
    pub(crate) fn note_closed(&self, at: &Place, call: &Procedure, answer: &Answer) {
        let Procedure::close_socket { s } = *call else {
            return;
        };
        if answer.failed {
            return;
        }
        let held: Vec<Arc<Operation>> = {
            let books = self.operations.books.lock();
            let all = books.by_above.values().flat_map(|last| last.chain());
            let of_others = all.filter(|one| one.s == s && one.module != at.number);
            of_others.filter(|one| !one.is_minted).cloned().collect()
        };
        for operation in held {
            let mut progress = operation.progress.lock();
            if progress.state == State::Pending && progress.passed == 0 && progress.begun == 0 {
                progress.state = State::Orphaned;
                progress.closed_at = Some(Arc::new(Stack::here()));
            }
        }
    }

    /// The kernel role begins an operation with this block; the one to use.
    pub(crate) fn begin_request(&self, overlapped: Overlapped) -> Overlapped {
        let address = overlapped.address();
        let of_block = self.operations.of_address(address);
        let of_call = || {
            let innermost = nest::innermost(|call| call.operation.clone().or(call.passed.clone()));
            let operation = innermost.flatten()?;
            (operation.above == address && !operation.is_minted).then_some(operation)
        };
        let operation = of_block
            .filter(|operation| !operation.is_minted)
            .or_else(of_call);
        let Some(operation) = operation else {
            self.operations.forget_requests(address);
            return overlapped;
        };
        for one in operation.chain() {
            one.progress.lock().begun += 1;
        }
        self.operations.enter_request(&operation);
        // SAFETY: the application's contract: its block lives until the operation has been completed.
        unsafe { Overlapped::new(operation.above()) }.unwrap_or(overlapped)
    }

    /// The kernel role ends it.
    pub(crate) fn end_request(&self, overlapped: &Overlapped, status: NtStatus, bytes: usize) {
        let Some(operation) = self.operations.take_request(overlapped.address()) else {
            return;
        };
        for one in operation.chain() {
            let state = {
                let mut progress = one.progress.lock();
                let state = progress.state;
                if state.may_end() || state == State::Orphaned {
                    progress.state = State::Completed;
                }
                if one.is_exchanged() && progress.last.is_none() {
                    one.store_result(status, bytes);
                    progress.last = Some(one.words());
                }
                state
            };
            self.check_end(one, state, 0);
        }
    }

    /// The address of the application's block, where a provider names its own.
    pub(crate) fn application_block(&self, address: usize) -> usize {
        let operation = self.operations.of_address(address);
        operation.map_or(address, |operation| operation.above)
    }
}

impl Operation {
    /// It and those of the layers above it, from which it was passed on.
    pub fn chain(self: &Arc<Self>) -> impl Iterator<Item = &Arc<Self>> {
        std::iter::successors(Some(self), |operation| operation.outer.as_ref())
    }

    /// Whether the provider has a block of its own.
    pub const fn is_exchanged(&self) -> bool {
        self.block != self.above
    }

    /// Lets the provider see the result in its block.
    fn store_result(&self, status: NtStatus, bytes: usize) {
        for (word, value) in [(INTERNAL_HIGH, bytes), (INTERNAL, status.0 as usize)] {
            // SAFETY: the operation owns the block.
            unsafe { memory::put_word(self.block(), word, value) };
        }
    }
}

impl Operations {
    fn enter_request(&self, operation: &Arc<Operation>) {
        let mut books = self.books.lock();
        let requested = books
            .requested
            .entry(operation.above)
            .or_insert_with(|| Requested {
                operation: Arc::clone(operation),
                count: 0,
            });
        if !Arc::ptr_eq(&requested.operation, operation) {
            requested.operation = Arc::clone(operation);
            requested.count = 0;
        }
        requested.count += 1;
    }

    /// The operation for which a request ends, if there is one that is known.
    fn take_request(&self, block: usize) -> Option<Arc<Operation>> {
        let mut books = self.books.lock();
        let requested = books.requested.get_mut(&block)?;
        requested.count -= 1;
        if requested.count > 0 {
            return Some(Arc::clone(&requested.operation));
        }
        let requested = books.requested.remove(&block)?;
        Some(requested.operation)
    }

    /// The application's block begins something that nobody saw: what it was used for before is over.
    fn forget_requests(&self, block: usize) {
        let mut books = self.books.lock();
        books.requested.remove(&block);
        let is_system = |last: &Arc<Operation>| !last.is_minted;
        if books.by_above.get(&block).is_some_and(is_system)
            && let Some(last) = books.by_above.remove(&block)
        {
            books.old.push_back(last);
        }
    }
}

/// A call that was to go on with a routine of the layer's failed.
fn forget_returning(operation: &Arc<Operation>) {
    let mut below = BELOW.lock();
    if let Some(all) = below.get_mut(&operation.above) {
        let is_it = |last: &mut Returning| Arc::ptr_eq(&last.operation, operation);
        let _ = all.pop_if(is_it);
        if all.is_empty() {
            below.remove(&operation.above);
        }
    }
}

/// The operation is not asked for any more.
pub(crate) fn forget(operation: &Arc<Operation>) {
    let mut below = BELOW.lock();
    if let Some(all) = below.get_mut(&operation.above) {
        all.retain(|one| !Arc::ptr_eq(&one.operation, operation));
        if all.is_empty() {
            below.remove(&operation.above);
        }
    }
}

type Routine = unsafe extern "system" fn(u32, u32, *mut OVERLAPPED, u32);

/// The routine that goes down in place of a layer's own: gives the layer the block that it knows.
///
/// # Safety
/// As a completion routine: the block is the one that came with the routine.
unsafe extern "system" fn returned(error: u32, bytes: u32, block: *mut OVERLAPPED, flags: u32) {
    let found = {
        let mut below = BELOW.lock();
        let all = below.get_mut(&block.addr());
        let found = all.and_then(Vec::pop);
        if below.get(&block.addr()).is_some_and(Vec::is_empty) {
            below.remove(&block.addr());
        }
        found
    };
    let Some(Returning { operation, routine }) = found else {
        return;
    };
    // SAFETY: the layer's contract: the address that it passed as a completion routine.
    let routine = unsafe { std::mem::transmute::<usize, Routine>(routine.as_raw()) };
    // SAFETY: the layer's routine, called once, with the block that it passed with it.
    unsafe { routine(error, bytes, operation.block(), flags) };
}
