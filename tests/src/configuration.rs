//! The configurations: what lies between the test bodies and the base provider.

use crate::isolation::Quiet;
use crate::layers;
use crate::{exceptions, host, isolation, winsock};
use std::mem::zeroed;
use std::sync::Once;
use ws2spi_abi::WSADATA;

/// What a test program runs its bodies on.
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

    /// Installs the configuration's layer and starts the runtime.
    ///
    /// # Panics
    /// When that fails.
    pub fn start(self) {
        match self {
            Self::Bare => {}
            Self::Ifs => layers::install_c("layer_ifs", ws2spi_cli::installer::Handles::System),
            Self::NonIfs => {
                layers::install_c("layer_nonifs", ws2spi_cli::installer::Handles::Minted)
            }
            Self::Rust => layers::install_rust(),
        }
        startup();
    }
}

/// One more `WSAStartup(2.2)`.
///
/// # Panics
/// When it fails.
pub fn startup() {
    // SAFETY: a C structure of numbers and a pointer: all zeroes is a value.
    let mut data: WSADATA = unsafe { zeroed() };
    // SAFETY: the data is a live local.
    assert_eq!(unsafe { winsock::WSAStartup(0x0202, &raw mut data) }, 0);
}

/// Starts the world of this test program, once, and looks whether the test whose inner function has the type name `here` applies.
/// As long as what it returns lives, this program starts no process.
#[must_use]
pub fn enter(here: &str, configuration: Configuration) -> Option<Quiet> {
    static STARTED: Once = Once::new();
    host::demand();
    let path = isolation::test_path(here);
    if let Some(row) = exceptions::find(path, configuration.name()) {
        host::say(&format!(
            "{path} does not apply on {}: {} ({})",
            configuration.name(),
            row.reason,
            row.source
        ));
        return None;
    }
    STARTED.call_once(|| configuration.start());
    Some(Quiet::begin())
}
