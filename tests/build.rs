//! Compiles the C providers of `tests/c` into shared libraries, with the compiler that `CC` and `CFLAGS` name or the system's, and
//! makes the test programs export the C names that those libraries bind to.

use std::path::{Path, PathBuf};
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
            compile(&path, &headers, &out.join(format!("{name}.so")));
        }
    }
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
fn compile(source: &Path, headers: &Path, library: &Path) {
    let mut command = cc::Build::new().warnings(false).get_compiler().to_command();
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
