//! Name resolution by the system's resolver, with Windows' arguments, layouts and error codes.
//!
//! - `system` asks libc; `services` adds the names that every Windows has; `lookup` gives them Windows' meaning; `terms` is what a
//!   lookup is asked with.
//! - `list`: `getaddrinfo` and its kin; `names`: `getnameinfo`, `gethostname`; `entries`: the older `gethostbyname` and its kin.
//!
//! All functions need start-up and may block as long as the system's resolver does.
//!
//! On Windows these functions are not ours: programs get the system's own, and so does what is needed here (`windows`).

mod terms;

cfg_if::cfg_if! {
    if #[cfg(windows)] {
        mod windows;

        pub(super) use terms::{Hints, address_bytes};
        pub(super) use windows::resolve;
        pub use windows::{Resolver, set_resolver};
    } else {
        mod entries;
        mod list;
        mod lookup;
        mod names;
        mod services;
        mod system;

        pub use entries::*;
        pub use list::*;
        pub(super) use lookup::resolve;
        pub use names::*;
        pub(super) use terms::{Hints, address_bytes};
    }
}
