//! Events.

use super::{name, truth};
use crate::table::exports;
use core::ffi::c_void;
use ws2spi_abi::{BOOL, HANDLE, PCSTR, PCWSTR};
use ws2spi_kernel::event::{self, Event, Reset};

fn create(manual: BOOL, signalled: BOOL, name: name::Given) -> HANDLE {
    let reset = if manual == 0 {
        Reset::Auto
    } else {
        Reset::Manual
    };
    name::created(
        name::for_new(name).and_then(|name| event::create_named(reset, signalled != 0, name)),
    )
}

/// Creates an event; 0 on failure. With a name that an event has already: another handle to that one, with `ERROR_ALREADY_EXISTS` as the
/// last error, which is 0 otherwise; `ERROR_INVALID_HANDLE` when the name is another object's; `ERROR_PATH_NOT_FOUND`,
/// `ERROR_INVALID_NAME`, `ERROR_FILENAME_EXCED_RANGE` for names that cannot be. All processes of a user see it. Attributes are ignored. Does
/// not block; any thread. Microsoft: "CreateEventW function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "CreateEventW")]
pub unsafe fn create_w(
    _attributes: *const c_void,
    manual: BOOL,
    signalled: BOOL,
    name: PCWSTR,
) -> HANDLE {
    // SAFETY: the caller's contract.
    create(manual, signalled, unsafe { name::given_w(name) })
}

/// Creates an event; see [`create_w`]. Microsoft: "CreateEventA function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "CreateEventA")]
pub unsafe fn create_a(
    _attributes: *const c_void,
    manual: BOOL,
    signalled: BOOL,
    name: PCSTR,
) -> HANDLE {
    // SAFETY: the caller's contract.
    create(manual, signalled, unsafe { name::given_a(name) })
}

/// Opens a handle to the event of that name; 0 with `ERROR_FILE_NOT_FOUND` (nothing has it), `ERROR_INVALID_HANDLE` (another kind of
/// object has it), `ERROR_INVALID_PARAMETER` (NULL), and those for names that cannot be, as [`create_w`]. Access and inheritance are
/// accepted: every handle has all rights. Does not block; any thread. Microsoft: "OpenEventW function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "OpenEventW")]
pub unsafe fn open_w(_access: u32, _inherit: BOOL, name: PCWSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    name::opened::<Event>(unsafe { name::given_w(name) })
}

/// Opens an event; see [`open_w`]. Microsoft: "OpenEventA function".
///
/// # Safety
/// `name` is null or NUL-terminated.
#[doc(alias = "OpenEventA")]
pub unsafe fn open_a(_access: u32, _inherit: BOOL, name: PCSTR) -> HANDLE {
    // SAFETY: the caller's contract.
    name::opened::<Event>(unsafe { name::given_a(name) })
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
    "OpenEventW" open_event_w(access: u32, inherit: BOOL, name: PCWSTR) -> HANDLE = 0 => open_w;
    "OpenEventA" open_event_a(access: u32, inherit: BOOL, name: PCSTR) -> HANDLE = 0 => open_a;
    "SetEvent" set_event(event: HANDLE) -> BOOL = 0 => set;
    "ResetEvent" reset_event(event: HANDLE) -> BOOL = 0 => reset;
}
