//! Compiling a provider's source with the system's compiler.
//!
//! The flags and includes are those of `ws2spi cc` ([`cc`]), the embedded headers first; names of
//! the client DLL are left open until the library is loaded, a function that is nowhere is an error with what `ws2spi cc` says of it.
//! What the compiler prints is kept, and shown as it is. Used by [`provider`](crate::provider).

use crate::arguments::ProviderArguments;
use crate::cc::dialect::{self, Translated};
use crate::cc::{self, includes, line, undefined};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The language of a source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// C11 with GNU extensions.
    C,
    /// C++17 with GNU extensions.
    Cxx,
}

impl Language {
    /// The language of a source file, by its name; `None` when it is no source.
    #[must_use]
    pub fn of(source: &Path) -> Option<Self> {
        match source.extension()?.to_str()? {
            "c" => Some(Self::C),
            "C" => Some(Self::Cxx),
            // On Windows case does not count.
            other => ["cc", "cpp", "cxx", "c++"]
                .iter()
                .any(|end| other.eq_ignore_ascii_case(end))
                .then_some(Self::Cxx),
        }
    }

    /// Its name for the compiler's `-x`: not every spelling that Windows takes tells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::C => "c",
            Self::Cxx => "c++",
        }
    }
}

/// Why a source could not be compiled.
#[derive(Debug)]
pub enum CompileError {
    /// The compiler could not be started.
    NotRun {
        /// The command.
        command: String,
        /// Why.
        reason: io::Error,
    },
    /// The compiler refused the source.
    Refused {
        /// The command.
        command: String,
        /// What the compiler printed.
        output: String,
    },
}

/// The system's compilers, with the flags that providers need.
#[derive(Clone, Debug)]
pub struct Compiler {
    c: Dialect,
    cxx: Dialect,
    include: PathBuf,
    /// Whether what the compiler prints goes to a terminal, and nowhere else.
    colored: bool,
}

/// One compiler: its command, split into words, and the user's flags.
#[derive(Clone, Debug)]
struct Dialect {
    command: Vec<String>,
    flags: Vec<String>,
}

impl Compiler {
    /// The compilers that the command line and the environment name; `include` is the folder of the
    /// headers.
    #[must_use]
    pub fn new(arguments: &ProviderArguments, include: &Path) -> Self {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.trim().is_empty());
        let dialect = |option: &Option<String>, names: [&str; 2], default: &str| {
            let command = option.clone().or_else(|| variable(names[0]));
            let flags = variable(names[1]);
            let flags = flags.iter().chain(&arguments.cflags);
            Dialect {
                command: words(command.as_deref().unwrap_or(default)),
                flags: flags.flat_map(|flags| words(flags)).collect(),
            }
        };
        Self {
            c: dialect(&arguments.cc, ["CC", "CFLAGS"], "cc"),
            cxx: dialect(&arguments.cxx, ["CXX", "CXXFLAGS"], "c++"),
            include: include.to_owned(),
            colored: io::stderr().is_terminal() && !arguments.json,
        }
    }

    /// Compiles `source` into the shared library `library` and returns the compiler's warnings.
    /// Blocks until the compiler has ended.
    ///
    /// # Errors
    /// [`CompileError`].
    pub fn compile(
        &self,
        source: &Path,
        language: Language,
        library: &Path,
    ) -> Result<String, CompileError> {
        let dialect = match language {
            Language::C => &self.c,
            Language::Cxx => &self.cxx,
        };
        let named = || dialect.command.join(" ");
        let copies = library.with_extension("copy");
        let translated = dialect::translate(source, language, &copies);
        // What cannot be written out the compiler reports.
        let translated = translated.unwrap_or_else(|_| Translated::unchanged(source));
        let output = self
            .command(dialect, language, source, &translated)
            .arg("-o")
            .arg(library)
            .stdin(Stdio::null())
            .output()
            .map_err(|reason| CompileError::NotRun {
                command: named(),
                reason,
            })?;
        let mut text = String::from_utf8_lossy(&output.stderr).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stdout));
        if output.status.success() {
            let Some(missing) = self.missing((dialect, language), source, &translated, library)
            else {
                return Ok(text);
            };
            text.push_str(&missing);
            // Nobody is told of it.
            let _ = fs::remove_file(library);
        } else {
            for sentence in undefined::quoted(&text) {
                text.push_str(&format!("\nws2spi: {sentence}"));
            }
        }
        if text.trim().is_empty() {
            text = output.status.to_string();
        }
        Err(CompileError::Refused {
            command: named(),
            output: text,
        })
    }

    /// What is to be said of the functions of a library that are nowhere; `None` when all are somewhere, and when the user's flags allow
    /// it.
    fn missing(
        &self,
        (dialect, language): (&Dialect, Language),
        source: &Path,
        translated: &Translated,
        library: &Path,
    ) -> Option<String> {
        if dialect.flags.iter().any(|flag| line::leaves_open(flag)) {
            return None;
        }
        let scratch = library.with_extension("check");
        fs::create_dir_all(&scratch).ok()?;
        let again = || self.command(dialect, language, source, translated);
        let bare = || {
            let flags = dialect.flags.iter();
            let mut command = dialect.started();
            command.args(flags.filter(|flag| line::chooses_machine(flag)));
            command
        };
        let missing = undefined::missing(library, &scratch, again, bare)?;
        let preprocessed = again().args(["-w", "-E"]).stdin(Stdio::null()).output();
        let preprocessed = preprocessed.map(|output| output.stdout).unwrap_or_default();
        let preprocessed = String::from_utf8_lossy(&preprocessed).into_owned();
        let sentences = undefined::explained(&missing.names, &[preprocessed], &self.include);
        let sentences = sentences
            .iter()
            .map(|sentence| format!("\nws2spi: {sentence}"));
        Some(missing.said + &sentences.collect::<String>())
    }

    /// What compiles a source and links it, all but where to.
    fn command(
        &self,
        dialect: &Dialect,
        language: Language,
        source: &Path,
        translated: &Translated,
    ) -> Command {
        let mut command = dialect.started();
        command
            .args(cc::flags(
                language,
                &command.get_program().to_string_lossy(),
            ))
            .args(FLAGS);
        if self.colored {
            command.arg("-fdiagnostics-color=always");
        }
        // What is not found here the compiler reports.
        let forwarding = includes::folder(&self.include.with_extension("forwarding"));
        let sources = [source.to_owned()];
        if includes::forward(&sources, &[], &self.include, &forwarding).is_ok() {
            command.arg("-iquote").arg(&forwarding);
            command.arg("-I").arg(&forwarding);
        }
        let mut include = OsString::from("-I");
        include.push(&self.include);
        command.arg(include).args(cc::PREDEFINED);
        command.args(&dialect.flags);
        command.args(&translated.options);
        command.args(["-x", language.name()]).arg(&translated.file);
        // What is named behind it is no source.
        command.args(["-x", "none"]);
        command
    }
}

impl Dialect {
    /// The compiler, with the words behind it.
    fn started(&self) -> Command {
        // `words` gives at least one for the defaults; a blank --cc is a command that is not there.
        let (program, first) = match self.command.split_first() {
            Some((program, first)) => (program.as_str(), first),
            None => ("", &[][..]),
        };
        let mut command = Command::new(program);
        command.args(first);
        command
    }
}

/// The words of a command or of flags: what is between spaces, as `make` splits them.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(String::from).collect()
}

/// What every provider is compiled with, after the flags of [`cc`] and before the user's own.
const FLAGS: &[&str] = &[
    "-shared",
    "-g",
    "-O1",
    #[cfg(target_vendor = "apple")]
    "-Wl,-undefined,dynamic_lookup",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::{Arguments, Command as Asked};
    use crate::headers;
    use clap::Parser;
    use tempfile::TempDir;

    fn compiler(scratch: &TempDir, options: &[&str]) -> Compiler {
        let include = scratch.path().join("include");
        headers::write(&include).expect("the headers can be written");
        let all = ["ws2spi", "run", "x.c"].iter().chain(options);
        let Asked::Run(run) = Arguments::parse_from(all).command else {
            panic!("it is a run");
        };
        Compiler::new(&run.providers, &include)
    }

    fn compiled(name: &str, text: &str, options: &[&str]) -> Result<String, CompileError> {
        let scratch = tempfile::tempdir().expect("a scratch folder");
        let source = scratch.path().join(name);
        fs::write(&source, text).expect("the source can be written");
        let library = scratch.path().join("out.so");
        let language = Language::of(&source).expect("a source");
        let result = compiler(&scratch, options).compile(&source, language, &library);
        assert_eq!(result.is_ok(), library.exists());
        result
    }

    #[test]
    fn languages_are_told_by_the_name() {
        assert_eq!(Language::of(Path::new("a/b.c")), Some(Language::C));
        assert_eq!(Language::of(Path::new("b.cpp")), Some(Language::Cxx));
        assert_eq!(Language::of(Path::new("b.cc")), Some(Language::Cxx));
        assert_eq!(Language::of(Path::new("b.Cpp")), Some(Language::Cxx));
        assert_eq!(Language::of(Path::new("b.C")), Some(Language::Cxx));
        assert_eq!(Language::of(Path::new("b.so")), None);
        assert_eq!(Language::of(Path::new("c")), None);
    }

    #[test]
    fn a_source_compiles_against_the_embedded_headers() {
        let text = "#include <ws2spi.h>\n_Static_assert(sizeof(WCHAR) == 2 && sizeof L\"a\" == 4, \"\");\n";
        let warnings = compiled("p.c", text, &[]).expect("it compiles");
        assert_eq!(warnings, "");
        compiled("p.cpp", "#include <ws2spi.h>\n", &[]).expect("it compiles as C++ too");
        compiled("p.Cpp", "class Named {};\n", &[]).expect("in any case of its name");
    }

    #[test]
    fn what_the_compiler_says_about_a_bad_source_is_kept() {
        match compiled("p.c", "int x = nonsense;\n", &[]) {
            Err(CompileError::Refused { output, .. }) => {
                assert!(output.contains("nonsense"), "{output}");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_function_that_is_nowhere_is_explained_and_may_be_allowed() {
        let text = "#include <windows.h>\nBOOL CreateCaret(HWND, HANDLE, int, int);\n\
            BOOL f(void) { __try { __leave; } __finally { } SetLastError(0); return CreateCaret(0, 0, 0, 0); }\n";
        match compiled("p.c", text, &[]) {
            Err(CompileError::Refused { output, .. }) => {
                let said = "ws2spi: CreateCaret is in no library that is linked and not in libws2_32; it is declared in";
                assert!(output.contains(said), "{output}");
                assert!(
                    output.contains("CreateCaret function (winuser.h)"),
                    "{output}"
                );
            }
            other => panic!("{other:?}"),
        }
        match compiled(
            "p.cpp",
            "#include <windows.h>\nvoid f() { DestroyCaret(); }\n",
            &[],
        ) {
            Err(CompileError::Refused { output, .. }) => {
                let said = "ws2spi: DestroyCaret is in no header of ws2spi and not in libws2_32";
                assert!(output.contains(said), "{output}");
            }
            other => panic!("{other:?}"),
        }
        let open = match cfg!(target_vendor = "apple") {
            true => "-Wl,-undefined,dynamic_lookup",
            false => "-Wl,-z,undefs",
        };
        compiled("p.c", text, &["--cflags", open]).expect("it is allowed");
    }

    #[test]
    fn the_users_flags_reach_the_compiler() {
        let text = "#ifndef WANTED\n#error not given\n#endif\n";
        compiled("p.c", text, &["--cflags", "-DWANTED -DOTHER"]).expect("it compiles");
    }

    #[test]
    fn a_compiler_that_is_not_there_is_named() {
        match compiled("p.c", "", &["--cc", "no-such-compiler --flag"]) {
            Err(CompileError::NotRun { command, .. }) => {
                assert_eq!(command, "no-such-compiler --flag");
            }
            other => panic!("{other:?}"),
        }
    }
}
