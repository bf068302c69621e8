//! `LoadLibrary`, `GetProcAddress`, `FreeLibrary`. Modules of C are loaded in the tests crate.

use super::{STALE, error_of, wide};
use std::ptr::{null, without_provenance};
use ws2_32::win32::library;
use ws2spi::loader;
use ws2spi_abi::*;

fn load(path: &str) -> HANDLE {
    // SAFETY: a NUL-terminated path.
    unsafe { library::load_w(wide(path).as_ptr()) }
}

fn address(module: HANDLE, name: &std::ffi::CStr) -> RawCallback {
    // SAFETY: a NUL-terminated name.
    unsafe { library::address(module, name.as_ptr().cast()) }
}

// A layer asks ws2_32.dll for WPUCompleteOverlappedRequest by name: this library answers for it and for the system's modules.
#[test]
fn the_system_modules_are_this_library() {
    let module = load("ws2_32.dll");
    assert_ne!(module, 0);
    assert_eq!(load("C:\\Windows\\System32\\KERNEL32.DLL"), module);
    assert_eq!(
        // SAFETY: a NUL-terminated path.
        unsafe { library::load_a(c"user32".as_ptr().cast()) },
        module
    );
    for export in ws2_32::exports() {
        let name = std::ffi::CString::new(export.name()).unwrap_or_default();
        assert_eq!(address(module, &name), export.address(), "{name:?}");
    }
    let none = error_of(|| address(module, c"WSPStartup"));
    assert_eq!(
        none,
        (RawCallback::NULL, Errno::PROC_NOT_FOUND.code() as u32)
    );
    assert_eq!((library::free(module), library::free(module)), (TRUE, TRUE));
}

// MSDN "LoadLibraryW": ERROR_MOD_NOT_FOUND; a NULL path is ERROR_INVALID_PARAMETER.
#[test]
fn a_module_that_is_not_there_is_not_loaded() {
    let missing = error_of(|| load("/nowhere/provider.so"));
    assert_eq!(missing, (0, Errno::MOD_NOT_FOUND.code() as u32));
    let missing = error_of(|| load("linked:nobody"));
    assert_eq!(missing, (0, Errno::MOD_NOT_FOUND.code() as u32));
    assert_eq!(
        // SAFETY: NULL is looked for.
        error_of(|| unsafe { library::load_w(null()) }),
        (0, Errno::INVALID_PARAMETER.code() as u32)
    );
    assert_eq!(
        // SAFETY: as above.
        error_of(|| unsafe { library::load_a(null()) }),
        (0, Errno::INVALID_PARAMETER.code() as u32)
    );
}

// MSDN "FreeLibrary", "GetProcAddress": a module is there until its last use was given back.
#[test]
fn a_module_is_gone_with_its_last_use() {
    loader::link("library-test", ws2spi_backends::base::entry());
    let (module, again) = (load("linked:library-test"), load("linked:library-test"));
    assert_eq!((module != 0, again), (true, module));
    let startup = ws2spi_backends::base::entry() as usize;
    assert_eq!(library::free(module), TRUE);
    assert_eq!(address(module, c"WSPStartup").as_raw(), startup);
    let none = error_of(|| address(module, c"DllMain"));
    assert_eq!(
        none,
        (RawCallback::NULL, Errno::PROC_NOT_FOUND.code() as u32)
    );
    assert_eq!(library::free(module), TRUE);
    for gone in [module, 0, STALE] {
        assert_eq!(
            error_of(|| library::free(gone)),
            (FALSE, Errno::INVALID_HANDLE.code() as u32)
        );
        let none = error_of(|| address(gone, c"WSPStartup"));
        assert_eq!(
            none,
            (RawCallback::NULL, Errno::INVALID_HANDLE.code() as u32)
        );
    }
}

// MSDN "GetProcAddress": NULL and ordinals name nothing here.
#[test]
fn ordinals_are_not_known() {
    for name in [null(), without_provenance(116)] {
        // SAFETY: NULL or an ordinal.
        let none = error_of(|| unsafe { library::address(load("ws2_32.dll"), name) });
        assert_eq!(
            none,
            (RawCallback::NULL, Errno::PROC_NOT_FOUND.code() as u32)
        );
    }
}
