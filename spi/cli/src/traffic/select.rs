//! `select`: sockets that do not block, and three sets of them to wait for.

use super::exchange::Stopped;
use super::nonblocking::pending_error;
use super::readiness::{Ready, Want, Watcher};
use super::worker::Worker;
use crate::{socket, winsock};
use std::time::Duration;
use ws2spi_abi::{Errno, FD_SET, SOCKET, TIMEVAL};

/// Waits with `select`.
pub(super) struct Select;

impl Watcher for Select {
    fn new(_worker: &Worker<'_>) -> Result<Self, Stopped> {
        Ok(Self)
    }

    fn wait(
        &mut self,
        worker: &Worker<'_>,
        wants: &[Want],
        timeout: Duration,
    ) -> Result<Vec<Ready>, Stopped> {
        let mut read = set(wants, |want| want.read);
        let mut write = set(wants, |want| want.write);
        // Where a connection that is refused shows.
        let mut except = set(wants, |want| want.connect);
        worker.own_call("select", || {
            select(&mut read, &mut write, &mut except, timeout)
        })?;
        let mut all = Vec::new();
        for (index, want) in wants.iter().enumerate() {
            let refused = match has(&except, want.socket) {
                true => pending_error(worker, want.socket)?,
                false => None,
            };
            let ready = Ready {
                index,
                read: has(&read, want.socket),
                write: has(&write, want.socket),
                refused,
            };
            if ready.read || ready.write || ready.refused.is_some() {
                all.push(ready);
            }
        }
        Ok(all)
    }
}

fn set(wants: &[Want], wanted: impl Fn(&Want) -> bool) -> FD_SET {
    let mut set = FD_SET {
        fd_count: 0,
        fd_array: [0; 64],
    };
    let sockets = wants.iter().filter(|want| wanted(want));
    // A group has fewer sockets than a set has cells.
    for (cell, want) in set.fd_array.iter_mut().zip(sockets) {
        *cell = want.socket;
        set.fd_count += 1;
    }
    set
}

fn has(set: &FD_SET, socket: SOCKET) -> bool {
    let count = set.fd_array.len().min(set.fd_count as usize);
    set.fd_array[..count].contains(&socket)
}

fn select(
    read: &mut FD_SET,
    write: &mut FD_SET,
    except: &mut FD_SET,
    timeout: Duration,
) -> Result<i32, Errno> {
    let timeout = TIMEVAL {
        tv_sec: timeout.as_secs() as i32,
        tv_usec: timeout.subsec_micros() as i32,
    };
    // SAFETY: the sets and the time live for the call.
    socket::checked(unsafe {
        winsock::select(
            0,
            &raw mut *read,
            &raw mut *write,
            &raw mut *except,
            &raw const timeout,
        )
    })
}
