//! The kernel role: handles, events, threads with APC queues, waits, completion ports, message
//! queues, file objects.
//!
//! What ntoskrnl, kernel32 and user32 are to Winsock on Windows. The client DLL and the base
//! provider use it directly; applications reach it through the Win32 names that `spi/capi` exports.
//! Functions answer with the error codes of the Windows function they stand for.
//!
//! On Windows (in Wine, that is) the system plays this role itself. There, modules of the same names under
//! `windows/` are what the client DLL needs of it, and what the system lacks: file objects of ours behind
//! handles of its own. What only a base provider of ours needs does not exist there.

#![deny(unsafe_code)]

pub mod clock;

cfg_if::cfg_if! {
    if #[cfg(windows)] {
        #[path = "windows/event.rs"]
        pub mod event;
        #[path = "windows/file.rs"]
        pub mod file;
        #[path = "windows/handles/mod.rs"]
        pub mod handles;
        #[path = "windows/interception.rs"]
        mod interception;
        #[path = "windows/last_error.rs"]
        pub mod last_error;
        #[path = "windows/nt.rs"]
        mod nt;
        #[path = "windows/session.rs"]
        pub mod session;
        #[path = "windows/signal.rs"]
        mod signal;
        #[path = "windows/sync.rs"]
        mod sync;
        #[path = "windows/system.rs"]
        mod system;
        #[path = "windows/thread.rs"]
        pub mod thread;
        #[path = "windows/wait.rs"]
        pub mod wait;
        #[path = "windows/window.rs"]
        pub mod window;
    } else {
        #[cfg(not(ws2spi_shuttle))]
        pub mod alarm;
        mod deadline;
        pub mod device;
        pub mod event;
        pub mod file;
        pub mod handles;
        pub mod last_error;
        pub mod mutex;
        pub mod names;
        pub mod port;
        pub mod semaphore;
        pub mod session;
        mod signal;
        mod sync;
        pub mod thread;
        #[cfg(not(ws2spi_shuttle))]
        pub mod timer;
        pub mod wait;
        pub mod window;
    }
}

pub mod watch;

pub use clock::Timeout;
pub use signal::Signal;
