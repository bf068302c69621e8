//! `Record`: what was put into a prefix, so that all of it can be found and taken out again.
//!
//! A file in the prefix, changed with the files that it tells of in one transaction. What stood in
//! the registry before is kept as the text that it was.

use super::failure::Failure;
use super::journal::{Change, Content, FOLDER};
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What is installed in a prefix.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    format: u32,
    /// The version of the tool that put it there.
    pub version: String,
    /// The Wine that it was put there for.
    pub wine: String,
    /// The text of the catalog's keys in `system.reg` before the first installation.
    pub catalog: String,
    /// What was put where.
    pub installations: Vec<Installation>,
}

/// One installation: the whole prefix's, or a program's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Installation {
    /// The program; `None` for the whole prefix.
    pub program: Option<PathBuf>,
    /// The files that were put there, the front first.
    pub files: Vec<Placed>,
    /// Folders that were made for them, the outer ones first.
    pub folders: Vec<PathBuf>,
    /// The DLL overrides that were set.
    pub overrides: Vec<Override>,
}

impl Installation {
    /// The folder that Wine has to be told for the direct transport; `None` without its halves.
    #[must_use]
    pub fn direct(&self) -> Option<PathBuf> {
        let mut files = self.files.iter().map(|placed| &placed.path);
        let half = files.find(|path| path.extension() == Some(OsStr::new("so")))?;
        half.ancestors().nth(2).map(Path::to_owned)
    }
}

/// A file that was put somewhere.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placed {
    /// Where it is.
    pub path: PathBuf,
    /// What was there.
    pub before: Before,
}

/// What was at a path, and is put back there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Before {
    /// Nothing.
    Nothing,
    /// The file that is now there.
    Moved(PathBuf),
    /// A symbolic link to there.
    Link(PathBuf),
}

/// A value of the registry that was set.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The key in `user.reg`.
    pub key: String,
    /// The value's name.
    pub name: String,
    /// The text of the keys above its key, when that was made for it.
    pub made_below: Option<Vec<String>>,
}

const FORMAT: u32 = 1;

impl Record {
    /// An empty record.
    #[must_use]
    pub fn new(wine: String, catalog: String) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            wine,
            catalog,
            installations: Vec::new(),
        }
    }

    /// The record of the prefix at `root`, `None` when nothing is installed.
    ///
    /// # Errors
    /// [`Failure::Io`], [`Failure::Garbled`].
    pub fn read(root: &Path) -> Result<Option<Self>, Failure> {
        let path = Self::file(root);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::io(&path, "read")(error)),
        };
        let garbled = |problem| Failure::Garbled {
            path: path.clone(),
            problem,
        };
        let record: Self =
            serde_json::from_slice(&text).map_err(|error| garbled(error.to_string()))?;
        if record.format != FORMAT {
            return Err(garbled(format!(
                "is of format {}, which a later ws2spi reads",
                record.format
            )));
        }
        Ok(Some(record))
    }

    /// The change that puts the record into the prefix at `root`, or removes it when nothing is
    /// installed any more.
    ///
    /// # Errors
    /// [`Failure::Io`] of the serializer.
    pub fn change(&self, root: &Path) -> Result<Change, Failure> {
        let path = Self::file(root);
        let text = serde_json::to_vec_pretty(self).map_err(std::io::Error::from);
        let text = text.map_err(Failure::io(&path, "write"))?;
        let new = match self.installations.is_empty() {
            true => Content::Absent,
            false => Content::File(text),
        };
        Ok(Change { path, new })
    }

    fn file(root: &Path) -> PathBuf {
        root.join(FOLDER).join("installed.json")
    }
}
