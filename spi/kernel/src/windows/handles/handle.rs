//! The handle value: the system's.

use std::fmt;

/// A handle value, as the system gave it. It says nothing about whether the handle is open.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle(usize);

impl Handle {
    /// The number that applications see.
    #[must_use]
    pub const fn raw(self) -> usize {
        self.0
    }

    /// The handle of a number; `None` when no handle can have that value.
    #[must_use]
    pub const fn from_raw(raw: usize) -> Option<Self> {
        if raw != 0 && raw & 3 == 0 && raw >> 31 == 0 {
            Some(Self(raw))
        } else {
            None
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({:#x})", self.0)
    }
}
