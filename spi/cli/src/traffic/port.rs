//! Overlapped operations that end with a packet at a completion port, from which several threads
//! take them.

use super::exchange::Stopped;
use super::operation::Pending;
use super::overlapped::{Completions, Ended};
use super::worker::Worker;
use crate::Socket;
use crate::{socket, winsock};
use std::ptr::null_mut;
use std::time::Duration;
use ws2spi_abi::{Errno, FALSE, HANDLE, INVALID_HANDLE_VALUE, OVERLAPPED, WAIT_TIMEOUT};

/// A completion port; closed when dropped. The key of a socket is the number of its connection.
pub(super) struct Port(HANDLE);

impl Completions for Port {
    // All connections that there can be.
    const GROUP: u32 = 256;
    const WORKERS: u32 = 2;

    fn new(worker: &Worker<'_>) -> Result<Self, Stopped> {
        let port = worker.call("CreateIoCompletionPort", || {
            create(INVALID_HANDLE_VALUE, 0, 0)
        })?;
        Ok(Self(port))
    }

    fn attach(
        &self,
        worker: &Worker<'_>,
        socket: &Socket,
        connection: usize,
    ) -> Result<(), Stopped> {
        worker.call("CreateIoCompletionPort", || {
            create(socket.raw(), self.0, connection).map(drop)
        })
    }

    fn wait(&self, worker: &Worker<'_>, timeout: Duration) -> Result<Vec<Ended>, Stopped> {
        let Packet { block, key, result } =
            worker.watched("GetQueuedCompletionStatus", || self.next(timeout));
        if block.is_null() {
            return match result {
                // Woken, or the time is over.
                Ok(_) => Ok(Vec::new()),
                Err(error) if error.code() == WAIT_TIMEOUT as i32 => Ok(Vec::new()),
                Err(error) => Err(worker.fail(format_args!(
                    "GetQueuedCompletionStatus failed with {error}"
                ))),
            };
        }
        // SAFETY: packets of the sockets attached here are of operations that `Operation::begin` began.
        let pending = unsafe { Pending::of(block) };
        // SAFETY: its packet was queued, which is once and after its end.
        let operation = unsafe { pending.take_back() };
        if key != operation.connection() {
            let right = operation.connection();
            let what = format_args!("a packet has the key {key}, its socket has {right}");
            let _ = worker.fail(what);
        }
        Ok(vec![Ended { operation, result }])
    }

    fn wake(&self) {
        for _ in 0..Self::WORKERS {
            // SAFETY: no operation.
            unsafe { winsock::PostQueuedCompletionStatus(self.0, 0, 0, null_mut()) };
        }
    }
}

/// What was taken from the port; without a block, the answer to the wait.
struct Packet {
    block: *mut OVERLAPPED,
    key: usize,
    result: Result<usize, Errno>,
}

impl Port {
    fn next(&self, timeout: Duration) -> Packet {
        let (mut bytes, mut key, mut block) = (0, 0, null_mut());
        // SAFETY: all results are live locals.
        let got = unsafe {
            winsock::GetQueuedCompletionStatus(
                self.0,
                &raw mut bytes,
                &raw mut key,
                &raw mut block,
                timeout.as_millis() as u32,
            )
        };
        let result = match got {
            FALSE => Err(socket::last_error()),
            _ => Ok(bytes as usize),
        };
        Packet { block, key, result }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        // SAFETY: no pointers.
        unsafe { winsock::CloseHandle(self.0) };
    }
}

/// A new port, or a file's association with one.
fn create(file: HANDLE, port: HANDLE, key: usize) -> Result<HANDLE, Errno> {
    // SAFETY: no pointers.
    match unsafe { winsock::CreateIoCompletionPort(file, port, key, 0) } {
        0 => Err(socket::last_error()),
        port => Ok(port),
    }
}
