//! Timers that send messages: `SetTimer`, `KillTimer`.

use super::{or, truth};
use crate::table::exports;
use std::time::Duration;
use ws2spi_abi::*;
use ws2spi_kernel::window;

/// A timer's own procedure: window, `WM_TIMER`, number of the timer, milliseconds.
type Procedure = unsafe extern "system" fn(HWND, u32, usize, u32);

const WM_TIMER: u32 = 0x113;
/// `USER_TIMER_MINIMUM` and `USER_TIMER_MAXIMUM`.
const SHORTEST: u32 = 10;
const LONGEST: u32 = 0x7fff_ffff;

/// Has the calling thread get `WM_TIMER` every so many milliseconds (at least 10), when it has no other message: for a window of its own,
/// where a timer of the same number is set anew, or for none, where the number is chosen unless it is that of such a timer. The number of
/// the timer, 1 for 0; 0 with `ERROR_INVALID_WINDOW_HANDLE` or `ERROR_ACCESS_DENIED` (another thread's window). `DispatchMessage` calls
/// the procedure instead of the window's, if there is one. Does not block. Microsoft: "SetTimer function".
///
/// # Safety
/// The procedure is null or a function of that type, which stays loaded until the timer has ended.
#[doc(alias = "SetTimer")]
pub unsafe fn set(hwnd: HWND, id: usize, milliseconds: u32, procedure: RawCallback) -> usize {
    let period = Duration::from_millis(milliseconds.clamp(SHORTEST, LONGEST).into());
    let set = window::set_timer(hwnd, id, period, procedure.as_raw());
    or(0, set.map(|id| id.max(1)))
}

/// Ends a timer. FALSE with `ERROR_INVALID_PARAMETER` (there is none), `ERROR_INVALID_WINDOW_HANDLE`, `ERROR_ACCESS_DENIED` (another
/// thread's window). Does not block. Microsoft: "KillTimer function".
#[doc(alias = "KillTimer")]
pub fn end(hwnd: HWND, id: usize) -> BOOL {
    truth(window::end_timer(hwnd, id))
}

/// Calls the procedure of the timer that a message is of. `None`: it is none of a timer with a procedure.
///
/// # Safety
/// The contract of [`set`]: procedures of timers are functions of that type that stay loaded as long as the timer.
pub(super) unsafe fn dispatched(message: &MSG) -> Option<LRESULT> {
    if message.message != WM_TIMER || message.lParam == 0 {
        return None;
    }
    let procedure = message.lParam.cast_unsigned();
    // A number that no timer has is not called, as on Windows.
    if window::has_timer_procedure(procedure) {
        // SAFETY: a timer has it, so it is that type by the caller's contract.
        let call = unsafe { std::mem::transmute::<usize, Option<Procedure>>(procedure) };
        if let Some(call) = call {
            // SAFETY: as above.
            unsafe { call(message.hwnd, WM_TIMER, message.wParam, message.time) };
        }
    }
    Some(0)
}

exports! {
    "SetTimer" set_timer(hwnd: HWND, id: usize, milliseconds: u32, procedure: RawCallback) -> usize = 0 => set;
    "KillTimer" kill_timer(hwnd: HWND, id: usize) -> BOOL = FALSE => end;
}
