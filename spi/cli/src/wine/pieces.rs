//! `Pieces`: the files that are put into a prefix, from the folder that `wine-glue/build` makes.
//!
//! `ws2_32.dll` is the front, which bears the name that programs import; the other DLLs, the core
//! among them, go beside it. `x86_64-unix` and `x86_64-windows` hold the halves of the direct transport; Wine finds them
//! when the folder that both are in is in `WINEDLLPATH`.

use super::failure::Failure;
use std::fs;
use std::path::{Path, PathBuf};

/// The environment variable that names the folder.
pub const ENVIRONMENT: &str = "WS2SPI_WINE_PIECES";

/// The file that bears the name which programs import.
pub const FRONT: &str = "ws2_32.dll";

/// The folders of the direct transport's halves, and how the files in them end.
const HALVES: [(&str, &str); 2] = [("x86_64-unix", "so"), ("x86_64-windows", "dll")];

/// The files of a folder of pieces, each with its path below that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pieces {
    /// Path below the folder, and content.
    pub files: Vec<(PathBuf, Vec<u8>)>,
}

impl Pieces {
    /// The pieces in the folder that was named, or else in the first where they are looked for.
    ///
    /// # Errors
    /// [`Failure::NoPieces`] without a folder, a front or a core; [`Failure::Io`].
    pub fn find(named: Option<&Path>) -> Result<Self, Failure> {
        if let Some(folder) = named {
            return Self::of(folder);
        }
        if let Some(folder) = std::env::var_os(ENVIRONMENT).filter(|folder| !folder.is_empty()) {
            return Self::of(Path::new(&folder));
        }
        let program = std::env::current_exe().unwrap_or_default();
        let beside = program.parent().unwrap_or(Path::new(""));
        let folders = [beside.join("wine"), beside.join("../lib/ws2spi/wine")];
        match folders.iter().find(|folder| folder.join(FRONT).is_file()) {
            Some(folder) => Self::of(folder),
            None => Err(Failure::NoPieces {
                what: format!(
                    "no {FRONT} in {} or {}",
                    folders[0].display(),
                    folders[1].display()
                ),
            }),
        }
    }

    fn of(folder: &Path) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for (below, end) in [("", "dll")].into_iter().chain(HALVES) {
            let path = folder.join(below);
            if !below.is_empty() && !path.is_dir() {
                continue;
            }
            let entries = fs::read_dir(&path).map_err(Failure::io(&path, "read"))?;
            for entry in entries {
                let file = entry.map_err(Failure::io(&path, "read"))?.path();
                let (Some(name), true) = (
                    file.file_name(),
                    file.extension().is_some_and(|own| own == end),
                ) else {
                    continue;
                };
                let bytes = fs::read(&file).map_err(Failure::io(&file, "read"))?;
                files.push((Path::new(below).join(name), bytes));
            }
        }
        files.sort();
        let missing = |what: &str| Failure::NoPieces {
            what: format!("{}: {what}", folder.display()),
        };
        let Some((_, front)) = files.iter().find(|(path, _)| path == Path::new(FRONT)) else {
            return Err(missing("has no ws2_32.dll"));
        };
        if is_builtin(front) {
            return Err(missing("its ws2_32.dll is Wine's own"));
        }
        Ok(Self { files })
    }
}

/// Whether a piece is of the halves of the direct transport.
#[must_use]
pub fn is_half(below: &Path) -> bool {
    HALVES.iter().any(|(folder, _)| below.starts_with(folder))
}

/// Whether a DLL is Wine's own, by the mark that its builds put behind the header.
#[must_use]
pub fn is_builtin(dll: &[u8]) -> bool {
    dll.get(0x40..).is_some_and(|rest| {
        rest.starts_with(b"Wine builtin DLL\0") || rest.starts_with(b"Wine placeholder DLL\0")
    })
}
