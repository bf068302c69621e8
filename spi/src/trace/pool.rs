//! The bounded pool behind [`super::interpose`]: which module and which table each numbered thunk stands for.
//!
//! Tables of the SPI carry no context, so a counting thunk knows its level by a number fixed at compile time. A module keeps its
//! number for the life of the process; a level is one table that the module handed out. When the pool is used up, further modules and
//! tables stay unwatched.

use parking_lot::Mutex;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use ws2spi_abi::ffi::native;

/// How many different modules can be watched.
pub const MODULES: usize = 16;
/// How many different tables can be watched.
pub const LEVELS: usize = 32;

/// A watched module: where its `WSPStartup` is and what it was given.
pub struct ModuleSlot {
    path: OnceLock<String>,
    given: Mutex<Given>,
    entry: AtomicU32,
}

#[derive(Clone, Copy)]
struct Given {
    startup: Option<native::StartupFn>,
    upcalls: native::UpcallTable,
}

/// A watched table.
pub struct LevelSlot {
    table: OnceLock<Level>,
}

/// A table that a module handed out, and for which entry.
pub struct Level {
    /// The module's own table.
    pub table: native::ProcTable,
    /// The module's number.
    pub module: usize,
    /// The catalog entry of the `WSPStartup` that handed it out first.
    pub entry: u32,
}

static MODULE: [ModuleSlot; MODULES] = [const { ModuleSlot::new() }; MODULES];
static LEVEL: [LevelSlot; LEVELS] = [const {
    LevelSlot {
        table: OnceLock::new(),
    }
}; LEVELS];

impl ModuleSlot {
    const fn new() -> Self {
        let given = Given {
            startup: None,
            upcalls: native::UpcallTable::EMPTY,
        };
        Self {
            path: OnceLock::new(),
            given: Mutex::new(given),
            entry: AtomicU32::new(0),
        }
    }

    /// The module's path.
    pub fn path(&self) -> &str {
        self.path.get().map_or("", String::as_str)
    }

    /// The entry of the module's latest `WSPStartup`.
    pub fn entry(&self) -> u32 {
        self.entry.load(Ordering::Relaxed)
    }

    /// The module's own `WSPStartup`.
    pub fn startup(&self) -> Option<native::StartupFn> {
        self.given.lock().startup
    }

    /// The upcall table that the module would have received.
    pub fn upcalls(&self) -> native::UpcallTable {
        self.given.lock().upcalls
    }

    /// Records what the module's latest `WSPStartup` was given.
    pub fn starting(&self, entry: u32, upcalls: native::UpcallTable) {
        self.entry.store(entry, Ordering::Relaxed);
        self.given.lock().upcalls = upcalls;
    }
}

/// The module with this number.
pub fn module(number: usize) -> Option<&'static ModuleSlot> {
    MODULE.get(number)
}

/// The table with this number.
pub fn level(number: usize) -> Option<&'static Level> {
    LEVEL.get(number)?.table.get()
}

/// The number of a module, taking one for a new path. `None` when the pool is used up.
pub fn enter_module(path: &str, startup: native::StartupFn) -> Option<usize> {
    MODULE.iter().position(|slot| {
        let ours = slot.path.get_or_init(|| path.to_owned()) == path;
        if ours {
            slot.given.lock().startup = Some(startup);
        }
        ours
    })
}

/// The number of a table of a module, taking one for a table not seen before. `None` when the pool is used up.
pub fn enter_level(module: usize, entry: u32, table: &native::ProcTable) -> Option<usize> {
    LEVEL.iter().position(|slot| {
        let level = slot.table.get_or_init(|| Level {
            table: *table,
            module,
            entry,
        });
        level.module == module && addresses(&level.table) == addresses(table)
    })
}

macro_rules! table_addresses {
    ([$table:ident] $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $fail:expr;)*) => {
        [$($table.$field.map_or(0, |function| function as usize)),*]
    };
}

fn addresses(table: &native::ProcTable) -> [usize; 30] {
    ws2spi_abi::procs!(table_addresses table)
}
