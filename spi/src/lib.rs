//! The client DLL role of the Winsock 2 SPI: catalog, loader, dispatch, upcalls and the Winsock API.
//!
//! What ws2_32.dll is on Windows, in Rust. [`api`] holds the Winsock functions as Windows has them; the modules below it are the
//! machinery: [`catalog`] (which providers exist), [`loader`] (starting them), [`association`] (whose socket a handle is),
//! [`dispatch`] (calling them), [`upcalls`] (what they call), [`process`] (start-up and per-thread state), [`trace`] (watching
//! calls) and [`whole_file`] (what the catalog's file is replaced with). On Windows `system` is the registry, where the catalog is there.
//! Nothing imports `api`.

pub mod api;
pub mod association;
pub mod catalog;
pub mod dispatch;
#[cfg(test)]
mod fixture;
pub mod loader;
pub mod process;
#[cfg(windows)]
mod system;
pub mod trace;
pub mod upcalls;
pub mod whole_file;
