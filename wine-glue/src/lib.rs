//! What a Wine- or Proton-style compatibility layer needs of the runtime.
//!
//! Windows code that a compatibility layer maps into a native process speaks Microsoft's x64 convention, not the platform's. Both
//! tables exist in it as well (`win64`, on x86-64): the layer starts the base provider through `win64::base_startup` and hands
//! Windows providers `win64::UPCALLS`. Handles, catalog and associations are those of the one runtime in the process.
//!
//! Compiled for Windows it is `ws2spi-core.dll`, the client DLL for programs in Wine behind the `ws2_32.dll` in `front`: `client` has
//! what it exports, `base` the base provider over Wine's own transport.

#[cfg(windows)]
pub mod base;
#[cfg(windows)]
pub mod client;
#[cfg(windows)]
pub mod direct;
#[cfg(windows)]
#[path = "../../spi/capi/src/table.rs"]
mod table;
#[cfg(all(target_arch = "x86_64", not(windows)))]
pub mod win64;

// The rows of the exports know it by this name.
#[cfg(windows)]
use client::boundary;
