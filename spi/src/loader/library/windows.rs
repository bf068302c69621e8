//! Modules by LoadLibrary, which runs their entry points itself.

use super::sentence;
use libloading::os::windows::Library as System;
use std::ffi::c_void;

/// A loaded module, one reference of the system's own count. Must be [closed](Self::close); dropping leaves it loaded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Library {
    raw: usize,
}

impl Library {
    /// Loads the module at `path`. Runs its entry point on the calling thread; no lock of ours may be held.
    ///
    /// # Errors
    /// The system's own sentence: no such file, not a module, an import that nobody exports.
    pub fn open(path: &str) -> Result<Self, String> {
        // SAFETY: the module's entry point is foreign code; whoever put the path into the catalog answers for it.
        let library = unsafe { System::new(path) };
        match library {
            Ok(library) => Ok(Self {
                raw: library.into_raw() as usize,
            }),
            Err(error) => Err(sentence(&error)),
        }
    }

    /// The address of an exported function, 0 when the module has none of that name.
    #[must_use]
    pub fn symbol(self, name: &str) -> usize {
        let library = self.system();
        // SAFETY: an address is asked for and nothing is called or read through it here.
        let symbol = unsafe { library.get::<*mut c_void>(name.as_bytes()) };
        let address = symbol.map_or(0, |symbol| symbol.as_raw_ptr() as usize);
        // Not closed: this reference is still ours.
        let _ = library.into_raw();
        address
    }

    /// The address of an entry point that is ours to call: there is none, the system calls it.
    #[must_use]
    pub const fn entry(self) -> usize {
        0
    }

    /// What is to be done when the process exits is the system's own.
    pub const fn at_exit(_: extern "C" fn()) {}

    /// Gives one reference back. Runs the module's entry point when it was the last; no lock of ours may be held.
    ///
    /// # Errors
    /// The system's own sentence.
    pub fn close(self) -> Result<(), String> {
        self.system().close().map_err(|error| sentence(&error))
    }

    fn system(self) -> System {
        // SAFETY: `raw` came from `into_raw`, and this value owns that reference until `close`.
        unsafe { System::from_raw(self.raw as _) }
    }
}
