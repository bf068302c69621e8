//! Address text: 16-bit strings with their lengths.

use crate::*;
use std::marker::PhantomData;

/// A NUL-terminated 16-bit string of the caller.
#[derive(Clone, Copy, Debug)]
pub struct TextIn<'a> {
    text: PCWSTR,
    call: PhantomData<&'a [u16]>,
}

impl<'a> TextIn<'a> {
    /// # Safety
    /// `text` is null or points to a NUL-terminated string (of any alignment) that lives for `'a`.
    #[must_use]
    pub const unsafe fn new(text: PCWSTR) -> Self {
        Self {
            text,
            call: PhantomData,
        }
    }

    /// The units before the NUL.
    ///
    /// # Errors
    /// `WSAEFAULT` when the pointer is NULL.
    pub fn units(&self) -> Result<Vec<u16>, Errno> {
        if self.text.is_null() {
            return Err(Errno::FAULT);
        }
        let units = (0..).map(|index| {
            // SAFETY: `new`'s contract: the string ends with a NUL, and the units before it were looked at one by one.
            unsafe { self.text.wrapping_add(index).read_unaligned() }
        });
        Ok(units.take_while(|unit| *unit != 0).collect())
    }

    /// The raw argument, to pass it on.
    #[must_use]
    pub const fn raw(&self) -> PCWSTR {
        self.text
    }
}

/// `LPWSTR buffer, LPDWORD length`: where a string goes. The length counts 16-bit units including the NUL, both ways.
#[derive(Clone, Copy, Debug)]
pub struct TextOut<'a> {
    text: PWSTR,
    len: *mut u32,
    call: PhantomData<&'a mut [u16]>,
}

impl TextOut<'_> {
    /// # Safety
    /// `len` is null or points to a `u32`; when neither is null, `text` points to `*len` writable units (of any alignment).
    #[must_use]
    pub const unsafe fn new(text: PWSTR, len: *mut u32) -> Self {
        Self {
            text,
            len,
            call: PhantomData,
        }
    }

    /// Stores the text with a NUL, and the number of units.
    ///
    /// # Errors
    /// `WSAEFAULT` when the length pointer is NULL, or when the buffer is NULL or too small: the needed number is stored then (P341).
    pub fn write(&self, text: &str) -> Result<(), Errno> {
        if self.len.is_null() {
            return Err(Errno::FAULT);
        }
        let units: Vec<u16> = text.encode_utf16().chain(Some(0)).collect();
        // SAFETY: `new`'s contract: not null, so it points to a u32.
        let capacity = unsafe { self.len.read_unaligned() };
        // SAFETY: as above.
        unsafe { self.len.write_unaligned(units.len() as u32) };
        if self.text.is_null() || (capacity as usize) < units.len() {
            return Err(Errno::FAULT);
        }
        // SAFETY: `new`'s contract: `capacity` units are writable, and they are enough.
        unsafe {
            self.text
                .cast::<u8>()
                .copy_from_nonoverlapping(units.as_ptr().cast(), size_of_val(&units[..]))
        };
        Ok(())
    }

    /// The raw arguments, to pass them on.
    #[must_use]
    pub const fn raw(&self) -> (PWSTR, *mut u32) {
        (self.text, self.len)
    }
}
