//! From files to a chain that can be installed: what `run` and `check` do first.
//!
//! Compile ([`provider`]); ask each provider alone what sockets it gives ([`probe`]); order them
//! ([`arrangement`]). Nothing is installed afterwards.

use crate::arguments::{HandleChoice, ProviderArguments};
use crate::arrangement::{self, Moved};
use crate::compiler::Compiler;
use crate::findings::Findings;
use crate::headers;
use crate::identity;
use crate::place;
use crate::probe::{self, Answer, Sockets};
use crate::progress::Progress;
use crate::provider::{self, Provider, Unusable};
use crate::traffic::Leg;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use ws2spi::trace::Hook;

/// Makes modules of the providers, in the scratch folder. What a compiler warns of goes to standard
/// error.
///
/// # Errors
/// [`Unusable`], which names the file.
pub fn compile(
    arguments: &ProviderArguments,
    scratch: &Path,
    progress: &mut Progress,
) -> Result<Vec<Provider>, Unusable> {
    progress.step("compiling");
    let include = scratch.join("include");
    headers::write(&include).map_err(|reason| Unusable::Machine {
        what: format!("the headers in {}", include.display()),
        reason: reason.to_string(),
    })?;
    let compiler = Compiler::new(arguments, &include);
    let prepared = provider::prepare(&arguments.paths, &compiler, scratch, |warnings| {
        if !warnings.is_empty() {
            progress.clear();
            let _ = write!(io::stderr(), "{warnings}");
        }
    });
    progress.clear();
    let mut providers = prepared?;
    identity::give(&arguments.guid, &mut providers)?;
    Ok(providers)
}

/// Starts a provider alone, and makes a socket of each leg: runs the provider's code in this process.
/// Notes the GUID that it tells, unless one was given. `watcher` is told of all calls.
///
/// # Errors
/// [`Unusable`] when it does not load or start.
pub fn ask(
    provider: &mut Provider,
    choice: HandleChoice,
    legs: &[Leg],
    findings: &Findings,
    watcher: Option<&Arc<dyn Hook>>,
    progress: &mut Progress,
) -> Result<Answer, Unusable> {
    let step = format!("starting {} alone", provider.name);
    place::enter(&step);
    progress.step(&step);
    let answer = probe::ask(provider, choice, legs, findings, watcher);
    progress.clear();
    answer
}

/// The order in which the providers work, from the top down, and a sentence about each that is not
/// where the command line had it.
#[must_use]
pub fn arrange(providers: &[Provider], sockets: &[Sockets]) -> (Vec<usize>, Vec<String>) {
    let (order, moved) = arrangement::arrange(sockets);
    let notes = moved.into_iter().map(|Moved { provider, below }| {
        format!(
            "{} was put below {}: an IFS layer hands out handles of the system, so no layer below \
             it may mint its own",
            providers[provider].name, providers[below].name
        )
    });
    (order, notes.collect())
}
