//! Which cases a check runs: by name or assertion, and by its part of them; and what is known of them before.

use super::arguments::CheckArguments;
use crate::known::{Exception, Known};
use crate::provider::Unusable;
use std::fmt::Write as _;
use std::fs;
use std::str::FromStr;
use ws2spi_conformance::{Case, cases};

/// One of so many parts of the cases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shard {
    /// From 0.
    index: usize,
    count: usize,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || String::from("a part such as 1/4 is expected");
        let (index, count) = text.split_once('/').ok_or_else(wrong)?;
        let (index, count): (usize, usize) = match (index.parse(), count.parse()) {
            (Ok(index), Ok(count)) => (index, count),
            _ => return Err(wrong()),
        };
        if index == 0 || index > count {
            return Err(format!("there is no part {index} of {count}"));
        }
        Ok(Self {
            index: index - 1,
            count,
        })
    }
}

/// The cases that were asked for, in their order.
pub(super) fn wanted(arguments: &CheckArguments) -> Vec<&'static Case> {
    let is_wanted = |case: &&Case| {
        let filters = &arguments.filter;
        filters.is_empty() || filters.iter().any(|filter| matches(case, filter))
    };
    let wanted = cases::all().filter(is_wanted).enumerate();
    // Every so many: neighbours take about as long.
    let is_in_part = |place: usize| {
        arguments
            .shard
            .is_none_or(|shard| place % shard.count == shard.index)
    };
    wanted
        .filter(|(place, _)| is_in_part(*place))
        .map(|(_, case)| case)
        .collect()
}

/// The known differences, none without a file.
pub(super) fn known(arguments: &CheckArguments) -> Result<Known, Unusable> {
    let Some(path) = &arguments.known else {
        return Ok(Known::default());
    };
    let unusable = |reason| Unusable::Machine {
        what: path.display().to_string(),
        reason,
    };
    let text = fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    let known = Known::parse(&text).map_err(unusable)?;
    match known.about_nothing() {
        Some(row) => Err(unusable(format!("{} is no case", row.test))),
        None => Ok(known),
    }
}

/// The known difference that a case is.
pub(super) fn exception<'a>(
    known: &'a Known,
    case: &Case,
    arguments: &CheckArguments,
) -> Option<&'a Exception> {
    let names: Vec<_> = arguments.known_as.iter().map(String::as_str).collect();
    known.find(&case.name(), &names)
}

fn matches(case: &Case, filter: &str) -> bool {
    let stands_on = |id: &&str| id.eq_ignore_ascii_case(filter);
    case.name().contains(filter) || case.cites.iter().any(stands_on)
}

/// The list of cases: name, and what they stand on.
pub(super) fn list(arguments: &CheckArguments) -> String {
    let mut out = String::new();
    for case in wanted(arguments) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}  {}", case.name(), case.cites.join(", "));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &[&str]) -> CheckArguments {
        use crate::arguments::{Arguments, Command};
        use clap::Parser;
        let words = ["ws2spi", "check"].iter().chain(words);
        match Arguments::parse_from(words).command {
            Command::Check(arguments) => arguments,
            _ => unreachable!("the command is check"),
        }
    }

    #[test]
    fn the_parts_together_are_all_cases_and_none_twice() {
        let mut together: Vec<_> = (1..=3)
            .flat_map(|part| wanted(&arguments(&["--shard", &format!("{part}/3")])))
            .map(Case::name)
            .collect();
        together.sort();
        let mut all: Vec<_> = cases::all().map(Case::name).collect();
        all.sort();
        assert_eq!(together, all);
    }

    #[test]
    fn a_part_that_there_is_not_is_refused() {
        for text in ["0/2", "3/2", "1", "a/b", "1/0", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_filter_is_part_of_a_name_or_an_assertion() {
        let by_id = wanted(&arguments(&["--filter", "p104"]));
        assert!(!by_id.is_empty());
        assert!(by_id.iter().all(|case| case.cites.contains(&"P104")));
        let by_name = wanted(&arguments(&["--filter", "names::"]));
        assert!(!by_name.is_empty());
        assert!(
            by_name
                .iter()
                .all(|case| case.name().starts_with("names::"))
        );
    }
}
