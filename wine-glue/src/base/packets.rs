//! `TransmitPackets`, which Wine does not have: made of its `WSASend` and `TransmitFile`.
//!
//! Without an `OVERLAPPED` the elements go one after another, runs of memory together. With one there has to
//! be a single request, so that count and completion are right: memory alone is one send, and memory, a file
//! and memory are what `TransmitFile` takes. DIFFERS: other orders of files with an `OVERLAPPED`, a file for
//! datagrams, and reuse of the socket are `WSAEOPNOTSUPP`.

use std::ptr;

use windows_sys::Win32::Foundation::SetLastError;
use ws2spi_abi::ffi::guard::guard;
use ws2spi_abi::*;
use ws2spi_kernel::event;

use crate::direct::Use;

use super::sockets;
use super::sockets::Socket;
use super::startup::NAME;
use super::system::System;
use super::system::system;

/// The address of the function, of type `LPFN_TRANSMITPACKETS`.
pub(super) fn function() -> usize {
    let function: LPFN_TRANSMITPACKETS = transmit_packets;
    function as usize
}

unsafe extern "system" fn transmit_packets(
    s: SOCKET,
    elements: *const TRANSMIT_PACKETS_ELEMENT,
    count: u32,
    _send_size: u32,
    overlapped: *mut OVERLAPPED,
    flags: u32,
) -> BOOL {
    let done = guard(NAME, "TransmitPackets", || {
        let socket = sockets::find(s)?;
        if elements.is_null() && count != 0 {
            return Err(Errno::FAULT);
        }
        if flags & TP_REUSE_SOCKET != 0 {
            let alone = flags & TP_DISCONNECT == 0;
            return Err(if alone {
                Errno::INVAL
            } else {
                Errno::OPNOTSUPP
            });
        }
        let elements: Vec<Element> = (0..count as usize)
            .map(|index| {
                let element = elements.wrapping_add(index);
                // SAFETY: the caller's contract: as many elements as are said.
                Element::of(&unsafe { element.read_unaligned() })
            })
            .collect::<Result<_, _>>()?;
        let job = Job {
            s,
            socket: &socket,
            system: system()?,
            disconnect: flags & TP_DISCONNECT != 0,
        };
        if overlapped.is_null() {
            job.run(&elements)
        } else {
            socket.direct.bar(&[Use::Send]);
            // SAFETY: the caller's contract: it lives until the request is complete.
            unsafe { job.begin(&elements, overlapped) }
        }
    });
    let code = done.err().map_or(0, Errno::code);
    // SAFETY: writes a word of the calling thread.
    unsafe { SetLastError(code.cast_unsigned()) };
    BOOL::from(code == 0)
}

/// One element.
#[derive(Clone, Copy)]
enum Element {
    Memory {
        buffer: WSABUF,
        ends: bool,
    },
    File {
        file: HANDLE,
        offset: i64,
        length: u32,
    },
}

impl Element {
    fn of(raw: &TRANSMIT_PACKETS_ELEMENT) -> Result<Self, Errno> {
        match raw.dwElFlags & (TP_ELEMENT_MEMORY | TP_ELEMENT_FILE) {
            TP_ELEMENT_MEMORY => Ok(Self::Memory {
                buffer: WSABUF {
                    len: raw.cLength,
                    // SAFETY: the flag says which member it is; any bits are a pointer.
                    buf: unsafe { raw.Anonymous.pBuffer }.cast(),
                },
                ends: raw.dwElFlags & TP_ELEMENT_EOP != 0,
            }),
            TP_ELEMENT_FILE => {
                // SAFETY: as above; any bits are an offset and a handle.
                let file = unsafe { raw.Anonymous.Anonymous };
                Ok(Self::File {
                    file: file.hFile,
                    offset: file.nFileOffset,
                    length: raw.cLength,
                })
            }
            _ => Err(Errno::INVAL),
        }
    }
}

struct Job<'a> {
    s: SOCKET,
    socket: &'a Socket,
    system: &'static System,
    disconnect: bool,
}

impl Job<'_> {
    /// Sends everything before it returns.
    fn run(&self, elements: &[Element]) -> Result<(), Errno> {
        let mut gathered = Vec::new();
        for &element in elements {
            match element {
                Element::Memory { buffer, ends } => {
                    gathered.push(buffer);
                    if ends && self.socket.is_datagram() {
                        self.send(&std::mem::take(&mut gathered))?;
                    }
                }
                Element::File { .. } if self.socket.is_datagram() => return Err(Errno::OPNOTSUPP),
                Element::File {
                    file,
                    offset,
                    length,
                } => {
                    self.send(&std::mem::take(&mut gathered))?;
                    self.wait(offset, |overlapped| {
                        // SAFETY: the block lives until the request is complete; no buffers.
                        unsafe { self.transmit(file, length, overlapped, ptr::null()) }
                    })?;
                }
            }
        }
        self.send(&gathered)?;
        if self.disconnect {
            // SAFETY: no pointers.
            unsafe { self.system.shut_down(self.s, SD_SEND) }?;
        }
        Ok(())
    }

    /// Begins one request for everything.
    ///
    /// # Safety
    /// `overlapped` lives until the request is complete, and so does the memory.
    unsafe fn begin(&self, elements: &[Element], overlapped: *mut OVERLAPPED) -> Result<(), Errno> {
        let memory: Option<Vec<WSABUF>> = elements.iter().map(Element::memory).collect();
        if self.disconnect {
            return Err(Errno::OPNOTSUPP);
        }
        if let Some(buffers) = memory {
            let ends = elements.iter().rev().skip(1).any(Element::ends);
            if ends && self.socket.is_datagram() {
                return Err(Errno::OPNOTSUPP);
            }
            // SAFETY: the caller's contract; the array may go after the call.
            let sent = unsafe {
                self.system.send(
                    self.s,
                    buffers.as_ptr(),
                    buffers.len() as u32,
                    ptr::null_mut(),
                    0,
                    overlapped,
                    RawCallback::NULL,
                )
            };
            return sent.map(drop);
        }
        let at = elements
            .iter()
            .position(|element| element.memory().is_none());
        let at = at.unwrap_or(0);
        let (head, tail) = (elements[..at].last(), elements.get(at + 1));
        let (
            Element::File {
                file,
                offset,
                length,
            },
            true,
        ) = (
            elements[at],
            at <= 1 && elements.len() <= at + 2 && !self.socket.is_datagram(),
        )
        else {
            return Err(Errno::OPNOTSUPP);
        };
        let part = |element: Option<&Element>| element.map(Element::memory);
        let (head, tail) = match (part(head), part(tail)) {
            (Some(None), _) | (_, Some(None)) => return Err(Errno::OPNOTSUPP),
            (head, tail) => (head.flatten(), tail.flatten()),
        };
        let nothing = WSABUF {
            len: 0,
            buf: ptr::null_mut(),
        };
        let (head, tail) = (head.unwrap_or(nothing), tail.unwrap_or(nothing));
        let buffers = TRANSMIT_FILE_BUFFERS {
            Head: head.buf.cast(),
            HeadLength: head.len,
            Tail: tail.buf.cast(),
            TailLength: tail.len,
        };
        // SAFETY: the caller's contract; the members are in no other use with this function.
        unsafe { store_offset(overlapped, offset) };
        // SAFETY: the caller's contract.
        unsafe { self.transmit(file, length, overlapped, &raw const buffers) }
    }

    fn send(&self, buffers: &[WSABUF]) -> Result<(), Errno> {
        if buffers.is_empty() {
            return Ok(());
        }
        self.wait(0, |overlapped| {
            // SAFETY: the block and the memory live until the request is complete.
            let sent = unsafe {
                self.system.send(
                    self.s,
                    buffers.as_ptr(),
                    buffers.len() as u32,
                    ptr::null_mut(),
                    0,
                    overlapped,
                    RawCallback::NULL,
                )
            };
            sent.map(drop)
        })
    }

    /// Begins a request and waits for its end; no port hears of it.
    fn wait(
        &self,
        offset: i64,
        begin: impl FnOnce(*mut OVERLAPPED) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let signal = event::create(event::Reset::Manual, false)?.raw();
        let mut overlapped = OVERLAPPED {
            // The low bit keeps the packet from a port.
            hEvent: signal | 1,
            ..OVERLAPPED::EMPTY
        };
        // SAFETY: a live local.
        unsafe { store_offset(&raw mut overlapped, offset) };
        let begun = begin(&raw mut overlapped);
        let ended = match begun {
            Ok(()) | Err(Errno::IO_PENDING) => {
                let (mut bytes, mut flags) = (0, 0);
                // SAFETY: live locals; it returns when the request is complete.
                let result = unsafe {
                    let overlapped = &raw mut overlapped;
                    self.system.overlapped_result(
                        self.s,
                        overlapped,
                        &raw mut bytes,
                        TRUE,
                        &raw mut flags,
                    )
                };
                result.map(drop)
            }
            Err(error) => Err(error),
        };
        // Ours, and nobody uses it any more.
        let _ = event::close(signal);
        ended
    }

    /// Wine's `TransmitFile`.
    ///
    /// # Safety
    /// `overlapped` and what `buffers` points to live until the request is complete.
    unsafe fn transmit(
        &self,
        file: HANDLE,
        length: u32,
        overlapped: *mut OVERLAPPED,
        buffers: *const TRANSMIT_FILE_BUFFERS,
    ) -> Result<(), Errno> {
        let (id, mut function, mut returned) = (WSAID_TRANSMITFILE, 0, 0);
        // SAFETY: live locals, as long as is said.
        unsafe {
            self.system.ioctl(
                self.s,
                SIO_GET_EXTENSION_FUNCTION_POINTER,
                (&raw const id).cast(),
                size_of::<GUID>() as u32,
                (&raw mut function).cast(),
                size_of::<usize>() as u32,
                &raw mut returned,
                ptr::null_mut(),
                RawCallback::NULL,
            )
        }?;
        // SAFETY: the identity says its type.
        let function = unsafe { std::mem::transmute::<usize, LPFN_TRANSMITFILE>(function) };
        self.system.judge(|| {
            // SAFETY: the caller's contract.
            unsafe { function(self.s, file, length, 0, overlapped, buffers, 0) != FALSE }
        })
    }
}

impl Element {
    /// Its memory; `None` for a file.
    fn memory(&self) -> Option<WSABUF> {
        match self {
            Self::Memory { buffer, .. } => Some(*buffer),
            Self::File { .. } => None,
        }
    }

    fn ends(&self) -> bool {
        matches!(self, Self::Memory { ends: true, .. })
    }
}

/// # Safety
/// `overlapped` is writable.
unsafe fn store_offset(overlapped: *mut OVERLAPPED, offset: i64) {
    // SAFETY: the caller's contract.
    let low = unsafe { &raw mut (*overlapped).Offset };
    // SAFETY: as above.
    unsafe { low.write_unaligned(offset as u32) };
    // SAFETY: as above.
    let high = unsafe { &raw mut (*overlapped).OffsetHigh };
    // SAFETY: as above.
    unsafe { high.write_unaligned((offset >> 32) as u32) };
}
