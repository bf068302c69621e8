//! The subject: the implementation of Winsock that the cases are run on.
//!
//! A program that runs cases says once what its subject is ([`set`]). It then starts it, once for all bodies that share a process
//! ([`start_once`]); a body that needs a process of its own starts it itself ([`start`]).

use crate::winsock;
use std::sync::{Once, OnceLock};
use ws2spi_abi::{HANDLE, WSADATA};

/// What cases cannot ask of the Winsock API itself.
pub trait Subject: Send + Sync {
    /// Done once in a process, before its first `WSAStartup`: brings the catalog into the state that the cases are to find.
    ///
    /// # Panics
    /// When that fails.
    fn prepare(&self);

    /// A handle of a file with these contents, which `TransmitFile` reads from their start; the caller closes it.
    ///
    /// # Panics
    /// When it cannot be opened.
    fn open_file(&self, contents: &[u8]) -> HANDLE;
}

static SUBJECT: OnceLock<Box<dyn Subject>> = OnceLock::new();

/// Says what the subject is. The first one counts.
pub fn set(subject: impl Subject + 'static) {
    SUBJECT.get_or_init(|| Box::new(subject));
}

/// The subject.
///
/// # Panics
/// When the program has not said what it is.
#[must_use]
pub fn get() -> &'static dyn Subject {
    let subject = SUBJECT.get();
    &**subject.expect("a program that runs cases says first what their subject is")
}

/// Prepares the subject, when nobody has, and starts it.
///
/// # Panics
/// When that fails.
pub fn start() {
    prepare();
    startup();
}

/// Prepares the subject, when nobody has, and starts it with a version: what `WSAStartup` returns.
///
/// # Panics
/// When it cannot be prepared.
pub fn start_version(version: u16, data: &mut WSADATA) -> i32 {
    prepare();
    // SAFETY: a live structure.
    unsafe { winsock::WSAStartup(version, data) }
}

fn prepare() {
    static PREPARED: Once = Once::new();
    PREPARED.call_once(|| get().prepare());
}

/// As [`start`], but only once in the process.
///
/// # Panics
/// When that fails.
pub fn start_once() {
    static STARTED: Once = Once::new();
    STARTED.call_once(start);
}

/// One more `WSAStartup(2.2)`.
///
/// # Panics
/// When it fails.
pub fn startup() {
    let mut data = WSADATA::EMPTY;
    // SAFETY: the data is a live local.
    assert_eq!(unsafe { winsock::WSAStartup(0x0202, &raw mut data) }, 0);
}
