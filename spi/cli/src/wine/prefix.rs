//! `Prefix`: where a prefix is, and what belongs to it.
//!
//! A prefix is the folder that `WINEPREFIX` names. Steam keeps one for each program in
//! `steamapps/compatdata/NUMBER/pfx`; the folder above it has a file `config_info` with paths into the Proton
//! that made it, whose Wine is in `files/bin`, in older ones in `dist/bin`. Either folder may be named.

use super::build::Wine;
use super::failure::Failure;
use super::hive::Hive;
use std::fs;
use std::path::{Path, PathBuf};

/// A prefix, and the Wine that runs it.
#[derive(Clone, Debug)]
pub struct Prefix {
    /// The folder: what `WINEPREFIX` names.
    pub root: PathBuf,
    /// The Wine.
    pub wine: Wine,
    /// The folder of the Proton that it belongs to.
    pub proton: Option<PathBuf>,
}

impl Prefix {
    /// The prefix at `path`, and the Wine that was named or that belongs to it.
    ///
    /// # Errors
    /// [`Failure::NoPrefix`], [`Failure::ThirtyTwoBit`], and those of [`Wine::find`].
    pub fn find(path: &Path, wine: Option<&Path>) -> Result<Self, Failure> {
        let given = fs::canonicalize(path).map_err(Failure::io(path, "find"))?;
        let below = given.join("pfx");
        let root = if below.is_dir() {
            fs::canonicalize(&below).map_err(Failure::io(&below, "find"))?
        } else {
            given
        };
        for missing in ["user.reg", "system.reg", "drive_c/windows/system32"] {
            if !root.join(missing).exists() {
                return Err(Failure::NoPrefix {
                    path: root,
                    missing,
                });
            }
        }
        let proton = proton_of(&root);
        let own = proton.as_deref().and_then(loader_of);
        let prefix = Self {
            wine: Wine::find(wine, own.as_deref(), &root)?,
            root,
            proton,
        };
        if prefix.hive(SYSTEM)?.is_thirty_two_bit() {
            return Err(Failure::ThirtyTwoBit { path: prefix.root });
        }
        Ok(prefix)
    }

    /// The folder system32, which 64-bit programs see as such.
    #[must_use]
    pub fn system(&self) -> PathBuf {
        self.root.join("drive_c/windows/system32")
    }

    /// A registry file, behind links.
    ///
    /// # Errors
    /// [`Failure::Io`].
    pub fn hive_file(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.root.join(name);
        fs::canonicalize(&path).map_err(Failure::io(&path, "find"))
    }

    /// A registry file's content, as Wine last saved it.
    ///
    /// # Errors
    /// [`Failure::Io`], [`Failure::Garbled`].
    pub fn hive(&self, name: &str) -> Result<Hive, Failure> {
        let path = self.hive_file(name)?;
        let text = fs::read(&path).map_err(Failure::io(&path, "read"))?;
        Hive::parse(text).map_err(|problem| Failure::Garbled { path, problem })
    }

    /// Refuses while programs run in the prefix.
    ///
    /// # Errors
    /// [`Failure::Running`], and that of [`Wine::runs`].
    pub fn must_rest(&self) -> Result<(), Failure> {
        if self.wine.runs(&self.root)? {
            return Err(Failure::Running {
                prefix: self.root.clone(),
                server: self.wine.server.clone(),
            });
        }
        Ok(())
    }
}

/// The registry file of HKEY_LOCAL_MACHINE.
pub const SYSTEM: &str = "system.reg";
/// The registry file of HKEY_CURRENT_USER.
pub const USER: &str = "user.reg";

/// The folder of the Proton that made the prefix, which its script is in.
fn proton_of(root: &Path) -> Option<PathBuf> {
    let information = fs::read_to_string(root.parent()?.join("config_info")).ok()?;
    let paths = information
        .lines()
        .map(Path::new)
        .filter(|path| path.is_absolute());
    let folders = paths.flat_map(Path::ancestors);
    folders
        .into_iter()
        .find(|folder| folder.join("proton").is_file())
        .map(Path::to_owned)
}

/// The loader of a Proton's Wine.
fn loader_of(proton: &Path) -> Option<PathBuf> {
    let folders = ["files/bin", "dist/bin"].map(|folder| proton.join(folder));
    let loaders = folders
        .iter()
        .flat_map(|folder| ["wine64", "wine"].map(|name| folder.join(name)));
    loaders.into_iter().find(|loader| loader.is_file())
}
