//! `ws2spi run`: the steps from files to a verdict.
//!
//! Compile; look whether the base has both families; ask each provider alone; install all; start;
//! carry the traffic; count what is left. Everything learned goes into the [`Report`], under a lock
//! that is held for bookkeeping only, so that the watchdog can print it at any time.

use crate::arguments::RunArguments;
use crate::chain;
use crate::compiler::Compiler;
use crate::counters::Counters;
use crate::crash;
use crate::exit::Exit;
use crate::findings::Findings;
use crate::headers;
use crate::installer::Handles;
use crate::place;
use crate::probe::{self, Answer};
use crate::progress::Progress;
use crate::provider::{self, Provider, Unusable};
use crate::report::{HandleCounts, ProviderRow, Report, json, text};
use crate::runtime::{self, Runtime};
use crate::supervisor;
use crate::traffic::{self, Family, Leg, Plan, random};
use crate::watchdog::Watchdog;
use std::env;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use ws2spi::trace;
use ws2spi_abi::Errno;

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
    print(&printed, arguments.json);
    printed.exit()
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
        supervise(arguments, &scratch)
    }
}

fn supervise(arguments: &RunArguments, scratch: &TempDir) -> Result<Exit, Unusable> {
    let began = Instant::now();
    match supervisor::supervise(scratch.path(), arguments.timeout)? {
        // Whoever interrupts knows why there is no report.
        supervisor::End::Reported(exit) | supervisor::End::Interrupted(exit) => Ok(exit),
        supervisor::End::Broken(failure) => {
            let report = Report {
                failures: vec![failure],
                elapsed: began.elapsed(),
                ..Report::default()
            };
            print(&report, arguments.json);
            Ok(report.exit())
        }
    }
}

/// The seed that was asked for, or one of its own.
fn seed(arguments: &RunArguments) -> Result<u64, Unusable> {
    match (arguments.seed, env::var("WS2SPI_SEED")) {
        (Some(seed), _) => Ok(seed),
        (None, Err(_)) => Ok(random::fresh_seed()),
        (None, Ok(text)) => text.trim().parse().map_err(|_| Unusable::Machine {
            what: format!("WS2SPI_SEED={text}"),
            reason: String::from("the seed is a number"),
        }),
    }
}

/// The run in this process.
fn drive(arguments: &RunArguments, seed: u64, scratch: PathBuf) -> Result<Exit, Unusable> {
    let shared = Arc::new(Shared::new(arguments, seed));
    let watched = Arc::clone(&shared);
    let limit = arguments.timeout;
    let abandoned = arguments.in_process.then(|| scratch.clone());
    let watchdog = Watchdog::start(limit, move || {
        watched.cut(limit.as_secs());
        if let Some(scratch) = abandoned {
            // Nobody else will, and a run that is cut leaves nothing behind either.
            let _ = std::fs::remove_dir_all(scratch);
        }
        // SAFETY: no pointers; it runs no code of the providers, which `exit` would.
        unsafe { libc::_exit(i32::from(Exit::Failed.code())) };
    });
    let watchdog = watchdog.map_err(|reason| Unusable::Machine {
        what: String::from("a thread for the watchdog"),
        reason: reason.to_string(),
    })?;
    let result = steps(arguments, seed, &shared, &scratch);
    drop(watchdog);
    Ok(shared.end(result))
}

/// What the steps and the watchdog share.
struct Shared {
    json: bool,
    /// Where the supervising process looks for the news that the report is printed.
    supervised: Option<PathBuf>,
    began: Instant,
    report: Mutex<Report>,
    counters: Arc<Counters>,
    findings: Arc<Findings>,
    /// Whoever sets it prints.
    printed: AtomicBool,
}

impl Shared {
    fn new(arguments: &RunArguments, seed: u64) -> Self {
        Self {
            json: arguments.json,
            supervised: arguments.scratch.clone(),
            began: Instant::now(),
            report: Mutex::new(Report {
                seed,
                ..Report::default()
            }),
            counters: Arc::default(),
            findings: Findings::install(),
            printed: AtomicBool::new(false),
        }
    }

    fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a run that hangs: prints what is known and where it hangs.
    fn cut(&self, seconds: u64) {
        let mut report = self.report().clone();
        report.levels = self.counters.levels();
        report.findings = self.findings.list();
        let step = place::step();
        let failure = format!("hung: not done within {seconds} s, while {step}");
        report.failures.push(failure);
        let inside = self.counters.inside();
        let calls = place::calls(|thread| {
            let (_, inside) = inside.iter().find(|(id, _)| *id == thread)?;
            let module = report.module_name(inside.module);
            Some(format!("{} of {module}", inside.function))
        });
        report.failures.extend(calls);
        self.print(report);
    }

    /// Ends a run that came to its end.
    fn end(&self, result: Result<(), Unusable>) -> Exit {
        let mut report = self.report().clone();
        match result {
            Ok(()) => report.conclude(),
            Err(unusable) => report.unusable = Some(unusable.to_string()),
        }
        let exit = report.exit();
        self.print(report);
        exit
    }

    fn print(&self, mut report: Report) {
        report.elapsed = self.began.elapsed();
        if self.printed.swap(true, Ordering::AcqRel) {
            return;
        }
        print(&report, self.json);
        if let Some(scratch) = &self.supervised {
            supervisor::report_printed(scratch, report.exit());
        }
    }
}

/// The report on standard output, or the reason why there is none on standard error.
fn print(report: &Report, as_json: bool) {
    let text = match (&report.unusable, as_json) {
        (Some(reason), _) if !as_json => {
            eprintln!("ws2spi: {reason}");
            return;
        }
        (_, true) => json::print(report),
        (_, false) => text::print(report),
    };
    let mut out = io::stdout().lock();
    // Nobody reads any more: the exit code still tells.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn steps(
    arguments: &RunArguments,
    seed: u64,
    shared: &Shared,
    scratch: &Path,
) -> Result<(), Unusable> {
    let handles_before = runtime::open_handles();
    let mut progress = Progress::default();
    let providers = compile(arguments, shared, scratch, &mut progress)?;
    let families = families(arguments, shared)?;
    let legs = Leg::over(&families);
    let Some(handles) = ask(arguments, shared, &providers, &legs, &mut progress)? else {
        return Ok(());
    };
    trace::set_hook(Some(Arc::clone(&shared.counters) as Arc<dyn trace::Hook>));
    let _ = shared.findings.take();
    install(shared, &providers, &handles)?;
    shared.report().chains = chain::describe(&families)?;
    let runtime = Runtime::start()?;
    place::enter("starting the chain");
    let started = start(shared, &providers, &handles, &legs);
    if matches!(started, Ok(true)) {
        carry(arguments, seed, shared, &legs, &mut progress);
    }
    progress.clear();
    place::enter("ending the chain");
    runtime::settled(0, || runtime::open_sockets().len());
    let sockets_left_open = runtime::open_sockets();
    runtime.stop();
    let after = runtime::settled(handles_before, runtime::open_handles);
    trace::set_hook(None);
    let mut report = shared.report();
    report.handles = Some(HandleCounts {
        before: handles_before,
        sockets_left_open,
        after,
        kinds_after: runtime::kinds_of_handles(),
    });
    report.levels = shared.counters.levels();
    report.findings = shared.findings.take();
    started.map(drop)
}

fn compile(
    arguments: &RunArguments,
    shared: &Shared,
    scratch: &Path,
    progress: &mut Progress,
) -> Result<Vec<Provider>, Unusable> {
    place::enter("compiling the providers");
    progress.step("compiling");
    let include = scratch.join("include");
    headers::write(&include).map_err(|reason| Unusable::Machine {
        what: format!("the headers in {}", include.display()),
        reason: reason.to_string(),
    })?;
    let compiler = Compiler::new(arguments, &include);
    let prepared = provider::prepare(&arguments.providers, &compiler, scratch, |warnings| {
        if !warnings.is_empty() {
            progress.clear();
            eprint!("{warnings}");
        }
    });
    progress.clear();
    let providers = prepared?;
    supervisor::name_modules(scratch, &providers);
    let rows = providers.iter().map(|provider| ProviderRow {
        provider: provider.clone(),
        handles: None,
        installed: None,
    });
    shared.report().providers = rows.collect();
    Ok(providers)
}

/// The families to run over: both, unless one was left out or the machine has none.
fn families(arguments: &RunArguments, shared: &Shared) -> Result<Vec<Family>, Unusable> {
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
                shared.report().failures.push(failure);
            }
        }
    }
    Ok(families)
}

/// Whose handles each provider gives out; `None` when one of them does not work.
fn ask(
    arguments: &RunArguments,
    shared: &Shared,
    providers: &[Provider],
    legs: &[Leg],
    progress: &mut Progress,
) -> Result<Option<Vec<Handles>>, Unusable> {
    let mut handles = Vec::new();
    // What is counted here is not the run's; but a crash can say in which function it is.
    trace::set_hook(Some(Arc::new(Counters::default())));
    for (index, provider) in providers.iter().enumerate() {
        let step = format!("starting {} alone", provider.name);
        place::enter(&step);
        progress.step(&step);
        let answer = probe::ask(provider, arguments.handles, legs, &shared.findings);
        progress.clear();
        match answer? {
            Answer::Works(kind) => {
                shared.report().providers[index].handles = Some(kind);
                handles.push(kind);
            }
            Answer::Fails(failure) => {
                shared.report().failures.push(failure);
                return Ok(None);
            }
        }
    }
    Ok(Some(handles))
}

/// Installs the providers, the lowest first.
fn install(shared: &Shared, providers: &[Provider], handles: &[Handles]) -> Result<(), Unusable> {
    place::enter("installing the providers");
    chain::start_anew()?;
    for (index, (provider, handles)) in providers.iter().zip(handles).enumerate().rev() {
        let installed = chain::install(provider, *handles, index + 1)?;
        shared.report().providers[index].installed = Some(installed);
    }
    Ok(())
}

/// Makes a socket of each leg; whether that worked.
fn start(
    shared: &Shared,
    providers: &[Provider],
    handles: &[Handles],
    legs: &[Leg],
) -> Result<bool, Unusable> {
    for leg in legs {
        let Err(errno) = probe::open(*leg) else {
            continue;
        };
        if probe::is_failed_start(errno) {
            return Err(failed_start(shared, providers, errno));
        }
        let mut failure = format!("the chain gives no socket for {leg}: {errno}");
        if let Some(hint) = misplaced(shared, providers, handles) {
            failure.push_str("; ");
            failure.push_str(&hint);
        }
        shared.report().failures.push(failure);
        return Ok(false);
    }
    Ok(true)
}

/// Which provider failed: the lowest one whose `WSPStartup` did.
fn failed_start(shared: &Shared, providers: &[Provider], errno: Errno) -> Unusable {
    let levels = shared.counters.levels();
    let failed = providers.iter().rev().find_map(|provider| {
        let startup = levels.get(&provider.module)?.procedures.get("WSPStartup")?;
        let code = *startup.errors.keys().next()?;
        Some((provider, code))
    });
    let findings = shared.findings.list();
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
            .or(providers.first())
            .map_or_else(PathBuf::new, |provider| provider.source.clone()),
        what,
        errno,
    }
}

/// A hint at an IFS layer above a layer that mints its handles, which Windows refuses too.
fn misplaced(shared: &Shared, providers: &[Provider], handles: &[Handles]) -> Option<String> {
    let levels = shared.counters.levels();
    let refused = |provider: &Provider| {
        let upcalls = levels.get(&provider.module).map(|level| &level.upcalls);
        let modify = upcalls.and_then(|upcalls| upcalls.get("WPUModifyIFSHandle"));
        modify.is_some_and(|count| count.failed() > 0)
    };
    let above = providers.iter().position(refused)?;
    let below = handles[above..]
        .iter()
        .position(|handles| *handles == Handles::Minted)?;
    Some(format!(
        "{} is an IFS layer above {}, which mints its handles: WPUModifyIFSHandle takes none of \
         those, so IFS layers belong below the others",
        providers[above].name,
        providers[above + below].name
    ))
}

fn carry(
    arguments: &RunArguments,
    seed: u64,
    shared: &Shared,
    legs: &[Leg],
    progress: &mut Progress,
) {
    let plan = Plan {
        bytes: arguments.bytes,
        datagrams: arguments.datagrams,
        connections: arguments.connections,
        seed,
        // Well before the watchdog, so that a datagram that is lost is named.
        patience: (arguments.timeout / 6).min(Duration::from_secs(20)),
    };
    for leg in legs {
        place::enter(&format!("carrying {leg}"));
        progress.leg(*leg, plan.steps(*leg));
        let outcome = traffic::carry(&plan, *leg, &|steps| progress.advance(steps));
        shared.report().outcomes.push(outcome);
    }
}
