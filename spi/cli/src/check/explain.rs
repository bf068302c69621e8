//! `--explain`: an assertion, a case or a rule, and where it is known from.

use std::fmt::Write as _;
use ws2spi_conformance::assertions::{self, Assertion, Confidence};
use ws2spi_conformance::{Case, cases};
use ws2spi_verify::rule;

/// The explanation, ending in a line feed.
///
/// # Errors
/// A sentence when there is nothing of that name.
pub(super) fn print(id: &str) -> Result<String, String> {
    if let Some(rule) = rule::find(id) {
        return Ok(rule.page().to_owned());
    }
    if let Some(assertion) = assertions::find(&id.to_uppercase()) {
        return Ok(of_assertion(assertion));
    }
    match cases::find(id) {
        Some(case) => Ok(of_case(case)),
        None => Err(format!(
            "{id} is no assertion (U1, P104), no case (--list prints them) and no rule (V001)"
        )),
    }
}

fn of_assertion(assertion: &Assertion) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}\n", line(assertion));
    let _ = writeln!(out, "About:   {}", assertion.group);
    let standing: Vec<_> = cases::all()
        .filter(|case| case.cites.contains(&assertion.id))
        .map(Case::name)
        .collect();
    if let Some(excuse) = assertions::excuse_of(assertion.id).filter(|_| standing.is_empty()) {
        let _ = writeln!(out, "No case: {}", excuse.reason);
        if !excuse.checked_in.is_empty() {
            let _ = writeln!(out, "Checked: {}", excuse.checked_in);
        }
    }
    for name in standing {
        let _ = writeln!(out, "Case:    {name}");
    }
    out
}

fn of_case(case: &Case) -> String {
    let mut out = format!("{}\n\n{}.\n", case.name(), case.title());
    for cite in case.cites {
        let known = assertions::find(cite);
        let text = known.map_or_else(|| (*cite).to_owned(), line);
        let _ = writeln!(out, "\n{text}");
    }
    let needs: Vec<_> = case.needs.iter().map(|need| need.name()).collect();
    if !needs.is_empty() {
        let _ = writeln!(out, "\nNeeds:   {}", needs.join(", "));
    }
    if let Some(seconds) = case.within {
        let _ = writeln!(
            out,
            "\nWithin:  {seconds} s; without the behaviour it waits for ever"
        );
    }
    out
}

fn line(assertion: &Assertion) -> String {
    let known = match assertion.confidence {
        Confidence::Verified => "verified on Windows by a test",
        Confidence::Documented => "documented by Microsoft",
        Confidence::Implemented => "what another implementation or a sample does",
        Confidence::Inferred => "inferred; nobody says it",
    };
    format!(
        "{}: {}\n         {known}; source: {}",
        assertion.id, assertion.text, assertion.source
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn assertions_cases_and_rules_are_explained() {
        let assertion = print("p104").expect("an assertion");
        assert!(assertion.starts_with("P104: "), "{assertion}");
        assert!(assertion.contains("Case:    accept_ex::"), "{assertion}");
        let case = print("accept_ex::both_handles_have_to_be_sockets").expect("a case");
        assert!(case.contains("both handles have to be sockets"), "{case}");
        assert!(case.contains("P104: "), "{case}");
        let timed = cases::find("receive_stream::a_receive_gives_up_after_its_time");
        let limit = |seconds| timed.map(|case| case.limit(Duration::from_secs(seconds)).as_secs());
        assert_eq!((limit(60), limit(2)), (Some(20), Some(2)));
        let case = print("receive_stream::a_receive_gives_up_after_its_time").expect("a case");
        assert!(case.contains("Within:  20 s"), "{case}");
        for rule in rule::RULES {
            let page = print(rule.id).expect("a rule");
            assert!(page.starts_with(&format!("# {}: ", rule.id)), "{page}");
            assert!(page.contains("## The mistake\n\n```c\n"), "{page}");
        }
        assert!(print("P9999").is_err());
    }
}
