//! Where the process is: what a run is doing, and in which Winsock call each of its threads is.
//!
//! A provider may hang or crash in any call. The watchdog then reads the place from here, and the
//! supervising process reads it from a file in the scratch folder. Written by whoever begins a step
//! or a call; locks guard the few words only, never a call.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Instant;

/// What the run is doing now.
static STEP: Mutex<String> = Mutex::new(String::new());
/// The file that says it to the supervising process.
static FILE: Mutex<Option<PathBuf>> = Mutex::new(None);
/// The threads that make Winsock calls.
static THREADS: Mutex<Vec<Arc<Activity>>> = Mutex::new(Vec::new());

/// The name of the file in the scratch folder.
pub const FILE_NAME: &str = "place";

/// From now on each step is also written to this file.
pub fn record_in(file: PathBuf) {
    *lock(&FILE) = Some(file);
}

/// Begins a step: "starting layer.c", "TCP over IPv4".
pub fn enter(step: &str) {
    step.clone_into(&mut lock(&STEP));
    if let Some(file) = &*lock(&FILE) {
        // Without the file the supervisor says less; the run itself does not need it.
        let _ = fs::write(file, step);
    }
}

/// The step the run is in.
#[must_use]
pub fn step() -> String {
    lock(&STEP).clone()
}

/// The threads that are inside a call, as sentences: `server 2: in recv for 3.1 s`. `deeper` may
/// say more about a thread: where below that call it is.
#[must_use]
pub fn calls(deeper: impl Fn(ThreadId) -> Option<String>) -> Vec<String> {
    let threads = lock(&THREADS);
    let inside = threads.iter().filter_map(|thread| {
        let (function, since) = (*lock(&thread.call))?;
        let seconds = since.elapsed().as_secs_f64();
        let deeper = deeper(thread.id).map_or_else(String::new, |text| format!(", {text}"));
        Some(format!(
            "{}: in {function} for {seconds:.1} s{deeper}",
            thread.name
        ))
    });
    inside.collect()
}

/// A thread of the run, while it lives.
#[derive(Debug)]
pub struct Activity {
    name: String,
    id: ThreadId,
    call: Mutex<Option<(&'static str, Instant)>>,
}

/// Ends an [`Activity`] with its thread.
#[derive(Debug)]
pub struct Thread(Arc<Activity>);

impl Thread {
    /// The calling thread, under this name.
    #[must_use]
    pub fn enter(name: String) -> Self {
        let activity = Arc::new(Activity {
            name,
            id: thread::current().id(),
            call: Mutex::new(None),
        });
        lock(&THREADS).push(Arc::clone(&activity));
        Self(activity)
    }

    /// The thread's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Makes a Winsock call, known by its C name while it lasts.
    pub fn call<R>(&self, function: &'static str, call: impl FnOnce() -> R) -> R {
        *lock(&self.0.call) = Some((function, Instant::now()));
        let result = call();
        *lock(&self.0.call) = None;
        result
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        lock(&THREADS).retain(|thread| !Arc::ptr_eq(thread, &self.0));
    }
}

/// What is guarded here stays whole when a thread panics.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_seen_only_while_it_is_inside_a_call() {
        let here = thread::current().id();
        let seen = || {
            let calls = calls(|id| (id == here).then(|| String::from("WSPRecv of x.c")));
            calls.iter().any(|call| {
                call.starts_with("the test's thread: in recv for")
                    && call.ends_with(" s, WSPRecv of x.c")
            })
        };
        let thread = Thread::enter(String::from("the test's thread"));
        assert!(!seen());
        thread.call("recv", || assert!(seen()));
        assert!(!seen());
    }
}
