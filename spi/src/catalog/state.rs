//! `State`: everything a catalog holds: the two lists, the applications' categories, and how often
//! it changed.
//!
//! An immutable value behind `Arc`. A change makes the next one from it, so whoever holds one reads
//! it without a lock and a refused change leaves no trace.

use std::sync::Arc;

use ws2spi_abi::WSAPROTOCOL_INFOW;

use super::categories::Applications;
use super::error::Refusal;
use super::list::List;

/// Which of the two lists: 64-bit and 32-bit programs have their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bits {
    /// The list of 64-bit programs: of this one.
    SixtyFour,
    /// The list of 32-bit programs, which the functions named `…32` change.
    ThirtyTwo,
}

/// The content of a catalog.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    pub(super) native: List,
    pub(super) compatible: List,
    pub(super) applications: Applications,
    pub(super) serial: u64,
}

impl State {
    /// A fresh catalog: both lists hold the base entries, provided by the module at `path`.
    ///
    /// # Errors
    /// As [`Entry::new`](super::Entry::new).
    pub fn fresh(path: &str, base: &[WSAPROTOCOL_INFOW]) -> Result<Self, Refusal> {
        let native = List::fresh(&Arc::from(path), base)?;
        let compatible = native.clone();
        Ok(Self {
            native,
            compatible,
            applications: Applications::default(),
            serial: 0,
        })
    }

    /// One of the two lists.
    pub fn list(&self, bits: Bits) -> &List {
        match bits {
            Bits::SixtyFour => &self.native,
            Bits::ThirtyTwo => &self.compatible,
        }
    }

    /// The categories set for applications.
    pub fn applications(&self) -> &Applications {
        &self.applications
    }

    /// How many changes the catalog has seen.
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// This state with one list replaced.
    pub(super) fn with_list(mut self, bits: Bits, list: List) -> Self {
        match bits {
            Bits::SixtyFour => self.native = list,
            Bits::ThirtyTwo => self.compatible = list,
        }
        self
    }
}
