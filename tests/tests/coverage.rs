//! Every assertion of the references has a test that cites it, or a row in `exceptions.toml` that says why not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use ws2spi_conformance::assertions;
use ws2spi_tests::{conformance, exceptions};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for file in fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = file.path();
        let name = file.file_name();
        if path.is_dir() && name != "target" && !name.to_string_lossy().starts_with('.') {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The ids that the conformance cases stand on, and those in the comments directly above a test function: `U12`, `U3-U5`, `U7, U9`.
/// What the base provider does counts only where it is seen through the whole stack: in the cases, in every configuration.
fn cited_in_tests() -> BTreeMap<String, BTreeSet<String>> {
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join(".."),
        &mut files,
    );
    let mut cited: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for case in conformance::all() {
        for assertion in case.assertions() {
            let id = assertion.id.to_owned();
            cited.entry(id).or_default().insert(case.name());
        }
    }
    for file in files {
        let text = fs::read_to_string(&file).expect("a source can be read");
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (at, _) in lines
            .iter()
            .enumerate()
            .filter(|(_, line)| **line == "#[test]")
        {
            let above = lines[..at]
                .iter()
                .rev()
                .take_while(|line| line.starts_with("//") || line.starts_with("#["));
            // A comment may also be the first thing in the body, below the function's name.
            let below = lines[at + 1..]
                .iter()
                .take(5)
                .filter(|line| line.starts_with("//"));
            for line in above.chain(below) {
                for id in ids(line).into_iter().filter(|id| id.starts_with('U')) {
                    cited
                        .entry(id)
                        .or_default()
                        .insert(file.display().to_string());
                }
            }
        }
    }
    cited
}

/// The ids in a piece of text, ranges written out.
fn ids(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut last: Option<(char, u32, usize)> = None;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let letter = bytes[at] as char;
        let starts =
            matches!(letter, 'U' | 'P') && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric());
        let digits = bytes[at + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let end = at + 1 + digits;
        if starts && digits > 0 && !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric) {
            let number: u32 = text[at + 1..end].parse().expect("digits are a number");
            let from = match last {
                Some((same, first, stop)) if same == letter && &text[stop..at] == "-" => first + 1,
                _ => number,
            };
            found.extend((from..=number).map(|number| format!("{letter}{number}")));
            last = Some((letter, number, end));
            at = end;
        } else {
            at += 1;
        }
    }
    found
}

// The "Done when": every row is a passing test or a row with a reason and a source.
#[test]
fn every_assertion_has_a_test_or_a_reason() {
    let cited = cited_in_tests();
    let excused: BTreeSet<String> = exceptions::assertions()
        .iter()
        .flat_map(|row| row.ids.iter().flat_map(|text| ids(text)))
        .collect();
    let known = assertions::all().iter().map(|assertion| assertion.id);
    let missing: Vec<&str> = known
        .filter(|id| !cited.contains_key(*id) && !excused.contains(*id))
        .collect();
    assert!(
        missing.is_empty(),
        "{} assertions without a test or a reason: {}",
        missing.len(),
        missing.join(" ")
    );
}

// An assertion that no case stands on is said to be none, with the reason; one that a case stands on is not.
#[test]
fn every_assertion_has_a_case_or_an_excuse() {
    let cited: BTreeSet<&str> = ws2spi_conformance::cases::all()
        .flat_map(|case| case.cites.iter().copied())
        .collect();
    for assertion in assertions::all() {
        let has_excuse = assertions::excuse_of(assertion.id).is_some();
        let has_case = cited.contains(assertion.id);
        assert_ne!(has_case, has_excuse, "{}", assertion.id);
    }
    for excuse in assertions::excuses() {
        for id in &excuse.ids {
            assert!(assertions::find(id).is_some(), "there is no {id}");
        }
    }
}

// A reason for an assertion that has a test is out of date.
#[test]
fn no_assertion_is_excused_that_has_a_test() {
    let cited = cited_in_tests();
    let excused = exceptions::assertions().iter().flat_map(|row| &row.ids);
    let excused: Vec<String> = excused.flat_map(|text| ids(text)).collect();
    let tested: Vec<&String> = excused
        .iter()
        .filter(|id| cited.contains_key(*id))
        .collect();
    assert!(
        tested.is_empty(),
        "excused, but cited in a test: {tested:?}"
    );
}

// A citation that looks like an id is one.
#[test]
fn every_case_stands_on_assertions_that_exist() {
    for case in conformance::all() {
        let looks = |cite: &&&str| !ids(cite).is_empty() && !cite.contains(' ');
        for id in case.cites.iter().filter(looks) {
            let found = assertions::find(id);
            assert!(found.is_some(), "{}: there is no {id}", case.name());
        }
    }
}

// Whoever names a case means one.
#[test]
fn every_case_has_a_name_of_its_own() {
    let mut seen = BTreeSet::new();
    for case in conformance::all() {
        assert!(seen.insert(case.name()), "{} is there twice", case.name());
    }
}

// A row that names no case excuses nothing.
#[test]
fn every_exception_names_a_case_that_exists() {
    for row in exceptions::all() {
        let named = |name: &str| row.names(name);
        assert!(
            conformance::all().any(|case| named(&case.name())),
            "exceptions.toml names {}, which is no case",
            row.test
        );
    }
}
