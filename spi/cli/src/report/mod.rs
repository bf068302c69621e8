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
use crate::traffic::{Outcome, Round, Unsupported};
use crate::trial::{Standing, Trial};
use std::collections::BTreeSet;
use std::time::Duration;

/// What a run has learned.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The seed of the random choices.
    pub seed: u64,
    /// The providers, from the top down.
    pub providers: Vec<ProviderRow>,
    /// What is worth knowing about the chain and is no failure, a sentence each.
    pub notes: Vec<String>,
    /// The chains, one per leg.
    pub chains: Vec<Chain>,
    /// Whether the styles were asked for by name: then the chain has to support them.
    pub all_asked_for: bool,
    /// The rounds that were tried.
    pub trials: Vec<Trial>,
    /// What was open when; `None` while that is not known.
    pub handles: Option<HandleCounts>,
    /// What the client DLL found about the providers.
    pub findings: Vec<Finding>,
    /// The rules for providers that were broken; `None` when they were not checked.
    pub broken_rules: Option<Vec<ws2spi_verify::Finding>>,
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
    /// Whether nothing was left open.
    #[must_use]
    pub fn are_all_closed(&self) -> bool {
        self.leaked() == 0 && self.sockets_left_open.is_empty()
    }

    /// What was left open, a sentence each.
    fn failures(&self, report: &Report) -> Vec<String> {
        let mut failures = Vec::new();
        if !self.sockets_left_open.is_empty() {
            let open = &self.sockets_left_open;
            let mut modules: Vec<&str> = open.iter().map(|path| report.module_name(path)).collect();
            let count = modules.len();
            modules.sort_unstable();
            modules.dedup();
            let modules = modules.join(", ");
            failures.push(format!(
                "{} left open, of {modules}",
                counted(count, "socket")
            ));
        }
        failures.extend(self.leak());
        failures
    }

    /// What leaked, a sentence.
    fn leak(&self) -> Option<String> {
        let handles = counted(self.leaked(), "handle");
        let kinds = self.kinds_after.join(", ");
        let leaked = self.leaked() > 0;
        leaked.then(|| format!("{handles} leaked; open after the last WSACleanup: {kinds}"))
    }

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

    /// The calls at each level, of all rounds together.
    #[must_use]
    pub fn levels(&self) -> Levels {
        let mut sum = Levels::new();
        for (module, level) in self.trials.iter().flat_map(|trial| &trial.levels) {
            sum.entry(module.clone()).or_default().add(level);
        }
        sum
    }

    /// The modules whose calls are reported: the providers from the top down, the base, and
    /// whatever else was called.
    #[must_use]
    pub fn modules<'a>(&'a self, levels: &'a Levels) -> Vec<&'a str> {
        let mut modules: Vec<&str> = Vec::new();
        let rest = levels.keys().map(String::as_str);
        let chain = self.provider_modules().into_iter();
        for module in chain.chain([crate::chain::BASE_MODULE]).chain(rest) {
            if levels.contains_key(module) && !modules.contains(&module) {
                modules.push(module);
            }
        }
        modules
    }

    /// The providers' modules, from the top down.
    fn provider_modules(&self) -> Vec<&str> {
        let modules = self.providers.iter().map(|row| &row.provider.module);
        modules.map(String::as_str).collect()
    }

    /// That a leg's style is not supported, as a sentence: by whom, and who called what.
    #[must_use]
    pub fn refusal(&self, trial: &Trial, outcome: &Outcome, refused: Unsupported) -> String {
        let Unsupported { function, error } = refused;
        let by = trial.refuser(&self.provider_modules(), refused);
        let by = by.map_or("the chain", |module| self.module_name(module));
        format!(
            "{}, {}: not supported by {by}: {function} failed with {error}",
            outcome.leg, outcome.style
        )
    }

    /// Adds to the failures what the collected facts amount to; to be called once, at the end.
    pub fn conclude(&mut self) {
        let mut failures = Vec::new();
        for trial in &self.trials {
            self.conclude_trial(trial, &mut failures);
        }
        if let Some(handles) = &self.handles {
            // What leaked in the trials is named already.
            let named = self
                .trials
                .iter()
                .filter_map(|trial| trial.handles.as_ref());
            if named.map(HandleCounts::leaked).sum::<usize>() < handles.leaked() {
                failures.extend(handles.leak());
            }
        }
        if !self.findings.is_empty() {
            let findings = counted(self.findings.len(), "finding");
            failures.push(format!("{findings} about the providers"));
        }
        let broken = self
            .broken_rules
            .iter()
            .flatten()
            .map(|finding| finding.rule);
        let broken: BTreeSet<&str> = broken.collect();
        if !broken.is_empty() {
            let rules = counted(broken.len(), "rule");
            let numbers: Vec<&str> = broken.into_iter().collect();
            failures.push(format!(
                "{rules} for providers broken: {}",
                numbers.join(", ")
            ));
        }
        self.failures.extend(failures);
    }

    fn conclude_trial(&self, trial: &Trial, failures: &mut Vec<String>) {
        let Trial { round, .. } = trial;
        for outcome in &trial.outcomes {
            let failure = match (&outcome.failure, outcome.unsupported) {
                (None, _) => continue,
                (Some(_), Some(_)) if !self.all_asked_for => continue,
                (Some(_), Some(refused)) => self.refusal(trial, outcome, refused),
                (Some(failure), None) => failure.clone(),
            };
            failures.push(match round {
                Round::Alone(_) => failure,
                Round::AtOnce(_) => format!("{}: {failure}", round.name()),
            });
        }
        for row in &self.providers {
            let level = trial.levels.get(&row.provider.module);
            let traffic = level.is_some_and(|level| {
                let mut names = level.procedures.keys();
                names.any(|name| !["WSPStartup", "WSPCleanup"].contains(name))
            });
            if !traffic && !trial.outcomes.is_empty() {
                let name = &row.provider.name;
                failures.push(format!(
                    "{name}: no call came to it, the traffic by {round} went past it"
                ));
            }
        }
        if let Some(handles) = &trial.handles {
            let left = handles.failures(self).into_iter();
            failures.extend(left.map(|what| format!("{}: {what}", round.name())));
        }
    }
}

/// How a round did, in a word.
#[must_use]
pub const fn standing_word(standing: Standing) -> &'static str {
    match standing {
        Standing::Passed => "passed",
        Standing::Failed => "failed",
        Standing::Unsupported => "not supported",
        Standing::Unfinished => "unfinished",
    }
}

/// How many of something there were in each second; 0 when it took no time.
fn per_second(count: u64, seconds: f64) -> f64 {
    if seconds > 0.0 {
        count as f64 / seconds
    } else {
        0.0
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
