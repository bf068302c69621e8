//! `LayerInstallation`: a layer and its chains in one step. Microsoft: WSCInstallProviderAndChains.
//!
//! Pure: makes the new list from the old one. The layer gets a hidden entry of its own (ChainLen 0)
//! at the end and one chain per target, the chains at the head of the catalog, so that they win
//! over what they are layered on.
//!
//! Each chain has a GUID of its own: the client DLL starts one provider instance per GUID, and a
//! layer learns what lies below it from the entry it is started with, so chains that shared a GUID
//! would share the lower provider of whichever was used first (client-dll.md 3.6, 4.5).

use std::collections::HashSet;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::sync::Arc;

use ws2spi_abi::GUID;
use ws2spi_abi::LAYERED_PROTOCOL;
use ws2spi_abi::PFL_HIDDEN;
use ws2spi_abi::PFL_MATCHES_PROTOCOL_ZERO;
use ws2spi_abi::WSAPROTOCOL_INFOW;
use ws2spi_abi::WSAPROTOCOL_LEN;
use ws2spi_abi::XP1_IFS_HANDLES;

use super::entry::Entry;
use super::entry::EntryId;
use super::entry::Kind;
use super::entry::Triple;
use super::error::Refusal;
use super::list::List;

/// What to layer over.
#[derive(Clone, Copy, Debug)]
pub enum Targets<'a> {
    /// The first base entry of every distinct address family, socket type and protocol.
    EveryBase,
    /// The topmost entry with the address family, socket type and protocol of each of these.
    TopOf(&'a [WSAPROTOCOL_INFOW]),
}

/// A layer to install with its chains.
#[derive(Clone, Copy, Debug)]
#[doc(alias = "WSCInstallProviderAndChains")]
pub struct LayerInstallation<'a> {
    /// The layer's GUID, which its hidden entry gets.
    pub provider: GUID,
    /// Where its module is.
    pub path: &'a str,
    /// Its name in UTF-16: the hidden entry's, and the start of the chains' names.
    pub name: &'a [u16],
    /// XP1_IFS_HANDLES for a layer that passes the lower provider's handles on, else 0.
    pub service_flags: u32,
    /// What it goes over.
    pub targets: Targets<'a>,
}

impl LayerInstallation<'_> {
    /// Checks what needs no catalog: path, name, flags, number of targets.
    ///
    /// # Errors
    /// [`Refusal::BadPath`], [`Refusal::PathTooLong`], [`Refusal::BadLayerName`],
    /// [`Refusal::BadServiceFlags`], [`Refusal::NoEntries`] for an empty list of targets.
    pub fn check(&self) -> Result<(), Refusal> {
        super::entry::check_path(self.path)?;
        if self.name.is_empty() || self.name.contains(&0) || self.name.len() > WSAPROTOCOL_LEN {
            return Err(Refusal::BadLayerName);
        }
        if self.service_flags & !XP1_IFS_HANDLES != 0 {
            return Err(Refusal::BadServiceFlags(self.service_flags));
        }
        match self.targets {
            Targets::TopOf([]) => Err(Refusal::NoEntries),
            Targets::TopOf(_) | Targets::EveryBase => Ok(()),
        }
    }

    /// `list` with the layer and its chains, and the id of the layer's own entry.
    ///
    /// # Errors
    /// Those of [`Self::check`]; [`Refusal::DuplicateProvider`], [`Refusal::DuplicateName`];
    /// [`Refusal::NoTarget`] for a triple nothing matches, [`Refusal::NoBase`] when no base is
    /// there to layer over, [`Refusal::ChainFull`] over a chain of seven.
    pub fn apply(&self, list: &List) -> Result<(List, EntryId), Refusal> {
        self.check()?;
        if list.provider(self.provider).is_some() {
            return Err(Refusal::DuplicateProvider(self.provider));
        }
        if list
            .entries()
            .iter()
            .any(|entry| entry.name_units() == self.name)
        {
            return Err(Refusal::DuplicateName(String::from_utf16_lossy(self.name)));
        }
        let targets = self.resolve(list)?;
        let Some(model) = targets.first() else {
            return Err(Refusal::NoBase);
        };

        let path: Arc<str> = Arc::from(self.path);
        let mut grown = list.clone();
        let layer = grown.append(&self.own_entry(model), self.provider, &path, None)?;
        let before_chains = grown.entries().len();
        for target in &targets {
            let chain = self.chain_over(target, layer)?;
            let provider = self.chain_guid(&grown, target);
            grown.append(&chain, provider, &path, None)?;
        }
        grown.move_tail_to_head(before_chains);
        Ok((grown, layer))
    }

    /// The entries to layer over, one per triple, in the order asked for.
    fn resolve(&self, list: &List) -> Result<Vec<Arc<Entry>>, Refusal> {
        let mut seen = HashSet::new();
        match self.targets {
            Targets::EveryBase => Ok(list
                .entries()
                .iter()
                .filter(|entry| entry.kind() == Kind::Base && self.may_sit_on(entry))
                .filter(|entry| seen.insert(entry.triple()))
                .cloned()
                .collect()),
            Targets::TopOf(wanted) => wanted
                .iter()
                .map(Triple::of)
                .filter(|triple| seen.insert(*triple))
                .map(|triple| self.topmost(list, triple).ok_or(Refusal::NoTarget(triple)))
                .collect(),
        }
    }

    fn topmost(&self, list: &List, triple: Triple) -> Option<Arc<Entry>> {
        list.entries()
            .iter()
            .find(|entry| {
                entry.kind() != Kind::Layer && entry.triple() == triple && self.may_sit_on(entry)
            })
            .cloned()
    }

    /// A layer that passes handles on may only sit on entries whose handles are the system's.
    fn may_sit_on(&self, entry: &Entry) -> bool {
        !self.is_ifs() || entry.has_ifs_handles()
    }

    fn is_ifs(&self) -> bool {
        self.service_flags & XP1_IFS_HANDLES != 0
    }

    /// The entry that names the layer. Like Microsoft's sample installer: a copy of a target's,
    /// without type and protocol, hidden, never matched by protocol 0.
    fn own_entry(&self, model: &Entry) -> WSAPROTOCOL_INFOW {
        let mut info = *model.info();
        info.iSocketType = 0;
        info.iProtocol = 0;
        info.iProtocolMaxOffset = 0;
        info.dwProviderFlags |= PFL_HIDDEN;
        info.dwProviderFlags &= !PFL_MATCHES_PROTOCOL_ZERO;
        info.dwServiceFlags1 &= !XP1_IFS_HANDLES;
        info.dwServiceFlags1 |= self.service_flags;
        info.ProtocolChain.ChainLen = LAYERED_PROTOCOL;
        set_name(&mut info, self.name.iter().copied());
        info
    }

    /// The chain of the layer over `target`, which is a base or a chain.
    fn chain_over(&self, target: &Entry, layer: EntryId) -> Result<WSAPROTOCOL_INFOW, Refusal> {
        let mut info = *target.info();
        // A chain's first is the own entry of its layer, which has no type and protocol. Layers take
        // the second of theirs for the provider to ask for sockets, so installers name the chain
        // itself there (Windows-classic-samples, netds/winsock/lsp/install/lspadd.cpp). A base has
        // no components.
        let components = [layer, target.id()]
            .into_iter()
            .chain(target.chain().skip(1));
        let mut length = 0;
        for id in components {
            let cell = info.ProtocolChain.ChainEntries.get_mut(length);
            *cell.ok_or(Refusal::ChainFull(target.id()))? = id.get();
            length += 1;
        }
        info.ProtocolChain.ChainLen = length as i32;
        if !self.is_ifs() {
            info.dwServiceFlags1 &= !XP1_IFS_HANDLES;
        }
        let over = " over ["
            .encode_utf16()
            .chain(target.name_units().iter().copied())
            .chain([0x5d]);
        set_name(&mut info, self.name.iter().copied().chain(over));
        Ok(info)
    }

    /// A GUID for the chain over `target`: derived from the layer's GUID and the target, so that an
    /// installation comes out the same wherever it is repeated.
    fn chain_guid(&self, list: &List, target: &Entry) -> GUID {
        let half = |salt: u64| {
            let mut hasher = DefaultHasher::new();
            (self.provider, target.triple(), target.id(), salt).hash(&mut hasher);
            u128::from(hasher.finish())
        };
        // RFC 9562: version 8 (application-defined), variant 10.
        const FIXED: u128 = 0xf000 << 64 | 0xc << 60;
        const VALUE: u128 = 0x8000 << 64 | 0x8 << 60;
        let mut salt = 0;
        loop {
            let guid = GUID::from_u128((half(salt) << 64 | half(salt + 1)) & !FIXED | VALUE);
            if list.provider(guid).is_none() {
                return guid;
            }
            salt += 2;
        }
    }
}

/// Stores a name, cut to what fits with its NUL and never through a surrogate pair.
fn set_name(info: &mut WSAPROTOCOL_INFOW, name: impl Iterator<Item = u16>) {
    let mut units: Vec<u16> = name.collect();
    if units.len() > WSAPROTOCOL_LEN {
        units.truncate(WSAPROTOCOL_LEN);
        if matches!(units.last(), Some(0xd800..=0xdbff)) {
            units.pop();
        }
    }
    info.szProtocol.fill(0);
    info.szProtocol[..units.len()].copy_from_slice(&units);
}
