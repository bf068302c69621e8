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
    /// What `main` returns. A signal ends the process here, so that the shell sees that too: a loop
    /// of runs is then over.
    fn from(exit: Exit) -> Self {
        if let Exit::Interrupted(signal) = exit {
            let signal = i32::from(signal);
            // SAFETY: no pointers; the default action replaces a handler of ours.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
            // SAFETY: no pointers.
            unsafe { libc::raise(signal) };
        }
        Self::from(exit.code())
    }
}
