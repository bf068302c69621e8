//! `Entry`: one row of the catalog, and `EntryId`, its identity.
//!
//! An entry is a WSAPROTOCOL_INFOW with the path of the module that implements it and the
//! categories its provider declared. Entries are immutable and shared by `Arc`: a change of the
//! catalog makes new ones, so a snapshot never changes under a running process.
//!
//! Relies on `ws2spi-abi` for the structure only. Made by `List`, read by everybody.

use std::fmt;
use std::sync::Arc;

use ws2spi_abi::BASE_PROTOCOL;
use ws2spi_abi::GUID;
use ws2spi_abi::LAYERED_PROTOCOL;
use ws2spi_abi::MAX_PATH;
use ws2spi_abi::PFL_HIDDEN;
use ws2spi_abi::PFL_MATCHES_PROTOCOL_ZERO;
use ws2spi_abi::WSAPROTOCOL_INFOW;
use ws2spi_abi::XP1_IFS_HANDLES;

use super::error::Refusal;

/// Identity of a catalog entry: dwCatalogEntryId.
///
/// Given at installation, independent of the order, and never given again while the catalog lives.
#[doc(alias = "dwCatalogEntryId")]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct EntryId(u32);

impl EntryId {
    /// The id of the first entry of a fresh catalog.
    pub const FIRST: Self = Self(1001);

    /// The id with this number. Any number is a valid id; few name an entry.
    pub const fn new(id: u32) -> Self {
        Self(id)
    }

    /// The number, as it stands in WSAPROTOCOL_INFOW.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What an entry stands for; Windows tells it by ProtocolChain.ChainLen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// ChainLen 0: only names a layer ("dummy"). Never selected, never seen by applications.
    #[doc(alias = "LAYERED_PROTOCOL")]
    Layer,
    /// ChainLen 1: a transport.
    #[doc(alias = "BASE_PROTOCOL")]
    Base,
    /// ChainLen 2 to 7: layers over a transport.
    Chain,
}

/// One catalog entry. Immutable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    info: WSAPROTOCOL_INFOW,
    path: Arc<str>,
    categories: Option<u32>,
}

impl Entry {
    /// An entry made of what an installer passed, in canonical form: fields without meaning (chain
    /// cells past ChainLen, the name past its NUL) are zeroed, so that equal entries are equal.
    ///
    /// # Errors
    /// [`Refusal::UnterminatedName`] when szProtocol has no NUL, [`Refusal::BadChainLength`] when
    /// ChainLen is outside 0..=7, [`Refusal::BadPath`] and [`Refusal::PathTooLong`] for the path.
    pub fn new(
        info: &WSAPROTOCOL_INFOW,
        id: EntryId,
        provider: GUID,
        path: &Arc<str>,
        categories: Option<u32>,
    ) -> Result<Self, Refusal> {
        check_path(path)?;
        let mut info = *info;
        let Some(end) = info.szProtocol.iter().position(|unit| *unit == 0) else {
            return Err(Refusal::UnterminatedName);
        };
        // A lone surrogate has no text form for the catalog's file; it becomes U+FFFD, one unit too.
        let name = String::from_utf16_lossy(&info.szProtocol[..end]);
        let units = name.encode_utf16().chain(std::iter::repeat(0));
        for (unit, to) in units.zip(&mut info.szProtocol) {
            *to = unit;
        }
        let components = component_count(&info)?;
        info.ProtocolChain.ChainEntries[components..].fill(0);
        info.dwCatalogEntryId = id.get();
        info.ProviderId = provider;
        Ok(Self {
            info,
            path: Arc::clone(path),
            categories,
        })
    }

    /// The entry as providers and applications see it.
    pub fn info(&self) -> &WSAPROTOCOL_INFOW {
        &self.info
    }

    /// The entry's id.
    pub fn id(&self) -> EntryId {
        EntryId(self.info.dwCatalogEntryId)
    }

    /// The installation this entry belongs to. Entries that share it share one loaded provider.
    #[doc(alias = "ProviderId")]
    pub fn provider(&self) -> GUID {
        self.info.ProviderId
    }

    /// Where the provider's module is, as installed: environment strings are not expanded.
    /// `linked:NAME` is a provider linked into the program.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The LSP categories declared for this entry's provider, if any were.
    pub fn categories(&self) -> Option<u32> {
        self.categories
    }

    /// What the entry stands for.
    pub fn kind(&self) -> Kind {
        match self.info.ProtocolChain.ChainLen {
            LAYERED_PROTOCOL => Kind::Layer,
            BASE_PROTOCOL => Kind::Base,
            _ => Kind::Chain,
        }
    }

    /// The ids of a chain's components from the top layer to the base; empty for other kinds.
    pub fn chain(&self) -> impl DoubleEndedIterator<Item = EntryId> + '_ {
        components(&self.info)
    }

    /// The protocol's name.
    pub fn name(&self) -> String {
        String::from_utf16_lossy(self.name_units())
    }

    /// The protocol's name in UTF-16, without the NUL.
    pub fn name_units(&self) -> &[u16] {
        let name = &self.info.szProtocol;
        let end = name
            .iter()
            .position(|unit| *unit == 0)
            .unwrap_or(name.len());
        &name[..end]
    }

    /// Whether WSAEnumProtocols leaves the entry out for its PFL_HIDDEN.
    pub fn is_hidden(&self) -> bool {
        self.info.dwProviderFlags & PFL_HIDDEN != 0
    }

    /// Whether the entry's sockets are handles of the operating system.
    #[doc(alias = "XP1_IFS_HANDLES")]
    pub fn has_ifs_handles(&self) -> bool {
        self.info.dwServiceFlags1 & XP1_IFS_HANDLES != 0
    }

    /// Whether WSASocket may be asked for this protocol without naming it.
    pub fn matches_protocol_zero(&self) -> bool {
        self.info.dwProviderFlags & PFL_MATCHES_PROTOCOL_ZERO != 0
    }

    /// Whether `protocol` lies in iProtocol ..= iProtocol + iProtocolMaxOffset.
    pub fn covers_protocol(&self, protocol: i32) -> bool {
        let first = i64::from(self.info.iProtocol);
        let last = first + i64::from(self.info.iProtocolMaxOffset.max(0));
        (first..=last).contains(&i64::from(protocol))
    }

    /// Address family, socket type and protocol: what WSCInstallProviderAndChains tells entries
    /// apart by.
    pub(super) fn triple(&self) -> Triple {
        Triple::of(&self.info)
    }

    pub(super) fn with_categories(&self, categories: u32) -> Self {
        Self {
            categories: Some(categories),
            ..self.clone()
        }
    }
}

/// Address family, socket type and protocol of an entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Triple {
    family: i32,
    socket_type: i32,
    protocol: i32,
}

impl Triple {
    /// The triple of `info`; nothing else of it is looked at.
    pub fn of(info: &WSAPROTOCOL_INFOW) -> Self {
        Self {
            family: info.iAddressFamily,
            socket_type: info.iSocketType,
            protocol: info.iProtocol,
        }
    }
}

impl fmt::Display for Triple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "(address family {}, socket type {}, protocol {})",
            self.family, self.socket_type, self.protocol
        )
    }
}

/// The ids in a structure's chain from the top; none when it is no chain or of a bad length.
pub(super) fn components(
    info: &WSAPROTOCOL_INFOW,
) -> impl DoubleEndedIterator<Item = EntryId> + '_ {
    let count = component_count(info).unwrap_or(0);
    info.ProtocolChain
        .ChainEntries
        .iter()
        .take(count)
        .map(|id| EntryId(*id))
}

/// How many cells of a structure's chain mean something: all ChainLen of a chain, else none.
fn component_count(info: &WSAPROTOCOL_INFOW) -> Result<usize, Refusal> {
    let length = info.ProtocolChain.ChainLen;
    match usize::try_from(length) {
        Ok(0 | 1) => Ok(0),
        Ok(count) if count <= info.ProtocolChain.ChainEntries.len() => Ok(count),
        _ => Err(Refusal::BadChainLength(length)),
    }
}

/// Refuses a path that WSCGetProviderPath could not give back.
pub(super) fn check_path(path: &str) -> Result<(), Refusal> {
    if path.is_empty() || path.contains('\0') {
        return Err(Refusal::BadPath);
    }
    if path.encode_utf16().count() >= MAX_PATH {
        return Err(Refusal::PathTooLong);
    }
    Ok(())
}
