//! `TransmitFile` as an overlapped operation, and `TransmitPackets`.

use crate::Socket;
use crate::extensions::{must_find, truth};
use crate::overlapped::{Operation, Tell};
use core::ffi::c_void;
use std::mem::transmute;
use std::ptr::{null, null_mut};
use ws2spi_abi::*;

/// What an overlapped `TransmitFile` sends.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sent<'a> {
    /// The file, 0 for none.
    pub file: HANDLE,
    /// Where in the file it begins.
    pub offset: u64,
    /// How much of the file, 0 for what follows.
    pub bytes: u32,
    /// Before the file.
    pub head: &'a [u8],
    /// Behind the file.
    pub tail: &'a [u8],
    /// `TF_*`.
    pub flags: u32,
}

/// An element of `TransmitPackets`.
#[derive(Clone, Copy, Debug)]
pub enum Piece<'a> {
    /// Memory.
    Memory(&'a [u8]),
    /// Part of a file: from where (-1 for its position), and how much (0 for what follows).
    File(HANDLE, i64, u32),
}

/// `TP_ELEMENT_EOP` or 0, with the element.
pub type Element<'a> = (Piece<'a>, u32);

impl Operation {
    /// `TransmitFile`.
    ///
    /// # Panics
    /// When the provider has no such function.
    #[must_use]
    pub fn transmit_file(s: &Socket, what: Sent<'_>, tell: Tell) -> Self {
        // SAFETY: the pointer of that name has that type.
        let function =
            unsafe { transmute::<usize, LPFN_TRANSMITFILE>(must_find(s, WSAID_TRANSMITFILE)) };
        let buffers = vec![what.head.to_vec(), what.tail.to_vec()];
        Self::begin_with(tell, buffers, |with| {
            // SAFETY: the count of an operation that has not begun.
            unsafe { with.count.write(0) };
            // SAFETY: the block of an operation that has not begun.
            unsafe { (*with.block).Offset = what.offset as u32 };
            // SAFETY: as above.
            unsafe { (*with.block).OffsetHigh = (what.offset >> 32) as u32 };
            let around = TRANSMIT_FILE_BUFFERS {
                Head: with.buffers[0].buf.cast(),
                HeadLength: with.buffers[0].len,
                Tail: with.buffers[1].buf.cast(),
                TailLength: with.buffers[1].len,
            };
            let around = &raw const around;
            // SAFETY: data and block live until the operation has ended, the structure for the call.
            let done = unsafe {
                function(
                    s.raw(),
                    what.file,
                    what.bytes,
                    0,
                    with.block,
                    around,
                    what.flags,
                )
            };
            if done == FALSE { SOCKET_ERROR } else { 0 }
        })
    }

    /// `TransmitPackets`.
    ///
    /// # Panics
    /// When the provider has no such function.
    #[must_use]
    pub fn transmit_packets(
        s: &Socket,
        elements: &[Element<'_>],
        send_size: u32,
        flags: u32,
        tell: Tell,
    ) -> Self {
        let function = packets_function(s);
        let memory = |element: &Element<'_>| match element.0 {
            Piece::Memory(bytes) => bytes.to_vec(),
            Piece::File(..) => Vec::new(),
        };
        Self::begin_with(tell, elements.iter().map(memory).collect(), |with| {
            // SAFETY: the count of an operation that has not begun.
            unsafe { with.count.write(0) };
            let array: Vec<_> = elements
                .iter()
                .zip(&with.buffers)
                .map(|(element, held)| raw_element(element, held.buf))
                .collect();
            let (start, count) = (array.as_ptr(), array.len() as u32);
            // SAFETY: data and block live until the operation has ended, the array for the call.
            let done = unsafe { function(s.raw(), start, count, send_size, with.block, flags) };
            if done == FALSE { SOCKET_ERROR } else { 0 }
        })
    }
}

/// `TransmitPackets` of `s` without an OVERLAPPED, by the pointer that `by` gave.
///
/// # Errors
/// The last error.
///
/// # Panics
/// When `by` has no such function.
pub fn transmit_packets(
    by: &Socket,
    s: SOCKET,
    elements: &[Element<'_>],
    send_size: u32,
    flags: u32,
) -> Result<(), Errno> {
    let array: Vec<_> = elements
        .iter()
        .map(|element| match element.0 {
            Piece::Memory(bytes) => raw_element(element, bytes.as_ptr().cast_mut()),
            Piece::File(..) => raw_element(element, null_mut()),
        })
        .collect();
    let (function, start, count) = (packets_function(by), array.as_ptr(), array.len() as u32);
    // SAFETY: array and data live for the call, which only reads them.
    truth(unsafe { function(s, start, count, send_size, null_mut(), flags) })
}

/// `TransmitPackets` of one element with these flags and no memory, or of elements that are not there.
///
/// # Errors
/// The last error.
///
/// # Panics
/// When the provider has no such function.
pub fn transmit_bad_packets(s: &Socket, element_flags: Option<u32>) -> Result<(), Errno> {
    let function = packets_function(s);
    let element = element_flags.map(|flags| TRANSMIT_PACKETS_ELEMENT {
        dwElFlags: flags,
        cLength: 8,
        ..TRANSMIT_PACKETS_ELEMENT::EMPTY
    });
    let start = element.as_ref().map_or(null(), std::ptr::from_ref);
    // SAFETY: NULL, or a live local that names nothing.
    truth(unsafe { function(s.raw(), start, 1, 0, null_mut(), 0) })
}

fn packets_function(by: &Socket) -> LPFN_TRANSMITPACKETS {
    // SAFETY: the pointer of that name has that type.
    unsafe { transmute::<usize, LPFN_TRANSMITPACKETS>(must_find(by, WSAID_TRANSMITPACKETS)) }
}

fn raw_element(element: &Element<'_>, memory: *mut u8) -> TRANSMIT_PACKETS_ELEMENT {
    let (kind, length, source) = match element.0 {
        Piece::Memory(bytes) => (
            TP_ELEMENT_MEMORY,
            bytes.len() as u32,
            TRANSMIT_PACKETS_ELEMENT_0 {
                pBuffer: memory.cast::<c_void>(),
            },
        ),
        Piece::File(file, offset, length) => (
            TP_ELEMENT_FILE,
            length,
            TRANSMIT_PACKETS_ELEMENT_0 {
                Anonymous: TRANSMIT_PACKETS_ELEMENT_0_0 {
                    nFileOffset: offset,
                    hFile: file,
                },
            },
        ),
    };
    TRANSMIT_PACKETS_ELEMENT {
        dwElFlags: kind | element.1,
        cLength: length,
        Anonymous: source,
    }
}
