//! `Style`: the styles of I/O in which Windows programs drive their sockets.
//!
//! Each has a module of its name that carries the traffic of a leg; this is the list of them, in the
//! order in which a run takes them.

use clap::ValueEnum;
use std::fmt;

/// A style of I/O, as `--io` names it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, ValueEnum)]
pub enum Style {
    /// A thread for each end of a connection, in calls that block
    Blocking,
    /// Sockets that do not block, and WSAPoll
    Nonblocking,
    /// Sockets that do not block, and select
    Select,
    /// WSAEventSelect, and a wait for events
    Event,
    /// WSAAsyncSelect, and a window that gets messages
    Async,
    /// Overlapped operations that end with an event
    OverlappedEvent,
    /// Overlapped operations that end with a completion routine
    OverlappedRoutine,
    /// Overlapped operations that end with a packet at a completion port
    Iocp,
}

impl Style {
    /// The name: what the command line takes and the reports print.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::Nonblocking => "nonblocking",
            Self::Select => "select",
            Self::Event => "event",
            Self::Async => "async",
            Self::OverlappedEvent => "overlapped-event",
            Self::OverlappedRoutine => "overlapped-routine",
            Self::Iocp => "iocp",
        }
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_has_the_same_name_everywhere() {
        for style in Style::value_variants() {
            let value = style.to_possible_value().expect("none is hidden");
            assert_eq!(value.get_name(), style.name());
        }
    }
}
