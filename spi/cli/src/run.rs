//! `ws2spi run`: the steps from files to a verdict.
//!
//! Compile; look whether the base has both families; ask each provider alone; arrange and install
//! them; try one style of I/O after the other, then all at once ([`trial`](crate::trial)). Everything learned goes into the
//! [`Record`], which the watchdog can print at any time.

use crate::arguments::RunArguments;
use crate::chain;
use crate::crash;
use crate::exit::Exit;
use crate::identity;
use crate::installer::Handles;
use crate::place;
use crate::preparation;
use crate::probe::{self, Answer, Sockets};
use crate::progress::Progress;
use crate::provider::{Provider, Unusable};
use crate::record::{self, Record};
use crate::report::{HandleCounts, ProviderRow, Report};
use crate::runtime;
use crate::supervisor;
use crate::traffic::{Amount, Family, Leg, Plan, Round, random};
use crate::trial::{Setting, Standing};
use crate::watchdog::Watchdog;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use ws2spi::trace;

/// Runs the command. Blocks until it is done; a run that hangs ends the process.
#[must_use]
pub fn run(arguments: &RunArguments) -> Exit {
    let printed = match run_somewhere(arguments) {
        Ok(exit) => return exit,
        Err(unusable) => Report {
            unusable: Some(unusable.to_string()),
            ..Report::default()
        },
    };
    record::print(&printed, arguments.providers.json)
}

/// In a child of this process, unless this is the child or there is to be none.
fn run_somewhere(arguments: &RunArguments) -> Result<Exit, Unusable> {
    let seed = seed(arguments)?;
    if let Some(scratch) = &arguments.scratch {
        place::record_in(scratch.join(place::FILE_NAME));
        crash::report_in(&scratch.join(crash::FILE_NAME));
        return drive(arguments, seed, scratch.clone());
    }
    let scratch = tempfile::Builder::new().prefix("ws2spi-").tempdir();
    let scratch = scratch.map_err(|reason| Unusable::Machine {
        what: format!("a scratch folder in {}", env::temp_dir().display()),
        reason: reason.to_string(),
    })?;
    if arguments.in_process {
        drive(arguments, seed, scratch.path().to_owned())
    } else {
        supervise(arguments, seed, &scratch)
    }
}

fn supervise(arguments: &RunArguments, seed: u64, scratch: &TempDir) -> Result<Exit, Unusable> {
    let began = Instant::now();
    match supervisor::supervise(scratch.path(), seed, arguments.whole_limit())? {
        // Whoever interrupts knows why there is no report.
        supervisor::End::Reported(exit) | supervisor::End::Interrupted(exit) => Ok(exit),
        supervisor::End::Broken(failure) => {
            let report = Report {
                seed,
                failures: vec![failure],
                elapsed: began.elapsed(),
                ..Report::default()
            };
            Ok(record::print(&report, arguments.providers.json))
        }
    }
}

/// The seed that was asked for, or one of its own.
fn seed(arguments: &RunArguments) -> Result<u64, Unusable> {
    match (arguments.seed, env::var(supervisor::SEED)) {
        (Some(seed), _) => Ok(seed),
        (None, Err(_)) => Ok(random::fresh_seed()),
        (None, Ok(text)) => text.trim().parse().map_err(|_| Unusable::Machine {
            what: format!("{}={text}", supervisor::SEED),
            reason: String::from("the seed is a number"),
        }),
    }
}

/// The run in this process.
fn drive(arguments: &RunArguments, seed: u64, scratch: PathBuf) -> Result<Exit, Unusable> {
    let record = Arc::new(Record::new(arguments, seed));
    let watched = Arc::clone(&record);
    let limit = arguments.limit();
    let abandoned = arguments.in_process.then(|| scratch.clone());
    let watchdog = Watchdog::start(limit, move || {
        let exit = watched.cut(limit.as_secs());
        if let Some(scratch) = abandoned {
            // Nobody else will, and a run that is cut leaves nothing behind either.
            let _ = std::fs::remove_dir_all(scratch);
        }
        // SAFETY: no pointers; it runs no code of the providers, which `exit` would.
        unsafe { libc::_exit(i32::from(exit.code())) };
    });
    let watchdog = watchdog.map_err(|reason| Unusable::Machine {
        what: String::from("a thread for the watchdog"),
        reason: reason.to_string(),
    })?;
    let result = steps(arguments, seed, &record, &scratch, &watchdog);
    drop(watchdog);
    Ok(record.end(result))
}

fn steps(
    arguments: &RunArguments,
    seed: u64,
    record: &Record,
    scratch: &Path,
    watchdog: &Watchdog,
) -> Result<(), Unusable> {
    let handles_before = runtime::open_handles();
    let mut progress = Progress::default();
    let mut providers = compile(arguments, record, scratch, &mut progress)?;
    let families = families(arguments, record)?;
    let legs = Leg::over(&families);
    let asked = ask(arguments, record, &mut providers, &legs, &mut progress)?;
    let Some(sockets) = asked else {
        return Ok(());
    };
    let providers = arrange(record, providers, &sockets);
    record.count_anew();
    let _ = record.findings.take();
    if arguments.verify {
        record.verify();
    }
    install(record)?;
    record.report().chains = chain::describe(&families)?;
    let setting = Setting {
        record,
        providers: &providers,
        legs: &legs,
        plan: plan(arguments, seed, &legs),
    };
    let result = rounds(arguments, &setting, watchdog, &mut progress);
    trace::set_hook(None);
    let broken_rules = record.broken_rules();
    let mut report = record.report();
    report.broken_rules = broken_rules;
    let trials = report
        .trials
        .iter()
        .filter_map(|trial| trial.handles.as_ref());
    let left_open = trials.flat_map(|handles| handles.sockets_left_open.clone());
    report.handles = Some(HandleCounts {
        before: handles_before,
        sockets_left_open: left_open.collect(),
        after: runtime::open_handles(),
        kinds_after: runtime::kinds_of_handles(),
    });
    report.findings = record.findings.take();
    result.map(drop)
}

/// Tries one round after the other; whether the chain gave sockets in all of them.
fn rounds(
    arguments: &RunArguments,
    setting: &Setting<'_>,
    watchdog: &Watchdog,
    progress: &mut Progress,
) -> Result<bool, Unusable> {
    let mut attempt = |round| {
        watchdog.restart(arguments.limit());
        setting.attempt(&round, progress)
    };
    let mut styles = arguments.styles();
    if !arguments.at_once {
        for style in &styles {
            if !attempt(Round::Alone(*style))? {
                return Ok(false);
            }
        }
        // One that does not work alone says nothing new beside others.
        let report = setting.record.report();
        let passed = |style: &_| {
            let mut trials = report.trials.iter();
            let trial = trials.find(|trial| trial.round == Round::Alone(*style));
            trial.is_some_and(|trial| trial.standing() == Standing::Passed)
        };
        styles.retain(passed);
    }
    let enough = arguments.at_once || styles.len() > 1;
    if !arguments.ends_at_once() || !enough {
        return Ok(true);
    }
    attempt(Round::AtOnce(styles))
}

/// How much each leg sends in a style. The time of a style is shared by its legs.
fn plan(arguments: &RunArguments, seed: u64, legs: &[Leg]) -> Plan {
    let amount = match arguments.seconds {
        Some(time) => Amount::Time(time / legs.len().max(1) as u32),
        None => Amount::Counts {
            bytes: arguments.bytes,
            datagrams: arguments.datagrams,
        },
    };
    Plan {
        amount,
        connections: arguments.connections,
        seed,
        // Well before the watchdog, so that a datagram that is lost is named.
        patience: (arguments.timeout / 6).min(Duration::from_secs(20)),
    }
}

/// Compiles the providers, and has the report know them.
fn compile(
    arguments: &RunArguments,
    record: &Record,
    scratch: &Path,
    progress: &mut Progress,
) -> Result<Vec<Provider>, Unusable> {
    place::enter("compiling the providers");
    let providers = preparation::compile(&arguments.providers, scratch, progress)?;
    supervisor::name_modules(scratch, &providers);
    let rows = providers.iter().map(|provider| ProviderRow {
        provider: provider.clone(),
        handles: None,
        installed: None,
    });
    record.report().providers = rows.collect();
    Ok(providers)
}

/// The families to run over: both, unless one was left out or the machine has none.
fn families(arguments: &RunArguments, record: &Record) -> Result<Vec<Family>, Unusable> {
    place::enter("looking for loopback");
    let mut families = Vec::new();
    for family in [Family::V4, Family::V6] {
        if family == Family::V6 && arguments.ipv4_only {
            continue;
        }
        match probe::ask_base(family)? {
            Ok(()) => families.push(family),
            Err(errno) => {
                let hint = match family {
                    Family::V4 => "",
                    Family::V6 => "; --ipv4-only leaves IPv6 out",
                };
                let failure =
                    format!("{family}: this machine has no loopback for it ({errno}){hint}");
                record.report().failures.push(failure);
            }
        }
    }
    Ok(families)
}

/// What sockets each provider gives; `None` when one of them does not work.
fn ask(
    arguments: &RunArguments,
    record: &Record,
    providers: &mut [Provider],
    legs: &[Leg],
    progress: &mut Progress,
) -> Result<Option<Vec<Sockets>>, Unusable> {
    let mut sockets = Vec::new();
    for (index, provider) in providers.iter_mut().enumerate() {
        let choice = arguments.providers.handles;
        match preparation::ask(provider, choice, legs, &record.findings, None, progress)? {
            Answer::Works(kind) => {
                let row = &mut record.report().providers[index];
                row.handles = Some(choice.of(kind));
                row.provider.id = provider.id;
                sockets.push(kind);
            }
            Answer::Fails(failure) => {
                record.report().failures.push(failure);
                return Ok(None);
            }
        }
    }
    identity::distinct(providers)?;
    Ok(Some(sockets))
}

/// Puts the providers in the order in which they work, and notes which of them are not where the
/// command line had them.
fn arrange(record: &Record, providers: Vec<Provider>, sockets: &[Sockets]) -> Vec<Provider> {
    let (order, notes) = preparation::arrange(&providers, sockets);
    let mut report = record.report();
    report.notes.extend(notes);
    report.providers = order
        .iter()
        .map(|place| report.providers[*place].clone())
        .collect();
    order
        .iter()
        .map(|place| providers[*place].clone())
        .collect()
}

/// Installs the providers, the lowest first.
fn install(record: &Record) -> Result<(), Unusable> {
    place::enter("installing the providers");
    chain::start_anew()?;
    let mut rows = record.report().providers.clone();
    for (index, row) in rows.iter_mut().enumerate().rev() {
        let handles = row.handles.unwrap_or(Handles::System);
        row.installed = Some(chain::install(&row.provider, handles, index + 1)?);
    }
    record.report().providers = rows;
    Ok(())
}
