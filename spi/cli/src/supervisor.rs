//! The supervising process: it runs the providers in a child, so that one that crashes ends a
//! report, not the tool.
//!
//! The child is this program with the same arguments and a scratch folder. It prints the report
//! itself; here only how it ended is looked at. Signals that are to end the tool go to the child
//! first, and the scratch folder is removed in any case.

use crate::chain;
use crate::crash;
use crate::exit::Exit;
use crate::place;
use crate::provider::{Provider, Unusable};
use std::env;
use std::fs;
use std::io::{self, IsTerminal, Write as _};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// How the child ended.
#[derive(Debug)]
pub enum End {
    /// As it should: its report is printed.
    Reported(Exit),
    /// By a signal from outside that is to end the tool as well.
    Interrupted(Exit),
    /// Otherwise: the failure, a sentence.
    Broken(String),
}

/// Runs this program's command again in a child, with this seed unless it names one, and waits until
/// it has ended.
///
/// # Errors
/// [`Unusable::Machine`] when there is no child.
pub fn supervise(scratch: &Path, seed: u64, limit: Duration) -> Result<End, Unusable> {
    let child = start(scratch, seed).map_err(|reason| Unusable::Machine {
        what: String::from("a process for the providers"),
        reason: reason.to_string(),
    })?;
    let id = child.id() as i32;
    forward_signals_to(id);
    let (ended, status) = channel();
    let mut child = child;
    let waiter = thread::spawn(move || {
        let _ = ended.send(child.wait());
    });
    // The child ends itself when it hangs; only a child that cannot even do that gets here.
    let waited = match status.recv_timeout(limit + GRACE) {
        Ok(waited) => waited,
        Err(_) => {
            // SAFETY: no pointers; the child has not been waited for, so the id is still its own.
            unsafe { libc::kill(id, libc::SIGKILL) };
            let _ = waiter.join();
            let (seconds, step) = (limit.as_secs(), step(scratch));
            let what =
                format!("hung: not done within {seconds} s, and not to be ended, while {step}");
            return Ok(End::Broken(what));
        }
    };
    CHILD.store(0, Ordering::Release);
    match waited {
        Ok(status) => Ok(judge(status, scratch)),
        Err(error) => Ok(End::Broken(format!(
            "the process of the providers is lost: {error}"
        ))),
    }
}

fn start(scratch: &Path, seed: u64) -> io::Result<Child> {
    // The command comes first: nothing can stand before it.
    let mut arguments = env::args_os().skip(1);
    let mut command = Command::new(env::current_exe()?);
    command
        .args(arguments.next())
        .arg("--scratch")
        .arg(scratch)
        .args(arguments)
        .env(SEED, seed.to_string());
    command.spawn()
}

/// What the child's end means. Its exit code counts only when it has said that it is its own: a
/// provider may call `exit`.
fn judge(status: ExitStatus, scratch: &Path) -> End {
    let step = step(scratch);
    let reported = fs::read_to_string(scratch.join(REPORTED)).ok();
    match (status.code(), status.signal()) {
        (Some(code), _) if reported == Some(code.to_string()) => {
            let exits = [Exit::Passed, Exit::Failed, Exit::Unusable];
            let exit = exits
                .into_iter()
                .find(|exit| i32::from(exit.code()) == code);
            End::Reported(exit.unwrap_or(Exit::Failed))
        }
        (Some(code), _) => End::Broken(format!(
            "a provider ended the process with exit code {code}, while {step}"
        )),
        (None, Some(signal)) if FORWARDED.contains(&signal) => {
            end_line();
            End::Interrupted(Exit::Interrupted(signal as u8))
        }
        (None, Some(signal)) => {
            let (name, place) = (signal_name(signal), crash_place(scratch));
            End::Broken(format!(
                "a provider crashed the process with {name}, while {step}{place}; with \
                 --in-process it runs under a debugger"
            ))
        }
        (None, None) => End::Broken(format!("the process of the providers ended with {status}")),
    }
}

/// Leaves the line of the progress bar, which the child had no time to take away.
fn end_line() {
    if io::stderr().is_terminal() {
        let _ = writeln!(io::stderr());
    }
}

/// Tells the supervising process that the report is printed and the exit code is the run's own.
pub fn report_printed(scratch: &Path, exit: Exit) {
    // Without it the supervisor reports a run that ended early, which is the safe side.
    let _ = fs::write(scratch.join(REPORTED), exit.code().to_string());
}

/// Tells the supervising process which provider each module is.
pub fn name_modules(scratch: &Path, providers: &[Provider]) {
    let lines = providers
        .iter()
        .map(|provider| format!("{}\t{}\n", provider.module, provider.name));
    // Without it the supervisor names modules by their paths.
    let _ = fs::write(scratch.join(MODULES), lines.collect::<String>());
}

/// The function in which the child crashed: `, in WSPSend of layer.c`.
fn crash_place(scratch: &Path) -> String {
    let place = fs::read_to_string(scratch.join(crash::FILE_NAME)).unwrap_or_default();
    let Some((function, module)) = place.split_once(" of ") else {
        return String::new();
    };
    let modules = fs::read_to_string(scratch.join(MODULES)).unwrap_or_default();
    let mut lines = modules.lines().filter_map(|line| line.split_once('\t'));
    let known = lines
        .find(|(path, _)| *path == module)
        .map(|(_, name)| name);
    let name = known.unwrap_or(if module == chain::BASE_MODULE {
        "the base provider"
    } else {
        module
    });
    format!(", in {function} of {name}")
}

fn step(scratch: &Path) -> String {
    let step = fs::read_to_string(scratch.join(place::FILE_NAME)).unwrap_or_default();
    if step.is_empty() {
        String::from("beginning")
    } else {
        step
    }
}

fn forward_signals_to(child: i32) {
    CHILD.store(child, Ordering::Release);
    for signal in FORWARDED {
        let handler = forward as extern "C" fn(i32) as libc::sighandler_t;
        // SAFETY: the handler makes one call, which is safe in a signal handler, and reads one word.
        unsafe { libc::signal(signal, handler) };
    }
}

extern "C" fn forward(signal: i32) {
    let child = CHILD.load(Ordering::Acquire);
    if child > 0 {
        // SAFETY: no pointers; the word is cleared when the child has been waited for.
        unsafe { libc::kill(child, signal) };
    }
}

/// `SIGSEGV`, or the number of a signal that providers seldom die of.
fn signal_name(signal: i32) -> String {
    let name = match signal {
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGFPE => "SIGFPE",
        libc::SIGILL => "SIGILL",
        libc::SIGKILL => "SIGKILL",
        libc::SIGPIPE => "SIGPIPE",
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGTRAP => "SIGTRAP",
        _ => return format!("signal {signal}"),
    };
    name.to_owned()
}

/// The environment variable that names the seed.
pub const SEED: &str = "WS2SPI_SEED";
/// The child, while it can be signalled.
static CHILD: AtomicI32 = AtomicI32::new(0);
/// What ends the tool: the child gets it too.
const FORWARDED: [i32; 3] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP];
/// The file in the scratch folder that says that the report is printed.
const REPORTED: &str = "reported";
/// The file there that names the modules.
const MODULES: &str = "modules";
/// How long a child may take to end itself after its time.
const GRACE: Duration = Duration::from_secs(10);
