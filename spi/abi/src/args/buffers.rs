//! `WSABUF` arrays: what is sent from, and received into.

use crate::*;
use std::io::{IoSlice, IoSliceMut};
use std::marker::PhantomData;

/// Counts the bytes of a `WSABUF` array, or finds what is wrong with it.
#[inline]
fn total(parts: impl Iterator<Item = WSABUF>) -> Result<usize, Errno> {
    let mut sum = 0usize;
    for part in parts {
        // Windows reads negative lengths of the BSD calls here (P134): they are faults, as are missing buffers.
        if part.len > i32::MAX as u32 || (part.buf.is_null() && part.len > 0) {
            return Err(Errno::FAULT);
        }
        sum = sum.saturating_add(part.len as usize);
    }
    // No call could say how many bytes it moved.
    if u32::try_from(sum).is_err() {
        return Err(Errno::INVAL);
    }
    Ok(sum)
}

macro_rules! buffers {
    ($(#[$doc:meta])* $name:ident, $slice:ident, $empty:expr, $make:expr, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'a> {
            array: *const WSABUF,
            count: u32,
            call: PhantomData<&'a [WSABUF]>,
        }

        impl<'a> $name<'a> {
            /// # Safety
            #[doc = concat!("`array` is null or points to `count` WSABUFs (of any alignment) for `'a`; each `buf` that is not null points to `len` ", $what, " bytes for `'a`,")]
            /// and, when they are given to an overlapped call, until its request is finished.
            #[must_use]
            pub const unsafe fn new(array: *const WSABUF, count: u32) -> Self {
                Self { array, count, call: PhantomData }
            }

            /// Whether the array pointer is NULL.
            #[must_use]
            pub const fn is_null(&self) -> bool {
                self.array.is_null()
            }

            /// How many buffers the caller says there are.
            #[must_use]
            pub const fn count(&self) -> u32 {
                self.count
            }

            #[inline]
            pub(super) fn parts(&self) -> impl ExactSizeIterator<Item = WSABUF> + use<'a> {
                let array = self.array;
                let count = if array.is_null() { 0 } else { self.count as usize };
                (0..count).map(move |index| {
                    // SAFETY: `new`'s contract: `count` WSABUFs, of any alignment, are readable for `'a`.
                    unsafe { array.wrapping_add(index).read_unaligned() }
                })
            }

            /// The number of bytes in all buffers.
            ///
            /// # Errors
            /// `WSAEFAULT`: the array is NULL, a buffer with a length is NULL, or a length is negative as a signed number; `WSAEINVAL`: there
            /// are more bytes than a count can say, 4 GiB or more (no document names the code).
            #[inline]
            pub fn check(&self) -> Result<usize, Errno> {
                if self.array.is_null() && self.count > 0 {
                    return Err(Errno::FAULT);
                }
                total(self.parts())
            }

            /// The buffer of a call that has just one, with bytes in it; `None` for any other call.
            #[inline]
            #[must_use]
            pub fn only(&self) -> Option<$slice<'a>> {
                if self.count != 1 {
                    return None;
                }
                let part = self.parts().next()?;
                let is_plain = !part.buf.is_null() && part.len.wrapping_sub(1) < i32::MAX as u32;
                is_plain.then(|| $make(part))
            }

            /// The buffers in order, empty ones included. Those that [`check`](Self::check) refuses come out empty.
            pub fn slices(&self) -> impl Iterator<Item = $slice<'a>> + use<'a> {
                self.parts().map(|part| {
                    if part.buf.is_null() || part.len == 0 || part.len > i32::MAX as u32 {
                        return $empty;
                    }
                    $make(part)
                })
            }

            /// The raw arguments, to pass them on.
            #[must_use]
            pub const fn raw(&self) -> (*const WSABUF, u32) {
                (self.array, self.count)
            }
        }
    };
}

buffers! {
    /// `LPWSABUF lpBuffers, DWORD dwBufferCount` of a sending call, not yet checked.
    Buffers, IoSlice, IoSlice::new(&[]), |part: WSABUF| {
        // SAFETY: `new`'s contract: `len` bytes are readable for `'a`.
        IoSlice::new(unsafe { std::slice::from_raw_parts(part.buf, part.len as usize) })
    }, "readable"
}

buffers! {
    /// `LPWSABUF lpBuffers, DWORD dwBufferCount` of a receiving call, not yet checked. The slices of one value must not be used
    /// after those of another call of [`slices`](BuffersMut::slices) on the same arguments were written.
    BuffersMut, IoSliceMut, IoSliceMut::new(&mut []), |part: WSABUF| {
        // SAFETY: `new`'s contract: `len` bytes are writable for `'a`.
        IoSliceMut::new(unsafe { std::slice::from_raw_parts_mut(part.buf, part.len as usize) })
    }, "writable"
}
