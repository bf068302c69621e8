//! The base provider of programs that use the C names: sockets of the operating system.
//!
//! Named to the client DLL by the first `WSAStartup` or `WSC*` call through an exported name, and by nothing else, so a program that
//! named another one before keeps it. Programs that call `ws2spi::api` directly call [`install`] themselves.

use std::sync::Once;
use ws2spi::process;
use ws2spi_backends::base;

/// The base provider's name: its catalog path is `linked:base`.
pub const NAME: &str = "base";

/// Names the base provider over the system's sockets, unless the process has a base provider already. Once per process; cheap
/// afterwards. Any thread.
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if !process::has_base() {
            process::set_base(NAME, base::entry(), &base::catalog_entries());
        }
    });
}
