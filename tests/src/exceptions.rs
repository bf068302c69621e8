//! `exceptions.toml`: the only way in which a test is skipped on a machine that has all that it needs.

use serde::Deserialize;
use std::sync::OnceLock;

/// A row: these cases do not apply in these configurations.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The case's name, without its module too; `module::*` for all of a module.
    pub test: String,
    /// The names of the configurations; `all` for every one.
    pub configurations: Vec<String>,
    /// Why.
    pub reason: String,
    /// The document or fact that the reason stands on.
    pub source: String,
}

/// A row: these assertions of the references have no test.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// Their ids; ranges as `P204-P238`.
    pub ids: Vec<String>,
    /// Why.
    pub reason: String,
    /// The document or fact that the reason stands on.
    pub source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    exception: Vec<Exception>,
    #[serde(default)]
    assertion: Vec<Assertion>,
}

fn file() -> &'static File {
    static FILE: OnceLock<File> = OnceLock::new();
    FILE.get_or_init(|| {
        let text = include_str!("../exceptions.toml");
        let file = toml::from_str::<File>(text).expect("exceptions.toml is well formed");
        let tests = file.exception.iter().map(|row| (&row.reason, &row.source));
        let assertions = file.assertion.iter().map(|row| (&row.reason, &row.source));
        for (reason, source) in tests.chain(assertions) {
            assert!(!reason.trim().is_empty(), "a row without a reason");
            assert!(!source.trim().is_empty(), "a row without a source");
        }
        file
    })
}

/// The rows about tests.
///
/// # Panics
/// When the file is not well formed, or a row has no reason or source.
#[must_use]
pub fn all() -> &'static [Exception] {
    &file().exception
}

/// The rows about assertions that have no test.
///
/// # Panics
/// As [`all`].
#[must_use]
pub fn assertions() -> &'static [Assertion] {
    &file().assertion
}

/// The row that excludes the case of this name from the configuration, if there is one.
#[must_use]
pub fn find(case: &str, configuration: &str) -> Option<&'static Exception> {
    all().iter().find(|row| {
        // `poll` is every configuration of a build that watches sockets with poll(2).
        let watched = if cfg!(ws2spi_force_poll) {
            "poll"
        } else {
            configuration
        };
        let mut configurations = row.configurations.iter();
        names(&row.test, case)
            && configurations.any(|name| [configuration, watched, "all"].contains(&name.as_str()))
    })
}

/// Whether a row's `test` names the case.
#[must_use]
pub fn names(test: &str, case: &str) -> bool {
    let (module, function) = case.rsplit_once("::").unwrap_or_default();
    match test.strip_suffix("::*") {
        Some(all_of) => all_of == module,
        None => test == case || test == function,
    }
}
