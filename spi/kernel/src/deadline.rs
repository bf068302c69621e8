//! The end of a timeout, by the system's clock: for the waits of this crate, which block a real thread.

use std::time::Duration;

use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::clock::Timeout;

impl Timeout {
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

    /// A time beyond the clock's range is no end.
    #[test]
    fn a_timeout_beyond_all_time_never_ends() {
        assert_eq!(Timeout::After(Duration::MAX).deadline().left(), None);
        assert_eq!(Timeout::ZERO.deadline().left(), Some(Duration::ZERO));
    }
}
