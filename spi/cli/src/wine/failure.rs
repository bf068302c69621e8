//! `Failure`: why a command on a prefix was not done, each with what to do about it.

use crate::exit::Exit;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a command on a prefix was not done.
#[derive(Debug, Error)]
pub enum Failure {
    /// The system refused.
    #[error("{}: cannot {action}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// There is no prefix.
    #[error("{}: is no prefix of Wine's: there is no {missing} in it; WINEPREFIX=FOLDER wineboot makes one", path.display())]
    NoPrefix {
        /// The folder.
        path: PathBuf,
        /// What a prefix has.
        missing: &'static str,
    },
    /// The prefix is for 32-bit programs only.
    #[error("{}: is a prefix for 32-bit programs only, which stay with Wine's own ws2_32.dll; a 64-bit one is needed (WINEARCH=win64)", path.display())]
    ThirtyTwoBit {
        /// The prefix.
        path: PathBuf,
    },
    /// There is no Wine.
    #[error("no Wine was found for {}; name its wine or wine64 with --wine", prefix.display())]
    NoWine {
        /// The prefix.
        prefix: PathBuf,
    },
    /// Something that does not say that it is Wine.
    #[error("{}: does not say which Wine it is: {said:?}; name a wine or wine64 with --wine", path.display())]
    UnknownWine {
        /// The program.
        path: PathBuf,
        /// What it said.
        said: String,
    },
    /// A Wine that is too old.
    #[error("{}: Wine {version} is too old: 8.0 or later is needed", path.display())]
    OldWine {
        /// The program.
        path: PathBuf,
        /// Its version.
        version: String,
    },
    /// Programs run in the prefix.
    #[error("{}: programs run in this prefix, and Wine would overwrite the change; end them (WINEPREFIX={} {} -k ends all)", prefix.display(), prefix.display(), server.display())]
    Running {
        /// The prefix.
        prefix: PathBuf,
        /// Its Wine's wineserver.
        server: PathBuf,
    },
    /// Another call of this tool changes the prefix.
    #[error("{}: another ws2spi is changing this prefix; try again when it is done", prefix.display())]
    Busy {
        /// The prefix.
        prefix: PathBuf,
    },
    /// No pieces.
    #[error("{what}; wine-glue/build FOLDER makes the pieces, --from FOLDER names them")]
    NoPieces {
        /// Where was looked, or what is missing.
        what: String,
    },
    /// It is there already.
    #[error("{what} has it already; ws2spi wine remove takes it out, for a newer one too")]
    Installed {
        /// The prefix or the program.
        what: String,
    },
    /// It is not there.
    #[error(
        "{what} does not have it: there is nothing to remove; ws2spi wine status says what there is"
    )]
    NotInstalled {
        /// The prefix or the program.
        what: String,
    },
    /// There is nothing of ours to run a program with.
    #[error(
        "{what} does not have it: ws2spi wine install puts it there, --wines-own runs the program without it"
    )]
    NothingToRun {
        /// The prefix.
        what: String,
    },
    /// Something else stands where a piece is to go.
    #[error("{}: is in the way: {why}", path.display())]
    InTheWay {
        /// The file, or the registry's.
        path: PathBuf,
        /// What it is.
        why: String,
    },
    /// A file that ours wrote, or Wine's, cannot be understood.
    #[error("{}: {problem}", path.display())]
    Garbled {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A program that is no Windows program of this machine.
    #[error("{}: {problem}", path.display())]
    BadProgram {
        /// The program.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl Failure {
    /// An error of the system's.
    pub(super) fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            path,
            action,
            source,
        }
    }

    /// How the tool ends.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        match self {
            Self::NoPrefix { .. }
            | Self::ThirtyTwoBit { .. }
            | Self::NoWine { .. }
            | Self::UnknownWine { .. }
            | Self::OldWine { .. }
            | Self::NoPieces { .. }
            | Self::BadProgram { .. } => Exit::Unusable,
            Self::Io { .. }
            | Self::Running { .. }
            | Self::Busy { .. }
            | Self::Installed { .. }
            | Self::NotInstalled { .. }
            | Self::NothingToRun { .. }
            | Self::InTheWay { .. }
            | Self::Garbled { .. } => Exit::Failed,
        }
    }
}
