//! The processor's time and the process's threads: for tests that waiting takes none, and leaves none behind.

use std::ffi::c_long;
use std::fs;
use std::time::Duration;

unsafe extern "C" {
    /// POSIX: the time in millionths of a second, of all threads.
    safe fn clock() -> c_long;
}

/// How much of the processors' time the process has used so far.
#[must_use]
pub fn time() -> Duration {
    Duration::from_micros(u64::try_from(clock()).unwrap_or(0))
}

/// The names of the process's threads, cut to 15 bytes; empty where the system does not list them.
#[must_use]
pub fn threads() -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten();
    let names = tasks.flatten().map(|task| task.path().join("comm"));
    let names = names.filter_map(|file| fs::read_to_string(file).ok());
    names.map(|name| name.trim_end().to_owned()).collect()
}

/// How often a thread of the process has given up its processor by itself, to wait for something; 0 where the system does not say.
#[must_use]
pub fn switches() -> usize {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten();
    let told = tasks.flatten().map(|task| task.path().join("status"));
    let told = told.filter_map(|file| fs::read_to_string(file).ok());
    told.filter_map(|text| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
        line.trim().parse::<usize>().ok()
    })
    .sum()
}
