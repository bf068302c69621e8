//! Time: the clock that timeouts are measured by, and timeouts themselves.
//!
//! A [`Clock`] is passed to whoever keeps time (the base provider's state machines, tests with
//! virtual time). The waits of this crate block a real thread and so use the system's clock.

use std::sync::OnceLock;
use std::time::Duration;
use std::time::Instant;

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

    /// When it ends, if it begins now.
    pub(crate) fn deadline(self) -> Deadline {
        match self {
            Self::Infinite => Deadline::Never,
            Self::After(Duration::ZERO) => Deadline::Passed,
            Self::After(span) => match SystemClock.now().checked_add(span) {
                Some(end) => Deadline::At(end),
                None => Deadline::Never,
            },
        }
    }
}

/// The end of a timeout. In order of time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Deadline {
    /// Before anything could be waited for.
    Passed,
    /// At that time of the system clock.
    At(Duration),
    /// Not at all.
    Never,
}

impl Deadline {
    /// The time that is left: `None` without end, zero when it has passed.
    pub(crate) fn left(self) -> Option<Duration> {
        match self {
            Self::Passed => Some(Duration::ZERO),
            Self::At(end) => Some(end.saturating_sub(SystemClock.now())),
            Self::Never => None,
        }
    }
}

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

    /// A time beyond the clock's range is no end.
    #[test]
    fn a_timeout_beyond_all_time_never_ends() {
        assert_eq!(Timeout::After(Duration::MAX).deadline().left(), None);
        assert_eq!(Timeout::ZERO.deadline().left(), Some(Duration::ZERO));
    }

    /// The clock never goes backwards.
    #[test]
    fn the_clock_is_monotonic() {
        let first = SystemClock.now();
        assert!(SystemClock.now() >= first);
    }
}
