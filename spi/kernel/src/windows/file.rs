//! File objects of this process behind handles of the system's, and how their operations complete.
//!
//! ```text
//! begin : hEvent must be an event; Internal = STATUS_PENDING; event and file are reset
//! end   : InternalHigh, then Internal (release), then one of
//!           routine given      the APC is queued; hEvent is not looked at
//!           otherwise          the event is set, or the file's signal without one; and, if the
//!                              file has a port, a packet is put there
//! ```
//!
//! To the system such a file is a pipe without a name and without another end (`signal`): it can be waited
//! for, associated with a port once, and closed; reading and writing fail. Which port it was associated
//! with is learnt on the way (`interception`), and packets are put there directly.
//!
//! Sources: base-provider.md 4.2, client-dll.md 6.1.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::args::Overlapped;

use crate::handles;
use crate::handles::HandleCount;
use crate::handles::Kind;
use crate::handles::Object;
use crate::handles::Pinned;
use crate::nt;
use crate::signal::Signal;
use crate::system;
use crate::system::Owned;
use crate::thread::Apc;
use crate::thread::Thread;
use crate::watch;

/// A file object.
pub trait File: Object {
    /// Its state.
    fn state(&self) -> &FileState;

    /// Cancels pending requests: those that `whose` says, and of these only the one with the
    /// `OVERLAPPED` at that address if one is given. Returns how many there were; each completes
    /// with `STATUS_CANCELLED`.
    ///
    /// DIFFERS: the system's `CancelIoEx` does not come here.
    fn cancel(&self, whose: CancelScope, overlapped: Option<usize>) -> usize {
        let _ = (whose, overlapped);
        0
    }
}

/// Whose requests are cancelled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CancelScope {
    /// Those that the thread with that id began.
    #[doc(alias = "CancelIo")]
    Thread(u32),
    /// Everybody's.
    #[doc(alias = "CancelIoEx")]
    Everybody,
}

/// Whether a file may have overlapped operations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overlapping {
    /// It may.
    Allowed,
}

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
#[derive(Debug)]
pub struct Request {
    overlapped: Overlapped,
    /// The event as the handle stood for it at the beginning.
    event: Option<Owned>,
    packet: bool,
}

impl Request {
    /// The application's block.
    #[must_use]
    pub fn overlapped(&self) -> &Overlapped {
        &self.overlapped
    }
}

/// Who waits at the port has been told. Elsewhere that is done when the value is dropped.
#[derive(Debug)]
pub struct WakeUp(());

/// The state of a file object.
#[derive(Debug)]
pub struct FileState {
    signal: Signal,
    association: OnceLock<Association>,
    modes: AtomicU32,
    handles: HandleCount,
}

#[derive(Debug)]
struct Association {
    /// Open as long as the file lives, as the system's own reference to it is.
    port: Owned,
    key: usize,
}

impl FileState {
    /// The state of a new file, not signalled.
    #[must_use]
    pub fn new(overlapping: Overlapping) -> Self {
        match overlapping {
            Overlapping::Allowed => Self {
                signal: Signal::file(),
                association: OnceLock::new(),
                modes: AtomicU32::new(0),
                handles: HandleCount::new(),
            },
        }
    }

    /// The file's own signal: reset when an operation begins, set when one without an event ends.
    #[must_use]
    pub fn signal(&self) -> &Signal {
        &self.signal
    }

    /// Where the file's handles are counted.
    #[must_use]
    pub fn handles(&self) -> &HandleCount {
        &self.handles
    }

    /// Begins an operation: marks the block as pending (P205) and resets its event and the file.
    ///
    /// # Errors
    /// `WSA_INVALID_HANDLE` when `hEvent` is wanted and not an event; the block is untouched then.
    pub fn begin(&self, overlapped: Overlapped, tell: Indication) -> Result<Request, Errno> {
        let event = match (tell, overlapped.event()) {
            (Indication::Routine, _) | (_, 0) => None,
            (Indication::Event, raw) => {
                let event = Owned::duplicate_of(raw).map_err(|_| Errno::INVALID_HANDLE)?;
                if !system::reset_event(event.raw()) {
                    return Err(Errno::INVALID_HANDLE);
                }
                Some(event)
            }
        };
        let packet = tell == Indication::Event && !overlapped.suppresses_packet();
        let overlapped = watch::beginning(overlapped);
        overlapped.begin();
        self.signal.reset();
        Ok(Request {
            overlapped,
            event,
            packet,
        })
    }

    /// Finishes an operation and tells it by event, file signal and port.
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
            && self.modes.load(Relaxed) & SKIP_PORT_ON_SUCCESS != 0;
        let block = overlapped.address();
        watch::ending(&overlapped, status, bytes);
        // From here on the block is the application's.
        overlapped.finish(status, bytes);
        match event {
            Some(event) => {
                system::set_event(event.raw());
            }
            None => self.set_signal(status),
        }
        if packet && !skipped {
            self.post(block, status, bytes);
        }
        WakeUp(())
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
        self.set_signal(status);
        // A thread that has exited runs nothing any more; that is no failure of the operation.
        let _ = thread.queue_apc(apc);
    }

    fn set_signal(&self, status: NtStatus) {
        let skipped = status.is_success() && self.modes.load(Relaxed) & SKIP_EVENT_ON_HANDLE != 0;
        if !skipped {
            self.signal.set();
        }
    }

    /// Puts a packet into the file's port, if it has one.
    fn post(&self, block: usize, status: NtStatus, bytes: usize) {
        if let Some(to) = self.association.get() {
            // Without memory for a packet there is nobody left to tell.
            let _ = nt::post_packet(to.port.raw(), to.key, block, status, bytes);
        }
    }
}

/// The file object of a handle that `WPUCreateSocketHandle` minted.
///
/// It has a signal and may have a port. Reads and writes are the owning provider's business.
#[derive(Debug)]
pub struct Placeholder {
    state: FileState,
}

impl Placeholder {
    pub(crate) fn new() -> Self {
        Self {
            state: FileState::new(Overlapping::Allowed),
        }
    }
}

impl File for Placeholder {
    fn state(&self) -> &FileState {
        &self.state
    }
}

impl Object for Placeholder {
    fn kind(&self) -> Kind {
        Kind::File
    }

    fn signal(&self) -> Option<&Signal> {
        Some(self.state.signal())
    }

    fn as_file(&self) -> Option<&dyn File> {
        Some(self)
    }

    fn handles(&self) -> Option<&HandleCount> {
        Some(self.state.handles())
    }
}

/// Finishes an operation on a minted handle for its provider, which began it by itself and tells
/// the error as a number of its own. That number is what a port's consumer sees, and who asks for the
/// result of the block. `Offset` and `OffsetHigh` are left alone.
///
/// DIFFERS: elsewhere `Internal` is the number itself. Here the system reads it, to which such a number would
/// be a success; it is a status that carries the number. Winsock promises only that it is not 0x103.
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
    let block = overlapped.address();
    let status = status_of(error);
    overlapped.finish(status, bytes);
    let file = pinned.object().and_then(|object| object.as_file());
    let file = file.map(File::state);
    match (wanted, file) {
        (0, Some(file)) => file.set_signal(status),
        (0, None) => {}
        // What is no event is the application's mistake.
        (event, _) => {
            system::set_event(event);
        }
    }
    if let Some(file) = file.filter(|_| packet) {
        file.post(block, status, bytes);
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
    minted(handle).map(|_pinned| overlapped.finish(status_of(error), bytes))
}

/// The system has associated a handle with a port. Nothing happens when its file is the system's own.
pub(crate) fn associated(handle: usize, port: usize, key: usize) {
    with_state(handle, |state| {
        if let Ok(port) = Owned::duplicate_of(port) {
            // The system associates once only; it has refused the second time.
            let _ = state.association.set(Association { port, key });
        }
    });
}

/// The system has added notification modes to a handle.
pub(crate) fn add_modes(handle: usize, modes: u32) {
    with_state(handle, |state| {
        state.modes.fetch_or(modes, Relaxed);
    });
}

fn with_state(handle: usize, act: impl FnOnce(&FileState)) {
    let pinned = handles::known(handle);
    let object = pinned.as_ref().and_then(Pinned::object);
    if let Some(file) = object.and_then(|object: &Arc<dyn Object>| object.as_file()) {
        act(file.state());
    }
}

fn minted(handle: usize) -> Result<Pinned<'static>, Errno> {
    handles::known(handle)
        .filter(Pinned::is_minted)
        .ok_or(Errno::INVAL)
}

/// The status in the block and in the packet, which the system turns back into a provider's error number: an
/// error with the number in its low word. A status stays what it is.
fn status_of(error: u32) -> NtStatus {
    match error {
        0 => NtStatus::SUCCESS,
        1..=0xffff => NtStatus(WIN32_ERROR | error),
        status => NtStatus(status),
    }
}

/// The facility of Win32 errors among the statuses, as an error.
const WIN32_ERROR: u32 = 0xC007_0000;
/// `FILE_SKIP_COMPLETION_PORT_ON_SUCCESS`.
const SKIP_PORT_ON_SUCCESS: u32 = 1;
/// `FILE_SKIP_SET_EVENT_ON_HANDLE`.
const SKIP_EVENT_ON_HANDLE: u32 = 2;
