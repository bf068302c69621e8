//! `Snapshot`: the catalog as one process sees it from its first WSAStartup to its last
//! WSACleanup.
//!
//! Immutable, shared by `Arc`, read without any lock. Chains whose layers the application's
//! categories exclude are marked once, here (client-dll.md 4.6): they are not selected and not
//! shown to the application, but their entries can still be looked up by layers.
//!
//! Made by `Catalog::snapshot`; the loader, dispatch and the upcalls read it.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use ws2spi_abi::AF_INET;
use ws2spi_abi::AF_INET6;
use ws2spi_abi::Errno;
use ws2spi_abi::GUID;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::categories;
use super::entry::Entry;
use super::entry::EntryId;
use super::entry::Kind;
use super::list::List;

/// The catalog at one moment, in catalog order.
#[derive(Debug)]
pub struct Snapshot {
    entries: Vec<Arc<Entry>>,
    by_id: HashMap<EntryId, usize>,
    by_provider: HashMap<GUID, usize>,
    excluded: HashSet<EntryId>,
    selects_below_layers: bool,
    serial: u64,
}

impl Snapshot {
    /// The entries of `list` for an application of these categories (`None`: uncategorised).
    /// `serial` counts the changes of the catalog.
    pub fn new(list: &List, permitted: Option<u32>, serial: u64) -> Self {
        let entries = list.entries().to_vec();
        let mut by_id = HashMap::new();
        let mut by_provider = HashMap::new();
        for (index, entry) in entries.iter().enumerate() {
            by_id.insert(entry.id(), index);
            by_provider.entry(entry.provider()).or_insert(index);
        }
        let excluded = categories::excluded_chains(list, permitted);
        let mut snapshot = Self {
            entries,
            by_id,
            by_provider,
            excluded,
            selects_below_layers: false,
            serial,
        };
        snapshot.selects_below_layers = snapshot.has_one_sided_layer();
        snapshot
    }

    /// All entries in catalog order, dummies and excluded chains included.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// How many changes the catalog had seen when this was taken.
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// The entry with this id, whatever its kind.
    pub fn entry(&self, id: EntryId) -> Option<&Arc<Entry>> {
        self.by_id.get(&id).map(|index| &self.entries[*index])
    }

    /// The first entry of an installation; its path is the installation's.
    pub fn provider(&self, provider: GUID) -> Option<&Arc<Entry>> {
        self.by_provider
            .get(&provider)
            .map(|index| &self.entries[*index])
    }

    /// The path of a provider as installed, environment strings unexpanded.
    ///
    /// # Errors
    /// WSAEINVAL: no provider has that GUID.
    #[doc(alias = "WPUGetProviderPath")]
    pub fn provider_path(&self, provider: GUID) -> Result<&str, Errno> {
        self.provider(provider)
            .map(|entry| entry.path())
            .ok_or(Errno::INVAL)
    }

    /// The entries sockets of this process may be created through, in catalog order: base
    /// protocols and the chains its categories admit.
    pub fn selectable(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries
            .iter()
            .filter(|entry| self.is_selectable(entry))
    }

    /// The entry an application asked for by its WSAPROTOCOL_INFO. Only dwCatalogEntryId counts
    /// (U149), so a base entry bypasses the chains over it (U150). Microsoft: WSASocket.
    ///
    /// # Errors
    /// WSAEINVAL: no such entry, a bare layer, or a chain excluded for this process.
    pub fn select_by_info(&self, info: &WSAPROTOCOL_INFOW) -> Result<&Arc<Entry>, Errno> {
        self.entry(EntryId::new(info.dwCatalogEntryId))
            .filter(|entry| self.is_selectable(entry))
            .ok_or(Errno::INVAL)
    }

    /// What lies below the layer `layer` in `chain`: the entry after it in the chain. That may be
    /// a base, another layer's dummy, or, as some installers store it, another chain.
    /// `None` when the layer is last or not in the chain, or the component is gone.
    pub fn below(&self, chain: &Entry, layer: EntryId) -> Option<&Arc<Entry>> {
        let mut rest = chain.chain().skip_while(|id| *id != layer);
        rest.next()?;
        self.entry(rest.next()?)
    }

    /// Whether a socket may be created through the entry in this process.
    pub fn is_selectable(&self, entry: &Entry) -> bool {
        entry.kind() != Kind::Layer && !self.excluded.contains(&entry.id())
    }

    /// Whether `select` goes around layers: as soon as one whose sockets are no IFS handles covers
    /// IPv4 and not IPv6, or the other way round (client-dll.md 5.9).
    pub fn selects_below_layers(&self) -> bool {
        self.selects_below_layers
    }

    fn has_one_sided_layer(&self) -> bool {
        let mut families: HashMap<EntryId, [bool; 2]> = HashMap::new();
        let chains = self
            .selectable()
            .filter(|entry| entry.kind() == Kind::Chain && !entry.has_ifs_handles());
        for chain in chains {
            let Some(layer) = chain.chain().next() else {
                continue;
            };
            let covered = families.entry(layer).or_default();
            match chain.info().iAddressFamily {
                AF_INET => covered[0] = true,
                AF_INET6 => covered[1] = true,
                _ => {}
            }
        }
        families.values().any(|covered| covered[0] != covered[1])
    }
}
