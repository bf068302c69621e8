//! Waiting for conditions instead of sleeping.

use std::thread;
use std::time::{Duration, Instant};

/// How long a condition may take: far beyond what any takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until `condition` holds.
///
/// # Panics
/// When it does not hold within [`PATIENCE`].
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    until_some(what, || condition().then_some(()));
}

/// Waits until `look` finds something.
///
/// # Panics
/// When it finds nothing within [`PATIENCE`].
pub fn until_some<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            started.elapsed() < PATIENCE,
            "waited {PATIENCE:?} for: {what}"
        );
        thread::park_timeout(Duration::from_millis(1));
    }
}

/// Gives other threads time for what no condition shows.
pub fn a_moment() {
    let until = Instant::now() + Duration::from_millis(100);
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        thread::park_timeout(left);
    }
}

/// Runs `work` on a thread of its own and returns its result.
///
/// # Panics
/// When it does not end within [`PATIENCE`], or panics.
pub fn within_patience<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let worker = thread::spawn(work);
    until(what, || worker.is_finished());
    worker.join().expect("the work does not panic")
}
