//! Wine's Unix side of the direct transport.
//!
//! A Linux library that Wine loads beside a DLL and whose functions Windows code calls by number: the table
//! `__wine_unix_call_funcs`. They make system calls on the descriptor behind a socket's NT handle, on the
//! caller's thread, and never wait longer than they are told. What a call means is decided on the Windows
//! side (`ws2spi-wine`, module `direct`), which also lays out the argument blocks ([`calls`]).
//!
//! Relies on `wine_server_handle_to_fd` of Wine's `ntdll.so`, which is in the process already. Holds no lock,
//! starts no thread, keeps nothing between calls. On other systems the library is empty.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub mod calls;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod ntdll;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod table;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[cfg(test)]
mod tests;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub use table::__wine_unix_call_funcs;
