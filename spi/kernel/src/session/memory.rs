//! A page of a file that is mapped, shared with all who map it, as a structure of atomics.

use std::fs::File;
use std::marker::PhantomData;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::AtomicU64;

use super::place::LENGTH;

/// What may be in such a page: structures of atomics, for which zeros are a value.
///
/// # Safety
/// Any bytes are a value, whoever writes them meanwhile, and it fits into [`LENGTH`] bytes.
pub(super) unsafe trait Page {}

/// The state of an object.
#[repr(C)]
pub(super) struct State {
    /// Written last by who makes it.
    pub(super) version: AtomicU32,
    pub(super) sort: AtomicU32,
    /// As [`super::Initial::value`]; 0 or 1 for an event.
    pub(super) value: AtomicU32,
    pub(super) maximum: AtomicU32,
    /// How often a manual-reset event was set.
    pub(super) sets: AtomicU32,
    /// How often the owner of a mutex acquired it. Only the owner writes it.
    pub(super) depth: AtomicU32,
    /// The owner of a mutex: its process above its thread; [`super::shared`] has the other values.
    pub(super) owner: AtomicU64,
    pub(super) length: AtomicU64,
}

// SAFETY: atomics of integers, of 48 bytes.
unsafe impl Page for State {}
// SAFETY: an atomic of four bytes.
unsafe impl Page for AtomicU32 {}

/// A page that is mapped, until it is dropped.
#[derive(Debug)]
pub(super) struct Mapped<P> {
    place: NonNull<P>,
    _what: PhantomData<P>,
}

// SAFETY: what is there is used by shared references only, and consists of atomics (`Page`).
unsafe impl<P: Page> Send for Mapped<P> {}
// SAFETY: as above.
unsafe impl<P: Page> Sync for Mapped<P> {}

impl<P: Page> Mapped<P> {
    /// Maps the beginning of a file, which is at least [`LENGTH`] long. `None`: the system refuses.
    pub(super) fn new(file: &File) -> Option<Self> {
        if file.metadata().ok()?.len() < LENGTH {
            return None;
        }
        // SAFETY: a new mapping, wherever the system puts it.
        let place = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                LENGTH as usize,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                0,
            )
        };
        let place = NonNull::new(place).filter(|_| place != libc::MAP_FAILED)?;
        Some(Self {
            place: place.cast(),
            _what: PhantomData,
        })
    }

    pub(super) fn get(&self) -> &P {
        // SAFETY: mapped until this is dropped, aligned to a page, and any bytes are a `P` (`Page`).
        unsafe { self.place.as_ref() }
    }
}

impl<P> Drop for Mapped<P> {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`, and no reference is left.
        unsafe { libc::munmap(self.place.as_ptr().cast(), LENGTH as usize) };
    }
}
