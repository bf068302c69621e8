//! Installing the layers of the configurations.

use crate::pass_through::PassThrough;
use crate::{configuration, providers};
use ws2spi::loader;
use ws2spi_abi::layer::{Layer as _, Stacked};
use ws2spi_abi::provider::entry;
use ws2spi_abi::{GUID, WSAPROTOCOL_INFOW};
use ws2spi_cli::installer::{self, Handles, Installed, Layer};

/// Installs a C layer of `tests/c` above TCP/IP and UDP/IP of both families.
///
/// # Panics
/// When that fails.
pub fn install_c(name: &str, handles: Handles) {
    let path = providers::path(name);
    let path = path.to_str().expect("the path is UTF-8");
    let _ = install(
        path,
        name,
        handles,
        GUID::from_u128(0x5a1d_0000_9b3e_4c55_a0f1_0000_0000_0000 | id_of(name)),
    );
}

/// A number that differs by name.
fn id_of(name: &str) -> u128 {
    name.bytes().fold(0u128, |sum, byte| {
        (sum * 31 + u128::from(byte)) % 0xffff_ffff
    }) << 8
}

/// Installs the pass-through layer in Rust.
///
/// # Panics
/// When that fails.
pub fn install_rust() {
    loader::link("pass-through", entry::<Stacked<PassThrough>>());
    let _ = install(
        "linked:pass-through",
        PassThrough::NAME,
        Handles::System,
        PassThrough::ID,
    );
}

/// Installs a C layer of `tests/c` above TCP/IP and UDP/IP of some families, and starts the runtime.
///
/// # Panics
/// When that fails.
pub fn start_c(name: &str, handles: Handles, families: &[i32]) {
    let path = providers::path(name);
    let layer = Layer {
        path: path.to_str().expect("the path is UTF-8").to_owned(),
        name: name.to_owned(),
        handles,
        id: GUID::from_u128(0x1e7e_15aa_7c1f_4b3b_8a55_0000_0000_0000),
    };
    let wanted = |entry: &WSAPROTOCOL_INFOW| {
        installer::is_tcp_or_udp(entry) && families.contains(&entry.iAddressFamily)
    };
    installer::install(&layer, wanted).expect("the layer can be installed");
    configuration::startup();
}

/// Installs a layer above TCP/IP and UDP/IP of both families.
///
/// # Panics
/// When that fails.
pub fn install(path: &str, name: &str, handles: Handles, id: GUID) -> Installed {
    let layer = Layer {
        path: path.into(),
        name: name.into(),
        handles,
        id,
    };
    installer::install(&layer, installer::is_tcp_or_udp).expect("the layer can be installed")
}
