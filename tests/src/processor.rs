//! The processor's time: for tests that waiting takes none.

use std::ffi::c_long;
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
