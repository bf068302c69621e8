//! The C headers of Winsock and of the provider interface, embedded in the tool.
//!
//! A provider's source must compile wherever the tool is installed, with the headers that belong
//! to this very build of it. The compiler reads files, so they are written to a folder first. Used
//! by [`compiler`](crate::compiler) and [`cc`](crate::cc).

use std::fs;
use std::io;
use std::path::Path;

/// Every header: its path below the include folder, and its text.
static HEADERS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/headers.rs"));

/// Writes all headers below `folder`, which is made if need be.
///
/// # Errors
/// Those of the file system.
pub fn write(folder: &Path) -> io::Result<()> {
    for (name, text) in HEADERS {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

/// Whether a folder has every header as it is here.
#[must_use]
pub fn are_in(folder: &Path) -> bool {
    let same = |(name, text): &(&str, &[u8])| {
        let there = fs::read(folder.join(name));
        there.is_ok_and(|there| there == *text)
    };
    HEADERS.iter().all(same)
}

/// A number that another set of headers does not have: FNV-1a of names and texts.
#[must_use]
pub fn fingerprint() -> u64 {
    let parts = HEADERS.iter().flat_map(|(name, text)| {
        let length = text.len() as u64;
        [
            name.as_bytes().to_vec(),
            length.to_le_bytes().to_vec(),
            text.to_vec(),
        ]
    });
    parts.flatten().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The header that declares a function, by its path below the include folder.
#[must_use]
pub fn declaring(function: &str) -> Option<&'static str> {
    let declares = |text: &[u8]| {
        let text = String::from_utf8_lossy(text);
        let mut places = text.match_indices(function);
        places.any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let part = |letter: char| letter.is_alphanumeric() || letter == '_';
            !before.is_some_and(part) && text[at + function.len()..].starts_with('(')
        })
    };
    let mut found = HEADERS.iter().filter(|(_, text)| declares(text));
    found.next().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the tool hands to the compiler is what stands in the repository, subfolders included.
    #[test]
    fn written_headers_are_those_of_the_include_folder() {
        let scratch = tempfile::tempdir().expect("a scratch folder");
        write(scratch.path()).expect("the headers can be written");
        let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include");
        for name in ["winsock2.h", "ws2spi.h", "ws2spi/compiler.h"] {
            let written = fs::read(scratch.path().join(name)).expect("it was written");
            let original = fs::read(include.join(name)).expect("it is in the repository");
            assert!(written == original, "{name} differs");
        }
    }
}
