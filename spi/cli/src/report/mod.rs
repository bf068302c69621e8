//! The report of a run: what was learned so far, complete at the end, partial when the run was cut.
//!
//! [`text`] prints it for people, [`json`] for programs; both print the same. The verdict follows
//! from it alone ([`Report::exit`]), so no way of ending a run can forget a failure.

pub mod json;
pub mod text;

use crate::chain::{Chain, Installed};
use crate::counters::Levels;
use crate::exit::Exit;
use crate::findings::Finding;
use crate::installer::Handles;
use crate::provider::Provider;
use crate::traffic::Outcome;
use std::time::Duration;

/// What a run has learned.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The seed of the random choices.
    pub seed: u64,
    /// The providers, from the top down.
    pub providers: Vec<ProviderRow>,
    /// The chains, one per leg.
    pub chains: Vec<Chain>,
    /// What each leg came to.
    pub outcomes: Vec<Outcome>,
    /// The calls at each level.
    pub levels: Levels,
    /// What was open when; `None` while that is not known.
    pub handles: Option<HandleCounts>,
    /// What the client DLL found about the providers.
    pub findings: Vec<Finding>,
    /// What did not hold, a sentence each.
    pub failures: Vec<String>,
    /// Why nothing could be run.
    pub unusable: Option<String>,
    /// How long the whole run took.
    pub elapsed: Duration,
}

/// A provider of the run.
#[derive(Clone, Debug)]
pub struct ProviderRow {
    /// The file and its module.
    pub provider: Provider,
    /// Whose handles it gives out, once it was asked.
    pub handles: Option<Handles>,
    /// Its entry, once it is installed.
    pub installed: Option<Installed>,
}

/// Handles before, during and after the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandleCounts {
    /// Open before the first start.
    pub before: usize,
    /// Sockets that were still open when all traffic was over, each as its provider's module.
    pub sockets_left_open: Vec<String>,
    /// Open after the last clean-up.
    pub after: usize,
    /// What kinds those are.
    pub kinds_after: Vec<String>,
}

impl HandleCounts {
    /// How many handles leaked.
    #[must_use]
    pub fn leaked(&self) -> usize {
        self.after.saturating_sub(self.before)
    }
}

impl Report {
    /// How the run ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.unusable.is_some() {
            Exit::Unusable
        } else if self.failures.is_empty() {
            Exit::Passed
        } else {
            Exit::Failed
        }
    }

    /// The name for a module in reports: the provider's, `base`, or the path of any other.
    #[must_use]
    pub fn module_name<'a>(&'a self, module: &'a str) -> &'a str {
        let known = self
            .providers
            .iter()
            .find(|row| row.provider.module == module);
        match known {
            Some(row) => &row.provider.name,
            None if module == crate::chain::BASE_MODULE => "base",
            None => module,
        }
    }

    /// The modules whose calls are reported: the providers from the top down, the base, and
    /// whatever else was called.
    #[must_use]
    pub fn modules(&self) -> Vec<&str> {
        let mut modules: Vec<&str> = Vec::new();
        let chain = self
            .providers
            .iter()
            .map(|row| row.provider.module.as_str());
        let rest = self.levels.keys().map(String::as_str);
        for module in chain.chain([crate::chain::BASE_MODULE]).chain(rest) {
            if self.levels.contains_key(module) && !modules.contains(&module) {
                modules.push(module);
            }
        }
        modules
    }

    /// Adds to the failures what the collected facts amount to; to be called once, at the end.
    pub fn conclude(&mut self) {
        let mut failures: Vec<String> = self
            .outcomes
            .iter()
            .filter_map(|outcome| outcome.failure.clone())
            .collect();
        for row in &self.providers {
            let level = self.levels.get(&row.provider.module);
            let traffic = level.is_some_and(|level| {
                let names = level.procedures.keys();
                names
                    .into_iter()
                    .any(|name| !["WSPStartup", "WSPCleanup"].contains(name))
            });
            if !traffic && !self.outcomes.is_empty() {
                let name = &row.provider.name;
                failures.push(format!(
                    "{name}: no call came to it, the traffic went past it"
                ));
            }
        }
        if let Some(handles) = &self.handles {
            if !handles.sockets_left_open.is_empty() {
                let mut modules: Vec<&str> = handles
                    .sockets_left_open
                    .iter()
                    .map(|path| self.module_name(path))
                    .collect();
                let count = modules.len();
                modules.sort_unstable();
                modules.dedup();
                let modules = modules.join(", ");
                failures.push(format!(
                    "{} left open, of {modules}",
                    counted(count, "socket")
                ));
            }
            if handles.leaked() > 0 {
                let kinds = handles.kinds_after.join(", ");
                failures.push(format!(
                    "{} leaked; open after the last WSACleanup: {kinds}",
                    counted(handles.leaked(), "handle")
                ));
            }
        }
        if !self.findings.is_empty() {
            let findings = counted(self.findings.len(), "finding");
            failures.push(format!("{findings} about the providers"));
        }
        self.failures.extend(failures);
    }
}

/// `1 socket`, `2 sockets`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `minted` or `system`: how the command line and the reports call it.
#[must_use]
pub const fn handles_word(handles: Handles) -> &'static str {
    match handles {
        Handles::System => "system",
        Handles::Minted => "minted",
    }
}

#[cfg(test)]
mod tests;
