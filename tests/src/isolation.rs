//! Tests in a process of their own.

use crate::machine;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

/// Set in the child.
const MARK: &str = "WS2SPI_TEST_CHILD";
/// A child that takes longer hangs, unless its test says otherwise: that is a failure.
pub const LIMIT: Duration = Duration::from_secs(300);

use ws2spi_conformance::partner::Partner;
pub use ws2spi_conformance::processes::{Quiet, start};

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
    machine::demand();
    let path = test_path(here);
    let is_child = is_child(path);
    if !is_child {
        run(path, limit).unwrap_or_else(|failure| panic!("{failure}"));
    }
    is_child
}

/// Whether this is the child process of the test at `path`.
#[must_use]
pub fn is_child(path: &str) -> bool {
    env::var(MARK).is_ok_and(|mark| mark == path)
}

/// Runs the test at `path` in a child process, which may take as long as `limit`.
///
/// # Errors
/// Says how the child failed, crashed or hung.
///
/// # Panics
/// When the child cannot be started.
pub fn run(path: &str, limit: Duration) -> Result<(), String> {
    let program = env::current_exe().expect("a test program knows its path");
    let mut command = Command::new(program);
    command
        .args(only(path))
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
            return Err(format!(
                "{path} in a process of its own did not end within {limit:?}"
            ));
        }
        thread::yield_now();
        thread::park_timeout(Duration::from_millis(5));
    };
    if status.success() {
        Ok(())
    } else {
        Err(format!("{path} in a process of its own: {status}"))
    }
}

/// A partner that runs the test at `path`, whose body serves it.
///
/// # Panics
/// When it does not start.
#[must_use]
pub fn partner(path: &str) -> Partner {
    Partner::start(only(path))
}

/// The arguments of a test program that runs one test and nothing else.
const fn only(path: &str) -> [&str; 4] {
    ["--exact", path, "--nocapture", "--test-threads=1"]
}
