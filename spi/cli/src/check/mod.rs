//! `ws2spi check`: providers put through the conformance suite.
//!
//! ```text
//! this process        compiles; then, for each case, starts  ──>  a child ([`subject`]): installs the chain, runs one case
//!                     judges ([`outcome`]), prints           <──  exit code, what it said; broken rules, last calls ([`evidence`])
//! ```
//!
//! A provider's code runs in children only: one that crashes or hangs is a finding. A case that does not pass is run again on the base
//! provider alone, which tells what the providers change from what is so without them.

pub mod arguments;
mod evidence;
mod explain;
mod json;
mod junit;
mod outcome;
mod question;
mod selection;
mod subject;
mod text;

use crate::arguments::ProviderArguments;
use crate::base::{self, BaseProvider};
use crate::chain;
use crate::exit::Exit;
use crate::findings::Findings;
use crate::identity;
use crate::preparation;
use crate::probe::{self, Answer};
use crate::progress::Progress;
use crate::provider::{Provider, Unusable};
use crate::traffic::{Family, Leg};
use arguments::CheckArguments;
use evidence::Files;
use outcome::{Checked, Standing, Summary};
use question::Question;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;
use subject::{Asked, Base, Chain, Level};
use ws2spi::trace::Hook;
use ws2spi_conformance::Case;
use ws2spi_conformance::supervisor::{self, Supervisor};

/// Runs the command. Blocks until it is done.
#[must_use]
pub fn check(arguments: &CheckArguments) -> ExitCode {
    if let Some(orders) = &arguments.chain {
        return subject::serve(orders, arguments);
    }
    let done = if let Some(id) = &arguments.explain {
        explain::print(id)
    } else if arguments.list {
        Ok(selection::list(arguments))
    } else {
        return judge(arguments).into();
    };
    match done {
        Ok(text) => write_out(&text, Exit::Passed),
        Err(what) => complain(&what),
    }
    .into()
}

fn judge(arguments: &CheckArguments) -> Exit {
    match steps(arguments) {
        Ok(exit) => exit,
        Err(unusable) if arguments.providers.json => {
            write_out(&json::unusable(&unusable.to_string()), Exit::Unusable)
        }
        Err(unusable) => complain(&unusable.to_string()),
    }
}

fn steps(arguments: &CheckArguments) -> Result<Exit, Unusable> {
    let began = Instant::now();
    let known = selection::known(arguments)?;
    let wanted = selection::wanted(arguments);
    if wanted.is_empty() {
        return Err(Unusable::Machine {
            what: String::from("--filter"),
            reason: String::from("no case has such a name or stands on such an assertion"),
        });
    }
    let scratch = tempfile::Builder::new().prefix("ws2spi-").tempdir();
    let scratch = scratch.map_err(|reason| Unusable::Machine {
        what: String::from("a scratch folder"),
        reason: reason.to_string(),
    })?;
    let mut progress = Progress::default();
    let providers = preparation::compile(&arguments.providers, scratch.path(), &mut progress)?;
    let early = |chain: Chain, question| {
        let summary = Summary {
            chain,
            questions: vec![question],
            rows: Vec::new(),
            elapsed: began.elapsed(),
            strict: arguments.strict,
        };
        Ok(report(arguments, &summary))
    };
    let base = base_provider(arguments, scratch.path(), &mut progress)?;
    let chain = match arranged(arguments, &providers, base.as_ref(), scratch.path())? {
        Arranged::Works(chain) => chain,
        Arranged::Stuck(chain, question) => return early(chain, question),
    };
    let base = chain.below().unwrap_or_default();
    let [chain_orders, base_orders] = [(&chain, "chain"), (&base, "base")]
        .map(|(chain, name)| chain.store(&scratch.path().join(name)));
    let (chain_orders, base_orders) = (chain_orders?, base_orders?);
    let supervisor =
        |orders: &Path| Supervisor::new(subject::command_line(orders), arguments.timeout);
    let unusable = |reason: &supervisor::Unusable| Unusable::Machine {
        what: String::from("the cases cannot be started on these providers"),
        reason: reason.to_string(),
    };
    let above = match supervisor(&chain_orders) {
        Ok(above) => above,
        Err(supervisor::Unusable::Unanswered(question)) => {
            let question = Question::of(&question, &chain, &chain_orders);
            return early(chain, question);
        }
        Err(refused) => return Err(unusable(&refused)),
    };
    let below = supervisor(&base_orders).map_err(|reason| unusable(&reason))?;
    let questions = above.unanswered().iter();
    let questions = questions.map(|one| Question::of(one, &chain, &chain_orders));
    let questions = questions.collect();
    progress.cases(wanted.len() as u64);
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(Vec::with_capacity(wanted.len()));
    let work = || {
        while let Some(case) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut row = one(case, &above, &below, &chain, &chain_orders);
            if let Some(exception) = selection::exception(&known, case, arguments) {
                row.standing = row.standing.given(exception);
            }
            rows.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(row);
            progress.advance(1);
        }
    };
    thread::scope(|scope| {
        for _ in 0..arguments.jobs() {
            scope.spawn(work);
        }
    });
    progress.clear();
    let mut rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    rows.sort_by_key(|row| {
        wanted
            .iter()
            .position(|case| case.name() == row.case.name())
    });
    let summary = Summary {
        chain,
        questions,
        rows,
        elapsed: began.elapsed(),
        strict: arguments.strict,
    };
    Ok(report(arguments, &summary))
}

/// One case on the providers, and on the base alone when it does not pass there.
fn one(
    case: &'static Case,
    above: &Supervisor,
    below: &Supervisor,
    chain: &Chain,
    orders: &Path,
) -> Checked {
    let report = above.run(case);
    let files = Files::of(orders, &case.name());
    let standing = Standing::of(&report.verdict, || {
        chain.below()?;
        Some(below.run(case).verdict)
    });
    Checked {
        case,
        last_moments: standing
            .is_early_end()
            .then(|| files.last_moments(&report.verdict, chain)),
        standing,
        broken_rules: files.broken_rules(),
        report,
    }
}

/// The base provider that is to take the place of ours, compiled.
fn base_provider(
    arguments: &CheckArguments,
    scratch: &Path,
    progress: &mut Progress,
) -> Result<Option<Provider>, Unusable> {
    let Some(path) = &arguments.base else {
        return Ok(None);
    };
    let folder = scratch.join("base-provider");
    fs::create_dir(&folder).map_err(|reason| Unusable::Machine {
        what: folder.display().to_string(),
        reason: reason.to_string(),
    })?;
    let alone = ProviderArguments {
        paths: vec![path.clone()],
        guid: Vec::new(),
        ..arguments.providers.clone()
    };
    preparation::compile(&alone, &folder, progress).map(|mut compiled| compiled.pop())
}

/// What came of arranging the providers.
enum Arranged {
    /// The chain as it can be installed.
    Works(Chain),
    /// The chain as it was asked for, and how asking its providers ended.
    Stuck(Chain, Question),
}

/// Who asks the providers what sockets they give is a child: their code runs.
fn arranged(
    arguments: &CheckArguments,
    providers: &[Provider],
    base: Option<&Provider>,
    scratch: &Path,
) -> Result<Arranged, Unusable> {
    let levels = providers.iter().map(Level::of).collect();
    let named = Chain {
        layers: levels,
        base: base.map(Base::named),
        notes: Vec::new(),
    };
    if named.below().is_none() {
        return Ok(Arranged::Works(named));
    }
    let orders = named.store(&scratch.join("named"))?;
    Ok(match subject::ask(&orders, arguments)? {
        Asked::Answered(chain) => Arranged::Works(chain),
        Asked::Unanswered(unanswered) => {
            let question = Question::of(&unanswered, &named, &orders);
            Arranged::Stuck(named, question)
        }
    })
}

/// In the child: asks each provider alone and orders them.
fn ask_here(
    chain: &Chain,
    arguments: &CheckArguments,
    watcher: Option<&Arc<dyn Hook>>,
) -> Result<Chain, Unusable> {
    let findings = Findings::install();
    let mut progress = Progress::default();
    let base = match &chain.base {
        None => None,
        Some(base) => {
            let mut provider = base.level.provider();
            let answer = base::ask(&mut provider, &findings, watcher)?;
            BaseProvider::given(&provider, &answer).put_to_use();
            Some(Base::of(&provider, answer))
        }
    };
    let mut legs = Vec::new();
    for family in [Family::V4, Family::V6] {
        if base.is_some() || probe::ask_base(family)?.is_ok() {
            legs.extend(Leg::over(&[family]));
        }
    }
    let entries = BaseProvider::in_use().entries;
    legs.retain(|leg| {
        entries
            .iter()
            .any(|entry| chain::leg_of(entry) == Some(*leg))
    });
    let mut providers: Vec<_> = chain.layers.iter().map(Level::provider).collect();
    let mut sockets = Vec::new();
    for provider in &mut providers {
        let choice = arguments.providers.handles;
        match preparation::ask(provider, choice, &legs, &findings, watcher, &mut progress)? {
            Answer::Works(kind) => sockets.push(kind),
            Answer::Fails(failure) => {
                return Err(Unusable::Machine {
                    what: provider.name.clone(),
                    reason: failure,
                });
            }
        }
    }
    identity::distinct(&providers)?;
    let (order, notes) = preparation::arrange(&providers, &sockets);
    let layers = order.iter().map(|place| {
        let minted = arguments.providers.handles.of(sockets[*place]);
        Level::of(&providers[*place]).with(minted)
    });
    Ok(Chain {
        layers: layers.collect(),
        base,
        notes,
    })
}

fn report(arguments: &CheckArguments, summary: &Summary) -> Exit {
    let exit = summary.exit();
    if let Some(path) = &arguments.junit {
        let written = junit::print(summary).and_then(|text| fs::write(path, text));
        if let Err(error) = written {
            return complain(&format!("{}: {error}", path.display()));
        }
    }
    let text = if arguments.providers.json {
        json::print(summary)
    } else {
        text::print(summary, arguments.verbose)
    };
    write_out(&text, exit)
}

fn write_out(text: &str, exit: Exit) -> Exit {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(&format!("the report cannot be written: {error}"))
        }
        _ => exit,
    }
}

/// A message on standard error, if anything can be written there.
fn complain(what: &str) -> Exit {
    let _ = writeln!(io::stderr(), "ws2spi: {what}");
    Exit::Unusable
}
