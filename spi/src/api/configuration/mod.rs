//! The configuration functions: every WSC* function, and what applications see of the catalog.
//!
//! Each reads its arguments into values (`arguments`), asks or changes the catalog of this process,
//! and answers through lpErrno; WSAEnumProtocols through the thread's last error. They carry the C
//! name in snake case and as a search alias. Only WSAEnumProtocols needs WSAStartup. Parameters that
//! C declares without const but that are only read are `*const` here.

mod application;
mod arguments;
mod change;
mod enumerate;
mod information;
mod install;
mod layer;
mod order;
mod path;

pub use application::*;
pub use change::*;
pub use enumerate::*;
pub use information::*;
pub use install::*;
pub use layer::*;
pub use order::*;
pub use path::*;
