//! Completion ports.

use crate::socket::last_error;
use crate::wait::patience;
use crate::{Socket, winsock};
use std::ptr::null_mut;
use ws2spi_abi::*;

/// A completion port, closed when dropped.
#[derive(Debug)]
pub struct Port(HANDLE);

/// A packet that was taken from a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// The key of the handle.
    pub key: usize,
    /// The address of the block.
    pub block: usize,
    /// The count.
    pub bytes: u32,
    /// What `GetLastError` said when the call failed.
    pub error: Option<Errno>,
}

impl Port {
    /// A port.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "it makes a kernel object")]
    pub fn new() -> Self {
        // SAFETY: no pointers.
        let port = unsafe { winsock::CreateIoCompletionPort(INVALID_HANDLE_VALUE, 0, 0, 0) };
        assert_ne!(port, 0, "a completion port");
        Self(port)
    }

    /// A port with a socket.
    #[must_use]
    pub fn with(s: &Socket, key: usize) -> Self {
        let port = Self::new();
        port.associate(s, key).expect("the socket has no port yet");
        port
    }

    /// Its handle.
    #[must_use]
    pub fn raw(&self) -> HANDLE {
        self.0
    }

    /// Associates a socket.
    ///
    /// # Errors
    /// The last error.
    pub fn associate(&self, s: &Socket, key: usize) -> Result<(), Errno> {
        // SAFETY: no pointers.
        let port = unsafe { winsock::CreateIoCompletionPort(s.raw(), self.0, key, 0) };
        if port == 0 { Err(last_error()) } else { Ok(()) }
    }

    /// The next packet, if there is one.
    #[must_use]
    pub fn look(&self) -> Option<Packet> {
        self.take_within(0)
    }

    /// Waits for the next packet.
    ///
    /// # Panics
    /// When none comes.
    #[must_use]
    pub fn take(&self) -> Packet {
        self.take_within(patience().as_millis() as u32)
            .expect("a packet comes")
    }

    /// Waits for the next packet so many milliseconds.
    #[must_use]
    pub fn take_within(&self, milliseconds: u32) -> Option<Packet> {
        let (mut bytes, mut key, mut block) = (0, 0, null_mut());
        // SAFETY: live locals.
        let done = unsafe {
            winsock::GetQueuedCompletionStatus(
                self.0,
                &raw mut bytes,
                &raw mut key,
                &raw mut block,
                milliseconds,
            )
        };
        if done == FALSE && block.is_null() {
            let error = last_error();
            assert_eq!(error.code(), WAIT_TIMEOUT as i32, "the port works");
            return None;
        }
        Some(Packet {
            key,
            block: block.addr(),
            bytes,
            error: (done == FALSE).then(last_error),
        })
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        // SAFETY: no pointers.
        unsafe { winsock::CloseHandle(self.0) };
    }
}

/// `SetFileCompletionNotificationModes`.
///
/// # Errors
/// The last error.
pub fn set_modes(s: &Socket, modes: u8) -> Result<(), Errno> {
    // SAFETY: no pointers.
    let done = unsafe { winsock::SetFileCompletionNotificationModes(s.raw(), modes) };
    if done == FALSE {
        Err(last_error())
    } else {
        Ok(())
    }
}
