//! `tests/conformance/REPORT.md`: every case with its result on our base, below both layers, and on Wine, and why it is not passed.
//!
//! Made of the tables that the runs are held to: `exceptions.toml` for ours, which `cargo test` runs, and `wine.tsv` for Wine, which
//! `.ci/wine` does. A test compares the file with what is made.

use crate::{Configuration, exceptions};
use std::fmt::Write as _;
use ws2spi_conformance::expectations::{Expectations, Known, Row};
use ws2spi_conformance::{Case, cases};

/// Ours, in the order of the columns.
const OURS: [(Configuration, &str); 3] = [
    (Configuration::Bare, "base"),
    (Configuration::Ifs, "layer_ifs"),
    (Configuration::NonIfs, "layer_nonifs"),
];

/// The report.
///
/// # Panics
/// When one of the tables is not well formed.
#[must_use]
pub fn print() -> String {
    let wine = Expectations::parse(include_str!("../conformance/wine.tsv"))
        .unwrap_or_else(|error| panic!("wine.tsv: {error}"));
    let mut out = String::from(HEAD);
    sums(&mut out, &wine);
    verified(&mut out, &wine);
    for (known, heading) in KNOWN {
        let rows = wine.rows.iter().filter(|row| row.known == known);
        disagreements(&mut out, heading, &rows.collect::<Vec<_>>());
    }
    layers(&mut out);
    all(&mut out, &wine);
    out
}

const HEAD: &str = "\
# The conformance cases on two implementations

Made by `cargo run -p ws2spi-tests --example report`; not to be edited.

The columns are held to what they say. *base*, *layer_ifs* and *layer_nonifs* are our base provider alone and below the two layers of
tests/c: `cargo test` runs every case there and fails when one is not passed that has no row in `tests/exceptions.toml`. *Wine* is
ws2_32 of Wine 8.0 in Debian 12: `.ci/wine` compiles the same cases for Windows, runs them there, and fails when one comes to something
else than `tests/conformance/wine.tsv` says. What a machine lacks (raw sockets, a link-local address) can make more cases inapplicable.
";

const KNOWN: [(Known, &str); 4] = [
    (Known::Wrong, "Wine is wrong"),
    (Known::Undecidable, "Undecidable"),
    (Known::Lacks, "Not applicable to Wine"),
    (Known::Unsorted, "Not looked at yet"),
];

fn ours(case: &Case, configuration: Configuration) -> &'static str {
    let lacks = case
        .needs
        .iter()
        .any(|need| configuration.is_without(*need));
    match exceptions::find(&case.name(), configuration.name()) {
        None if !lacks => "passed",
        _ => "not applicable",
    }
}

fn on_wine(case: &Case, wine: &Expectations) -> &'static str {
    match wine.of(&case.name()) {
        None => "passed",
        Some(row) if row.known == Known::Lacks => "not applicable",
        Some(row) if row.varies => "varies",
        Some(_) => "failed",
    }
}

// Writing to a string cannot fail, here and below.
fn sums(out: &mut String, wine: &Expectations) {
    let _ = writeln!(out, "\n| | base | layer_ifs | layer_nonifs | Wine |");
    let _ = writeln!(out, "|---|---|---|---|---|");
    for word in ["passed", "failed", "varies", "not applicable"] {
        let count = |result: &dyn Fn(&Case) -> &'static str| {
            cases::all().filter(|case| result(case) == word).count()
        };
        let [base, ifs, nonifs] = OURS.map(|(one, _)| count(&|case| ours(case, one)));
        let there = count(&|case| on_wine(case, wine));
        let _ = writeln!(out, "| {word} | {base} | {ifs} | {nonifs} | {there} |");
    }
}

/// What is known best: the cases that stand on something that was verified on Windows.
fn verified(out: &mut String, wine: &Expectations) {
    let verified: Vec<_> = cases::all().filter(|case| case.is_verified()).collect();
    let count = |word| {
        let of = |case: &&&Case| on_wine(case, wine) == word;
        verified.iter().filter(of).count()
    };
    let _ = writeln!(
        out,
        "\n{} cases stand on something that Wine's tests have verified on Windows (confidence V): {} passed on Wine, {} failed, {} vary, \
         {} do not apply.",
        verified.len(),
        count("passed"),
        count("failed"),
        count("varies"),
        count("not applicable"),
    );
}

fn disagreements(out: &mut String, heading: &str, rows: &[&Row]) {
    let _ = writeln!(out, "\n## {heading}: {}\n", rows.len());
    for row in rows {
        let _ = write!(out, "- `{}`", row.case);
        for (before, text) in [(": ", &row.reason), ("; source: ", &row.source)] {
            if !text.is_empty() {
                let _ = write!(out, "{before}{text}");
            }
        }
        let _ = writeln!(out);
    }
}

fn layers(out: &mut String) {
    let _ = writeln!(out, "\n## Not applicable to ours\n");
    for (configuration, name) in OURS {
        for case in cases::all() {
            let mut needs = case.needs.iter();
            let lack = needs.find(|need| configuration.is_without(**need));
            let case = case.name();
            if let Some(need) = lack {
                let _ = writeln!(out, "- {name}, `{case}`: it needs {}", need.name());
            }
            if let Some(row) = exceptions::find(&case, configuration.name()) {
                let (reason, source) = (&row.reason, &row.source);
                let _ = writeln!(out, "- {name}, `{case}`: {reason}; source: {source}");
            }
        }
    }
}

fn all(out: &mut String, wine: &Expectations) {
    let _ = writeln!(out, "\n## All cases\n");
    let _ = writeln!(
        out,
        "| case | stands on | base | layer_ifs | layer_nonifs | Wine |"
    );
    let _ = writeln!(out, "|---|---|---|---|---|---|");
    for case in cases::all() {
        let [base, ifs, nonifs] = OURS.map(|(one, _)| ours(case, one));
        let (name, cites) = (case.name(), case.cites.join(", "));
        let there = on_wine(case, wine);
        let _ = writeln!(
            out,
            "| `{name}` | {cites} | {base} | {ifs} | {nonifs} | {there} |"
        );
    }
}
