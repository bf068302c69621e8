//! The provider catalog: which providers exist, in which order, and which one a socket gets
//! (client-dll.md section 4).
//!
//! - `entry`, `list`, `state`: the content, as immutable values; `chains`, `categories`,
//!   `enumeration`, `selection` are what can be asked and done with them.
//! - `shared`: `Catalog`, which holds the content; `store`: what it is kept in, which is one of
//!   `memory`, `file` and, on Windows, `registry`. `document` and `layout` are the form it has there.
//! - `notice`, `watch`: who is told when it changes.
//! - `snapshot`: the content as one running process sees it; `process`: which catalog that is.
//!
//! No other module of this crate is used here, and nothing of it is unsafe: pointers and the C
//! functions (WSC*, WSAEnumProtocols) are `api`'s. The loader, the association table, dispatch and
//! the upcalls read snapshots.

#![forbid(unsafe_code)]

mod categories;
mod chains;
mod document;
mod entry;
mod enumeration;
mod error;
mod file;
#[cfg(any(windows, test))]
mod layout;
mod list;
mod memory;
mod notice;
mod process;
mod selection;
mod shared;
mod snapshot;
mod state;
mod store;
mod watch;

cfg_if::cfg_if! {
    if #[cfg(windows)] {
        mod registry;
        use registry::of_the_system;
    } else {
        use memory::of_the_system;
    }
}

pub use categories::Applications;
pub use categories::Identity;
pub use categories::admits;
pub use categories::this_process;
pub use chains::LayerInstallation;
pub use chains::Targets;
pub use entry::Entry;
pub use entry::EntryId;
pub use entry::Kind;
pub use entry::Triple;
pub use enumeration::Wanted;
pub use error::CatalogError;
pub use error::Refusal;
pub use error::StoreError;
pub use list::List;
pub use notice::Notice;
pub use notice::Routine;
pub use process::LAYERS;
pub use process::has_base;
pub use process::process_catalog;
pub use process::process_snapshot;
pub use process::report;
pub use process::set_base;
pub use process::set_process_catalog;
pub use selection::Criteria;
pub use shared::Catalog;
pub use shared::ENVIRONMENT;
pub use snapshot::Snapshot;
pub use state::Bits;
pub use state::State;

#[cfg(test)]
mod tests;
