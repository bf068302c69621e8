//! Processes: `CreateProcess`, `GetExitCodeProcess`, `TerminateProcess`, `GetProcessId`.
//!
//! A process that is begun here has a thread that waits for its end, so that its handle is signalled and the system need not keep what it
//! left. The two processes share what names lead to ([`ws2spi_kernel::session`]) and sockets that are duplicated.
//!
//! DIFFERS: handles are not inherited: the new process has the three streams, and no other. What a program returns is 8 bits on these
//! systems. A process cannot be begun suspended.
//!
//! Locks: a process's state, which is never held while waiting.

mod command_line;
mod starting;

use super::thread::CURRENT_PROCESS;
use super::{or, truth};
use crate::table::exports;
use crate::text;
use core::ffi::c_void;
use parking_lot::Mutex;
use starting::Start;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::thread::Builder;
use ws2spi_abi::*;
use ws2spi_kernel::Signal;
use ws2spi_kernel::handles::{self, Kind, Object};

/// `PROCESS_INFORMATION`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(non_snake_case, reason = "Microsoft's spelling")]
pub struct PROCESS_INFORMATION {
    /// The process.
    pub hProcess: HANDLE,
    /// Its first thread.
    pub hThread: HANDLE,
    /// The number of the process.
    pub dwProcessId: u32,
    /// The number of the thread: that of the process.
    pub dwThreadId: u32,
}

/// `STARTUPINFOA` and `STARTUPINFOW`, whose texts are not looked at.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(non_snake_case, reason = "Microsoft's spelling")]
#[expect(missing_docs, reason = "Microsoft's fields")]
pub struct STARTUPINFO {
    pub cb: u32,
    pub lpReserved: *mut c_void,
    pub lpDesktop: *mut c_void,
    pub lpTitle: *mut c_void,
    pub dwX: u32,
    pub dwY: u32,
    pub dwXSize: u32,
    pub dwYSize: u32,
    pub dwXCountChars: u32,
    pub dwYCountChars: u32,
    pub dwFillAttribute: u32,
    pub dwFlags: u32,
    pub wShowWindow: u16,
    pub cbReserved2: u16,
    pub lpReserved2: *mut u8,
    pub hStdInput: HANDLE,
    pub hStdOutput: HANDLE,
    pub hStdError: HANDLE,
}

/// A process that was begun here.
#[derive(Debug)]
struct Process {
    id: u32,
    ended: Signal,
    state: Mutex<State>,
    thread: Arc<FirstThread>,
}

#[derive(Debug)]
struct State {
    /// Until its end is known.
    child: Option<Child>,
    /// What `TerminateProcess` wants it to leave.
    wanted: Option<u32>,
    code: u32,
}

/// The first thread of such a process: it can be waited for.
#[derive(Debug)]
struct FirstThread {
    ended: Signal,
}

impl Object for Process {
    fn kind(&self) -> Kind {
        Kind::Other
    }

    fn signal(&self) -> Option<&Signal> {
        Some(&self.ended)
    }
}

impl Object for FirstThread {
    fn kind(&self) -> Kind {
        Kind::Other
    }

    fn signal(&self) -> Option<&Signal> {
        Some(&self.ended)
    }
}

impl Process {
    /// Waits for the end, on a thread of its own.
    fn watch(&self) {
        until_ended(self.id);
        let mut state = self.state.lock();
        // At once: it has ended. The number is another's from here on.
        if let Some(Ok(status)) = state.child.take().map(|mut child| child.wait()) {
            state.code = code_of(status, state.wanted);
        }
        drop(state);
        self.ended.set();
        self.thread.ended.set();
    }

    /// # Errors
    /// `ERROR_ACCESS_DENIED` when it has ended.
    fn terminate(&self, code: u32) -> Result<(), Errno> {
        let mut state = self.state.lock();
        let child = state.child.as_mut().ok_or(Errno::ACCESS_DENIED)?;
        child.kill().map_err(|_| Errno::ACCESS_DENIED)?;
        state.wanted.get_or_insert(code);
        Ok(())
    }
}

/// Waits until a child has ended, and leaves it as it is.
fn until_ended(id: u32) {
    loop {
        let mut information = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
        let place = information.as_mut_ptr();
        let what = libc::WEXITED | libc::WNOWAIT;
        // SAFETY: a live local.
        let waited = unsafe { libc::waitid(libc::P_PID, id as libc::id_t, place, what) };
        let error = std::io::Error::last_os_error();
        if waited == 0 || error.kind() != std::io::ErrorKind::Interrupted {
            return;
        }
    }
}

/// What a process left. What a signal ended left what Windows' processes leave in such a case.
fn code_of(status: ExitStatus, wanted: Option<u32>) -> u32 {
    match (status.code(), status.signal()) {
        (Some(code), _) => code.cast_unsigned(),
        (None, Some(libc::SIGKILL)) => wanted.unwrap_or(1),
        (None, Some(libc::SIGSEGV | libc::SIGBUS)) => 0xc000_0005,
        (None, Some(libc::SIGILL)) => 0xc000_001d,
        (None, Some(libc::SIGFPE)) => 0xc000_0094,
        (None, Some(libc::SIGTRAP)) => 0x8000_0003,
        (None, Some(libc::SIGINT)) => 0xc000_013a,
        // What abort leaves.
        (None, Some(libc::SIGABRT)) => 3,
        (None, _) => 1,
    }
}

/// The process of a handle.
fn of_handle(handle: HANDLE) -> Result<Arc<Process>, Errno> {
    let object = handles::pin(handle).and_then(|pinned| pinned.object().cloned());
    object
        .and_then(<dyn Object>::downcast)
        .ok_or(Errno::INVALID_HANDLE)
}

/// Begins a process and opens the handles to it.
fn create(start: &Start) -> Result<PROCESS_INFORMATION, Errno> {
    let child = start.spawn()?;
    let process = Arc::new(Process {
        id: child.id(),
        ended: Signal::manual(false),
        state: Mutex::new(State {
            child: Some(child),
            wanted: None,
            code: STILL_ACTIVE,
        }),
        thread: Arc::new(FirstThread {
            ended: Signal::manual(false),
        }),
    });
    let opened = open(&process).and_then(|(handle, thread)| {
        let watched = Arc::clone(&process);
        let watcher = Builder::new().name("ws2spi process".to_owned());
        match watcher.spawn(move || watched.watch()) {
            Ok(_) => Ok((handle, thread)),
            Err(_) => {
                let _ = handles::close(handle);
                let _ = handles::close(thread);
                Err(Errno::NOT_ENOUGH_MEMORY)
            }
        }
    });
    let (handle, thread) = opened.inspect_err(|_| {
        // Nobody would know of it.
        let child = process.state.lock().child.take();
        if let Some(mut child) = child {
            let _ = child.kill();
            let _ = child.wait();
        }
    })?;
    Ok(PROCESS_INFORMATION {
        hProcess: handle,
        hThread: thread,
        dwProcessId: process.id,
        dwThreadId: process.id,
    })
}

fn open(process: &Arc<Process>) -> Result<(HANDLE, HANDLE), Errno> {
    let thread = Arc::clone(&process.thread) as Arc<dyn Object>;
    let none = |_| Errno::NOT_ENOUGH_MEMORY;
    let handle = handles::insert(Arc::clone(process) as Arc<dyn Object>).map_err(none)?;
    let thread = handles::insert(thread).map_err(none).inspect_err(|_| {
        let _ = handles::close(handle.raw());
    })?;
    Ok((handle.raw(), thread.raw()))
}

/// Runs a program, whose file is `application` or the beginning of the command line, and stores handles to it where `information` points;
/// both are to be closed. Without an application the file is looked for in this program's folder, the current one, and those of the PATH,
/// also with or without `.exe`. The new process has the environment and the folder that are given, or this one's; its streams are this
/// one's, or with STARTF_USESTDHANDLES those of the handles in the startup information.
///
/// FALSE with `ERROR_INVALID_PARAMETER` (neither application nor command line; no startup or process information; flags that exclude each
/// other), `ERROR_FILE_NOT_FOUND`, `ERROR_PATH_NOT_FOUND`, `ERROR_ACCESS_DENIED` (no program), `ERROR_BAD_EXE_FORMAT`, `ERROR_DIRECTORY`
/// (no folder), `ERROR_INVALID_HANDLE` (a stream that is no file or stream), `ERROR_NOT_ENOUGH_MEMORY`; `ERROR_NOT_SUPPORTED` for
/// CREATE_SUSPENDED, debugging and EXTENDED_STARTUPINFO_PRESENT. Of the other flags count CREATE_NEW_PROCESS_GROUP and
/// CREATE_UNICODE_ENVIRONMENT; there are no consoles, priorities and jobs. Waits until the program is loaded; any thread.
/// Microsoft: "CreateProcessW function".
///
/// # Safety
/// Texts are null or NUL-terminated; the environment is null or ends with an empty text, in UTF-16 with CREATE_UNICODE_ENVIRONMENT;
/// `startup` is null or readable, `information` null or writable.
#[doc(alias = "CreateProcessW")]
#[expect(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn create_w(
    application: PCWSTR,
    command_line: PWSTR,
    _process_attributes: *const SECURITY_ATTRIBUTES,
    _thread_attributes: *const SECURITY_ATTRIBUTES,
    inherit: BOOL,
    flags: u32,
    environment: *const c_void,
    folder: PCWSTR,
    startup: *const STARTUPINFO,
    information: *mut PROCESS_INFORMATION,
) -> BOOL {
    // SAFETY: the caller's contract, here and below.
    let application = unsafe { text::wide(application) };
    // SAFETY: as above.
    let command_line = unsafe { text::wide(command_line) };
    // SAFETY: as above.
    let folder = unsafe { text::wide(folder) };
    // SAFETY: as above.
    let start = unsafe { Start::new(inherit, flags, environment, startup) };
    // SAFETY: as above.
    unsafe { created(start, application, command_line, folder, information) }
}

/// [`create_w`] in bytes. Microsoft: "CreateProcessA function".
///
/// # Safety
/// As [`create_w`].
#[doc(alias = "CreateProcessA")]
#[expect(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn create_a(
    application: PCSTR,
    command_line: PSTR,
    _process_attributes: *const SECURITY_ATTRIBUTES,
    _thread_attributes: *const SECURITY_ATTRIBUTES,
    inherit: BOOL,
    flags: u32,
    environment: *const c_void,
    folder: PCSTR,
    startup: *const STARTUPINFO,
    information: *mut PROCESS_INFORMATION,
) -> BOOL {
    // SAFETY: the caller's contract, here and below.
    let application = unsafe { text::narrow(application) };
    // SAFETY: as above.
    let command_line = unsafe { text::narrow(command_line) };
    // SAFETY: as above.
    let folder = unsafe { text::narrow(folder) };
    // SAFETY: as above.
    let start = unsafe { Start::new(inherit, flags, environment, startup) };
    // SAFETY: as above.
    unsafe { created(start, application, command_line, folder, information) }
}

/// # Safety
/// `information` is null or writable.
unsafe fn created(
    start: Result<Start, Errno>,
    application: Option<String>,
    command_line: Option<String>,
    folder: Option<String>,
    information: *mut PROCESS_INFORMATION,
) -> BOOL {
    let create = || {
        let mut start = start?;
        if information.is_null() {
            return Err(Errno::INVALID_PARAMETER);
        }
        start.find(application, command_line)?;
        start.enter(folder)?;
        let made = create(&start)?;
        // SAFETY: the caller's contract; not null.
        unsafe { information.write_unaligned(made) };
        Ok(())
    };
    truth(create())
}

/// What a process left, or `STILL_ACTIVE` while it runs. `ERROR_INVALID_HANDLE`: no process that was begun here, or this one;
/// `ERROR_NOACCESS` for NULL. Does not block; any thread. Microsoft: "GetExitCodeProcess function".
///
/// # Safety
/// `code` is null or writable.
#[doc(alias = "GetExitCodeProcess")]
pub unsafe fn exit_code(process: HANDLE, code: *mut u32) -> BOOL {
    let read = || {
        let left = match process {
            CURRENT_PROCESS => STILL_ACTIVE,
            process => of_handle(process)?.state.lock().code,
        };
        if code.is_null() {
            return Err(Errno::NOACCESS);
        }
        // SAFETY: the caller's contract; not null.
        unsafe { code.write_unaligned(left) };
        Ok(())
    };
    truth(read())
}

/// Ends a process at once, also this one; it leaves the code. `ERROR_INVALID_HANDLE`: no process that was begun here;
/// `ERROR_ACCESS_DENIED`: it has ended. Its handle is signalled a moment later. Any thread. Microsoft: "TerminateProcess function".
#[doc(alias = "TerminateProcess")]
pub fn terminate(process: HANDLE, code: u32) -> BOOL {
    if process == CURRENT_PROCESS {
        // SAFETY: no pointers.
        unsafe { libc::_exit(code.cast_signed()) };
    }
    truth(of_handle(process).and_then(|process| process.terminate(code)))
}

/// The number of a process; 0 with `ERROR_INVALID_HANDLE`. Microsoft: "GetProcessId function".
#[doc(alias = "GetProcessId")]
#[must_use]
pub fn id_of(process: HANDLE) -> u32 {
    or(
        0,
        match process {
            CURRENT_PROCESS => Ok(std::process::id()),
            process => of_handle(process).map(|process| process.id),
        },
    )
}

exports! {
    "CreateProcessW" create_process_w(
        application: PCWSTR, command_line: PWSTR, process_attributes: *const SECURITY_ATTRIBUTES, thread_attributes: *const SECURITY_ATTRIBUTES,
        inherit: BOOL, flags: u32, environment: *const c_void, folder: PCWSTR, startup: *const STARTUPINFO, information: *mut PROCESS_INFORMATION
    ) -> BOOL = FALSE => create_w;
    "CreateProcessA" create_process_a(
        application: PCSTR, command_line: PSTR, process_attributes: *const SECURITY_ATTRIBUTES, thread_attributes: *const SECURITY_ATTRIBUTES,
        inherit: BOOL, flags: u32, environment: *const c_void, folder: PCSTR, startup: *const STARTUPINFO, information: *mut PROCESS_INFORMATION
    ) -> BOOL = FALSE => create_a;
    "GetExitCodeProcess" get_exit_code_process(process: HANDLE, code: *mut u32) -> BOOL = FALSE => exit_code;
    "TerminateProcess" terminate_process(process: HANDLE, code: u32) -> BOOL = FALSE => terminate;
    "GetProcessId" get_process_id(process: HANDLE) -> u32 = 0 => id_of;
}
