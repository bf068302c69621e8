//! What can go wrong with the catalog: `Refusal` for a change that the rules forbid, `StoreError`
//! for a file or registry key that cannot be read or written, `CatalogError` for either.
//!
//! Each message names the thing that is wrong, and for a file its name and the place in it, so
//! that the tool can print it as it is. The `api` module turns them into the codes of the WSC*
//! functions through [`CatalogError::errno`].

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use ws2spi_abi::Errno;
use ws2spi_abi::GUID;

use super::entry::EntryId;
use super::entry::Triple;

/// Why a change was not made. Nothing has changed.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Refusal {
    /// The list of entries to install is empty.
    #[error("no entries given")]
    NoEntries,
    /// The provider's path is empty or has a NUL in it.
    #[error("the provider's path is empty or contains a NUL")]
    BadPath,
    /// The provider's path does not fit MAX_PATH.
    #[error("the provider's path is longer than 259 characters")]
    PathTooLong,
    /// The provider's path has characters that the system's code page lacks, in which the registry
    /// keeps it.
    #[error("the provider's path has characters that the system's code page lacks")]
    PathNotRepresentable,
    /// The name has no NUL within its 256 units.
    #[error("the protocol's name is longer than 255 characters")]
    UnterminatedName,
    /// The layer's name is empty or does not fit WSAPROTOCOL_LEN.
    #[error("the layer's name is empty or longer than 255 characters")]
    BadLayerName,
    /// ChainLen is not 0 to 7.
    #[error("chain length {0} is not 0 to 7")]
    BadChainLength(i32),
    /// A chain names a component that is not installed.
    #[error("the chain names entry {0}, which is not installed")]
    UnknownComponent(EntryId),
    /// A chain names a component twice.
    #[error("the chain names entry {0} twice")]
    RepeatedComponent(EntryId),
    /// WSCInstallProviderAndChains knows no service flag but XP1_IFS_HANDLES.
    #[error("service flags {0:#x} have bits other than XP1_IFS_HANDLES")]
    BadServiceFlags(u32),
    /// The GUID is installed already.
    #[error("provider {0} is installed already")]
    DuplicateProvider(GUID),
    /// An entry of that name exists.
    #[error("an entry named {0:?} is installed already")]
    DuplicateName(String),
    /// No entry has that GUID.
    #[error("provider {0} is not installed")]
    UnknownProvider(GUID),
    /// An entry of the list is named twice.
    #[error("entry {0} is given twice")]
    RepeatedEntry(EntryId),
    /// The order is no permutation of the catalog.
    #[error("the order does not name each of the {0} entries exactly once")]
    NotAPermutation(usize),
    /// Nothing to layer over for that triple.
    #[error("no entry to layer over has {0}")]
    NoTarget(Triple),
    /// There is no base entry to layer over.
    #[error("no base entry to layer over")]
    NoBase,
    /// The chain to layer over has seven components.
    #[error("the chain of entry {0} is at its longest")]
    ChainFull(EntryId),
    /// The provider's module cannot serve.
    #[error("the provider's module does not load or lacks WSPStartup")]
    BadModule,
    /// All numbers were given out.
    #[error("no entry ids are left")]
    OutOfIds,
}

/// Why the catalog's file could not be read or written. Its content is what it was before.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("{}: cannot {action}: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no JSON, or not of the right shape.
    #[error("{}:{}:{}: {source}", file.display(), source.line(), source.column())]
    Garbled {
        /// The file.
        file: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// The file is well-formed, but a value in it cannot be.
    #[error("{}: {field}: {problem}", file.display())]
    Invalid {
        /// The file.
        file: PathBuf,
        /// Which field, as `catalog.entries[3].id`.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A later version of this program wrote the file.
    #[error("{}: version: {found} is newer than {supported}, the newest this program reads", file.display())]
    FutureVersion {
        /// The file.
        file: PathBuf,
        /// The version it has.
        found: u64,
        /// The newest that can be read.
        supported: u64,
    },
    /// Another writer holds the file.
    #[error("{}: another program is changing the catalog", file.display())]
    Busy {
        /// The file.
        file: PathBuf,
    },
}

/// Why an operation on the catalog failed.
#[derive(Debug, Error)]
pub enum CatalogError {
    /// The rules forbid the change.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The file could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another installation is running in this process.
    #[error("another installation is running")]
    Installing,
}

impl Refusal {
    /// The code most WSC* functions report it with.
    pub fn errno(&self) -> Errno {
        match self {
            Self::DuplicateProvider(_) | Self::NoBase | Self::ChainFull(_) => Errno::NO_RECOVERY,
            Self::BadModule => Errno::INVALIDPROCTABLE,
            Self::OutOfIds => Errno::NOBUFS,
            Self::NoEntries
            | Self::BadPath
            | Self::PathTooLong
            | Self::PathNotRepresentable
            | Self::UnterminatedName
            | Self::BadLayerName
            | Self::BadChainLength(_)
            | Self::UnknownComponent(_)
            | Self::RepeatedComponent(_)
            | Self::BadServiceFlags(_)
            | Self::DuplicateName(_)
            | Self::UnknownProvider(_)
            | Self::RepeatedEntry(_)
            | Self::NotAPermutation(_)
            | Self::NoTarget(_) => Errno::INVAL,
        }
    }
}

impl CatalogError {
    /// The code most WSC* functions report it with: a file that cannot be read or written is
    /// WSANO_RECOVERY, as a registry key that cannot be opened is on Windows.
    pub fn errno(&self) -> Errno {
        match self {
            Self::Refused(refusal) => refusal.errno(),
            Self::Store(_) => Errno::NO_RECOVERY,
            Self::Installing => Errno::INPROGRESS,
        }
    }
}
