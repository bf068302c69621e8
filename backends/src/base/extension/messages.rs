//! WSARecvMsg, WSASendMsg and WSAPoll.

use std::ptr;

use ws2spi_abi::Errno;
use ws2spi_abi::OVERLAPPED;
use ws2spi_abi::RawCallback;
use ws2spi_abi::SOCKET;
use ws2spi_abi::WSAMSG;
use ws2spi_abi::WSAPOLLFD;
use ws2spi_abi::args::AddressIn;
use ws2spi_abi::args::Buffers;
use ws2spi_abi::args::MessageRoom;
use ws2spi_abi::args::OptionIn;
use ws2spi_abi::args::Out;
use ws2spi_abi::provider::Transfer;

use super::super::message::MessageIn;
use super::super::message::MessageOut;
use super::block_with;
use super::done;
use super::number;
use super::stack;

/// Microsoft: `WSARecvMsg` (mswsock.h). Datagram and raw sockets; may block without an OVERLAPPED.
pub(super) unsafe extern "system" fn wsa_recv_msg(
    s: SOCKET,
    message: *mut WSAMSG,
    count: *mut u32,
    overlapped: *mut OVERLAPPED,
    routine: RawCallback,
) -> i32 {
    number("WSARecvMsg", || {
        // SAFETY: the caller's contract (WSARecvMsg): null or writable.
        let count = unsafe { Out::new(count) };
        stack().with(s, |socket| {
            // SAFETY: as above: null or a WSAMSG, which stays with what it names until the request is
            // finished.
            let message = unsafe { MessageRoom::new(message) }.ok_or(Errno::FAULT)?;
            let call = MessageIn {
                message,
                count,
                // SAFETY: as above: null or a block that stays, null or a completion routine.
                overlapped: unsafe { block_with(overlapped, routine) },
            };
            counted(socket.received(socket.receive_with_control(&call)), count)
        })
    })
}

/// Microsoft: `WSASendMsg`. Datagram and raw sockets; may block without an OVERLAPPED.
pub(super) unsafe extern "system" fn wsa_send_msg(
    s: SOCKET,
    message: *mut WSAMSG,
    flags: u32,
    count: *mut u32,
    overlapped: *mut OVERLAPPED,
    routine: RawCallback,
) -> i32 {
    number("WSASendMsg", || {
        // SAFETY: the caller's contract (WSASendMsg): null or writable.
        let count = unsafe { Out::new(count) };
        stack().with(s, |socket| {
            if message.is_null() {
                return Err(Errno::FAULT);
            }
            // SAFETY: as above: not null, so it points to a WSAMSG.
            let given = unsafe { message.read_unaligned() };
            let control = i32::try_from(given.Control.len).map_err(|_| Errno::FAULT)?;
            let call = MessageOut {
                // SAFETY: as above: name points to namelen bytes.
                to: unsafe { AddressIn::new(given.name, given.namelen) },
                // SAFETY: as above: lpBuffers points to that many buffers, whose data stay until the
                // request is finished.
                buffers: unsafe { Buffers::new(given.lpBuffers, given.dwBufferCount) },
                // SAFETY: as above: Control is a buffer of its length.
                control: unsafe { OptionIn::new(given.Control.buf, control) },
                flags,
                count,
                // SAFETY: as above: null or a block that stays, null or a completion routine.
                overlapped: unsafe { block_with(overlapped, routine) },
            };
            counted(socket.sent(socket.send_with_control(&call)), count)
        })
    })
}

/// What a function with a count answers, which is stored when it is done already.
///
/// # Errors
/// `IO_PENDING` for a request that goes on, `MSGSIZE` for what was cut.
fn counted(answer: Result<Transfer, Errno>, count: Out<'_, u32>) -> Result<i32, Errno> {
    let transfer = answer?;
    if let Transfer::Done { bytes, .. } | Transfer::Truncated { bytes, .. } = transfer {
        count.set_if_wanted(bytes);
    }
    done(transfer).map(|()| 0)
}

/// Microsoft: `WSAPoll`. All sockets are of this provider; may block.
pub(super) unsafe extern "system" fn wsa_poll(
    requests: *mut WSAPOLLFD,
    count: u32,
    timeout: i32,
) -> i32 {
    number("WSAPoll", || {
        // P293: the count before the pointer.
        if count == 0 {
            return Err(Errno::INVAL);
        }
        if requests.is_null() {
            return Err(Errno::FAULT);
        }
        let mut own = Vec::with_capacity(count as usize);
        for index in 0..count as usize {
            // SAFETY: the caller's contract (WSAPoll): there are `count` elements.
            let place = unsafe { requests.add(index) };
            // SAFETY: as above.
            own.push(unsafe { place.read_unaligned() });
        }
        let answer = stack().poll(&mut own, timeout);
        for (index, request) in own.iter().enumerate() {
            // SAFETY: as above.
            let place = unsafe { requests.add(index) };
            // SAFETY: as above; the field lies within the element.
            let events = unsafe { &raw mut (*place).revents };
            // SAFETY: as above.
            unsafe { ptr::write_unaligned(events, request.revents) };
        }
        answer
    })
}
