//! `tests/conformance/REPORT.md`: every case with its result on our base, below both layers, and on Wine, and why it is not passed.
//!
//! Made of tables: `ours.tsv`, what runs of `ws2spi check` told ([`ours`]), and `wine.tsv`, which `.ci/wine` holds its runs to.
//! A test compares the file with what is made.

use crate::{exceptions, ours};
use std::fmt::Write as _;
use ws2spi_conformance::expectations::{Expectations, Known, Row};
use ws2spi_conformance::{Case, cases};

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
tests/c: what `ws2spi check` told of each case there (`tests/conformance/ours.tsv`; CONTRIBUTING.md says how it is made). `cargo test` runs
every case there again and fails when one is not passed that has no row in `tests/exceptions.toml`, to which the columns are held: what contradicts it is old, and *not run*. *Wine* is
ws2_32 of Wine 8.0 in Debian 12: `.ci/wine` compiles the same cases for Windows, runs them there, and fails when one comes to something
else than `tests/conformance/wine.tsv` says. What a machine lacks (raw sockets, a link-local address) can make more cases inapplicable.
";

const KNOWN: [(Known, &str); 4] = [
    (Known::Wrong, "Wine is wrong"),
    (Known::Undecidable, "Undecidable"),
    (Known::Lacks, "Not applicable to Wine"),
    (Known::Unsorted, "Not looked at yet"),
];

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
    for word in [
        "passed",
        "differs",
        "failed",
        "varies",
        "crashed",
        "hung",
        "not applicable",
        ours::NOT_RUN,
    ] {
        let count = |result: &dyn Fn(&Case) -> &'static str| {
            cases::all().filter(|case| result(case) == word).count()
        };
        let [base, ifs, nonifs] = [0, 1, 2].map(|place| count(&|case| ours::result(case, place)));
        let there = count(&|case| on_wine(case, wine));
        if base + ifs + nonifs + there == 0 {
            continue;
        }
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
    let _ = writeln!(out, "\n## Not passed on ours\n");
    for row in ours::rows() {
        let Some(case) = cases::find(&row.case) else {
            continue;
        };
        for (place, (configuration, name)) in ours::CONFIGURATIONS.iter().enumerate() {
            let (case, result) = (&row.case, ours::result(case, place));
            if ["passed", ours::NOT_RUN].contains(&result) {
                continue;
            }
            let _ = match exceptions::find(case, configuration.name()) {
                Some(known) => {
                    let because = known.because();
                    writeln!(out, "- {name}, `{case}`, {result}: {because}")
                }
                None => writeln!(out, "- {name}, `{case}`, {result}: {}", row.reason),
            };
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
        let (name, cites) = (case.name(), case.cites.join(", "));
        let [base, ifs, nonifs] = [0, 1, 2].map(|place| ours::result(case, place));
        let there = on_wine(case, wine);
        let _ = writeln!(
            out,
            "| `{name}` | {cites} | {base} | {ifs} | {nonifs} | {there} |"
        );
    }
}
