//! AcceptEx, ConnectEx, DisconnectEx, TransmitFile, TransmitPackets and GetAcceptExSockaddrs.

use core::ffi::c_void;

use ws2spi_abi::BOOL;
use ws2spi_abi::Errno;
use ws2spi_abi::HANDLE;
use ws2spi_abi::OVERLAPPED;
use ws2spi_abi::SOCKADDR;
use ws2spi_abi::SOCKET;
use ws2spi_abi::TP_ELEMENT_EOP;
use ws2spi_abi::TP_ELEMENT_FILE;
use ws2spi_abi::TP_ELEMENT_MEMORY;
use ws2spi_abi::TRANSMIT_FILE_BUFFERS;
use ws2spi_abi::TRANSMIT_PACKETS_ELEMENT;
use ws2spi_abi::WSABUF;
use ws2spi_abi::args::AddressIn;
use ws2spi_abi::args::Buffers;
use ws2spi_abi::args::BuffersMut;
use ws2spi_abi::args::HeldBuffers;

use super::super::file::Element;
use super::super::file::ElementSource;
use super::super::file::FileCall;
use super::super::file::Lent;
use super::super::file::PacketsCall;
use super::super::requests::accepting::Room;
use super::block_of;
use super::done;
use super::stack;
use super::truth;

/// Microsoft: `AcceptEx`. Never blocks.
#[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub(super) unsafe extern "system" fn accept_ex(
    listener: SOCKET,
    acceptor: SOCKET,
    out: *mut c_void,
    receive_length: u32,
    local_length: u32,
    remote_length: u32,
    _received: *mut u32,
    overlapped: *mut OVERLAPPED,
) -> BOOL {
    truth("AcceptEx", || {
        let acceptor = stack().find(acceptor);
        let room = Room {
            data: receive_length as usize,
            local: local_length as usize,
            remote: remote_length as usize,
        };
        let total = room.data + room.local + room.remote;
        let buffer = WSABUF {
            len: u32::try_from(total).map_err(|_| Errno::FAULT)?,
            buf: out.cast(),
        };
        // SAFETY: the caller's contract (AcceptEx): one buffer with room for all three parts, until the
        // request is finished.
        let out = unsafe { BuffersMut::new(&raw const buffer, 1) };
        // SAFETY: as above: null or a block that stays.
        let overlapped = unsafe { block_of(overlapped) };
        stack().with(listener, |listener| {
            done(listener.accept_ex(acceptor?, &out, room, &overlapped)?)
        })
    })
}

/// Microsoft: `ConnectEx`. Never blocks.
pub(super) unsafe extern "system" fn connect_ex(
    s: SOCKET,
    name: *const SOCKADDR,
    length: i32,
    data: *mut c_void,
    data_length: u32,
    _sent: *mut u32,
    overlapped: *mut OVERLAPPED,
) -> BOOL {
    truth("ConnectEx", || {
        // SAFETY: the caller's contract (ConnectEx): name points to length bytes.
        let name = unsafe { AddressIn::new(name, length) };
        let buffer = WSABUF {
            len: if data.is_null() { 0 } else { data_length },
            buf: data.cast(),
        };
        // SAFETY: as above: that many bytes, until the request is finished.
        let data = unsafe { Buffers::new(&raw const buffer, 1) };
        // SAFETY: as above: null or a block that stays.
        let overlapped = unsafe { block_of(overlapped) };
        stack().with(s, |socket| {
            done(socket.connect_ex(name, &data, &overlapped)?)
        })
    })
}

/// Microsoft: `DisconnectEx`. Without an OVERLAPPED it may block when the socket is to be reused.
pub(super) unsafe extern "system" fn disconnect_ex(
    s: SOCKET,
    overlapped: *mut OVERLAPPED,
    flags: u32,
    reserved: u32,
) -> BOOL {
    truth("DisconnectEx", || {
        // SAFETY: the caller's contract (DisconnectEx): null or a block that stays.
        let overlapped = unsafe { block_of(overlapped) };
        stack().with(s, |socket| {
            done(socket.disconnect_ex(&overlapped, flags, reserved)?)
        })
    })
}

/// Microsoft: `TransmitFile`. Without an OVERLAPPED it blocks until all was sent.
pub(super) unsafe extern "system" fn transmit_file(
    s: SOCKET,
    file: HANDLE,
    bytes: u32,
    bytes_per_send: u32,
    overlapped: *mut OVERLAPPED,
    buffers: *const TRANSMIT_FILE_BUFFERS,
    flags: u32,
) -> BOOL {
    truth("TransmitFile", || {
        let given = if buffers.is_null() {
            TRANSMIT_FILE_BUFFERS::EMPTY
        } else {
            // SAFETY: the caller's contract (TransmitFile): not null, so it points to the structure.
            unsafe { buffers.read_unaligned() }
        };
        let call = FileCall {
            file,
            bytes,
            bytes_per_send,
            // SAFETY: as above: Head points to HeadLength bytes, until the request is finished.
            head: unsafe { lent(given.Head, given.HeadLength) },
            // SAFETY: as above, for Tail.
            tail: unsafe { lent(given.Tail, given.TailLength) },
            flags,
            // SAFETY: as above: null or a block that stays.
            overlapped: unsafe { block_of(overlapped) },
        };
        stack().with(s, |socket| done(socket.transmit_file(call)?))
    })
}

/// Microsoft: `TransmitPackets` (LPFN_TRANSMITPACKETS). Without an OVERLAPPED it blocks until all was
/// sent.
pub(super) unsafe extern "system" fn transmit_packets(
    s: SOCKET,
    elements: *const TRANSMIT_PACKETS_ELEMENT,
    count: u32,
    send_size: u32,
    overlapped: *mut OVERLAPPED,
    flags: u32,
) -> BOOL {
    truth("TransmitPackets", || {
        stack().with(s, |socket| {
            let call = PacketsCall {
                // SAFETY: the caller's contract (TransmitPackets): that many elements, whose memory stays
                // until the request is finished.
                elements: unsafe { elements_of(elements, count) },
                send_size,
                flags,
                // SAFETY: as above: null or a block that stays.
                overlapped: unsafe { block_of(overlapped) },
            };
            done(socket.transmit_packets(call)?)
        })
    })
}

/// Memory of a caller.
///
/// # Safety
/// `start` is null or points to `length` bytes that stay until the value is dropped.
unsafe fn lent(start: *const c_void, length: u32) -> Lent {
    Lent {
        // SAFETY: the caller's contract.
        data: unsafe { HeldBuffers::of_one(start.cast(), length) },
        length,
        missing: start.is_null() && length > 0,
    }
}

/// The elements of TransmitPackets.
///
/// # Errors
/// `FAULT` without an array, `INVAL` for an element with unknown flags, or of memory and a file.
///
/// # Safety
/// `array` is null or points to `count` elements, whose memory stays until the values are dropped.
unsafe fn elements_of(
    array: *const TRANSMIT_PACKETS_ELEMENT,
    count: u32,
) -> Result<Vec<Element>, Errno> {
    if array.is_null() && count > 0 {
        return Err(Errno::FAULT);
    }
    let mut elements = Vec::new();
    for at in 0..count as usize {
        // SAFETY: the caller's contract: within the array.
        let place = unsafe { array.add(at) };
        // SAFETY: as above.
        let element = unsafe { place.read_unaligned() };
        let source = match element.dwElFlags & !TP_ELEMENT_EOP {
            TP_ELEMENT_MEMORY => {
                // SAFETY: the flags say that it is memory; any bits are a pointer.
                let start = unsafe { element.Anonymous.pBuffer };
                // SAFETY: the caller's contract.
                ElementSource::Memory(unsafe { lent(start, element.cLength) })
            }
            // A file is what an element is that does not say.
            0 | TP_ELEMENT_FILE => {
                // SAFETY: both members of the structure are numbers.
                let file = unsafe { element.Anonymous.Anonymous };
                ElementSource::File {
                    file: file.hFile,
                    offset: file.nFileOffset,
                    length: element.cLength,
                }
            }
            _ => return Err(Errno::INVAL),
        };
        elements.push(Element {
            source,
            ends_packet: element.dwElFlags & TP_ELEMENT_EOP != 0,
        });
    }
    Ok(elements)
}

/// Microsoft: `GetAcceptExSockaddrs`. Finds the addresses in the buffer of an AcceptEx: each block is
/// a length of four bytes and the address. Outputs of a block of no length are left alone.
#[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub(super) unsafe extern "system" fn get_accept_ex_sockaddrs(
    buffer: *mut c_void,
    receive_length: u32,
    local_length: u32,
    remote_length: u32,
    local: *mut *mut SOCKADDR,
    local_size: *mut i32,
    remote: *mut *mut SOCKADDR,
    remote_size: *mut i32,
) {
    // There is nothing to answer with: the outputs of a call that fails stay as they are.
    let _ = truth("GetAcceptExSockaddrs", || {
        let first = buffer.cast::<u8>().wrapping_add(receive_length as usize);
        let second = first.wrapping_add(local_length as usize);
        let blocks = [
            (first, local_length, local, local_size),
            (second, remote_length, remote, remote_size),
        ];
        for (block, length, address, size) in blocks {
            let missing = buffer.is_null() || address.is_null() || size.is_null();
            if length as usize <= size_of::<i32>() || missing {
                continue;
            }
            // SAFETY: the caller's contract (GetAcceptExSockaddrs): the block lies in the buffer of an
            // AcceptEx and has more than four bytes.
            let stored = unsafe { block.cast::<i32>().read_unaligned() };
            // SAFETY: as above: the outputs are writable.
            unsafe { size.write_unaligned(stored) };
            let place = block.wrapping_add(size_of::<i32>()).cast();
            // SAFETY: as above.
            unsafe { address.write_unaligned(place) };
        }
        Ok::<(), Errno>(())
    });
}
