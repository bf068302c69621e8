//! `WPUPostMessage` and the route it takes.
//!
//! The process's route is what `WSApSetPostRoutine` set; without one it is the kernel role's message queues, as it is `PostMessage` on
//! Windows.

use std::sync::atomic::{AtomicUsize, Ordering};
use ws2spi_abi::{BOOL, HWND, LPARAM, RawCallback, WPARAM};
use ws2spi_kernel::window;

/// The application's routine, 0 for the default.
static ROUTINE: AtomicUsize = AtomicUsize::new(0);

type PostRoutine = unsafe extern "system" fn(HWND, u32, WPARAM, LPARAM) -> BOOL;

/// Replaces the routine that `WPUPostMessage` calls; NULL restores the default (U72). Any thread; later posts see it.
///
/// # Safety
/// `routine` is NULL or a function of the type that `WSApSetPostRoutine` takes, in the native convention, that stays loaded.
#[doc(alias = "WSApSetPostRoutine")]
pub unsafe fn set_post_routine(routine: RawCallback) {
    ROUTINE.store(routine.as_raw(), Ordering::Release);
    // Its windows are not the kernel role's.
    window::set_foreign(!routine.is_null());
}

/// Posts a message by the routine in force. FALSE when there is no such window (U73).
pub fn post(hwnd: HWND, msg: u32, wparam: WPARAM, lparam: LPARAM) -> BOOL {
    let routine = ROUTINE.load(Ordering::Acquire);
    if routine == 0 {
        return BOOL::from(window::post(hwnd, msg, wparam, lparam).is_ok());
    }
    // SAFETY: `set_post_routine`'s contract: a function of this type that stays loaded.
    let function = unsafe { std::mem::transmute::<usize, PostRoutine>(routine) };
    // SAFETY: as above; no pointers.
    unsafe { function(hwnd, msg, wparam, lparam) }
}
