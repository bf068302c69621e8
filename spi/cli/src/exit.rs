//! How the tool ends: its exit codes, which the help text documents.

use std::process::ExitCode;

/// The outcome of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// All that was checked held.
    Passed,
    /// The providers were started, and something did not hold.
    Failed,
    /// Nothing could be checked: a wrong argument, or a provider that cannot be used at all.
    Unusable,
    /// A signal ended the tool.
    Interrupted(u8),
}

impl Exit {
    /// The number that the process ends with; for a signal what shells use, 128 and its number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Unusable => 2,
            Self::Interrupted(signal) => 128 + signal,
        }
    }

    /// The word for it in reports.
    #[must_use]
    pub const fn verdict(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Unusable => "unusable",
            Self::Interrupted(_) => "interrupted",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
