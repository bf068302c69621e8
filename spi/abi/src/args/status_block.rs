//! Where an operation of a file leaves its result: an `IO_STATUS_BLOCK`, which is also how an `OVERLAPPED` begins.

use super::Overlapped;
use crate::NtStatus;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Two words of an application, lent to an operation until it has finished: status and information.
///
/// Others look at the status while it changes: it is written last, with release ordering.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[doc(alias = "IO_STATUS_BLOCK")]
pub struct StatusBlock(NonNull<usize>);

// SAFETY: the application lends the words to the operation, whichever thread finishes it; both are only accessed atomically.
unsafe impl Send for StatusBlock {}
// SAFETY: as for Send.
unsafe impl Sync for StatusBlock {}

impl StatusBlock {
    /// `None` for NULL, and for a block that is not aligned.
    ///
    /// # Safety
    /// `block` is null or points to two words that stay valid until the operation has finished.
    #[must_use]
    pub unsafe fn new(block: *mut usize) -> Option<Self> {
        NonNull::new(block)
            .filter(|block| block.is_aligned())
            .map(Self)
    }

    /// The block with which an `OVERLAPPED` begins.
    #[must_use]
    pub fn of(overlapped: &Overlapped) -> Self {
        // The two words are the first fields; `Overlapped::new`'s contract covers them.
        Self(NonNull::from(overlapped.internal()).cast())
    }

    /// Its address: who the operation is for `NtCancelIoFileEx`.
    #[must_use]
    pub fn address(&self) -> usize {
        self.0.as_ptr() as usize
    }

    fn word(&self, index: usize) -> &AtomicUsize {
        let word = self.0.as_ptr().wrapping_add(index);
        // SAFETY: `new`'s contract: both words are valid and aligned.
        unsafe { AtomicUsize::from_ptr(word) }
    }

    /// Stores the information, then the status: after this the block is the application's.
    pub fn finish(&self, status: NtStatus, information: usize) {
        self.word(1).store(information, Ordering::Relaxed);
        self.word(0).store(status.0 as usize, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OVERLAPPED;

    // IO_STATUS_BLOCK: Status, then Information; so begins an OVERLAPPED, with Internal and InternalHigh.
    #[test]
    fn a_block_is_how_an_overlapped_begins() {
        let mut words = [7_usize, 7];
        // SAFETY: a live local.
        let block = unsafe { StatusBlock::new(words.as_mut_ptr()) }.unwrap();
        block.finish(NtStatus::CANCELLED, 5);
        assert_eq!(words, [0xC000_0120, 5]);
        let mut whole = OVERLAPPED::EMPTY;
        // SAFETY: a live local.
        let overlapped = unsafe { Overlapped::new(&raw mut whole) }.unwrap();
        let block = StatusBlock::of(&overlapped);
        assert_eq!(block.address(), overlapped.address());
        block.finish(NtStatus::SUCCESS, 3);
        assert_eq!(
            (overlapped.status(), overlapped.bytes()),
            (NtStatus::SUCCESS, 3)
        );
    }

    // Its words are looked at as whole words while they change.
    #[test]
    fn a_block_that_is_not_aligned_is_none() {
        let mut words = [0_usize; 3];
        let crooked = words.as_mut_ptr().wrapping_byte_add(1);
        // SAFETY: within a live local.
        assert_eq!(unsafe { StatusBlock::new(crooked) }, None);
        // SAFETY: null.
        assert_eq!(unsafe { StatusBlock::new(std::ptr::null_mut()) }, None);
    }
}
