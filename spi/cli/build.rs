//! Embeds the C headers of `spi/include` in the tool, so that providers compile wherever it is
//! installed, and makes it export the C names of the client DLL, which the providers bind to.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rustc-link-arg-bins=-rdynamic");
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let include = here.join("../include");
    let include = include.canonicalize().expect("spi/include is there");
    println!("cargo::rerun-if-changed={}", include.display());
    let mut headers = Vec::new();
    collect(&include, &mut headers);
    headers.sort();
    let mut list = String::from("&[\n");
    for header in headers {
        println!("cargo::rerun-if-changed={}", header.display());
        let name = header.strip_prefix(&include).expect("it was found there");
        writeln!(list, "    ({name:?}, include_bytes!({header:?})),").expect("a string grows");
    }
    list.push(']');
    fs::write(out.join("headers.rs"), list).expect("OUT_DIR is writable");
}

/// The headers below a folder.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for file in fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = file.path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|end| end == "h") {
            found.push(path);
        }
    }
}
