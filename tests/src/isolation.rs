//! Tests in a process of their own.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

/// Set in the child.
const MARK: &str = "WS2SPI_TEST_CHILD";
/// A child that takes longer hangs: that is a failure.
const LIMIT: Duration = Duration::from_secs(120);

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
    let path = test_path(here);
    if env::var(MARK).is_ok_and(|mark| mark == path) {
        return true;
    }
    let program = env::current_exe().expect("a test program knows its path");
    let mut child = Command::new(program)
        .args(["--exact", path, "--nocapture", "--test-threads=1"])
        .env(MARK, path)
        .stdin(Stdio::null())
        .spawn()
        .expect("the test program starts");
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("the child can be waited for") {
            break status;
        }
        if started.elapsed() > LIMIT {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{path} in a process of its own did not end within {LIMIT:?}");
        }
        thread::yield_now();
        thread::park_timeout(Duration::from_millis(5));
    };
    assert!(status.success(), "{path} in a process of its own: {status}");
    false
}
