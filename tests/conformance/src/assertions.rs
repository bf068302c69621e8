//! The assertions: what is known of Windows, each with where it is known from and how well.
//!
//! `assertions.tsv` has a row for each, in the order of the references: U1-U196 about the client DLL (ws2_32), P1-P350 about the base
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
