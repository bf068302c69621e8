//! Who is told of the end of a request, and how.
//!
//! A [`Ticket`] is the kernel's [`Request`] with the completion routine, if there is one, and what
//! cancellation asks: whose it is. [`Outcome`] is how it ended. Telling is the kernel role's
//! business (base-provider.md 4.2); nothing here waits or runs anybody's code.

use std::sync::Arc;

use ws2spi_abi::Errno;
use ws2spi_abi::MSG_OOB;
use ws2spi_abi::MSG_PARTIAL;
use ws2spi_abi::NtStatus;
use ws2spi_abi::args::CompletionRoutine;
use ws2spi_abi::args::OverlappedRequest;
use ws2spi_abi::provider::Transfer;
use ws2spi_kernel::file::FileState;
use ws2spi_kernel::file::Indication;
use ws2spi_kernel::file::Moment;
use ws2spi_kernel::file::Request;
use ws2spi_kernel::port::WakeUp;
use ws2spi_kernel::thread;
use ws2spi_kernel::thread::Apc;
use ws2spi_kernel::thread::Thread;

use super::super::message::Fit;
use super::routine;

/// The right, and the duty, to end one request.
#[derive(Debug)]
pub(in super::super) struct Ticket {
    request: Request,
    routine: Option<(CompletionRoutine, Arc<Thread>)>,
    /// The thread that issued it, once it waits.
    thread: u32,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Outcome {
    pub(in super::super) status: NtStatus,
    pub(in super::super) bytes: usize,
    pub(in super::super) flags: u32,
}

impl Outcome {
    /// It moved that many bytes.
    pub(in super::super) fn done(bytes: usize) -> Self {
        Self {
            status: NtStatus::SUCCESS,
            bytes,
            flags: 0,
        }
    }

    /// It received so many urgent bytes: one, or none into no room.
    pub(super) fn urgent(bytes: usize) -> Self {
        match bytes {
            0 => Self::done(0),
            bytes => Self {
                status: NtStatus::RECEIVE_EXPEDITED,
                bytes,
                flags: MSG_OOB,
            },
        }
    }

    /// The message was longer than the buffers, which are full (P147, P149).
    pub(in super::super) fn truncated(bytes: usize) -> Self {
        Self {
            status: NtStatus::BUFFER_OVERFLOW,
            bytes,
            flags: MSG_PARTIAL,
        }
    }

    /// The same, cut if the data of a message or what came beside them was (P159): its own flags say what.
    pub(super) fn fitting(self, fit: Fit) -> Self {
        match fit {
            Fit::Whole => self,
            Fit::Cut => Self {
                flags: 0,
                ..Self::truncated(self.bytes)
            },
        }
    }

    /// It failed: no bytes (base-provider.md 4.7).
    pub(in super::super) fn failed(status: NtStatus) -> Self {
        Self {
            status,
            bytes: 0,
            flags: 0,
        }
    }

    /// What a call returns that ends with this.
    fn transfer(self) -> Transfer {
        let (bytes, flags) = (self.bytes as u32, self.flags);
        if self.status == NtStatus::BUFFER_OVERFLOW {
            Transfer::Truncated { bytes, flags }
        } else {
            Transfer::Done { bytes, flags }
        }
    }
}

impl Ticket {
    /// Begins a request on a file: its block is pending from now on.
    ///
    /// # Errors
    /// `INVAL` for a routine on a file that has a port (P223), `INVALID_HANDLE` for an event that is
    /// none; nothing was begun then.
    pub(in super::super) fn begin(
        file: &FileState,
        asked: &OverlappedRequest,
    ) -> Result<Self, Errno> {
        let routine = match asked.routine {
            Some(_) if file.has_port() => return Err(Errno::INVAL),
            Some(routine) => {
                let thread = thread_of(asked);
                thread.expect_apcs();
                Some((routine, thread))
            }
            None => None,
        };
        let tell = if routine.is_some() {
            Indication::Routine
        } else {
            Indication::Event
        };
        Ok(Self {
            request: file.begin(asked.overlapped, tell)?,
            routine,
            thread: 0,
        })
    }

    /// From now on the request waits on behalf of the calling thread.
    pub(super) fn wait_for(&mut self, thread: u32) {
        self.thread = thread;
    }

    /// The thread that issued it.
    pub(super) fn thread(&self) -> u32 {
        self.thread
    }

    /// The address of its block.
    pub(in super::super) fn block(&self) -> usize {
        self.request.overlapped().address()
    }

    /// Whether an event of its own is set at the end.
    pub(super) fn has_event(&self) -> bool {
        self.routine.is_none() && self.request.overlapped().event() != 0
    }

    /// Whether its end is a packet at a port, if it is to wait.
    pub(super) fn posts(&self, file: &FileState) -> bool {
        self.routine.is_none() && file.posts(&self.request)
    }

    /// Ends it within the call that made it; what the call returns, and whom to wake without a lock.
    pub(in super::super) fn finish_now(
        self,
        file: &FileState,
        outcome: Outcome,
    ) -> (Transfer, WakeUp) {
        let wake_up = self.tell(file, outcome, Moment::Immediate);
        (outcome.transfer(), wake_up)
    }

    /// Ends it later; whom to wake without a lock.
    pub(in super::super) fn finish(self, file: &FileState, outcome: Outcome) -> WakeUp {
        self.tell(file, outcome, Moment::Later)
    }

    /// Ends it without telling anybody: its block alone says that it was aborted (U112).
    pub(super) fn abandon(self) {
        self.request.overlapped().finish(NtStatus::CANCELLED, 0);
    }

    fn tell(self, file: &FileState, outcome: Outcome, when: Moment) -> WakeUp {
        let Outcome {
            status,
            bytes,
            flags,
        } = outcome;
        let Some((routine, thread)) = self.routine else {
            return file.complete(self.request, status, bytes, when);
        };
        let call = routine::Call {
            routine,
            error: status.winsock().map_or(0, |error| error.code() as u32),
            bytes: bytes as u32,
            overlapped: *self.request.overlapped(),
            flags,
        };
        // The file's own state tells sockets apart as well as anything.
        let socket = std::ptr::from_ref(file).addr();
        let apc = Apc::new(move || routine::run(socket, call));
        file.complete_by_apc(self.request, status, bytes, &thread, apc);
        WakeUp::default()
    }
}

/// The thread on which the routine runs: the one that issued the request, as the client DLL
/// identified it, or else the one that calls.
fn thread_of(asked: &OverlappedRequest) -> Arc<Thread> {
    asked
        .thread
        .and_then(|id| thread::from_handle(id.ThreadHandle))
        .unwrap_or_else(thread::current)
}

/// What a request that fails with `error` leaves in its block.
pub(in super::super) fn status_of(error: Errno) -> NtStatus {
    NtStatus::from_winsock(error)
}
