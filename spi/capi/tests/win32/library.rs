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

fn file_name(module: HANDLE, size: u32) -> (u32, String) {
    let mut target = [0xaaaa; 600];
    // SAFETY: room for as many units as said.
    let length = unsafe { library::file_name_w(module, target.as_mut_ptr(), size) };
    let end = target.iter().position(|unit| *unit == 0).unwrap_or(0);
    (length, String::from_utf16_lossy(&target[..end]))
}

// MSDN "GetModuleFileNameW": the program's for 0; what does not fit is cut off, with ERROR_INSUFFICIENT_BUFFER.
#[test]
fn a_module_knows_its_file() {
    let program = std::env::current_exe().expect("a program knows its path");
    let program = program.to_string_lossy().into_owned();
    let length = program.encode_utf16().count() as u32;
    assert_eq!(file_name(0, 600), (length, program.clone()));
    // SAFETY: NULL is the program.
    let own = unsafe { library::loaded_w(null()) };
    assert_eq!(file_name(own, 600).1, program);
    let (_, ours) = file_name(load("ws2_32.dll"), 600);
    assert!(ours.ends_with("\\System32\\ws2_32.dll"), "{ours}");
    let cut = error_of(|| file_name(0, 5));
    let short = Errno::INSUFFICIENT_BUFFER.code() as u32;
    assert_eq!(cut, ((5, program[..4].to_owned()), short));
    let mut bytes = [0xaa_u8; 600];
    // SAFETY: room for as many bytes as said.
    let narrow = unsafe { library::file_name_a(0, bytes.as_mut_ptr(), 600) };
    assert_eq!(&bytes[..narrow as usize], program.as_bytes());
    let gone = error_of(|| file_name(STALE, 600).0);
    assert_eq!(gone, (0, Errno::MOD_NOT_FOUND.code() as u32));
}

// MSDN "GetModuleHandleW", "LoadLibraryExW": a loaded module by its path or name, without a use of it.
#[test]
fn a_loaded_module_is_found_by_its_name() {
    loader::link("handle-test", ws2spi_backends::base::entry());
    let path = wide("linked:handle-test");
    // SAFETY: a NUL-terminated path.
    let module = unsafe { library::load_ex_w(path.as_ptr(), 0, 0) };
    // SAFETY: a NUL-terminated path.
    let found = unsafe { library::loaded_w(path.as_ptr()) };
    // SAFETY: a NUL-terminated path.
    let narrow = unsafe { library::loaded_a(c"linked:handle-test".as_ptr().cast()) };
    assert_eq!((found, narrow), (module, module));
    // SAFETY: a NUL-terminated path.
    let ours = unsafe { library::loaded_a(c"KERNEL32".as_ptr().cast()) };
    assert_eq!(ours, load("ws2_32.dll"));
    assert_eq!(library::disable_thread_calls(module), TRUE);
    assert_eq!(library::free(module), TRUE);
    // SAFETY: a NUL-terminated path.
    let gone = error_of(|| unsafe { library::loaded_w(path.as_ptr()) });
    assert_eq!(gone, (0, Errno::MOD_NOT_FOUND.code() as u32));
    let gone = error_of(|| library::disable_thread_calls(module));
    assert_eq!(gone, (FALSE, Errno::INVALID_HANDLE.code() as u32));
    // SAFETY: NULL is looked for.
    let none = error_of(|| unsafe { library::load_ex_a(null(), 0, 0) });
    assert_eq!(none, (0, Errno::INVALID_PARAMETER.code() as u32));
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
