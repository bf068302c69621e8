//! Shared libraries by dlopen: opened with all symbols resolved and none exported to others.

use super::sentence;
use libloading::os::unix::{Library as System, RTLD_LOCAL, RTLD_NOW};
use std::ffi::c_void;

/// A loaded shared library, one reference of the system's own count. Must be [closed](Self::close); dropping leaves it loaded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Library {
    raw: usize,
}

impl Library {
    /// Opens the library at `path`. Runs its initialisers on the calling thread; no lock of ours may be held.
    ///
    /// # Errors
    /// The system's own sentence: no such file, not a library, a symbol that nobody defines.
    pub fn open(path: &str) -> Result<Self, String> {
        // SAFETY: the library's initialisers are foreign code; whoever put the path into the catalog answers for them, as on
        // Windows.
        let library = unsafe { System::open(Some(path), RTLD_NOW | RTLD_LOCAL) };
        match library {
            Ok(library) => Ok(Self {
                raw: library.into_raw() as usize,
            }),
            Err(error) => Err(sentence(&error)),
        }
    }

    /// The address of a symbol, 0 when the library has none of that name.
    #[must_use]
    pub fn symbol(self, name: &str) -> usize {
        let library = self.system();
        // SAFETY: an address is asked for and nothing is called or read through it here.
        let symbol = unsafe { library.get::<*mut c_void>(name.as_bytes()) };
        let address = symbol.map_or(0, |symbol| symbol.into_raw() as usize);
        // Not closed: this reference is still ours.
        let _ = library.into_raw();
        address
    }

    /// The address of its `DllMain`, which nobody but us calls; 0 when it exports none.
    #[must_use]
    pub fn entry(self) -> usize {
        self.symbol("DllMain")
    }

    /// Has a function be called when the process exits, before the library's own finalisers if it is open.
    pub fn at_exit(function: extern "C" fn()) {
        // SAFETY: a function that stays: it is part of this one. Without room for it, it is not called.
        unsafe { libc::atexit(function) };
    }

    /// Gives one reference back. Runs the library's finalisers when it was the last; no lock of ours may be held.
    ///
    /// # Errors
    /// The system's own sentence.
    pub fn close(self) -> Result<(), String> {
        self.system().close().map_err(|error| sentence(&error))
    }

    fn system(self) -> System {
        // SAFETY: `raw` came from `into_raw`, and this value owns that reference until `close`.
        unsafe { System::from_raw(self.raw as *mut c_void) }
    }
}
