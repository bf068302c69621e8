//! The command line of `ws2spi cc`, taken apart: what is ours, what is for compiling, what is for linking.

use super::Failure;
use crate::compiler::Language;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// How far sources go. Of several that are asked for the last one here counts, as compilers have it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Stage {
    /// Into a program or a library.
    #[default]
    Linked,
    /// Into objects: `-c`.
    Object,
    /// Into assembly: `-S`.
    Assembly,
    /// Through the compiler, with nothing made: `-fsyntax-only`.
    Checked,
    /// Through the preprocessor: `-E`.
    Preprocessed,
    /// Into a list of what they include: `-M`, `-MM`.
    Dependencies,
}

impl Stage {
    /// Whether the compiler's own words are all that matters: functions are not looked at.
    #[must_use]
    pub const fn is_passed_on(self) -> bool {
        matches!(self, Self::Preprocessed | Self::Dependencies)
    }
}

/// A file that is compiled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// The file; `-` is the standard input.
    pub file: PathBuf,
    /// Whose rules it is compiled by; `None`: those of the compiler, as for assembly.
    pub language: Option<Language>,
    /// For the compiler's `-x`.
    pub kind: String,
}

impl Source {
    /// The source that a file is by `-x`, or without it by its name; `None` when it is none.
    fn of(file: &Path, said: Option<&str>) -> Option<Self> {
        let end = file.extension().unwrap_or_default().to_string_lossy();
        let kind = match (said, Language::of(file)) {
            (Some(said), _) => said,
            (None, Some(language)) => language.name(),
            (None, None) => KINDS.iter().find(|(name, _)| *name == end)?.1,
        };
        let language = match kind {
            "c" | "cpp-output" => Some(Language::C),
            "c++" | "c++-cpp-output" => Some(Language::Cxx),
            _ => None,
        };
        Some(Self {
            file: file.to_owned(),
            language,
            kind: kind.to_owned(),
        })
    }

    /// Whether it goes through the preprocessor.
    #[must_use]
    pub fn includes(&self) -> bool {
        self.kind != "assembler" && !self.kind.ends_with("cpp-output")
    }
}

/// What is to be printed instead.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Printed {
    /// `--cflags`.
    pub cflags: bool,
    /// `--libs`.
    pub libs: bool,
}

/// A command line, taken apart.
#[derive(Debug, Default)]
pub struct Line {
    /// `-o`.
    pub output: Option<PathBuf>,
    /// `--def`.
    pub definition: Option<PathBuf>,
    /// What is compiled.
    pub sources: Vec<Source>,
    /// Objects and libraries that were named as files, and files that nobody knows.
    pub files: Vec<PathBuf>,
    /// Whether a file or a library was named at all.
    pub is_named: bool,
    /// Folders of `-I`.
    pub folders: Vec<PathBuf>,
    /// Folders of `-iquote`, `-isystem` and `-idirafter`, which are searched for includes too.
    pub more_folders: Vec<PathBuf>,
    /// For every compilation.
    pub compile: Vec<OsString>,
    /// Objects, libraries and the linker's options, in their order.
    pub link: Vec<OsString>,
    /// The C compiler.
    pub cc: Option<String>,
    /// The C++ compiler.
    pub cxx: Option<String>,
    /// `--c++`: objects alone are linked as C++, flags are those of C++.
    pub as_cxx: bool,
    /// Where the sources stop.
    pub stage: Stage,
    /// `-shared`, or what other systems say for it.
    pub shared: bool,
    /// `--win64`.
    pub win64: bool,
    /// `-v`.
    pub verbose: bool,
    /// What is printed and nothing else done.
    pub printed: Printed,
    /// `-MD`, `-MMD`, `-M` or `-MM`, as it is there.
    pub dependencies: Option<String>,
    /// `-MF`.
    pub dependency_file: Option<PathBuf>,
    /// `-MT`, `-MQ` with their targets.
    pub dependency_targets: Vec<OsString>,
    /// The compiler or the linker is asked about itself: `--version` and the like.
    pub question: bool,
    /// What `-x` says of the files behind it.
    said: Option<String>,
}

impl Line {
    /// Takes arguments apart; nothing is looked up.
    ///
    /// # Errors
    /// [`Failure::NoValue`].
    pub fn parse(arguments: &[OsString]) -> Result<Self, Failure> {
        let mut line = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            line.take(argument, &mut rest)?;
        }
        Ok(line)
    }

    fn take<'a>(
        &mut self,
        argument: &OsString,
        rest: &mut impl Iterator<Item = &'a OsString>,
    ) -> Result<(), Failure> {
        let text = argument.to_string_lossy();
        let mut value = |joined: &str| match joined {
            "" => rest
                .next()
                .map(|next| next.to_string_lossy().into_owned())
                .ok_or_else(|| Failure::NoValue(text.clone().into_owned())),
            joined => Ok(joined.trim_start_matches('=').to_owned()),
        };
        if !text.starts_with('-') || text == "-" {
            self.take_file(argument);
        } else if let Some(joined) = text.strip_prefix("--def") {
            self.definition = Some(value(joined)?.into());
        } else if let Some(joined) = text.strip_prefix("--cxx") {
            self.cxx = Some(value(joined)?);
        } else if let Some(joined) = text.strip_prefix("--cc") {
            self.cc = Some(value(joined)?);
        } else if let Some(joined) = text.strip_prefix("-MF") {
            self.dependency_file = Some(value(joined)?.into());
        } else if let Some(kind @ ("-MT" | "-MQ")) = text.get(..3) {
            self.dependency_targets.push(kind.into());
            self.dependency_targets.push(value(&text[3..])?.into());
        } else if let Some(file) = text
            .strip_prefix("-Wp,-MD,")
            .or_else(|| text.strip_prefix("-Wp,-MMD,"))
        {
            let system = text.starts_with("-Wp,-MD,");
            self.dependencies = Some(if system { "-MD" } else { "-MMD" }.to_owned());
            self.dependency_file = Some(file.into());
        } else if let Some(joined) = text.strip_prefix("-o") {
            self.output = Some(value(joined)?.into());
        } else if let Some(joined) = text.strip_prefix("-x") {
            self.said = Some(value(joined)?).filter(|kind| kind != "none");
        } else if let Some(joined) = text.strip_prefix("-I") {
            self.folders.push(value(joined)?.into());
        } else if let Some(option) = FOLDERS.iter().find(|one| text.starts_with(**one)) {
            let folder = value(&text[option.len()..])?;
            self.more_folders.push(PathBuf::from(&folder));
            self.compile.extend([option.into(), folder.into()]);
        } else if !self.take_switch(&text) {
            self.pass_on(argument, &text, value)?;
        }
        Ok(())
    }

    /// A source, an object or a library.
    fn take_file(&mut self, argument: &OsString) {
        let path = Path::new(argument);
        let end = path.extension().unwrap_or_default().to_string_lossy();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        if end.eq_ignore_ascii_case("def") {
            self.definition = Some(path.to_owned());
            return;
        }
        self.is_named = true;
        if let Some(source) = Source::of(path, self.said.as_deref()) {
            self.sources.push(source);
        } else if !end.eq_ignore_ascii_case("lib") || !is_of_windows(&stem) {
            self.link.push(argument.clone());
            self.files.push(path.to_owned());
        }
    }

    /// One that means the same wherever it is; whether it was.
    fn take_switch(&mut self, text: &str) -> bool {
        match text {
            "--c++" => self.as_cxx = true,
            "--cflags" => self.printed.cflags = true,
            "--libs" => self.printed.libs = true,
            "--win64" => self.win64 = true,
            "-v" => self.verbose = true,
            "-c" => self.stops(Stage::Object),
            "-S" => self.stops(Stage::Assembly),
            "-E" => self.stops(Stage::Preprocessed),
            "-fsyntax-only" => self.stops(Stage::Checked),
            "-M" | "-MM" => {
                self.stops(Stage::Dependencies);
                self.dependencies = Some(text.to_owned());
            }
            "-MD" | "-MMD" if self.stage == Stage::Dependencies => {}
            "-MD" | "-MMD" => self.dependencies = Some(text.to_owned()),
            "-shared" | "-bundle" | "-dynamiclib" => self.shared = true,
            _ => {
                self.question |= text == "--version" || text.starts_with("-print-");
                self.question |= text.starts_with("-dump") && text != "-dumpdir";
                self.question |= ["-Wl,--version", "-Wl,--help", "-Wl,-v"].contains(&text);
                return false;
            }
        }
        true
    }

    fn stops(&mut self, stage: Stage) {
        self.stage = self.stage.max(stage);
    }

    /// For the compiler, the linker or both.
    fn pass_on(
        &mut self,
        argument: &OsString,
        text: &str,
        mut value: impl FnMut(&str) -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        let is_any = |list: &[&str]| list.iter().any(|one| text.starts_with(one));
        if let Some(library) = text.strip_prefix("-l") {
            self.is_named = true;
            if !is_of_windows(library) {
                self.link.push(argument.clone());
            }
        } else if LINK_WITH_VALUE.contains(&text) {
            self.link.push(argument.clone());
            self.link.push(value("")?.into());
        } else if text == "-s" || is_any(&LINK) {
            self.link.push(argument.clone());
        } else if is_any(&BOTH) {
            // The linker's half of sanitizers and the like.
            self.compile.push(argument.clone());
            self.link.push(argument.clone());
        } else {
            self.compile.push(argument.clone());
            if COMPILE_WITH_VALUE.contains(&text) {
                self.compile.push(value("")?.into());
            }
        }
        Ok(())
    }

    /// Whether a library is made that is loaded at run time.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        let output = self.output.as_deref().and_then(Path::extension);
        let end = output.unwrap_or_default().to_string_lossy();
        self.shared || self.definition.is_some() || ["so", "dylib", "dll"].contains(&end.as_ref())
    }

    /// Whether the linker was told what to do with names that stay open.
    #[must_use]
    pub fn may_be_open(&self) -> bool {
        let mut words = self.link.iter().map(|word| word.to_string_lossy());
        words.any(|word| leaves_open(&word))
    }

    /// The first file that is neither a source nor for the linker.
    #[must_use]
    pub fn unknown(&self) -> Option<&PathBuf> {
        let is_linked = |file: &Path| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            // A library of Linux may have its version behind its name.
            LINKED.iter().any(|end| name.ends_with(end)) || name.contains(".so.")
        };
        self.files.iter().find(|file| !is_linked(file))
    }

    /// What of the linker's options says for which machine and from where.
    pub fn machine(&self) -> impl Iterator<Item = &OsString> {
        let words = self.link.iter();
        words.filter(|word| chooses_machine(&word.to_string_lossy()))
    }

    /// The language that what was named is linked as.
    #[must_use]
    pub fn language(&self) -> Language {
        let is_cxx = |source: &Source| source.language == Some(Language::Cxx);
        match self.as_cxx || self.sources.iter().any(is_cxx) {
            true => Language::Cxx,
            false => Language::C,
        }
    }
}

/// Whether an option tells the linker what to do with names that stay open.
#[must_use]
pub fn leaves_open(word: &str) -> bool {
    let telling = ["undefs", "nodefs", "unresolved-symbols", "dynamic_lookup"];
    telling.iter().any(|one| word.contains(one))
}

/// Whether an option says for which machine and from where is linked.
#[must_use]
pub fn chooses_machine(word: &str) -> bool {
    let choosing = ["-m", "-B", "--sysroot=", "-fuse-ld"];
    choosing.iter().any(|one| word.starts_with(one))
}

/// Whether a library of Windows is one whose functions the runtime has.
fn is_of_windows(library: &str) -> bool {
    let known = |one: &&str| one.eq_ignore_ascii_case(library);
    WINDOWS_LIBRARIES.iter().any(known)
}

const WINDOWS_LIBRARIES: [&str; 9] = [
    "ws2_32", "mswsock", "kernel32", "user32", "advapi32", "ole32", "oleaut32", "rpcrt4", "ntdll",
];
/// What compilers compile beside C and C++: the ends of such files, and their names for `-x`.
const KINDS: [(&str, &str); 5] = [
    ("s", "assembler"),
    ("S", "assembler-with-cpp"),
    ("sx", "assembler-with-cpp"),
    ("i", "cpp-output"),
    ("ii", "c++-cpp-output"),
];
/// How files end that are for the linker.
const LINKED: [&str; 8] = [".o", ".obj", ".a", ".lib", ".so", ".dylib", ".tbd", ".res"];
/// Folders that are searched for includes, with the folder behind them or joined.
const FOLDERS: [&str; 3] = ["-iquote", "-isystem", "-idirafter"];
const LINK: [&str; 8] = [
    "-Wl,",
    "-L",
    "-rdynamic",
    "-static",
    "-nostdlib",
    "-nodefaultlibs",
    "-pie",
    "-no-pie",
];
const LINK_WITH_VALUE: [&str; 7] = [
    "-Xlinker",
    "-framework",
    "-u",
    "-z",
    "-T",
    "-install_name",
    "-undefined",
];
const BOTH: [&str; 6] = ["-f", "-g", "-m", "-B", "-pthread", "--sysroot="];
/// Options of compilers whose value is a word of its own.
const COMPILE_WITH_VALUE: [&str; 11] = [
    "-D",
    "-U",
    "-include",
    "-imacros",
    "-isysroot",
    "-Xclang",
    "-Xpreprocessor",
    "-Xassembler",
    "--param",
    "-target",
    "-arch",
];
