//! The process's side of the client DLL: whether it is started and what belongs to that run, and what belongs to a thread.
//!
//! [`is_started`] is the first check of every API function; [`run`] gives the snapshot of the catalog, the loader and the
//! associations that live from the first `WSAStartup` to the last `WSACleanup`. Per thread there are the last error, the open type,
//! the blocking hook and the identity that providers receive.

mod installation;
mod profile;
mod state;
pub mod thread;
pub mod version;

cfg_if::cfg_if! {
    if #[cfg(windows)] {
        #[path = "no_fork.rs"]
        mod fork;
    } else {
        mod fork;
    }
}

pub use installation::{has_base, set_base};
pub use profile::{Profile, profile, set_profile};
pub use state::{
    Run, is_legacy, is_started, require_started, run, run_number, start, stop, with_run,
};
pub use ws2spi_kernel::last_error::{fail_with, last_error, set_last_error};
