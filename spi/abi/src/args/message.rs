//! The `WSAMSG` of `WSARecvMsg`: where a message goes, with what is beside it.
//!
//! The structure says where: it is read once, when the call begins. What comes back into it (the lengths of name and control data,
//! the flags) is stored field by field, as the caller may look at the others meanwhile. The base provider's extension functions make
//! it; an overlapped call [holds](MessageRoom::hold) it until its request is finished.

use super::{AddressOut, BuffersMut, OverlappedRequest};
use crate::*;
use std::marker::PhantomData;
use std::mem::offset_of;

/// `LPWSAMSG lpMsg` of a receive, not yet checked.
#[derive(Clone, Copy, Debug)]
pub struct MessageRoom<'a> {
    place: *mut WSAMSG,
    given: WSAMSG,
    call: PhantomData<&'a mut WSAMSG>,
}

impl<'a> MessageRoom<'a> {
    /// `None` for NULL.
    ///
    /// # Safety
    /// `place` is null or points to a `WSAMSG` (of any alignment) that may be written; its buffers keep the contract of
    /// [`BuffersMut::new`], its name that of [`AddressOut::new`], and `Control.buf` is null or points to `Control.len` writable bytes:
    /// all for `'a` and, when they are given to an overlapped call, until its request is finished.
    #[must_use]
    #[doc(alias = "WSAMSG")]
    pub const unsafe fn new(place: *mut WSAMSG) -> Option<Self> {
        if place.is_null() {
            return None;
        }
        // SAFETY: the caller's contract: not null, so it points to a WSAMSG.
        let given = unsafe { place.read_unaligned() };
        Some(Self {
            place,
            given,
            call: PhantomData,
        })
    }

    /// Whether name and control data have a place for the length that they say.
    ///
    /// # Errors
    /// `WSAEFAULT` for a length without a place.
    pub const fn check(&self) -> Result<(), Errno> {
        let no_name = self.given.name.is_null() && self.given.namelen != 0;
        let no_control = self.given.Control.buf.is_null() && self.given.Control.len != 0;
        if no_name || no_control {
            return Err(Errno::FAULT);
        }
        Ok(())
    }

    /// Where the data go.
    #[must_use]
    pub const fn buffers(&self) -> BuffersMut<'a> {
        // SAFETY: `new`'s contract.
        unsafe { BuffersMut::new(self.given.lpBuffers, self.given.dwBufferCount) }
    }

    /// Where the sender's address goes, and its length.
    #[must_use]
    pub const fn from(&self) -> AddressOut<'a> {
        // SAFETY: `new`'s contract.
        unsafe { AddressOut::new(self.given.name, self.field(offset_of!(WSAMSG, namelen))) }
    }

    /// `dwFlags` as they were given.
    #[must_use]
    pub const fn flags(&self) -> u32 {
        self.given.dwFlags
    }

    /// How many bytes of control data there is room for.
    #[must_use]
    pub const fn control_capacity(&self) -> usize {
        if self.given.Control.buf.is_null() {
            0
        } else {
            self.given.Control.len as usize
        }
    }

    /// Stores control data, their length, and the flags. What is more than [there is room for](Self::control_capacity) is cut off.
    pub fn store(&self, control: &[u8], flags: u32) {
        let length = control.len().min(self.control_capacity());
        if length > 0 {
            // SAFETY: `new`'s contract: Control.len bytes are writable, and no more are written.
            unsafe {
                std::ptr::copy_nonoverlapping(control.as_ptr(), self.given.Control.buf, length)
            };
        }
        let control_length = offset_of!(WSAMSG, Control) + offset_of!(WSABUF, len);
        // SAFETY: `new`'s contract; the field lies within the structure.
        unsafe {
            self.field::<u32>(control_length)
                .write_unaligned(length as u32)
        };
        // SAFETY: as above.
        unsafe {
            self.field::<u32>(offset_of!(WSAMSG, dwFlags))
                .write_unaligned(flags)
        };
    }

    /// Keeps it for a request. The array of buffers is the caller's again when the call returns: [hold](BuffersMut::hold) it too.
    #[must_use]
    pub fn hold(&self, _request: &OverlappedRequest) -> HeldMessageRoom {
        HeldMessageRoom(MessageRoom {
            place: self.place,
            given: WSAMSG {
                lpBuffers: std::ptr::null_mut(),
                dwBufferCount: 0,
                ..self.given
            },
            call: PhantomData,
        })
    }

    /// The address of the field at `offset`; within the structure.
    const fn field<T>(&self, offset: usize) -> *mut T {
        self.place.wrapping_byte_add(offset).cast()
    }
}

/// The `WSAMSG` of a receiving request, until it is finished; its array of buffers is not part of it.
#[derive(Debug)]
pub struct HeldMessageRoom(MessageRoom<'static>);

// SAFETY: the SPI lends the message to the request, whichever thread works on it.
unsafe impl Send for HeldMessageRoom {}
// SAFETY: as for Send; only the one party that finishes the request writes.
unsafe impl Sync for HeldMessageRoom {}

impl HeldMessageRoom {
    /// The message. Before the request is finished only.
    #[must_use]
    pub const fn room(&self) -> &MessageRoom<'static> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Address;

    // P159: what comes back are the lengths and the flags; the rest stays the caller's.
    #[test]
    fn only_lengths_and_flags_come_back() {
        let mut name = [0u8; 16];
        let mut control = [0u8; 4];
        let mut message = WSAMSG {
            name: name.as_mut_ptr().cast(),
            namelen: 16,
            Control: WSABUF {
                len: 4,
                buf: control.as_mut_ptr(),
            },
            dwFlags: MSG_PEEK,
            ..WSAMSG::EMPTY
        };
        // SAFETY: a live local whose places live too.
        let room = unsafe { MessageRoom::new(&raw mut message) }.unwrap();
        assert_eq!(room.check(), Ok(()));
        assert_eq!((room.flags(), room.control_capacity()), (MSG_PEEK, 4));
        let address = Address::from_bytes(&[2, 0, 0, 7, 127, 0, 0, 1]);
        assert_eq!(room.from().write(&address), Ok(()));
        room.store(b"abcdef", MSG_CTRUNC);
        let left = (message.namelen, message.Control.len, message.dwFlags);
        assert_eq!(left, (8, 4, MSG_CTRUNC));
        assert_eq!(&control, b"abcd");
        room.store(b"", 0);
        assert_eq!((message.Control.len, message.dwFlags), (0, 0));
    }

    // sdk WSARecvMsg, WSAEFAULT: "was a NULL pointer and the ... member ... was not set to zero".
    #[test]
    fn a_length_without_a_place_is_a_fault() {
        let check = |namelen, control| {
            let mut message = WSAMSG {
                namelen,
                Control: WSABUF {
                    len: control,
                    buf: std::ptr::null_mut(),
                },
                ..WSAMSG::EMPTY
            };
            // SAFETY: a live local without places.
            unsafe { MessageRoom::new(&raw mut message) }
                .unwrap()
                .check()
        };
        assert_eq!(check(0, 0), Ok(()));
        assert_eq!(check(16, 0), Err(Errno::FAULT));
        assert_eq!(check(0, 8), Err(Errno::FAULT));
        // SAFETY: null.
        assert!(unsafe { MessageRoom::new(std::ptr::null_mut()) }.is_none());
    }
}
