//! The names of `libws2_32`: what the library exports, what the headers declare and what the list for `GetProcAddress` has are one set,
//! and nothing else is visible.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::process::Command;
use ws2spi_tests::c_program::{self, has, run};

/// The names of the list that the program itself has.
fn listed() -> BTreeSet<String> {
    ws2_32::exports()
        .map(|export| export.name().to_owned())
        .collect()
}

/// The dynamic symbols that the shared library defines.
fn exported() -> BTreeSet<String> {
    let library = c_program::libraries().join(c_program::SHARED);
    let apple = cfg!(target_vendor = "apple");
    let flags: &[&str] = if apple {
        &["-gU"]
    } else {
        &["-D", "--defined-only"]
    };
    let symbols = run(Command::new("nm").args(flags).arg(library));
    let names = symbols
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2));
    names
        .map(|name| {
            if apple {
                name.trim_start_matches('_')
            } else {
                name
            }
        })
        .map(str::to_owned)
        .collect()
}

// design.md "C names": the shared library exports the listed functions and nothing else: no name of libc, no WSPStartup, no name of Rust's.
#[test]
fn the_library_exports_the_listed_names_only() {
    assert_eq!(exported(), listed());
}

// design.md "C names": WSA*, WSC*, WPU* and Win32 names as they are, BSD names that libc owns with the prefix ws2_.
#[test]
fn no_name_is_in_the_name_space_of_libc() {
    let free = ["closesocket", "ioctlsocket", "__WSAFDIsSet"];
    for name in listed() {
        let windows = name.starts_with(|first: char| first.is_ascii_uppercase());
        let windows = windows || name.starts_with("lstr");
        let ours = name.starts_with("ws2_") || name.starts_with("ws2spi_");
        assert!(
            windows || ours || free.contains(&name.as_str()),
            "{name} is not free"
        );
        assert!(!name.starts_with("WSPS"), "{name} is a provider's");
    }
    assert_eq!(
        listed().len(),
        ws2_32::exports().count(),
        "a name is listed twice"
    );
}

// Issue "spi/capi and spi/include": everything that is declared is exported, everything that is exported is declared.
#[test]
fn the_headers_declare_what_the_library_exports() {
    if !has("clang") || !has("python3") {
        return;
    }
    let script = c_program::workspace("tests/c/declared_names.py");
    let declared = run(Command::new("python3").arg(script));
    let declared: BTreeSet<String> = declared.lines().map(str::to_owned).collect();
    assert_eq!(declared, listed());
}

/// What C++ sources write for an export.
fn source_name(name: &str) -> &str {
    match name {
        // There is another of this name, inline.
        "ioctlsocket" => "static_cast<int (*)(SOCKET, long, u_long *)>(ioctlsocket)",
        _ => name.strip_prefix("ws2_").unwrap_or(name),
    }
}

// U1-U4: sizes, offsets and values that C programs see are those that the Rust declarations are compared with.
#[test]
fn the_headers_have_the_layouts_of_mingw() {
    if !has("python3") {
        return;
    }
    run(&mut Command::new(c_program::workspace(
        "tests/c/mingw_probe.sh",
    )));
}

// A declaration and its function agree on number and sizes of the arguments and of the result.
#[test]
fn arguments_have_the_sizes_that_the_headers_declare() {
    if !has("c++") {
        return;
    }
    let mut source = String::from(
        r#"// Prints, for each function that is exported, the sizes of its result and its arguments.
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <ws2spi.h>
#include <sporder.h>
#include <windows.h>
#include <objbase.h>
#include <oleauto.h>
#include <rpc.h>
#include <iphlpapi.h>
#include <winternl.h>
#include <conio.h>
#include <ws2spi/native.h>
#include <ws2spi/device.h>
#include <cstdio>
template <class T> struct size { static const int of = sizeof(T); };
template <> struct size<void> { static const int of = 0; };
template <class T> struct size<T &> { static const int of = sizeof(T *); };
template <class R, class... A> void show(const char *name, R (*)(A...)) {
  std::printf("%s %d", name, size<R>::of);
  const int sizes[] = {size<A>::of..., 0};
  for (unsigned i = 0; i < sizeof...(A); i++) std::printf(" %d", sizes[i]);
  std::printf("\n");
}
int main() {
"#,
    );
    let mut expected = Vec::new();
    for export in ws2_32::exports() {
        let name = export.name();
        writeln!(source, "  show(\"{name}\", {});", source_name(name)).expect("a string grows");
        let mut row = format!("{name} {}", export.result_size());
        for size in export.argument_sizes() {
            write!(row, " {size}").expect("a string grows");
        }
        expected.push(row);
    }
    source.push_str("}\n");
    let folder = tempfile::tempdir().expect("a scratch folder");
    let (file, program) = (folder.path().join("sizes.cc"), folder.path().join("sizes"));
    fs::write(&file, source).expect("the scratch folder is writable");
    let mut compile = Command::new("c++");
    compile.args(["-std=c++17", "-fshort-wchar", "-I"]);
    compile.arg(c_program::workspace("spi/include"));
    compile.arg("-o").arg(&program).arg(&file);
    c_program::link_shared(&mut compile);
    run(&mut compile);
    let output = run(&mut Command::new(program));
    let printed: Vec<&str> = output.lines().collect();
    assert_eq!(printed, expected);
}
