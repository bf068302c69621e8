//! `Store`: what a place where a catalog is kept has to do. The seam of `Catalog`.
//!
//! - `memory`: a value of this process.
//! - `file`: a file, which is replaced whole.
//! - `registry`, on Windows: the registry, in the layout of Windows.
//!
//! A store hands out the content as a whole and takes the next one as a whole; whoever reads sees
//! the one or the other, never half of it.

use std::fmt;
use std::sync::Arc;

use super::error::CatalogError;
use super::error::StoreError;
use super::state::State;
pub(super) use crate::whole_file::Patience;

/// A place where a catalog is kept.
pub(super) trait Store: fmt::Debug + Send + Sync {
    /// The content now. Waits for no writer.
    ///
    /// # Errors
    /// The store's; [`StoreError::Invalid`] and its like for content that cannot be.
    fn read(&self) -> Result<Arc<State>, StoreError>;

    /// Begins a change: until the returned value is gone there is no other writer.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another writer does not come to an end; as [`Store::read`].
    fn begin(&self, patience: Patience) -> Result<Box<dyn Writing + '_>, StoreError>;

    /// Whether other processes see the content, and can change it.
    fn is_shared(&self) -> bool;

    /// Whether other processes may have changed the content since this was last asked. One that
    /// cannot tell says so each time.
    fn may_have_changed(&self) -> bool {
        true
    }
}

/// The writers' turn in a store. Dropped, it leaves the content as it is.
pub(super) trait Writing {
    /// The content, which stays as it is until [`Writing::put`].
    fn current(&self) -> &State;

    /// Puts `state` in the place of the content.
    ///
    /// # Errors
    /// The store's, and a refusal of what it cannot express; the content is what it was then.
    fn put(self: Box<Self>, state: State) -> Result<(), CatalogError>;
}
