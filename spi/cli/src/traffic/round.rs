//! `Round`: which styles of I/O carry traffic between one start of the client DLL and its end.
//!
//! A run is a list of rounds: first each style alone, so that what it did and what it left open is
//! known to be its own, then all of them at once, as in a program that has grown. A
//! [`Trial`](crate::trial) tries one.

use super::Style;
use std::fmt;

/// The styles of one start of the client DLL.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Round {
    /// One style, its legs one after another.
    Alone(Style),
    /// These styles at the same time, each over all legs at the same time.
    AtOnce(Vec<Style>),
}

impl Round {
    /// The word for it in tables, and before what went wrong in it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Alone(style) => style.name(),
            Self::AtOnce(_) => "at once",
        }
    }
}

impl fmt::Display for Round {
    /// How sentences call its traffic: `select I/O`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alone(style) => write!(f, "{style} I/O"),
            Self::AtOnce(_) => f.write_str("all I/O at once"),
        }
    }
}
