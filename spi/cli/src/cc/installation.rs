//! Where the headers and `libws2_32` of this tool lie, for build systems that do the compiling and linking themselves.
//!
//! Headers: beside an installed tool (`PREFIX/include/ws2spi`, when they are of this very build), else in a cache folder of the user's
//! that is named after their content, written once. The library: beside the tool, where cargo builds it, or in its prefix.
//! `WS2SPI_PREFIX` names another prefix for both.

use super::Failure;
use crate::headers;
use std::env;
use std::io;
use std::path::{Path, PathBuf};

/// Names the prefix where `spi/capi/install` has put headers and libraries.
pub const PREFIX: &str = "WS2SPI_PREFIX";

/// A folder with the headers of this build that stays where it is.
///
/// # Errors
/// [`Failure::NoCache`], [`Failure::File`].
pub fn include() -> Result<PathBuf, Failure> {
    let installed = prefix().map(|prefix| prefix.join("include/ws2spi"));
    if let Some(found) = installed.into_iter().find(|folder| headers::are_in(folder)) {
        return Ok(found);
    }
    let cache = cache().ok_or(Failure::NoCache)?;
    let folder = cache.join(format!("include-{:016x}", headers::fingerprint()));
    publish(&folder).map_err(|reason| Failure::File {
        file: folder.clone(),
        reason,
    })?;
    Ok(folder)
}

/// Writes the headers to a folder that others may be reading and writing at this moment.
fn publish(folder: &Path) -> io::Result<()> {
    if headers::are_in(folder) {
        return Ok(());
    }
    let parent = folder.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(parent)?;
    let made = tempfile::Builder::new().prefix("new-").tempdir_in(parent)?;
    let whole = made.path().join("include");
    headers::write(&whole)?;
    // One that was damaged goes; one that another process has put there by now stays.
    if !headers::are_in(folder) {
        let _ = std::fs::rename(folder, made.path().join("old"));
    }
    match std::fs::rename(&whole, folder) {
        Err(_) if headers::are_in(folder) => Ok(()),
        result => result,
    }
}

/// The user's folder for what can be made again.
fn cache() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| Path::new(value).is_absolute());
    let home = set("HOME").map(PathBuf::from);
    let apple = cfg!(target_vendor = "apple");
    let usual = home.map(|home| home.join(if apple { "Library/Caches" } else { ".cache" }));
    let cache = set("XDG_CACHE_HOME").map(PathBuf::from).or(usual);
    cache.map(|cache| cache.join("ws2spi"))
}

/// The folder of `libws2_32`.
///
/// # Errors
/// [`Failure::NoLibrary`].
pub fn library() -> Result<PathBuf, Failure> {
    let program = program_folder();
    // What cargo makes for the tool lies in `deps`; what lies beside the tool may be of a former build.
    let beside = |folder: PathBuf| [folder.join("deps"), folder];
    let mut places: Vec<PathBuf> = program.into_iter().flat_map(beside).collect();
    let installed = prefix().map(|prefix| prefix.join("lib"));
    let named = env::var_os(PREFIX).is_some();
    places.splice(
        if named {
            0..0
        } else {
            places.len()..places.len()
        },
        installed,
    );
    let found = places.iter().find(|folder| folder.join(LIBRARY).is_file());
    found.cloned().ok_or(Failure::NoLibrary(places))
}

/// What links a program with the library, and lets it be found at run time.
#[must_use]
pub fn link(folder: &Path) -> [String; 3] {
    let folder = folder.display();
    [
        format!("-L{folder}"),
        format!("-Wl,-rpath,{folder}"),
        String::from("-lws2_32"),
    ]
}

/// The prefix that the environment names, else the one that the tool lies in.
fn prefix() -> Option<PathBuf> {
    match env::var_os(PREFIX) {
        Some(prefix) => Some(PathBuf::from(prefix)),
        None => program_folder()?.parent().map(Path::to_owned),
    }
}

fn program_folder() -> Option<PathBuf> {
    let program = env::current_exe().and_then(|program| program.canonicalize());
    program.ok()?.parent().map(Path::to_owned)
}

/// Flags as a shell takes them apart.
#[must_use]
pub fn quoted<'a>(flags: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for flag in flags {
        if !line.is_empty() {
            line.push(' ');
        }
        for letter in flag.chars() {
            if !letter.is_alphanumeric() && !"@%_+=:,./-".contains(letter) {
                line.push('\\');
            }
            line.push(letter);
        }
    }
    line
}

const LIBRARY: &str = if cfg!(target_vendor = "apple") {
    "libws2_32.dylib"
} else {
    "libws2_32.so"
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_published_whole_and_mended() {
        let scratch = tempfile::tempdir().expect("a scratch folder");
        let folder = scratch.path().join("cache/include");
        publish(&folder).expect("it is written");
        assert!(headers::are_in(&folder));
        std::fs::write(folder.join("ws2spi.h"), "").expect("it can be damaged");
        publish(&folder).expect("it is written anew");
        assert!(headers::are_in(&folder));
        let left = std::fs::read_dir(scratch.path().join("cache"));
        assert_eq!(left.expect("the folder is there").count(), 1);
    }

    #[test]
    fn flags_are_quoted_for_a_shell() {
        assert_eq!(quoted(["-I/a b", "-Dx=\"y\""]), "-I/a\\ b -Dx=\\\"y\\\"");
    }
}
