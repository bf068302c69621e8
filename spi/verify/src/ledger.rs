//! What providers were given and owe: their starts, handles, events, threads and sockets further down.
//!
//! One lock around all of it, taken for a look-up or an entry and never while anybody is called.

use crate::stack::Stack;
use std::collections::HashMap;
use std::sync::Arc;
use ws2spi_abi::SOCKET;

/// The books.
#[derive(Default)]
pub(crate) struct Ledger {
    pub modules: HashMap<usize, Module>,
    pub levels: HashMap<usize, Level>,
    /// Handles from WPUCreateSocketHandle.
    pub minted: HashMap<SOCKET, Minted>,
    /// Which modules gave a handle to WPUModifyIFSHandle or WPUCreateSocketHandle, and under which id; the last one is last.
    pub registered: HashMap<SOCKET, Vec<(usize, u32)>>,
    pub events: HashMap<usize, Owned>,
    /// By ThreadHandle.
    pub threads: HashMap<usize, Owned>,
    /// Sockets that a layer has from a provider below, by that one's module.
    pub below: HashMap<(usize, SOCKET), Below>,
    /// Tables that providers filled.
    pub tables: Vec<crate::tables::Table>,
}

/// A module.
#[derive(Default)]
pub(crate) struct Module {
    pub path: &'static str,
    pub is_watched: bool,
    pub is_base: bool,
    /// Where its image begins; `None` for one that is linked into the program.
    pub image: Option<usize>,
    /// Calls of WSPStartup that have not returned.
    pub starting: u32,
    /// Successful starts without a cleanup.
    pub starts: u32,
    /// When its last WSPCleanup returned.
    pub cleaned_at: u64,
    /// Operations with a routine that were pending, and APCs that it queued, since the first start.
    pub routines: u64,
    pub apcs: u64,
}

/// A table.
#[derive(Default)]
pub(crate) struct Level {
    pub module: usize,
    pub starts: u32,
    pub cleaned_at: u64,
    /// Starts without a cleanup by the module that called WSPStartup; the client DLL's own are not here.
    pub started_by: HashMap<usize, u32>,
}

/// A handle that a module minted.
pub(crate) struct Minted {
    pub module: usize,
    pub stack: Arc<Stack>,
    /// The application has closed the socket.
    pub is_given_back: bool,
    pub is_closed: bool,
    /// The table by which the application got it.
    pub level: Option<usize>,
}

impl Minted {
    /// Whether the handle is the provider's to close, for nobody else has it.
    pub fn is_owed(&self) -> bool {
        !self.is_closed && (self.is_given_back || self.level.is_none())
    }
}

/// A socket of a provider below.
pub(crate) struct Below {
    pub opener: usize,
    /// The socket above it, once the layer has returned that.
    pub above: Option<SOCKET>,
    /// The application has closed that one.
    pub is_given_back: bool,
    pub stack: Arc<Stack>,
}

/// Something that a module has to give back.
pub(crate) struct Owned {
    pub module: usize,
    pub stack: Arc<Stack>,
}

impl Ledger {
    pub fn path(&self, module: usize) -> &'static str {
        self.modules.get(&module).map_or("", |module| module.path)
    }

    pub fn is_watched(&self, module: usize) -> bool {
        self.modules
            .get(&module)
            .is_some_and(|module| module.is_watched)
    }

    /// Whether a module stands between its starts: it may call and be called.
    pub fn is_started(&self, module: usize) -> bool {
        let module = self.modules.get(&module);
        module.is_some_and(|module| module.starts + module.starting > 0)
    }

    /// The module whose code begins there.
    pub fn module_of_image(&self, base: usize) -> Option<usize> {
        let mut modules = self.modules.iter();
        modules
            .find(|(_, module)| module.image == Some(base))
            .map(|(number, _)| *number)
    }

    /// Whether the handle is an open one that this module minted.
    pub fn has_minted(&self, module: usize, s: SOCKET) -> bool {
        let minted = self.minted.get(&s);
        minted.is_some_and(|minted| minted.module == module && !minted.is_closed)
    }

    /// Whether a handle of a module that is watched is minted, and whether the module is a base provider; `None` for what is neither
    /// minted nor registered by it.
    pub fn whose(&self, module: usize, s: SOCKET) -> Option<(bool, bool)> {
        let known = self.modules.get(&module).filter(|known| known.is_watched)?;
        let is_minted = self.has_minted(module, s);
        let registered = self.registered.get(&s).into_iter().flatten();
        let is_registered = || registered.into_iter().any(|(by, _)| *by == module);
        (is_minted || is_registered()).then_some((is_minted, known.is_base))
    }

    /// The application has closed a socket of this module.
    pub fn give_back(&mut self, module: usize, s: SOCKET) {
        if let Some(minted) = self.minted.get_mut(&s) {
            minted.is_given_back = true;
        }
        let below = self.below.values_mut();
        for below in below.filter(|below| below.opener == module && below.above == Some(s)) {
            below.is_given_back = true;
        }
    }

    /// Forgets closed handles when there are many.
    pub fn trim(&mut self) {
        if self.minted.len() > MANY {
            self.minted.retain(|_, minted| !minted.is_closed);
        }
        if self.registered.len() > MANY {
            let minted = &self.minted;
            self.registered.retain(|s, _| minted.contains_key(s));
        }
    }
}

/// How many handles are kept before closed ones are forgotten.
const MANY: usize = 100_000;
