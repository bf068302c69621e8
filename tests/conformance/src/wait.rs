//! Waiting for conditions instead of sleeping.

use std::sync::OnceLock;
use std::time::{Duration, Instant};
use std::{env, thread};

/// How long a condition may take where nobody says otherwise: far beyond what any takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Says in the environment of a process how many seconds its [`patience`] is: less where a case is known to fail, so that nobody waits
/// long for what does not come.
pub const PATIENCE_VARIABLE: &str = "WS2SPI_CONFORMANCE_PATIENCE";

/// How long a condition may take in this process: [`PATIENCE`], unless the [environment](PATIENCE_VARIABLE) says otherwise.
#[must_use]
pub fn patience() -> Duration {
    static SAID: OnceLock<Duration> = OnceLock::new();
    *SAID.get_or_init(|| {
        let said = env::var(PATIENCE_VARIABLE).ok();
        let seconds = said.and_then(|said| said.parse().ok());
        seconds.map_or(PATIENCE, Duration::from_secs)
    })
}

/// [`patience`] in milliseconds, as calls take it.
#[must_use]
pub fn patience_in_milliseconds() -> i32 {
    i32::try_from(patience().as_millis()).unwrap_or(i32::MAX)
}

/// Waits until `condition` holds.
///
/// # Panics
/// When it does not hold within our [`patience`].
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    until_some(what, || condition().then_some(()));
}

/// Waits until `look` finds something.
///
/// # Panics
/// When it finds nothing within our [`patience`].
pub fn until_some<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            started.elapsed() < patience(),
            "waited {:?} for: {what}",
            patience()
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
/// When it does not end within our [`patience`], or panics.
pub fn within_patience<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let worker = thread::spawn(work);
    until(what, || worker.is_finished());
    worker.join().expect("the work does not panic")
}
