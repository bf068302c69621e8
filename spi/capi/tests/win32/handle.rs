//! `CloseHandle`, `DuplicateHandle`.

use super::{STALE, error_of};
use std::ptr::{null, null_mut};
use ws2_32::win32::{event, handle, thread, wait};
use ws2spi_abi::*;

fn event() -> HANDLE {
    // SAFETY: neither attributes nor a name.
    unsafe { event::create_w(null(), TRUE, FALSE, null()) }
}

fn duplicate(source: HANDLE, process: HANDLE, options: u32) -> (BOOL, HANDLE) {
    let mut target = 0;
    let ours = thread::current_process();
    // SAFETY: a live local.
    let made =
        unsafe { handle::duplicate(ours, source, process, &raw mut target, 0, FALSE, options) };
    (made, target)
}

// MSDN "CloseHandle": the second time it is ERROR_INVALID_HANDLE; a pseudo handle need not be closed.
#[test]
fn a_handle_is_closed_once() {
    let raw = event();
    assert_eq!(handle::close(raw), TRUE);
    for stale in [raw, 0, STALE] {
        let refused = error_of(|| handle::close(stale));
        assert_eq!(refused, (FALSE, Errno::INVALID_HANDLE.code() as u32));
    }
    assert_eq!(handle::close(thread::current_process()), TRUE);
    assert_eq!(handle::close(thread::current()), TRUE);
}

// MSDN "DuplicateHandle": both handles mean one object, which lives until both are closed.
#[test]
fn a_duplicate_means_the_same_object() {
    let raw = event();
    let ours = thread::current_process();
    let (made, second) = duplicate(raw, ours, 0);
    assert_eq!((made, second == raw), (TRUE, false));
    assert_eq!(handle::close(raw), TRUE);
    assert_eq!(event::set(second), TRUE);
    assert_eq!(wait::single(second, 0), WAIT_OBJECT_0);
    let (made, third) = duplicate(second, ours, DUPLICATE_CLOSE_SOURCE);
    assert_eq!(
        (made, event::set(second), event::set(third)),
        (TRUE, FALSE, TRUE)
    );
    // SAFETY: NULL: only the close is wanted.
    let closed = unsafe {
        handle::duplicate(
            ours,
            third,
            ours,
            null_mut(),
            0,
            FALSE,
            DUPLICATE_CLOSE_SOURCE,
        )
    };
    assert_eq!((closed, event::set(third)), (TRUE, FALSE));
}

// MSDN "DuplicateHandle": ERROR_INVALID_HANDLE for a stale source or a process that is not this one.
#[test]
fn only_live_handles_of_this_process_are_duplicated() {
    let refused = error_of(|| duplicate(STALE, thread::current_process(), 0));
    assert_eq!(refused, ((FALSE, 0), Errno::INVALID_HANDLE.code() as u32));
    let raw = event();
    let refused = error_of(|| duplicate(raw, STALE, 0));
    assert_eq!(refused, ((FALSE, 0), Errno::INVALID_HANDLE.code() as u32));
    assert_eq!(handle::close(raw), TRUE);
}
