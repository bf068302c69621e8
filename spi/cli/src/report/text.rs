//! The report for people: sections of aligned lines, at most 100 columns wide.

use super::{HandleCounts, Report, counted, handles_word, per_second, standing_word};
use crate::chain::BASE_MODULE;
use crate::counters::{Count, Level, Levels};
use crate::findings::Finding;
use crate::traffic::Round;
use crate::trial::Trial;
use std::fmt::{self, Display, Write as _};
use ws2spi_abi::Errno;

/// The report as text, ending in a line feed.
#[must_use]
pub fn print(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = sections(report, &mut out);
    out
}

fn sections(report: &Report, out: &mut String) -> fmt::Result {
    chains(report, out)?;
    for trial in &report.trials {
        let title = format!("--- {} ", trial.round);
        writeln!(out, "{title:-<WIDTH$}\n")?;
        traffic(report, trial, out)?;
        calls(report, &trial.levels, out)?;
        errors(report, &trial.levels, out)?;
        handles(trial.handles.as_ref(), out)?;
        writeln!(out)?;
    }
    summary(report, out)?;
    handles(report.handles.as_ref(), out)?;
    findings(report, out)?;
    rules(report, out)?;
    verdict(report, out)
}

fn chains(report: &Report, out: &mut String) -> fmt::Result {
    if report.chains.is_empty() {
        return Ok(());
    }
    writeln!(out, "Chains")?;
    for chain in &report.chains {
        let name = short(&chain.name, 70);
        writeln!(
            out,
            "  {:<14}  {:>5}  {name}",
            chain.leg.to_string(),
            chain.entry
        )?;
    }
    writeln!(out, "\nLevels, from the top down")?;
    for (index, row) in report.providers.iter().enumerate() {
        let entry = row
            .installed
            .as_ref()
            .map_or(0, |installed| installed.entry);
        let handles = row.handles.map_or("", handles_word);
        let (name, module) = (short(&row.provider.name, 26), &row.provider.module);
        writeln!(
            out,
            "  {}  {entry:>5}  {name:<26}  {handles} handles",
            index + 1
        )?;
        writeln!(out, "            {module}")?;
    }
    let base = report.chains.iter().filter_map(|chain| chain.links.last());
    let base: Vec<String> = base
        .filter(|link| link.module == BASE_MODULE)
        .map(|link| link.entry.to_string())
        .collect();
    if !base.is_empty() {
        writeln!(
            out,
            "  base      sockets of the system, entries {}",
            base.join(", ")
        )?;
    }
    for note in &report.notes {
        sentence(note, out)?;
    }
    writeln!(out)
}

fn traffic(report: &Report, trial: &Trial, out: &mut String) -> fmt::Result {
    if trial.outcomes.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "{:<20}{:>12}{:>11}{:>12}{:>10}{:>16}{:>14}",
        "Traffic", "connections", "verified", "operations", "seconds", "bytes/s", "operations/s"
    )?;
    for row in TrafficRow::of(trial) {
        writeln!(
            out,
            "  {:<18}{:>12}{:>11}{:>12}{:>10.3}{:>16}{:>14}",
            row.name,
            row.connections,
            bytes(row.bytes as f64),
            grouped(row.operations),
            row.seconds,
            format!("{}/s", bytes(per_second(row.bytes, row.seconds))),
            rate(row.operations, row.seconds),
        )?;
    }
    for outcome in &trial.outcomes {
        if let (Some(_), Some(refused)) = (&outcome.failure, outcome.unsupported) {
            sentence(&report.refusal(trial, outcome, refused), out)?;
        }
    }
    writeln!(out)
}

/// A line of the traffic: a leg of the one style, or a style with all its legs.
struct TrafficRow {
    name: String,
    connections: u32,
    bytes: u64,
    operations: u64,
    seconds: f64,
}

impl TrafficRow {
    fn of(trial: &Trial) -> Vec<Self> {
        let mut rows: Vec<Self> = Vec::new();
        for outcome in &trial.outcomes {
            let name = match &trial.round {
                Round::Alone(_) => outcome.leg.to_string(),
                Round::AtOnce(_) => outcome.style.to_string(),
            };
            let seconds = outcome.elapsed.as_secs_f64();
            match rows.iter_mut().find(|row| row.name == name) {
                // Its legs run at the same time.
                Some(row) => {
                    row.connections += outcome.connections;
                    row.bytes += outcome.bytes;
                    row.operations += outcome.operations;
                    row.seconds = row.seconds.max(seconds);
                }
                None => rows.push(Self {
                    name,
                    connections: outcome.connections,
                    bytes: outcome.bytes,
                    operations: outcome.operations,
                    seconds,
                }),
            }
        }
        rows
    }
}

/// The rounds side by side.
fn summary(report: &Report, out: &mut String) -> fmt::Result {
    if report.trials.is_empty() {
        return Ok(());
    }
    writeln!(out, "{:-<WIDTH$}\n", "")?;
    writeln!(
        out,
        "{:<20}{:>12}{:>14}{:>10}{:>18}{:>10}  result",
        "I/O", "verified", "operations", "seconds", "operations/s", "leaked"
    )?;
    for trial in &report.trials {
        let legs = || trial.outcomes.iter();
        let seconds = trial.elapsed.as_secs_f64();
        let operations = legs().map(|leg| leg.operations).sum();
        let verified: u64 = legs().map(|leg| leg.bytes).sum();
        let leaked = trial.handles.as_ref().map(HandleCounts::leaked);
        let leaked = leaked.map_or_else(|| String::from("?"), |leaked| grouped(leaked as u64));
        writeln!(
            out,
            "  {:<18}{:>12}{:>14}{seconds:>10.3}{:>18}{leaked:>10}  {}",
            trial.round.name(),
            bytes(verified as f64),
            grouped(operations),
            rate(operations, seconds),
            standing_word(trial.standing()),
        )?;
    }
    writeln!(out)
}

fn rate(count: u64, seconds: f64) -> String {
    format!("{}/s", grouped(per_second(count, seconds).round() as u64))
}

fn calls(report: &Report, levels: &Levels, out: &mut String) -> fmt::Result {
    let modules = report.modules(levels);
    if modules.is_empty() {
        return Ok(());
    }
    // Seven levels and whatever else was called: the columns share what the names leave.
    let width = ((WIDTH - NAMES) / modules.len()).clamp(9, 24);
    let heads = heads(report, &modules, width - 1);
    let table = |out: &mut String, title: &str, pick: fn(&Level) -> &Functions| {
        let levels: Vec<&Level> = modules
            .iter()
            .filter_map(|module| levels.get(*module))
            .collect();
        let mut names: Vec<&str> = levels
            .iter()
            .flat_map(|level| pick(level).keys().copied())
            .collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() {
            return Ok(());
        }
        write!(out, "{title:<NAMES$}")?;
        for head in &heads {
            write!(out, "{head:>width$}")?;
        }
        writeln!(out)?;
        for name in names {
            write!(out, "  {name:<0$}", NAMES - 2)?;
            for level in &levels {
                let calls = pick(level).get(name).map_or(0, |count| count.calls);
                write!(out, "{:>width$}", fitted(calls, width - 1))?;
            }
            writeln!(out)?;
        }
        writeln!(out)
    };
    table(out, "Calls", |level| &level.procedures)?;
    table(out, "Upcalls", |level| &level.upcalls)
}

/// What stands above the columns: number and name of each level, or the number alone where names do
/// not fit; the list of levels has both.
fn heads(report: &Report, modules: &[&str], most: usize) -> Vec<String> {
    let number = |module: &str| {
        let row = report
            .providers
            .iter()
            .position(|row| row.provider.module == module);
        row.map(|row| row + 1)
    };
    let whole = |module: &&str| match (number(module), report.module_name(module)) {
        (Some(number), name) => format!("{number} {name}"),
        (None, name) => name.to_owned(),
    };
    let heads: Vec<String> = modules.iter().map(whole).collect();
    if heads.iter().all(|head| head.chars().count() <= most) {
        return heads;
    }
    let brief = |module: &&str| match number(module) {
        Some(number) => number.to_string(),
        None => short(report.module_name(module), most),
    };
    modules.iter().map(brief).collect()
}

type Functions = std::collections::BTreeMap<&'static str, Count>;

fn errors(report: &Report, levels: &Levels, out: &mut String) -> fmt::Result {
    let mut lines = Vec::new();
    for module in report.modules(levels) {
        let Some(level) = levels.get(module) else {
            continue;
        };
        for (function, count) in level.procedures.iter().chain(&level.upcalls) {
            for (code, times) in &count.errors {
                let module = short(report.module_name(module), 20);
                let error = error_text(*code);
                let times = grouped(*times);
                let line = format!("  {module:<20}  {function:<27} {times:>9} x {error}");
                lines.push(short(&line, WIDTH));
            }
        }
    }
    match lines.is_empty() {
        true if levels.is_empty() => Ok(()),
        true => writeln!(out, "Errors            none"),
        false => writeln!(out, "Errors\n{}\n", lines.join("\n")),
    }
}

/// The error as its name and number; 0 is a failure without a code.
fn error_text(code: i32) -> String {
    match Errno::new(code) {
        None => String::from("no error code"),
        Some(error) => match error.name() {
            Some(name) => format!("{name} ({code})"),
            None => format!("error {code}"),
        },
    }
}

fn handles(handles: Option<&HandleCounts>, out: &mut String) -> fmt::Result {
    let Some(handles) = handles else {
        return Ok(());
    };
    let HandleCounts { before, after, .. } = handles;
    let (leaked, open) = (handles.leaked(), handles.sockets_left_open.len());
    writeln!(
        out,
        "Handles           {leaked} leaked ({before} before the start, {after} after the end), \
         {} left open",
        counted(open, "socket")
    )
}

fn rules(report: &Report, out: &mut String) -> fmt::Result {
    let Some(broken) = &report.broken_rules else {
        return Ok(());
    };
    match broken.len() {
        0 => writeln!(out, "Rules             none broken"),
        count => writeln!(out, "Rules             {count} broken"),
    }?;
    for finding in broken {
        let name = report.module_name(&finding.provider);
        let (rule, sentence_of_it) = (finding.rule, finding.sentence);
        sentence(&format!("{rule}: {sentence_of_it}"), out)?;
        let handle = finding
            .handle
            .map_or_else(String::new, |handle| format!(", handle {handle:#x}"));
        let often = match finding.times {
            1 => String::new(),
            times => format!(" ({} times)", grouped(times)),
        };
        let (function, what, thread) = (finding.function, &finding.what, &finding.thread);
        sentence(
            &format!("  {name}: {function}: {what}{handle}, {thread}{often}"),
            out,
        )?;
        for frame in &finding.stack {
            writeln!(out, "      {frame}")?;
        }
        writeln!(out, "    see {}", finding.page)?;
    }
    Ok(())
}

fn findings(report: &Report, out: &mut String) -> fmt::Result {
    match report.findings.len() {
        0 if report.trials.is_empty() => Ok(()),
        0 => writeln!(out, "Findings          none"),
        count => {
            writeln!(out, "Findings          {count}")?;
            for Finding { diagnostic, times } in &report.findings {
                let name = report.module_name(&diagnostic.provider);
                let often = match times {
                    1 => String::new(),
                    times => format!(" ({} times)", grouped(*times)),
                };
                let (function, what) = (diagnostic.function, &diagnostic.what);
                sentence(&format!("{name}: {function}: {what}{often}"), out)?;
            }
            Ok(())
        }
    }
}

fn verdict(report: &Report, out: &mut String) -> fmt::Result {
    if report.unusable.is_none() {
        writeln!(out, "Seed              {} (--seed repeats it)", report.seed)?;
    }
    let seconds = report.elapsed.as_secs_f64();
    writeln!(
        out,
        "Verdict           {} in {seconds:.1} s",
        report.exit().verdict()
    )?;
    for failure in &report.failures {
        sentence(failure, out)?;
    }
    Ok(())
}

/// A sentence on lines of its own, broken between words.
fn sentence(text: &str, out: &mut String) -> fmt::Result {
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        let indent = match column {
            0 => "  ",
            _ if column + 1 + length <= WIDTH => " ",
            _ => {
                column = 0;
                "\n    "
            }
        };
        write!(out, "{indent}{word}")?;
        column += indent.trim_start_matches('\n').len() + length;
    }
    writeln!(out)
}

/// A number of bytes with a unit, three digits that matter.
fn bytes(bytes: f64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < units.len() {
        value /= 1024.0;
        unit += 1;
    }
    match value {
        _ if unit == 0 => format!("{value:.0} B"),
        value if value < 9.995 => format!("{value:.2} {}", units[unit]),
        value if value < 99.95 => format!("{value:.1} {}", units[unit]),
        value => format!("{value:.0} {}", units[unit]),
    }
}

/// A number with its thousands set apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with its thousands set apart; one that is too long for that, in millions and so on.
fn fitted(number: u64, most: usize) -> String {
    let whole = grouped(number);
    if whole.len() <= most {
        return whole;
    }
    let units = [(1e6, "M"), (1e9, "G"), (1e12, "T")];
    let value = number as f64;
    let (unit, name) = units
        .into_iter()
        .rev()
        .find(|(unit, _)| value >= *unit)
        .unwrap_or(units[0]);
    format!("{:.2}{name}", value / unit)
}

/// A text cut to so many characters, with an ellipsis if something is missing.
fn short(text: &(impl Display + ?Sized), most: usize) -> String {
    let text = text.to_string();
    if text.chars().count() <= most {
        return text;
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// The widest line, paths and sentences excepted.
const WIDTH: usize = 100;
/// The column of function names: the longest is WPUQuerySocketHandleContext.
const NAMES: usize = 31;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
        assert_eq!(fitted(999_999, 8), "999,999");
        assert_eq!(fitted(12_345_678, 8), "12.35M");
        assert_eq!(fitted(9_876_543_210, 8), "9.88G");
        assert_eq!(bytes(17.0), "17 B");
        assert_eq!(bytes(1536.0), "1.50 KiB");
        assert_eq!(bytes(16.0 * 1024.0 * 1024.0), "16.0 MiB");
        assert_eq!(bytes(1023.0 * 1024.0), "1023 KiB");
    }

    #[test]
    fn sentences_are_broken_between_words() {
        let mut out = String::new();
        let text = vec!["word"; 60].join(" ");
        sentence(&text, &mut out).expect("a string grows");
        assert!(out.lines().all(|line| line.len() <= WIDTH), "{out}");
        assert_eq!(out.split_whitespace().count(), 60);
        assert!(out.starts_with("  word word") && out.contains("\n    word"));
        assert_eq!(out.lines().count(), 4);
    }

    #[test]
    fn long_names_are_cut_to_their_column() {
        assert_eq!(short("abc", 3), "abc");
        assert_eq!(short("abcd", 3), "ab…");
        assert_eq!(short("ä".repeat(5).as_str(), 4).chars().count(), 4);
    }
}
