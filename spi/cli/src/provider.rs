//! Providers: what the command line names, made into modules that can be loaded.
//!
//! A source is compiled into the scratch folder; a compiled library is taken as it is, or copied
//! there when the catalog or the loader could not tell it apart: named twice, or with a path that
//! the catalog cannot hold. Every failure names the file the user gave ([`Unusable`]).

use crate::compiler::{CompileError, Compiler, Language};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use ws2spi_abi::{Errno, GUID};

/// A provider of the run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Provider {
    /// Its name in reports: the file's, with a number behind it when the same name comes again.
    pub name: String,
    /// The file as the command line named it.
    pub source: PathBuf,
    /// The module: an absolute path, unique in the run, which the catalog can hold.
    pub module: String,
    /// The GUID of its own catalog entry, when it has one that it looks for.
    pub id: Option<GUID>,
}

/// Why nothing can be run: the message names the provider's file. Exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// No such file, or not to be read.
    #[error("{}: {reason}", .source_file.display())]
    NoFile {
        /// The file.
        source_file: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// Neither a source nor a library.
    #[error(
        "{}: a provider is a source (.c, .cc, .cpp, .cxx) or a compiled library (.so, .dylib)",
        .0.display()
    )]
    NoProvider(PathBuf),
    /// More than a chain can hold.
    #[error("{0} providers do not fit into one chain: {MOST} and the base provider do")]
    TooMany(usize),
    /// The compiler is not there.
    #[error(
        "{}: the compiler `{command}` cannot be run: {reason}; {choice} names another",
        .source_file.display()
    )]
    NoCompiler {
        /// The source that was to be compiled.
        source_file: PathBuf,
        /// The compiler's command.
        command: String,
        /// What the system said.
        reason: io::Error,
        /// What chooses the compiler: an option and a variable.
        choice: &'static str,
    },
    /// The source does not compile.
    #[error("{}: does not compile with `{command}`:\n{}", .source_file.display(), .output.trim_end())]
    DoesNotCompile {
        /// The source.
        source_file: PathBuf,
        /// The compiler's command.
        command: String,
        /// What the compiler printed.
        output: String,
    },
    /// The module does not load or does not start.
    #[error("{}: {what}; programs get {}", .source_file.display(), code(*.errno))]
    DoesNotStart {
        /// The provider's file.
        source_file: PathBuf,
        /// What is wrong with it.
        what: String,
        /// The code that an application gets.
        errno: Errno,
    },
    /// The catalog refuses it.
    #[error("{}: cannot be installed: {errno}", .source_file.display())]
    NotInstalled {
        /// The provider's file.
        source_file: PathBuf,
        /// The installer's error.
        errno: Errno,
    },
    /// More GUIDs than providers.
    #[error("--guid is there {0} times, and providers {1}")]
    TooManyGuids(usize, usize),
    /// Two providers that look for the same catalog entry.
    #[error("{}: its own catalog entry has the GUID {id}, which is that of {} too", .source_file.display(), .other.display())]
    SameGuid {
        /// The second of them.
        source_file: PathBuf,
        /// The first.
        other: PathBuf,
        /// The GUID.
        id: GUID,
    },
    /// A child that ran its code could not use it, and says why.
    #[error("{0}")]
    Refused(String),
    /// The machine refuses what the tool itself needs.
    #[error("{what}: {reason}")]
    Machine {
        /// What was tried.
        what: String,
        /// Why it failed.
        reason: String,
    },
}

impl Unusable {
    /// The provider's file, if it is one provider's fault.
    #[must_use]
    pub fn source_file(&self) -> Option<&Path> {
        match self {
            Self::NoFile { source_file, .. }
            | Self::NoProvider(source_file)
            | Self::NoCompiler { source_file, .. }
            | Self::DoesNotCompile { source_file, .. }
            | Self::DoesNotStart { source_file, .. }
            | Self::SameGuid { source_file, .. }
            | Self::NotInstalled { source_file, .. } => Some(source_file),
            Self::TooMany(_) | Self::TooManyGuids(..) | Self::Refused(_) | Self::Machine { .. } => {
                None
            }
        }
    }
}

/// An error as its name and number.
fn code(errno: Errno) -> String {
    match errno.name() {
        Some(name) => format!("{name} ({})", errno.code()),
        None => format!("error {}", errno.code()),
    }
}

/// The most layers that fit above a base provider: a chain has seven entries.
pub const MOST: usize = ws2spi_abi::MAX_PROTOCOL_CHAIN - 1;

/// Makes modules of the files that the command line names, in the same order. Warnings of the
/// compiler go to `warn`.
///
/// # Errors
/// [`Unusable`], for the first file that cannot be used.
pub fn prepare(
    files: &[PathBuf],
    compiler: &Compiler,
    scratch: &Path,
    mut warn: impl FnMut(&str),
) -> Result<Vec<Provider>, Unusable> {
    if files.len() > MOST {
        return Err(Unusable::TooMany(files.len()));
    }
    // All arguments are looked at before the first compiler runs.
    for file in files {
        check(file)?;
    }
    let mut providers: Vec<Provider> = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let stem = file.file_stem().map_or_else(String::new, |stem| {
            stem.to_string_lossy()
                .replace(|c: char| !c.is_ascii_alphanumeric(), "_")
        });
        let in_scratch = scratch.join(format!("{}-{stem}.so", index + 1));
        let module = match Language::of(file) {
            Some(language) => {
                let warnings = compiler.compile(file, language, &in_scratch);
                warn(&warnings.map_err(|error| refused(file, error))?);
                path_text(&in_scratch)?
            }
            None => library(file, &in_scratch, &providers)?,
        };
        providers.push(Provider {
            name: unique_name(file, &files[..index]),
            source: file.clone(),
            module,
            id: None,
        });
    }
    Ok(providers)
}

fn check(file: &Path) -> Result<(), Unusable> {
    let no_file = |reason| Unusable::NoFile {
        source_file: file.to_owned(),
        reason,
    };
    let metadata = fs::metadata(file).map_err(no_file)?;
    if metadata.is_dir() || Language::of(file).is_none() && !is_library(file) {
        return Err(Unusable::NoProvider(file.to_owned()));
    }
    fs::File::open(file).map(drop).map_err(no_file)
}

/// Whether a file is a shared library by its name: `a.so`, `a.so.1`, `a.dylib`.
fn is_library(file: &Path) -> bool {
    let Some(name) = file.file_name() else {
        return false;
    };
    let name = name.to_string_lossy();
    name.ends_with(".so") || name.ends_with(".dylib") || name.contains(".so.")
}

/// The module of a compiled library.
fn library(file: &Path, copy: &Path, before: &[Provider]) -> Result<String, Unusable> {
    let no_file = |reason| Unusable::NoFile {
        source_file: file.to_owned(),
        reason,
    };
    let whole = file.canonicalize().map_err(no_file)?;
    let fits = |text: &&str| text.encode_utf16().count() < PATH_UNITS && !text.contains('%');
    if let Some(text) = whole.to_str().filter(fits)
        && before.iter().all(|provider| provider.module != text)
    {
        return Ok(text.to_owned());
    }
    fs::copy(&whole, copy).map_err(no_file)?;
    path_text(copy)
}

fn refused(file: &Path, error: CompileError) -> Unusable {
    let source_file = file.to_owned();
    match error {
        CompileError::NotRun { command, reason } => Unusable::NoCompiler {
            choice: match Language::of(file) {
                Some(Language::Cxx) => "--cxx or CXX",
                _ => "--cc or CC",
            },
            source_file,
            command,
            reason,
        },
        CompileError::Refused { command, output } => Unusable::DoesNotCompile {
            source_file,
            command,
            output,
        },
    }
}

/// The path of a module in the scratch folder, as the catalog can hold it.
fn path_text(module: &Path) -> Result<String, Unusable> {
    match module.to_str() {
        Some(text) if text.encode_utf16().count() < PATH_UNITS && !text.contains('%') => {
            Ok(text.to_owned())
        }
        _ => Err(Unusable::Machine {
            what: format!("the scratch folder {}", module.display()),
            reason: String::from("its path cannot stand in a catalog; set TMPDIR to another one"),
        }),
    }
}

fn unique_name(file: &Path, before: &[PathBuf]) -> String {
    let name = |file: &Path| {
        file.file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    };
    let own = name(file);
    match before.iter().filter(|other| name(other) == own).count() {
        0 => own,
        same => format!("{own} #{}", same + 1),
    }
}

/// How long a path in the catalog can be, its NUL included (MAX_PATH).
const PATH_UNITS: usize = 260;
