//! The report of a check as JUnit XML, as viewers of continuous integration read it.
//!
//! One suite for each module of cases, and one for questions that were not answered. What does not apply and what is known to differ is
//! skipped; what crashed or hung is an error; what differs, failed, or broke a rule is a failure. A case that the base alone fails as well is a failure too, unless it does not count: then it is skipped, with
//! that reason.

use super::outcome::{Checked, Standing, Summary};
use super::question::Question;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::io;

/// The document.
pub(super) fn print(summary: &Summary) -> io::Result<String> {
    let base = summary.chain.base.iter().map(|base| &base.level);
    let levels = summary.chain.layers.iter().chain(base);
    let names: Vec<_> = levels.map(|level| &*level.name).collect();
    let name = if names.is_empty() {
        String::from("base provider")
    } else {
        names.join(", ")
    };
    let mut report = Report::new(format!("ws2spi check: {name}"));
    report.set_time(summary.elapsed);
    let mut suites: Vec<TestSuite> = Vec::new();
    for row in &summary.rows {
        let full = row.case.name();
        let (module, function) = full.split_once("::").unwrap_or(("", &full));
        let mut case = TestCase::new(function, status(row, summary));
        case.set_classname(module).set_time(row.report.took);
        if !row.report.said.is_empty() {
            case.set_system_err(&row.report.said);
        }
        match suites.last_mut() {
            Some(suite) if suite.name.as_str() == module => {
                suite.add_test_case(case);
            }
            _ => {
                let mut suite = TestSuite::new(module);
                suite.add_test_case(case);
                suites.push(suite);
            }
        }
    }
    if !summary.questions.is_empty() {
        report.add_test_suite(questions(&summary.questions));
    }
    report.add_test_suites(suites);
    let text = report.to_string().map_err(io::Error::other)?;
    Ok(with_skipped(&text))
}

/// The document with the number of skipped cases under the name that Jenkins' schema has for it. In values quotes are escaped, so that
/// the attribute is found in the tags of suites only.
fn with_skipped(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        if line.trim_start().starts_with("<testsuite ") {
            line.replacen(" disabled=\"", " skipped=\"", 1)
        } else {
            line.to_owned()
        }
    });
    lines.collect()
}

/// What was not answered, each an error.
fn questions(questions: &[Question]) -> TestSuite {
    let mut suite = TestSuite::new("questions");
    for question in questions {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status
            .set_type(question.verdict.word())
            .set_message(format!("asking {}", question.what))
            .set_description(question.details());
        let mut case = TestCase::new(&*question.what, status);
        case.set_classname("questions").set_time(question.took);
        suite.add_test_case(case);
    }
    suite
}

fn status(row: &Checked, summary: &Summary) -> TestCaseStatus {
    let bad = |kind| {
        let mut status = TestCaseStatus::non_success(kind);
        status
            .set_type(row.standing.word())
            .set_message(row.case.title())
            .set_description(row.details());
        status
    };
    let skipped = |why: &str| {
        let mut status = TestCaseStatus::skipped();
        status.set_message(why);
        status
    };
    match &row.standing {
        Standing::NotApplicable(reason) => skipped(reason),
        Standing::Crashed | Standing::Hung => bad(NonSuccessKind::Error),
        Standing::Failed if !summary.strict && summary.chain.below().is_some() => {
            skipped("fails on the base provider alone as well")
        }
        Standing::Known { reason, .. } if row.broken_rules.is_empty() => {
            skipped(&format!("known: {reason}"))
        }
        Standing::Failed | Standing::Differs | Standing::Stale(_) => bad(NonSuccessKind::Failure),
        Standing::Passed | Standing::Known { .. } => match row.broken_rules.first() {
            None => TestCaseStatus::success(),
            Some(finding) => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status
                    .set_type("broken rule")
                    .set_message(finding["sentence"].as_str().unwrap_or_default())
                    .set_description(format!("{finding:#}"));
                status
            }
        },
    }
}
