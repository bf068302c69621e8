//! `CreateProcess`, `GetExitCodeProcess`, `TerminateProcess`, and what two processes share by name.

use super::{STALE, Scratch, error_of, wide};
use core::ffi::c_void;
use std::ffi::CString;
use std::ptr::{null, null_mut};
use ws2_32::win32::process::{self, PROCESS_INFORMATION, STARTUPINFO};
use ws2_32::win32::{disk, event, handle, mapping, mutex, semaphore, thread, view, wait};
use ws2spi_abi::*;

const STARTUP: STARTUPINFO = STARTUPINFO {
    cb: size_of::<STARTUPINFO>() as u32,
    lpReserved: null_mut(),
    lpDesktop: null_mut(),
    lpTitle: null_mut(),
    dwX: 0,
    dwY: 0,
    dwXSize: 0,
    dwYSize: 0,
    dwXCountChars: 0,
    dwYCountChars: 0,
    dwFillAttribute: 0,
    dwFlags: 0,
    wShowWindow: 0,
    cbReserved2: 0,
    lpReserved2: null_mut(),
    hStdInput: 0,
    hStdOutput: 0,
    hStdError: 0,
};
const NOTHING: PROCESS_INFORMATION = PROCESS_INFORMATION {
    hProcess: 0,
    hThread: 0,
    dwProcessId: 0,
    dwThreadId: 0,
};
/// What tells a test that it is the other process, and what to do there.
const ROLE: &str = "WS2SPI_TEST_ROLE";
const DEADLINE: u32 = 60_000;

/// How a process is begun in these tests.
struct Call<'c> {
    command_line: &'c str,
    environment: Option<Vec<u8>>,
    folder: Option<&'c str>,
    startup: STARTUPINFO,
}

impl Call<'_> {
    fn create(&self) -> Result<PROCESS_INFORMATION, u32> {
        let mut command_line = CString::new(self.command_line)
            .expect("no NUL")
            .into_bytes_with_nul();
        let environment = self.environment.as_ref();
        let environment = environment.map_or(null(), |block| block.as_ptr().cast::<c_void>());
        let folder = self
            .folder
            .map(|folder| CString::new(folder).expect("no NUL"));
        let folder = folder
            .as_ref()
            .map_or(null(), |folder| folder.as_ptr().cast());
        let mut made = NOTHING;
        let (text, place) = (command_line.as_mut_ptr(), &raw mut made);
        let startup = &raw const self.startup;
        let inherit = TRUE;
        // SAFETY: live locals, NUL-terminated; the environment ends with an empty text.
        let (done, error) = error_of(|| unsafe {
            process::create_a(
                null(),
                text,
                null(),
                null(),
                inherit,
                0,
                environment,
                folder,
                startup,
                place,
            )
        });
        if done == TRUE { Ok(made) } else { Err(error) }
    }
}

/// Begins this program again, for a test that finds its role.
fn begin(test: &str, role: &str) -> PROCESS_INFORMATION {
    let this = std::env::current_exe().expect("the program knows itself");
    let command_line = format!("\"{}\" --exact {test}", this.display());
    let entries = std::env::vars().filter(|(name, _)| name != ROLE);
    let entries = entries.chain(Some((ROLE.to_owned(), role.to_owned())));
    let mut block: Vec<u8> = entries
        .flat_map(|(name, value)| format!("{name}={value}\0").into_bytes())
        .collect();
    block.push(0);
    let call = Call {
        command_line: &command_line,
        environment: Some(block),
        folder: None,
        startup: STARTUP,
    };
    call.create().expect("the program runs")
}

fn named(name: &str, what: &str) -> Vec<u16> {
    wide(&format!("ws2spi/{name}/{what}"))
}

fn event_of(name: &str, what: &str, manual: BOOL) -> (HANDLE, u32) {
    let name = named(name, what);
    // SAFETY: NUL-terminated.
    error_of(|| unsafe { event::create_w(null(), manual, FALSE, name.as_ptr()) })
}

fn exit_code(process: HANDLE) -> u32 {
    let mut code = 0;
    // SAFETY: a live local.
    assert_eq!(unsafe { process::exit_code(process, &raw mut code) }, TRUE);
    code
}

/// Waits for an object that the other process is to signal, and hears of it when that one ends before.
fn until(object: HANDLE, other: HANDLE) {
    let handles = [object, other];
    // SAFETY: two handles.
    let ended = unsafe { wait::multiple(2, handles.as_ptr(), FALSE, DEADLINE) };
    let code = if ended == WAIT_OBJECT_0 + 1 {
        exit_code(other)
    } else {
        0
    };
    assert_eq!((ended, code), (WAIT_OBJECT_0, 0), "the other process");
}

fn mapping_of(name: &str) -> (HANDLE, u32) {
    let name = named(name, "memory");
    let memory = INVALID_HANDLE_VALUE;
    // SAFETY: NUL-terminated.
    error_of(|| unsafe { mapping::create_w(memory, null(), 4, 0, 100, name.as_ptr()) })
}

/// The first bytes of a mapping, which are replaced.
fn exchange(mapping: HANDLE, bytes: &[u8; 4]) -> [u8; 4] {
    let address = view::map_view(mapping, 2, 0, 0, 0);
    assert!(!address.is_null());
    let place = address.cast::<[u8; 4]>();
    // SAFETY: a view of 100 bytes that may be written.
    let before = unsafe { place.replace(*bytes) };
    // SAFETY: nothing uses it afterwards.
    assert_eq!(unsafe { view::unmap_view(address) }, TRUE);
    before
}

fn close(handles: &[HANDLE]) {
    for raw in handles {
        assert_eq!(handle::close(*raw), TRUE);
    }
}

// MSDN "Interprocess Synchronization", "Creating Named Shared Memory", "CreateProcessW", "WaitForSingleObject" (WAIT_ABANDONED): events,
// semaphores, mutexes and memory with names are those of all processes; what a process leaves.
#[test]
fn two_processes_share_what_has_a_name() {
    let name = format!("shared/{}", std::process::id());
    let ((go, _), (turn, _)) = (event_of(&name, "go", TRUE), event_of(&name, "turn", FALSE));
    let (text, lock_name) = (named(&name, "count"), named(&name, "lock"));
    // SAFETY: NUL-terminated, here and below.
    let count = unsafe { semaphore::create_w(null(), 0, 5, text.as_ptr()) };
    // SAFETY: as above.
    let lock = unsafe { mutex::create_w(null(), TRUE, lock_name.as_ptr()) };
    let (memory, error) = mapping_of(&name);
    assert_eq!((memory != 0, error), (true, 0));
    assert_eq!(exchange(memory, b"ours"), [0; 4]);
    let other = begin("process::in_the_other_process", &name);
    assert_eq!(exit_code(other.hProcess), STILL_ACTIVE);
    assert_eq!(process::id_of(other.hProcess), other.dwProcessId);
    until(go, other.hProcess);
    assert_eq!(exchange(memory, b"done"), *b"else");
    assert_eq!(mutex::release(lock), TRUE);
    for _ in 0..2 {
        until(count, other.hProcess);
    }
    assert_eq!(wait::single(count, 0), WAIT_TIMEOUT, "two of the count");
    assert_eq!(event::set(turn), TRUE);
    let handles = [other.hProcess, other.hThread];
    // SAFETY: two handles.
    let ended = unsafe { wait::multiple(2, handles.as_ptr(), TRUE, DEADLINE) };
    assert_eq!((ended, exit_code(other.hProcess)), (WAIT_OBJECT_0, 7));
    assert_eq!(wait::single(turn, 0), WAIT_TIMEOUT, "one wait took it");
    assert_eq!(wait::single(lock, DEADLINE), WAIT_ABANDONED);
    assert_eq!(mutex::release(lock), TRUE);
    close(&[go, turn, count, lock, memory, other.hProcess, other.hThread]);
    let gone = named(&name, "go");
    // SAFETY: as above.
    let opened = error_of(|| unsafe { event::open_w(0, 0, gone.as_ptr()) });
    assert_eq!(opened, (0, 2), "ERROR_FILE_NOT_FOUND");
}

// Only in the process that the test above begins.
#[test]
fn in_the_other_process() {
    let Some(name) = std::env::var(ROLE)
        .ok()
        .filter(|role| role.starts_with("shared"))
    else {
        return;
    };
    let (go, error) = event_of(&name, "go", FALSE);
    assert_eq!((go != 0, error), (true, 183), "ERROR_ALREADY_EXISTS");
    let [turn, count, lock] = ["turn", "count", "lock"].map(|what| named(&name, what));
    // SAFETY: NUL-terminated, here and below.
    let wrong = error_of(|| unsafe { mutex::open_w(0, 0, turn.as_ptr()) });
    assert_eq!(wrong, (0, 6), "another kind");
    // SAFETY: as above.
    let turn = unsafe { event::open_w(0, 0, turn.as_ptr()) };
    // SAFETY: as above.
    let count = unsafe { semaphore::open_w(0, 0, count.as_ptr()) };
    // SAFETY: as above.
    let lock = unsafe { mutex::open_w(0, 0, lock.as_ptr()) };
    let (memory, error) = mapping_of(&name);
    assert_eq!((memory != 0, error), (true, 183));
    assert_eq!(exchange(memory, b"else"), *b"ours");
    assert_eq!(wait::single(lock, 0), WAIT_TIMEOUT, "it is the other's");
    assert_eq!(
        error_of(|| mutex::release(lock)),
        (FALSE, 288),
        "ERROR_NOT_OWNER"
    );
    let mut before = 9;
    // SAFETY: a live local.
    let released = unsafe { semaphore::release(count, 2, &raw mut before) };
    assert_eq!((released, before), (TRUE, 0));
    assert_eq!(event::set(go), TRUE);
    let handles = [turn, lock];
    // SAFETY: two handles.
    let all = unsafe { wait::multiple(2, handles.as_ptr(), TRUE, DEADLINE) };
    assert_eq!(all, WAIT_OBJECT_0);
    // The mutex is not released.
    std::process::exit(7);
}

// MSDN "TerminateProcess", "GetExitCodeProcess": the code is the one that was given, and what only the process had is gone.
#[test]
fn a_process_is_ended_from_outside() {
    let name = format!("ended/{}", std::process::id());
    let (ready, _) = event_of(&name, "ready", FALSE);
    let other = begin("process::that_waits_for_its_end", &name);
    until(ready, other.hProcess);
    let (left, error) = event_of(&name, "left", TRUE);
    assert_eq!((left != 0, error), (true, 183), "the other process has it");
    close(&[left]);
    assert_eq!(wait::single(other.hProcess, 0), WAIT_TIMEOUT);
    assert_eq!(process::terminate(other.hProcess, 0x1234_5678), TRUE);
    assert_eq!(wait::single(other.hProcess, DEADLINE), WAIT_OBJECT_0);
    assert_eq!(exit_code(other.hProcess), 0x1234_5678);
    let again = error_of(|| process::terminate(other.hProcess, 1));
    assert_eq!(again, (FALSE, 5), "ERROR_ACCESS_DENIED");
    let (left, error) = event_of(&name, "left", TRUE);
    assert_eq!((left != 0, error), (true, 0), "it is a new one");
    close(&[left, ready, other.hProcess, other.hThread]);
}

// Only in the process that the test above begins.
#[test]
fn that_waits_for_its_end() {
    let Some(name) = std::env::var(ROLE)
        .ok()
        .filter(|role| role.starts_with("ended"))
    else {
        return;
    };
    let (left, _) = event_of(&name, "left", TRUE);
    let (ready, _) = event_of(&name, "ready", FALSE);
    assert_eq!(event::set(ready), TRUE);
    wait::single(left, INFINITE);
}

// MSDN "CreateProcessW", lpCommandLine, lpEnvironment, lpCurrentDirectory; "STARTUPINFOA", STARTF_USESTDHANDLES.
#[test]
fn a_process_gets_what_it_is_given() {
    let scratch = Scratch::new("process");
    let path = scratch.bytes();
    // SAFETY: NUL-terminated.
    let output = unsafe { disk::create_a(path.as_ptr(), 0x4000_0000, 3, null(), 2, 0, 0) };
    let call = Call {
        command_line: "sh -c \"echo \\\"$GIVEN\\\" $HOME; pwd; cat; exit 200\"",
        environment: Some(b"GIVEN=a  b\0=C:=C:\\\0PATH=/usr/bin:/bin\0\0".to_vec()),
        folder: Some("/"),
        startup: STARTUPINFO {
            dwFlags: 0x100,
            hStdOutput: output,
            hStdError: output,
            ..STARTUP
        },
    };
    let other = call.create().expect("there is a shell");
    assert_eq!(wait::single(other.hThread, DEADLINE), WAIT_OBJECT_0);
    assert_eq!(wait::single(other.hProcess, DEADLINE), WAIT_OBJECT_0);
    assert_eq!(exit_code(other.hProcess), 200);
    assert_eq!(scratch.contents(), b"a  b\n/\n");
    close(&[output, other.hProcess, other.hThread]);
}

// MSDN "CreateProcessW", "Return value"; "GetExitCodeProcess".
#[test]
fn processes_that_cannot_be_are_refused() {
    let create = |command_line: &str, folder, startup| {
        let call = Call {
            command_line,
            environment: None,
            folder,
            startup,
        };
        call.create().map(|_| ()).expect_err("it cannot run")
    };
    let redirected = STARTUPINFO {
        dwFlags: 0x100,
        hStdInput: STALE,
        ..STARTUP
    };
    assert_eq!(create("surely/no such program", None, STARTUP), 2);
    assert_eq!(create("sh", Some("/no/such/folder"), STARTUP), 267);
    assert_eq!(create("sh", None, redirected), 6);
    let scratch = Scratch::with("no-program", b"text");
    let path = scratch.0.to_str().expect("a plain path");
    assert_eq!(create(path, None, STARTUP), 5, "it may not be run");
    let mut made = NOTHING;
    let mut call = |application: &str, flags, startup: *const STARTUPINFO| {
        let application = wide(application);
        let (name, none) = (application.as_ptr(), null());
        let name = if application.len() > 1 { name } else { none };
        let (place, line) = (&raw mut made, null_mut());
        // SAFETY: live locals, NUL-terminated.
        error_of(|| unsafe {
            process::create_w(
                name,
                line,
                null(),
                null(),
                FALSE,
                flags,
                null(),
                none,
                startup,
                place,
            )
        })
    };
    let startup = &STARTUP;
    assert_eq!(call("", 0, startup), (FALSE, 87), "no program");
    assert_eq!(call("/bin/sh", 0, null()), (FALSE, 87));
    assert_eq!(call("/bin/sh", 0x18, startup), (FALSE, 87));
    assert_eq!(call("/bin/sh", 4, startup), (FALSE, 50), "suspended");
    assert_eq!(call("/bin", 0, startup), (FALSE, 5), "a folder");
    assert_eq!(call("/no/such/folder/sh", 0, startup), (FALSE, 3));
    let mut code = 0;
    let place = &raw mut code;
    // SAFETY: a live local, or NULL.
    let of = |process, place| error_of(|| unsafe { process::exit_code(process, place) });
    assert_eq!(of(STALE, place), (FALSE, 6));
    assert_eq!(of(thread::CURRENT_PROCESS, null_mut()), (FALSE, 998));
    assert_eq!(of(thread::CURRENT_PROCESS, place).0, TRUE);
    assert_eq!(code, STILL_ACTIVE);
    assert_eq!(error_of(|| process::terminate(STALE, 0)), (FALSE, 6));
    assert_eq!(error_of(|| process::id_of(STALE)), (0, 6));
    let this = process::id_of(thread::CURRENT_PROCESS);
    assert_eq!(this, std::process::id());
}
