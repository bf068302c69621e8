//! What a case came to in a process of its own, and the exit code that says so.

use std::fmt;
use std::time::Duration;

/// What a case came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The sentence holds.
    Passed,
    /// It does not, with what the body said.
    Failed(String),
    /// It cannot be checked here, with the reason.
    NotApplicable(String),
    /// The process ended otherwise: by a signal, a fault, an exit. With the way in which it ended, and what it said last.
    Crashed(String),
    /// The process did not end within this time.
    Hung(Duration),
}

/// The exit code of a process whose case passed.
pub const PASSED: u8 = 0;
/// The exit code of a process that was asked for a case that there is not.
pub const UNKNOWN: u8 = 2;
/// The exit code of a process whose case did not apply. The reason is in the last line of its standard output.
pub const NOT_APPLICABLE: u8 = 77;
/// The exit code of a process whose case failed. What the body said is in its standard error.
pub const FAILED: u8 = 101;

impl Verdict {
    /// One word for it: `passed`, `failed`, `not applicable`, `crashed`, `hung`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::NotApplicable(_) => "not applicable",
            Self::Crashed(_) => "crashed",
            Self::Hung(_) => "hung",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => to.write_str(self.word()),
            Self::Failed(what) | Self::NotApplicable(what) | Self::Crashed(what) => {
                write!(to, "{}: {what}", self.word())
            }
            Self::Hung(limit) => write!(to, "{}: not over after {limit:?}", self.word()),
        }
    }
}
