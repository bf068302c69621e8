//! `CatalogFile`: a catalog in a file that survives the process, and other processes beside it.
//!
//! How it is read, locked and replaced: see [`whole_file`].
//!
//! A file that cannot be understood is never overwritten.
//!
//! Relies on `document` for the content. Used by `Catalog` only.

use std::io;
use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use super::document;
use super::error::CatalogError;
use super::error::StoreError;
use super::state::State;
use super::store::Patience;
use super::store::Store;
use super::store::Writing;
use crate::whole_file;
pub(super) use crate::whole_file::Lock;
use crate::whole_file::LockError;
use crate::whole_file::beside;

/// A catalog's file, and what it is taken to contain while it does not exist.
#[derive(Debug)]
pub(super) struct CatalogFile {
    path: PathBuf,
    fresh: State,
}

impl CatalogFile {
    /// The file at `path`, which need not exist: the first change makes it.
    pub(super) fn new(path: &Path, fresh: State) -> Result<Self, StoreError> {
        let absolute = std::path::absolute(path);
        let path = absolute.map_err(|error| failed(path, "find", error))?;
        Ok(Self { path, fresh })
    }

    fn read_from(&self, target: &Path) -> Result<State, StoreError> {
        match whole_file::read(target) {
            Ok(text) => document::read(&self.path, &text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(self.fresh.clone()),
            Err(error) => Err(failed(&self.path, "read", error)),
        }
    }

    /// The file behind symbolic links.
    fn resolve(&self) -> Result<PathBuf, StoreError> {
        whole_file::resolve(&self.path).map_err(|error| failed(&self.path, "find", error))
    }

    /// Takes the writers' lock.
    fn lock(&self, path: &Path, patience: Patience) -> Result<Lock, StoreError> {
        whole_file::lock(path, patience).map_err(|error| match error {
            LockError::Busy => StoreError::Busy {
                file: self.path.clone(),
            },
            LockError::Failed(error) => failed(path, "lock", error),
        })
    }
}

impl Store for CatalogFile {
    fn read(&self) -> Result<Arc<State>, StoreError> {
        self.read_from(&self.path).map(Arc::new)
    }

    fn begin(&self, patience: Patience) -> Result<Box<dyn Writing + '_>, StoreError> {
        let target = self.resolve()?;
        let lock = self.lock(&beside(&target, "", ".lock"), patience)?;
        Ok(Box::new(Turn {
            file: self,
            current: self.read_from(&target)?,
            target,
            _lock: lock,
        }))
    }

    fn is_shared(&self) -> bool {
        true
    }
}

/// The writers' turn: the lock, and what was read under it.
struct Turn<'a> {
    file: &'a CatalogFile,
    current: State,
    target: PathBuf,
    _lock: Lock,
}

impl Writing for Turn<'_> {
    fn current(&self) -> &State {
        &self.current
    }

    fn put(self: Box<Self>, state: State) -> Result<(), CatalogError> {
        let writing = |error| failed(&self.file.path, "write", error);
        let text = document::write(&state).map_err(|error| writing(error.into()))?;
        whole_file::replace(&self.target, &text).map_err(writing)?;
        Ok(())
    }
}

fn failed(file: &Path, action: &'static str, source: io::Error) -> StoreError {
    StoreError::Io {
        file: file.to_owned(),
        action,
        source,
    }
}
