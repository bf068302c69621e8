//! Loading modules: what layers load the provider below them with.

use super::{last_error, or, truth};
use crate::table::{self, Export};
use crate::{exports, text};
use ws2spi::loader::{module, path};
use ws2spi::trace;
#[cfg(all(target_arch = "x86_64", not(windows)))]
use ws2spi_abi::ffi::bridge;
use ws2spi_abi::ffi::native;
use ws2spi_abi::*;

/// The module handle of the client DLL itself: `ws2_32.dll` and the system modules whose functions it exports.
const OURSELVES: HANDLE = 4 << 32;
/// The names, without folder and in lower case, under which this library answers.
const OUR_NAMES: [&str; 9] = [
    "ws2_32",
    "kernel32",
    "kernelbase",
    "user32",
    "iphlpapi",
    "advapi32",
    "ntdll",
    "ole32",
    "rpcrt4",
];
/// The module handle of the program.
const PROGRAM: HANDLE = 5 << 32;

/// Whether a path names a module that this library stands for.
fn is_ours(path: &str) -> bool {
    let name = path
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(path)
        .to_ascii_lowercase();
    OUR_NAMES.contains(&name.strip_suffix(".dll").unwrap_or(&name))
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

/// [`load_w`]; `file` is reserved, and flags have no effect. Microsoft: "LoadLibraryExW function".
///
/// # Safety
/// `path` is null or NUL-terminated.
#[doc(alias = "LoadLibraryExW")]
pub unsafe fn load_ex_w(path: PCWSTR, _file: HANDLE, _flags: u32) -> HANDLE {
    // SAFETY: the caller's contract.
    unsafe { load_w(path) }
}

/// [`load_a`]; `file` is reserved, and flags have no effect. Microsoft: "LoadLibraryExA function".
///
/// # Safety
/// `path` is null or NUL-terminated.
#[doc(alias = "LoadLibraryExA")]
pub unsafe fn load_ex_a(path: PCSTR, _file: HANDLE, _flags: u32) -> HANDLE {
    // SAFETY: the caller's contract.
    unsafe { load_a(path) }
}

/// The handle of a loaded module, without a use of it; the program's for NULL. A name without a folder is looked for among all, and may
/// lack `.dll`. 0 with `ERROR_MOD_NOT_FOUND`. Microsoft: "GetModuleHandleW function".
///
/// # Safety
/// `path` is null or NUL-terminated.
#[doc(alias = "GetModuleHandleW")]
pub unsafe fn loaded_w(path: PCWSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    loaded(unsafe { text::wide(path) })
}

/// [`loaded_w`] in bytes. Microsoft: "GetModuleHandleA function".
///
/// # Safety
/// `path` is null or NUL-terminated.
#[doc(alias = "GetModuleHandleA")]
pub unsafe fn loaded_a(path: PCSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    loaded(unsafe { text::narrow(path) })
}

fn loaded(path: Option<String>) -> HANDLE {
    let Some(path) = path else {
        return PROGRAM;
    };
    if is_ours(&path) {
        return OURSELVES;
    }
    let by_path = module::find_path(&path);
    or(
        0,
        by_path
            .or_else(|| module::find_name(&path))
            .ok_or(Errno::MOD_NOT_FOUND),
    )
}

/// Stores a module's path, the program's for 0: its length without the NUL. What does not fit is cut off with a NUL, and the result is
/// `size` with `ERROR_INSUFFICIENT_BUFFER`. 0 with `ERROR_MOD_NOT_FOUND`. Microsoft: "GetModuleFileNameW function".
///
/// # Safety
/// `target` is null or has room for `size` units.
#[doc(alias = "GetModuleFileNameW")]
pub unsafe fn file_name_w(module: HANDLE, target: PWSTR, size: u32) -> u32 {
    let name = file_name(module).map(|name| name.encode_utf16().collect::<Vec<u16>>());
    // SAFETY: the caller's contract.
    or(
        0,
        name.map(|units| unsafe { store_cut(&units, target, size) }),
    )
}

/// [`file_name_w`] in bytes. Microsoft: "GetModuleFileNameA function".
///
/// # Safety
/// `target` is null or has room for `size` bytes.
#[doc(alias = "GetModuleFileNameA")]
pub unsafe fn file_name_a(module: HANDLE, target: PSTR, size: u32) -> u32 {
    // SAFETY: the caller's contract.
    or(
        0,
        file_name(module).map(|name| unsafe { store_cut(name.as_bytes(), target, size) }),
    )
}

fn file_name(handle: HANDLE) -> Result<String, Errno> {
    match handle {
        0 | PROGRAM => std::env::current_exe()
            .map(|path| path.to_string_lossy().into_owned())
            .map_err(|_| Errno::MOD_NOT_FOUND),
        OURSELVES => Ok(path::expand("%SystemRoot%\\System32\\ws2_32.dll")),
        other => module::find(other)
            .map(|module| module.path())
            .ok_or(Errno::MOD_NOT_FOUND),
    }
}

/// # Safety
/// `target` is null or has room for `size` units.
unsafe fn store_cut<U: Copy + Default>(units: &[U], target: *mut U, size: u32) -> u32 {
    let size = if target.is_null() { 0 } else { size as usize };
    let stored = units.len().min(size.saturating_sub(1));
    let cut: Vec<U> = units[..stored]
        .iter()
        .copied()
        .chain(Some(U::default()))
        .collect();
    // SAFETY: the caller's contract; nothing is stored where there is no room for the NUL.
    unsafe { text::store(&cut, target, size) };
    if stored < units.len() {
        last_error::set(Errno::INSUFFICIENT_BUFFER);
        return size as u32;
    }
    stored as u32
}

/// Has a module's `DllMain` hear of threads no more. `ERROR_INVALID_HANDLE`. Microsoft: "DisableThreadLibraryCalls function".
#[doc(alias = "DisableThreadLibraryCalls")]
pub fn disable_thread_calls(handle: HANDLE) -> BOOL {
    truth(
        module::silence(handle)
            .then_some(())
            .ok_or(Errno::INVALID_HANDLE),
    )
}

/// The address of an exported function; NULL with `ERROR_PROC_NOT_FOUND`, or `ERROR_INVALID_HANDLE` for a module that is not loaded.
/// Ordinals are not known. When calls are traced, `WSPStartup` is the counting one. `WSPStartup_win64` is the same in Microsoft's x64
/// convention, whichever the module's own has. Microsoft: "GetProcAddress function".
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
    if name == "WSPStartup" || name == module::STARTUP_WIN64 {
        let startup = module.startup().ok_or(Errno::PROC_NOT_FOUND)?;
        let startup = trace::interposed(&module.path(), startup);
        let address = if name == module::STARTUP_WIN64 {
            win64(startup)
        } else {
            Some(startup as usize)
        };
        let address = address.ok_or(Errno::PROC_NOT_FOUND)?;
        return Ok(RawCallback::from_raw(address));
    }
    let found = module.symbol(name);
    if found.is_null() {
        Err(Errno::PROC_NOT_FOUND)
    } else {
        Ok(found)
    }
}

/// The function for a caller in Microsoft's x64 convention.
#[cfg(all(target_arch = "x86_64", not(windows)))]
fn win64(startup: native::StartupFn) -> Option<usize> {
    bridge::to_win64::startup(startup).map(|startup| startup as usize)
}

#[cfg(not(all(target_arch = "x86_64", not(windows))))]
fn win64(_: native::StartupFn) -> Option<usize> {
    None
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
    "LoadLibraryExW" load_library_ex_w(path: PCWSTR, file: HANDLE, flags: u32) -> HANDLE = 0 => load_ex_w;
    "LoadLibraryExA" load_library_ex_a(path: PCSTR, file: HANDLE, flags: u32) -> HANDLE = 0 => load_ex_a;
    "GetModuleHandleW" get_module_handle_w(path: PCWSTR) -> HANDLE = 0 => loaded_w;
    "GetModuleHandleA" get_module_handle_a(path: PCSTR) -> HANDLE = 0 => loaded_a;
    "GetModuleFileNameW" get_module_file_name_w(module: HANDLE, target: PWSTR, size: u32) -> u32 = 0 => file_name_w;
    "GetModuleFileNameA" get_module_file_name_a(module: HANDLE, target: PSTR, size: u32) -> u32 = 0 => file_name_a;
    "DisableThreadLibraryCalls" disable_thread_library_calls(module: HANDLE) -> BOOL = FALSE => disable_thread_calls;
    "GetProcAddress" get_proc_address(module: HANDLE, name: PCSTR) -> RawCallback = RawCallback::NULL => address;
    "FreeLibrary" free_library(module: HANDLE) -> BOOL = 0 => free;
}
