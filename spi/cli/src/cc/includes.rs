//! Includes that only Windows would find: backslashes between folders, letters of another case.
//!
//! The sources and what they include are read for `#include` lines, whatever the conditions around them. A spelling that names no file
//! here, and names one when backslashes are slashes and case does not count, gets a forwarding header of exactly that spelling in a
//! folder of its own, which the compiler searches: gcc and clang alike.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// One spelling means different files in different folders.
#[derive(Debug, thiserror::Error)]
#[error("include {spelling} is {} here and {} there: compile the sources apart", .one.display(), .other.display())]
pub struct Ambiguous {
    /// As the sources have it.
    pub spelling: String,
    /// A file.
    pub one: PathBuf,
    /// Another.
    pub other: PathBuf,
}

/// Writes forwarding headers for what `sources` include into `target`, which is made: spellings and the files they mean. `folders` are
/// searched after a file's own folder, `headers` after them. Files that cannot be read or written are left to the compiler's error.
///
/// # Errors
/// [`Ambiguous`].
pub fn forward(
    sources: &[PathBuf],
    folders: &[PathBuf],
    headers: &Path,
    target: &Path,
) -> Result<BTreeMap<String, PathBuf>, Ambiguous> {
    let mut made: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<PathBuf> = sources.to_vec();
    while let Some(file) = waiting.pop() {
        let Ok(whole) = file.canonicalize() else {
            continue;
        };
        // What a pipe has can be read once.
        if !whole.is_file() || !seen.insert(whole.clone()) {
            continue;
        }
        let text = fs::read(&whole).unwrap_or_default();
        let own = whole.parent().unwrap_or(Path::new("/")).to_owned();
        for (spelling, quoted) in spellings(&String::from_utf8_lossy(&text)) {
            let beside = quoted.then_some(own.as_path());
            let places = beside
                .into_iter()
                .chain(folders.iter().map(PathBuf::as_path));
            let places: Vec<&Path> = places.chain(Some(headers)).collect();
            if let Some(exact) = places.iter().find_map(|place| file_at(place, &spelling)) {
                if !exact.starts_with(headers) {
                    waiting.push(exact);
                }
                continue;
            }
            let Some(found) = places.iter().find_map(|place| loose(place, &spelling)) else {
                continue;
            };
            if let Some(other) = made.insert(spelling.clone(), found.clone())
                && other != found
            {
                return Err(Ambiguous {
                    spelling,
                    one: other,
                    other: found,
                });
            }
            waiting.push(found);
        }
    }
    // First, since a spelling may go up from it.
    let _ = fs::create_dir_all(target);
    for (spelling, file) in &made {
        // gcc takes a backslash for a letter; clang, told to be like Microsoft's compiler, for a slash.
        let slashes = spelling.replace('\\', "/");
        let ups = slashes.split('/').filter(|part| *part == "..").count();
        let both = [Some(spelling), Some(&slashes).filter(|_| ups <= DEPTH)];
        for name in both.into_iter().flatten() {
            let header = target.join(name);
            let folder = header.parent().unwrap_or(target);
            // A header that cannot be written is one that the compiler does not find.
            let _ = fs::create_dir_all(folder)
                .and_then(|()| fs::write(&header, format!("#include \"{}\"\n", file.display())));
        }
    }
    Ok(made)
}

/// A folder for forwarding headers below `scratch`: deep, since spellings go up from it.
#[must_use]
pub fn folder(scratch: &Path) -> PathBuf {
    let deep = scratch.join("forwarding");
    (0..DEPTH).fold(deep, |folder, _| folder.join("up"))
}

/// The files that a text includes, and whether in quotes.
fn spellings(text: &str) -> Vec<(String, bool)> {
    let included = text.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix('#')?.trim_start();
        let rest = rest.strip_prefix("include")?.trim_start();
        let close = match rest.chars().next()? {
            '"' => '"',
            '<' => '>',
            _ => return None,
        };
        let name = rest[1..].split(close).next()?;
        Some((name.to_owned(), close == '"'))
    });
    included.collect()
}

fn file_at(place: &Path, spelling: &str) -> Option<PathBuf> {
    let file = place.join(spelling);
    file.is_file().then_some(file)
}

/// The file that Windows would find.
fn loose(place: &Path, spelling: &str) -> Option<PathBuf> {
    let mut at = place.to_owned();
    for part in spelling.split(['\\', '/']) {
        let next = at.join(part);
        at = if part == ".." || part == "." || next.exists() {
            next
        } else {
            let mut entries = fs::read_dir(&at).ok()?.flatten();
            let same = |name: &str| name.eq_ignore_ascii_case(part);
            entries
                .find(|entry| entry.file_name().to_str().is_some_and(same))?
                .path()
        };
    }
    at.canonicalize().ok().filter(|file| file.is_file())
}

/// How many folders a spelling may go up.
const DEPTH: usize = 8;
