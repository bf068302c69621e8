//! Module definition files: the names that a library exports, and what they are inside.
//!
//! Of a `.def` file the `EXPORTS` section counts: `name`, `name=inside`, ordinals and `PRIVATE`, `NONAME`, `DATA` being of no use here.
//! Microsoft's linker takes an undecorated name for a C++ function too; here such a name becomes an alias of the decorated one.

use std::ffi::OsString;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a `.def` file says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Definition {
    /// Exported name, and the name inside.
    pub exports: Vec<(String, String)>,
}

impl Definition {
    /// Reads the text of a file; what is not known is passed over.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut exports = Vec::new();
        let mut inside = false;
        for line in text.lines() {
            let line = line.split(';').next().unwrap_or_default();
            let mut words = line.split_whitespace().peekable();
            if let Some(word) = words.peek()
                && STATEMENTS.contains(&word.to_ascii_uppercase().as_str())
            {
                inside = word.eq_ignore_ascii_case("EXPORTS");
                words.next();
            }
            let entry: String = words
                .take_while(|word| !word.starts_with('@') && !ATTRIBUTES.contains(word))
                .collect();
            if !inside || entry.is_empty() {
                continue;
            }
            let (name, own) = entry.split_once('=').unwrap_or((&entry, &entry));
            exports.push((name.to_owned(), own.to_owned()));
        }
        Self { exports }
    }

    /// Exports `name` as `new`, under which it is inside too.
    pub fn rename(&mut self, name: &str, new: &str) {
        for (exported, own) in &mut self.exports {
            for text in [exported, own] {
                if text == name {
                    new.clone_into(text);
                }
            }
        }
    }

    /// A version script: these names, `DllMain`, and nothing else.
    #[must_use]
    pub fn script(&self) -> String {
        let mut script = String::from("{ global: DllMain;");
        for (name, _) in &self.exports {
            // A string cannot fail to grow.
            let _ = write!(script, " {name};");
        }
        script.push_str(" local: *; };\n");
        script
    }

    /// The linker's options for the exports of objects that define `symbols`; `script` is where [`script`](Self::script) was written.
    #[must_use]
    pub fn options(&self, symbols: &[String], script: &Path) -> Vec<OsString> {
        let apple = cfg!(target_vendor = "apple");
        let mut options = Vec::new();
        if !apple {
            let mut option = OsString::from("-Wl,--version-script,");
            option.push(script);
            options.push(option);
        }
        for (name, own) in &self.exports {
            let found = decorated(own, symbols).unwrap_or(own);
            if apple {
                options.push(format!("-Wl,-exported_symbol,_{name}").into());
            }
            match (found == name, apple) {
                (true, _) => {}
                (false, true) => options.push(format!("-Wl,-alias,_{found},_{name}").into()),
                (false, false) => options.push(format!("-Wl,--defsym,{name}={found}").into()),
            }
        }
        options
    }
}

/// The symbol of a C++ function with this name, unless there is one of C's.
fn decorated<'a>(name: &str, symbols: &'a [String]) -> Option<&'a str> {
    let start = format!("_Z{}{name}", name.len());
    let plain = symbols.iter().find(|symbol| *symbol == name);
    let found = plain.or_else(|| symbols.iter().find(|symbol| symbol.starts_with(&start)));
    found.map(String::as_str)
}

/// The symbols that objects define, as `nm` tells them; none where there is no `nm`.
#[must_use]
pub fn symbols(objects: &[PathBuf]) -> Vec<String> {
    let output = Command::new("nm").arg("-g").args(objects).output();
    let text = output.map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let defined = text.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [_, kind, name] if kind != "U" => Some(name),
            _ => None,
        }
    });
    let apple = cfg!(target_vendor = "apple");
    defined
        .map(|name| match name.strip_prefix('_') {
            Some(name) if apple => name.to_owned(),
            _ => name.to_owned(),
        })
        .collect()
}

const STATEMENTS: [&str; 8] = [
    "LIBRARY",
    "EXPORTS",
    "NAME",
    "SECTIONS",
    "STACKSIZE",
    "HEAPSIZE",
    "VERSION",
    "DESCRIPTION",
];
const ATTRIBUTES: [&str; 3] = ["PRIVATE", "NONAME", "DATA"];
