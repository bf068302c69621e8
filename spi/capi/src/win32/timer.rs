//! Waitable timers: `CreateWaitableTimer`, `SetWaitableTimer`.

use super::{last_error, name, truth};
use crate::table::exports;
use core::ffi::c_void;
use std::sync::Arc;
use std::time::Duration;
use ws2spi_abi::*;
use ws2spi_kernel::event::Reset;
use ws2spi_kernel::timer::{self, Routine, Timer, When};

/// A completion routine: its context, and the halves of the time at which the timer went off.
type Completion = unsafe extern "system" fn(*mut c_void, u32, u32);

fn create(manual: BOOL, given: name::Given) -> HANDLE {
    let reset = if manual == 0 {
        Reset::Auto
    } else {
        Reset::Manual
    };
    name::created(name::for_new(given).and_then(|name| timer::create(reset, name)))
}

/// Creates a timer, which is not set: by hand it stays signalled until it is set again, otherwise it releases one wait each time; 0 on
/// failure. Names and their errors are those of [`CreateEventW`](super::event::create_w). Attributes are ignored. Does not block; any
/// thread. Microsoft: "CreateWaitableTimerW function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "CreateWaitableTimerW")]
pub unsafe fn create_w(
    _attributes: *const SECURITY_ATTRIBUTES,
    manual: BOOL,
    name: PCWSTR,
) -> HANDLE {
    // SAFETY: the caller's contract.
    create(manual, unsafe { name::given_w(name) })
}

/// [`create_w`] in bytes. Microsoft: "CreateWaitableTimerW function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "CreateWaitableTimerA")]
pub unsafe fn create_a(
    _attributes: *const SECURITY_ATTRIBUTES,
    manual: BOOL,
    name: PCSTR,
) -> HANDLE {
    // SAFETY: the caller's contract.
    create(manual, unsafe { name::given_a(name) })
}

/// Opens a handle to the timer of that name; errors as [`OpenEventW`](super::event::open_w).
/// Microsoft: "OpenWaitableTimerW function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "OpenWaitableTimerW")]
pub unsafe fn open_w(_access: u32, _inherit: BOOL, name: PCWSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    name::opened::<Timer>(unsafe { name::given_w(name) })
}

/// [`open_w`] in bytes. Microsoft: "OpenWaitableTimerW function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "OpenWaitableTimerA")]
pub unsafe fn open_a(_access: u32, _inherit: BOOL, name: PCSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    name::opened::<Timer>(unsafe { name::given_a(name) })
}

/// Sets a timer: it is nonsignalled from here on, goes off at `due` (units of 100 ns: negative from now on, else since 1601, UTC), and
/// then every `period` milliseconds unless that is 0. A routine runs as an APC of the calling thread each time, with `context` and the
/// halves of the time. What was set before is over.
///
/// `ERROR_NOACCESS` (no time), `ERROR_INVALID_PARAMETER` (a negative period), `ERROR_INVALID_HANDLE` (no timer),
/// `ERROR_NOT_ENOUGH_MEMORY`. With `resume` it succeeds and the last error is `ERROR_NOT_SUPPORTED`: no system is woken up. Does not
/// block. Microsoft: "SetWaitableTimer function".
///
/// # Safety
/// `due` is null or readable; the routine is null or a function of that type that stays loaded until the timer is set again, cancelled
/// or closed.
#[doc(alias = "SetWaitableTimer")]
pub unsafe fn set(
    handle: HANDLE,
    due: *const i64,
    period: i32,
    routine: RawCallback,
    context: *mut c_void,
    resume: BOOL,
) -> BOOL {
    if due.is_null() {
        return truth(Err(Errno::NOACCESS));
    }
    // SAFETY: the caller's contract; not null.
    let due = unsafe { due.read_unaligned() };
    let Ok(period) = u64::try_from(period) else {
        return truth(Err(Errno::INVALID_PARAMETER));
    };
    let when = match u64::try_from(due) {
        Ok(time) => When::At(time),
        Err(_) => When::In(hundreds_of_nanoseconds(due.unsigned_abs())),
    };
    // SAFETY: the caller's contract: null or that type.
    let routine = unsafe { std::mem::transmute::<usize, Option<Completion>>(routine.as_raw()) };
    let context = context.expose_provenance();
    let routine = routine.map(|routine| {
        let call = move |time: u64| {
            let context = std::ptr::with_exposed_provenance_mut(context);
            // SAFETY: the caller vouched for it.
            unsafe { routine(context, time as u32, (time >> 32) as u32) };
        };
        Arc::new(call) as Routine
    });
    let set = truth(timer::set(
        handle,
        when,
        Duration::from_millis(period),
        routine,
    ));
    if set != FALSE && resume != FALSE {
        last_error::set(Errno::NOT_SUPPORTED);
    }
    set
}

fn hundreds_of_nanoseconds(units: u64) -> Duration {
    let (seconds, rest) = (units / 10_000_000, units % 10_000_000);
    Duration::new(seconds, rest as u32 * 100)
}

/// Has a timer go off no more; it stays signalled if it is. `ERROR_INVALID_HANDLE`. Does not block; any thread.
/// Microsoft: "CancelWaitableTimer function".
#[doc(alias = "CancelWaitableTimer")]
pub fn cancel(handle: HANDLE) -> BOOL {
    truth(timer::cancel(handle))
}

exports! {
    "CreateWaitableTimerW" create_waitable_timer_w(attributes: *const SECURITY_ATTRIBUTES, manual: BOOL, name: PCWSTR) -> HANDLE = 0 => create_w;
    "CreateWaitableTimerA" create_waitable_timer_a(attributes: *const SECURITY_ATTRIBUTES, manual: BOOL, name: PCSTR) -> HANDLE = 0 => create_a;
    "OpenWaitableTimerW" open_waitable_timer_w(access: u32, inherit: BOOL, name: PCWSTR) -> HANDLE = 0 => open_w;
    "OpenWaitableTimerA" open_waitable_timer_a(access: u32, inherit: BOOL, name: PCSTR) -> HANDLE = 0 => open_a;
    "SetWaitableTimer" set_waitable_timer(
        handle: HANDLE, due: *const i64, period: i32, routine: RawCallback, context: *mut c_void, resume: BOOL
    ) -> BOOL = FALSE => set;
    "CancelWaitableTimer" cancel_waitable_timer(handle: HANDLE) -> BOOL = FALSE => cancel;
}
