//! The blocking hooks of Winsock 1.1: what a process that starts with a version below 2 has.

use crate::socket::{checked, last_code};
use crate::{Socket, cases, subject, winsock};
use std::cell::Cell;
use ws2spi_abi::*;

cases! {
    hooks_are_for_processes_with_a_start_of_version_1: [U175], [], alone;
    a_cancelled_call_is_interrupted: [U71, U176], [Tcp], alone within 20;
    a_hook_belongs_to_its_thread: [U70], [Tcp], alone;
}

thread_local! {
    static TURNS: Cell<u32> = const { Cell::new(0) };
}

fn start(version: u16) {
    let mut data = WSADATA::EMPTY;
    assert_eq!(subject::start_version(version, &mut data), 0);
}

/// `WSASetBlockingHook`; the hook before.
fn set_hook(hook: extern "system" fn() -> BOOL) -> RawCallback {
    let hook = RawCallback::from_raw(hook as *const () as usize);
    // SAFETY: a function of that type.
    unsafe { winsock::WSASetBlockingHook(hook) }
}

fn cancel() -> Result<i32, Errno> {
    // SAFETY: no arguments.
    checked(unsafe { winsock::WSACancelBlockingCall() })
}

fn is_blocking() -> bool {
    // SAFETY: no arguments.
    unsafe { winsock::WSAIsBlocking() != FALSE }
}

/// Cancels twice: the second time is none.
extern "system" fn cancelling() -> BOOL {
    TURNS.set(TURNS.get() + 1);
    assert!(is_blocking());
    assert_eq!(cancel(), Ok(0));
    assert_eq!(cancel(), Ok(0));
    FALSE
}

extern "system" fn nothing_to_do() -> BOOL {
    TURNS.set(TURNS.get() + 1);
    FALSE
}

fn hooks_are_for_processes_with_a_start_of_version_1() {
    start(0x0202);
    assert_eq!(set_hook(nothing_to_do), RawCallback::NULL);
    assert_eq!(last_code(), WSAEOPNOTSUPP);
    assert_eq!(cancel(), Err(Errno::OPNOTSUPP));
    assert!(!is_blocking());
    start(0x0101);
    assert!(!set_hook(nothing_to_do).is_null());
    assert_eq!(cancel(), Err(Errno::INVAL));
}

// While nothing blocks there is nothing to cancel.
fn a_cancelled_call_is_interrupted() {
    start(0x0101);
    let (client, server) = Socket::pair(AF_INET);
    assert!(!set_hook(cancelling).is_null());
    assert_eq!(cancel(), Err(Errno::INVAL));
    assert_eq!(client.recv(&mut [0], 0), Err(Errno::INTR));
    assert_eq!((TURNS.get(), is_blocking()), (1, false));
    assert_eq!(cancel(), Err(Errno::INVAL));
    // The next call is another, and finds what is there.
    assert_eq!(server.send(b"y", 0), Ok(1));
    assert_eq!(client.recv(&mut [0], 0), Ok(1));
}

// What another thread waits for is not cancelled.
fn a_hook_belongs_to_its_thread() {
    start(0x0101);
    let (client, server) = Socket::pair(AF_INET);
    assert!(!set_hook(cancelling).is_null());
    let waiting = crate::blocked::spawn(move || {
        let got = client.recv(&mut [0], 0);
        (got, TURNS.get())
    });
    assert_eq!(server.send(b"q", 0), Ok(1));
    let outcome = crate::blocked::finish("the receive to end", waiting);
    assert_eq!(outcome, (Ok(1), 0));
}
