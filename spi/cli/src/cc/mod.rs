//! `ws2spi cc`: the system's C or C++ compiler, for source that was written for Windows.
//!
//! Each source is compiled on its own with 16-bit `wchar_t`, the conversions that Microsoft's compiler allows, its rules for `__inline`,
//! what it defines by itself, and the embedded headers first; includes that only Windows would find get forwarding headers ([`includes`]); module definition files
//! become exports and aliases ([`definition`]); what only Microsoft's compiler takes is written out ([`dialect`]). What is not known to
//! [`line`](mod@line) goes to the compiler as it is. [`installation`] tells build systems of others where headers and library are, [`dependencies`]
//! what a source includes, [`undefined`] which functions a provider takes that nobody has. [`compiler`](crate::compiler) takes flags,
//! includes and dialect from here for the sources of `ws2spi run`.

pub mod definition;
pub mod dependencies;
pub mod dialect;
pub mod includes;
pub mod installation;
pub mod line;
pub mod linker;
pub mod pages;
pub mod undefined;

use crate::compiler::Language;
use crate::exit::Exit;
use crate::headers;
use definition::Definition;
use dependencies::Dependencies;
use dialect::Translated;
use line::{Line, Printed, Source, Stage};
use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use ws2spi::loader::module::STARTUP_WIN64;

/// What stops the driver.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// An option without what must follow it.
    #[error("{0} needs a value")]
    NoValue(String),
    /// Nothing to do.
    #[error("no source, object or library was named")]
    NoInput,
    /// Nothing to compile, and nothing is to be linked.
    #[error("no source was named, and nothing is linked with {}", STOPPING)]
    NoSource,
    /// A file that would only be linked, and is nothing that a linker knows.
    #[error("{} is no source by its name; -x tells its language", .0.display())]
    NotCompiled(PathBuf),
    /// `-o` names one object, and there are several sources.
    #[error("-o takes one source, unless all are linked")]
    SeveralObjects,
    /// No folder for headers that stay.
    #[error(
        "there is no place for the headers: none of HOME, XDG_CACHE_HOME and WS2SPI_PREFIX names a folder"
    )]
    NoCache,
    /// The library is not where it is looked for.
    #[error(
        "libws2_32 lies in none of {}; `spi/capi/install PREFIX` installs it, and WS2SPI_PREFIX=PREFIX tells where",
        .0.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
    )]
    NoLibrary(Vec<PathBuf>),
    /// A file that cannot be read or written.
    #[error("{}: {reason}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system said.
        reason: io::Error,
    },
    /// Two files for one spelling of an include.
    #[error("{0}")]
    Includes(#[from] includes::Ambiguous),
    /// The compiler is not there.
    #[error("the compiler `{command}` cannot be run: {reason}")]
    NoCompiler {
        /// The command.
        command: String,
        /// What the system said.
        reason: io::Error,
    },
    /// The compiler has said why.
    #[error("the compiler has failed")]
    Refused,
}

/// The flags of a language with a compiler, before the user's own.
#[must_use]
pub fn flags(language: Language, compiler: &str) -> Vec<&'static str> {
    let clang = compiler.contains("clang");
    // Pragmas of another compiler are no news.
    let mut flags = vec!["-fPIC", "-fshort-wchar", "-pthread", "-Wno-unknown-pragmas"];
    match language {
        Language::C => flags.extend(["-std=gnu11", "-fgnu89-inline"]),
        Language::Cxx if clang => flags.extend(CLANG_CXX),
        Language::Cxx => flags.extend(["-std=gnu++17", "-fpermissive"]),
    }
    flags
}

/// The flags of `--win64`. gcc believes that asking for the address of a thread-local variable keeps the registers that Microsoft's
/// convention keeps, which the C library's function does not; without that function nothing is asked.
const WIN64: [&str; 2] = ["-DWS2SPI_WIN64", "-ftls-model=initial-exec"];

/// What comes before every source: what Microsoft's compiler defines by itself. The headers' folder has it.
pub const PREDEFINED: [&str; 2] = ["-include", "ws2spi/predefined.h"];

/// Does what a command line says and returns how it ended. What compilers print goes where the tool's output goes.
#[must_use]
pub fn main(arguments: &[OsString]) -> Exit {
    match Line::parse(arguments).and_then(|line| run(&line)) {
        Ok(()) => Exit::Passed,
        Err(Failure::Refused) => Exit::Failed,
        Err(failure) => {
            say(&failure.to_string());
            Exit::Unusable
        }
    }
}

fn run(line: &Line) -> Result<(), Failure> {
    if line.printed != Printed::default() {
        return print(line);
    }
    if line.sources.is_empty() && !line.is_named {
        return if line.question {
            let compiler = compiler(line, line.language());
            let words = line.compile.iter().chain(&line.link);
            ended(line, started(&compiler).args(words), &compiler)
        } else {
            Err(Failure::NoInput)
        };
    }
    if line.stage != Stage::Linked {
        compiles_all(line)?;
    }
    let scratch = tempfile::tempdir().map_err(|reason| Failure::File {
        file: env::temp_dir(),
        reason,
    })?;
    let include = include(line, scratch.path())?;
    let forwarding = includes::folder(scratch.path());
    let folders: Vec<PathBuf> = line
        .folders
        .iter()
        .chain(&line.more_folders)
        .cloned()
        .collect();
    let sources: Vec<PathBuf> = line
        .sources
        .iter()
        .map(|source| source.file.clone())
        .collect();
    let made = includes::forward(&sources, &folders, &include, &forwarding)?;
    if line.verbose {
        for (spelling, file) in &made {
            say(&format!("include {spelling} is {}", file.display()));
        }
    }
    let places = Places {
        include,
        forwarding,
        colored: io::stderr().is_terminal() && !line.stage.is_passed_on(),
    };
    let mut objects = Vec::new();
    for (number, source) in line.sources.iter().enumerate() {
        let inside = scratch.path().join(format!("{number}.o"));
        let file = source.file.as_path();
        let object = object(line, file, &inside);
        let translated = match source.language {
            Some(language) => {
                let copies = inside.with_extension("copy");
                let translated = dialect::translate(file, language, &copies);
                written(&copies, translated)?
            }
            None => Translated::unchanged(file),
        };
        let raw = inside.with_extension("d");
        let dependencies = Dependencies::wanted(line, file, &object, raw);
        let into = (object.as_path(), dependencies.as_ref());
        compile(line, source, &translated, into, &places)?;
        if let Some(dependencies) = dependencies {
            let finished = dependencies.finish(scratch.path(), (&translated.file, file));
            finished.map_err(|(file, reason)| Failure::File { file, reason })?;
        }
        objects.push(object);
    }
    match line.stage {
        Stage::Linked => link(line, &objects, &places, scratch.path()),
        _ => Ok(()),
    }
}

/// Whether what was named can be compiled and nothing else done.
fn compiles_all(line: &Line) -> Result<(), Failure> {
    if let Some(unknown) = line.unknown() {
        return Err(Failure::NotCompiled(unknown.clone()));
    }
    if line.sources.is_empty() {
        return Err(Failure::NoSource);
    }
    if line.output.is_some() && line.sources.len() > 1 {
        return Err(Failure::SeveralObjects);
    }
    for file in &line.files {
        say(&format!("{} is not linked with {STOPPING}", file.display()));
    }
    Ok(())
}

/// What a build system that compiles and links itself asks for.
fn print(line: &Line) -> Result<(), Failure> {
    let mut printed = Vec::new();
    if line.printed.cflags {
        let language = line.language();
        let include = installation::include()?;
        let compiler = compiler(line, language);
        printed.extend(flags(language, &compiler).into_iter().map(String::from));
        printed.extend(WIN64.map(String::from).into_iter().filter(|_| line.win64));
        printed.extend(PREDEFINED.map(String::from));
        printed.push(format!("-I{}", include.display()));
    }
    if line.printed.libs {
        printed.extend(installation::link(&installation::library()?));
        printed.push(String::from("-pthread"));
    }
    let line = installation::quoted(printed.iter().map(String::as_str));
    put_out(&format!("{line}\n")).map_err(|(file, reason)| Failure::File { file, reason })
}

/// What was asked for, on standard output; else what that is called, and why not.
fn put_out(text: &str) -> Result<(), (PathBuf, io::Error)> {
    let mut out = io::stdout().lock();
    let put = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    put.map_err(|reason| (PathBuf::from("standard output"), reason))
}

/// The headers: where they stay when files tell of them that do, else in the scratch folder.
fn include(line: &Line, scratch: &Path) -> Result<PathBuf, Failure> {
    if line.dependencies.is_some() {
        return installation::include();
    }
    let include = scratch.join("include");
    written(&include, headers::write(&include))?;
    Ok(include)
}

/// The folders that are searched for includes, and where messages go.
#[derive(Debug)]
struct Places {
    /// The headers of this tool.
    include: PathBuf,
    /// Forwarding headers.
    forwarding: PathBuf,
    /// What the compiler says goes through us to a terminal, which it cannot see.
    colored: bool,
}

/// Where the object of a source goes, or what takes its place: as compilers have it.
fn object(line: &Line, source: &Path, inside: &Path) -> PathBuf {
    let end = match line.stage {
        Stage::Object => "o",
        Stage::Assembly => "s",
        _ => return inside.to_owned(),
    };
    let usual = || PathBuf::from(source.file_stem().unwrap_or_default()).with_extension(end);
    line.output.clone().unwrap_or_else(usual)
}

fn compile(
    line: &Line,
    source: &Source,
    translated: &Translated,
    (object, dependencies): (&Path, Option<&Dependencies>),
    places: &Places,
) -> Result<(), Failure> {
    let compiler = compiler(line, source.language.unwrap_or_else(|| line.language()));
    let mut command = compilation(line, source, translated, places, &compiler);
    if let Some(dependencies) = dependencies {
        command.args(dependencies.options());
    }
    command.args(match line.stage {
        Stage::Linked | Stage::Object => &["-c"][..],
        Stage::Assembly => &["-S"],
        Stage::Preprocessed => &["-E"],
        // `-M` is among the options.
        Stage::Dependencies => &[],
        Stage::Checked => &["-fsyntax-only"],
    });
    command.arg(&translated.file);
    match (line.stage, &line.output) {
        (Stage::Linked | Stage::Object | Stage::Assembly, _) => {
            command.arg("-o").arg(object);
        }
        (Stage::Preprocessed, Some(output)) => {
            command.arg("-o").arg(output);
        }
        _ => {}
    }
    if line.stage.is_passed_on() {
        return ended(line, &mut command, &compiler);
    }
    watched(line, &mut command, &compiler, undefined::quoted)
}

/// What compiles a source, with nothing said about what becomes of it.
fn compilation(
    line: &Line,
    source: &Source,
    translated: &Translated,
    places: &Places,
    compiler: &str,
) -> Command {
    let mut command = started(compiler);
    if places.colored {
        command.arg("-fdiagnostics-color=always");
    }
    let language = source.language;
    command.args(language.map_or_else(Vec::new, |language| flags(language, compiler)));
    command.args(&translated.options);
    command.args(WIN64.into_iter().filter(|_| line.win64));
    if source.includes() {
        // Forwarding headers come after the source's own folder and before all others.
        command.arg("-iquote").arg(&places.forwarding);
        command.arg("-I").arg(&places.forwarding);
        for folder in &line.folders {
            command.arg("-I").arg(folder);
        }
        command.arg("-I").arg(&places.include).args(PREDEFINED);
    }
    command.args(["-x", &source.kind]).args(&line.compile);
    command
}

fn link(line: &Line, objects: &[PathBuf], places: &Places, scratch: &Path) -> Result<(), Failure> {
    let compiler = compiler(line, line.language());
    let mut options: Vec<OsString> = objects.iter().map(OsString::from).collect();
    options.extend(line.link.iter().cloned());
    options.push("-pthread".into());
    if line.is_shared() {
        options.extend(SHARED.iter().map(OsString::from));
    } else if let Ok(folder) = installation::library() {
        // A program without it fails for the names that it needs.
        options.extend(installation::link(&folder).map(OsString::from));
    }
    if let Some(file) = &line.definition {
        let text = written(file, fs::read(file))?;
        let mut definition = Definition::parse(&String::from_utf8_lossy(&text));
        if line.win64 {
            definition.rename("WSPStartup", STARTUP_WIN64);
        }
        let named = line.link.iter().map(PathBuf::from);
        let named =
            named.filter(|path| path.extension().is_some_and(|end| end == "o" || end == "a"));
        let all: Vec<PathBuf> = objects.iter().cloned().chain(named).collect();
        let symbols = definition::symbols(&all);
        let script = scratch.join("exports");
        written(&script, fs::write(&script, definition.script()))?;
        options.extend(definition.options(&symbols, &script));
    }
    let linker = || {
        let mut command = started(&compiler);
        command.args(&options);
        command
    };
    let explained = |names: &BTreeSet<String>| {
        let sources = line.sources.iter();
        let sources: Vec<String> = sources
            .map(|source| preprocessed(line, source, places))
            .collect();
        undefined::explained(names, &sources, &places.include)
    };
    let output = line.output.clone().unwrap_or_else(|| "a.out".into());
    watched(
        line,
        linker().arg("-o").arg(&output),
        &compiler,
        |messages| {
            let names = undefined::nowhere(messages);
            let mut sentences = match names.is_empty() {
                true => Vec::new(),
                false => explained(&names),
            };
            if !line.is_shared() && undefined::misses_runtime(messages) {
                sentences.extend(
                    installation::library()
                        .err()
                        .map(|failure| failure.to_string()),
                );
            }
            sentences
        },
    )?;
    if !line.is_shared() || line.may_be_open() {
        return Ok(());
    }
    let bare = || {
        let mut command = started(&compiler);
        command.args(line.machine());
        command
    };
    let Some(missing) = undefined::missing(&output, scratch, linker, bare) else {
        return Ok(());
    };
    let _ = writeln!(io::stderr(), "{}", missing.said);
    for sentence in explained(&missing.names) {
        say(&sentence);
    }
    take_back(&output);
    Err(Failure::Refused)
}

/// Removes what was linked; what is no file was there before.
fn take_back(output: &Path) {
    if fs::symlink_metadata(output).is_ok_and(|found| found.is_file()) {
        // One that stays is not what was asked for either way: the exit code says so.
        let _ = fs::remove_file(output);
    }
}

/// A source after the preprocessor; empty when it fails, which it has not before.
fn preprocessed(line: &Line, source: &Source, places: &Places) -> String {
    let compiler = compiler(line, source.language.unwrap_or_else(|| line.language()));
    let itself = Translated::unchanged(&source.file);
    let mut command = compilation(line, source, &itself, places, &compiler);
    let output = command.args(["-w", "-E"]).arg(&source.file).output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&text).into_owned()
}

fn compiler(line: &Line, language: Language) -> String {
    match language {
        Language::C => command(line.cc.as_ref(), "CC", "cc"),
        Language::Cxx => command(line.cxx.as_ref(), "CXX", "c++"),
    }
}

/// The option's command, else the environment's, else the default.
fn command(option: Option<&String>, variable: &str, default: &str) -> String {
    let variable = env::var(variable).ok();
    let found = option
        .cloned()
        .or(variable.filter(|text| !text.trim().is_empty()));
    found.unwrap_or_else(|| default.to_owned())
}

/// The command of a compiler, which may have words behind it.
fn started(compiler: &str) -> Command {
    let mut words = compiler.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command
}

fn ended(line: &Line, command: &mut Command, compiler: &str) -> Result<(), Failure> {
    if line.verbose {
        say(&format!("{command:?}"));
    }
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::Refused),
        Err(reason) => Err(Failure::NoCompiler {
            command: compiler.to_owned(),
            reason,
        }),
    }
}

/// As [`ended`], with what `explain` makes of the messages of one that failed.
fn watched(
    line: &Line,
    command: &mut Command,
    compiler: &str,
    explain: impl FnOnce(&str) -> Vec<String>,
) -> Result<(), Failure> {
    if line.verbose {
        say(&format!("{command:?}"));
    }
    let started = command.stderr(Stdio::piped()).spawn();
    let mut child = started.map_err(|reason| Failure::NoCompiler {
        command: compiler.to_owned(),
        reason,
    })?;
    let mut messages = Vec::new();
    let mut chunk = [0; 4096];
    while let Some(pipe) = &mut child.stderr {
        match pipe.read(&mut chunk) {
            Ok(0) | Err(_) => break,
            Ok(count) => {
                // Messages that nobody reads are lost, as the compiler's own would be.
                let _ = io::stderr().write_all(&chunk[..count]);
                messages.extend_from_slice(&chunk[..count]);
            }
        }
    }
    if child.wait().is_ok_and(|status| status.success()) {
        return Ok(());
    }
    for sentence in explain(&String::from_utf8_lossy(&messages)) {
        say(&sentence);
    }
    Err(Failure::Refused)
}

/// A message on standard error, if anything can be written there.
fn say(what: &str) {
    let _ = writeln!(io::stderr(), "ws2spi cc: {what}");
}

fn written<T>(file: &Path, result: io::Result<T>) -> Result<T, Failure> {
    result.map_err(|reason| Failure::File {
        file: file.to_owned(),
        reason,
    })
}

/// What clang needs to convert functions to `void *` silently, as Microsoft's compiler does, and to stay a compiler for this system.
const CLANG_CXX: [&str; 8] = [
    "-std=gnu++17",
    "-fms-compatibility",
    "-fms-compatibility-version=19.30",
    "-fgnuc-version=4.2.1",
    "-fexceptions",
    "-fcxx-exceptions",
    "-D__EXCEPTIONS=1",
    "-Wno-microsoft",
];
/// What stops before anything is linked, for messages.
const STOPPING: &str = "-c, -S, -E, -M, -MM and -fsyntax-only";
const SHARED: &[&str] = &[
    "-shared",
    #[cfg(target_vendor = "apple")]
    "-Wl,-undefined,dynamic_lookup",
];

#[cfg(test)]
mod tests;
