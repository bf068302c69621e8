//! Name resolution by the system's resolver, with Windows' arguments, layouts and error codes.
//!
//! - `system` asks libc; `services` adds the names that every Windows has; `lookup` gives them Windows' meaning.
//! - `list`: `getaddrinfo` and its kin; `names`: `getnameinfo`, `gethostname`; `entries`: the older `gethostbyname` and its kin.
//!
//! All functions need start-up and may block as long as the system's resolver does.

mod entries;
mod list;
mod lookup;
mod names;
mod services;
mod system;

pub use entries::*;
pub use list::*;
pub(super) use lookup::{Hints, address_bytes, resolve};
pub use names::*;
