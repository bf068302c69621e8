//! AcceptEx, ConnectEx, DisconnectEx, TransmitFile and GetAcceptExSockaddrs.

use core::ffi::c_void;

use ws2spi_abi::BOOL;
use ws2spi_abi::Errno;
use ws2spi_abi::HANDLE;
use ws2spi_abi::OVERLAPPED;
use ws2spi_abi::SOCKADDR;
use ws2spi_abi::SOCKET;
use ws2spi_abi::TRANSMIT_FILE_BUFFERS;
use ws2spi_abi::WSABUF;
use ws2spi_abi::args::AddressIn;
use ws2spi_abi::args::Buffers;
use ws2spi_abi::args::BuffersMut;

use super::super::file::FileCall;
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
        let head = WSABUF {
            len: given.HeadLength,
            buf: given.Head.cast(),
        };
        let tail = WSABUF {
            len: given.TailLength,
            buf: given.Tail.cast(),
        };
        let call = FileCall {
            file,
            bytes,
            bytes_per_send,
            // SAFETY: as above: Head points to HeadLength bytes; the local outlives the call.
            head: unsafe { Buffers::new(&raw const head, 1) },
            // SAFETY: as above, for Tail.
            tail: unsafe { Buffers::new(&raw const tail, 1) },
            flags,
            overlapped: !overlapped.is_null(),
        };
        stack().with(s, |socket| socket.transmit_file(&call))
    })
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
