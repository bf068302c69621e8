//! `ws2spi cc` from outside: what it tells build systems of others, from wherever it lies, and a project of CMake's.

use crate::{Ended, example, families};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A folder on the file system of the tool.
pub fn folder() -> TempDir {
    TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a scratch folder")
}

/// The driver with a cache of its own and no compilers from outside.
pub fn driver(tool: &Path, scratch: &TempDir) -> Command {
    let mut command = Command::new(tool);
    command.arg("cc").env("XDG_CACHE_HOME", scratch.path());
    for name in ["CC", "CXX", "WS2SPI_PREFIX"] {
        command.env_remove(name);
    }
    command
}

pub fn tool() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_ws2spi"))
}

/// The tool as another file.
fn tool_in(folder: &Path) -> PathBuf {
    fs::create_dir_all(folder).expect("the folder can be made");
    let other = folder.join("ws2spi");
    if fs::hard_link(tool(), &other).is_err() {
        fs::copy(tool(), &other).expect("the tool can be copied");
    }
    other
}

fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    let parent = path.parent().expect("it lies in a folder");
    fs::create_dir_all(parent).expect("the folder can be made");
    fs::write(&path, text).expect("the file can be written");
    path
}

/// Whether a tool is installed. Where `WS2SPI_ALL_TOOLS` is set, as in `.ci/run`, nothing is left out for the lack of one.
pub fn has(tool: &str) -> bool {
    let mut asked = Command::new(tool);
    let asked = asked
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let is_there = asked.status().is_ok_and(|status| status.success());
    let needed = std::env::var_os("WS2SPI_ALL_TOOLS").is_some();
    assert!(is_there || !needed, "{tool} is not installed");
    is_there
}

/// Those of two compilers that are installed: without any, there is no test.
fn compilers(names: [&'static str; 2]) -> Vec<&'static str> {
    let found: Vec<_> = names.into_iter().filter(|name| has(name)).collect();
    assert!(!found.is_empty(), "none of {names:?} is installed");
    found
}

const PROGRAM: &str = "#include <winsock2.h>\n\
    int main(void) { WSADATA data; return WSAStartup(MAKEWORD(2, 2), &data); }\n";

#[test]
fn printed_flags_compile_and_link_a_program() {
    let scratch = folder();
    let source = written(scratch.path(), "a b/program.c", PROGRAM);
    let program = scratch.path().join("program");
    let temporary = scratch.path().join("tmp");
    fs::create_dir(&temporary).expect("a folder");
    let asked = |option| {
        let mut command = driver(&tool(), &scratch);
        command.arg(option).env("TMPDIR", &temporary);
        Ended::of(&mut command).expect(0).out
    };
    let cflags = asked("--cflags");
    assert_eq!(cflags, asked("--cflags"));
    let left = fs::read_dir(&temporary)
        .expect("the folder is there")
        .count();
    let mentioned = cflags.contains(&temporary.display().to_string());
    assert!(left == 0 && !mentioned, "{cflags}");
    let line = "eval cc $CFLAGS -o '\"$PROGRAM\"' '\"$SOURCE\"' $LIBS";
    let mut shell = Command::new("sh");
    shell.args(["-euc", line]).env("CFLAGS", cflags.trim());
    shell.env("LIBS", asked("--libs").trim());
    Ended::of(shell.env("PROGRAM", &program).env("SOURCE", source)).expect(0);
    Ended::of(&mut Command::new(program)).expect(0);
}

#[test]
fn an_installed_tool_names_its_prefix_and_a_lone_one_what_is_missing() {
    let scratch = folder();
    let prefix = scratch.path().join("a prefix");
    let beside = tool();
    let library = if cfg!(target_vendor = "apple") {
        "libws2_32.dylib"
    } else {
        "libws2_32.so"
    };
    let built = beside.with_file_name("deps").join(library);
    let installed = tool_in(&prefix.join("bin"));
    fs::create_dir(prefix.join("lib")).expect("a folder");
    fs::hard_link(built, prefix.join("lib").join(library)).expect("on one file system");
    let place = prefix.display().to_string().replace(' ', "\\ ");
    let both = ["--cflags", "--libs"];
    let ended = Ended::of(driver(&installed, &scratch).args(both)).expect(0);
    assert!(
        ended.out.contains(&format!("-L{place}/lib ")),
        "{}",
        ended.out
    );
    // There are no headers in this prefix, and others than these would be no use.
    let cached = format!("-I{}/ws2spi/include-", scratch.path().display());
    assert!(ended.out.contains(&cached), "{}", ended.out);
    let given = Path::new(env!("CARGO_MANIFEST_DIR")).join("../include");
    let include = prefix.join("include/ws2spi");
    Ended::of(Command::new("cp").arg("-R").arg(given).arg({
        fs::create_dir(prefix.join("include")).expect("a folder");
        &include
    }))
    .expect(0);
    let ended = Ended::of(driver(&installed, &scratch).args(both)).expect(0);
    assert!(
        ended.out.contains(&format!("-I{place}/include/ws2spi ")),
        "{}",
        ended.out
    );
    let lone = tool_in(&scratch.path().join("lone"));
    Ended::of(driver(&lone, &scratch).arg("--cflags"))
        .expect(0)
        .says(&cached);
    Ended::of(driver(&lone, &scratch).arg("--libs"))
        .expect(2)
        .says("libws2_32 lies in none of");
    let mut told = driver(&lone, &scratch);
    told.args(both).env("WS2SPI_PREFIX", &prefix);
    Ended::of(&mut told)
        .expect(0)
        .says(&format!("-I{place}/include/ws2spi -L{place}/lib"));
}

#[test]
fn dependency_files_name_files_that_stay() {
    let scratch = folder();
    let at = |name: &str| scratch.path().join(name);
    let text = "#include <WinSock2.h>\n#include \"..\\Common\\Shared.h\"\nint x = SHARED;\n";
    let source = written(scratch.path(), "lsp/a.c", text);
    let shared = written(scratch.path(), "common/shared.h", "#define SHARED 1\n");
    for compiler in compilers(["gcc", "clang"]) {
        for (options, file, target) in [
            (&["-c", "-MD", "-o", "x.o"][..], "x.d", "x.o:"),
            (&["-MMD", "-MP", "-o", "x.so"], "x-a.d", "x.so:"),
            (&["-MM", "-MT", "all", "-MF", "deps"], "deps", "all:"),
        ] {
            let mut command = driver(&tool(), &scratch);
            command
                .arg(format!("--cc={compiler}"))
                .args(options)
                .arg(&source);
            Ended::of(command.current_dir(scratch.path())).expect(0);
            let text = fs::read_to_string(at(file)).expect("it was written");
            let first = text.split_whitespace().next();
            assert_eq!(first, Some(target), "{compiler}: {text}");
            let words = text.split_whitespace().filter(|word| word.starts_with('/'));
            let files: Vec<_> = words
                .map(|word| PathBuf::from(word.trim_end_matches(':')))
                .collect();
            assert!(
                files.iter().all(|file| file.is_file()),
                "{compiler}: {text}"
            );
            let canonical = shared.canonicalize().expect("it is there");
            assert!(files.contains(&canonical), "{compiler}: {text}");
            assert!(
                files.iter().any(|file| file.ends_with("winsock2.h")),
                "{compiler}: {text}"
            );
        }
    }
}

#[test]
fn objects_alone_are_linked_as_what_is_said() {
    let scratch = folder();
    let text = "#include <windows.h>\n#include <vector>\nint main() { std::vector<int> v(3); \
        return GetCurrentProcessId() == 0 || v.at(2); }\n";
    let source = written(scratch.path(), "a.cpp", text);
    let cc = |arguments: &[&str]| {
        let mut command = driver(&tool(), &scratch);
        Ended::of(command.args(arguments).current_dir(scratch.path()))
    };
    cc(&["-c", &source.display().to_string()]).expect(0);
    cc(&["--c++", "-o", "a", "a.o", "-lws2_32", "kernel32.lib"]).expect(0);
    Ended::of(&mut Command::new(scratch.path().join("a"))).expect(0);
    cc(&["--version"]).expect(0);
    cc(&["-c", "-ofoo.o", "a.cpp", "a.cpp"])
        .expect(2)
        .says("-o takes one source");
}

#[test]
fn a_project_of_cmakes_builds_a_layer_that_runs() {
    if !has("cmake") || !has("make") {
        println!("cmake or make is not installed: left out");
        return;
    }
    let scratch = folder();
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../capi");
    let build = scratch.path().join("build");
    let toolchain = package.join("package/ws2spiToolchain.cmake");
    let mut configure = Command::new("cmake");
    configure
        .args(["-G", "Unix Makefiles", "-S"])
        .arg(package.join("example"));
    configure
        .arg("-B")
        .arg(&build)
        .env("XDG_CACHE_HOME", scratch.path());
    configure.arg(format!("-DCMAKE_TOOLCHAIN_FILE={}", toolchain.display()));
    configure.arg(format!("-DWS2SPI_PROGRAM={}", tool().display()));
    Ended::of(&mut configure).expect(0);
    let mut make = Command::new("cmake");
    make.arg("--build")
        .arg(&build)
        .env("XDG_CACHE_HOME", scratch.path());
    Ended::of(&mut make).expect(0);
    let mut run = Command::new(tool());
    run.arg("run").arg(build.join("layer.so")).args([
        "--bytes",
        "100K",
        "--datagrams",
        "50",
        "--at-once",
    ]);
    if families().len() == 1 {
        run.arg("--ipv4-only");
    }
    Ended::of(&mut run).expect(0).says("Verdict passed");
}

/// `ws2spi cc` makes a library of the source, which fails.
fn refused(scratch: &TempDir, compiler: &str, source: &str) -> Ended {
    let mut command = driver(&tool(), scratch);
    command
        .arg(format!("--cc={compiler}"))
        .arg(format!("--cxx={compiler}"));
    command.args(["-g", "-o", "out.so", source]);
    let ended = Ended::of(command.current_dir(scratch.path())).expect(1);
    assert!(!scratch.path().join("out.so").exists());
    ended
}

// spi/cli/src/cc/undefined.rs: a function that is not there is a link error that names it, with the header that declared it. Not on
// macOS.
#[cfg(not(target_vendor = "apple"))]
#[test]
fn a_function_that_is_nowhere_is_a_link_error_with_its_header() {
    let scratch = folder();
    let at = |name: &str, text: &str| written(scratch.path(), name, text);
    at(
        "mine.h",
        "\n#include <windows.h>\nBOOL WINAPI CreateCaret(HWND, HANDLE, int, int);\n",
    );
    let uses = "#include \"mine.h\"\n#include <Ws2spi.h>\nBOOL f(void) { SetLastError(0); socket(0, 0, 0); return CreateCaret(0, 0, 0, 0); }\n";
    at("a.c", uses);
    at(
        "b.cpp",
        "int frobnicate(int);\nint g() { return frobnicate(1); }\n",
    );
    for compiler in compilers(["gcc", "clang"]) {
        refused(&scratch, compiler, "a.c")
            .says("a.c:3")
            .says("CreateCaret is in no library that is linked and not in libws2_32; it is declared in ")
            .says("mine.h:3; Microsoft's page is \"CreateCaret function (winuser.h)\"");
        refused(&scratch, compiler, "b.cpp")
            .says("frobnicate is in no library that is linked and not in libws2_32; it is declared in no header of ws2spi");
    }
}

#[test]
fn what_a_library_or_the_runtime_has_is_no_link_error() {
    let scratch = folder();
    let at = |name: &str, text: &str| written(scratch.path(), name, text);
    at("lib.c", "int from_the_library(void) { return 1; }\n");
    at(
        "a.cpp",
        "#include <windows.h>\n#include <cmath>\n#include <string>\nextern \"C\" int from_the_library(void);\n\
        extern \"C\" __attribute__((weak)) void maybe(void);\n\
        int f(int x) { if (maybe) maybe(); return (int)std::sin(x) + from_the_library() + (int)GetTickCount() + (int)std::to_string(x).size(); }\n",
    );
    at("open.c", "void nobody(void);\nvoid g(void) { nobody(); }\n");
    let cc = |compiler: &str, arguments: &[&str]| {
        let mut command = driver(&tool(), &scratch);
        let name = match compiler {
            "gcc" => "g++",
            _ => "clang++",
        };
        command
            .arg(format!("--cc={compiler}"))
            .arg(format!("--cxx={name}"));
        Ended::of(command.args(arguments).current_dir(scratch.path())).expect(0)
    };
    for compiler in compilers(["gcc", "clang"]) {
        cc(compiler, &["-o", "libone.so", "lib.c"]);
        let sanitized = cc(
            compiler,
            &["-fsanitize=address", "-o", "a.so", "a.cpp", "-L.", "-lone"],
        );
        assert_eq!(sanitized.err, "", "{compiler}");
        cc(compiler, &["-o", "open.so", "open.c", "-Wl,-z,undefs"]);
    }
}

#[test]
fn a_function_of_windows_that_the_compiler_does_not_know_is_explained() {
    let scratch = folder();
    let text = "#include <windows.h>\nvoid f() { DestroyCaret(); CreateEvent(); }\n";
    written(scratch.path(), "a.cpp", text);
    for compiler in compilers(["g++", "clang++"]) {
        let ended = refused(&scratch, compiler, "a.cpp");
        let said = "DestroyCaret is in no header of ws2spi and not in libws2_32; Microsoft's page is \"DestroyCaret function (winuser.h)\"";
        let ended = ended.says(said);
        assert!(
            !ended.err.contains("CreateEventW is in no"),
            "{}",
            ended.err
        );
    }
}

// provider-sources.md section 3, trap 4: printf's kin, strsafe.h and the C library's functions on 16-bit wide strings.
#[test]
fn text_functions_have_the_values_of_windows() {
    let scratch = folder();
    let program = scratch.path().join("text");
    for compiler in compilers(["gcc", "clang"]) {
        let mut command = driver(&tool(), &scratch);
        command.arg(format!("--cc={compiler}"));
        command.arg(example("app_text.c"));
        command.args(["-Wall", "-Wextra", "-Werror", "-Wno-format"]);
        Ended::of(command.arg("-o").arg(&program)).expect(0);
        Ended::of(&mut Command::new(&program))
            .expect(0)
            .says("app_text: ok");
    }
}
