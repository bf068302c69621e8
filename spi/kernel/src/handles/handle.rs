//! The handle value: a generation and the index of a slot in one number.

use std::fmt;

use super::slot::LAST_GENERATION;

/// A handle value: `generation << 22 | index << 2`.
///
/// Never 0, never `INVALID_HANDLE_VALUE`, a multiple of 4, within 31 bits, as handle values are on
/// Windows. It says nothing about whether the handle is open.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle(u32);

impl Handle {
    /// The number that applications see.
    #[must_use]
    pub const fn raw(self) -> usize {
        self.0 as usize
    }

    /// The handle of a number; `None` when no handle can have that value.
    #[inline]
    #[must_use]
    pub fn from_raw(raw: usize) -> Option<Self> {
        let value = u32::try_from(raw).ok()?;
        let well_formed = value & 3 == 0 && value >> 31 == 0 && value >> INDEX_END != 0;
        well_formed.then_some(Self(value))
    }

    pub(super) fn new(generation: u32, index: u32) -> Self {
        debug_assert!(
            (1..=LAST_GENERATION).contains(&generation),
            "generation {generation}"
        );
        Self(generation << INDEX_END | index << 2)
    }

    #[inline]
    pub(super) const fn generation(self) -> u32 {
        self.0 >> INDEX_END
    }

    #[inline]
    pub(super) const fn index(self) -> u32 {
        self.0 >> 2 & (SLOTS - 1)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({:#x})", self.0)
    }
}

const INDEX_BITS: u32 = 20;
const INDEX_END: u32 = INDEX_BITS + 2;
/// How many slots a handle can name.
pub(super) const SLOTS: u32 = 1 << INDEX_BITS;
