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
mod message;
mod mutex;
mod name;
mod one_time;
mod port;
mod semaphore;
mod slim_lock;
mod string;
mod system_information;
mod thread;
mod wait;
mod window;

use ws2_32::win32::last_error;

/// A value that is no handle.
const STALE: usize = 0x7777_7770;

/// The thread's last error, after a call that is to set it.
fn error_of<R>(call: impl FnOnce() -> R) -> (R, u32) {
    last_error::replace(0xdead);
    let result = call();
    (result, last_error::get())
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
