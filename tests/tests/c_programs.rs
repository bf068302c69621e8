//! Programs in C against the library: with each compiler, shared and static, found by hand, by pkg-config and by CMake; and what an
//! installer of a layer does, in a catalog file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use ws2spi_tests::c_program::{self, has, run};
use ws2spi_tests::providers;

fn scratch() -> TempDir {
    tempfile::tempdir().expect("a scratch folder")
}

fn source(name: &str) -> PathBuf {
    c_program::workspace("tests/c").join(name)
}

/// Compiles a program of `tests/c` into a folder.
fn program(compiler: &str, name: &str, folder: &Path, link: fn(&mut Command)) -> PathBuf {
    let program = folder.join(name);
    let file = source(&format!("{name}.c"));
    let mut command = c_program::compile(compiler, &file, &program);
    link(&mut command);
    run(&mut command);
    program
}

/// Has the echo program send 256 KiB; the verdict is its own.
fn assert_echoes(program: &Path) {
    let said = run(Command::new(program).arg("262144"));
    assert!(said.contains("262144 of 262144 bytes came back"), "{said}");
}

#[test]
fn a_program_links_with_the_shared_library() {
    for compiler in c_program::compilers() {
        let folder = scratch();
        assert_echoes(&program(
            compiler,
            "app_echo",
            folder.path(),
            c_program::link_shared,
        ));
    }
}

#[test]
fn a_program_links_with_the_static_library() {
    for compiler in c_program::compilers() {
        let folder = scratch();
        assert_echoes(&program(
            compiler,
            "app_echo",
            folder.path(),
            c_program::link_static,
        ));
    }
}

// P239-P279 by a program: a message loop, and a wait for several events, each with its own event object.
#[test]
fn a_program_runs_on_window_messages_and_on_event_objects() {
    for compiler in c_program::compilers() {
        let folder = scratch();
        let program = program(
            compiler,
            "app_events",
            folder.path(),
            c_program::link_shared,
        );
        for way in ["message", "event"] {
            let said = run(Command::new(&program).args([way, "3000000"]));
            let expected = format!("3000000 of 3000000 bytes came back by {way}: ok");
            assert!(said.contains(&expected), "{said}");
        }
    }
}

// "DllMain entry point", fdwReason and lpvReserved: modules hear of the end of the process, the last one first, and not twice. Unlike on
// Windows they do not while another thread may be inside.
#[test]
fn modules_hear_of_the_end_of_the_process() {
    let folder = scratch();
    let modules = ["first", "second"].map(|name| {
        let module = folder.path().join(name);
        let mut command = c_program::compile("cc", &source("module_told.c"), &module);
        command.arg(format!("-DNAME=\"{name}\""));
        c_program::as_module(&mut command);
        run(&mut command);
        module
    });
    let program = program("cc", "app_modules", folder.path(), c_program::link_shared);
    let begin = "first attached at run time\nsecond attached at run time\n";
    for (how, end) in [
        (
            "exit",
            "main returns\nsecond detached for the process\nfirst detached for the process\n",
        ),
        (
            "free",
            "second detached at run time\nmain returns\nfirst detached for the process\n",
        ),
        ("thread", "main returns\n"),
    ] {
        let said = run(Command::new(&program).arg(how).args(&modules));
        assert_eq!(said, format!("{begin}{end}"), "{how}");
    }
}

// U25, U45 by a program: I/O in every way there is, bare and through each kind of layer.
#[test]
fn a_program_does_io_in_every_way() {
    let folder = scratch();
    let built = |name| program("cc", name, folder.path(), c_program::link_shared);
    let installer = Installer {
        program: built("app_catalog"),
        catalog: folder.path().join("catalog"),
    };
    let styles = built("app_styles");
    for (layer, how) in [("", ""), ("layer_ifs", "ifs"), ("layer_nonifs", "")] {
        if !layer.is_empty() {
            let path = providers::path(layer).to_string_lossy().into_owned();
            let install = ["install", "example", path.as_str(), how];
            installer.call(&install[..if how.is_empty() { 3 } else { 4 }]);
        }
        let mut command = Command::new(&styles);
        // Each way there is, of so many bytes.
        let said = run(command
            .args(["all", "262144"])
            .env("WS2SPI_CATALOG", &installer.catalog));
        assert_eq!(said.matches(": ok\n").count(), 9, "{layer}: {said}");
        let through = said.matches("through example over ").count();
        assert_eq!(through, if layer.is_empty() { 0 } else { 9 }, "{said}");
        if !layer.is_empty() {
            installer.call(&["remove", "example"]);
        }
    }
}

// P225-P228 by a program, bare and over the asynchronous layer: each operation ends once. `.ci/races` runs it under ThreadSanitizer.
#[test]
fn a_program_counts_that_each_operation_ends_once() {
    let folder = scratch();
    let built = |name| program("cc", name, folder.path(), c_program::link_shared);
    let installer = Installer {
        program: built("app_catalog"),
        catalog: folder.path().join("catalog"),
    };
    let stress = built("app_stress");
    for layer in ["", "layer_nonifs"] {
        if !layer.is_empty() {
            let path = providers::path(layer);
            installer.call(&["install", "example", &path.to_string_lossy()]);
        }
        let mut command = Command::new(&stress);
        let said = run(command
            .args(["20", "1"])
            .env("WS2SPI_CATALOG", &installer.catalog));
        assert!(said.contains("app_stress: ok"), "{layer}: {said}");
    }
}

/// The C side, installed by the script from this build's libraries and moved once, as packagers do.
fn installed(folder: &Path) -> PathBuf {
    let built = folder.join("built");
    let mut install = Command::new(c_program::workspace("spi/capi/install"));
    run(install.arg(&built).arg(c_program::libraries()));
    let prefix = folder.join("a prefix");
    fs::rename(built, &prefix).expect("the prefix can be moved");
    prefix
}

#[test]
fn pkg_config_finds_the_installed_libraries() {
    if !has("pkg-config") {
        return;
    }
    let folder = scratch();
    let prefix = installed(folder.path());
    for package in ["ws2spi", "ws2spi-static"] {
        let program = folder.path().join(package);
        // As a shell would take the answer apart, quoting included.
        let line = format!(
            "eval cc -std=c11 -Wall -Wextra -Werror -o \"$PROGRAM\" \"$SOURCE\" \"$(pkg-config --cflags --libs {package})\" -lpthread"
        );
        run(Command::new("sh")
            .args(["-euc", &line])
            .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"))
            .env("PROGRAM", &program)
            .env("SOURCE", source("app_echo.c")));
        assert_echoes(&program);
    }
}

#[test]
fn cmake_finds_the_installed_libraries() {
    if !has("cmake") || !has("make") {
        return;
    }
    let folder = scratch();
    let prefix = installed(folder.path());
    let project = format!(
        "cmake_minimum_required(VERSION 3.10)\n\
         project(echo C)\n\
         find_package(ws2spi 0.1 REQUIRED)\n\
         find_package(Threads REQUIRED)\n\
         foreach(kind ws2_32 ws2_32_static)\n\
           add_executable(echo_${{kind}} \"{}\")\n\
           target_link_libraries(echo_${{kind}} ws2spi::${{kind}} Threads::Threads)\n\
         endforeach()\n",
        source("app_echo.c").display()
    );
    fs::write(folder.path().join("CMakeLists.txt"), project)
        .expect("the scratch folder is writable");
    let build = folder.path().join("build");
    let mut configure = Command::new("cmake");
    configure
        .args(["-G", "Unix Makefiles", "-S"])
        .arg(folder.path())
        .arg("-B")
        .arg(&build);
    run(configure.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())));
    run(Command::new("cmake").arg("--build").arg(&build));
    for name in ["echo_ws2_32", "echo_ws2_32_static"] {
        assert_echoes(&build.join(name));
    }
}

/// The catalog program over a catalog file.
struct Installer {
    program: PathBuf,
    catalog: PathBuf,
}

impl Installer {
    fn call(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(&self.program);
        run(command.args(arguments).env("WS2SPI_CATALOG", &self.catalog))
    }
}

// Issue: installs a layer above the base providers, in a catalog file that other programs read; they run through it; and it goes without
// a trace.
#[test]
fn a_layer_is_installed_used_and_removed_by_programs() {
    for link in [c_program::link_shared, c_program::link_static] {
        let folder = scratch();
        let installer = Installer {
            program: program("cc", "app_catalog", folder.path(), link),
            catalog: folder.path().join("catalog"),
        };
        let before = installer.call(&[]);
        let layer = providers::path("layer_nonifs");
        let layer = layer.to_string_lossy();
        installer.call(&["install", "example", &layer]);
        let listed = installer.call(&[]);
        assert_ne!(listed, before);
        assert!(listed.contains("example"), "{listed}");
        assert!(
            fs::metadata(&installer.catalog).is_ok(),
            "the catalog is in its file"
        );
        let echo = program("cc", "app_echo", folder.path(), link);
        let said = run(Command::new(&echo)
            .arg("65536")
            .env("WS2SPI_CATALOG", &installer.catalog));
        assert!(said.contains("65536 of 65536"), "{said}");
        installer.call(&["remove", "example"]);
        assert_eq!(installer.call(&[]), before);
        assert_echoes(&echo);
    }
}

// A layer that is gone from its place: the program is told so, and the catalog is as it was.
#[test]
fn a_layer_whose_module_is_missing_fails_the_program_that_selects_it() {
    let folder = scratch();
    let installer = Installer {
        program: program("cc", "app_catalog", folder.path(), c_program::link_shared),
        catalog: folder.path().join("catalog"),
    };
    let nowhere = folder.path().join("nowhere.so");
    installer.call(&["install", "example", &nowhere.to_string_lossy()]);
    let listed = installer.call(&[]);
    let echo = program("cc", "app_echo", folder.path(), c_program::link_shared);
    let mut command = Command::new(echo);
    let (success, said) = c_program::attempt(command.env("WS2SPI_CATALOG", &installer.catalog));
    assert!(!success, "{said}");
    // WSAEPROVIDERFAILEDINIT, and which module it is.
    assert!(
        said.contains("10106") && said.contains("nowhere.so"),
        "{said}"
    );
    assert_eq!(installer.call(&[]), listed);
}
