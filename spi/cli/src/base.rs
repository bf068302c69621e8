//! The base provider below all chains: ours, or one that the command line names in its place.
//!
//! A base that is given gets the catalog entries of ours, since no convention says which ones it wants: it is asked for a socket of
//! each, and those that it does not have are left out. [`chain::start_anew`] makes catalogs over the one that is in use.

use crate::chain::{self, BASE_MODULE};
use crate::findings::Findings;
use crate::installer::Handles;
use crate::probe;
use crate::provider::{Provider, Unusable};
use crate::runtime::Runtime;
use crate::socket::Socket;
use std::sync::{Arc, Mutex, PoisonError};
use ws2spi::trace::{self, Hook};
use ws2spi_abi::*;
use ws2spi_backends::base::catalog_entries;
use ws2spi_kernel::handles;

/// A base provider: its module, and the entries it has in the catalog.
#[derive(Clone, Debug)]
pub struct BaseProvider {
    /// The path of the module.
    pub module: String,
    /// Its entries.
    pub entries: Vec<WSAPROTOCOL_INFOW>,
}

/// What a base provider that was asked has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The places of the entries of [ours](BaseProvider::ours) that it has sockets of.
    pub serves: Vec<usize>,
    /// Whose handles they have.
    pub handles: Handles,
}

/// The one in use, when it is not ours.
static IN_USE: Mutex<Option<BaseProvider>> = Mutex::new(None);

impl BaseProvider {
    /// Ours.
    #[must_use]
    pub fn ours() -> Self {
        Self {
            module: BASE_MODULE.to_owned(),
            entries: catalog_entries(),
        }
    }

    /// A given one, with those of our entries that it serves.
    #[must_use]
    pub fn given(provider: &Provider, answer: &Answer) -> Self {
        let ours = catalog_entries();
        let served = answer.serves.iter().filter_map(|place| ours.get(*place));
        let entries = served.map(|entry| {
            let mut entry = *entry;
            if answer.handles == Handles::Minted {
                entry.dwServiceFlags1 &= !XP1_IFS_HANDLES;
            }
            if let Some(id) = provider.id {
                entry.ProviderId = id;
            }
            entry
        });
        Self {
            module: provider.module.clone(),
            entries: entries.collect(),
        }
    }

    /// The one in use.
    #[must_use]
    pub fn in_use() -> Self {
        let in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        in_use.clone().unwrap_or_else(Self::ours)
    }

    /// From now on catalogs that are made anew have this one.
    pub fn put_to_use(self) {
        *IN_USE.lock().unwrap_or_else(PoisonError::into_inner) = Some(self);
    }
}

/// The name of one of our entries in reports: `TCP/IP`.
#[must_use]
pub fn entry_name(entry: &WSAPROTOCOL_INFOW) -> String {
    let units = entry.szProtocol.split(|unit| *unit == 0).next();
    let name = String::from_utf16_lossy(units.unwrap_or_default());
    let inner = name
        .split_once('[')
        .and_then(|(_, rest)| rest.split_once(']'));
    inner.map_or_else(|| name.clone(), |(inner, _)| inner.to_owned())
}

/// Starts a base provider and asks it for a socket of each of our entries. Notes the GUID that it tells. `watcher` is told of all calls.
///
/// # Errors
/// [`Unusable`] when it does not load or start, or has no socket at all.
pub fn ask(
    provider: &mut Provider,
    findings: &Findings,
    watcher: Option<&Arc<dyn Hook>>,
) -> Result<Answer, Unusable> {
    provider.id = provider.id.or(probe::look_at_module(provider)?);
    let ours = catalog_entries();
    let all = Answer {
        serves: (0..ours.len()).collect(),
        handles: Handles::System,
    };
    BaseProvider::given(provider, &all).put_to_use();
    chain::start_anew()?;
    let runtime = Runtime::start()?;
    let _ = findings.take();
    if let Some(watcher) = watcher {
        trace::set_hook(Some(Arc::clone(watcher)));
    }
    let mut answer = Answer {
        serves: Vec::new(),
        handles: Handles::System,
    };
    let (mut failed, mut failed_start) = (None, None);
    for (place, entry) in ours.iter().enumerate() {
        match open(entry) {
            Ok(socket) => {
                if handles::pin(socket.raw()).is_some_and(|pin| pin.is_minted()) {
                    answer.handles = Handles::Minted;
                }
                answer.serves.push(place);
            }
            // It has such sockets, and this process may not make them.
            Err(Errno::ACCES) => answer.serves.push(place),
            Err(error) if NOT_SERVED.contains(&error) => {}
            // Not for this entry, perhaps for another.
            Err(error) if probe::is_failed_start(error) => failed_start = Some(error),
            Err(error) => {
                failed = Some((entry_name(entry), error));
                break;
            }
        }
    }
    runtime.stop();
    if let Some((name, error)) = failed {
        let what = format!("it gives no socket for {name}: WSPSocket failed with {error}");
        return Err(unusable(provider, what));
    }
    match failed_start {
        _ if !answer.serves.is_empty() => Ok(answer),
        Some(error) => Err(probe::failed_start(provider, findings.take(), error)),
        None => {
            let names: Vec<_> = ours.iter().map(entry_name).collect();
            let names = names.join(", ");
            let what = format!("it gives no socket at all; asked for were {names}");
            Err(unusable(provider, what))
        }
    }
}

fn open(entry: &WSAPROTOCOL_INFOW) -> Result<Socket, Errno> {
    // A raw entry is for every protocol.
    let protocol = match entry.iSocketType {
        SOCK_RAW => IPPROTO_ICMP,
        _ => entry.iProtocol,
    };
    Socket::new(entry.iAddressFamily, entry.iSocketType, protocol)
}

fn unusable(provider: &Provider, reason: String) -> Unusable {
    Unusable::Machine {
        what: provider.name.clone(),
        reason: format!("as the base provider {reason}"),
    }
}

/// What a provider answers for sockets of a kind that it does not have.
const NOT_SERVED: [Errno; 6] = [
    Errno::AFNOSUPPORT,
    Errno::PFNOSUPPORT,
    Errno::PROTONOSUPPORT,
    Errno::SOCKTNOSUPPORT,
    Errno::PROTOTYPE,
    Errno::OPNOTSUPP,
];
