//! Counts and lengths that a function reports, against the room there was: V002.

use crate::checks::Checks;
use crate::memory;
use crate::nest::Call;
use crate::rule;
use ws2spi::trace::{Answer, Place, Procedure};
use ws2spi_abi::{WSABUF, WSAEMSGSIZE};

/// The room that the caller of a function has, where the function reports how much of it is used.
pub(crate) fn room(call: &Procedure) -> Option<u64> {
    match *call {
        Procedure::recv { bufs, count, .. }
        | Procedure::recv_from { bufs, count, .. }
        | Procedure::send { bufs, count, .. }
        | Procedure::send_to { bufs, count, .. } => Some(sum(bufs, count)),
        Procedure::ioctl { output_len, .. } => Some(u64::from(output_len)),
        Procedure::get_sock_name { len, .. }
        | Procedure::get_peer_name { len, .. }
        | Procedure::get_sock_opt { len, .. } => length(len),
        Procedure::accept { addr, addrlen, .. } if !addr.is_null() => length(addrlen),
        _ => None,
    }
}

fn sum(bufs: *const WSABUF, count: u32) -> u64 {
    // SAFETY: the caller's contract (WSPSend, WSPRecv): so many buffers.
    let bufs = unsafe { memory::list(bufs, count as usize) };
    bufs.iter().map(|buf| u64::from(buf.len)).sum()
}

fn length(len: *const i32) -> Option<u64> {
    // SAFETY: the caller's contract: a length is NULL or readable.
    let len = unsafe { memory::read(len) }?;
    u64::try_from(len).ok()
}

/// What a function reports.
fn used(call: &Procedure, answer: &Answer) -> Option<u64> {
    let is_partial = answer.failed && answer.stored.code() == WSAEMSGSIZE;
    let bytes = match *call {
        Procedure::recv { got, .. } | Procedure::recv_from { got, .. }
            if !answer.failed || is_partial =>
        {
            got
        }
        _ if answer.failed => return None,
        Procedure::send { sent, .. } | Procedure::send_to { sent, .. } => sent,
        Procedure::ioctl { returned, .. } => returned,
        Procedure::get_sock_name { len, .. }
        | Procedure::get_peer_name { len, .. }
        | Procedure::get_sock_opt { len, .. }
        | Procedure::accept { addrlen: len, .. } => return length(len),
        _ => return None,
    };
    // SAFETY: the caller's contract: a count is NULL or writable, and the function has returned without keeping it.
    unsafe { memory::read(bytes) }.map(u64::from)
}

impl Checks {
    pub(crate) fn check_lengths(&self, at: &Place, call: &Procedure, answer: &Answer, left: &Call) {
        let Some(room) = left.room else {
            return;
        };
        if let Some(used) = used(call, answer).filter(|used| *used > room) {
            let what = format!("reported {used} bytes where there was room for {room}");
            self.report_answer(&rule::TOO_MUCH, at, call, left, what);
        }
    }
}
