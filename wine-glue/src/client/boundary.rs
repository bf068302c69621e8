//! What every exported row runs in, and what has to be done before the first use of the catalog.

use crate::base;
use std::sync::Once;
use ws2spi::{catalog, process};
use ws2spi_kernel::last_error;

/// The catalog's path of the base provider: this module, which is loaded, by its name alone.
pub const PATH: &str = "ws2spi-core.dll";

/// Has a fresh catalog start with the base provider over Wine's own transport. Once per process; cheap afterwards. Any thread.
pub fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if !process::has_base() {
            catalog::set_base(PATH, &base::entries());
        }
    });
}

/// Runs the body of an exported function: a success leaves the thread's last error alone, whatever was called on the way.
#[inline]
pub fn enter<R>(body: impl FnOnce() -> R) -> R {
    last_error::scope(body)
}
