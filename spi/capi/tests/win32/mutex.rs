//! `CreateMutex`, `ReleaseMutex`.

use super::{STALE, error_of};
use std::ptr::null;
use std::thread;
use ws2_32::win32::{handle, mutex, wait};
use ws2spi_abi::*;

fn create(owned: BOOL) -> HANDLE {
    // SAFETY: neither attributes nor a name.
    unsafe { mutex::create_w(null(), owned, null()) }
}

// MSDN "CreateMutexW", "ReleaseMutex": owned by a thread as often as it waited; released as often.
#[test]
fn a_mutex_belongs_to_the_thread_that_waited() {
    let raw = create(TRUE);
    assert_eq!(wait::single(raw, 0), WAIT_OBJECT_0);
    let other = thread::spawn(move || wait::single(raw, 0)).join();
    assert_eq!(other.ok(), Some(WAIT_TIMEOUT));
    let foreign = thread::spawn(move || error_of(|| mutex::release(raw))).join();
    assert_eq!(foreign.ok(), Some((FALSE, Errno::NOT_OWNER.code() as u32)));
    assert_eq!((mutex::release(raw), mutex::release(raw)), (TRUE, TRUE));
    assert_eq!(
        error_of(|| mutex::release(raw)),
        (FALSE, Errno::NOT_OWNER.code() as u32)
    );
    let other = thread::spawn(move || wait::single(raw, 0)).join();
    assert_eq!(other.ok(), Some(WAIT_OBJECT_0));
    // That thread ended without releasing it.
    assert_eq!(wait::single(raw, 0), WAIT_ABANDONED);
    assert_eq!(handle::close(raw), TRUE);
}

// MSDN "ReleaseMutex": ERROR_INVALID_HANDLE; names are refused as for events.
#[test]
fn only_mutexes_are_released_and_names_are_refused() {
    assert_eq!(
        error_of(|| mutex::release(STALE)),
        (FALSE, Errno::INVALID_HANDLE.code() as u32)
    );
    // SAFETY: a NUL-terminated name.
    let named = error_of(|| unsafe { mutex::create_a(null(), FALSE, c"name".as_ptr().cast()) });
    assert_eq!(named, (0, Errno::NOT_SUPPORTED.code() as u32));
    // SAFETY: neither attributes nor a name.
    let narrow = unsafe { mutex::create_a(null(), FALSE, null()) };
    assert_eq!(wait::single(narrow, 0), WAIT_OBJECT_0);
    assert_eq!(handle::close(narrow), TRUE);
}
