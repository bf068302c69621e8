//! Windows: the system's.

use ws2spi_abi::Errno;
use ws2spi_abi::HWND;
use ws2spi_abi::LPARAM;
use ws2spi_abi::WPARAM;

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use crate::system;

/// Whether windows are somebody else's.
static FOREIGN: AtomicBool = AtomicBool::new(false);

/// Posts a message to a window.
///
/// # Errors
/// `ERROR_INVALID_WINDOW_HANDLE` when there is none; the system's.
#[doc(alias = "PostMessage")]
pub fn post(window: HWND, message: u32, wparam: WPARAM, lparam: LPARAM) -> Result<(), Errno> {
    system::post_message(window, message, wparam, lparam)
}

/// Whether there is a window of that value.
#[doc(alias = "IsWindow")]
#[must_use]
pub fn is_window(window: HWND) -> bool {
    system::is_window(window)
}

/// Says whether windows are somebody else's: the process posts its messages by a routine of its own, to
/// windows that the system does not know.
pub fn set_foreign(foreign: bool) {
    FOREIGN.store(foreign, Ordering::Relaxed);
}

/// Whether messages may be posted to a window of that value: there is one, or windows are somebody else's
/// and it is not 0.
#[must_use]
pub fn may_exist(window: HWND) -> bool {
    is_window(window) || (window != 0 && FOREIGN.load(Ordering::Relaxed))
}
