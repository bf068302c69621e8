//! Which call is in progress, for whoever has to say so: a watchdog when it does not end, a signal handler when it crashes.

use std::fmt::{self, Write as _};
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

static NAME: AtomicPtr<u8> = AtomicPtr::new(std::ptr::null_mut());
static NAME_LEN: AtomicUsize = AtomicUsize::new(0);
static CALLS: AtomicU64 = AtomicU64::new(0);
static COUNT: AtomicUsize = AtomicUsize::new(0);
static WORDS: [AtomicUsize; 12] = [const { AtomicUsize::new(0) }; 12];

/// Says that this call begins.
pub fn begin(name: &'static str, words: &[usize]) {
    NAME.store(name.as_ptr().cast_mut(), Relaxed);
    NAME_LEN.store(name.len(), Relaxed);
    COUNT.store(words.len(), Relaxed);
    for (place, word) in WORDS.iter().zip(words) {
        place.store(*word, Relaxed);
    }
    CALLS.fetch_add(1, Relaxed);
}

/// How many calls began in this process.
pub fn calls() -> u64 {
    CALLS.load(Relaxed)
}

/// The call in progress, as text that needs no memory of the heap.
pub fn current() -> Text {
    let mut text = Text {
        bytes: [0; 512],
        len: 0,
    };
    let (name, len) = (NAME.load(Relaxed), NAME_LEN.load(Relaxed));
    if !name.is_null() {
        // SAFETY: `begin` stored the parts of a string that is static; it runs on the thread that calls, which is inside the call.
        let bytes = unsafe { std::slice::from_raw_parts(name, len) };
        let name = std::str::from_utf8(bytes).unwrap_or_default();
        let _ = write!(text, "call {} of {name}(", calls());
        for place in WORDS.iter().take(COUNT.load(Relaxed)) {
            let _ = write!(text, " {:#x}", place.load(Relaxed));
        }
        let _ = text.write_str(" )\n");
    }
    text
}

/// A short text.
pub struct Text {
    bytes: [u8; 512],
    len: usize,
}

impl Text {
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = (self.len + text.len()).min(self.bytes.len());
        let part = end - self.len;
        self.bytes[self.len..end].copy_from_slice(&text.as_bytes()[..part]);
        self.len = end;
        Ok(())
    }
}

/// From now on a call that does not end or crashes is named, and ends the process.
pub fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        for signal in [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGABRT] {
            // SAFETY: a C structure of numbers and pointers: all zeroes is a value.
            let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
            action.sa_sigaction = crashed as extern "C" fn(i32) as libc::sighandler_t;
            action.sa_flags = libc::SA_RESETHAND | libc::SA_ONSTACK;
            // SAFETY: the action is a live local; the handler makes calls that are safe in a handler.
            unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
        }
        thread::Builder::new()
            .name(String::from("watchdog"))
            .spawn(watch)
            .expect("the system has a thread for the watchdog");
    });
}

/// How long a call may take: none of them has to wait for anything.
const LIMIT: Duration = Duration::from_secs(20);

fn watch() -> ! {
    loop {
        let before = calls();
        thread::park_timeout(LIMIT);
        if calls() == before && COUNT.load(Relaxed) != IDLE {
            eprintln!("hangs: {}", current().as_str());
            std::process::abort();
        }
    }
}

/// Says that no call is in progress.
pub fn idle() {
    COUNT.store(IDLE, Relaxed);
}

const IDLE: usize = usize::MAX;

extern "C" fn crashed(signal: i32) {
    let text = current();
    let text = text.as_str();
    // SAFETY: the text lives for the call; write(2) may be called in a signal handler.
    unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
    // SAFETY: no pointers; raise(3) may be called in a signal handler, the default action is in place again.
    unsafe { libc::raise(signal) };
}
