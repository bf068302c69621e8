//! Compiles the C providers of `tests/c` into shared libraries, with the compiler that `CC` and `CFLAGS` name or the system's, and
//! makes the test programs export the C names that those libraries bind to.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

fn main() {
    // The test programs are the hosts of the providers: their WSA*, WSC*, WPU* and Win32 names must be visible to dlopen.
    for kind in ["tests", "benches"] {
        println!("cargo::rustc-link-arg-{kind}=-rdynamic");
    }
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let sources = here.join("c");
    let headers = here.join("../spi/include");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed={}", sources.display());
    println!("cargo::rerun-if-changed={}", headers.display());
    println!("cargo::rustc-env=WS2SPI_PROVIDERS={}", out.display());
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("x86_64") {
        cc::Build::new()
            .file(sources.join("win64_host.c"))
            .std("c11")
            .compile("win64_host");
    }
    peers(&here.join("benches/traffic.c"), &headers);
    for file in fs::read_dir(&sources).expect("tests/c is there").flatten() {
        let path = file.path();
        let name = path
            .file_stem()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let is_source = path.extension().is_some_and(|end| end == "c");
        if is_source
            && ["layer_", "base_", "hostile"]
                .iter()
                .any(|kind| name.starts_with(kind))
        {
            compile(&path, &headers, &out.join(format!("{name}.so")), None);
        }
    }
    for file in fs::read_dir(sources.join("faulty"))
        .expect("tests/c/faulty is there")
        .flatten()
    {
        let path = file.path();
        if path.extension().is_some_and(|end| end == "c") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            compile(
                &path,
                &headers,
                &out.join(format!("faulty_{name}.so")),
                None,
            );
        }
    }
    for name in VARIED {
        let source = sources.join(format!("{name}.c"));
        for (compiler, level) in variants() {
            let library = out.join(format!("{name}-{compiler}{level}.so"));
            compile(&source, &headers, &library, Some((compiler, level)));
        }
    }
}

/// The providers that are compiled by each compiler, with and without optimisation.
const VARIED: [&str; 5] = [
    "base_upcalls",
    "layer_count",
    "layer_hook",
    "layer_ifs",
    "layer_nonifs",
];

/// The compilers and levels that there are here; the tests look for the same ones.
fn variants() -> Vec<(&'static str, &'static str)> {
    let is_installed = |tool: &&str| {
        let mut asked = Command::new(tool);
        let asked = asked.arg("--version").stdout(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    let mut compilers: Vec<_> = ["gcc", "clang"].into_iter().filter(is_installed).collect();
    if compilers.is_empty() {
        compilers.push("cc");
    }
    let levels = |compiler| ["-O0", "-O2"].map(|level| (compiler, level));
    compilers.into_iter().flat_map(levels).collect()
}

/// The traffic of the benches, over our functions and over the system's.
fn peers(source: &Path, headers: &Path) {
    println!("cargo::rerun-if-changed={}", source.display());
    cc::Build::new()
        .file(source)
        .define("WS2SPI", None)
        .include(headers)
        .flag("-fshort-wchar")
        .opt_level(2)
        .compile("traffic_ws2spi");
    cc::Build::new()
        .file(source)
        .opt_level(2)
        .compile("traffic_system");
}

/// One source, one shared library; what it takes from the client DLL stays undefined until it is loaded.
fn compile(source: &Path, headers: &Path, library: &Path, variant: Option<(&str, &str)>) {
    let mut command = match variant {
        Some((compiler, level)) => {
            let mut command = Command::new(compiler);
            command.arg(level);
            command
        }
        None => cc::Build::new().warnings(false).get_compiler().to_command(),
    };
    command.args([
        "-std=c11",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-g",
        "-fPIC",
        "-fshort-wchar",
        "-shared",
    ]);
    if env::var("CARGO_CFG_TARGET_VENDOR").as_deref() == Ok("apple") {
        command.args(["-undefined", "dynamic_lookup"]);
    }
    command
        .arg("-I")
        .arg(headers)
        .arg("-o")
        .arg(library)
        .arg(source)
        .arg("-lpthread");
    let status = command.status().expect("a C compiler is installed");
    assert!(
        status.success(),
        "{} does not compile: {command:?}",
        source.display()
    );
}
