//! The C providers of `tests/c`, compiled by this package's build script.

use std::path::PathBuf;

/// The path of the compiled provider `name`: `path("layer_ifs")`.
///
/// # Panics
/// When there is no such source in `tests/c`.
#[must_use]
pub fn path(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("WS2SPI_PROVIDERS")).join(format!("{name}.so"));
    assert!(
        path.exists(),
        "tests/c/{name}.c is not a provider that the build script compiles"
    );
    path
}
