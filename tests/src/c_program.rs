//! Programs in C that tests compile, link with this build's `libws2_32` and run.
//!
//! Cargo builds the shared and the static library beside the test programs, so what is linked here is what the workspace has now.
//! A tool that is not installed (a second compiler, CMake, pkg-config) is told and left out: the tests need a C compiler only.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use std::{env, thread};

use crate::isolation;

/// A program that takes longer hangs: that is a failure.
const LIMIT: Duration = Duration::from_secs(120);

/// The folder with this build's `libws2_32`, shared and static.
///
/// # Panics
/// When cargo has put them elsewhere.
#[must_use]
pub fn libraries() -> PathBuf {
    let program = env::current_exe().expect("a test program knows its path");
    let folder = program.parent().expect("a program lies in a folder");
    for name in [SHARED, ARCHIVE] {
        let library = folder.join(name);
        assert!(library.exists(), "{} was not built", library.display());
    }
    folder.to_owned()
}

/// The file name of the shared library.
pub const SHARED: &str = if cfg!(target_vendor = "apple") {
    "libws2_32.dylib"
} else {
    "libws2_32.so"
};

/// The file name of the static library.
pub const ARCHIVE: &str = "libws2_32.a";

/// What the static library needs of the system.
pub const SYSTEM_LIBRARIES: &[&str] = if cfg!(target_vendor = "apple") {
    &["-lpthread", "-ldl", "-lm"]
} else {
    &["-lpthread", "-ldl", "-lm", "-lgcc_s"]
};

/// A path below the root of the workspace.
#[must_use]
pub fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Whether a tool is installed; tells when it is not.
///
/// # Panics
/// When it is not and `WS2SPI_ALL_TOOLS` is set, as in `.ci/run`: nothing is left out there for the lack of a tool.
#[must_use]
pub fn has(tool: &str) -> bool {
    let asked = Command::new(tool)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let installed = asked.is_ok_and(|status| status.success());
    let needed = std::env::var_os("WS2SPI_ALL_TOOLS").is_some();
    assert!(installed || !needed, "{tool} is not installed");
    if !installed {
        println!("{tool} is not installed: left out");
    }
    installed
}

/// The C compilers to try: gcc and clang, or what the system has under `cc`.
#[must_use]
pub fn compilers() -> Vec<&'static str> {
    let found: Vec<_> = ["gcc", "clang"]
        .into_iter()
        .filter(|tool| has(tool))
        .collect();
    if found.is_empty() { vec!["cc"] } else { found }
}

/// A compiler call for `source` with the flags of this project and its headers.
#[must_use]
pub fn compile(compiler: &str, source: &Path, output: &Path) -> Command {
    let mut command = Command::new(compiler);
    command
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-g"])
        .args(["-fshort-wchar", "-I"])
        .arg(workspace("spi/include"))
        .arg("-o")
        .arg(output)
        .arg(source);
    command
}

/// Links with the shared library, which the program finds where it is.
pub fn link_shared(command: &mut Command) {
    let folder = libraries();
    command
        .arg(format!("-L{}", folder.display()))
        .arg(format!("-Wl,-rpath,{}", folder.display()))
        .args(["-lws2_32", "-lpthread"]);
}

/// Links with the static library and exports its names to what the program loads.
pub fn link_static(command: &mut Command) {
    command
        .arg(libraries().join(ARCHIVE))
        .arg("-rdynamic")
        .args(SYSTEM_LIBRARIES);
}

/// Makes of a compiler call for a program one for a library that is loaded at run time; its undefined names are looked for then.
pub fn as_module(command: &mut Command) {
    command.args(["-shared", "-fPIC"]);
    if cfg!(target_vendor = "apple") {
        command.args(["-undefined", "dynamic_lookup"]);
    }
}

/// Runs a command to its end and returns what it printed.
///
/// # Panics
/// When it cannot be started, fails, or hangs; with all it said.
pub fn run(command: &mut Command) -> String {
    let (success, output) = attempt(command);
    assert!(success, "{command:?} failed:\n{output}");
    output
}

/// Runs a command to its end: whether it succeeded, and what it printed.
///
/// # Panics
/// When it cannot be started or hangs.
pub fn attempt(command: &mut Command) -> (bool, String) {
    // Cargo points these at its own folder; programs are to find the library by themselves.
    for variable in ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"] {
        command.env_remove(variable);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let spawned = isolation::start(command);
    let mut child = spawned.unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let (send, receive) = mpsc::channel();
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|stream| Box::new(stream) as _),
        child.stderr.take().map(|stream| Box::new(stream) as _),
    ];
    for mut stream in streams.into_iter().flatten() {
        let send = send.clone();
        thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stream.read_to_end(&mut text);
            let _ = send.send(String::from_utf8_lossy(&text).into_owned());
        });
    }
    let mut output = String::new();
    for _ in 0..2 {
        match receive.recv_timeout(LIMIT) {
            Ok(text) => output.push_str(&text),
            Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                panic!("{command:?} did not end within {LIMIT:?}:\n{output}");
            }
        }
    }
    let status = child.wait().expect("the child can be waited for");
    (status.success(), output)
}
