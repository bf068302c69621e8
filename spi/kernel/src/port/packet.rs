//! What a completion port carries.

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;

/// A completion packet.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[doc(alias = "OVERLAPPED_ENTRY")]
pub struct Packet {
    /// The key that the file was associated with, or the poster's.
    pub key: usize,
    /// The address of the `OVERLAPPED`, or what the poster gave; 0 for none.
    pub overlapped: usize,
    /// How many bytes were transferred.
    pub bytes: u32,
    /// The status, as in `OVERLAPPED.Internal`.
    pub status: NtStatus,
    /// What `GetQueuedCompletionStatus` reports; 0 for success.
    pub error: i32,
}

impl Packet {
    /// The packet of a finished operation.
    #[must_use]
    pub fn of_operation(key: usize, overlapped: usize, status: NtStatus, bytes: usize) -> Self {
        Self {
            key,
            overlapped,
            bytes: u32::try_from(bytes).unwrap_or(u32::MAX),
            status,
            error: status.win32().map_or(0, Errno::code),
        }
    }

    /// A packet of one's own: three words that the port does not look at.
    #[must_use]
    pub fn of_user(key: usize, overlapped: usize, bytes: u32) -> Self {
        Self {
            key,
            overlapped,
            bytes,
            ..Self::default()
        }
    }

    /// The error of the operation; `None` for success.
    #[must_use]
    pub fn failure(&self) -> Option<Errno> {
        Errno::new(self.error)
    }
}
