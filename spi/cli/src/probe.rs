//! Asking the base, and then each provider alone above it, before the whole chain is started.
//!
//! A provider that cannot be used is so found alone, and named; and what it does about the handles
//! of its sockets shows at its first ones. It is installed as an IFS layer for the question, under
//! the GUID that it tells; one that mints is installed again as what it is.

use crate::Socket;
use crate::arguments::HandleChoice;
use crate::chain;
use crate::counters::Counters;
use crate::findings::{Finding, Findings};
use crate::identity;
use crate::installer::Handles;
use crate::provider::{Provider, Unusable};
use crate::runtime::Runtime;
use crate::socket::loopback;
use crate::traffic::{Family, Leg, Transport};
use std::sync::Arc;
use ws2spi::loader::module;
use ws2spi::trace::{self, Call, Hook};
use ws2spi_abi::{Errno, GUID, IPPROTO_TCP, IPPROTO_UDP, SOCK_DGRAM, SOCK_STREAM};
use ws2spi_kernel::handles;

/// What a provider does about the handles of its sockets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sockets {
    /// It has its own, from `WPUCreateSocketHandle`: a non-IFS layer.
    Minted,
    /// It makes those of the provider below its own, with `WPUModifyIFSHandle`: an IFS layer.
    Claimed,
    /// Nothing: they are those of the provider below and stay its own.
    Passed,
}

impl Sockets {
    /// Whose handles such a provider gives out.
    #[must_use]
    pub const fn handles(self) -> Handles {
        match self {
            Self::Minted => Handles::Minted,
            Self::Claimed | Self::Passed => Handles::System,
        }
    }
}

/// What asking a provider came to.
#[derive(Debug)]
pub enum Answer {
    /// It works, and gives sockets of this kind.
    Works(Sockets),
    /// It starts, but gives no socket: a sentence about it.
    Fails(String),
}

/// Whether the base provider, without layers, has a loopback of this family; if not, why.
///
/// # Errors
/// [`Unusable::Machine`].
pub fn ask_base(family: Family) -> Result<Result<(), Errno>, Unusable> {
    chain::start_anew()?;
    let runtime = Runtime::start()?;
    let number = family.number();
    let bound = Socket::new(number, SOCK_STREAM, IPPROTO_TCP)
        .and_then(|socket| socket.bind(loopback(number)));
    runtime.stop();
    Ok(bound)
}

/// Starts a provider alone above the base and makes a socket of each leg. Sets the hook that
/// watches calls, and tells `watcher` of them too; sets the provider's GUID if it tells one and none
/// was given.
///
/// # Errors
/// [`Unusable`] when it does not load or start.
pub fn ask(
    provider: &mut Provider,
    choice: HandleChoice,
    legs: &[Leg],
    findings: &Findings,
    watcher: Option<&Arc<dyn Hook>>,
) -> Result<Answer, Unusable> {
    let told = look_at_module(provider)?;
    provider.id = provider.id.or(told);
    let provider = &*provider;
    let assumed = match choice {
        HandleChoice::Auto | HandleChoice::System => Handles::System,
        HandleChoice::Minted => Handles::Minted,
    };
    chain::start_anew()?;
    chain::install(provider, assumed, 0)?;
    let runtime = Runtime::start()?;
    // Findings of the question are not findings of the run, which asks again.
    let _ = findings.take();
    let counters = Arc::new(Counters::default());
    trace::set_hook(Some(match watcher {
        None => Arc::clone(&counters) as Arc<dyn Hook>,
        Some(watcher) => Arc::new(Both(Arc::clone(&counters), Arc::clone(watcher))),
    }));
    let mut minted = false;
    let mut failed = None;
    for leg in legs {
        match open(*leg) {
            Ok(socket) => {
                let pin = handles::pin(socket.raw());
                minted |= pin.is_some_and(|pin| pin.is_minted());
            }
            Err(errno) => {
                failed = Some((*leg, errno));
                break;
            }
        }
    }
    runtime.stop();
    let found = findings.take();
    match failed {
        None if minted => Ok(Answer::Works(Sockets::Minted)),
        None if claims(&counters, provider) => Ok(Answer::Works(Sockets::Claimed)),
        None => Ok(Answer::Works(Sockets::Passed)),
        Some((_, errno)) if is_failed_start(errno) => {
            let mut unusable = failed_start(provider, found, errno);
            if let Unusable::DoesNotStart { what, .. } = &mut unusable
                && provider.id.is_none()
                && what.starts_with(FAILED_START)
            {
                what.push_str("; if it looks for its own catalog entry, --guid says by which GUID");
            }
            Err(unusable)
        }
        Some((leg, errno)) => {
            let found = found.last().map(|found| &found.diagnostic);
            let found = found.map_or_else(String::new, |found| {
                format!("; found: {}: {}", found.function, found.what)
            });
            Ok(Answer::Fails(format!(
                "{}: alone above the base provider it gives no socket for {leg}: WSPSocket failed \
                 with {errno}{found}",
                provider.name
            )))
        }
    }
}

/// Counts, and tells another hook.
struct Both(Arc<Counters>, Arc<dyn Hook>);

impl Hook for Both {
    fn begun(&self, module: &'static str, function: &'static str) {
        self.0.begun(module, function);
        self.1.begun(module, function);
    }

    fn finished(&self, call: &Call<'_>) {
        self.0.finished(call);
        self.1.finished(call);
    }
}

/// Whether a provider has called `WPUModifyIFSHandle`.
fn claims(counters: &Counters, provider: &Provider) -> bool {
    let levels = counters.levels();
    let level = levels.get(&provider.module);
    level.is_some_and(|level| level.upcalls.contains_key("WPUModifyIFSHandle"))
}

/// A socket of a leg.
///
/// # Errors
/// The last error.
pub fn open(leg: Leg) -> Result<Socket, Errno> {
    let (kind, protocol) = match leg.transport {
        Transport::Tcp => (SOCK_STREAM, IPPROTO_TCP),
        Transport::Udp => (SOCK_DGRAM, IPPROTO_UDP),
    };
    Socket::new(leg.family.number(), kind, protocol)
}

/// Whether a code says that a provider could not be started, as opposed to one it answered itself.
#[must_use]
pub fn is_failed_start(errno: Errno) -> bool {
    matches!(
        errno,
        Errno::PROVIDERFAILEDINIT | Errno::INVALIDPROVIDER | Errno::INVALIDPROCTABLE
    )
}

/// What is wrong with a provider that does not start, by what was found meanwhile.
pub(crate) fn failed_start(provider: &Provider, found: Vec<Finding>, errno: Errno) -> Unusable {
    let about = found
        .into_iter()
        .rev()
        .map(|found| found.diagnostic)
        .find(|found| found.provider == provider.module);
    let what = about.map_or_else(
        || String::from(FAILED_START),
        |about| format!("{} {}", about.function, about.what),
    );
    does_not_start(provider, what, errno)
}

/// Loads the module once, so that what is wrong with it is told apart from what its code does; the
/// GUID that it tells.
pub(crate) fn look_at_module(provider: &Provider) -> Result<Option<GUID>, Unusable> {
    let what = match module::load(&provider.module) {
        Ok(module) if module.startup().is_some() => return Ok(identity::told_by(&module)),
        Ok(_) => String::from("exports no WSPStartup"),
        Err(error) => format!("cannot be loaded: {error}"),
    };
    Err(does_not_start(provider, what, Errno::PROVIDERFAILEDINIT))
}

fn does_not_start(provider: &Provider, what: String, errno: Errno) -> Unusable {
    Unusable::DoesNotStart {
        source_file: provider.source.clone(),
        what,
        errno,
    }
}

const FAILED_START: &str = "WSPStartup failed";
