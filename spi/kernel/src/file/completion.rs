//! How an overlapped operation begins and ends.
//!
//! ```text
//! begin : hEvent must be an event; Internal = STATUS_PENDING; event and file are reset
//! end   : InternalHigh, then Internal (release), then one of
//!           routine given      the APC is queued; hEvent is not looked at
//!           otherwise          the event is set, or the file's signal without one; and, if the
//!                              file has a port, a packet is queued there
//!         no packet if bit 0 of hEvent is set, or if the operation succeeded within the call and
//!         the file skips the port then
//! ```
//!
//! Sources: base-provider.md 4.2, client-dll.md 6.1; GetQueuedCompletionStatus and
//! SetFileCompletionNotificationModes, "Remarks". A [`Request`] is finished exactly once because
//! finishing consumes it. The event is the object that the handle stood for at the beginning.

use std::sync::Arc;

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::args::Overlapped;

use super::state::FileState;
use super::state::Modes;
use crate::event;
use crate::event::Event;
use crate::handles;
use crate::port::Packet;
use crate::port::WakeUp;
use crate::thread::Apc;
use crate::thread::Thread;
use crate::watch;

/// How the end of a request is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Indication {
    /// By event, file signal and port.
    Event,
    /// By a completion routine; `hEvent` is the application's then.
    Routine,
}

/// When a request is finished.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// Within the call that began it, which returns the result itself.
    Immediate,
    /// After that call has returned `WSA_IO_PENDING`.
    Later,
}

/// An overlapped operation, from its beginning to its end.
///
/// Whoever holds it finishes it with [`FileState::complete`] or
/// [`complete_by_apc`](FileState::complete_by_apc), on any thread; dropping it tells nobody
/// anything, which is right when the call that began it fails, and after the last `WSPCleanup`.
#[derive(Debug)]
pub struct Request {
    overlapped: Overlapped,
    event: Option<Arc<Event>>,
    packet: bool,
}

impl Request {
    /// The application's block.
    #[must_use]
    pub fn overlapped(&self) -> &Overlapped {
        &self.overlapped
    }
}

impl FileState {
    /// Begins an operation: marks the block as pending (P205) and resets its event and the file.
    ///
    /// # Errors
    /// `WSA_INVALID_HANDLE` when `hEvent` is wanted and not an event; the block is untouched then.
    pub fn begin(&self, overlapped: Overlapped, tell: Indication) -> Result<Request, Errno> {
        let event = match (tell, overlapped.event()) {
            (Indication::Routine, _) | (_, 0) => None,
            (Indication::Event, raw) => Some(event::from_handle(raw)?),
        };
        let packet = tell == Indication::Event && !overlapped.suppresses_packet();
        let overlapped = watch::beginning(overlapped);
        overlapped.begin();
        self.signal().reset();
        if let Some(event) = &event {
            event.reset();
        }
        Ok(Request {
            overlapped,
            event,
            packet,
        })
    }

    /// Finishes an operation and tells it by event, file signal and port. Never blocks. A thread
    /// that waits at the port goes on when the answer is dropped.
    pub fn complete(
        &self,
        request: Request,
        status: NtStatus,
        bytes: usize,
        when: Moment,
    ) -> WakeUp {
        let Request {
            overlapped,
            event,
            packet,
        } = request;
        let skipped = when == Moment::Immediate
            && status.is_success()
            && self.modes().contain(Modes::SKIP_PORT_ON_SUCCESS);
        let block = overlapped.address();
        watch::ending(&overlapped, status, bytes);
        // From here on the block is the application's.
        overlapped.finish(status, bytes);
        self.set_event(event.as_deref(), status);
        match self.association().filter(|_| packet && !skipped) {
            Some(to) => {
                let packet = Packet::of_operation(to.key, block, status, bytes);
                to.port.post_quietly(packet)
            }
            None => WakeUp::default(),
        }
    }

    /// Whether the end of `request` is a packet at a port, if it does not end within the call that made it.
    #[must_use]
    pub fn posts(&self, request: &Request) -> bool {
        request.packet && self.has_port()
    }

    /// Finishes an operation whose caller gave a completion routine: `apc` is queued to the thread,
    /// or dropped if it has exited.
    pub fn complete_by_apc(
        &self,
        request: Request,
        status: NtStatus,
        bytes: usize,
        thread: &Thread,
        apc: Apc,
    ) {
        watch::ending(&request.overlapped, status, bytes);
        request.overlapped.finish(status, bytes);
        self.set_event(None, status);
        // A thread that has exited runs nothing any more; that is no failure of the operation.
        let _ = thread.queue_apc(apc);
    }

    pub(crate) fn set_event(&self, event: Option<&Event>, status: NtStatus) {
        let skipped = status.is_success() && self.modes().contain(Modes::SKIP_EVENT_ON_HANDLE);
        match event {
            Some(event) => event.set(),
            None if skipped => {}
            None => self.signal().set(),
        }
    }
}

/// Finishes an operation on a minted handle for its provider, which began it by itself and tells
/// the error as a number of its own: `Internal` is that number, and so is what a port's consumer
/// sees. `Offset` and `OffsetHigh` are left alone. Never blocks.
///
/// # Errors
/// `WSAEINVAL` when the handle is not minted, or closed; the block is untouched then.
#[doc(alias = "WPUCompleteOverlappedRequest")]
pub fn complete_minted(
    handle: usize,
    overlapped: Overlapped,
    error: u32,
    bytes: usize,
) -> Result<(), Errno> {
    let pinned = minted(handle)?;
    let (wanted, packet) = (overlapped.event(), !overlapped.suppresses_packet());
    let event = event::from_handle(wanted);
    let block = overlapped.address();
    let status = final_status(error);
    overlapped.finish(status, bytes);
    // Without an object nobody waits for the handle, and it has no port.
    let file = pinned
        .object()
        .and_then(|object| object.as_file())
        .map(|file| file.state());
    match (&event, file) {
        (Ok(event), _) => event.set(),
        (Err(_), Some(file)) if wanted == 0 => file.set_event(None, status),
        (Err(_), _) => {}
    }
    if let Some(to) = file.and_then(FileState::association).filter(|_| packet) {
        let told = Packet::of_operation(to.key, block, status, bytes);
        to.port.post(Packet {
            error: error.cast_signed(),
            ..told
        });
    }
    Ok(())
}

/// As [`complete_minted`], but tells nobody: what a request ends with when its provider is cleaned up.
///
/// # Errors
/// `WSAEINVAL` when the handle is not minted, or closed; the block is untouched then.
pub fn abandon_minted(
    handle: usize,
    overlapped: Overlapped,
    error: u32,
    bytes: usize,
) -> Result<(), Errno> {
    minted(handle).map(|_pinned| overlapped.finish(final_status(error), bytes))
}

fn minted(handle: usize) -> Result<handles::Pinned<'static>, Errno> {
    handles::pin(handle)
        .filter(handles::Pinned::is_minted)
        .ok_or(Errno::INVAL)
}

/// What a provider's error number leaves in `Internal`.
fn final_status(error: u32) -> NtStatus {
    match NtStatus(error) {
        // No error that a provider has for Winsock; the request must not look pending for ever.
        NtStatus::PENDING => NtStatus::INVALID_PARAMETER,
        status => status,
    }
}
