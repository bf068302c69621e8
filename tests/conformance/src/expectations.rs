//! What is known of a subject that does not pass every case: a table with a row for each one that it does not pass, and why.
//!
//! The table is a text of lines, each with the cells of a row between tabs; the first line names them:
//!
//! | cell | what it says |
//! |---|---|
//! | `case` | the name of the case |
//! | `on` | the versions of the subject that the row is about, between commas; the others pass, or have a row of their own |
//! | `verdict` | a [`Known::word`] |
//! | `how` | `always`, or `sometimes` when it is a race of the subject's which way the case ends |
//! | `reason` | what the subject does instead, or lacks |
//! | `source` | where it is known from how Windows does it; nothing where nobody knows |
//!
//! The program `conformance` compares a run with the rows of one version. A case that does not pass needs a row; a row whose case passes is out of date.

use crate::cases;
use crate::verdict::Verdict;

/// What is known of a case that a subject does not pass.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    /// The subject is wrong: the source says what Windows does.
    Wrong,
    /// Nobody knows who is right: no source says what Windows does.
    Undecidable,
    /// The subject lacks what the case is about, so that it does not apply.
    Lacks,
    /// Nobody has looked yet.
    Unsorted,
}

impl Known {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Wrong, Self::Undecidable, Self::Lacks, Self::Unsorted];

    /// The word in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Undecidable => "undecidable",
            Self::Lacks => "lacks",
            Self::Unsorted => "unsorted",
        }
    }
}

/// A row: a case that the subject does not pass.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The name of the case.
    pub case: String,
    /// The versions of the subject that it is about.
    pub on: Vec<String>,
    /// What is known of it.
    pub known: Known,
    /// Whether it is a race of the subject's which way the case ends.
    pub varies: bool,
    /// What the subject does instead, or lacks.
    pub reason: String,
    /// Where it is known from how Windows does it.
    pub source: String,
}

impl Row {
    /// Whether it is about this version.
    #[must_use]
    pub fn is_on(&self, version: &str) -> bool {
        self.on.iter().any(|on| on == version)
    }

    /// Whether a case that comes to this agrees with the row.
    #[must_use]
    pub fn agrees(&self, verdict: &Verdict) -> bool {
        match verdict {
            Verdict::NotApplicable(_) => self.known == Known::Lacks,
            Verdict::Passed => self.varies,
            Verdict::Failed(_) | Verdict::Crashed(_) | Verdict::Hung(_) => {
                self.known != Known::Lacks
            }
        }
    }
}

/// The table of a subject.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expectations {
    /// The rows, in the order of the cases.
    pub rows: Vec<Row>,
}

impl Expectations {
    /// Reads a table: the rows of all versions.
    ///
    /// # Errors
    /// A sentence about the first line that is no row, names no case, is not in the order of the cases, is about a version that another
    /// row of the case is about, or lacks a reason or a source.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines();
        if lines.next() != Some(HEADING) {
            return Err(format!("the first line is not: {HEADING}"));
        }
        let mut names = cases::all().map(crate::Case::name);
        let mut rows: Vec<Row> = Vec::new();
        for line in lines {
            let row = row(line).ok_or_else(|| format!("no row: {line}"))?;
            let before: Vec<&Row> = rows
                .iter()
                .rev()
                .take_while(|before| before.case == row.case)
                .collect();
            if before.is_empty() && !names.any(|name| name == row.case) {
                return Err(format!("{}: no such case, or not in order", row.case));
            }
            if before
                .iter()
                .any(|before| row.on.iter().any(|version| before.is_on(version)))
            {
                return Err(format!("{}: two rows about one version", row.case));
            }
            let needs_reason = row.known != Known::Unsorted;
            if needs_reason && row.reason.is_empty() {
                return Err(format!("{}: no reason", row.case));
            }
            if row.known == Known::Wrong && row.source.is_empty() {
                return Err(format!("{}: no source", row.case));
            }
            rows.push(row);
        }
        Ok(Self { rows })
    }

    /// The rows about one version.
    #[must_use]
    pub fn on(&self, version: &str) -> Self {
        let rows = self.rows.iter().filter(|row| row.is_on(version));
        Self {
            rows: rows.cloned().collect(),
        }
    }

    /// The row of a case; the first one, among those of several versions.
    #[must_use]
    pub fn of(&self, case: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.case == case)
    }

    /// The rows of a case, each about other versions.
    pub fn all_of<'a>(&'a self, case: &'a str) -> impl Iterator<Item = &'a Row> {
        self.rows.iter().filter(move |row| row.case == case)
    }
}

fn row(line: &str) -> Option<Row> {
    let cells: Vec<&str> = line.split('\t').collect();
    let [case, on, known, how, reason, source] = cells[..] else {
        return None;
    };
    Some(Row {
        case: case.to_owned(),
        on: on.split(", ").map(str::to_owned).collect(),
        known: Known::ALL.into_iter().find(|one| one.word() == known)?,
        varies: match how {
            "always" => false,
            "sometimes" => true,
            _ => return None,
        },
        reason: reason.to_owned(),
        source: source.to_owned(),
    })
}

/// The first line of every table.
const HEADING: &str = "case\ton\tverdict\thow\treason\tsource";
