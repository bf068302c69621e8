//! The configurations: what lies between the cases and the base provider.

use crate::layers;
use crate::memory_file::MemoryFile;
use ws2spi_abi::HANDLE;
use ws2spi_cli::installer::Handles;
use ws2spi_conformance::Need;
use ws2spi_conformance::subject::{self, Subject};

pub use ws2spi_conformance::subject::startup;

/// What a test program runs the cases on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Configuration {
    /// The base provider alone. With `--cfg ws2spi_force_poll` it is called `poll` in `exceptions.toml`.
    Bare,
    /// Below a pass-through IFS layer in C.
    Ifs,
    /// Below a pass-through non-IFS layer in C.
    NonIfs,
    /// Below a pass-through layer in safe Rust.
    Rust,
}

impl Configuration {
    /// The name in `exceptions.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bare if cfg!(ws2spi_force_poll) => "poll",
            Self::Bare => "bare",
            Self::Ifs => "ifs",
            Self::NonIfs => "nonifs",
            Self::Rust => "rust",
        }
    }

    /// Whether the configuration is known to lack this.
    #[must_use]
    pub fn is_without(self, need: Need) -> bool {
        self == Self::NonIfs && need == Need::SystemHandles
    }

    /// Installs the configuration's layer and starts the runtime: once in a process, before anything else starts it.
    ///
    /// # Panics
    /// When that fails.
    pub fn start(self) {
        subject::set(self);
        subject::start();
    }
}

impl Subject for Configuration {
    fn prepare(&self) {
        match self {
            Self::Bare => {}
            Self::Ifs => layers::install_c("layer_ifs", Handles::System),
            Self::NonIfs => layers::install_c("layer_nonifs", Handles::Minted),
            Self::Rust => layers::install_rust(),
        }
    }

    fn open_file(&self, contents: &[u8]) -> HANDLE {
        MemoryFile::open(contents.to_vec()).into_raw()
    }
}
