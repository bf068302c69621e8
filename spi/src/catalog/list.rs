//! `List`: the entries of one bitness in catalog order, and the changes that WSC* functions make.
//!
//! A pure value: every change works on a copy and either returns it whole or refuses, so that a
//! refused change leaves nothing behind. `State` holds two of them (64 and 32 bits).

use std::collections::HashSet;
use std::sync::Arc;

use ws2spi_abi::GUID;
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::entry::Entry;
use super::entry::EntryId;
use super::entry::Kind;
use super::entry::components;
use super::error::Refusal;

/// Entries in catalog order, and the number the next one will get.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct List {
    entries: Vec<Arc<Entry>>,
    next_id: EntryId,
}

impl List {
    /// A fresh list of base entries, numbered from 1001 in this order; one that brings a higher id
    /// than the next keeps it. Their ProviderIds are kept; one provider at `path` serves them all.
    ///
    /// # Errors
    /// As [`Entry::new`].
    pub fn fresh(path: &Arc<str>, base: &[WSAPROTOCOL_INFOW]) -> Result<Self, Refusal> {
        let mut list = Self {
            entries: Vec::new(),
            next_id: EntryId::FIRST,
        };
        for info in base {
            let own = EntryId::new(info.dwCatalogEntryId);
            list.next_id = list.next_id.max(own);
            list.append(info, info.ProviderId, path, None)?;
        }
        Ok(list)
    }

    /// The list as read from a file: ids distinct and below `next_id`.
    pub(super) fn restored(entries: Vec<Arc<Entry>>, next_id: EntryId) -> Self {
        Self { entries, next_id }
    }

    /// The entries in catalog order.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// The id the next installed entry will get.
    pub fn next_id(&self) -> EntryId {
        self.next_id
    }

    /// The entry with this id.
    pub fn entry(&self, id: EntryId) -> Option<&Arc<Entry>> {
        self.entries.iter().find(|entry| entry.id() == id)
    }

    /// The first entry of an installation: it answers for all of them.
    pub fn provider(&self, provider: GUID) -> Option<&Arc<Entry>> {
        self.entries
            .iter()
            .find(|entry| entry.provider() == provider)
    }

    /// Appends `infos` under one GUID and path, with fresh ids. Microsoft: WSCInstallProvider.
    ///
    /// # Errors
    /// [`Refusal::NoEntries`], [`Refusal::DuplicateProvider`], and those of [`Entry::new`] and of
    /// chains whose components are not installed.
    #[doc(alias = "WSCInstallProvider")]
    pub fn install(
        &self,
        provider: GUID,
        path: &Arc<str>,
        infos: &[WSAPROTOCOL_INFOW],
    ) -> Result<Self, Refusal> {
        if infos.is_empty() {
            return Err(Refusal::NoEntries);
        }
        if self.provider(provider).is_some() {
            return Err(Refusal::DuplicateProvider(provider));
        }
        let mut list = self.clone();
        for info in infos {
            self.check_chain(info)?;
            list.append(info, provider, path, None)?;
        }
        Ok(list)
    }

    /// Removes all entries of `provider`. Chains that name them stay as they are.
    /// Microsoft: WSCDeinstallProvider.
    ///
    /// # Errors
    /// [`Refusal::UnknownProvider`].
    #[doc(alias = "WSCDeinstallProvider")]
    pub fn deinstall(&self, provider: GUID) -> Result<Self, Refusal> {
        self.known(provider)?;
        let mut list = self.clone();
        list.entries.retain(|entry| entry.provider() != provider);
        Ok(list)
    }

    /// Replaces path and entries of `provider`. Microsoft: WSCUpdateProvider.
    ///
    /// The page leaves open which entry a structure replaces. Here: one whose dwCatalogEntryId is
    /// an entry of the provider replaces that one; the others replace its remaining entries in
    /// catalog order. Replaced entries keep id and place. Surplus structures are appended with
    /// fresh ids, surplus entries removed.
    ///
    /// # Errors
    /// [`Refusal::NoEntries`], [`Refusal::UnknownProvider`], [`Refusal::RepeatedEntry`], and those
    /// of [`Entry::new`] and of chains whose components are not installed.
    #[doc(alias = "WSCUpdateProvider")]
    pub fn update(
        &self,
        provider: GUID,
        path: &Arc<str>,
        infos: &[WSAPROTOCOL_INFOW],
    ) -> Result<Self, Refusal> {
        let categories = self.known(provider)?.categories();
        if infos.is_empty() {
            return Err(Refusal::NoEntries);
        }
        let own = |id| {
            self.entry(id)
                .is_some_and(|entry| entry.provider() == provider)
        };
        let mut named = HashSet::new();
        for info in infos {
            self.check_chain(info)?;
            let id = EntryId::new(info.dwCatalogEntryId);
            if own(id) && !named.insert(id) {
                return Err(Refusal::RepeatedEntry(id));
            }
        }
        let mut unnamed = infos
            .iter()
            .filter(|info| !own(EntryId::new(info.dwCatalogEntryId)));
        let mut list = Self {
            entries: Vec::new(),
            next_id: self.next_id,
        };
        for entry in &self.entries {
            if entry.provider() != provider {
                list.entries.push(Arc::clone(entry));
                continue;
            }
            let replacement = match named.contains(&entry.id()) {
                true => infos
                    .iter()
                    .find(|info| info.dwCatalogEntryId == entry.id().get()),
                false => unnamed.next(),
            };
            if let Some(info) = replacement {
                let entry = Entry::new(info, entry.id(), provider, path, categories)?;
                list.entries.push(Arc::new(entry));
            }
        }
        for info in unnamed {
            list.append(info, provider, path, categories)?;
        }
        Ok(list)
    }

    /// Puts the entries in this order. Microsoft: WSCWriteProviderOrder.
    ///
    /// # Errors
    /// [`Refusal::NotAPermutation`] unless each entry is named exactly once.
    #[doc(alias = "WSCWriteProviderOrder")]
    pub fn reorder(&self, order: &[EntryId]) -> Result<Self, Refusal> {
        let refusal = Refusal::NotAPermutation(self.entries.len());
        let distinct: HashSet<EntryId> = order.iter().copied().collect();
        if order.len() != self.entries.len() || distinct.len() != order.len() {
            return Err(refusal);
        }
        let mut list = Self {
            entries: Vec::with_capacity(order.len()),
            next_id: self.next_id,
        };
        for id in order {
            list.entries
                .push(Arc::clone(self.entry(*id).ok_or_else(|| refusal.clone())?));
        }
        Ok(list)
    }

    /// Declares the categories of `provider`. Microsoft: WSCSetProviderInfo.
    ///
    /// # Errors
    /// [`Refusal::UnknownProvider`].
    #[doc(alias = "WSCSetProviderInfo")]
    pub fn categorize(&self, provider: GUID, categories: u32) -> Result<Self, Refusal> {
        self.known(provider)?;
        let mut list = self.clone();
        for entry in list
            .entries
            .iter_mut()
            .filter(|entry| entry.provider() == provider)
        {
            *entry = Arc::new(entry.with_categories(categories));
        }
        Ok(list)
    }

    /// The base entries alone.
    pub(super) fn without_layers(&self) -> Self {
        let mut list = self.clone();
        list.entries.retain(|entry| entry.kind() == Kind::Base);
        list
    }

    /// Appends one entry with the next id.
    pub(super) fn append(
        &mut self,
        info: &WSAPROTOCOL_INFOW,
        provider: GUID,
        path: &Arc<str>,
        categories: Option<u32>,
    ) -> Result<EntryId, Refusal> {
        let id = self.take_id()?;
        let entry = Entry::new(info, id, provider, path, categories)?;
        self.entries.push(Arc::new(entry));
        Ok(id)
    }

    /// Moves the entries appended after the first `count` to the head.
    pub(super) fn move_tail_to_head(&mut self, count: usize) {
        let count = count.min(self.entries.len());
        self.entries.rotate_left(count);
    }

    fn take_id(&mut self) -> Result<EntryId, Refusal> {
        let id = self.next_id;
        let next = id.get().checked_add(1).ok_or(Refusal::OutOfIds)?;
        self.next_id = EntryId::new(next);
        Ok(id)
    }

    fn known(&self, provider: GUID) -> Result<&Arc<Entry>, Refusal> {
        self.provider(provider)
            .ok_or(Refusal::UnknownProvider(provider))
    }

    /// A chain can be installed only after its components, and a layer appears in it only once
    /// (client-dll.md 4.2).
    fn check_chain(&self, info: &WSAPROTOCOL_INFOW) -> Result<(), Refusal> {
        let mut seen = HashSet::new();
        for id in components(info) {
            if self.entry(id).is_none() {
                return Err(Refusal::UnknownComponent(id));
            }
            if !seen.insert(id) {
                return Err(Refusal::RepeatedComponent(id));
            }
        }
        Ok(())
    }
}
