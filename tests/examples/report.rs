//! Makes what `tests/conformance` tells of runs.
//!
//! ```text
//! cargo run -p ws2spi-tests --example report >tests/conformance/REPORT.md
//! cargo run -p ws2spi-tests --example report -- BASE.json IFS.json NONIFS.json >ours.tsv
//! ```
//!
//! The first prints the report, the second `ours.tsv` of three documents of `ws2spi check --json`: on the base alone, and below
//! tests/c/layer_ifs.c and layer_nonifs.c.

use serde_json::Value;
use std::{env, fs};
use ws2spi_conformance::cases;
use ws2spi_tests::ours;

fn main() {
    let paths: Vec<String> = env::args().skip(1).collect();
    match &paths[..] {
        [] => print!("{}", ws2spi_tests::report::print()),
        [base, ifs, nonifs] => print!("{}", table([base, ifs, nonifs].map(|path| read(path)))),
        _ => panic!("three documents of `ws2spi check --json` are expected, or none"),
    }
}

fn read(path: &str) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn table(documents: [Value; 3]) -> String {
    let mut out = ours::heading() + "\n";
    for case in cases::all().map(ws2spi_conformance::Case::name) {
        let mut reasons: Vec<String> = Vec::new();
        let results = documents.each_ref().map(|document| {
            let cases = document["cases"]
                .as_array()
                .expect("a document of check has cases");
            let row = cases.iter().find(|row| row["name"] == *case);
            let row = row.unwrap_or_else(|| panic!("{case} was not run"));
            // What it came to, known or not.
            let result = row["seen"].as_str().unwrap_or_default();
            let details = row["details"].as_str().unwrap_or_default();
            let reason = details
                .lines()
                .next()
                .unwrap_or_default()
                .replace('\t', " ");
            if result != "passed" && !reasons.contains(&reason) {
                reasons.push(reason);
            }
            result
        });
        out += &format!("{case}\t{}\t{}\n", results.join("\t"), reasons.join("; "));
    }
    out
}
