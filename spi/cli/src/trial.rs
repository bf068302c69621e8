//! `Trial`: one round of a run, tried: the chain is started, all legs are carried in the round's
//! styles of I/O, the chain is ended, and what is still open is counted.
//!
//! Every round gets a start of its own, so that what it counted and what it left open is its own
//! too. [`run`](crate::run) tries one after the other and keeps the results in the report.

use crate::chain::BASE_MODULE;
use crate::counters::Levels;
use crate::place;
use crate::probe;
use crate::progress::Progress;
use crate::provider::{Provider, Unusable};
use crate::record::Record;
use crate::report::HandleCounts;
use crate::runtime::{self, Runtime};
use crate::traffic::{self, Leg, Outcome, Plan, Round, Style, Unsupported};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use ws2spi_abi::Errno;

/// What trying a round came to.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Which round.
    pub round: Round,
    /// What each leg came to, in each style.
    pub outcomes: Vec<Outcome>,
    /// How long the traffic took.
    pub elapsed: Duration,
    /// The calls at each level.
    pub levels: Levels,
    /// What was open when; `None` while the trial lasts.
    pub handles: Option<HandleCounts>,
}

/// How a round did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// All arrived unchanged.
    Passed,
    /// Something did not hold.
    Failed,
    /// The chain does not have a style, and nothing else went wrong.
    Unsupported,
    /// The run ended before its end.
    Unfinished,
}

impl Trial {
    /// One that has just begun.
    #[must_use]
    pub const fn new(round: Round) -> Self {
        Self {
            round,
            outcomes: Vec::new(),
            elapsed: Duration::ZERO,
            levels: Levels::new(),
            handles: None,
        }
    }

    /// Whether it has come to its end.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.handles.is_some()
    }

    /// How it did.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let Some(handles) = &self.handles else {
            return Standing::Unfinished;
        };
        let failed = |outcome: &Outcome| outcome.failure.is_some();
        let broken = |outcome: &Outcome| failed(outcome) && outcome.unsupported.is_none();
        if self.outcomes.iter().any(broken) || !handles.are_all_closed() {
            Standing::Failed
        } else if self.outcomes.iter().any(failed) {
            Standing::Unsupported
        } else if self.outcomes.is_empty() {
            Standing::Failed
        } else {
            Standing::Passed
        }
    }

    /// The module that said that the style is not supported: the lowest whose function failed so.
    #[must_use]
    pub fn refuser(&self, providers: &[&str], unsupported: Unsupported) -> Option<&str> {
        let code = unsupported.error.code();
        let bottom_up = [BASE_MODULE]
            .into_iter()
            .chain(providers.iter().rev().copied());
        let refused = |module: &str| {
            let procedures = &self.levels.get(module)?.procedures;
            let mut counts = procedures.values();
            counts
                .any(|count| count.errors.contains_key(&code))
                .then_some(())
        };
        let found = bottom_up
            .into_iter()
            .find(|module| refused(module).is_some())?;
        let (module, _) = self.levels.get_key_value(found)?;
        Some(module)
    }
}

/// What a trial is made with.
#[derive(Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) record: &'a Record,
    pub(crate) providers: &'a [Provider],
    pub(crate) legs: &'a [Leg],
    pub(crate) plan: Plan,
}

impl Setting<'_> {
    /// Tries a round; whether the chain gave sockets at all.
    pub(crate) fn attempt(&self, round: &Round, progress: &mut Progress) -> Result<bool, Unusable> {
        let before = runtime::open_handles();
        let counters = self.record.count_anew();
        self.record.report().trials.push(Trial::new(round.clone()));
        let runtime = Runtime::start()?;
        place::enter(&format!("starting the chain for {round}"));
        let started = self.start();
        if matches!(started, Ok(true)) {
            match round {
                Round::Alone(style) => self.carry(*style, progress),
                Round::AtOnce(styles) => self.carry_at_once(styles, round, progress),
            }
        }
        progress.clear();
        place::enter(&format!("ending the chain after {round}"));
        runtime::settled(0, || runtime::open_sockets().len());
        let sockets_left_open = runtime::open_sockets();
        runtime.stop();
        let after = runtime::settled(before, runtime::open_handles);
        self.note(|trial| {
            trial.handles = Some(HandleCounts {
                before,
                sockets_left_open,
                after,
                kinds_after: runtime::kinds_of_handles(),
            });
            trial.levels = counters.levels();
        });
        started
    }

    /// Writes into the trial that has begun last.
    fn note(&self, write: impl FnOnce(&mut Trial)) {
        if let Some(trial) = self.record.report().trials.last_mut() {
            write(trial);
        }
    }

    /// Carries one leg after the other.
    fn carry(&self, style: Style, progress: &mut Progress) {
        for leg in self.legs {
            place::enter(&format!("carrying {leg} by {style} I/O"));
            progress.leg(style, *leg, self.plan.steps(*leg));
            let outcome = traffic::carry(&self.plan, style, *leg, &|steps| progress.advance(steps));
            self.note(|trial| {
                trial.elapsed += outcome.elapsed;
                trial.outcomes.push(outcome);
            });
        }
    }

    /// Carries all legs in all these styles at the same time.
    fn carry_at_once(&self, styles: &[Style], round: &Round, progress: &mut Progress) {
        place::enter(&format!("carrying {round}"));
        let plan = self
            .plan
            .at_once(styles.len() as u32, self.legs.len() as u32);
        let steps = |leg: &Leg| Some(plan.steps(*leg)? * plan.weight(*leg));
        let of_a_style = self.legs.iter().map(steps).sum::<Option<u64>>();
        progress.round(round, of_a_style.map(|steps| steps * styles.len() as u64));
        let began = Instant::now();
        let outcomes = traffic::carry_at_once(&plan, styles, self.legs, &|leg, steps| {
            progress.advance(steps * plan.weight(leg));
        });
        self.note(|trial| {
            trial.elapsed = began.elapsed();
            trial.outcomes = outcomes;
        });
    }

    /// Makes a socket of each leg; whether that worked.
    fn start(&self) -> Result<bool, Unusable> {
        for leg in self.legs {
            let Err(errno) = probe::open(*leg) else {
                continue;
            };
            if probe::is_failed_start(errno) {
                return Err(self.failed_start(errno));
            }
            let failure = format!("the chain gives no socket for {leg}: {errno}");
            self.record.report().failures.push(failure);
            return Ok(false);
        }
        Ok(true)
    }

    /// Which provider failed: the lowest one whose `WSPStartup` did.
    fn failed_start(&self, errno: Errno) -> Unusable {
        let levels = self.record.counters().levels();
        let failed = self.providers.iter().rev().find_map(|provider| {
            let startup = levels.get(&provider.module)?.procedures.get("WSPStartup")?;
            let code = *startup.errors.keys().next()?;
            Some((provider, code))
        });
        let findings = self.record.findings.list();
        let what = match (failed, findings.last()) {
            (Some((_, code)), _) => {
                let error = Errno::new(code);
                let error = error.map_or_else(|| code.to_string(), |error| error.to_string());
                format!("WSPStartup failed with {error} in this chain; alone it works")
            }
            (None, Some(found)) => {
                format!("{} {}", found.diagnostic.function, found.diagnostic.what)
            }
            (None, None) => String::from("WSPStartup failed in this chain; alone it works"),
        };
        Unusable::DoesNotStart {
            source_file: failed
                .map(|(provider, _)| provider)
                .or(self.providers.first())
                .map_or_else(PathBuf::new, |provider| provider.source.clone()),
            what,
            errno,
        }
    }
}
