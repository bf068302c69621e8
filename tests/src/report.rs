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
    let versions = WINE.map(|version| wine.on(version));
    let mut out = String::from(HEAD);
    sums(&mut out, &versions);
    verified(&mut out, &wine, &versions);
    for (known, heading) in KNOWN {
        let rows = wine.rows.iter().filter(|row| row.known == known);
        disagreements(&mut out, heading, &rows.collect::<Vec<_>>());
    }
    layers(&mut out);
    all(&mut out, &versions);
    out
}

/// The versions of Wine that the cases run on.
pub const WINE: [&str; 2] = ["8.0", "10.0"];

/// Their columns, in that order.
const WINE_COLUMNS: &str = "Wine 8.0 | Wine 10.0";

/// Whether nothing stands against a case of confidence V: it passes on a version of Wine, or where it fails Wine's own tests say that
/// Wine does (`todo_wine`), or it applies to no version.
#[must_use]
pub fn is_proved(case: &Case, wine: &Expectations) -> bool {
    WINE.iter()
        .any(|version| wine.on(version).of(&case.name()).is_none())
        || wine.all_of(&case.name()).all(|row| match row.known {
            Known::Wrong => quotes_a_todo(row),
            Known::Lacks => true,
            Known::Undecidable | Known::Unsorted => false,
        })
}

const HEAD: &str = "\
# The conformance cases on two implementations

Made by `cargo run -p ws2spi-tests --example report`; not to be edited.

The columns are held to what they say. *base*, *layer_ifs* and *layer_nonifs* are our base provider alone and below the two layers of
tests/c: what `ws2spi check` told of each case there (`tests/conformance/ours.tsv`; CONTRIBUTING.md says how it is made). `cargo test` runs
every case there again and fails when one is not passed that has no row in `tests/exceptions.toml`, to which the columns are held: what contradicts it is old, and *not run*. *Wine 8.0*
and *Wine 10.0* are ws2_32 of Debian 12's and Debian 13's Wine: `.ci/wine` and `.ci/wine --newer` compile the same cases for Windows, run
them there, and fail when one comes to something else than `tests/conformance/wine.tsv` says. What a machine lacks (raw sockets, a link-local address) can make more cases inapplicable.
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
fn sums(out: &mut String, versions: &[Expectations; 2]) {
    let _ = writeln!(
        out,
        "\n| | base | layer_ifs | layer_nonifs | {WINE_COLUMNS} |"
    );
    let _ = writeln!(out, "|---|---|---|---|---|---|");
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
        let [old, new] = versions
            .each_ref()
            .map(|wine| count(&|case| on_wine(case, wine)));
        if base + ifs + nonifs + old + new == 0 {
            continue;
        }
        let _ = writeln!(
            out,
            "| {word} | {base} | {ifs} | {nonifs} | {old} | {new} |"
        );
    }
}

/// What is known best: the cases that stand on something that was verified on Windows.
fn verified(out: &mut String, wine: &Expectations, versions: &[Expectations; 2]) {
    let verified: Vec<_> = cases::all().filter(|case| case.is_verified()).collect();
    let _ = writeln!(
        out,
        "\n{} cases stand on something that Wine's tests have verified on Windows (confidence V).",
        verified.len()
    );
    for (version, known) in WINE.iter().zip(versions) {
        let count = |word| {
            let of = |case: &&&Case| on_wine(case, known) == word;
            verified.iter().filter(of).count()
        };
        let _ = writeln!(
            out,
            "On Wine {version} {} of them passed, {} failed, {} vary, {} do not apply.",
            count("passed"),
            count("failed"),
            count("varies"),
            count("not applicable"),
        );
    }
    let passes = |case: &&&Case| {
        versions
            .iter()
            .any(|known| known.of(&case.name()).is_none())
    };
    let (passed, others): (Vec<&&Case>, Vec<_>) = verified.iter().partition(passes);
    let is_todo = |case: &&&Case| wine.all_of(&case.name()).any(quotes_a_todo);
    let (todo, others): (Vec<&&Case>, Vec<_>) = others.into_iter().partition(is_todo);
    let _ = writeln!(
        out,
        "{} passed on one of the two or both; {} are what those tests themselves mark as `todo_wine`, and {} apply to neither.",
        passed.len(),
        todo.len(),
        others.len(),
    );
}

/// Whether a row names the test of Wine's that marks it as not done there.
fn quotes_a_todo(row: &Row) -> bool {
    row.source.contains("todo_wine")
}

fn disagreements(out: &mut String, heading: &str, rows: &[&Row]) {
    let _ = writeln!(out, "\n## {heading}: {}\n", rows.len());
    for row in rows {
        let _ = write!(out, "- `{}` ({})", row.case, row.on.join(", "));
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

fn all(out: &mut String, versions: &[Expectations; 2]) {
    let _ = writeln!(out, "\n## All cases\n");
    let _ = writeln!(
        out,
        "| case | stands on | base | layer_ifs | layer_nonifs | {WINE_COLUMNS} |"
    );
    let _ = writeln!(out, "|---|---|---|---|---|---|---|");
    for case in cases::all() {
        let (name, cites) = (case.name(), case.cites.join(", "));
        let [base, ifs, nonifs] = [0, 1, 2].map(|place| ours::result(case, place));
        let [old, new] = versions.each_ref().map(|wine| on_wine(case, wine));
        let _ = writeln!(
            out,
            "| `{name}` | {cites} | {base} | {ifs} | {nonifs} | {old} | {new} |"
        );
    }
}
