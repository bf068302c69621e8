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

use super::document;
use super::error::CatalogError;
use super::error::Refusal;
use super::error::StoreError;
use super::state::State;
use crate::whole_file;
pub(super) use crate::whole_file::Lock;
use crate::whole_file::LockError;
pub(super) use crate::whole_file::Patience;
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

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The content now. Takes no lock and waits for nobody.
    pub(super) fn read(&self) -> Result<State, StoreError> {
        self.read_from(&self.path)
    }

    /// Replaces the content by what `change` makes of it, with the serial counted up; returns what
    /// `change` returned beside it.
    pub(super) fn change<R>(
        &self,
        patience: Patience,
        change: impl FnOnce(&State) -> Result<(State, R), Refusal>,
    ) -> Result<R, CatalogError> {
        let target = self.resolve()?;
        let _lock = self.lock(&beside(&target, "", ".lock"), patience)?;
        let current = self.read_from(&target)?;
        let (mut changed, result) = change(&current)?;
        changed.serial = current.serial + 1;
        self.replace(&target, &changed)?;
        Ok(result)
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

    /// Puts `state` in the place of the file's content. Only the holder of the lock is here.
    fn replace(&self, target: &Path, state: &State) -> Result<(), StoreError> {
        let writing = |error| failed(&self.path, "write", error);
        let text = document::write(state).map_err(|error| writing(error.into()))?;
        whole_file::replace(target, &text).map_err(writing)
    }
}

fn failed(file: &Path, action: &'static str, source: io::Error) -> StoreError {
    StoreError::Io {
        file: file.to_owned(),
        action,
        source,
    }
}
