//! What the machine of the cases has, and what their process may do. Each system's part supplies the same functions.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::{give_rights_away, link_local, loopback_index, may_make_raw_sockets};
#[cfg(windows)]
pub use windows::{give_rights_away, link_local, loopback_index, may_make_raw_sockets};
