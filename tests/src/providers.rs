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

/// The libraries that the build script made of the provider `name` with each compiler, with and without optimisation: two at least,
/// all in one folder.
///
/// # Panics
/// When the build script compiles it only once.
#[must_use]
pub fn variants(name: &str) -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("WS2SPI_PROVIDERS"));
    let compilers = ["gcc", "clang", "cc"].into_iter();
    let variants = compilers.flat_map(|compiler| {
        ["-O0", "-O2"].map(|level| folder.join(format!("{name}-{compiler}{level}.so")))
    });
    let found: Vec<_> = variants.filter(|library| library.exists()).collect();
    assert!(
        found.len() > 1,
        "tests/c/{name}.c is compiled once or not at all"
    );
    found
}
