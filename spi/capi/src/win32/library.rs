//! Loading modules: what layers load the provider below them with.

use super::{or, truth};
use crate::table::{self, Export};
use crate::{exports, text};
use ws2spi::loader::module;
use ws2spi::trace;
use ws2spi_abi::*;

/// The module handle of the client DLL itself: `ws2_32.dll` and the system modules whose functions it exports.
const OURSELVES: HANDLE = 4 << 32;
/// The names, without folder and in lower case, under which this library answers.
const OUR_NAMES: [&str; 6] = [
    "ws2_32.dll",
    "ws2_32",
    "kernel32.dll",
    "kernel32",
    "user32.dll",
    "user32",
];

/// Whether a path names a module that this library stands for.
fn is_ours(path: &str) -> bool {
    let name = path
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(path)
        .to_ascii_lowercase();
    OUR_NAMES.contains(&name.as_str())
}

/// Loads a module and adds a use to it.
///
/// DIFFERS: `%NAME%` in a path is expanded, which Windows leaves to its callers; the loader keeps paths as the catalog has them.
fn load(path: Option<String>) -> Result<HANDLE, Errno> {
    let path = path.ok_or(Errno::INVALID_PARAMETER)?;
    if is_ours(&path) {
        return Ok(OURSELVES);
    }
    let loaded = module::load(&path).map_err(|_| Errno::MOD_NOT_FOUND)?;
    // The use belongs to the handle now; FreeLibrary gives it back.
    Ok(loaded.into_id())
}

/// Loads a module; 0 on failure, `ERROR_MOD_NOT_FOUND`. `%NAME%` is expanded; `linked:NAME` names a provider in the program;
/// `ws2_32.dll`, `kernel32.dll` and `user32.dll` are this library. Blocks while `DllMain` runs. Microsoft: "LoadLibraryW function".
///
/// # Safety
/// `path` is null or NUL-terminated.
#[doc(alias = "LoadLibraryW")]
pub unsafe fn load_w(path: PCWSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    or(0, load(unsafe { text::wide(path) }))
}

/// [`load_w`] in bytes. Microsoft: "LoadLibraryA function".
///
/// # Safety
/// `path` is null or NUL-terminated.
#[doc(alias = "LoadLibraryA")]
pub unsafe fn load_a(path: PCSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    or(0, load(unsafe { text::narrow(path) }))
}

/// The address of an exported function; NULL with `ERROR_PROC_NOT_FOUND`, or `ERROR_INVALID_HANDLE` for a module that is not loaded.
/// Ordinals are not known. When calls are traced, `WSPStartup` is the counting one. Microsoft: "GetProcAddress function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "GetProcAddress")]
pub unsafe fn address(module: HANDLE, name: PCSTR) -> RawCallback {
    or(RawCallback::NULL, {
        // Values below 64 Ki are ordinals, not pointers.
        let by_name = !name.is_null() && name as usize > 0xffff;
        // SAFETY: the caller's contract; not an ordinal.
        let name = by_name.then(|| unsafe { text::narrow(name) }).flatten();
        name.ok_or(Errno::PROC_NOT_FOUND)
            .and_then(|name| find(module, &name))
    })
}

fn find(handle: HANDLE, name: &str) -> Result<RawCallback, Errno> {
    if handle == OURSELVES {
        let export = exports().find(|export| export.name() == name);
        return export.map(Export::address).ok_or(Errno::PROC_NOT_FOUND);
    }
    let module = module::find(handle).ok_or(Errno::INVALID_HANDLE)?;
    if name == "WSPStartup" {
        let startup = module.startup().ok_or(Errno::PROC_NOT_FOUND)?;
        return Ok(RawCallback::from_raw(
            trace::interposed(&module.path(), startup) as usize,
        ));
    }
    let found = module.symbol(name);
    if found.is_null() {
        Err(Errno::PROC_NOT_FOUND)
    } else {
        Ok(found)
    }
}

/// Gives a use of a module back; the last one unloads it after `DllMain(DLL_PROCESS_DETACH)`. `ERROR_INVALID_HANDLE`.
/// Microsoft: "FreeLibrary function".
#[doc(alias = "FreeLibrary")]
pub fn free(handle: HANDLE) -> BOOL {
    if handle == OURSELVES {
        return truth(Ok(()));
    }
    truth(
        module::release(handle)
            .then_some(())
            .ok_or(Errno::INVALID_HANDLE),
    )
}

table::exports! {
    "LoadLibraryW" load_library_w(path: PCWSTR) -> HANDLE = 0 => load_w;
    "LoadLibraryA" load_library_a(path: PCSTR) -> HANDLE = 0 => load_a;
    "GetProcAddress" get_proc_address(module: HANDLE, name: PCSTR) -> RawCallback = RawCallback::NULL => address;
    "FreeLibrary" free_library(module: HANDLE) -> BOOL = 0 => free;
}
