//! `CreateSemaphore`, `ReleaseSemaphore`.

use super::{STALE, error_of};
use std::ptr::{null, null_mut};
use ws2_32::win32::{handle, semaphore, wait};
use ws2spi_abi::*;

fn create(initial: i32, maximum: i32) -> HANDLE {
    // SAFETY: neither attributes nor a name.
    unsafe { semaphore::create_w(null(), initial, maximum, null()) }
}

fn release(raw: HANDLE, count: i32) -> BOOL {
    // SAFETY: the count before is not wanted.
    unsafe { semaphore::release(raw, count, null_mut()) }
}

// MSDN "CreateSemaphoreW", "ReleaseSemaphore": a wait takes one from the count; the count before is stored.
#[test]
fn a_semaphore_releases_as_many_waits_as_it_counts() {
    let raw = create(1, 3);
    assert_eq!(
        (wait::single(raw, 0), wait::single(raw, 0)),
        (WAIT_OBJECT_0, WAIT_TIMEOUT)
    );
    let mut before = -1;
    assert_eq!(release(raw, 1), TRUE);
    // SAFETY: a live local.
    assert_eq!(unsafe { semaphore::release(raw, 2, &raw mut before) }, TRUE);
    assert_eq!(before, 1);
    assert_eq!(handle::close(raw), TRUE);
    // SAFETY: neither attributes nor a name.
    let narrow = unsafe { semaphore::create_a(null(), 1, 1, null()) };
    assert_eq!(wait::single(narrow, 0), WAIT_OBJECT_0);
    assert_eq!(handle::close(narrow), TRUE);
}

// MSDN "ReleaseSemaphore": too many posts change nothing and store nothing; ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER.
#[test]
fn a_release_that_does_not_fit_changes_nothing() {
    let raw = create(2, 3);
    let mut before = -1;
    // SAFETY: a live local.
    let refused = error_of(|| unsafe { semaphore::release(raw, 2, &raw mut before) });
    assert_eq!(refused, (FALSE, Errno::TOO_MANY_POSTS.code() as u32));
    assert_eq!(before, -1);
    assert_eq!(
        error_of(|| release(raw, 0)),
        (FALSE, Errno::INVALID_PARAMETER.code() as u32)
    );
    assert_eq!(
        error_of(|| release(STALE, 1)),
        (FALSE, Errno::INVALID_HANDLE.code() as u32)
    );
    assert_eq!(release(raw, 1), TRUE);
    assert_eq!(handle::close(raw), TRUE);
}

// MSDN "CreateSemaphoreW": the counts must be 0 <= initial <= maximum and maximum > 0.
#[test]
fn counts_that_do_not_fit_each_other_are_refused() {
    for (initial, maximum) in [(-1, 1), (2, 1), (0, 0), (0, -1)] {
        let refused = error_of(|| create(initial, maximum));
        assert_eq!(refused, (0, Errno::INVALID_PARAMETER.code() as u32));
    }
    // SAFETY: neither attributes nor a name.
    let narrow = error_of(|| unsafe { semaphore::create_a(null(), 2, 1, null()) });
    assert_eq!(narrow, (0, Errno::INVALID_PARAMETER.code() as u32));
}
