//! A message.

use ws2spi_abi::HWND;

use crate::clock::Clock;
use crate::clock::SystemClock;

/// A message for a window, or for a thread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[doc(alias = "MSG")]
pub struct Message {
    /// The window; 0 for the thread itself.
    pub window: HWND,
    /// The number of the message.
    pub message: u32,
    /// For socket messages: the socket.
    pub wparam: usize,
    /// For socket messages: event in the low half, error in the high half.
    pub lparam: isize,
    /// When it was posted, in milliseconds.
    pub time: u32,
}

impl Message {
    /// A message posted now.
    #[must_use]
    pub fn new(window: HWND, message: u32, wparam: usize, lparam: isize) -> Self {
        // The counter of milliseconds wraps around, as it does on Windows.
        let time = SystemClock.now().as_millis() as u32;
        Self {
            window,
            message,
            wparam,
            lparam,
            time,
        }
    }
}
