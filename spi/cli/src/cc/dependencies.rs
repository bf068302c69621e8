//! Files that say what a source includes, for `make` and its like: `-MD` and its kin, right through the driver.
//!
//! The compiler would name our forwarding headers, which are gone a moment later, and objects that nobody sees. So it is told a file and
//! a target, and what lies in the scratch folder is taken out afterwards: the headers that were meant are in the list themselves.

use super::line::{Line, Stage};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The dependencies of one source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dependencies {
    /// Where the user wants them; `None`: on standard output.
    file: Option<PathBuf>,
    /// Where the compiler writes them.
    raw: PathBuf,
    options: Vec<OsString>,
}

impl Dependencies {
    /// Those that the line asks for, of the source that becomes `object`; `raw` is a file in the scratch folder.
    #[must_use]
    pub fn wanted(line: &Line, source: &Path, object: &Path, raw: PathBuf) -> Option<Self> {
        let kind = line.dependencies.as_ref()?;
        let file = match (&line.dependency_file, line.stage) {
            (Some(file), _) => Some(file.clone()),
            (None, Stage::Dependencies) => line.output.clone(),
            (None, Stage::Linked) => Some(beside_program(line, source)),
            (None, Stage::Checked | Stage::Preprocessed) => {
                let stem = source.file_stem().unwrap_or_default();
                Some(PathBuf::from(stem).with_extension("d"))
            }
            (None, Stage::Object | Stage::Assembly) => Some(object.with_extension("d")),
        };
        let mut options = vec![OsString::from(kind), "-MF".into(), raw.clone().into()];
        if !line.dependency_targets.is_empty() {
            options.extend(line.dependency_targets.iter().cloned());
        } else if let (Stage::Linked, Some(output)) = (line.stage, &line.output) {
            // The object is ours; what is made of it is what has to be made anew.
            options.extend(["-MQ".into(), output.clone().into()]);
        } else if matches!(line.stage, Stage::Object | Stage::Assembly) {
            options.extend(["-MQ".into(), object.as_os_str().to_owned()]);
        }
        Some(Self { file, raw, options })
    }

    /// What the compiler is told.
    #[must_use]
    pub fn options(&self) -> &[OsString] {
        &self.options
    }

    /// Writes what the compiler wrote, without what lies in `scratch`, to where it is wanted. `copy` is what was compiled, and the source
    /// that it stands for.
    ///
    /// # Errors
    /// The file that could not be read or written, and why.
    pub fn finish(&self, scratch: &Path, copy: (&Path, &Path)) -> Result<(), (PathBuf, io::Error)> {
        let text = fs::read_to_string(&self.raw).map_err(|reason| (self.raw.clone(), reason))?;
        let text = without(&text, scratch, copy);
        match &self.file {
            Some(file) if file != Path::new("-") => {
                fs::write(file, text).map_err(|reason| (file.clone(), reason))
            }
            _ => super::put_out(&text),
        }
    }
}

/// As gcc names it: the program's name and the source's.
fn beside_program(line: &Line, source: &Path) -> PathBuf {
    let output = line.output.clone().unwrap_or_else(|| "a".into());
    let stem = |path: &Path| {
        let stem = path.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    };
    output.with_file_name(format!("{}-{}.d", stem(&output), stem(source)))
}

/// Rules without the prerequisites and targets below a folder, and the source in the place of its copy.
fn without(text: &str, folder: &Path, (copy, source): (&Path, &Path)) -> String {
    let [copy, source] = [copy, source].map(|path| escaped(&path.to_string_lossy()));
    let inside = escaped(&folder.to_string_lossy());
    let rules = text.replace("\\\r\n", " ").replace("\\\n", " ");
    let mut kept = String::new();
    for rule in rules.lines() {
        let words: Vec<&str> = words(rule);
        let words: Vec<&str> = words
            .into_iter()
            .map(|word| if word == copy { &source } else { word })
            .filter(|word| !word.starts_with(&inside))
            .collect();
        if !words.is_empty() {
            kept.push_str(&words.join(" \\\n "));
            kept.push('\n');
        }
    }
    kept
}

/// A path as compilers write it into a rule.
fn escaped(path: &str) -> String {
    let path = path.replace('$', "$$").replace('#', "\\#");
    path.replace(' ', "\\ ")
}

/// The words of a rule: a space with a backslash before it is part of a name.
fn words(rule: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut begin = None;
    let mut before = ' ';
    for (at, letter) in rule.char_indices() {
        let ends = letter.is_whitespace() && before != '\\';
        match (begin, ends) {
            (None, false) => begin = Some(at),
            (Some(start), true) => {
                words.push(&rule[start..at]);
                begin = None;
            }
            (None, true) | (Some(_), false) => {}
        }
        before = letter;
    }
    words.extend(begin.map(|start| &rule[start..]));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_the_scratch_folder_is_taken_out_of_rules() {
        let text = "a\\ b.o: /tmp/x\\ y/0.copy/a.c \\\n /tmp/x\\ y/up/..\\common\\h.h /inc/winsock2.h \\\n  /src/h.h\n\n/tmp/x\\ y/up/h.h:\n\n/src/h.h:\n";
        let kept = without(
            text,
            Path::new("/tmp/x y"),
            (Path::new("/tmp/x y/0.copy/a.c"), Path::new("a.c")),
        );
        assert_eq!(
            kept,
            "a\\ b.o: \\\n a.c \\\n /inc/winsock2.h \\\n /src/h.h\n/src/h.h:\n"
        );
    }
}
