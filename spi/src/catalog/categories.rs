//! LSP categories: which layers an application lets into its process (client-dll.md 4.6).
//!
//! Providers declare what kind of layer they are (WSCSetProviderInfo), applications which kinds
//! they permit (WSCSetApplicationCategory), identified by path and command line. The comparison is
//! made once, when a process takes its snapshot. Relies on nothing but the entries.

use std::collections::HashSet;

use ws2spi_abi::LSP_SYSTEM;

use super::entry::Entry;
use super::entry::EntryId;
use super::entry::Kind;
use super::list::List;

/// Who an application is: the path of its executable and, where instances differ, its arguments.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Identity {
    /// Path of the executable.
    pub path: String,
    /// Command line arguments joined by spaces; `None` stands for every instance.
    pub extra: Option<String>,
}

/// The categories permitted per application, in the order they were first set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Applications(Vec<(Identity, u32)>);

impl Applications {
    /// The applications as read from a file, each identity once.
    pub(super) fn restored(applications: Vec<(Identity, u32)>) -> Self {
        Self(applications)
    }

    /// All applications that were categorised.
    pub fn iter(&self) -> impl Iterator<Item = &(Identity, u32)> {
        self.0.iter()
    }

    /// The categories set for exactly this identity. Microsoft: WSCGetApplicationCategory.
    #[doc(alias = "WSCGetApplicationCategory")]
    pub fn get(&self, identity: &Identity) -> Option<u32> {
        self.0
            .iter()
            .find(|(known, _)| known == identity)
            .map(|(_, categories)| *categories)
    }

    /// Adds categories to those of `identity` and returns the ones it had before.
    /// Microsoft: WSCSetApplicationCategory, "the categories are ORed together".
    #[doc(alias = "WSCSetApplicationCategory")]
    pub fn permit(&mut self, identity: Identity, categories: u32) -> u32 {
        match self.0.iter_mut().find(|(known, _)| *known == identity) {
            Some((_, known)) => {
                let previous = *known;
                *known |= categories;
                previous
            }
            None => {
                self.0.push((identity, categories));
                0
            }
        }
    }

    /// The categories of a running process: those of its very command line if set, else those of
    /// its path alone; `None` when it is not categorised.
    pub fn of_process(&self, process: &Identity) -> Option<u32> {
        let any_instance = Identity {
            path: process.path.clone(),
            extra: None,
        };
        self.get(process).or_else(|| self.get(&any_instance))
    }
}

/// The identity of this process. Empty when the system does not tell where its executable is.
pub fn this_process() -> Identity {
    let path = std::env::current_exe().unwrap_or_default();
    let arguments: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    Identity {
        path: path.to_string_lossy().into_owned(),
        extra: Some(arguments.join(" ")),
    }
}

/// Whether an application of `permitted` categories loads a layer of `declared` ones.
///
/// A layer without categories counts as 0, which every application permits but those with
/// LSP_SYSTEM.
// DIFFERS: in the example of the page "Categorizing Layered Service Providers and Applications" an
// application without LSP_SYSTEM does not load the uncategorised layer; its rule, that the
// application's categories be a superset, lets it in. The rule is followed.
pub fn admits(permitted: Option<u32>, declared: Option<u32>) -> bool {
    let Some(permitted) = permitted else {
        return true;
    };
    let declared = declared.unwrap_or(0);
    declared & !permitted == 0 && (permitted & LSP_SYSTEM == 0 || declared & LSP_SYSTEM != 0)
}

/// The chains with a layer that an application of `permitted` categories does not load.
pub(super) fn excluded_chains(list: &List, permitted: Option<u32>) -> HashSet<EntryId> {
    list.entries()
        .iter()
        .filter(|entry| entry.kind() == Kind::Chain)
        .filter(|chain| !admits_chain(list, permitted, chain, &mut HashSet::new()))
        .map(|chain| chain.id())
        .collect()
}

/// Whether every layer of `chain` is admitted. A component that is itself a chain counts with all
/// its layers; `seen` ends a loop of chains that name each other, which no installation prevents
/// once providers are removed and others updated.
fn admits_chain(
    list: &List,
    permitted: Option<u32>,
    chain: &Entry,
    seen: &mut HashSet<EntryId>,
) -> bool {
    if !seen.insert(chain.id()) {
        return true;
    }
    let top = chain.chain().next();
    chain.chain().all(|id| {
        let Some(component) = list.entry(id) else {
            return true;
        };
        match component.kind() {
            Kind::Base => true,
            Kind::Chain => admits_chain(list, permitted, component, seen),
            Kind::Layer => {
                // The top layer may have been categorised under the chain's GUID instead.
                let own = if top == Some(id) {
                    chain.categories()
                } else {
                    None
                };
                admits(permitted, union(component.categories(), own))
            }
        }
    })
}

fn union(one: Option<u32>, other: Option<u32>) -> Option<u32> {
    match (one, other) {
        (None, None) => None,
        (one, other) => Some(one.unwrap_or(0) | other.unwrap_or(0)),
    }
}
