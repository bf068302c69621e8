//! `tests/conformance/REPORT.md` says what the tables say. Not compared in a build that watches sockets with poll(2), which has more
//! exceptions. And Wine proves every case of confidence V.
#![cfg(not(ws2spi_force_poll))]

use std::fs;
use std::path::Path;
use ws2spi_conformance::cases;
use ws2spi_conformance::expectations::Expectations;

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

// "On Wine at least every case marked V that Wine's own tests do not mark as todo passes": on one of the two versions. `.ci/wine` and
// `.ci/wine --newer` hold the table to runs.
#[test]
fn a_verified_case_passes_on_wine_unless_its_tests_mark_it_as_todo() {
    let table = include_str!("../conformance/wine.tsv");
    let wine = Expectations::parse(table).expect("a table");
    let verified = cases::all().filter(|case| case.is_verified());
    let unproved = verified.filter(|case| !ws2spi_tests::report::is_proved(case, &wine));
    let unproved: Vec<_> = unproved.map(ws2spi_conformance::Case::name).collect();
    assert!(
        unproved.is_empty(),
        "split them, or quote the test: {unproved:#?}"
    );
}
