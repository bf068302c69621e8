//! Single values and option buffers behind pointers.

use super::Address;
use crate::types::Plain;
use crate::*;
use std::marker::PhantomData;
use std::mem::offset_of;

/// A pointer to a value that the call stores; NULL is possible and checked when it is used.
#[derive(Debug)]
pub struct Out<'a, T> {
    pointer: *mut T,
    call: PhantomData<&'a mut T>,
}

impl<T> Clone for Out<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Out<'_, T> {}

impl<T: Copy> Out<'_, T> {
    /// # Safety
    /// `pointer` is null or points to a `T` (of any alignment) that may be written for `'a`.
    #[must_use]
    pub const unsafe fn new(pointer: *mut T) -> Self {
        Self {
            pointer,
            call: PhantomData,
        }
    }

    /// Whether the pointer is NULL.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        self.pointer.is_null()
    }

    /// Stores the value.
    ///
    /// # Errors
    /// `WSAEFAULT` when the pointer is NULL.
    pub fn set(&self, value: T) -> Result<(), Errno> {
        if self.pointer.is_null() {
            return Err(Errno::FAULT);
        }
        // SAFETY: `new`'s contract: not null, so it may be written.
        unsafe { self.pointer.write_unaligned(value) };
        Ok(())
    }

    /// Stores the value where there is a place for it.
    pub fn set_if_wanted(&self, value: T) {
        let _ = self.set(value);
    }

    /// The raw argument, to pass it on.
    #[must_use]
    pub const fn raw(&self) -> *mut T {
        self.pointer
    }
}

impl Out<'_, WSANETWORKEVENTS> {
    /// Stores the events and the errors of some, by their `FD_*_BIT`; the places of other errors are left alone.
    ///
    /// # Errors
    /// `WSAEFAULT` when the pointer is NULL.
    pub fn set_events(
        &self,
        events: i32,
        errors: impl IntoIterator<Item = (usize, i32)>,
    ) -> Result<(), Errno> {
        if self.pointer.is_null() {
            return Err(Errno::FAULT);
        }
        // SAFETY: `new`'s contract: not null, so it points to such a structure; the field lies within it.
        let place = unsafe { &raw mut (*self.pointer).lNetworkEvents };
        // SAFETY: as above: it may be written.
        unsafe { place.write_unaligned(events) };
        // SAFETY: as above; the field lies within the structure.
        let slots = unsafe { &raw mut (*self.pointer).iErrorCode }.cast::<i32>();
        for (at, error) in errors.into_iter().filter(|(at, _)| *at < FD_MAX_EVENTS) {
            // SAFETY: the array has that many places.
            let slot = unsafe { slots.add(at) };
            // SAFETY: as above: it may be written.
            unsafe { slot.write_unaligned(error) };
        }
        Ok(())
    }
}

/// A pointer to a value that the call reads and replaces, such as `lpFlags`.
#[derive(Debug)]
pub struct InOut<'a, T> {
    out: Out<'a, T>,
}

impl<T> Clone for InOut<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for InOut<'_, T> {}

impl<T: Copy> InOut<'_, T> {
    /// # Safety
    /// `pointer` is null or points to an initialised `T` (of any alignment) that may be written for `'a`.
    #[must_use]
    pub const unsafe fn new(pointer: *mut T) -> Self {
        Self {
            // SAFETY: the caller's contract is the stronger one.
            out: unsafe { Out::new(pointer) },
        }
    }

    /// Whether the pointer is NULL.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        self.out.is_null()
    }

    /// The present value.
    ///
    /// # Errors
    /// `WSAEFAULT` when the pointer is NULL.
    pub fn get(&self) -> Result<T, Errno> {
        if self.is_null() {
            return Err(Errno::FAULT);
        }
        // SAFETY: `new`'s contract: not null, so it points to an initialised value.
        Ok(unsafe { self.out.raw().read_unaligned() })
    }

    /// Stores a value.
    ///
    /// # Errors
    /// `WSAEFAULT` when the pointer is NULL.
    pub fn set(&self, value: T) -> Result<(), Errno> {
        self.out.set(value)
    }

    /// The raw argument, to pass it on.
    #[must_use]
    pub const fn raw(&self) -> *mut T {
        self.out.raw()
    }
}

/// `const char *optval, int optlen`, or the input of an ioctl: bytes that the call reads.
#[derive(Clone, Copy, Debug)]
pub struct OptionIn<'a> {
    value: *const u8,
    len: i32,
    call: PhantomData<&'a [u8]>,
}

impl<'a> OptionIn<'a> {
    /// # Safety
    /// `value` is null or points to `len` readable bytes for `'a`. For an ioctl whose input has pointers (SIO_ADDRESS_LIST_SORT) they are
    /// null or point to as many readable bytes as the input says.
    #[must_use]
    pub const unsafe fn new(value: *const u8, len: i32) -> Self {
        Self {
            value,
            len,
            call: PhantomData,
        }
    }

    /// Whether the pointer is NULL.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        self.value.is_null()
    }

    /// The length as the caller gave it; it may be negative.
    #[must_use]
    pub const fn len(&self) -> i32 {
        self.len
    }

    /// Whether the length is zero or less.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len <= 0
    }

    /// The bytes; none when the pointer is NULL or the length is not positive.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        if self.value.is_null() || self.len <= 0 {
            return &[];
        }
        // SAFETY: `new`'s contract: `len` bytes are readable for `'a`.
        unsafe { std::slice::from_raw_parts(self.value, self.len as usize) }
    }

    /// The first four bytes as a number.
    ///
    /// # Errors
    /// `WSAEFAULT` when there are fewer.
    pub fn u32(&self) -> Result<u32, Errno> {
        let bytes = self
            .bytes()
            .get(..4)
            .and_then(|four| <[u8; 4]>::try_from(four).ok());
        bytes.map(u32::from_ne_bytes).ok_or(Errno::FAULT)
    }

    /// The addresses of a `SOCKET_ADDRESS_LIST`, the input of SIO_ADDRESS_LIST_SORT and of no other ioctl.
    ///
    /// # Errors
    /// `WSAEFAULT` when the list is longer than the bytes or an address is NULL; `WSAEINVAL` for a negative number of addresses, or an
    /// address of a negative length.
    pub fn address_list(&self) -> Result<Vec<Address>, Errno> {
        let bytes = self.bytes();
        let count = i32::decode(bytes).ok_or(Errno::FAULT)?;
        let count = usize::try_from(count).map_err(|_| Errno::INVAL)?;
        let array = bytes
            .get(offset_of!(SOCKET_ADDRESS_LIST, Address)..)
            .unwrap_or(&[]);
        let entries = array.chunks_exact(size_of::<SOCKET_ADDRESS>());
        if entries.len() < count {
            return Err(Errno::FAULT);
        }
        let entries = entries.take(count).filter_map(SOCKET_ADDRESS::decode);
        entries
            .map(|entry| {
                if entry.lpSockaddr.is_null() {
                    return Err(Errno::FAULT);
                }
                let len = usize::try_from(entry.iSockaddrLength).map_err(|_| Errno::INVAL)?;
                // SAFETY: `new`'s contract: not null, so it points to as many bytes as the entry says.
                let bytes = unsafe { std::slice::from_raw_parts(entry.lpSockaddr.cast(), len) };
                Ok(Address::from_bytes(bytes))
            })
            .collect()
    }

    /// The raw arguments, to pass them on.
    #[must_use]
    pub const fn raw(&self) -> (*const u8, i32) {
        (self.value, self.len)
    }
}

/// `char *optval, int *optlen`: where an option's value goes.
#[derive(Clone, Copy, Debug)]
pub struct OptionOut<'a> {
    value: *mut u8,
    len: *mut i32,
    call: PhantomData<&'a mut [u8]>,
}

impl OptionOut<'_> {
    /// # Safety
    /// `len` is null or points to an `i32`; when neither is null and `*len` is positive, `value` points to `*len` writable bytes.
    #[must_use]
    pub const unsafe fn new(value: *mut u8, len: *mut i32) -> Self {
        Self {
            value,
            len,
            call: PhantomData,
        }
    }

    /// Whether one of the pointers is NULL.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        self.value.is_null() || self.len.is_null()
    }

    /// What `*optlen` says; 0 without one.
    #[must_use]
    pub fn capacity(&self) -> i32 {
        if self.len.is_null() {
            return 0;
        }
        // SAFETY: `new`'s contract: not null, so it points to an i32.
        unsafe { self.len.read_unaligned() }
    }

    /// Stores the bytes and their number in `*optlen`.
    ///
    /// # Errors
    /// `WSAEFAULT` when a pointer is NULL or the bytes do not fit; nothing is written then.
    pub fn write(&self, bytes: &[u8]) -> Result<(), Errno> {
        self.write_bytes(bytes)?;
        self.set_len(bytes.len() as i32);
        Ok(())
    }

    /// Stores the bytes and leaves `*optlen` alone.
    ///
    /// # Errors
    /// As for [`write`](Self::write).
    pub fn write_bytes(&self, bytes: &[u8]) -> Result<(), Errno> {
        if self.is_null()
            || usize::try_from(self.capacity()).is_ok_and(|have| have < bytes.len())
            || self.capacity() < 0
        {
            return Err(Errno::FAULT);
        }
        // SAFETY: `new`'s contract: `*len` bytes are writable, and the length was compared.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.value, bytes.len()) };
        Ok(())
    }

    /// Stores a length only. Ignored without a length pointer.
    pub fn set_len(&self, len: i32) {
        if !self.len.is_null() {
            // SAFETY: `new`'s contract: not null, so it points to an i32.
            unsafe { self.len.write_unaligned(len) };
        }
    }

    /// The raw arguments, to pass them on.
    #[must_use]
    pub const fn raw(&self) -> (*mut u8, *mut i32) {
        (self.value, self.len)
    }
}
