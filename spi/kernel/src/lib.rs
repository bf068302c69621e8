//! The kernel role: handles, events, threads with APC queues, waits, completion ports, message
//! queues, file objects.
//!
//! What ntoskrnl, kernel32 and user32 are to Winsock on Windows. The client DLL and the base
//! provider use it directly; applications reach it through the Win32 names that `spi/capi` exports.
//! Functions answer with the error codes of the Windows function they stand for.

#![deny(unsafe_code)]

pub mod clock;
pub mod device;
pub mod event;
pub mod file;
pub mod handles;
pub mod last_error;
pub mod mutex;
pub mod names;
pub mod port;
pub mod semaphore;
mod signal;
mod sync;
pub mod thread;
pub mod wait;
pub mod window;

pub use clock::Timeout;
pub use signal::Signal;
