//! `Checks`: the observer that the verifier puts at every table. It passes each event on to the file of its noun.
//!
//! A call reaches the checks in the order `enter`, the provider, `leave`; between the two, what has to be remembered stands in the
//! thread's [`nest`]. A table slot in which a layer hands out the function of the provider below is not that layer's call.

use crate::finding::{Found, Log};
use crate::ledger::Ledger;
use crate::nest::{self, Call};
use crate::operation::Operations;
use crate::reentry::Reentry;
use crate::rule::Rule;
use crate::stack::Stack;
use crate::verifier::Scope;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use ws2spi::process;
use ws2spi::trace::{self, Answer, Completing, Observer, Place, Procedure, Start, Upcall};
use ws2spi_abi::args::Overlapped;
use ws2spi_abi::{Errno, NtStatus, SOCKET};

/// The state of a verifier.
pub(crate) struct Checks {
    pub scope: Scope,
    pub log: Log,
    pub ledger: Mutex<Ledger>,
    pub operations: Operations,
    pub reentry: Reentry,
    pub extensions: crate::extensions::Asked,
    /// For callbacks that outlive a call.
    pub me: Weak<Self>,
    clock: AtomicU64,
}

impl Checks {
    pub fn new(scope: Scope) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            scope,
            log: Log::default(),
            ledger: Mutex::default(),
            operations: Operations::default(),
            reentry: Reentry::default(),
            extensions: crate::extensions::Asked::default(),
            clock: AtomicU64::new(1),
        })
    }

    /// The next moment of the verifier's clock.
    pub fn now(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether findings about a module are wanted.
    pub fn watches(&self, module: usize) -> bool {
        self.ledger.lock().is_watched(module)
    }

    /// Logs a finding about a module, if it is watched.
    pub fn report(
        &self,
        rule: &'static Rule,
        module: usize,
        function: &'static str,
        handle: Option<SOCKET>,
        what: String,
        stack: &Stack,
    ) {
        let (is_watched, provider) = {
            let ledger = self.ledger.lock();
            (ledger.is_watched(module), ledger.path(module))
        };
        if is_watched && !nest::is_asking() {
            self.log.add(Found {
                rule,
                provider,
                function,
                handle,
                what,
                stack,
            });
        }
    }

    /// Logs a finding about the answer of a call. A provider that passes on what it got from below did not make the mistake.
    pub fn report_answer(
        &self,
        rule: &'static Rule,
        at: &Place,
        call: &Procedure,
        left: &Call,
        what: String,
    ) {
        let _ = nest::innermost(|outer| outer.broken_below.push(rule.id));
        if left.broken_below.contains(&rule.id) {
            return;
        }
        let function = at.level.map_or(0, |(_, table)| call.address_in(table));
        let stack = Stack::below(function);
        self.report(
            rule,
            at.number,
            call.function(),
            call.socket(),
            what,
            &stack,
        );
    }

    /// Whether the provider's own code answers this call.
    fn is_own(at: &Place, call: &Procedure) -> bool {
        at.level
            .is_some_and(|(_, table)| !trace::is_handed_on(table, call))
    }
}

impl Observer for Checks {
    fn starting(&self, at: &Place, start: &mut Start) {
        self.begin_start(at, start);
    }

    fn started(&self, at: &Place, start: &Start, code: i32) {
        self.end_start(at, start, code);
    }

    fn entering(&self, at: &Place, call: &mut Procedure) {
        let is_own = Self::is_own(at, call);
        self.check_started(at, call);
        if !is_own {
            return;
        }
        self.check_cleanup_closes(at, call);
        if matches!(call, Procedure::cleanup {}) {
            self.await_answers(at.number);
        }
        let held = self.probe_lock();
        let mut entered = Call {
            module: at.number,
            level: at.level.map(|(number, _)| number),
            table: at.level.map(|(_, table)| table),
            function: call.function(),
            socket: call.socket(),
            began: self.now(),
            last_error: process::last_error(),
            room: crate::lengths::room(call),
            sets: crate::select::sets(call),
            ..Call::default()
        };
        crate::handles::note_entry(call, &mut entered);
        entered.held = held;
        self.begin_connect(call, &mut entered);
        self.begin_operation(at, call, &mut entered);
        self.begin_condition(at, call, &mut entered);
        nest::push(entered);
    }

    fn left(&self, at: &Place, call: &Procedure, answer: &mut Answer) {
        if Self::is_own(at, call) {
            let Some(mut left) = nest::pop(at.number, call.function()) else {
                return;
            };
            self.note_below(call, answer);
            self.end_passing(answer, &left);
            self.note_closed(at, call, answer);
            self.check_probed(&mut left);
            self.check_answer(at, call, answer, &left);
            self.check_lengths(at, call, answer, &left);
            self.check_sets(at, call, answer, &left);
            self.end_operation(at, call, answer, &left);
            self.end_condition(at, call, answer, &left);
            self.check_sockets(at, call, answer, &left);
            self.check_extensions(at, call, answer, &left);
            self.end_cleanup(at, call, answer);
        }
        self.ask_extensions(at, call, answer);
    }

    fn calling_up(&self, at: &Place, call: &mut Upcall) {
        self.check_upcall(at, call);
    }

    fn called_up(&self, at: &Place, call: &Upcall, answer: &Answer) {
        self.note_upcall(at, call, answer);
    }

    fn completing(&self, completing: &mut Completing) {
        self.begin_completion(completing);
    }

    fn completed(&self, completing: &Completing, result: Result<(), Errno>) {
        self.end_completion(completing, result);
    }

    fn beginning(&self, overlapped: Overlapped) -> Overlapped {
        self.begin_request(overlapped)
    }

    fn ending(&self, overlapped: &Overlapped, status: NtStatus, bytes: usize) {
        self.end_request(overlapped, status, bytes);
    }

    fn block_of(&self, address: usize) -> usize {
        self.application_block(address)
    }
}
