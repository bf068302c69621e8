//! The blocking hook of Winsock 1.1 above a provider that asks for it before each wait, and above the system's.

use std::cell::Cell;
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use ws2spi_abi::*;
use ws2spi_tests::sets::{Set, Time, select};
use ws2spi_tests::{Socket, by_name, isolated, pipe, socket, wait, winsock};

fn startup(version: u16) {
    let mut data = WSADATA::EMPTY;
    // SAFETY: the data is a live local.
    assert_eq!(unsafe { winsock::WSAStartup(version, &raw mut data) }, 0);
}

/// Installs the pipe and starts with version 1.1.
fn start_legacy() {
    let _ = pipe::install(pipe::ID);
    startup(0x0101);
}

fn set_hook(hook: extern "system" fn() -> BOOL) -> RawCallback {
    let hook = RawCallback::from_raw(hook as *const () as usize);
    // SAFETY: a function of that type that stays loaded.
    unsafe { winsock::WSASetBlockingHook(hook) }
}

fn unhook() -> Result<i32, Errno> {
    // SAFETY: no arguments.
    socket::checked(unsafe { winsock::WSAUnhookBlockingHook() })
}

fn cancel() -> Result<i32, Errno> {
    // SAFETY: no arguments.
    socket::checked(unsafe { winsock::WSACancelBlockingCall() })
}

fn is_blocking() -> bool {
    // SAFETY: no arguments.
    unsafe { winsock::WSAIsBlocking() != FALSE }
}

thread_local! {
    /// How often the thread's hook was called.
    static TURNS: Cell<u32> = const { Cell::new(0) };
}

fn turn() -> u32 {
    TURNS.set(TURNS.get() + 1);
    TURNS.get()
}

extern "system" fn cancelling_hook() -> BOOL {
    turn();
    assert!(is_blocking());
    assert_eq!(cancel(), Ok(0));
    // U176: twice while blocking: the second is a no-op.
    assert_eq!(cancel(), Ok(0));
    FALSE
}

// U71: the callback returns FALSE only after WSACancelBlockingCall; the provider then fails WSAEINTR. U176: while nothing blocks
// WSACancelBlockingCall is WSAEINVAL.
#[test]
fn a_cancelled_call_is_interrupted() {
    isolated!();
    start_legacy();
    set_hook(cancelling_hook);
    assert_eq!(cancel(), Err(Errno::INVAL));
    let (client, server) = pipe::pair("cancel");
    assert_eq!(client.recv(&mut [0], 0), Err(Errno::INTR));
    assert_eq!((TURNS.get(), is_blocking()), (1, false));
    assert_eq!(cancel(), Err(Errno::INVAL));
    // The next call is a new one, and finds what is there.
    server.send(b"y", 0).expect("a connection carries");
    assert_eq!(client.recv(&mut [0], 0), Ok(1));
    let listener = pipe::listener("cancelled accept");
    assert_eq!(listener.accept().map(drop), Err(Errno::INTR));
    let set = Set::of(&[&listener]);
    let nothing = select([Some(&set), None, None], Time::Ever);
    assert_eq!(nothing, Err(Errno::INTR));
    // client-dll.md 5.12: cancelling accept and select is harmless.
    let caller = pipe::socket();
    caller
        .connect_address(&pipe::address("cancelled accept"))
        .expect("the listener listens");
    assert!(listener.accept().is_ok());
}

// U71: the same on the system's streams.
#[test]
fn a_cancelled_call_of_the_base_is_interrupted() {
    isolated!();
    start_legacy();
    let (client, _server) = Socket::pair(AF_INET);
    set_hook(cancelling_hook);
    assert_eq!(client.recv(&mut [0], 0), Err(Errno::INTR));
    assert_eq!(TURNS.get(), 1);
    let listener = Socket::listener(AF_INET);
    assert_eq!(listener.accept().map(drop), Err(Errno::INTR));
}

static WAKE: Mutex<Option<Sender<()>>> = Mutex::new(None);

extern "system" fn patient_hook() -> BOOL {
    assert!(is_blocking());
    // client-dll.md 5.12: nested calls while a hook runs: 1.1 clients get WSAEINPROGRESS.
    let nested = Socket::new(pipe::FAMILY, SOCK_STREAM, 0);
    assert_eq!(nested.map(drop), Err(Errno::INPROGRESS));
    for (name, error) in by_name::call_all_of_a_socket(INVALID_SOCKET) {
        // "WSAHtonl function" and its kin call no provider, and name no WSAEINPROGRESS.
        let expected = if name.starts_with("WSAHton") || name.starts_with("WSANtoh") {
            Errno::NOTSOCK
        } else {
            Errno::INPROGRESS
        };
        assert_eq!(error, Some(expected), "{name}");
    }
    if turn() == 5
        && let Some(wake) = WAKE.lock().expect("no panic").take()
    {
        wake.send(()).expect("somebody waits");
    }
    // TRUE: it dispatched something and may have more to do.
    BOOL::from(TURNS.get().is_multiple_of(2))
}

// U71: as long as nobody cancels, the callback says TRUE and the provider waits on: the hook is called again and again, and the call
// succeeds in the end.
#[test]
fn a_hook_runs_until_the_call_can_go_on() {
    isolated!();
    start_legacy();
    let (client, server) = pipe::pair("patient");
    let (wake, woken) = channel();
    *WAKE.lock().expect("no panic") = Some(wake);
    let sender = thread::spawn(move || {
        woken.recv().expect("the hook is called");
        server.send(b"z", 0).expect("a connection carries");
        server
    });
    set_hook(patient_hook);
    assert_eq!(client.recv(&mut [0], 0), Ok(1));
    assert!(TURNS.get() >= 5);
    assert!(!is_blocking());
    drop(sender.join().expect("no panic"));
}

extern "system" fn counting_hook() -> BOOL {
    turn();
    FALSE
}

// U70: the hook is thread-local: set on A, a call of B waits without it.
#[test]
fn a_hook_is_its_threads_own() {
    isolated!();
    start_legacy();
    set_hook(cancelling_hook);
    let (client, server) = pipe::pair("other thread");
    let receiver = thread::spawn(move || {
        let got = client.recv(&mut [0], 0);
        (got, TURNS.get())
    });
    wait::until("the receive waits", || {
        ws2spi_cli::runtime::kinds_of_handles().contains(&"1 event".to_owned())
    });
    server.send(b"q", 0).expect("a connection carries");
    assert_eq!(receiver.join().expect("no panic"), (Ok(1), 0));
}

// client-dll.md 5.12: WSASetBlockingHook returns the previous hook, WSAUnhookBlockingHook restores the default, NULL is WSAEFAULT.
#[test]
fn hooks_replace_each_other() {
    isolated!();
    start_legacy();
    let default = set_hook(counting_hook);
    assert!(!default.is_null());
    let counting = RawCallback::from_raw(counting_hook as *const () as usize);
    assert_eq!(set_hook(cancelling_hook), counting);
    // SAFETY: NULL is an error.
    let none = unsafe { winsock::WSASetBlockingHook(RawCallback::NULL) };
    assert_eq!((none, socket::last_code()), (RawCallback::NULL, WSAEFAULT));
    assert_eq!(unhook(), Ok(0));
    assert_eq!(set_hook(counting_hook), default);
    assert_eq!(unhook(), Ok(0));
    let (client, _server) = pipe::pair("unhooked");
    client
        .set_option(SOL_SOCKET, SO_RCVTIMEO, 10)
        .expect("the option is known");
    assert_eq!(client.recv(&mut [0], 0), Err(Errno::TIMEDOUT));
    assert_eq!(TURNS.get(), 0);
}

// U175: WSASetBlockingHook etc. in a 2.x-only process: WSAEOPNOTSUPP; with any live 1.1 startup they work.
#[test]
fn hooks_are_for_processes_with_a_start_of_version_1() {
    isolated!();
    startup(0x0202);
    assert_eq!(set_hook(counting_hook), RawCallback::NULL);
    assert_eq!(socket::last_code(), WSAEOPNOTSUPP);
    assert_eq!(unhook(), Err(Errno::OPNOTSUPP));
    assert_eq!(cancel(), Err(Errno::OPNOTSUPP));
    assert!(!is_blocking());
    startup(0x0101);
    assert!(!set_hook(counting_hook).is_null());
    assert_eq!(unhook(), Ok(0));
    assert_eq!(cancel(), Err(Errno::INVAL));
}
