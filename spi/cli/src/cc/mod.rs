//! `ws2spi cc`: the system's C or C++ compiler, for source that was written for Windows.
//!
//! Each source is compiled on its own with 16-bit `wchar_t`, the conversions that Microsoft's compiler allows, its rules for `__inline`,
//! and the embedded headers first; includes that only Windows would find get forwarding headers ([`includes`]); module definition files
//! become exports and aliases ([`definition`]). What is not known here goes to the compiler as it is. [`compiler`](crate::compiler)
//! takes flags and includes from here for the sources of `ws2spi run`.

pub mod definition;
pub mod includes;

use crate::compiler::Language;
use crate::exit::Exit;
use crate::headers;
use definition::Definition;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What stops the driver.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// An option without what must follow it.
    #[error("{0} needs a value")]
    NoValue(String),
    /// Nothing to do.
    #[error("no source, object or library was named")]
    NoInput,
    /// `-o` names one object, and there are several sources.
    #[error("-o with -c takes one source")]
    SeveralObjects,
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

/// A command line, taken apart.
#[derive(Debug, Default)]
struct Line {
    output: Option<PathBuf>,
    definition: Option<PathBuf>,
    sources: Vec<PathBuf>,
    /// Folders of `-I`.
    folders: Vec<PathBuf>,
    /// For every compilation.
    compile: Vec<OsString>,
    /// Objects, libraries and the linker's options, in their order.
    link: Vec<OsString>,
    cc: Option<String>,
    cxx: Option<String>,
    objects_only: bool,
    verbose: bool,
    cflags: bool,
}

/// The flags of a language with a compiler, before the user's own.
#[must_use]
pub fn flags(language: Language, compiler: &str) -> Vec<&'static str> {
    let clang = compiler.contains("clang");
    let mut flags = vec!["-fPIC", "-fshort-wchar", "-pthread"];
    match language {
        Language::C => flags.extend(["-std=gnu11", "-fgnu89-inline"]),
        Language::Cxx if clang => flags.extend(CLANG_CXX),
        Language::Cxx => flags.extend(["-std=gnu++17", "-fpermissive"]),
    }
    flags
}

/// Does what a command line says and returns how it ended. What compilers print goes where the tool's output goes.
#[must_use]
pub fn main(arguments: &[OsString]) -> Exit {
    match parse(arguments).and_then(|line| run(&line)) {
        Ok(()) => Exit::Passed,
        Err(Failure::Refused) => Exit::Failed,
        Err(failure) => {
            eprintln!("ws2spi cc: {failure}");
            Exit::Unusable
        }
    }
}

fn parse(arguments: &[OsString]) -> Result<Line, Failure> {
    let mut line = Line::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let text = argument.to_string_lossy();
        let mut value = |joined: &str| match joined {
            "" => rest
                .next()
                .map(|next| next.to_string_lossy().into_owned())
                .ok_or_else(|| Failure::NoValue(text.clone().into_owned())),
            joined => Ok(joined.trim_start_matches('=').to_owned()),
        };
        if let Some(joined) = text.strip_prefix("--def") {
            line.definition = Some(value(joined)?.into());
        } else if let Some(joined) = text.strip_prefix("--cxx") {
            line.cxx = Some(value(joined)?);
        } else if let Some(joined) = text.strip_prefix("--cc") {
            line.cc = Some(value(joined)?);
        } else if text == "--cflags" {
            line.cflags = true;
        } else if text == "-v" {
            line.verbose = true;
        } else if text == "-c" {
            line.objects_only = true;
        } else if let Some(joined) = text.strip_prefix("-o") {
            line.output = Some(value(joined)?.into());
        } else if let Some(joined) = text.strip_prefix("-I") {
            line.folders.push(value(joined)?.into());
        } else if text.ends_with(".def") && !text.starts_with('-') {
            line.definition = Some(argument.into());
        } else if !text.starts_with('-') && Language::of(Path::new(argument)).is_some() {
            line.sources.push(argument.into());
        } else if ["-Wl,", "-l", "-L"].iter().any(|one| text.starts_with(one))
            || !text.starts_with('-')
            || text == "-rdynamic"
        {
            line.link.push(argument.clone());
        } else if text.starts_with("-f") || text.starts_with("-g") || text == "-pthread" {
            // The linker's half of sanitizers and the like.
            line.compile.push(argument.clone());
            line.link.push(argument.clone());
        } else if text != "-shared" {
            line.compile.push(argument.clone());
            if TAKES_VALUE.contains(&text.as_ref()) {
                line.compile.push(value("")?.into());
            }
        }
    }
    Ok(line)
}

fn run(line: &Line) -> Result<(), Failure> {
    let scratch = tempfile::tempdir().map_err(|reason| Failure::File {
        file: env::temp_dir(),
        reason,
    })?;
    let include = scratch.path().join("include");
    written(&include, headers::write(&include))?;
    if line.cflags {
        let compiler = command(line.cxx.as_ref().or(line.cc.as_ref()), "CC", "cc");
        println!("{}", flags(Language::C, &compiler).join(" "));
        return Ok(());
    }
    if line.sources.is_empty() && line.link.is_empty() {
        return Err(Failure::NoInput);
    }
    if line.objects_only && line.output.is_some() && line.sources.len() > 1 {
        return Err(Failure::SeveralObjects);
    }
    let forwarding = includes::folder(scratch.path());
    let made = includes::forward(&line.sources, &line.folders, &include, &forwarding)?;
    if line.verbose {
        for (spelling, file) in &made {
            eprintln!("ws2spi cc: include {spelling} is {}", file.display());
        }
    }
    let mut objects = Vec::new();
    for (number, source) in line.sources.iter().enumerate() {
        let object = object(line, source, &scratch.path().join(format!("{number}.o")));
        compile(line, source, &object, &include, &forwarding)?;
        objects.push(object);
    }
    if line.objects_only {
        return Ok(());
    }
    link(line, &objects, scratch.path())
}

/// Where the object of a source goes: for `-c` as compilers have it.
fn object(line: &Line, source: &Path, inside: &Path) -> PathBuf {
    match (line.objects_only, &line.output) {
        (false, _) => inside.to_owned(),
        (true, Some(output)) => output.clone(),
        (true, None) => PathBuf::from(source.file_stem().unwrap_or_default()).with_extension("o"),
    }
}

fn compile(
    line: &Line,
    source: &Path,
    object: &Path,
    include: &Path,
    forwarding: &Path,
) -> Result<(), Failure> {
    let language = Language::of(source).unwrap_or(Language::C);
    let compiler = compiler(line, language);
    let mut command = started(&compiler);
    command.args(flags(language, &compiler));
    // Forwarding headers come after the source's own folder and before all others.
    command.arg("-iquote").arg(forwarding);
    command.arg("-I").arg(forwarding);
    for folder in &line.folders {
        command.arg("-I").arg(folder);
    }
    command.args(["-x", language.name()]);
    command.arg("-I").arg(include).args(&line.compile);
    command.arg("-c").arg(source).arg("-o").arg(object);
    ended(line, &mut command, &compiler)
}

fn link(line: &Line, objects: &[PathBuf], scratch: &Path) -> Result<(), Failure> {
    let is_cxx = |source: &PathBuf| Language::of(source) == Some(Language::Cxx);
    let language = match line.sources.iter().any(is_cxx) {
        true => Language::Cxx,
        false => Language::C,
    };
    let compiler = compiler(line, language);
    let mut command = started(&compiler);
    command.args(objects).args(&line.link).arg("-pthread");
    let output = line.output.clone().unwrap_or_else(|| "a.out".into());
    let end = output.extension().unwrap_or_default().to_string_lossy();
    let shared = line.definition.is_some() || ["so", "dylib", "dll"].contains(&end.as_ref());
    if shared {
        command.args(SHARED);
    }
    if let Some(file) = &line.definition {
        let text = written(file, fs::read(file))?;
        let definition = Definition::parse(&String::from_utf8_lossy(&text));
        let symbols = definition::symbols(objects);
        let script = scratch.join("exports");
        written(&script, fs::write(&script, definition.script()))?;
        command.args(definition.options(&symbols, &script));
    }
    command.arg("-o").arg(&output);
    ended(line, &mut command, &compiler)
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
        eprintln!("ws2spi cc: {command:?}");
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
/// Options of compilers whose value is a word of its own.
const TAKES_VALUE: [&str; 8] = [
    "-D", "-U", "-isystem", "-iquote", "-include", "-x", "-MF", "-MT",
];
const SHARED: &[&str] = &[
    "-shared",
    #[cfg(target_vendor = "apple")]
    "-Wl,-undefined,dynamic_lookup",
];

#[cfg(test)]
mod tests;
