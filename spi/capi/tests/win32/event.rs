//! `CreateEvent`, `SetEvent`, `ResetEvent`.

use super::{STALE, error_of};
use std::ptr::null;
use ws2_32::win32::{event, handle, semaphore, wait};
use ws2spi_abi::*;

fn create(manual: BOOL, signalled: BOOL) -> HANDLE {
    // SAFETY: neither attributes nor a name.
    let event = unsafe { event::create_w(null(), manual, signalled, null()) };
    assert_ne!(event, 0);
    event
}

fn look(event: HANDLE) -> u32 {
    wait::single(event, 0)
}

// MSDN "CreateEventW": a manual-reset event stays signalled, an auto-reset one releases one wait.
#[test]
fn an_event_is_reset_by_hand_or_by_the_wait_that_it_releases() {
    let manual = create(TRUE, FALSE);
    assert_eq!(look(manual), WAIT_TIMEOUT);
    assert_eq!(event::set(manual), TRUE);
    assert_eq!((look(manual), look(manual)), (WAIT_OBJECT_0, WAIT_OBJECT_0));
    assert_eq!(event::reset(manual), TRUE);
    assert_eq!(look(manual), WAIT_TIMEOUT);
    let auto = create(FALSE, TRUE);
    assert_eq!((look(auto), look(auto)), (WAIT_OBJECT_0, WAIT_TIMEOUT));
    assert_eq!((handle::close(manual), handle::close(auto)), (TRUE, TRUE));
}

// MSDN "CreateEventA": the same in bytes.
#[test]
fn the_function_for_bytes_creates_the_same_event() {
    // SAFETY: neither attributes nor a name.
    let event = unsafe { event::create_a(null(), TRUE, TRUE, null()) };
    assert_eq!((look(event), look(event)), (WAIT_OBJECT_0, WAIT_OBJECT_0));
    assert_eq!(handle::close(event), TRUE);
}

// MSDN "SetEvent", "ResetEvent": ERROR_INVALID_HANDLE for what is no event.
#[test]
fn only_events_are_set_and_reset() {
    // SAFETY: neither attributes nor a name.
    let other = unsafe { semaphore::create_w(null(), 0, 1, null()) };
    let closed = create(TRUE, FALSE);
    assert_eq!(handle::close(closed), TRUE);
    for raw in [0, STALE, usize::MAX, closed, other] {
        let invalid = (FALSE, Errno::INVALID_HANDLE.code() as u32);
        assert_eq!(error_of(|| event::set(raw)), invalid);
        assert_eq!(error_of(|| event::reset(raw)), invalid);
    }
    assert_eq!(handle::close(other), TRUE);
}
