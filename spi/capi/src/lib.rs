//! The exported C symbols: the client DLL and the kernel functions under their Windows names.
//!
//! The library `ws2_32`: for Rust programs (`use ws2_32 as _;` links the names in), as shared and as static library for C. [`winsock`]
//! has the client DLL's functions, [`win32`] the subset of kernel32 and user32 that providers use; both are lists of rows over other
//! crates ([`table`]). [`base`] names the base provider to the client DLL. Nothing in libc's name space is exported.
//!
//! A program that loads providers exports these names to them (`-rdynamic`), so that there is one runtime per process.

pub mod base;
mod boundary;
mod exported;
mod table;
mod text;
pub mod win32;
pub mod winsock;

pub use exported::exports;
pub use table::Export;
