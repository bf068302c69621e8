//! The Win32 functions: what they answer, and with which errors. One file per noun, over the bodies that the C names call.

// The C names come along, for what is called through an address.
use ws2_32 as _;

mod code_page;
mod com;
mod condition_variable;
mod created_thread;
mod critical_section;
mod debug;
mod device;
mod disk;
mod environment;
mod event;
mod file;
mod handle;
mod heap;
mod identifier;
mod library;
mod local_storage;
mod mapping;
mod message;
mod mutex;
mod name;
mod nt;
mod one_time;
mod path;
mod port;
mod position;
mod process;
mod registered_wait;
mod registry;
mod semaphore;
mod slim_lock;
mod string;
mod system_information;
mod thread;
mod timer;
mod timer_queue;
mod wait;
mod window;
mod window_timer;

use ws2_32::win32::last_error;

/// A value that is no handle.
const STALE: usize = 0x7777_7770;

/// A path in the system's folder for temporary files; what is there is removed when dropped.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let name = format!("ws2spi-{}-{name}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn with(name: &str, contents: &[u8]) -> Self {
        let scratch = Self::new(name);
        std::fs::write(&scratch.0, contents).expect("a file can be written");
        scratch
    }

    /// The path in bytes, with its NUL.
    fn bytes(&self) -> Vec<u8> {
        use std::os::unix::ffi::OsStrExt;
        [self.0.as_os_str().as_bytes(), b"\0"].concat()
    }

    fn contents(&self) -> Vec<u8> {
        std::fs::read(&self.0).expect("the file is there")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The thread's last error, after a call that is to set it.
fn error_of<R>(call: impl FnOnce() -> R) -> (R, u32) {
    last_error::replace(0xdead);
    let result = call();
    (result, last_error::get())
}

/// The name of an object, which other processes see: no other run of these tests has it.
fn own_name(text: &str) -> String {
    format!("{text} {}", std::process::id())
}

/// The units of a text with its NUL.
fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain(Some(0)).collect()
}

// MSDN "SetLastError": the value is the thread's, and WSAGetLastError reads the same (U156).
#[test]
fn the_last_error_is_winsocks_as_well() {
    last_error::replace(10038);
    assert_eq!(ws2spi::api::wsa_get_last_error(), 10038);
    ws2spi::api::wsa_set_last_error(5);
    assert_eq!(last_error::get(), 5);
    let other = std::thread::spawn(last_error::get);
    assert_eq!(other.join().ok(), Some(0));
}
