//! design.md "One runtime per process": a module that is loaded into a program with the runtime uses that one, whether it was linked
//! with `-lws2_32` or not.

use std::path::{Path, PathBuf};
use std::process::Command;
use ws2_32::win32::library;
use ws2spi_abi::{HANDLE, RawCallback};
use ws2spi_tests::c_program::{self, attempt, run};
use ws2spi_tests::isolated;

/// How the probe was linked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Probe {
    /// Its names are undefined; the program that loads it must have them.
    Open,
    /// With `-lws2_32`: loading it loads the shared library as well.
    Linked,
}

/// The ways there are: where a library's names are bound to the library they were linked with, `-lws2_32` means just that one, and
/// spi/capi/README.md says to leave it away.
const PROBES: &[Probe] = if cfg!(target_vendor = "apple") {
    &[Probe::Open]
} else {
    &[Probe::Open, Probe::Linked]
};

fn probe(compiler: &str, kind: Probe, folder: &Path) -> PathBuf {
    let module = folder.join(format!("probe_{kind:?}.so"));
    let source = c_program::workspace("tests/c/probe_runtime.c");
    let mut command = c_program::compile(compiler, &source, &module);
    c_program::as_module(&mut command);
    if kind == Probe::Linked {
        c_program::link_shared(&mut command);
    }
    run(&mut command);
    module
}

fn program(compiler: &str, folder: &Path, link: fn(&mut Command)) -> PathBuf {
    let program = folder.join("app_probe");
    let source = c_program::workspace("tests/c/app_probe.c");
    let mut command = c_program::compile(compiler, &source, &program);
    link(&mut command);
    run(&mut command);
    program
}

fn assert_one_runtime(link: fn(&mut Command)) {
    for compiler in c_program::compilers() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let program = program(compiler, folder.path(), link);
        for &kind in PROBES {
            let module = probe(compiler, kind, folder.path());
            let said = run(Command::new(&program).arg(module));
            assert_eq!(
                said.trim(),
                "app_probe: one runtime",
                "{compiler}, {kind:?}"
            );
        }
    }
}

#[test]
fn a_program_with_the_static_library_is_the_runtime_of_its_modules() {
    assert_one_runtime(c_program::link_static);
}

#[test]
fn a_program_with_the_shared_library_shares_it_with_its_modules() {
    assert_one_runtime(c_program::link_shared);
}

/// The address that a function of the probe answers.
fn ask(module: HANDLE, name: &std::ffi::CStr) -> usize {
    // SAFETY: a NUL-terminated name.
    let function = unsafe { library::address(module, name.as_ptr().cast()) };
    assert_ne!(function, RawCallback::NULL, "{name:?}");
    // SAFETY: tests/c/probe_runtime.c: the functions of these names take nothing and return an address.
    let function =
        unsafe { std::mem::transmute::<usize, extern "C" fn() -> usize>(function.as_raw()) };
    function()
}

/// The address of the function that this program exports under `name`.
fn ours(name: &str) -> usize {
    let mut exports = ws2_32::exports();
    let export = exports.find(|export| export.name() == name);
    export.map_or(0, |export| export.address().as_raw())
}

// The test programs are such programs themselves: Rust, with the names exported by -rdynamic.
#[test]
fn a_rust_program_is_the_runtime_of_its_modules() {
    isolated!();
    let folder = tempfile::tempdir().expect("a scratch folder");
    for &kind in PROBES {
        let path = probe("cc", kind, folder.path());
        let path =
            std::ffi::CString::new(path.to_string_lossy().as_bytes()).expect("a path has no NUL");
        // SAFETY: a NUL-terminated path.
        let module = unsafe { library::load_a(path.as_ptr().cast()) };
        assert_ne!(module, 0, "{kind:?}");
        assert_eq!(
            ask(module, c"probe_startup"),
            ours("WSAStartup"),
            "{kind:?}"
        );
        assert_eq!(
            ask(module, c"probe_complete"),
            ours("WPUCompleteOverlappedRequest"),
            "{kind:?}"
        );
        assert_eq!(ask(module, c"probe_socket"), ours("ws2_socket"), "{kind:?}");
        assert_eq!(ask(module, c"probe_load"), ours("LoadLibraryW"), "{kind:?}");
        assert_eq!(library::free(module), 1);
    }
}

/// A program with the static library that keeps its names to itself.
fn link_closed(command: &mut Command) {
    command.arg(c_program::libraries().join(c_program::ARCHIVE));
    command.args(c_program::SYSTEM_LIBRARIES);
}

// A program that keeps the runtime's names to itself cannot load modules that need them: an error, no second runtime.
#[test]
fn without_exported_names_an_open_module_does_not_load() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let program = program("cc", folder.path(), link_closed);
    let module = probe("cc", Probe::Open, folder.path());
    let (success, said) = attempt(Command::new(&program).arg(module));
    assert!(!success, "{said}");
    assert!(said.contains("error 126"), "{said}");
}
