//! Control events: what Ctrl+C and its like tell a program.
//!
//! | signal of the system's | event |
//! |---|---|
//! | SIGINT | CTRL_C_EVENT |
//! | SIGQUIT | CTRL_BREAK_EVENT |
//! | SIGHUP | CTRL_CLOSE_EVENT |
//! | SIGTERM | CTRL_SHUTDOWN_EVENT |
//!
//! From the first call of [`set_handler`] on that adds something, these signals are caught and written to a pair of sockets, which a thread reads that calls
//! the program's functions, the last one first, until one says that the event is its own. When none does, the process ends as the
//! signal ends it. Before that first call nothing is caught, and a signal that the process was begun to ignore stays ignored. A child that
//! was forked has no such thread: there a signal does what it does by itself.
//!
//! Locks: the list of functions, which is copied before one is called.

use super::truth;
use crate::table::exports;
use crate::win32::error;
use parking_lot::Mutex;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use std::thread;
use ws2spi_abi::{BOOL, Errno, FALSE, RawCallback};

const CTRL_C_EVENT: u32 = 0;
const CTRL_BREAK_EVENT: u32 = 1;
/// The events and the signals that tell of them.
const EVENTS: [(u32, i32); 4] = [
    (CTRL_C_EVENT, libc::SIGINT),
    (CTRL_BREAK_EVENT, libc::SIGQUIT),
    (2, libc::SIGHUP),
    (6, libc::SIGTERM),
];

/// A function of the program for control events.
type Handler = unsafe extern "system" fn(u32) -> BOOL;

/// The program's functions, the oldest first.
static HANDLERS: Mutex<Vec<Handler>> = Mutex::new(Vec::new());
/// Whether Ctrl+C is nobody's business.
static IGNORED: AtomicBool = AtomicBool::new(false);
/// The end that the signal handler writes to; what is behind it lives as long as the process.
static SIGNALLED: AtomicI32 = AtomicI32::new(-1);
/// The events of signals that the thread has been told of and has not come to.
static WAITING: AtomicU32 = AtomicU32::new(0);
/// The process whose signals are caught.
static PROCESS: AtomicU32 = AtomicU32::new(0);
/// Whether the signals are caught.
static CAUGHT: OnceLock<Result<UnixStream, Errno>> = OnceLock::new();

/// Adds a function for control events, or takes it away; without one, Ctrl+C is ignored from now on, or no longer. A function may be
/// added more than once. It is called on a thread of its own, one event after the other.
///
/// `ERROR_INVALID_PARAMETER` when a function that is to go is not there, `ERROR_NOT_ENOUGH_MEMORY` when the signals cannot be caught.
/// Any thread. Microsoft: "SetConsoleCtrlHandler function".
///
/// DIFFERS: on Windows each event has a thread of its own. A function that has returned TRUE for CTRL_CLOSE_EVENT and
/// CTRL_SHUTDOWN_EVENT keeps the process alive here, and child processes do not inherit that Ctrl+C is ignored.
///
/// # Safety
/// `handler` is null or a function of that type, which stays loaded until it is taken away.
#[doc(alias = "SetConsoleCtrlHandler")]
pub unsafe fn set_handler(handler: RawCallback, add: BOOL) -> BOOL {
    // SAFETY: the caller's contract: NULL or that type.
    let handler = unsafe { std::mem::transmute::<usize, Option<Handler>>(handler.as_raw()) };
    truth(set(handler, add != FALSE))
}

fn set(handler: Option<Handler>, add: bool) -> Result<(), Errno> {
    if add {
        caught()?;
    }
    let Some(handler) = handler else {
        IGNORED.store(add, Ordering::Release);
        return Ok(());
    };
    let mut handlers = HANDLERS.lock();
    if add {
        handlers.push(handler);
        return Ok(());
    }
    let same = |one: &Handler| *one as usize == handler as usize;
    let at = handlers.iter().rposition(same);
    handlers.remove(at.ok_or(Errno::INVALID_PARAMETER)?);
    Ok(())
}

/// Tells processes of Ctrl+C or Ctrl+Break: with the group 0 this one, else, of Ctrl+Break only, those of the process group with that
/// number. `ERROR_INVALID_PARAMETER`: another event, no such group. Any thread. Microsoft: "GenerateConsoleCtrlEvent function".
///
/// DIFFERS: on Windows the group 0 means all processes that share the console, of which nothing is known here.
#[doc(alias = "GenerateConsoleCtrlEvent")]
pub fn generate(event: u32, group: u32) -> BOOL {
    truth(generated(event, group))
}

fn generated(event: u32, group: u32) -> Result<(), Errno> {
    if event > CTRL_BREAK_EVENT {
        return Err(Errno::INVALID_PARAMETER);
    }
    if group == 0 {
        let mut writer = caught()?;
        // Full: as many events as nobody could tell apart are waiting.
        let _ = writer.write(&[event as u8]);
        return Ok(());
    }
    if event == CTRL_C_EVENT {
        // Groups of their own do not get Ctrl+C; Windows says nothing about it.
        return Ok(());
    }
    let group = i32::try_from(group).map_err(|_| Errno::INVALID_PARAMETER)?;
    // SAFETY: no pointers.
    match unsafe { libc::kill(-group, libc::SIGQUIT) } {
        0 => Ok(()),
        _ => Err(Errno::INVALID_PARAMETER),
    }
}

/// The end to write events to. The first call has the signals caught.
fn caught() -> Result<&'static UnixStream, Errno> {
    CAUGHT.get_or_init(catch).as_ref().map_err(|error| *error)
}

fn catch() -> Result<UnixStream, Errno> {
    let (writer, mut reader) = UnixStream::pair().map_err(|_| NOT_ENOUGH_MEMORY)?;
    // The signal handler must not block.
    writer
        .set_nonblocking(true)
        .map_err(|_| NOT_ENOUGH_MEMORY)?;
    let watcher = thread::Builder::new().name("console".to_owned());
    let watched = watcher.spawn(move || {
        let mut event = [0];
        while reader.read_exact(&mut event).is_ok() {
            let event = u32::from(event[0]);
            // Pairs with that of `announce`: one that comes from now on is another.
            WAITING.fetch_and(!(1 << event), Ordering::AcqRel);
            tell(event);
        }
    });
    watched.map_err(|_| NOT_ENOUGH_MEMORY)?;
    PROCESS.store(std::process::id(), Ordering::Relaxed);
    SIGNALLED.store(writer.as_raw_fd(), Ordering::Release);
    for (_, signal) in EVENTS {
        if is_ignored(signal) {
            continue;
        }
        let handler = on_signal as extern "C" fn(i32) as libc::sighandler_t;
        // SAFETY: the function does only what is safe in a signal handler.
        unsafe { libc::signal(signal, handler) };
    }
    Ok(writer)
}

fn is_ignored(signal: i32) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: nothing is set, and there is room for what is.
    if unsafe { libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) } != 0 {
        return false;
    }
    // SAFETY: it was stored.
    unsafe { action.assume_init() }.sa_sigaction == libc::SIG_IGN
}

/// A signal handler: only what is safe in one, and nothing that fails, so that `errno` is as it was.
extern "C" fn on_signal(signal: i32) {
    // SAFETY: no pointers; safe here.
    let this = unsafe { libc::getpid() }.cast_unsigned();
    if this != PROCESS.load(Ordering::Relaxed) {
        // SAFETY: the system's own action; safe here.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
        // SAFETY: no pointers; safe here. It comes when this function has returned.
        unsafe { libc::raise(signal) };
        return;
    }
    let event = EVENTS.iter().find(|(_, number)| *number == signal);
    if let Some((event, _)) = event {
        announce(*event);
    }
}

/// Tells the thread of a signal, unless it has been told of one and has not come to it: so there is room.
fn announce(event: u32) {
    let waiting = WAITING.fetch_or(1 << event, Ordering::AcqRel);
    if waiting & (1 << event) == 0 {
        let byte = event as u8;
        let descriptor = SIGNALLED.load(Ordering::Acquire);
        // SAFETY: one byte of a live local; write(2) is safe in a signal handler.
        unsafe { libc::write(descriptor, (&raw const byte).cast(), 1) };
    }
}

/// Calls the functions; ends the process when the event is nobody's.
fn tell(event: u32) {
    if event == CTRL_C_EVENT && IGNORED.load(Ordering::Acquire) {
        return;
    }
    let handlers = HANDLERS.lock().clone();
    for handler in handlers.iter().rev() {
        // SAFETY: who added it vouched for it.
        if unsafe { handler(event) } != FALSE {
            return;
        }
    }
    let Some((_, signal)) = EVENTS.iter().find(|(number, _)| *number == event) else {
        return;
    };
    // SAFETY: the system's own action.
    unsafe { libc::signal(*signal, libc::SIG_DFL) };
    // For the process, since this thread may be one that blocks signals.
    let process = std::process::id() as i32;
    // SAFETY: no pointers.
    unsafe { libc::kill(process, *signal) };
}

const NOT_ENOUGH_MEMORY: Errno = error(8);

exports! {
    "SetConsoleCtrlHandler" set_console_ctrl_handler(handler: RawCallback, add: BOOL) -> BOOL = FALSE => set_handler;
    "GenerateConsoleCtrlEvent" generate_console_ctrl_event(event: u32, group: u32) -> BOOL = FALSE => generate;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::win32::last_error;
    use std::sync::mpsc::{Receiver, Sender, channel};

    static TOLD: OnceLock<Sender<(&'static str, u32)>> = OnceLock::new();

    fn tell_test(who: &'static str, event: u32) {
        let told = TOLD.get().expect("the test listens");
        told.send((who, event)).expect("the test listens");
    }

    extern "system" fn first(event: u32) -> BOOL {
        tell_test("first", event);
        1
    }

    extern "system" fn second(event: u32) -> BOOL {
        tell_test("second", event);
        FALSE
    }

    fn handler(function: extern "system" fn(u32) -> BOOL) -> RawCallback {
        RawCallback::from_raw(function as *const () as usize)
    }

    fn listen() -> Receiver<(&'static str, u32)> {
        let (sender, receiver) = channel();
        TOLD.set(sender).expect("one test listens");
        receiver
    }

    // "SetConsoleCtrlHandler function", Remarks: last registered, first called, until one returns TRUE.
    #[test]
    fn functions_are_asked_from_the_last_one_on() {
        let told = listen();
        // SAFETY: functions of that type, here and below.
        let add = |function, add| unsafe { set_handler(handler(function), add) };
        assert_eq!(add(second, FALSE), FALSE, "it was never added");
        assert_eq!(last_error::get(), Errno::INVALID_PARAMETER.code() as u32);
        assert_eq!(add(first, 1), 1);
        assert_eq!(add(second, 1), 1);
        assert_eq!(generate(CTRL_C_EVENT, 0), 1);
        assert_eq!(told.recv(), Ok(("second", CTRL_C_EVENT)));
        assert_eq!(told.recv(), Ok(("first", CTRL_C_EVENT)));
        assert_eq!(add(second, FALSE), 1);
        // SAFETY: no pointers.
        unsafe { libc::kill(std::process::id() as i32, libc::SIGQUIT) };
        assert_eq!(told.recv(), Ok(("first", CTRL_BREAK_EVENT)));
        // Ignored, and so the next one that is heard of is another.
        // SAFETY: no function.
        assert_eq!(unsafe { set_handler(RawCallback::NULL, 1) }, 1);
        assert_eq!(generate(CTRL_C_EVENT, 0), 1);
        assert_eq!(generate(CTRL_BREAK_EVENT, 0), 1);
        assert_eq!(told.recv(), Ok(("first", CTRL_BREAK_EVENT)));
        // SAFETY: as above.
        assert_eq!(unsafe { set_handler(RawCallback::NULL, FALSE) }, 1);
        assert_eq!(generate(2, 0), FALSE, "programs cannot close consoles");
        assert_eq!(last_error::get(), Errno::INVALID_PARAMETER.code() as u32);
    }

    // Only in a process of its own: signals are caught once.
    #[test]
    fn in_a_process_that_ignores_hangups() {
        if std::env::var_os(ALONE).is_none() {
            return;
        }
        // SAFETY: the system's own action.
        unsafe { libc::signal(libc::SIGHUP, libc::SIG_IGN) };
        let _told = listen();
        // SAFETY: a function of that type.
        assert_eq!(unsafe { set_handler(handler(first), 1) }, 1);
        assert_eq!(
            (is_ignored(libc::SIGHUP), is_ignored(libc::SIGTERM)),
            (true, false)
        );
        // SAFETY: the child calls what is safe in a signal handler.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: no pointers.
            unsafe { libc::raise(libc::SIGTERM) };
            // SAFETY: as above.
            unsafe { libc::_exit(0) };
        }
        let mut status = 0;
        // SAFETY: a live local.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        let signal = libc::WIFSIGNALED(status).then(|| libc::WTERMSIG(status));
        assert_eq!(signal, Some(libc::SIGTERM), "a forked child is ended by it");
        println!("{ALONE}");
    }

    // "SetConsoleCtrlHandler function"; nohup(1): what is ignored from the beginning stays so.
    #[test]
    fn ignored_signals_and_forked_children_are_left_alone() {
        let this = std::env::current_exe().expect("the program knows itself");
        let test = "win32::console::control::tests::in_a_process_that_ignores_hangups";
        let mut process = std::process::Command::new(this);
        let process = process
            .args(["--exact", "--nocapture", test])
            .env(ALONE, "1");
        let ended = process.output().expect("the program runs");
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success() && said.contains(ALONE), "{said}");
    }

    const ALONE: &str = "WS2SPI_TEST_ALONE";
}
