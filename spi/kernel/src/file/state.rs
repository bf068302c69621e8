//! The state that every file object has: signal, port, notification modes, handles.

use std::sync::Arc;
use std::sync::OnceLock;

use ws2spi_abi::Errno;

use crate::handles::HandleCount;
use crate::port::Port;
use crate::signal::Signal;
use crate::sync::AtomicU32;
use crate::sync::Ordering::Relaxed;

/// Whether a file may have overlapped operations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overlapping {
    /// It may: a socket with `WSA_FLAG_OVERLAPPED`, or a minted handle.
    Allowed,
    /// It may not.
    Synchronous,
}

/// What a file leaves out when an operation completes. The modes of a file are added to, never
/// taken away.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Modes(u32);

impl Modes {
    /// An operation that succeeds within the call queues no packet.
    #[doc(alias = "FILE_SKIP_COMPLETION_PORT_ON_SUCCESS")]
    pub const SKIP_PORT_ON_SUCCESS: Self = Self(1);
    /// An operation that succeeds or pends does not signal the file itself.
    #[doc(alias = "FILE_SKIP_SET_EVENT_ON_HANDLE")]
    pub const SKIP_EVENT_ON_HANDLE: Self = Self(2);

    /// The modes of `SetFileCompletionNotificationModes`; `None` for bits that do not exist.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits & !3 == 0 {
            Some(Self(bits as u32))
        } else {
            None
        }
    }

    /// Whether all of `modes` are among these.
    #[must_use]
    pub const fn contain(self, modes: Self) -> bool {
        self.0 & modes.0 == modes.0
    }
}

/// The state of a file object.
#[derive(Debug)]
pub struct FileState {
    signal: Signal,
    /// Boxed: most files never have a port.
    association: OnceLock<Box<Association>>,
    /// The notification modes, and [`SYNCHRONOUS`].
    modes: AtomicU32,
    handles: HandleCount,
}

#[derive(Debug)]
pub(crate) struct Association {
    pub(crate) port: Arc<Port>,
    pub(crate) key: usize,
}

impl FileState {
    /// The state of a new file.
    #[must_use]
    pub const fn new(overlapping: Overlapping) -> Self {
        Self {
            signal: Signal::manual(false),
            association: OnceLock::new(),
            modes: AtomicU32::new(match overlapping {
                Overlapping::Allowed => 0,
                Overlapping::Synchronous => SYNCHRONOUS,
            }),
            handles: HandleCount::new(),
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

    /// Whether the file may have overlapped operations.
    #[must_use]
    pub fn overlapping(&self) -> Overlapping {
        if self.modes.load(Relaxed) & SYNCHRONOUS == 0 {
            Overlapping::Allowed
        } else {
            Overlapping::Synchronous
        }
    }

    /// Whether the file is associated with a port; a request with a completion routine is refused
    /// then (P223).
    #[must_use]
    pub fn has_port(&self) -> bool {
        self.association.get().is_some()
    }

    /// Associates the file with a port, once.
    ///
    /// # Errors
    /// `ERROR_INVALID_PARAMETER` when it is associated already or is not for overlapped I/O.
    #[doc(alias = "CreateIoCompletionPort")]
    pub fn associate(&self, port: Arc<Port>, key: usize) -> Result<(), Errno> {
        if self.overlapping() == Overlapping::Synchronous {
            return Err(Errno::INVALID_PARAMETER);
        }
        self.association
            .set(Box::new(Association { port, key }))
            .map_err(|_| Errno::INVALID_PARAMETER)
    }

    /// The notification modes.
    #[must_use]
    pub fn modes(&self) -> Modes {
        Modes(self.modes.load(Relaxed) & !SYNCHRONOUS)
    }

    /// Adds notification modes.
    #[doc(alias = "SetFileCompletionNotificationModes")]
    pub fn add_modes(&self, modes: Modes) {
        self.modes.fetch_or(modes.0, Relaxed);
    }

    pub(crate) fn association(&self) -> Option<&Association> {
        self.association.get().map(|association| &**association)
    }
}

/// The file may not have overlapped operations; beside the bits of [`Modes`].
const SYNCHRONOUS: u32 = 1 << 31;
