//! Events.

use super::{or, truth, unnamed};
use crate::table::exports;
use core::ffi::c_void;
use ws2spi_abi::{BOOL, Errno, HANDLE, PCSTR, PCWSTR};
use ws2spi_kernel::event::{self, Reset};

fn create(manual: BOOL, signalled: BOOL) -> Result<HANDLE, Errno> {
    let reset = if manual == 0 {
        Reset::Auto
    } else {
        Reset::Manual
    };
    event::create(reset, signalled != 0).map(|handle| handle.raw())
}

/// Creates an event; 0 on failure. Attributes are ignored, a name is `ERROR_NOT_SUPPORTED`. Microsoft: "CreateEventW function".
///
/// # Safety
/// `name` is null or readable.
#[doc(alias = "CreateEventW")]
pub unsafe fn create_w(
    _attributes: *const c_void,
    manual: BOOL,
    signalled: BOOL,
    name: PCWSTR,
) -> HANDLE {
    or(0, unnamed(name).and_then(|()| create(manual, signalled)))
}

/// Creates an event; see [`create_w`]. Microsoft: "CreateEventA function".
///
/// # Safety
/// `name` is null or readable.
#[doc(alias = "CreateEventA")]
pub unsafe fn create_a(
    _attributes: *const c_void,
    manual: BOOL,
    signalled: BOOL,
    name: PCSTR,
) -> HANDLE {
    or(0, unnamed(name).and_then(|()| create(manual, signalled)))
}

/// Signals an event. Does not block. `ERROR_INVALID_HANDLE`. Microsoft: "SetEvent function".
#[doc(alias = "SetEvent")]
pub fn set(event: HANDLE) -> BOOL {
    truth(event::set(event))
}

/// Resets an event. Does not block. `ERROR_INVALID_HANDLE`. Microsoft: "ResetEvent function".
#[doc(alias = "ResetEvent")]
pub fn reset(event: HANDLE) -> BOOL {
    truth(event::reset(event))
}

exports! {
    "CreateEventW" create_event_w(attributes: *const c_void, manual: BOOL, signalled: BOOL, name: PCWSTR) -> HANDLE = 0 => create_w;
    "CreateEventA" create_event_a(attributes: *const c_void, manual: BOOL, signalled: BOOL, name: PCSTR) -> HANDLE = 0 => create_a;
    "SetEvent" set_event(event: HANDLE) -> BOOL = 0 => set;
    "ResetEvent" reset_event(event: HANDLE) -> BOOL = 0 => reset;
}
