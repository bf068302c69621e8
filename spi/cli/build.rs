//! Makes the tool export the C names of the client DLL: the providers that it loads bind to them.

fn main() {
    println!("cargo::rustc-link-arg-bins=-rdynamic");
}
