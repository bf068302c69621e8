//! `tests/conformance/ours.tsv`: what every case came to on our base and below both layers of tests/c, as runs of `ws2spi check` told it.
//!
//! The example `report` makes it of their documents (CONTRIBUTING.md). A line for each case with cells between tabs: the
//! name, the result in each configuration, and why it is not passed. [`report`](crate::report) prints it, as far as it agrees with
//! `exceptions.toml`, which `cargo test` is held to.

use crate::{Configuration, exceptions};
use std::sync::OnceLock;
use ws2spi_conformance::{Case, Need};

/// The configurations, in the order of the cells, with their names there.
pub const CONFIGURATIONS: [(Configuration, &str); 3] = [
    (Configuration::Bare, "base"),
    (Configuration::Ifs, "layer_ifs"),
    (Configuration::NonIfs, "layer_nonifs"),
];

/// The words that a cell may hold.
pub const WORDS: [&str; 6] = [
    "passed",
    "differs",
    "failed",
    "crashed",
    "hung",
    "not applicable",
];

/// The word for what was added or changed since the runs.
pub const NOT_RUN: &str = "not run";

/// A case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its name.
    pub case: String,
    /// What it came to in each configuration.
    pub results: [String; 3],
    /// Why it is not passed everywhere.
    pub reason: String,
}

/// The rows. A case that was added or renamed since the runs has none.
///
/// # Panics
/// When the file is not well formed.
#[must_use]
pub fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let mut lines = include_str!("../conformance/ours.tsv").lines();
        assert_eq!(
            lines.next(),
            Some(&*heading()),
            "the first line of ours.tsv"
        );
        lines.map(row).collect()
    })
}

/// What a case came to in a configuration, by its place: one of the [`WORDS`], or [`NOT_RUN`] when it was added or changed since, so that
/// the row says something else than what `cargo test` is held to.
///
/// # Panics
/// As [`rows`]; when there is no such configuration.
#[must_use]
pub fn result(case: &Case, place: usize) -> &'static str {
    let name = case.name();
    let row = rows().iter().find(|row| row.case == name);
    let result = row.map_or(NOT_RUN, |row| &row.results[place]);
    let configuration = CONFIGURATIONS[place].0;
    if may_come_to(case, configuration).contains(&result) {
        result
    } else {
        NOT_RUN
    }
}

/// What a case may come to that is held to `exceptions.toml` and its needs.
fn may_come_to(case: &Case, configuration: Configuration) -> &'static [&'static str] {
    let lacks = |need: &Need| configuration.is_without(*need);
    if exceptions::find(&case.name(), configuration.name()).is_some() {
        &["differs", "failed"]
    } else if case.needs.iter().any(lacks) {
        &["not applicable"]
    } else if case.needs.iter().any(|need| need.is_of_the_machine()) {
        &["passed", "not applicable"]
    } else {
        &["passed"]
    }
}

/// The first line of the file.
#[must_use]
pub fn heading() -> String {
    let names = CONFIGURATIONS.map(|(_, name)| name);
    format!("case\t{}\treason", names.join("\t"))
}

fn row(line: &str) -> Row {
    let cells: Vec<&str> = line.split('\t').collect();
    let [case, base, ifs, nonifs, reason] = cells[..] else {
        panic!("no row of ours.tsv: {line}");
    };
    let results = [base, ifs, nonifs].map(str::to_owned);
    for result in &results {
        assert!(
            WORDS.contains(&&**result),
            "no result in ours.tsv: {result}"
        );
    }
    Row {
        case: case.to_owned(),
        results,
        reason: reason.to_owned(),
    }
}
