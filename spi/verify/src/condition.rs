//! The condition function of WSPAccept: V033.
//!
//! A provider gets a function of the verifier's, which asks the application's and remembers what it decided. It may still be called
//! after the WSPAccept it was passed to has returned, so what it needs to know that stays for a while.

use crate::checks::Checks;
use crate::nest::{self, Call};
use crate::reentry::Holdable;
use crate::rule;
use crate::stack::Stack;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, ThreadId};
use ws2spi::trace::{Answer, Place, Procedure};
use ws2spi_abi::ffi::native::ProcTable;
use ws2spi_abi::*;

/// One WSPAccept with a condition function.
pub(crate) struct Asked {
    id: usize,
    module: usize,
    level: Option<(usize, &'static ProcTable)>,
    s: SOCKET,
    thread: ThreadId,
    condition: RawCallback,
    data: usize,
    decisions: Mutex<Vec<i32>>,
    is_over: AtomicBool,
    checks: Weak<Checks>,
}

/// The latest ones, the oldest first.
static ALL: Mutex<VecDeque<Arc<Asked>>> = Mutex::new(VecDeque::new());
static IDS: AtomicUsize = AtomicUsize::new(1);
const KEPT: usize = 1024;

impl Checks {
    pub(crate) fn begin_condition(&self, at: &Place, call: &mut Procedure, entered: &mut Call) {
        let Procedure::accept {
            s, condition, data, ..
        } = call
        else {
            return;
        };
        if condition.is_null() {
            return;
        }
        let asked = Arc::new(Asked {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            module: at.number,
            level: at.level,
            s: *s,
            thread: thread::current().id(),
            condition: *condition,
            data: *data,
            decisions: Mutex::default(),
            is_over: AtomicBool::new(false),
            checks: self.me.clone(),
        });
        *condition = RawCallback::from_raw(decide as *const () as usize);
        *data = asked.id;
        let mut all = ALL.lock();
        all.push_back(Arc::clone(&asked));
        if all.len() > KEPT {
            all.pop_front();
        }
        entered.asked = Some(asked);
    }

    pub(crate) fn end_condition(&self, at: &Place, call: &Procedure, answer: &Answer, left: &Call) {
        let Some(asked) = &left.asked else {
            return;
        };
        asked.is_over.store(true, Ordering::Release);
        let decisions = asked.decisions.lock().clone();
        let what = match (decisions.as_slice(), answer.failed, answer.stored.code()) {
            ([], false, _) => "returned a connection without asking the condition function",
            ([CF_REJECT], false, _) => "returned a connection that was to be rejected",
            ([CF_DEFER], false, _) => "returned a connection that was to be deferred",
            ([CF_REJECT], true, WSAECONNREFUSED) | ([CF_DEFER], true, WSATRY_AGAIN) => return,
            ([CF_REJECT], true, _) => "failed otherwise than with WSAECONNREFUSED after CF_REJECT",
            ([CF_DEFER], true, _) => "failed otherwise than with WSATRY_AGAIN after CF_DEFER",
            ([_, _, ..], _, _) => "asked the condition function more than once",
            _ => return,
        };
        self.report_answer(&rule::CONDITION, at, call, left, what.to_owned());
    }
}

impl Asked {
    fn check(&self, caller: *const WSABUF) {
        let what = if self.is_over.load(Ordering::Acquire) {
            "asked the condition function after it had returned"
        } else if thread::current().id() != self.thread {
            "asked the condition function on another thread than its caller's"
        } else if caller.is_null() {
            "asked the condition function without lpCallerId"
        } else {
            return;
        };
        if let Some(checks) = self.checks.upgrade() {
            let rule = &rule::CONDITION;
            let stack = Stack::here();
            checks.report(
                rule,
                self.module,
                "WSPAccept",
                Some(self.s),
                what.to_owned(),
                &stack,
            );
        }
    }
}

type Condition = unsafe extern "system" fn(
    *const WSABUF,
    *const WSABUF,
    *const QOS,
    *const QOS,
    *const WSABUF,
    *mut WSABUF,
    *mut GROUP,
    usize,
) -> i32;

/// The function that providers are given.
///
/// # Safety
/// As a condition function; `context` came with it.
unsafe extern "system" fn decide(
    caller: *const WSABUF,
    caller_data: *const WSABUF,
    sqos: *const QOS,
    gqos: *const QOS,
    callee: *const WSABUF,
    callee_data: *mut WSABUF,
    group: *mut GROUP,
    context: usize,
) -> i32 {
    let found = ALL.lock().iter().find(|asked| asked.id == context).cloned();
    let Some(asked) = found else {
        return CF_REJECT;
    };
    asked.check(caller);
    if asked.is_over.load(Ordering::Acquire) {
        // What the application had for it may be gone.
        return CF_REJECT;
    }
    let condition = asked.condition.as_raw();
    // SAFETY: the application's contract: the address it passed as its condition function.
    let condition = unsafe { std::mem::transmute::<usize, Condition>(condition) };
    let ask = || {
        // SAFETY: the application's function with the provider's arguments and its own data, during its call.
        unsafe {
            condition(
                caller,
                caller_data,
                sqos,
                gqos,
                callee,
                callee_data,
                group,
                asked.data,
            )
        }
    };
    let held = asked.level.map(|(level, table)| Holdable {
        module: asked.module,
        level,
        table,
        function: "WSPAccept",
        s: asked.s,
    });
    let decision = match asked.checks.upgrade() {
        Some(checks) => checks.call_back(held, "the condition function", ask),
        None => nest::in_application(ask),
    };
    asked.decisions.lock().push(decision);
    decision
}
