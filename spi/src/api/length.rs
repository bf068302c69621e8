//! Lengths that go in and come back: `*namelen`, `*optlen` and their kin.
//!
//! A provider that says it stored more than there was room for would make the application read past its own memory. The call fails
//! then, and the length is what the application had given. Used by every function with such an argument.

use crate::dispatch;
use crate::loader::Instance;
use ws2spi_abi::Errno;
use ws2spi_abi::types::Plain;

/// Where a length stands, and what it was before the provider was called.
#[derive(Debug)]
pub struct Length<T> {
    place: *mut T,
    given: T,
}

impl<T: Plain + Into<i64>> Length<T> {
    /// Looks at a length before the call.
    ///
    /// # Safety
    /// `place` is null or valid until [`judged`](Self::judged) was called.
    #[inline]
    pub unsafe fn before(place: *mut T) -> Self {
        let given = if place.is_null() {
            T::EMPTY
        } else {
            // SAFETY: not null, so readable by the caller's contract.
            unsafe { place.read_unaligned() }
        };
        Self { place, given }
    }

    /// Looks again after the call has succeeded with `value`. A length that was left alone says nothing.
    ///
    /// # Errors
    /// `WSASYSCALLFAILURE`: it is negative, or larger than it was.
    #[inline]
    pub fn judged<R>(
        self,
        instance: &Instance,
        function: &'static str,
        value: R,
    ) -> Result<R, Errno> {
        if self.place.is_null() {
            return Ok(value);
        }
        // SAFETY: not null, so readable by the contract of `before`.
        let (given, stored) = (
            self.given.into(),
            unsafe { self.place.read_unaligned() }.into(),
        );
        if stored == given || (0..=given).contains(&stored) {
            return Ok(value);
        }
        // SAFETY: as above, and writable.
        unsafe { self.place.write_unaligned(self.given) };
        Err(dispatch::too_long(instance, function, stored, given))
    }
}
