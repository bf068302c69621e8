//! `exceptions.toml`: the only way in which a test is skipped on a machine that has all that it needs.

use std::sync::OnceLock;
use ws2spi_cli::known::{Assertion, Exception, Known};

fn file() -> &'static Known {
    static FILE: OnceLock<Known> = OnceLock::new();
    FILE.get_or_init(|| {
        let text = include_str!("../exceptions.toml");
        let file = Known::parse(text).expect("exceptions.toml is well formed");
        let tests = file.exceptions.iter().map(|row| (&row.reason, &row.source));
        let assertions = file.assertions.iter().map(|row| (&row.reason, &row.source));
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
    &file().exceptions
}

/// The rows about assertions that have no test.
///
/// # Panics
/// As [`all`].
#[must_use]
pub fn assertions() -> &'static [Assertion] {
    &file().assertions
}

/// The row that excludes the case of this name from the configuration, if there is one.
#[must_use]
pub fn find(case: &str, configuration: &str) -> Option<&'static Exception> {
    // `poll` is every configuration of a build that watches sockets with poll(2).
    let watched = if cfg!(ws2spi_force_poll) {
        "poll"
    } else {
        configuration
    };
    file().find(case, &[configuration, watched])
}
