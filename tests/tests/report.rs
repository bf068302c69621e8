//! `tests/conformance/REPORT.md` says what the tables say. Not compared in a build that watches sockets with poll(2), which has more
//! exceptions. And the table of Wine leaves no case of confidence V without a proof.
#![cfg(not(ws2spi_force_poll))]

use std::fs;
use std::path::Path;
use ws2spi_conformance::cases;
use ws2spi_conformance::expectations::{Expectations, Known};

// "Differential report": every case with its result on both implementations.
#[test]
fn the_report_is_what_is_made_of_the_tables() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/REPORT.md");
    let report = fs::read_to_string(path).expect("there is a report");
    assert!(
        report == ws2spi_tests::report::print(),
        "make it anew: cargo run -p ws2spi-tests --example report >tests/conformance/REPORT.md"
    );
}

// "On Wine at least every case marked V that Wine's own tests do not mark as todo passes": what does not pass is what a test of Wine's
// says of Windows, or Wine has nothing to ask. `.ci/wine` holds the table to a run.
#[test]
fn a_verified_case_that_wine_does_not_pass_quotes_a_test_of_wines() {
    let table = include_str!("../conformance/wine.tsv");
    let wine = Expectations::parse(table).expect("a table");
    let unproved = wine.rows.iter().filter(|row| {
        let case = cases::find(&row.case).expect("a row is about a case");
        let is_proved = match row.known {
            Known::Wrong => row.source.starts_with("Windows, as "),
            Known::Lacks => true,
            Known::Undecidable | Known::Unsorted => false,
        };
        case.is_verified() && !is_proved
    });
    let unproved: Vec<_> = unproved.map(|row| &row.case).collect();
    assert!(
        unproved.is_empty(),
        "split them, or quote the test: {unproved:#?}"
    );
}
