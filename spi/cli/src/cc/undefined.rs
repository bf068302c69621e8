//! Functions that are nowhere: what a provider takes from outside that neither a library nor the runtime has.
//!
//! The names of `libws2_32` stay open in a provider until a program loads it, so the linker says nothing of any open name. What it has
//! left open is compared with the list of exports; what remains may be in a library without versions, so the linker is asked once more,
//! with a library that has those exports and nothing else, and to refuse what is open. Of what it names then, the preprocessed
//! sources tell where it was declared, and [`pages`](super::pages) what it is on Windows. On macOS, where all open names look alike, the
//! linker is asked at once, and its message is all that tells ([`linker`]).

use super::linker;
use super::pages::Page;
use crate::headers;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Functions that are nowhere, with the lines in which the linker named them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// The symbols.
    pub names: BTreeSet<String>,
    /// What the linker said of them.
    pub said: String,
}

/// What a linked library leaves open that nobody has. `again` starts the linker as it made the library, with another output; `bare`
/// starts it for the same machine with nothing to link. `None` also where there is no `nm`.
#[must_use]
pub fn missing(
    library: &Path,
    scratch: &Path,
    again: impl FnOnce() -> Command,
    bare: impl FnOnce() -> Command,
) -> Option<Missing> {
    let open = match APPLE {
        true => BTreeSet::new(),
        false => open(library),
    };
    if open.is_empty() && !APPLE {
        return None;
    }
    let runtime = runtime(scratch, bare())?;
    let mut command = again();
    let refusing = match APPLE {
        // The last one counts.
        true => "-Wl,-undefined,error",
        false => "-Wl,-z,defs",
    };
    command.arg(refusing).arg(runtime);
    command.arg("-o").arg(scratch.join("checked.so"));
    let Output { status, stderr, .. } = command.stdin(Stdio::null()).output().ok()?;
    if status.success() {
        return None;
    }
    let text = String::from_utf8_lossy(&stderr).into_owned();
    if APPLE {
        let names = nowhere(&text);
        let said = linker::about_open_names(&text);
        return (!names.is_empty()).then_some(Missing { names, said });
    }
    let is_named = |name: &String| text.lines().any(|line| mentions(line, name));
    let names: BTreeSet<String> = open.into_iter().filter(is_named).collect();
    let tells = |line: &&str| names.iter().any(|name| mentions(line, name));
    let said: Vec<&str> = text.lines().filter(tells).collect();
    let said = said.join("\n");
    (!names.is_empty()).then_some(Missing { names, said })
}

/// The functions that a linker names, but for those of the runtime, of sanitizers, and where programs begin.
#[must_use]
pub fn nowhere(messages: &str) -> BTreeSet<String> {
    let mut names = linker::open_names(messages);
    names.retain(|name| !is_foreign(name) && !is_in_runtime(name) && name != "main");
    names
}

/// Whether a linker misses what the runtime has.
#[must_use]
pub fn misses_runtime(messages: &str) -> bool {
    linker::open_names(messages)
        .iter()
        .any(|name| is_in_runtime(name))
}

fn is_in_runtime(name: &str) -> bool {
    ws2_32::exports().any(|export| export.name() == name)
}

/// Whether a program brings it along that was made with sanitizers.
fn is_foreign(name: &str) -> bool {
    INSTRUMENTS.iter().any(|one| name.starts_with(one))
}

/// The names that a library leaves open, but for those of the runtime, of versioned libraries and of sanitizers.
fn open(library: &Path) -> BTreeSet<String> {
    let output = Command::new("nm").args(["-D", "-u"]).arg(library).output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    let runtime: BTreeSet<&str> = ws2_32::exports().map(|export| export.name()).collect();
    let text = String::from_utf8_lossy(&text);
    let names = text.lines().filter_map(|line| {
        // Weak ones need not be there.
        let name = line.trim().strip_prefix("U ")?;
        let foreign = name.contains('@') || is_foreign(name);
        (!foreign && !runtime.contains(name)).then(|| name.to_owned())
    });
    names.collect()
}

/// A library with the names of the runtime.
fn runtime(scratch: &Path, mut command: Command) -> Option<PathBuf> {
    let mut text = String::new();
    for export in ws2_32::exports() {
        // A string cannot fail to grow.
        let _ = writeln!(text, "void {}(void) {{}}", export.name());
    }
    let (source, library) = (scratch.join("runtime.c"), scratch.join("runtime.so"));
    fs::write(&source, text).ok()?;
    command.args(["-shared", "-fPIC", "-w", "-x", "c"]);
    if !APPLE {
        // There every library needs the system's.
        command.arg("-nostdlib");
    }
    command.arg(source).arg("-o").arg(&library);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
        .status()
        .is_ok_and(|status| status.success())
        .then_some(library)
}

/// Whether a line has the name as a word, or as the linker writes a decorated one.
fn mentions(line: &str, name: &str) -> bool {
    let plain = plain(name);
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    [name, plain].into_iter().any(|name| {
        line.match_indices(name).any(|(at, _)| {
            let (before, after) = (&line[..at], &line[at + name.len()..]);
            !before.ends_with(part) && !after.starts_with(part)
        })
    })
}

/// The name of a function of C++, without its decoration.
fn plain(name: &str) -> &str {
    let undecorated = name.strip_prefix("_Z").and_then(|rest| {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let length: usize = rest[..digits].parse().ok()?;
        rest.get(digits..digits + length)
    });
    undecorated.unwrap_or(name)
}

/// A sentence for each, the more useful for what the preprocessed sources show. `include` has our own headers.
#[must_use]
pub fn explained(names: &BTreeSet<String>, sources: &[String], include: &Path) -> Vec<String> {
    let mut places = BTreeMap::new();
    for text in sources {
        declarations(names, text, &mut places);
    }
    let sentence = |name: &String| {
        let plain = plain(name);
        let declared = match places.get(name) {
            Some((file, line)) => match Path::new(file).strip_prefix(include) {
                Ok(ours) => format!("is declared in {}", ours.display()),
                Err(_) => format!("is declared in {file}:{line}"),
            },
            None => match headers::declaring(plain) {
                Some(header) => format!("is declared in {header}"),
                None => String::from("is declared in no header of ws2spi"),
            },
        };
        format!(
            "{plain} is in no library that is linked and not in libws2_32; it {declared}{}",
            about(plain)
        )
    };
    names.iter().map(sentence).collect()
}

/// What Microsoft says of a function.
fn about(name: &str) -> String {
    match Page::of(name) {
        Some(page) => format!("; Microsoft's page is \"{}\"", page.title()),
        None => String::new(),
    }
}

/// Where a preprocessed source first has each of the names as a function, if that is in a header.
fn declarations(
    names: &BTreeSet<String>,
    text: &str,
    places: &mut BTreeMap<String, (String, u32)>,
) {
    let mut source = None;
    let mut at = (String::new(), 0);
    let mut seen = BTreeSet::new();
    for line in text.lines() {
        if let Some((number, file)) = marker(line) {
            at = (file, number);
            let _ = source.get_or_insert_with(|| at.0.clone());
            continue;
        }
        for name in names {
            if line.contains(plain(name)) && mentions(line, plain(name)) && seen.insert(name) {
                // What the source itself says of it may be a call.
                if source.as_ref() != Some(&at.0) {
                    places.entry(name.clone()).or_insert_with(|| at.clone());
                }
            }
        }
        at.1 += 1;
    }
}

/// `# 12 "file.h" 1`: the line that comes next, and its file.
fn marker(line: &str) -> Option<(u32, String)> {
    let rest = line.strip_prefix("# ")?;
    let (number, rest) = rest.split_once(' ')?;
    let file = rest.strip_prefix('"')?.split('"').next()?;
    Some((number.parse().ok()?, file.to_owned()))
}

/// A sentence for each function of Windows' that a compiler's messages quote and that the runtime has not.
#[must_use]
pub fn quoted(messages: &str) -> Vec<String> {
    let messages = without_colors(messages);
    let mut names = BTreeSet::new();
    for line in messages.lines().filter(|line| line.contains("error")) {
        names.extend(line.split(['\'', '`', '‘', '’', '"']));
    }
    let absent = |name: &&str| {
        Page::of(name).is_some_and(|page| !is_in_runtime(name) && !is_in_runtime(page.function))
    };
    let names = names.into_iter().filter(absent);
    names
        .map(|name| {
            format!(
                "{name} is in no header of ws2spi and not in libws2_32{}",
                about(name)
            )
        })
        .collect()
}

/// A text without the escape sequences of terminals.
fn without_colors(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| letter.is_ascii_alphabetic());
        plain.push_str(end.map_or("", |end| &part[end + 1..]));
    }
    plain
}

/// Where all names of libraries stay open in the same way.
const APPLE: bool = cfg!(target_vendor = "apple");
/// How the names begin that sanitizers and profilers take from the program.
const INSTRUMENTS: [&str; 9] = [
    "__asan_",
    "__ubsan_",
    "__tsan_",
    "__msan_",
    "__lsan_",
    "__hwasan_",
    "__sanitizer_",
    "__sancov_",
    "__llvm_",
];
