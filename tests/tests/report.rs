//! `tests/conformance/REPORT.md` says what the tables say. Not compared in a build that watches sockets with poll(2), which has more
//! exceptions.
#![cfg(not(ws2spi_force_poll))]

use std::fs;
use std::path::Path;

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
