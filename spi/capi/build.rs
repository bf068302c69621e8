//! Gives the shared library its own name, so that programs linked with it find it by that name wherever it lies.

use std::env;

fn main() {
    let vendor = env::var("CARGO_CFG_TARGET_VENDOR").unwrap_or_default();
    let system = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if vendor == "apple" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libws2_32.dylib");
    } else if system != "windows" {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libws2_32.so");
    }
}
