//! `Memory`: a catalog that is a value of this process, and ends with it.
//!
//! The lock is held for the pure change only, never while foreign code runs. Used by `Catalog`.

use std::sync::Arc;

use parking_lot::RwLock;
use parking_lot::RwLockWriteGuard;
#[cfg(not(windows))]
use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::error::CatalogError;
use super::error::StoreError;
#[cfg(not(windows))]
use super::shared::Catalog;
use super::state::State;
use super::store::Patience;
use super::store::Store;
use super::store::Writing;

/// The catalog of a process that names none: where the system has no place for one, its own.
#[cfg(not(windows))]
pub(super) fn of_the_system(
    path: &str,
    base: &[WSAPROTOCOL_INFOW],
) -> Result<Catalog, CatalogError> {
    Catalog::new(path, base)
}

/// A catalog's content in memory.
#[derive(Debug)]
pub(super) struct Memory(RwLock<Arc<State>>);

impl Memory {
    /// A store with this content.
    pub(super) fn new(state: State) -> Self {
        Self(RwLock::new(Arc::new(state)))
    }
}

impl Store for Memory {
    fn read(&self) -> Result<Arc<State>, StoreError> {
        Ok(Arc::clone(&self.0.read()))
    }

    fn begin(&self, _: Patience) -> Result<Box<dyn Writing + '_>, StoreError> {
        Ok(Box::new(Turn(self.0.write())))
    }

    fn is_shared(&self) -> bool {
        false
    }
}

struct Turn<'a>(RwLockWriteGuard<'a, Arc<State>>);

impl Writing for Turn<'_> {
    fn current(&self) -> &State {
        &self.0
    }

    fn put(mut self: Box<Self>, state: State) -> Result<(), CatalogError> {
        *self.0 = Arc::new(state);
        Ok(())
    }
}
