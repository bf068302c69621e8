//! The report of a check for people: what did not pass, broken rules, how many of what.

use super::outcome::{Checked, Standing, Summary};
use super::subject::Level;
use std::fmt::{self, Write as _};

/// The report as text, ending in a line feed; with `verbose` also what passed.
pub(super) fn print(summary: &Summary, verbose: bool) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = sections(summary, verbose, &mut out);
    out
}

fn sections(summary: &Summary, verbose: bool, out: &mut String) -> fmt::Result {
    chain(summary, out)?;
    for question in &summary.questions {
        let word = question.verdict.word();
        writeln!(out, "{word:<14}  asking {}", question.what)?;
        for line in question.details().lines() {
            writeln!(out, "    {line}")?;
        }
    }
    for row in &summary.rows {
        case(row, verbose, out)?;
    }
    rules(summary, out)?;
    let broken = summary.broken_rules().len();
    writeln!(out, "Cases")?;
    for word in Standing::WORDS {
        let count = summary.count(word);
        if count > 0 || word == "passed" {
            writeln!(out, "  {word:<15} {count:>5}")?;
        }
    }
    if summary.chain.below().is_some() {
        writeln!(out, "  {:<15} {broken:>5}", "rules broken")?;
    }
    writeln!(
        out,
        "Verdict           {} in {:.1} s",
        summary.exit().verdict(),
        summary.elapsed.as_secs_f64()
    )
}

fn chain(summary: &Summary, out: &mut String) -> fmt::Result {
    writeln!(out, "Levels, from the top down")?;
    for level in &summary.chain.layers {
        writeln!(out, "  {:<26}  {}", level.name, handles(level))?;
    }
    match &summary.chain.base {
        None => writeln!(out, "  base provider")?,
        Some(base) => {
            let (name, handles) = (&base.level.name, handles(&base.level));
            let protocols = match base.protocols() {
                Some(protocols) => format!(": {}", protocols.join(", ")),
                None => String::new(),
            };
            writeln!(out, "  {name:<26}  {handles}, base provider{protocols}")?;
        }
    }
    for note in &summary.chain.notes {
        writeln!(out, "  {note}")?;
    }
    writeln!(out)
}

/// Whose handles a level gives.
fn handles(level: &Level) -> String {
    match level.handle_word() {
        Some(word) => format!("{word} handles"),
        None => String::from("handles unknown"),
    }
}

fn case(row: &Checked, verbose: bool, out: &mut String) -> fmt::Result {
    let quiet = matches!(
        row.standing,
        Standing::Passed | Standing::Known { .. } | Standing::NotApplicable(_)
    );
    if quiet && !verbose {
        return Ok(());
    }
    let word = row.standing.word();
    let cites = row.case.cites.join(", ");
    writeln!(out, "{word:<14}  {}  ({cites})", row.case.name())?;
    for line in row.details().lines() {
        writeln!(out, "    {line}")?;
    }
    Ok(())
}

fn rules(summary: &Summary, out: &mut String) -> fmt::Result {
    let broken = summary.broken_rules();
    if broken.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nBroken rules")?;
    for rule in broken {
        let said = |part: &str| rule.finding[part].as_str().unwrap_or_default();
        writeln!(out, "  {} {}", said("rule"), said("sentence"))?;
        writeln!(
            out,
            "    {} of {}: {}",
            said("function"),
            said("provider"),
            said("what")
        )?;
        for frame in rule.finding["stack"].as_array().into_iter().flatten() {
            let part = |part: &str| frame[part].as_str().unwrap_or_default();
            match (frame["file"].as_str(), frame["line"].as_u64()) {
                (Some(file), Some(line)) => {
                    writeln!(out, "      {} at {file}:{line}", part("function"))?;
                }
                _ => writeln!(out, "      {} in {}", part("function"), part("module"))?,
            }
        }
        let cases = rule.cases.iter().take(FEW).map(|case| case.name());
        let cases: Vec<_> = cases.collect();
        let more = rule.cases.len().saturating_sub(FEW);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        writeln!(out, "    in {}{more}", cases.join(", "))?;
        writeln!(out, "    {}", said("page"))?;
    }
    writeln!(out)
}

/// So many cases are named for a broken rule.
const FEW: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::subject::{Base, Chain};
    use crate::provider::Provider;
    use std::time::Duration;

    #[test]
    fn nothing_is_told_of_a_base_that_was_not_asked() {
        let provider = Provider {
            name: String::from("mine.c"),
            source: "mine.c".into(),
            module: String::from("mine.so"),
            id: None,
        };
        let summary = Summary {
            chain: Chain {
                base: Some(Base::named(&provider)),
                ..Chain::default()
            },
            questions: Vec::new(),
            rows: Vec::new(),
            elapsed: Duration::ZERO,
            strict: false,
        };
        let text = print(&summary, false);
        let line = text.lines().nth(1).unwrap_or_default();
        let words: Vec<_> = line.split_whitespace().collect();
        assert_eq!(words.join(" "), "mine.c handles unknown, base provider");
    }
}
