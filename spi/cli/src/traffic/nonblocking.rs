//! Non-blocking I/O: calls that answer WSAEWOULDBLOCK, and `WSAPoll` where all of them did.

use super::exchange::Stopped;
use super::readiness::{Ready, Want, Watcher};
use super::worker::Worker;
use crate::{socket, winsock};
use std::time::Duration;
use ws2spi_abi::{
    Errno, POLLERR, POLLHUP, POLLNVAL, POLLRDNORM, POLLWRNORM, SO_ERROR, SOL_SOCKET, WSAPOLLFD,
};

/// Waits with `WSAPoll`.
pub(super) struct Poll(Vec<WSAPOLLFD>);

impl Watcher for Poll {
    fn new(_worker: &Worker<'_>) -> Result<Self, Stopped> {
        Ok(Self(Vec::new()))
    }

    fn wait(
        &mut self,
        worker: &Worker<'_>,
        wants: &[Want],
        timeout: Duration,
    ) -> Result<Vec<Ready>, Stopped> {
        self.0.clear();
        self.0.extend(wants.iter().map(|want| WSAPOLLFD {
            fd: want.socket,
            events: bit(want.read, POLLRDNORM) | bit(want.write, POLLWRNORM),
            revents: 0,
        }));
        worker.own_call("WSAPoll", || poll(&mut self.0, timeout))?;
        let mut all = Vec::new();
        for (index, (cell, want)) in self.0.iter().zip(wants).enumerate() {
            let has = |bits: i16| cell.revents & bits != 0;
            if has(POLLNVAL) {
                return Err(worker.fail("WSAPoll reports POLLNVAL for a socket that is open"));
            }
            let broken = has(POLLERR | POLLHUP);
            let refused = match broken && want.connect {
                true => pending_error(worker, want.socket)?,
                false => None,
            };
            if cell.revents != 0 {
                all.push(Ready {
                    index,
                    read: has(POLLRDNORM) || broken,
                    write: has(POLLWRNORM) || broken,
                    refused,
                });
            }
        }
        Ok(all)
    }
}

fn bit(wanted: bool, bit: i16) -> i16 {
    if wanted { bit } else { 0 }
}

fn poll(cells: &mut [WSAPOLLFD], timeout: Duration) -> Result<i32, Errno> {
    let (count, ms) = (cells.len() as u32, timeout.as_millis() as i32);
    // SAFETY: the array has `count` cells and lives for the call.
    socket::checked(unsafe { winsock::WSAPoll(cells.as_mut_ptr(), count, ms) })
}

/// What `SO_ERROR` has for a socket whose connection was refused.
pub(super) fn pending_error(
    worker: &Worker<'_>,
    raw: ws2spi_abi::SOCKET,
) -> Result<Option<Errno>, Stopped> {
    let code = worker.call("getsockopt", || {
        let (mut code, mut len) = (0i32, 4);
        let place = (&raw mut code).cast();
        // SAFETY: the value is a live local of `len` bytes.
        let result = unsafe { winsock::getsockopt(raw, SOL_SOCKET, SO_ERROR, place, &raw mut len) };
        socket::checked(result).map(|_| code)
    })?;
    Ok(Errno::new(code).or(Some(Errno::CONNREFUSED)))
}
