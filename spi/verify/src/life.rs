//! Starts and clean-ups: V024, V025, V034, and what is still owed after the last of them: V010, V013, V014, V029, V031.

use crate::checks::Checks;
use crate::ledger::{Ledger, Module};
use crate::memory;
use crate::nest::{self, Call};
use crate::rule::{self, Rule};
use crate::stack::{self, Stack};
use crate::verifier::Scope;
use std::sync::Arc;
use ws2spi::trace::{Answer, Place, Procedure, Start};
use ws2spi_abi::{SOCKET_ERROR, WSAPROTOCOL_INFOW};
use ws2spi_kernel::event;

const STARTUP: &str = "WSPStartup";
const CLEANUP: &str = "WSPCleanup";

/// Something that was never given back.
struct Debt {
    rule: &'static Rule,
    module: usize,
    function: &'static str,
    handle: Option<usize>,
    what: String,
    stack: Arc<Stack>,
}

impl Checks {
    fn includes(&self, at: &Place, info: Option<&WSAPROTOCOL_INFOW>) -> bool {
        match &self.scope {
            Scope::AllBut(modules) => !modules.iter().any(|module| module == at.module),
            Scope::Modules(modules) => modules.iter().any(|module| module == at.module),
            Scope::Providers(ids) => info.is_some_and(|info| ids.contains(&info.ProviderId)),
        }
    }

    pub(crate) fn begin_start(&self, at: &Place, start: &mut Start) {
        let function = start.function as usize;
        // SAFETY: the caller's contract (WSPStartup): NULL or an entry.
        let info = unsafe { memory::read(start.info) };
        let is_restart = !self.ledger.lock().is_started(at.number);
        if is_restart {
            // What an earlier run left is of that run.
            self.settle_module(at.number);
        }
        let is_linked = at.module.starts_with("linked:");
        let is_watched = self.includes(at, info.as_ref());
        if is_watched && !is_linked {
            stack::watch(function);
        }
        if is_watched {
            Self::exchange_table(start);
        }
        {
            let mut ledger = self.ledger.lock();
            let module = ledger.modules.entry(at.number).or_default();
            if is_restart {
                *module = Module {
                    is_watched: module.is_watched,
                    ..Module::default()
                };
            }
            module.path = at.module;
            module.is_watched |= is_watched;
            module.is_base |= info.is_some_and(|info| info.ProtocolChain.ChainLen == 1);
            module.image = (!is_linked).then(|| stack::base_of(function)).flatten();
            module.starting += 1;
        }
        nest::push(Call {
            module: at.number,
            function: STARTUP,
            entry: info.map(|info| info.dwCatalogEntryId),
            began: self.now(),
            ..Call::default()
        });
    }

    pub(crate) fn end_start(&self, at: &Place, start: &Start, code: i32) {
        let _ = nest::pop(at.number, STARTUP);
        let starter = nest::innermost(|call| call.module).filter(|by| *by != nest::APPLICATION);
        {
            let mut ledger = self.ledger.lock();
            let module = ledger.modules.entry(at.number).or_default();
            module.starting = module.starting.saturating_sub(1);
            module.starts += u32::from(code == 0);
            if let Some((number, _)) = at.level {
                let level = ledger.levels.entry(number).or_default();
                level.module = at.number;
                level.starts += 1;
                if let Some(by) = starter {
                    *level.started_by.entry(by).or_default() += 1;
                }
            }
        }
        if code == SOCKET_ERROR {
            let what = String::from("returned SOCKET_ERROR, which is no error code");
            let stack = Stack::below(start.function as usize);
            self.report(&rule::VALUE, at.number, STARTUP, None, what, &stack);
        }
        if code == 0 && self.watches(at.number) {
            self.check_table(at, start);
        }
    }

    /// A call of a provider that nobody has started any more, or not again yet.
    pub(crate) fn check_started(&self, at: &Place, call: &Procedure) {
        let Some((level, _)) = at.level else {
            return;
        };
        let cleaned_at = {
            let ledger = self.ledger.lock();
            match ledger.levels.get(&level) {
                Some(level) if level.starts == 0 => level.cleaned_at,
                _ => return,
            }
        };
        // A call that began before the clean-up may still be on its way.
        let caller = nest::innermost(|outer| {
            (outer.began > cleaned_at || outer.function == CLEANUP).then_some(outer.module)
        });
        let module = match caller {
            Some(module) => module,
            None => {
                stack::innermost_image().and_then(|image| self.ledger.lock().module_of_image(image))
            }
        };
        let Some(module) = module.filter(|module| *module != at.number) else {
            return;
        };
        let what = format!("called it in {}, which it has cleaned up", at.module);
        let function = call.function();
        self.report(
            &rule::NOT_STARTED,
            module,
            function,
            call.socket(),
            what,
            &Stack::here(),
        );
    }

    pub(crate) fn end_cleanup(&self, at: &Place, call: &Procedure, answer: &Answer) {
        if !matches!(call, Procedure::cleanup {}) || answer.value != 0 {
            return;
        }
        let caller = nest::innermost(|call| call.module);
        let now = self.now();
        let debts = {
            let mut ledger = self.ledger.lock();
            if let Some((level, _)) = at.level
                && let Some(level) = ledger.levels.get_mut(&level)
            {
                level.starts = level.starts.saturating_sub(1);
                level.cleaned_at = now;
                if let Some(by) = caller.and_then(|by| level.started_by.get_mut(&by)) {
                    *by = by.saturating_sub(1);
                }
            }
            let module = ledger.modules.entry(at.number).or_default();
            module.starts = module.starts.saturating_sub(1);
            module.cleaned_at = now;
            if module.starts + module.starting > 0 {
                Vec::new()
            } else {
                ledger.debts(at.number)
            }
        };
        // The module may be unloaded before it turns out whether these stay.
        for debt in debts {
            let _ = debt.stack.named();
        }
        self.check_tables(Some(at.number));
    }

    /// Reports what all modules owe that have been cleaned up.
    pub(crate) fn settle(&self) {
        let modules: Vec<usize> = {
            let ledger = self.ledger.lock();
            let all = ledger.modules.keys().copied();
            all.filter(|number| !ledger.is_started(*number)).collect()
        };
        for module in modules {
            self.settle_module(module);
        }
        self.check_tables(None);
        self.check_touched(None);
    }

    fn settle_module(&self, number: usize) {
        self.check_tables(Some(number));
        let debts = {
            let mut ledger = self.ledger.lock();
            let debts = ledger.debts(number);
            ledger.forgive(number);
            debts
        };
        for debt in debts {
            let is_gone = debt.rule.id == rule::EVENT_LEFT.id
                && debt
                    .handle
                    .is_some_and(|handle| event::from_handle(handle).is_err());
            if !is_gone {
                let Debt {
                    rule,
                    module,
                    function,
                    handle,
                    what,
                    stack,
                } = debt;
                self.report(rule, module, function, handle, what, &stack);
            }
        }
        self.settle_operations(number);
    }
}

impl Ledger {
    /// What a module owes.
    fn debts(&self, number: usize) -> Vec<Debt> {
        let mut debts = Vec::new();
        let debt = |rule, function, handle, what: &str, stack: &Arc<Stack>| Debt {
            rule,
            module: number,
            function,
            handle: Some(handle),
            what: what.to_owned(),
            stack: Arc::clone(stack),
        };
        let minted = self
            .minted
            .iter()
            .filter(|(_, handle)| handle.module == number);
        for (s, handle) in minted.filter(|(_, handle)| handle.is_owed()) {
            let what = "the handle is still open after the last WSPCleanup";
            debts.push(debt(
                &rule::HANDLE_LEFT,
                "WPUCreateSocketHandle",
                *s,
                what,
                &handle.stack,
            ));
        }
        for (raw, owned) in self
            .events
            .iter()
            .filter(|(_, owned)| owned.module == number)
        {
            let what = "the event is still open after the last WSPCleanup";
            debts.push(debt(
                &rule::EVENT_LEFT,
                "WPUCreateEvent",
                *raw,
                what,
                &owned.stack,
            ));
        }
        for (raw, owned) in self
            .threads
            .iter()
            .filter(|(_, owned)| owned.module == number)
        {
            let what = "the thread is still open after the last WSPCleanup";
            let function = "WPUOpenCurrentThread";
            debts.push(debt(&rule::THREAD_LEFT, function, *raw, what, &owned.stack));
        }
        for ((_, s), below) in self
            .below
            .iter()
            .filter(|(_, below)| below.opener == number)
            // What the application has left open, the provider below closes in its own WSPCleanup.
            .filter(|(_, below)| below.is_given_back || below.above.is_none())
        {
            let what = "the socket of the provider below is still open after the last WSPCleanup";
            debts.push(debt(
                &rule::LOWER_LEFT,
                "WSPCloseSocket",
                *s,
                what,
                &below.stack,
            ));
        }
        for level in self.levels.values() {
            let starts = level.started_by.get(&number).copied().unwrap_or(0);
            if starts > 0 {
                let lower = self.path(level.module);
                let what = format!("{starts} starts of {lower} have no WSPCleanup");
                debts.push(Debt {
                    rule: &rule::LOWER_STARTED,
                    module: number,
                    function: CLEANUP,
                    handle: None,
                    what,
                    stack: Arc::new(Stack::none()),
                });
            }
        }
        debts
    }

    /// Closes the account of a module.
    fn forgive(&mut self, number: usize) {
        for handle in self
            .minted
            .values_mut()
            .filter(|handle| handle.module == number)
        {
            handle.is_closed = true;
        }
        self.events.retain(|_, owned| owned.module != number);
        self.threads.retain(|_, owned| owned.module != number);
        self.below.retain(|_, below| below.opener != number);
        for level in self.levels.values_mut() {
            level.started_by.remove(&number);
        }
        self.trim();
    }
}
