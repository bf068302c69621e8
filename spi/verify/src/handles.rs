//! Handles, events and threads that providers get from the client DLL, and sockets from below: V013 to V019, V025, V029 to V031.

use crate::checks::Checks;
use crate::ledger::{Below, Minted, Owned};
use crate::memory;
use crate::nest::{self, Call};
use crate::rule;
use crate::stack::Stack;
use std::sync::Arc;
use ws2spi::trace::{Answer, Place, Procedure, Upcall};
use ws2spi_abi::SOCKET;

const MAKERS: [&str; 3] = ["WSPSocket", "WSPAccept", "WSPJoinLeaf"];

/// Notes the catalog id that a socket is to be made for.
pub(crate) fn note_entry(call: &Procedure, entered: &mut Call) {
    if let Procedure::socket { info, .. } = *call {
        // SAFETY: the caller's contract (WSPSocket): NULL or an entry.
        let info = unsafe { memory::read(info) };
        entered.entry = info.map(|info| info.dwCatalogEntryId);
    }
}

impl Checks {
    pub(crate) fn check_upcall(&self, at: &Place, call: &Upcall) {
        let module = at.number;
        let is_inside = || nest::any(|outer| outer.module == module);
        if !self.ledger.lock().is_started(module) && !is_inside() {
            let what = String::from("made the upcall after its last WSPCleanup");
            let function = call.function();
            self.report(
                &rule::UPCALL_NOT_STARTED,
                module,
                function,
                None,
                what,
                &Stack::here(),
            );
        }
        if matches!(call, Upcall::queue_apc { .. }) {
            self.hand_over_results(module);
        }
        if let Upcall::close_socket_handle { s } = *call {
            self.check_close(at, call, s);
        }
        if let Upcall::close_thread { thread } = *call {
            // Before the upcall, which clears the identity.
            // SAFETY: the provider's contract (WPUCloseThread): a thread's identity.
            if let Some(thread) = unsafe { memory::read(thread.cast_const()) } {
                self.ledger.lock().threads.remove(&thread.ThreadHandle);
            }
        }
    }

    fn check_close(&self, at: &Place, call: &Upcall, s: SOCKET) {
        let module = at.number;
        let (wrong, is_in_use) = {
            let ledger = self.ledger.lock();
            let wrong = match ledger.minted.get(&s) {
                None => Some("the handle is none of WPUCreateSocketHandle"),
                Some(minted) if minted.module != module => Some("the handle is another provider's"),
                Some(minted) if minted.is_closed => Some("the handle is closed already"),
                Some(_) => None,
            };
            let minted = ledger.minted.get(&s);
            (
                wrong,
                minted.map(|minted| (minted.is_given_back, minted.level)),
            )
        };
        let complain = |rule, what: &str| {
            let function = call.function();
            self.report(
                rule,
                module,
                function,
                Some(s),
                what.to_owned(),
                &Stack::here(),
            );
        };
        if let Some(wrong) = wrong {
            return complain(&rule::CLOSED_FOREIGN, wrong);
        }
        self.operations.orphan(s);
        if let Some((false, level)) = is_in_use
            && self.is_early_cleanup(module, level)
        {
            let what = "closed a socket that is in use, in a WSPCleanup that is not the last";
            complain(&rule::CLEANUP_CLOSES, what);
        }
    }

    /// Whether the thread's innermost call is a WSPCleanup of this module that is not its last, nor the last for this table.
    fn is_early_cleanup(&self, module: usize, level: Option<usize>) -> bool {
        let cleaned = nest::innermost(|call| {
            (call.module == module && call.function == "WSPCleanup").then_some(call.level)
        });
        let Some(Some(cleaned)) = cleaned else {
            return false;
        };
        let ledger = self.ledger.lock();
        let starts = ledger
            .modules
            .get(&module)
            .map_or(0, |module| module.starts);
        let of_table = |level| ledger.levels.get(&level).map_or(0, |level| level.starts);
        let is_last_of_table = cleaned == level && level.map_or(0, of_table) <= 1;
        starts > 1 && !is_last_of_table
    }

    pub(crate) fn note_upcall(&self, at: &Place, call: &Upcall, answer: &Answer) {
        let module = at.number;
        match *call {
            Upcall::close_event { event } if answer.failed => {
                let what = format!("closed {event:#x}, which is no open event");
                let function = call.function();
                let stack = Stack::here();
                self.report(
                    &rule::EVENT_CLOSED,
                    module,
                    function,
                    Some(event),
                    what,
                    &stack,
                );
            }
            Upcall::queue_apc { .. } => {
                let mut ledger = self.ledger.lock();
                ledger.modules.entry(module).or_default().apcs += 1;
            }
            _ if answer.failed => {}
            Upcall::query_blocking_callback {
                callback, context, ..
            } if self.watches(module) => self.exchange_hook(callback, context),
            Upcall::create_socket_handle { entry, .. } => {
                self.note_registered(at, call, entry, answer.value.cast_unsigned());
                let minted = Minted {
                    module,
                    stack: Arc::new(Stack::here()),
                    is_given_back: false,
                    is_closed: false,
                    level: None,
                };
                self.ledger
                    .lock()
                    .minted
                    .insert(answer.value.cast_unsigned(), minted);
            }
            Upcall::modify_ifs_handle { entry, .. } => {
                self.note_registered(at, call, entry, answer.value.cast_unsigned());
            }
            Upcall::close_socket_handle { s } => {
                if let Some(minted) = self.ledger.lock().minted.get_mut(&s) {
                    minted.is_closed = true;
                }
            }
            Upcall::create_event {} => {
                let owned = Owned {
                    module,
                    stack: Arc::new(Stack::here()),
                };
                self.ledger
                    .lock()
                    .events
                    .insert(answer.value.cast_unsigned(), owned);
            }
            Upcall::close_event { event } => {
                self.ledger.lock().events.remove(&event);
            }
            Upcall::open_current_thread { thread } => {
                let owned = Owned {
                    module,
                    stack: Arc::new(Stack::here()),
                };
                // SAFETY: the provider's contract (WPUOpenCurrentThread): a block, which has been filled.
                if let Some(thread) = unsafe { memory::read(thread.cast_const()) } {
                    self.ledger
                        .lock()
                        .threads
                        .insert(thread.ThreadHandle, owned);
                }
            }
            _ => {}
        }
    }

    fn note_registered(&self, at: &Place, call: &Upcall, entry: u32, s: SOCKET) {
        let module = at.number;
        let making = nest::innermost(|outer| {
            let is_ours = outer.module == module;
            is_ours.then_some((outer.function, outer.entry, outer.socket))
        });
        let expected = {
            let mut ledger = self.ledger.lock();
            let expected = match making.flatten() {
                Some(("WSPSocket", asked, _)) => asked,
                Some(("WSPAccept", _, Some(listener))) => {
                    let known = ledger.registered.get(&listener);
                    let mut ours = known.into_iter().flatten().rev();
                    ours.find(|(by, _)| *by == module).map(|(_, entry)| *entry)
                }
                _ => None,
            };
            ledger
                .registered
                .entry(s)
                .or_default()
                .push((module, entry));
            expected
        };
        if let Some(expected) = expected.filter(|expected| *expected != entry) {
            let what = format!("registered the socket under entry {entry}, not under {expected}");
            let function = call.function();
            self.report(
                &rule::FIXED_ID,
                module,
                function,
                Some(s),
                what,
                &Stack::here(),
            );
        }
    }

    /// Sockets that a call made or closed.
    pub(crate) fn check_sockets(&self, at: &Place, call: &Procedure, answer: &Answer, left: &Call) {
        let module = at.number;
        let outer = nest::innermost(|outer| (outer.module, outer.function));
        let outer = outer.filter(|(by, _)| *by != nest::APPLICATION && *by != module);
        if let Procedure::close_socket { s } = *call {
            let is_cleanup = outer.is_some_and(|(_, function)| function == "WSPCleanup");
            let mut ledger = self.ledger.lock();
            if answer.value == 0 {
                ledger.give_back(module, s);
            }
            // A socket that lingers cannot be closed once more after a clean-up.
            if answer.value == 0 || is_cleanup {
                ledger.below.remove(&(module, s));
            }
        }
        if answer.failed || !MAKERS.contains(&call.function()) {
            return;
        }
        let s = answer.value.cast_unsigned();
        let is_known = {
            let mut ledger = self.ledger.lock();
            if let Some(minted) = ledger
                .minted
                .get_mut(&s)
                .filter(|minted| minted.module == module)
            {
                minted.level = left.level;
            }
            for lower in &left.made_below {
                if let Some(below) = ledger.below.get_mut(lower) {
                    below.above = Some(s);
                }
            }
            ledger.registered.contains_key(&s)
        };
        if !is_known {
            let what = format!("returned {s:#x}, which the client DLL was not told of");
            self.report_answer(&rule::UNREGISTERED, at, call, left, what);
        }
        if let Some((opener, function)) = outer
            && MAKERS.contains(&function)
            && call.socket() != Some(s)
        {
            let below = Below {
                opener,
                above: None,
                is_given_back: false,
                stack: Arc::new(Stack::here()),
            };
            let _ = nest::innermost(|outer| outer.made_below.push((module, s)));
            self.ledger.lock().below.insert((module, s), below);
        }
    }

    /// A layer that closes sockets of the provider below while it is cleaned up, but not for the last time.
    pub(crate) fn check_cleanup_closes(&self, at: &Place, call: &Procedure) {
        let Procedure::close_socket { s } = *call else {
            return;
        };
        let opener = {
            let ledger = self.ledger.lock();
            ledger.below.get(&(at.number, s)).map(|below| below.opener)
        };
        let level = nest::innermost(|call| call.level).flatten();
        if let Some(opener) = opener.filter(|opener| self.is_early_cleanup(*opener, level)) {
            let what = "closed a socket that is in use, in a WSPCleanup that is not the last";
            let function = call.function();
            let stack = Stack::here();
            self.report(
                &rule::CLEANUP_CLOSES,
                opener,
                function,
                Some(s),
                what.to_owned(),
                &stack,
            );
        }
    }
}
