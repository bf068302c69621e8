//! What every `WSPStartup` of a process is given beside its entry: the upcall tables.

use ws2spi_abi::ffi::{UpcallHost, native};

/// The client DLL's upcall tables, one per calling convention. The same contents go to every provider (U9), by value (U7).
#[derive(Clone, Copy, Debug)]
pub struct UpcallTables {
    /// The table of the platform's own convention.
    pub native: native::UpcallTable,
}

impl UpcallTables {
    /// The tables of a client DLL.
    #[must_use]
    pub const fn of<H: UpcallHost>() -> Self {
        Self {
            native: native::UpcallTable::of::<H>(),
        }
    }
}
