//! `Crash`: where a program in Wine crashed, read from what Wine writes.
//!
//! Two kinds of lines count. `0020:0024:trace:loaddll:build_module Loaded L"C:\\a.dll" at 0000000370C50000: native` names
//! process, thread, module and place; nobody but us asked for it, so it is kept back. `wine: Unhandled page fault ... at
//! address 00000002DADC1379 (thread 0024), starting debugger...` is the crash. The module is the one of that process that
//! begins last before the address.

use super::status::CatalogLayer;
use std::collections::HashMap;
use std::fmt;

/// What Wine has written so far.
#[derive(Debug, Default)]
pub struct Crash {
    /// The beginning of a line that has no end yet.
    begun: Vec<u8>,
    modules: Vec<Module>,
    /// Which process a thread is of.
    threads: HashMap<String, String>,
    /// Address and thread of the first exception that nobody handled.
    fault: Option<(u64, String)>,
}

#[derive(Debug)]
struct Module {
    process: String,
    base: u64,
    path: String,
}

/// Where a program crashed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// In the module of a layer.
    Layer {
        /// The layer's name.
        name: String,
        /// Its module.
        module: String,
    },
    /// In another module.
    Module(String),
    /// At an address that no module begins before.
    Address(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer { name, module } => write!(f, "the layer {name:?} ({module})"),
            Self::Module(module) => write!(f, "{module}, which is no layer of the catalog"),
            Self::Address(address) => write!(f, "no module, at {address:#x}"),
        }
    }
}

impl Crash {
    /// Takes more of what Wine writes; returns the lines that are to be passed on.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        self.begun.extend(bytes);
        while let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.begun.drain(..=end).collect();
            if !self.is_ours(&String::from_utf8_lossy(&line)) {
                lines.push(line);
            }
        }
        lines
    }

    /// The last line, which has no end.
    pub fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.begun)
    }

    /// Where the program crashed; `None` when it did not.
    #[must_use]
    pub fn place(&self, layers: &[CatalogLayer]) -> Option<Place> {
        let (address, thread) = self.fault.as_ref()?;
        // A thread that loaded nothing is not known; then all processes count.
        let process = self.threads.get(thread);
        let mut before: Vec<&Module> = self.modules.iter().collect();
        before.retain(|module| module.base <= *address);
        before.retain(|module| process.is_none_or(|process| *process == module.process));
        let Some(module) = before.into_iter().max_by_key(|module| module.base) else {
            return Some(Place::Address(*address));
        };
        let file = |path: &str| {
            let name = path.rsplit(['\\', '/']).next();
            name.unwrap_or_default().to_lowercase()
        };
        let mut layers = layers.iter();
        let layer = layers.find(|layer| file(&layer.path) == file(&module.path));
        let module = module.path.clone();
        Some(match layer.map(|layer| layer.name.clone()) {
            Some(name) => Place::Layer { name, module },
            None => Place::Module(module),
        })
    }

    /// Notes what a line says; whether it is one that only we asked for.
    fn is_ours(&mut self, line: &str) -> bool {
        if let Some((who, loaded)) = line.split_once(":trace:loaddll:") {
            self.note(who, loaded);
            return true;
        }
        if line.starts_with("wine: Unhandled ") && self.fault.is_none() {
            let address = hexadecimal(line.split(" at address ").nth(1).unwrap_or_default());
            let thread = line.split("(thread ").nth(1).unwrap_or_default();
            let thread = thread.split(')').next().unwrap_or_default();
            self.fault = address.map(|address| (address, thread.to_owned()));
        }
        false
    }

    /// Notes a module that was loaded.
    fn note(&mut self, who: &str, loaded: &str) -> Option<()> {
        let (process, thread) = who.rsplit_once(':').unwrap_or((who, who));
        self.threads.insert(thread.to_owned(), process.to_owned());
        let (_, loaded) = loaded.split_once("Loaded L\"")?;
        let (path, base) = loaded.split_once("\" at ")?;
        let base = hexadecimal(base)?;
        // The same place again is another module now.
        let same = |known: &Module| known.process == process && known.base == base;
        self.modules.retain(|known| !same(known));
        self.modules.push(Module {
            process: process.to_owned(),
            base,
            path: path.replace("\\\\", "\\"),
        });
        Some(())
    }
}

/// The number that a text begins with.
fn hexadecimal(text: &str) -> Option<u64> {
    let digits = text.trim_start_matches("0x");
    let end = digits.find(|digit: char| !digit.is_ascii_hexdigit());
    u64::from_str_radix(&digits[..end.unwrap_or(digits.len())], 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOADED: &str = "0020:0024:trace:loaddll:build_module Loaded L\"C:\\\\t\\\\Lay.dll\" at 00000002DADC0000: native\n\
        0020:0024:trace:loaddll:build_module Loaded L\"C:\\\\t\\\\crash.exe\" at 0000000140000000: native\n\
        00ec:00f0:trace:loaddll:build_module Loaded L\"C:\\\\rpcss.exe\" at 0000000140000000: builtin\n";

    fn layers() -> [CatalogLayer; 1] {
        let [name, path] = ["Mine", "%SystemRoot%\\lay.dll"].map(str::to_owned);
        [CatalogLayer { name, path }]
    }

    fn after(address: &str) -> Option<String> {
        let mut crash = Crash::default();
        let fault = format!(
            "wine: Unhandled page fault on write access to 0000000000000000 at address {address} (thread 0024), starting debugger...\n"
        );
        // In any pieces.
        let mut passed_on = Vec::new();
        for piece in format!("{LOADED}err:other\n{fault}tail")
            .into_bytes()
            .chunks(7)
        {
            passed_on.extend(crash.take(piece));
        }
        assert_eq!(
            String::from_utf8_lossy(&passed_on.concat()),
            format!("err:other\n{fault}")
        );
        assert_eq!(crash.rest(), b"tail");
        crash.place(&layers()).map(|place| place.to_string())
    }

    #[test]
    fn a_crash_is_told_with_the_layers_name() {
        // Issue 6, "Done when": reported with the layer's name.
        assert_eq!(
            after("00000002DADC1379").as_deref(),
            Some("the layer \"Mine\" (C:\\t\\Lay.dll)")
        );
        let program = after("0000000140001450").expect("it crashed");
        assert_eq!(
            program,
            "C:\\t\\crash.exe, which is no layer of the catalog"
        );
        assert_eq!(after("10").as_deref(), Some("no module, at 0x10"));
    }

    #[test]
    fn a_program_that_ends_has_not_crashed() {
        // Nothing unhandled was written.
        let mut crash = Crash::default();
        assert!(crash.take(LOADED.as_bytes()).is_empty());
        assert_eq!(crash.place(&layers()), None);
    }
}
