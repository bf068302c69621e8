//! `Record`: what a run has learned so far, shared by its steps and the watchdog, and printed once.
//!
//! The lock is held for bookkeeping only, never across a call into a provider, so the watchdog can
//! print what is known at any time.

use crate::arguments::RunArguments;
use crate::chain::BASE_MODULE;
use crate::counters::Counters;
use crate::exit::Exit;
use crate::findings::Findings;
use crate::place;
use crate::provider::Unusable;
use crate::report::{Report, json, text};
use crate::supervisor;
use std::io::{self, ErrorKind, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;
use ws2spi::trace;
use ws2spi_verify::{Scope, Verifier};

/// What a run has learned.
#[derive(Debug)]
pub(crate) struct Record {
    json: bool,
    /// Where the supervising process looks for the news that the report is printed.
    supervised: Option<PathBuf>,
    began: Instant,
    report: Mutex<Report>,
    /// Those of the style that is being tried.
    counters: Mutex<Arc<Counters>>,
    pub(crate) findings: Arc<Findings>,
    /// With `--verify`, from the first round on.
    verifier: OnceLock<Verifier>,
    /// Whoever sets it prints.
    printed: AtomicBool,
}

impl Record {
    pub(crate) fn new(arguments: &RunArguments, seed: u64) -> Self {
        Self {
            json: arguments.providers.json,
            supervised: arguments.scratch.clone(),
            began: Instant::now(),
            report: Mutex::new(Report {
                seed,
                all_asked_for: !arguments.io.is_empty(),
                ..Report::default()
            }),
            counters: Mutex::default(),
            findings: Findings::install(),
            verifier: OnceLock::new(),
            printed: AtomicBool::new(false),
        }
    }

    pub(crate) fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The counts of the style that is being tried.
    pub(crate) fn counters(&self) -> Arc<Counters> {
        let counters = self.counters.lock();
        Arc::clone(&counters.unwrap_or_else(PoisonError::into_inner))
    }

    /// Checks the rules for all providers but the base, from now on.
    pub(crate) fn verify(&self) {
        let scope = Scope::AllBut(vec![BASE_MODULE.to_owned()]);
        self.verifier.get_or_init(|| Verifier::install(scope));
    }

    /// The rules that were broken so far; `None` when nobody checks.
    pub(crate) fn broken_rules(&self) -> Option<Vec<ws2spi_verify::Finding>> {
        self.verifier.get().map(Verifier::findings)
    }

    /// Counts all calls from zero, from now on.
    pub(crate) fn count_anew(&self) -> Arc<Counters> {
        let fresh = Arc::new(Counters::default());
        trace::set_hook(Some(Arc::clone(&fresh) as Arc<dyn trace::Hook>));
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        *counters = Arc::clone(&fresh);
        fresh
    }

    /// Ends a run that hangs: prints what is known and where it hangs. Returns the exit code.
    pub(crate) fn cut(&self, seconds: u64) -> Exit {
        let mut report = self.report().clone();
        let counters = self.counters();
        if let Some(trial) = report.trials.last_mut().filter(|trial| !trial.is_over()) {
            trial.levels = counters.levels();
        }
        report.findings = self.findings.list();
        report.broken_rules = self.broken_rules();
        let step = place::step();
        let failure = format!("hung: not done within {seconds} s, while {step}");
        report.failures.push(failure);
        let inside = counters.inside();
        let calls = place::calls(|thread| {
            let (_, inside) = inside.iter().find(|(id, _)| *id == thread)?;
            let module = report.module_name(inside.module);
            Some(format!("{} of {module}", inside.function))
        });
        report.failures.extend(calls);
        self.print(report)
    }

    /// Ends a run that came to its end.
    pub(crate) fn end(&self, result: Result<(), Unusable>) -> Exit {
        let mut report = self.report().clone();
        match result {
            Ok(()) => report.conclude(),
            Err(unusable) => report.unusable = Some(unusable.to_string()),
        }
        self.print(report)
    }

    fn print(&self, mut report: Report) -> Exit {
        report.elapsed = self.began.elapsed();
        if self.printed.swap(true, Ordering::AcqRel) {
            return report.exit();
        }
        let exit = print(&report, self.json);
        if let Some(scratch) = &self.supervised {
            supervisor::report_printed(scratch, exit);
        }
        exit
    }
}

/// Prints the report on standard output, or the reason why there is none on standard error; the
/// exit code, which says so when the report did not get to where it was to go.
pub(crate) fn print(report: &Report, as_json: bool) -> Exit {
    let text = match (&report.unusable, as_json) {
        (Some(reason), false) => {
            complain(reason);
            return report.exit();
        }
        (_, true) => json::print(report),
        (_, false) => text::print(report),
    };
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => report.exit(),
        // Nobody reads any more: the exit code still tells.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => report.exit(),
        Err(error) => {
            complain(&format!("the report cannot be written: {error}"));
            Exit::Unusable
        }
    }
}

/// A message on standard error, if anything can be written there.
fn complain(what: &str) {
    let _ = writeln!(io::stderr(), "ws2spi: {what}");
}
