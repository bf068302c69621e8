//! The assertions: what is known of Windows, each with where it is known from and how well.
//!
//! `assertions.tsv` has a row for each, in the order of the references: U1-U196 about the client DLL (ws2_32), P1-P352 about the base
//! provider. Sources are named in short: `sock.c`, `protocol.c` and the like, also `WT:`, are Wine's tests, whose expectations were
//! verified on Windows; `sdk:` and `D:` pages of Microsoft's reference, `win32:` and `D:WS` of its guide; `R`, `RO` ReactOS; `W` Wine;
//! `S` Microsoft's sample of a layered provider; `H` public headers; `L` measured; `P` nobody says it: chosen, with a reason.

use std::sync::OnceLock;

/// How well an assertion is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Confidence {
    /// `V`: verified on Windows by a test of Wine's.
    Verified,
    /// `D`: documented by Microsoft.
    Documented,
    /// `R`: what another implementation, or a sample of Microsoft's, does.
    Implemented,
    /// `I`: inferred; nobody says it.
    Inferred,
}

/// One assertion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Assertion {
    /// `U12`, `P104`.
    pub id: &'static str,
    /// How well it is known.
    pub confidence: Confidence,
    /// What it is about: the heading that it stands under.
    pub group: &'static str,
    /// Where it is known from.
    pub source: &'static str,
    /// What it says.
    pub text: &'static str,
}

/// All assertions.
///
/// # Panics
/// Never: the table is part of the program.
#[must_use]
pub fn all() -> &'static [Assertion] {
    static ALL: OnceLock<Vec<Assertion>> = OnceLock::new();
    ALL.get_or_init(|| {
        let lines = include_str!("assertions.tsv").lines().skip(1);
        lines.map(|line| row(line).expect("a row")).collect()
    })
}

/// The assertion with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Assertion> {
    all().iter().find(|assertion| assertion.id == id)
}

/// Why no case stands on an assertion.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excuse {
    /// The ids that it is for.
    pub ids: Vec<String>,
    /// The reason.
    pub reason: &'static str,
    /// Where it is checked instead; nothing when it is not.
    pub checked_in: &'static str,
}

/// Why no case stands on the assertions on which none does: `not_cases.tsv`.
///
/// # Panics
/// Never: the table is part of the program.
#[must_use]
pub fn excuses() -> &'static [Excuse] {
    static EXCUSES: OnceLock<Vec<Excuse>> = OnceLock::new();
    EXCUSES.get_or_init(|| {
        let lines = include_str!("not_cases.tsv").lines().skip(1);
        lines.map(|line| excuse(line).expect("a row")).collect()
    })
}

/// The excuse of an assertion on which no case stands.
#[must_use]
pub fn excuse_of(id: &str) -> Option<&'static Excuse> {
    let is_for = |excuse: &&Excuse| excuse.ids.iter().any(|one| one == id);
    excuses().iter().find(is_for)
}

fn excuse(line: &'static str) -> Option<Excuse> {
    let mut cells = line.split('\t');
    let mut ids = Vec::new();
    for range in cells.next()?.split(' ') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (letter, _) = first.split_at_checked(1)?;
        let number = |id: &str| id.strip_prefix(letter)?.parse::<u32>().ok();
        let range = number(first)?..=number(last)?;
        ids.extend(range.map(|number| format!("{letter}{number}")));
    }
    Some(Excuse {
        ids,
        reason: cells.next()?,
        checked_in: cells.next()?,
    })
}

fn row(line: &'static str) -> Option<Assertion> {
    let mut cells = line.split('\t');
    Some(Assertion {
        id: cells.next()?,
        confidence: match cells.next()? {
            "V" => Confidence::Verified,
            "D" => Confidence::Documented,
            "R" => Confidence::Implemented,
            "I" => Confidence::Inferred,
            _ => return None,
        },
        group: cells.next()?,
        source: cells.next()?,
        text: cells.next()?,
    })
}
