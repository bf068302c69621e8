//! Arguments that a request keeps after its call has returned `WSA_IO_PENDING`.
//!
//! The SPI lends the *memory* of an overlapped call until the request is finished: the data buffers, `lpFrom` and `lpFromlen`. The
//! `WSABUF` array is the caller's again when the call returns (P237, U188), so it is copied. A provider makes these values with
//! `hold`, keeps them beside the [`Overlapped`](super::Overlapped), and drops them before it finishes that: as with the block
//! itself, nothing here may be used afterwards.

use super::{Address, AddressOut, Buffers, BuffersMut, OverlappedRequest};
use crate::*;
use std::io::{IoSlice, IoSliceMut};
use std::marker::PhantomData;

/// So many buffers are held without asking for memory.
const FEW: usize = 2;

/// A copy of a `WSABUF` array.
#[derive(Clone, Debug)]
enum Parts {
    Few([WSABUF; FEW], u8),
    Many(Box<[WSABUF]>),
}

impl Parts {
    fn copy(parts: impl ExactSizeIterator<Item = WSABUF>) -> Self {
        let mut few = [WSABUF {
            len: 0,
            buf: std::ptr::null_mut(),
        }; FEW];
        let count = parts.len();
        match few.get_mut(..count) {
            Some(places) => {
                places
                    .iter_mut()
                    .zip(parts)
                    .for_each(|(place, part)| *place = part);
                Self::Few(few, count as u8)
            }
            None => Self::Many(parts.collect()),
        }
    }

    fn as_slice(&self) -> &[WSABUF] {
        match self {
            Self::Few(parts, count) => &parts[..usize::from(*count)],
            Self::Many(parts) => parts,
        }
    }

    /// The parts that are left behind the first `skip` bytes, empty ones left out.
    fn after(&self, skip: usize) -> impl Iterator<Item = (*mut u8, usize)> + '_ {
        let mut skip = skip;
        self.as_slice().iter().filter_map(move |part| {
            let len = part.len as usize;
            let gone = skip.min(len);
            skip -= gone;
            (gone < len).then(|| (part.buf.wrapping_add(gone), len - gone))
        })
    }
}

impl Default for Parts {
    fn default() -> Self {
        Self::copy(std::iter::empty())
    }
}

/// The data of a sending request, until it is finished; by default none.
#[derive(Clone, Debug, Default)]
pub struct HeldBuffers(Parts);

// SAFETY: the SPI lends the memory to the request, whichever thread works on it.
unsafe impl Send for HeldBuffers {}
// SAFETY: as for Send; the data are only read.
unsafe impl Sync for HeldBuffers {}

impl HeldBuffers {
    /// One buffer that no `WSABUF` array names, as the functions beside the SPI take them.
    ///
    /// # Safety
    /// `start` is null or points to `len` bytes that are readable until the value is dropped.
    #[must_use]
    pub const unsafe fn of_one(start: *const u8, len: u32) -> Self {
        let one = WSABUF {
            len: if start.is_null() { 0 } else { len },
            buf: start.cast_mut(),
        };
        let none = WSABUF {
            len: 0,
            buf: std::ptr::null_mut(),
        };
        Self(Parts::Few([one, none], 1))
    }

    /// How many buffers there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.as_slice().len()
    }

    /// The buffers as they were given, to pass them on.
    #[must_use]
    pub fn raw(&self) -> &[WSABUF] {
        self.0.as_slice()
    }

    /// What is left of the data behind the first `skip` bytes; empty buffers are left out. Not after the request was finished.
    pub fn slices(&self, skip: usize) -> impl Iterator<Item = IoSlice<'_>> {
        self.0.after(skip).map(|(start, len)| {
            // SAFETY: `Buffers::new`'s contract: readable until the request is finished.
            IoSlice::new(unsafe { std::slice::from_raw_parts(start, len) })
        })
    }
}

/// Where the data of a receiving request go, until it is finished; by default nowhere.
#[derive(Debug, Default)]
pub struct HeldBuffersMut(Parts);

// SAFETY: the SPI lends the memory to the request, whichever thread works on it.
unsafe impl Send for HeldBuffersMut {}
// SAFETY: as for Send; writing needs `&mut`.
unsafe impl Sync for HeldBuffersMut {}

impl HeldBuffersMut {
    /// One buffer that no `WSABUF` array names, as the functions beside the SPI take them.
    ///
    /// # Safety
    /// `start` is null or points to `len` bytes that are writable until the value is dropped.
    #[must_use]
    pub unsafe fn of_one(start: *mut u8, len: u32) -> Self {
        // SAFETY: the caller's contract is the stronger one.
        let HeldBuffers(parts) = unsafe { HeldBuffers::of_one(start, len) };
        Self(parts)
    }

    /// The buffers as they were given, to pass them on.
    #[must_use]
    pub fn raw(&self) -> &[WSABUF] {
        self.0.as_slice()
    }

    /// How many buffers there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.as_slice().len()
    }

    /// The room behind the first `skip` bytes; empty buffers are left out. Not after the request was finished.
    pub fn slices(&mut self, skip: usize) -> impl Iterator<Item = IoSliceMut<'_>> {
        self.bytes(skip).map(IoSliceMut::new)
    }

    /// The same as slices of bytes.
    pub fn bytes(&mut self, skip: usize) -> impl Iterator<Item = &mut [u8]> {
        self.0.after(skip).map(|(start, len)| {
            // SAFETY: `BuffersMut::new`'s contract: writable until the request is finished.
            unsafe { std::slice::from_raw_parts_mut(start, len) }
        })
    }
}

/// Where an address goes when the request is finished.
#[derive(Debug)]
pub struct HeldAddressOut(AddressOut<'static>);

// SAFETY: the SPI lends `lpFrom` and `lpFromlen` to the request, whichever thread works on it.
unsafe impl Send for HeldAddressOut {}
// SAFETY: as for Send; only the one party that finishes the request writes.
unsafe impl Sync for HeldAddressOut {}

impl HeldAddressOut {
    /// Stores the address and its length. Before the request is finished only.
    ///
    /// # Errors
    /// `WSAEFAULT` when a pointer is NULL or the address does not fit; nothing is written then.
    pub fn write(&self, address: &Address) -> Result<(), Errno> {
        self.0.write(address)
    }
}

impl Buffers<'_> {
    /// Keeps the data for a request: the array is copied, the data stay where they are. What [`check`](Self::check) refuses is
    /// not to be held.
    #[must_use]
    pub fn hold(&self, _request: &OverlappedRequest) -> HeldBuffers {
        HeldBuffers(Parts::copy(self.parts()))
    }

    /// Keeps the data for a call that does not return before its request is finished.
    #[must_use]
    pub fn hold_for_call(&self) -> HeldBuffers {
        HeldBuffers(Parts::copy(self.parts()))
    }
}

impl BuffersMut<'_> {
    /// Keeps the buffers for a request: the array is copied, the buffers stay where they are. What [`check`](Self::check) refuses
    /// is not to be held.
    #[must_use]
    pub fn hold(&self, _request: &OverlappedRequest) -> HeldBuffersMut {
        HeldBuffersMut(Parts::copy(self.parts()))
    }

    /// Keeps the buffers for a call that does not return before its request is finished.
    #[must_use]
    pub fn hold_for_call(&self) -> HeldBuffersMut {
        HeldBuffersMut(Parts::copy(self.parts()))
    }
}

impl AddressOut<'_> {
    /// Keeps the place for a request.
    #[must_use]
    pub fn hold(&self, _request: &OverlappedRequest) -> HeldAddressOut {
        let (name, len) = self.raw();
        HeldAddressOut(AddressOut {
            name,
            len,
            call: PhantomData,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::OverlappedArgs;
    use crate::ffi::Convention;

    fn request(block: &mut OVERLAPPED) -> OverlappedRequest {
        // SAFETY: the block outlives the request; no routine, no thread.
        let args = unsafe {
            OverlappedArgs::new(
                Convention::Native,
                block,
                RawCallback::NULL,
                std::ptr::null_mut(),
            )
        };
        args.request().unwrap()
    }

    fn arrays(bytes: &mut [u8], sizes: &[usize]) -> Vec<WSABUF> {
        let mut rest = bytes;
        sizes
            .iter()
            .map(|size| {
                let (one, more) = std::mem::take(&mut rest).split_at_mut(*size);
                rest = more;
                WSABUF {
                    len: *size as u32,
                    buf: one.as_mut_ptr(),
                }
            })
            .collect()
    }

    // P237, U188: the array may go when the call has returned; few and many buffers alike.
    #[test]
    fn the_array_is_copied() {
        for sizes in [&[3, 0][..], &[1, 1, 1]] {
            let mut block = OVERLAPPED::EMPTY;
            let request = request(&mut block);
            let mut bytes = *b"abc";
            let mut array = arrays(&mut bytes, sizes);
            // SAFETY: the array and its buffers live.
            let held = unsafe { Buffers::new(array.as_ptr(), array.len() as u32) }.hold(&request);
            array.fill(WSABUF {
                len: 9,
                buf: std::ptr::null_mut(),
            });
            assert_eq!(held.count(), sizes.len());
            let seen: Vec<u8> = held.slices(0).flat_map(|slice| slice.to_vec()).collect();
            assert_eq!(seen, b"abc");
        }
    }

    // P137: a request goes on where it stopped, in the middle of a buffer and behind empty ones.
    #[test]
    fn what_was_filled_already_is_skipped() {
        let mut block = OVERLAPPED::EMPTY;
        let request = request(&mut block);
        let mut bytes = *b"......";
        let array = arrays(&mut bytes, &[2, 0, 4]);
        // SAFETY: the array and its buffers live.
        let mut held = unsafe { BuffersMut::new(array.as_ptr(), 3) }.hold(&request);
        let shape = |held: &mut HeldBuffersMut, skip| -> Vec<usize> {
            held.slices(skip).map(|slice| slice.len()).collect()
        };
        assert_eq!(shape(&mut held, 0), [2, 4]);
        assert_eq!(shape(&mut held, 1), [1, 4]);
        assert_eq!(shape(&mut held, 2), [4]);
        assert_eq!(shape(&mut held, 6), [0; 0]);
        for mut slice in held.slices(3) {
            slice.fill(b'x');
        }
        drop(held);
        assert_eq!(&bytes, b"...xxx");
    }
}
