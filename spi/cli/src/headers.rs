//! The C headers of Winsock and of the provider interface, embedded in the tool.
//!
//! A provider's source must compile wherever the tool is installed, with the headers that belong
//! to this very build of it. The compiler reads files, so they are written to a scratch folder
//! first. Used by [`compiler`](crate::compiler).

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
