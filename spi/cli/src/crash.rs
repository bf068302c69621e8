//! Crashes: what a provider was doing when a signal ended the process.
//!
//! The handler writes one line, the innermost WSP function and its module, and lets the signal do
//! what it would have done without it: debuggers, core dumps and exit statuses are as ever. The
//! supervising process reads the line from a file in the scratch folder.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicI32, Ordering};
use ws2spi::trace;

/// The name of the file in the scratch folder.
pub const FILE_NAME: &str = "crash";

/// Where the handler writes.
static DESCRIPTOR: AtomicI32 = AtomicI32::new(-1);

/// From now on a crash writes its line into this file.
pub fn report_in(file: &Path) {
    let Ok(path) = CString::new(file.as_os_str().as_bytes()) else {
        return;
    };
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_CLOEXEC;
    // SAFETY: the path is NUL-terminated and lives for the call.
    let descriptor = unsafe { libc::open(path.as_ptr(), flags, 0o600) };
    handle_signals(descriptor);
}

fn handle_signals(descriptor: i32) {
    DESCRIPTOR.store(descriptor, Ordering::Release);
    for signal in SIGNALS {
        // SAFETY: a C structure of numbers and pointers: all zeroes is a value.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = handler as extern "C" fn(i32) as libc::sighandler_t;
        // Once: coming back from the handler meets the default action. Stacks that overflow have
        // none left for the handler but the alternate one.
        action.sa_flags = libc::SA_RESETHAND | libc::SA_ONSTACK;
        // SAFETY: the action is a live local; the handler makes calls that are safe in a handler.
        unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
    }
}

extern "C" fn handler(signal: i32) {
    let descriptor = DESCRIPTOR.load(Ordering::Acquire);
    let write = |text: &str| {
        // SAFETY: the text lives for the call; write(2) may be called in a signal handler.
        unsafe { libc::write(descriptor, text.as_ptr().cast(), text.len()) };
    };
    if let Some((module, function)) = trace::innermost() {
        write(function);
        write(" of ");
        write(module);
    }
    // A fault would come back by itself, but not a signal that a provider sent to itself. It is
    // blocked until the handler has returned, and then does what it does by default.
    // SAFETY: no pointers; raise(3) may be called in a signal handler.
    unsafe { libc::raise(signal) };
}

/// What faults end in.
const SIGNALS: [i32; 5] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGILL,
    libc::SIGFPE,
    libc::SIGABRT,
];
