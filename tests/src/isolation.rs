//! Tests in a process of their own, and tests beside which no process is started.
//!
//! A process that is being started has copies of all descriptors until its program is there. Meanwhile a socket that somebody closes
//! lives on: its name stays taken, and a listener takes connections. So test bodies and starts exclude each other within a test program.

use crate::host;
use std::io;
use std::process::{Child, Command, Stdio};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};
use std::{env, thread};

/// Set in the child.
const MARK: &str = "WS2SPI_TEST_CHILD";
/// A child that takes longer hangs, unless its test says otherwise: that is a failure.
pub const LIMIT: Duration = Duration::from_secs(120);

/// Written while a process is started.
static STARTS: RwLock<()> = RwLock::new(());

/// As long as one lives, this program starts no process.
#[derive(Debug)]
pub struct Quiet {
    _starts: RwLockReadGuard<'static, ()>,
}

impl Quiet {
    /// Waits until the processes that are being started are there.
    #[must_use]
    pub fn begin() -> Self {
        Self {
            _starts: STARTS.read().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

/// Starts a process while no body of a test runs that is [`Quiet`]: not to be called in one.
///
/// # Errors
/// As [`Command::spawn`].
pub fn start(command: &mut Command) -> io::Result<Child> {
    let _starting = STARTS.write().unwrap_or_else(PoisonError::into_inner);
    command.spawn()
}

/// The test's path as the test runner knows it, from the type name of a function inside its body.
#[must_use]
pub fn test_path(here: &str) -> &str {
    let path = here.strip_suffix("::here").unwrap_or(here);
    path.split_once("::").map_or(path, |(_program, path)| path)
}

/// Whether this is the child process of the test; if not, runs it and passes its failure on.
///
/// # Panics
/// When the child fails, crashes or hangs.
#[must_use]
pub fn enter(here: &str) -> bool {
    enter_for(here, LIMIT)
}

/// As [`enter`], for a test that may take as long as `limit`.
///
/// # Panics
/// When the child fails, crashes or hangs.
#[must_use]
pub fn enter_for(here: &str, limit: Duration) -> bool {
    host::demand();
    let path = test_path(here);
    if env::var(MARK).is_ok_and(|mark| mark == path) {
        return true;
    }
    let program = env::current_exe().expect("a test program knows its path");
    let mut command = Command::new(program);
    command
        .args(["--exact", path, "--nocapture", "--test-threads=1"])
        .env(MARK, path)
        .stdin(Stdio::null());
    let mut child = start(&mut command).expect("the test program starts");
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("the child can be waited for") {
            break status;
        }
        if started.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{path} in a process of its own did not end within {limit:?}");
        }
        thread::yield_now();
        thread::park_timeout(Duration::from_millis(5));
    };
    assert!(status.success(), "{path} in a process of its own: {status}");
    false
}
