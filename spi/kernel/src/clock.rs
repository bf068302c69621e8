//! Time: the clock that timeouts are measured by, and timeouts themselves.
//!
//! A [`Clock`] is passed to whoever keeps time (the base provider's state machines, tests with
//! virtual time). The waits of this crate block a real thread and so use the system's clock.

use std::sync::OnceLock;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;

/// A clock: the time since some fixed moment. It never goes backwards.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Duration;
}

/// The system's monotonic clock, counted from its first use in the process.
#[derive(Clone, Copy, Default, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }
}

/// The time of the calendar as Windows counts it: in units of 100 ns since 1601, UTC.
#[doc(alias = "GetSystemTimeAsFileTime")]
#[must_use]
pub fn file_time() -> u64 {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let steps = since_1970.unwrap_or_default().as_nanos() / 100;
    u64::try_from(steps)
        .unwrap_or(u64::MAX)
        .saturating_add(FROM_1601_TO_1970)
}

/// How long to wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timeout {
    /// As long as it takes.
    #[doc(alias = "INFINITE")]
    Infinite,
    /// At most this long; zero looks without waiting.
    After(Duration),
}

impl Timeout {
    /// Do not wait.
    pub const ZERO: Self = Self::After(Duration::ZERO);

    /// The timeout of a Windows function: milliseconds, or `INFINITE`.
    #[must_use]
    pub const fn from_millis(milliseconds: u32) -> Self {
        match milliseconds {
            u32::MAX => Self::Infinite,
            milliseconds => Self::After(Duration::from_millis(milliseconds as u64)),
        }
    }
}

/// 1970 in units of 100 ns since 1601.
const FROM_1601_TO_1970: u64 = 116_444_736_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// Wait functions: INFINITE is 0xFFFFFFFF, every other value is milliseconds.
    #[test]
    fn only_all_ones_is_infinite() {
        assert_eq!(Timeout::from_millis(u32::MAX), Timeout::Infinite);
        let longest = Duration::from_millis(u64::from(u32::MAX) - 1);
        assert_eq!(Timeout::from_millis(u32::MAX - 1), Timeout::After(longest));
        assert_eq!(Timeout::from_millis(0), Timeout::ZERO);
    }

    /// The clock never goes backwards.
    #[test]
    fn the_clock_is_monotonic() {
        let first = SystemClock.now();
        assert!(SystemClock.now() >= first);
    }
}
