//! Overlapped operations from their beginning to their end: V002, V008 to V012, V015. Here those on minted handles;
//! [`passing`](crate::passing) has what is different on system handles.
//!
//! A provider that mints its handles tells the end of an operation by itself, with WPUCompleteOverlappedRequest or by calling the
//! completion routine. It is given a block of the verifier's in place of the application's, and a routine of the verifier's in place
//! of the application's: a block of its own names one operation for ever, so a second end is one, and whatever is written to the
//! block after the end was written by the provider. Where a provider passes the block on to the one below, that one gets the
//! application's own again.
//!
//! ```text
//! begin      copy of the block; the application's becomes pending
//! end        result into the copy, error and flags into the application's block, the rest is the client DLL's
//! afterwards the copy is compared until the application's block begins another operation, and for a while longer
//! ```

use crate::answers::overlapped;
use crate::checks::Checks;
use crate::memory;
use crate::nest::{self, Call};
use crate::operation::{FIELDS, INTERNAL, INTERNAL_HIGH, Operation, PENDING, Progress, State};
use crate::passing;
use crate::rule::{self, Rule};
use crate::stack::{self, Stack};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use ws2spi::trace::{Answer, Completing, Place, Procedure};
use ws2spi_abi::*;

/// Operations with a routine, of the whole process: a routine has no other way to its operation.
static ROUTINES: Mutex<BTreeMap<usize, Routed>> = Mutex::new(BTreeMap::new());

#[derive(Clone)]
struct Routed {
    operation: Arc<Operation>,
    checks: Weak<Checks>,
}

impl Checks {
    /// Before a call: exchanges the block and the routine.
    pub(crate) fn begin_operation(&self, at: &Place, call: &mut Procedure, entered: &mut Call) {
        entered.passed = self.restore_arguments(call);
        let (Some(s), false) = (call.socket(), nest::is_asking()) else {
            return;
        };
        let Some((is_minted, is_base)) = self.ledger.lock().whose(at.number, s) else {
            return;
        };
        if let Procedure::get_overlapped_result { ov, .. } = call {
            if let Some(known) = self.operations.of_above(*ov, s, at.number) {
                *ov = known.block();
            }
            return;
        }
        let block = overlapped(call).filter(|ov| ov.is_aligned());
        // SAFETY: the caller's contract: NULL or a block.
        let Some(mut copy) = block.and_then(|ov| unsafe { memory::read(ov) }) else {
            return;
        };
        let (function, above) = (
            call.function(),
            overlapped(call).map_or(0, |ov| ov.expose_provenance()),
        );
        let before = copy.Internal;
        copy.Internal = PENDING;
        let is_exchanged = is_minted || !is_base;
        let block = if is_exchanged {
            Box::into_raw(Box::new(copy))
        } else {
            std::ptr::with_exposed_provenance_mut(above)
        };
        let mut routine = RawCallback::NULL;
        if let Some((ov, its_routine)) = places(call).filter(|_| is_exchanged) {
            *ov = block;
            routine = *its_routine;
            if !routine.is_null() {
                *its_routine = RawCallback::from_raw(told as *const () as usize);
            }
        }
        let operation = Arc::new(Operation {
            module: at.number,
            level: at.level,
            function,
            address: at.level.map_or(0, |(_, table)| call.address_in(table)),
            s,
            is_minted,
            outer: entered.passed.clone(),
            block: block.expose_provenance(),
            above,
            routine,
            room: entered.room.unwrap_or(u64::MAX),
            before,
            progress: Mutex::new(Progress {
                state: State::Starting,
                last: None,
                is_handed_over: false,
                is_told: false,
                passed: 0,
                begun: 0,
                closed_at: None,
            }),
        });
        entered.operation = Some(Arc::clone(&operation));
        if !is_exchanged {
            return;
        }
        operation.mark(PENDING);
        if !routine.is_null() {
            let entry = Routed {
                operation: Arc::clone(&operation),
                checks: self.me.clone(),
            };
            ROUTINES.lock().insert(operation.block, entry);
        }
        self.enter_operation(operation);
    }

    /// Gives the application's own block and routine to a provider below one that got others. The operation, if it is one on a system
    /// handle.
    fn restore_arguments(&self, call: &mut Procedure) -> Option<Arc<Operation>> {
        if let Procedure::get_overlapped_result { ov, .. } = call {
            if let Some(operation) = self.operations.of_block(*ov) {
                *ov = operation.above();
            }
            return None;
        }
        let (ov, routine) = places(call)?;
        let operation = self.operations.of_block(*ov)?;
        *ov = operation.above();
        if operation.is_minted {
            let mut progress = operation.progress.lock();
            if progress.state == State::Starting {
                operation.mark(operation.before);
                progress.state = State::PassedOn;
            }
            if routine.as_raw() == told as *const () as usize {
                *routine = operation.routine;
            }
            return None;
        }
        self.pass_on(&operation, routine, told as *const () as usize);
        Some(operation)
    }

    fn enter_operation(&self, operation: Arc<Operation>) {
        let (former, forgotten) = {
            let mut books = self.operations.books.lock();
            books
                .by_block
                .insert(operation.block, Arc::clone(&operation));
            if operation.is_minted && !operation.routine.is_null() {
                books.routines.push(Arc::clone(&operation));
            }
            let former = books.by_above.insert(operation.above, operation);
            books.old.extend(former.clone());
            let is_full = books.old.len() > KEPT;
            let forgotten = is_full.then(|| books.old.pop_front()).flatten();
            if let Some(forgotten) = &forgotten {
                books.by_block.remove(&forgotten.block);
            }
            (former, forgotten)
        };
        for operation in former.iter().chain(&forgotten) {
            self.check_touched(Some(operation));
        }
        if let Some(forgotten) = forgotten {
            ROUTINES.lock().remove(&forgotten.block);
            passing::forget(&forgotten);
        }
    }

    /// After the call.
    pub(crate) fn end_operation(&self, at: &Place, call: &Procedure, answer: &Answer, left: &Call) {
        let Some(operation) = &left.operation else {
            return;
        };
        let code = answer.stored.code();
        // A datagram of which only a part fitted is a warning, and is told.
        let is_done = !answer.failed || code == WSAEMSGSIZE;
        let is_pending = answer.failed && code == WSA_IO_PENDING;
        if is_pending && !operation.routine.is_null() {
            self.ledger
                .lock()
                .modules
                .entry(at.number)
                .or_default()
                .routines += 1;
        }
        let completed = {
            let mut progress = operation.progress.lock();
            if progress.state == State::Starting {
                progress.state = match (is_pending, is_done) {
                    (true, _) => State::Pending,
                    (_, true) => State::DoneAtOnce,
                    _ => State::Failed,
                };
                if !is_pending && operation.is_minted {
                    operation.mark(operation.before);
                }
            }
            progress.state == State::Completed
        };
        if !operation.is_minted {
            self.settle_block(operation, is_pending);
        }
        if completed && !is_pending && !is_done {
            let what = format!("failed with {code} and completed the operation all the same");
            self.report_answer(&rule::FAILED_AND_DONE, at, call, left, what);
        }
    }

    /// Before WPUQueueApc: a provider stores a result before it queues the call of the routine, and programs may look at it.
    pub(crate) fn hand_over_results(&self, module: usize) {
        let mut books = self.operations.books.lock();
        books.routines.retain(|operation| {
            if operation.module != module {
                return true;
            }
            let mut progress = operation.progress.lock();
            let words = operation.words();
            if progress.state.may_end() && words[INTERNAL] != PENDING {
                operation.hand_over_result(words);
                progress.is_handed_over = true;
            }
            progress.state.may_end() && !progress.is_handed_over
        });
    }

    /// Before WPUCompleteOverlappedRequest.
    pub(crate) fn begin_completion(&self, completing: &mut Completing) {
        let operation = self.operations.of_block(completing.overlapped);
        self.check_completed_handle(completing, operation.as_deref());
        let Some(operation) = operation else {
            return;
        };
        if !operation.is_minted {
            // It is refused.
            completing.overlapped = operation.above();
            return;
        }
        let state = {
            let mut progress = operation.progress.lock();
            let state = progress.state;
            if state.may_end() {
                self.end_block(&operation, completing, &mut progress);
            } else if state != State::PassedOn {
                completing.overlapped = std::ptr::null_mut();
            } else {
                completing.overlapped = operation.above();
            }
            state
        };
        self.check_end(&operation, state, completing.bytes);
    }

    fn end_block(
        &self,
        operation: &Operation,
        completing: &mut Completing,
        progress: &mut Progress,
    ) {
        operation.hand_over();
        let block = operation.block();
        let status = if completing.error as usize == PENDING {
            NtStatus::INVALID_PARAMETER.0
        } else {
            completing.error
        };
        // SAFETY: the operation owns the block.
        unsafe { memory::put_word(block, INTERNAL_HIGH, completing.bytes as usize) };
        // SAFETY: as above.
        unsafe { memory::put_word(block, INTERNAL, status as usize) };
        progress.state = State::Completed;
        progress.last = Some(operation.words());
        completing.overlapped = operation.above();
    }

    /// What the end of an operation in this state is.
    pub(crate) fn check_end(&self, operation: &Operation, state: State, bytes: u32) {
        let complain = |rule: &'static Rule, what: String| {
            let (module, function) = (operation.module, operation.function);
            let here = Stack::here();
            let stack = if here.place() == 0 {
                operation.stack()
            } else {
                here
            };
            self.report(rule, module, function, Some(operation.s), what, &stack);
        };
        match state {
            State::Orphaned => self.report_orphan(operation),
            State::Completed => complain(&rule::TWICE, String::from("completed it again")),
            State::Failed => {
                let what = String::from("completed an operation that it had failed at once");
                complain(&rule::FAILED_AND_DONE, what);
            }
            _ if operation.is_minted && u64::from(bytes) > operation.room => {
                let room = operation.room;
                let what = format!("completed with {bytes} bytes where there was room for {room}");
                complain(&rule::TOO_MUCH, what);
            }
            _ => {}
        }
    }

    pub(crate) fn report_orphan(&self, operation: &Operation) {
        let closed_at = {
            let mut progress = operation.progress.lock();
            progress.state = State::Completed;
            progress.closed_at.take()
        };
        if let Some(stack) = closed_at {
            let (function, what) = if operation.is_minted {
                let what = "closed the handle before it told the end of an operation on it";
                ("WPUCloseSocketHandle", what)
            } else {
                let what = "closed the socket below before it passed an operation on";
                ("WSPCloseSocket", what)
            };
            let (module, s, what) = (operation.module, operation.s, String::from(what));
            self.report(&rule::CLOSED_EARLY, module, function, Some(s), what, &stack);
        }
    }

    fn check_completed_handle(&self, completing: &Completing, operation: Option<&Operation>) {
        let s = completing.s;
        let module = match operation {
            Some(operation) => Some(operation.module),
            None => nest::innermost(|call| call.module).or_else(|| {
                let image = stack::innermost_image()?;
                self.ledger.lock().module_of_image(image)
            }),
        };
        let Some(module) = module else {
            return;
        };
        let (owner, is_started) = {
            let ledger = self.ledger.lock();
            let owner = ledger.minted.get(&s).map(|minted| minted.module);
            (owner, ledger.is_started(module))
        };
        let is_inside = nest::any(|call| call.module == module);
        if !is_started && !is_inside {
            let what = String::from("completed an operation after its last WSPCleanup");
            let rule = &rule::UPCALL_NOT_STARTED;
            return self.report(rule, module, COMPLETE, Some(s), what, &Stack::here());
        }
        let what = match (owner, operation) {
            (None, _) => "the handle is none of WPUCreateSocketHandle",
            (Some(owner), _) if owner != module => "the handle is another provider's",
            (_, Some(operation)) if operation.s != s => "the operation is one of another handle",
            _ => return,
        };
        let function = COMPLETE;
        let rule = &rule::FOREIGN_COMPLETION;
        self.report(
            rule,
            module,
            function,
            Some(s),
            what.to_owned(),
            &Stack::here(),
        );
    }

    /// After WPUCompleteOverlappedRequest: one that was refused has ended nothing.
    pub(crate) fn end_completion(&self, completing: &Completing, result: Result<(), Errno>) {
        // While the last clean-up ends providers, requests end untold.
        if result.is_ok() || result == Err(Errno::NOTINITIALISED) {
            return;
        }
        let books = self.operations.books.lock();
        let refused = books.by_above.get(&completing.overlapped.addr());
        if let Some(operation) = refused {
            let mut progress = operation.progress.lock();
            if operation.is_minted && progress.state == State::Completed {
                progress.state = State::Pending;
                progress.last = None;
            }
        }
    }

    /// Compares the block of one operation with what it was at the end, or those of all.
    pub(crate) fn check_touched(&self, of: Option<&Arc<Operation>>) {
        let all: Vec<Arc<Operation>> = match of {
            Some(operation) => vec![Arc::clone(operation)],
            None => self
                .operations
                .books
                .lock()
                .by_block
                .values()
                .cloned()
                .collect(),
        };
        for operation in all {
            let field = {
                let mut progress = operation.progress.lock();
                let now = operation.words();
                let changed = progress.last.and_then(|last| {
                    let mut fields = last.iter().zip(&now).zip(FIELDS);
                    fields.find_map(|((then, now), field)| (then != now).then_some(field))
                });
                if changed.is_some() {
                    progress.last = Some(now);
                }
                changed
            };
            if let Some(field) = field {
                let what = format!("wrote to {field} after the operation had been completed");
                let (module, function) = (operation.module, operation.function);
                let stack = operation.stack();
                self.report(
                    &rule::TOUCHED,
                    module,
                    function,
                    Some(operation.s),
                    what,
                    &stack,
                );
            }
        }
    }

    /// After the last WSPCleanup of a module: what is pending now is pending for ever.
    pub(crate) fn settle_operations(&self, module: usize) {
        let owes_routines = {
            let ledger = self.ledger.lock();
            let module = ledger.modules.get(&module);
            module.is_some_and(|module| module.apcs < module.routines)
        };
        let mine: Vec<Arc<Operation>> = {
            let books = self.operations.books.lock();
            let all = books.by_block.values();
            all.filter(|operation| operation.module == module)
                .cloned()
                .collect()
        };
        for operation in mine {
            self.check_touched(Some(&operation));
            let is_pending = {
                let mut progress = operation.progress.lock();
                let is_passed = progress.passed + progress.begun > 0;
                let is_pending =
                    matches!(progress.state, State::Pending | State::Orphaned) && !is_passed;
                if is_pending {
                    progress.state = State::Failed;
                }
                is_pending
            };
            // An APC whose thread has ended runs no routine.
            if is_pending && (operation.routine.is_null() || owes_routines) {
                let what = String::from("never completed the operation");
                let (function, stack) = (operation.function, operation.stack());
                self.report(
                    &rule::NEVER,
                    module,
                    function,
                    Some(operation.s),
                    what,
                    &stack,
                );
            }
        }
    }
}

/// The places of the block and the routine in a call.
const fn places(call: &mut Procedure) -> Option<(&mut *mut OVERLAPPED, &mut RawCallback)> {
    match call {
        Procedure::recv { ov, routine, .. }
        | Procedure::recv_from { ov, routine, .. }
        | Procedure::send { ov, routine, .. }
        | Procedure::send_to { ov, routine, .. }
        | Procedure::ioctl { ov, routine, .. } => Some((ov, routine)),
        _ => None,
    }
}

type Routine = unsafe extern "system" fn(u32, u32, *mut OVERLAPPED, u32);

/// The routine that providers are given: passes the end on to the application's.
///
/// # Safety
/// As a completion routine: the block is the one that came with the routine.
unsafe extern "system" fn told(error: u32, bytes: u32, block: *mut OVERLAPPED, flags: u32) {
    let Some(Routed { operation, checks }) = ROUTINES.lock().get(&block.addr()).cloned() else {
        return;
    };
    let (state, is_first) = {
        let mut progress = operation.progress.lock();
        let state = progress.state;
        let is_first = !std::mem::replace(&mut progress.is_told, true);
        if state.may_end() {
            let words = operation.words();
            progress.state = State::Completed;
            progress.last = Some(words);
            if !progress.is_handed_over {
                operation.hand_over_result(words);
            }
        }
        (state, is_first)
    };
    // On a system handle the kernel role has ended it before a layer that put its own routine in between calls this one.
    let is_passed = is_first && !operation.is_minted && state == State::Completed;
    let checks = checks.upgrade();
    if let Some(checks) = checks.as_ref().filter(|_| !is_passed) {
        checks.check_end(&operation, state, bytes);
    }
    if !state.may_end() && !is_passed {
        return;
    }
    let routine = operation.routine.as_raw();
    // SAFETY: the application's contract: the address it passed as its completion routine.
    let routine = unsafe { std::mem::transmute::<usize, Routine>(routine) };
    let call = || {
        // SAFETY: the application's routine, called once, with its own block.
        unsafe { routine(error, bytes, operation.above(), flags) }
    };
    match checks {
        Some(checks) => {
            checks.call_back(operation.holdable(), "the completion routine", call);
        }
        None => nest::in_application(call),
    }
}

const COMPLETE: &str = "WPUCompleteOverlappedRequest";
/// How many blocks are compared for a while longer.
const KEPT: usize = 4096;
